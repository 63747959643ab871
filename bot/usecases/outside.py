"""Checks of an answer that need somebody else: the civil register, or the face matcher. Run before the dialogue step.

The result is recorded in the turn's plan, so that a repeated turn neither asks twice nor counts a failure twice.
Keys: ``kind``, ``ok``; when not ok: ``problem`` (text key) and ``params``; ``person`` (register data); ``officer`` (a person
decides); ``counts`` (a failure of all ``subjects``); ``locked``, ``away`` (a person is offered). More: :mod:`bot.usecases.liveness`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from bot import tracing
from bot.domain.conversation import Case, Conversation
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.errors import AgencyError, LoketError
from bot.usecases import queue_outside
from bot.usecases.deps import Deps
from bot.usecases.liveness import face_check, held, hold_of, subjects
from bot.usecases.prefill import own_record

REGISTER = "civil_register"
APPLICANT_AGE = 17
"""Years from which somebody applies for themselves (the age of the identity card); for children a parent does."""


async def outside_check(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any]:
    """Run the check that ``judgement.check`` names."""
    with tracing.span("outside check", check=judgement.check, conversation=conversation.id, case=case.id) as span:
        found = await _checked(deps, conversation, case, engine, draft, judgement)
        span.put(outcome="ok" if found.get("ok") else found.get("problem"))
        return found


async def _checked(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any]:
    if judgement.check == queue_outside.CHECK:
        return await queue_outside.slot_check(deps, conversation, case, engine, draft, judgement)
    answers = engine.identity(draft) | {judgement.path.rpartition(".")[2]: judgement.value}
    try:
        if judgement.check == REGISTER:
            return await _register(deps, conversation, case, answers)
        return await face_check(deps, conversation, case, engine, draft, judgement)
    except AgencyError:
        return _refused(judgement.check or "", "identity.register_refused", away=True)
    except LoketError as error:
        if not error.retryable:
            raise
        return _refused(judgement.check or "", error.text_key, away=True)


def _refused(kind: str, problem: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "ok": False, "problem": problem, "params": {}, **more}


async def _register(deps: Deps, conversation: Conversation, case: Case, answers: dict[str, Any]) -> dict[str, Any]:
    """NIK and birth date against the civil register. Which of the two was wrong is not told, nor whether the NIK exists."""
    nik, born, now = str(answers["nik"]), date.fromisoformat(str(answers["tanggal_lahir"])), deps.now()
    if _age(born, deps.today(conversation)) < APPLICANT_AGE:
        # Said before the register is asked, whatever the NIK: it tells nothing about anybody.
        return _refused(REGISTER, "identity.under_age", forget=True)
    names = subjects(REGISTER, conversation, nik)
    async with deps.store.begin() as tx:
        hold = await hold_of(tx, names, conversation, now)
    if hold is not None:
        return held(REGISTER, hold, now)
    person = await deps.register_of(conversation, case.agency).lookup(nik)
    if person is None or person.birth_date != born:
        return _refused(REGISTER, "identity.mismatch", counts=True, forget=True, subjects=names, nik=nik)
    return {
        "kind": REGISTER,
        "ok": True,
        "subjects": names,
        "person": {
            "nik": person.nik,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "data": {**(await own_record(deps, conversation, case, person.nik) or {}), **person.data},
        },
    }


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

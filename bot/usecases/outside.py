"""Checks of an answer that need somebody else: the civil register, or the face matcher. Run before the dialogue step.

The result is recorded in the turn's plan, so that a repeated turn neither asks twice nor counts a failure twice.
Keys: ``kind``, ``ok``; when not ok: ``problem`` (text key) and ``params``; ``person`` (register data); ``officer`` (a person
decides); ``counts`` (a failure of all ``subjects``); ``locked``, ``away`` (a person is offered). More: :mod:`bot.usecases.liveness`.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from bot.domain.conversation import Case, Conversation
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.form_model import own_key
from bot.errors import AgencyError, LoketError
from bot.usecases.deps import Deps
from bot.usecases.liveness import face_check, held, hold_of, subjects

log = logging.getLogger(__name__)

REGISTER = "civil_register"
APPLICANT_AGE = 17
"""Years from which somebody applies for themselves (the age of the identity card); for children a parent does."""


async def outside_check(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any]:
    """Run the check that ``judgement.check`` names."""
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
            "data": {**await _own_record(deps, conversation, case, person.nik), **person.data},
        },
    }


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


async def _own_record(deps: Deps, conversation: Conversation, case: Case, nik: str) -> dict[str, Any]:
    """What the agency of the case itself knows of the person, for its own service: asked only what it cannot say.

    Keys are those of ``Fill.known`` under the service's slug. An agency that is away, or knows nothing, costs some questions.
    """
    agency = deps.agency_of(conversation, case.agency)
    if agency is deps.register_of(conversation, case.agency) or "lookup" not in agency.manifest.capabilities:
        return {}
    try:
        found = await agency.lookup(nik)
    except LoketError as error:
        log.warning("the agency's own record could not be fetched", extra={"case": str(case.id), "code": error.code})
        return {}
    if found is None or found.data.get("layanan") != case.service:
        return {}
    return {own_key(case.service, key): value for key, value in found.data.items()}

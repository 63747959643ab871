"""Checks of an answer that need somebody else: the civil register, or the face matcher. Run before the dialogue step.

The result is recorded in the turn's plan, so that a repeated turn neither asks twice nor counts a failure twice.
Keys: ``kind``, ``ok``; when not ok: ``problem`` (text key) and ``params``; ``person`` (register data); ``officer`` (a person decides).
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from bot.domain.conversation import Case, Citizen, Conversation, IdentityCheck
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.form_model import own_key
from bot.errors import AgencyError, LoketError, NotFound, RejectedFile
from bot.ports import FaceVerdict
from bot.usecases.deps import Deps

log = logging.getLogger(__name__)

REGISTER = "civil_register"
FACE = "face"


async def outside_check(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any]:
    """Run the check that ``judgement.check`` names."""
    answers = engine.identity(draft) | {judgement.path.rpartition(".")[2]: judgement.value}
    try:
        if judgement.check == REGISTER:
            return await _register(deps, conversation, case, answers)
        return await _face(deps, conversation, case, judgement)
    except AgencyError:
        return _refused(judgement.check or "", "identity.register_refused", away=True)
    except LoketError as error:
        if not error.retryable:
            raise
        return _refused(judgement.check or "", error.text_key, away=True)


def _refused(kind: str, problem: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "ok": False, "problem": problem, "params": {}, **more}


async def _register(deps: Deps, conversation: Conversation, case: Case, answers: dict[str, Any]) -> dict[str, Any]:
    """NIK and birth date against the civil register. Which of the two was wrong is not told."""
    if conversation.register_failures >= deps.policy.register_tries:
        return _refused(REGISTER, "identity.register_locked", locked=True)
    person = await deps.register_of(conversation, case.agency).lookup(str(answers["nik"]))
    if person is None or person.birth_date != date.fromisoformat(str(answers["tanggal_lahir"])):
        return _refused(REGISTER, "identity.mismatch", counts=True)
    return {
        "kind": REGISTER,
        "ok": True,
        "person": {
            "nik": person.nik,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "data": {**await _own_record(deps, conversation, case, person.nik), **person.data},
        },
    }


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


async def _face(deps: Deps, conversation: Conversation, case: Case, judgement: Judgement) -> dict[str, Any]:
    """The selfie against the enrolled face of the NIK that was matched, 1:1."""
    async with deps.store.begin() as tx:
        if conversation.citizen_id is None:
            raise NotFound("citizen")
        citizen = await tx.citizen(conversation.citizen_id)
        selfie = await tx.blob(UUID(str(judgement.value["id"])))
    if selfie is None:
        return _refused(FACE, "face.none")
    if citizen.face_failures >= deps.policy.face_tries:
        return _refused(FACE, "identity.face_locked", locked=True)
    template = await _template(deps, conversation, case, citizen)
    if template is None:
        return _refused(FACE, "identity.no_enrolled_face", locked=True)
    verdict = await deps.faces.verify(template, [selfie[1]])
    check = _check(deps, conversation, case, citizen, verdict, UUID(selfie[0].id))
    return {
        "kind": FACE,
        "ok": verdict.outcome == "match",
        "officer": verdict.outcome == "officer",
        "problem": verdict.problem or "identity.no_match",
        "params": {},
        "counts": verdict.outcome == "no_match",
        "citizen": str(citizen.id),
        "check": _check_json(check),
        "selfie": selfie[0].id,
    }


async def _template(deps: Deps, conversation: Conversation, case: Case, citizen: Citizen) -> bytes | None:
    """The template of the pictures the register holds now (a new picture there counts at once)."""
    pictures = await deps.register_of(conversation, case.agency).faces(citizen.nik)
    if not pictures:
        return None
    try:
        return await deps.faces.enrol(pictures)
    except RejectedFile:
        return None


def _check(
    deps: Deps, conversation: Conversation, case: Case, citizen: Citizen, verdict: FaceVerdict, selfie: UUID
) -> IdentityCheck:
    return IdentityCheck(
        id=uuid4(),
        conversation_id=conversation.id,
        citizen_id=citizen.id,
        case_id=case.id,
        at=deps.now(),
        outcome=verdict.outcome,
        problem=verdict.problem,
        score=verdict.score,
        mode=verdict.mode,
        model=verdict.model,
        perceptual_hash=verdict.perceptual_hash,
        selfie_blob=selfie if verdict.outcome == "officer" else None,
    )


def _check_json(check: IdentityCheck) -> dict[str, Any]:
    return {
        key: (value.isoformat() if key == "at" else str(value) if isinstance(value, UUID) else value)
        for key, value in vars(check).items()
    }


def check_of(data: dict[str, Any]) -> IdentityCheck:
    """The inverse of the recorded check."""
    values = dict(data)
    for key in ("id", "conversation_id", "citizen_id", "case_id", "selfie_blob"):
        values[key] = UUID(values[key]) if values[key] else None
    values["at"] = datetime.fromisoformat(values["at"])
    return IdentityCheck(**values)

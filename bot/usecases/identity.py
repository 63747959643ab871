"""Settle what an outside check found: trust grows, or the person is told what to do next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from bot.domain.conversation import Case, Citizen, Conversation
from bot.domain.fields.base import Verdict
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.messages import Kind, Reply
from bot.errors import Conflict
from bot.usecases.deps import Deps
from bot.usecases.outside import FACE, REGISTER, check_of
from bot.usecases.replies import person_button, plain, questions
from bot.usecases.steps import Outcome
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn


async def settle_outside(turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement) -> Effect | None:
    """None when the check was passed (the accepted draft is in ``case.draft``); else what to say instead."""
    found = turn.plan.outside or {}
    if found["kind"] == REGISTER:
        return await _settle_register(turn, case, engine, draft, judgement, found)
    return await _settle_face(turn, case, engine, draft, judgement, found)


async def _settle_register(
    turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement, found: dict[str, Any]
) -> Effect | None:
    conversation, now = turn.conversation, turn.deps.now()
    if not found["ok"]:
        if found.get("counts"):
            conversation.register_failures += 1
            draft = engine.forget(engine.accept(draft, judgement), ["identitas.nik", "identitas.tanggal_lahir"])
            await turn.save(case, draft)
        return _refusal(turn, found)
    person = found["person"]
    citizen = await turn.tx.citizen_by_nik(person["nik"], lock=True)
    citizen = Citizen(
        id=citizen.id if citizen else uuid4(),
        nik=person["nik"],
        name=person["name"],
        birth_date=date.fromisoformat(person["birth_date"]),
        data=person["data"],
        face_failures=citizen.face_failures if citizen else 0,
    )
    await turn.tx.save_citizen(citizen, now)
    conversation.register_failures = 0
    if conversation.citizen_id != citizen.id:
        # Another person's NIK: what was proven for the one before does not hold for them.
        conversation.citizen_id, conversation.assurance, conversation.assured_until = citizen.id, 2, None
    conversation.assurance = max(conversation.assurance, 2)
    # Data of the register are shown only after the face was verified: NIK and birth date alone are no proof. The NIK
    # itself the person has typed.
    case.draft = engine.know(engine.accept(draft, judgement), {"nik": person["nik"]}, 2).to_json()
    return None


async def _settle_face(
    turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement, found: dict[str, Any]
) -> Effect | None:
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    if "check" in found:
        await tx.put_check(check_of(found["check"]))
    if found.get("officer"):
        conversation.form_active = False
        text = deps.say("identity.officer", conversation)
        await tx.notify_staff()
        return Effect([Reply(text, Kind.IDENTITY, meta={"service": case.service})], Outcome.CLOSE_FORM)
    if found.get("selfie"):
        await tx.delete_blob(UUID(found["selfie"]))
    if not found["ok"]:
        if found.get("counts"):
            citizen = await tx.citizen(UUID(found["citizen"]))
            citizen.face_failures += 1
            await tx.save_citizen(citizen, deps.now())
        return _refusal(turn, found)
    draft = await _trust(deps, tx, conversation, case, engine, draft, judgement, UUID(found["citizen"]))
    case.draft = draft.to_json()
    return None


def _refusal(turn: Turn, found: dict[str, Any]) -> Effect:
    deps, conversation = turn.deps, turn.conversation
    text = deps.say(found["problem"], conversation, **found.get("params", {}))
    buttons = (
        (person_button(deps, conversation),) if found.get("locked") or found.get("counts") or found.get("away") else ()
    )
    reply = Reply(text, Kind.IDENTITY if found["kind"] == FACE else Kind.ERROR, buttons)
    return Effect([reply], Outcome.INVALID)


async def _trust(
    deps: Deps,
    tx: Tx,
    conversation: Conversation,
    case: Case,
    engine: Engine,
    draft: Draft,
    judgement: Judgement,
    citizen_id: UUID,
) -> Draft:
    """Level 3 from now on, for this channel and a configured time."""
    now = deps.now()
    citizen = await tx.citizen(citizen_id)
    citizen.face_failures = 0
    await tx.save_citizen(citizen, now)
    conversation.citizen_id = citizen.id
    conversation.assurance = 3
    conversation.assured_until = now + deps.policy.assurance
    case.citizen_id = citizen.id
    await tx.audit("loket", "identity.verified", str(conversation.id), {"case": str(case.id)}, now)
    return engine.know(engine.accept(draft, judgement), citizen.data, 3)


async def decide(deps: Deps, check_id: UUID, accepted: bool, officer: str) -> None:
    """An officer's word on a borderline selfie; the picture is deleted, the citizen is told and goes on.

    :raises bot.errors.Conflict: another officer was faster.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        check = await tx.check(check_id, lock=True)
        if check.decision is not None or check.outcome != "officer":
            raise Conflict("identity check")
        conversation = await tx.conversation(check.conversation_id, lock=True)
        selfie = check.selfie_blob
        check.decision = "accepted" if accepted else "rejected"
        check.decided_by, check.decided_at, check.selfie_blob = officer, now, None
        await tx.put_check(check)
        if selfie is not None:
            await tx.delete_blob(selfie)
        detail = {"decision": check.decision, "case": str(check.case_id)}
        await tx.audit(officer, "identity.decided", str(check.id), detail, now)
        replies = await _tell(deps, tx, conversation, check.case_id, check.citizen_id, accepted, now)
        await tx.save_conversation(conversation)
        await tx.say(conversation.id, replies, now, key=f"check:{check.id}")


async def _tell(
    deps: Deps,
    tx: Tx,
    conversation: Conversation,
    case_id: UUID | None,
    citizen_id: UUID,
    accepted: bool,
    now: datetime,
) -> list[Reply]:
    key = "identity.officer_accepted" if accepted else "identity.officer_rejected"
    replies = [plain(deps, conversation, key, Kind.IDENTITY)]
    case = await tx.case(case_id, lock=True) if case_id else None
    if case is None or case.state != "draft":
        return replies
    engine, draft = deps.form_of(conversation, case)
    asked = engine.question(draft)
    if accepted and asked is not None and asked.file_kind == "selfie":
        judgement = Judgement(Verdict.STRONG, asked.path, {"id": "", "name": "selfie", "type": "image/jpeg", "size": 0})
        draft = await _trust(deps, tx, conversation, case, engine, draft, judgement, citizen_id)
        case.draft, case.updated_at = draft.to_json(), now
        await tx.put_case(case)
    # The form goes on; the tracker is rebuilt to stand inside it.
    conversation.form_active, conversation.case_id = True, case.id
    conversation.turn_mark = f"officer.{now.timestamp()}"
    return [*replies, *questions(deps, conversation, case)]

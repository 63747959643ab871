"""Settle what an outside check found: trust grows, or the person is told what to do next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from bot.domain.attempts import Attempts, Hold, crowd_of
from bot.domain.conversation import Case, Citizen, Conversation, IdentityCheck
from bot.domain.fields.base import Verdict
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.linking import guarded
from bot.domain.messages import Kind, Reply
from bot.errors import Conflict
from bot.usecases import prefill
from bot.usecases.challenge import SELFIE
from bot.usecases.deps import Deps
from bot.usecases.handoff_identity import face_decided, face_unsure
from bot.usecases.linking import offer_by_proof
from bot.usecases.liveness import FACE, check_of, subjects
from bot.usecases.notify import ring
from bot.usecases.outside import REGISTER
from bot.usecases.replies import person_button, plain, questions, wish_button
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
            known = await turn.tx.citizen_by_nik(found["nik"])
            await _failed(turn.deps, turn.tx, conversation, found["subjects"], known.id if known else None)
        if found.get("forget"):
            draft = engine.forget(engine.accept(draft, judgement), ["identitas.nik", "identitas.tanggal_lahir"])
            await turn.save(case, draft)
        return Effect([_refusal(turn.deps, conversation, found)], Outcome.INVALID)
    person = found["person"]
    citizen = await turn.tx.citizen_by_nik(person["nik"], lock=True)
    citizen = Citizen(
        id=citizen.id if citizen else uuid4(),
        nik=person["nik"],
        name=person["name"],
        birth_date=date.fromisoformat(person["birth_date"]),
        data=person["data"],
    )
    await turn.tx.save_citizen(citizen, now)
    for subject in found["subjects"]:
        await turn.tx.forgive(subject)
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
    replies = await settle_picture(deps, tx, conversation, found)
    if found.get("officer"):
        conversation.form_active = False
        return Effect(replies, Outcome.CLOSE_FORM)
    if not found["ok"]:
        await turn.save(case, _next_picture(engine, draft, found))
        return Effect(replies, Outcome.INVALID)
    if found.get("challenge"):
        await tx.as_selfie(UUID(str(judgement.value["id"])))
        judgement = replace(judgement, value={**judgement.value, "challenge": found["challenge"]})
        case.draft = engine.accept(draft, judgement).to_json()
        return None
    draft = await trust(deps, tx, conversation, case, engine, draft, judgement, UUID(found["citizen"]))
    case.draft = draft.to_json()
    return None


async def settle_picture(deps: Deps, tx: Tx, conversation: Conversation, found: dict[str, Any]) -> list[Reply]:
    """Records, traces and counts of what was found about a picture; the files it no longer needs are deleted. What to say, if it
    was not enough.
    """
    now = deps.now()
    if "check" in found:
        await tx.put_check(check_of(found["check"]))
    for sha256, hashed in found.get("probes", ()):
        await tx.put_probe(UUID(found["citizen"]), sha256, hashed, now)
    for blob_id in found.get("drop", ()):
        await tx.delete_blob(UUID(blob_id))
    if found.get("officer"):
        await face_unsure(deps, tx, conversation)
        await tx.notify_staff()
        return [Reply(deps.say("identity.officer", conversation), Kind.IDENTITY)]
    if found.get("extended"):
        await tx.audit("loket", "face.extended", str(conversation.id), {}, now)
    if found["ok"]:
        return []
    if found.get("counts"):
        await _failed(deps, tx, conversation, found["subjects"], UUID(found["citizen"]))
    return [_refusal(deps, conversation, found)]


def _next_picture(engine: Engine, draft: Draft, found: dict[str, Any]) -> Draft:
    """The draft that asks for the right picture again: the first selfie, or one for the same or another challenge; or for the NIK."""
    if found.get("anew"):
        return guarded(engine, draft, 1)
    selfie = next((i for i in engine.sheet(draft).items if i.section.internal and i.field.id == SELFIE), None)
    if selfie is None or selfie.value is None:
        return draft
    if found.get("restart"):
        return engine.forget(draft, [selfie.path])
    if found.get("challenge"):
        value = {**selfie.value, "challenge": found["challenge"]}
        return engine.accept(draft, Judgement(Verdict.STRONG, selfie.path, value))
    return draft


async def _failed(deps: Deps, tx: Tx, conversation: Conversation, names: list[str], citizen_id: UUID | None) -> None:
    """Count it, and tell the owner where they have proven themselves before."""
    failures = [(await tx.failed(name, deps.now())).failures for name in names]
    if conversation.origin is not None:
        await tx.failed(crowd_of(conversation.origin, deps.now()), deps.now())
    if citizen_id is not None:
        await warn_owner(deps, tx, citizen_id, conversation.id, max(failures))


async def warn_owner(deps: Deps, tx: Tx, citizen_id: UUID, here: UUID, failures: int) -> None:
    """ "Somebody tried to prove that they are you": said in the citizen's other conversations, once a day and once at a lock."""
    now = deps.now()
    locked = Attempts(failures, now).hold(now) == Hold(None)
    key = f"face-warning:{now.date()}:{'locked' if locked else 'failed'}"
    for conversation_id in await tx.channels_of(citizen_id):
        if conversation_id == here:
            continue
        conversation = await tx.conversation(conversation_id)
        text = deps.say("identity.warning_locked" if locked else "identity.warning", conversation)
        reply = Reply(text, Kind.NOTICE, (person_button(deps, conversation),))
        await tx.say(conversation_id, [reply], now, key=key, notice=True)


def _refusal(deps: Deps, conversation: Conversation, found: dict[str, Any]) -> Reply:
    text = deps.say(found["problem"], conversation, **found.get("params", {}))
    buttons = (
        (person_button(deps, conversation),) if found.get("locked") or found.get("counts") or found.get("away") else ()
    )
    return Reply(text, Kind.ERROR if found.get("kind") == REGISTER else Kind.IDENTITY, buttons)


async def trust(
    deps: Deps,
    tx: Tx,
    conversation: Conversation,
    case: Case,
    engine: Engine,
    draft: Draft,
    judgement: Judgement,
    citizen_id: UUID,
) -> Draft:
    """Level 3 from now on, for this channel: a day the first time, long from the second success on."""
    now = deps.now()
    citizen = await tx.citizen(citizen_id)
    for subject in subjects(FACE, conversation, str(citizen.id)):
        await tx.forgive(subject)
    successes = (await tx.succeeded(conversation.id, citizen.id, now)).successes
    conversation.citizen_id = citizen.id
    conversation.assurance = 3
    conversation.assured_until = now + (deps.policy.assurance if successes > 1 else deps.policy.first_assurance)
    case.citizen_id = citizen.id
    await tx.audit("loket", "identity.verified", str(conversation.id), {"case": str(case.id)}, now)
    return engine.know(engine.accept(draft, judgement), await prefill.known_of(tx, citizen), 3)


async def decide(deps: Deps, check_id: UUID, accepted: bool, officer: str) -> None:
    """An officer's word on a borderline selfie; the picture is deleted, the citizen is told and goes on.

    :raises bot.errors.Conflict: another officer was faster.
    """
    async with deps.store.begin() as tx:
        check = await tx.check(check_id, lock=True)
        if check.decision is not None or check.outcome != "officer":
            raise Conflict("identity check")
        await settle_check(deps, tx, check, accepted, officer)


AsksAgain = Callable[[Tx, Conversation, Case, list[Reply]], Awaitable[list[Reply]]]


async def settle_check(
    deps: Deps,
    tx: Tx,
    check: IdentityCheck,
    accepted: bool,
    by: str,
    key: str | None = None,
    asks_again: AsksAgain | None = None,
) -> None:
    """The end of an open check, which the caller has locked. ``key``: the sentence, if it is not the usual one. ``asks_again``: how
    the form asks for the next picture, where that is not in the chat.
    """
    now = deps.now()
    conversation = await tx.conversation(check.conversation_id, lock=True)
    selfie = check.selfie_blob
    check.decision = "accepted" if accepted else "rejected"
    check.decided_by, check.decided_at, check.selfie_blob = by, now, None
    await tx.put_check(check)
    if selfie is not None:
        await tx.delete_blob(selfie)
    key = key or replies_key(accepted)
    replies = [plain(deps, conversation, key, Kind.IDENTITY)]
    replies += await _goes_on(deps, tx, conversation, check, accepted, asks_again)
    await face_decided(deps, tx, conversation)
    await tx.save_conversation(conversation)
    await tx.say(conversation.id, replies, now, key=f"check:{check.id}", notice=True)

    async def words(reader: Conversation) -> list[Reply]:
        return [Reply(deps.say(key, reader), Kind.IDENTITY, (wish_button(deps, reader, "continue_application"),))]

    await ring(tx, conversation, words, now, f"check:{check.id}")
    await tx.notify_staff()
    detail = {"decision": check.decision, "case": str(check.case_id), "locus": conversation.locus}
    await tx.audit(by, "identity.decided", str(check.id), detail, now)


def replies_key(accepted: bool) -> str:
    """The sentence of an officer's decision."""
    return "identity.officer_accepted" if accepted else "identity.officer_rejected"


async def _goes_on(
    deps: Deps, tx: Tx, conversation: Conversation, check: IdentityCheck, accepted: bool, asks_again: AsksAgain | None
) -> list[Reply]:
    """The form after the verdict: what it asks next."""
    now = deps.now()
    case = await tx.case(check.case_id, lock=True) if check.case_id else None
    if case is None or case.state != "draft":
        return []
    engine, draft = deps.form_of(conversation, case)
    asked = engine.question(draft)
    replies: list[Reply] = []
    if not accepted:
        case.draft, case.updated_at = _next_picture(engine, draft, {"restart": True}).to_json(), now
        await tx.put_case(case)
    elif asked is not None and asked.file_kind == "selfie":
        judgement = Judgement(Verdict.STRONG, asked.path, {"id": "", "name": "selfie", "type": "image/jpeg", "size": 0})
        draft = await trust(deps, tx, conversation, case, engine, draft, judgement, check.citizen_id)
        case.draft, case.updated_at = draft.to_json(), now
        findings, stopped = prefill.told(deps, conversation, case, engine, draft)
        await tx.put_case(case)
        if stopped:
            return findings
        replies = [*await offer_by_proof(deps, tx, conversation), *findings]
    # The form goes on; the tracker is rebuilt to stand inside it.
    conversation.form_active, conversation.case_id = True, case.id
    conversation.turn_mark = f"officer.{now.timestamp()}"
    asking = questions(deps, conversation, case)
    if asks_again is not None and not accepted:
        asking = await asks_again(tx, conversation, case, asking)
    return [*replies, *asking]

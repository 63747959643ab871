"""What becomes of the agency's word about a time or a ticket, inside the turn's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.domain.application import State
from bot.domain.conversation import Case, CaseEvent
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.messages import Kind, Reply
from bot.usecases.life import move
from bot.usecases.queue_outside import BOOKING, MOVED, SLOTS
from bot.usecases.queue_remind import remember
from bot.usecases.queue_words import ACTIVE, FOR, QUEUE, SLOT, TICKET, Booked, served_for, ticket_reply
from bot.usecases.replies import person_button, plain
from bot.usecases.steps import Outcome
from bot.usecases.turn import Effect, Turn

MOVES = "moves"
"""Key of a ticket's draft: how often its time was changed."""
_WHY = {"full": "queue.slot.full", "day": "queue.slot.day", "none": "queue.slot.none", "": "queue.slot.these"}


async def offer(turn: Turn, case: Case) -> list[Reply]:
    """Before a question about a time: the times asked for in this turn become its choices. What to say first, when there are none."""
    engine, draft = turn.form(case)
    question = engine.question(draft)
    if (
        question is None
        or question.field_type != "slot"
        or draft.offered.get(question.path)
        or SLOTS not in turn.plan.params
    ):
        return []
    times = turn.plan.params[SLOTS]
    if times:
        await turn.save(case, replace(draft, offered={question.path: times}))
        return []
    key = "queue.slot.none" if times is not None else "queue.away"
    return [Reply(turn.deps.say(key, turn.conversation), Kind.NOTICE, (person_button(turn.deps, turn.conversation),))]


async def settle(turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement) -> Effect | None:
    """None: the wished time is free and accepted (the draft is in ``case.draft``); else what to say instead."""
    found = turn.plan.outside or {}
    if found["kind"] == BOOKING:
        return await (_book if found["ok"] else _not_booked)(turn, case, engine, draft, judgement, found)
    if found["kind"] == MOVED:
        return await _moved(turn, case, engine, draft, judgement, found)
    if not found["ok"]:
        return await _choose_again(turn, case, draft, judgement.path, found)
    case.draft = engine.accept(draft, replace(judgement, value=found["value"])).to_json()
    return None


async def _choose_again(turn: Turn, case: Case, draft: Draft, path: str, found: dict[str, Any]) -> Effect:
    deps, conversation = turn.deps, turn.conversation
    if found.get("away"):
        text = deps.say("queue.away", conversation)
        return Effect([Reply(text, Kind.ERROR, (person_button(deps, conversation),))], Outcome.INVALID)
    if found.get("closed"):
        # Nothing is wrong with the time: the ticket itself was called meanwhile, or is over.
        await _close(turn, case, draft)
        return Effect([plain(deps, conversation, "queue.too_late", Kind.ERROR)], Outcome.COMPLETE)
    await turn.save(case, replace(draft, offered={path: found["offers"]}))
    return Effect([plain(deps, conversation, _WHY[found.get("why", "")])], Outcome.INVALID)


# -- a new ticket ---------------------------------------------------------------------------------------------------------


async def _book(
    turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement, found: dict[str, Any]
) -> Effect:
    """The number is theirs; or, where the agency is away, the wish is kept."""
    deps, conversation, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    case.draft = engine.accept(draft, judgement).to_json()
    case.reference, case.agency_ref = found["reference"], found["ref"]
    case.submitted_at = case.submitted_at or now
    first = found["verb"] == "submit"
    key = "diajukan" if first else f"diperbaiki-{found['verb'].partition('-')[2]}"
    ticket = Booked.from_json(found["ticket"]) if found.get("ticket") else None
    if ticket is not None:
        case.draft = {**case.draft, TICKET: ticket.to_json()}
    await move(deps, tx, case, State.DIAJUKAN, CaseEvent(key, State.DIAJUKAN.value, now, inbox_id=turn.call.inbox_id))
    conversation.form_active = False
    if found["ref"] is None:
        await tx.put_due(case.id, found["verb"], now)
    else:
        await tx.put_due(case.id, "ticket", now)
    if ticket is not None:
        await remember(deps, tx, conversation, case, ticket)
    if found["ref"] is None:
        return Effect(
            [plain(deps, conversation, "queue.kept", Kind.RECEIPT, reference=case.reference)], Outcome.COMPLETE
        )
    return Effect([ticket_reply(deps, conversation, case)], Outcome.COMPLETE)


async def _not_booked(
    turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement, found: dict[str, Any]
) -> Effect:
    deps, conversation = turn.deps, turn.conversation
    if SLOT in found["fields"]:
        # Only the time is asked again.
        again = engine.forget(draft, [SLOT])
        if found.get("offers"):
            again = replace(again, offered={SLOT: found["offers"]})
        await turn.save(case, again)
        return Effect([plain(deps, conversation, "queue.slot.lost")], Outcome.INVALID)
    if "pemohon.nik" in found["fields"]:
        return await _has_one(turn, case, engine, draft)
    text = deps.say("queue.refused", conversation)
    return Effect([Reply(text, Kind.ERROR, (person_button(deps, conversation),))], Outcome.INVALID)


async def _has_one(turn: Turn, case: Case, engine: Engine, draft: Draft) -> Effect:
    """One active ticket per person and service: shown with the offer to move it, where it is the person's own in this chat.

    Of a ticket made elsewhere nothing is told: whoever types a NIK must not learn where its owner will be.
    """
    deps, conversation = turn.deps, turn.conversation
    item = engine.sheet(draft).by_path.get(FOR)
    service, nik = str(item.value if item else ""), _nik(engine, draft)
    for other in await turn.tx.cases_of(conversation):
        if other.id == case.id or other.service != QUEUE or other.state not in ACTIVE or served_for(other) != service:
            continue
        if _nik(*deps.form_of(conversation, other)) == nik:
            await _close(turn, case, draft)
            said = plain(deps, conversation, "queue.has_one", Kind.STATUS)
            return Effect([said, ticket_reply(deps, conversation, other)], Outcome.COMPLETE)
    text = deps.say("queue.has_one_elsewhere", conversation)
    return Effect([Reply(text, Kind.ERROR, (person_button(deps, conversation),))], Outcome.INVALID)


def _nik(engine: Engine, draft: Draft) -> str:
    item = engine.sheet(draft).by_path.get("pemohon.nik")
    return str(item.value) if item is not None and item.value else ""


async def _close(turn: Turn, case: Case, draft: Draft) -> None:
    """A draft that nothing comes of."""
    case.draft, case.state, case.updated_at = draft.to_json(), State.DIBATALKAN.value, turn.deps.now()
    await turn.tx.put_case(case)
    turn.conversation.case_id, turn.conversation.form_active = None, False


# -- another time -----------------------------------------------------------------------------------------------------------


async def _moved(
    turn: Turn, case: Case, engine: Engine, draft: Draft, judgement: Judgement, found: dict[str, Any]
) -> Effect:
    deps, conversation, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    await _close(turn, case, draft)
    ticket_case = await tx.case(UUID(found["tiket"]), lock=True)
    moves = int(ticket_case.draft.get(MOVES, 0)) + 1
    ticket = Booked.from_json(found["ticket"]) if found.get("ticket") else None
    changed: dict[str, Any] = {MOVES: moves, TICKET: ticket.to_json() if ticket is not None else None}
    ticket_case.draft = {**ticket_case.draft, **changed}
    if ticket_case.state == State.VERIFIKASI_BERKAS:
        # It was told that the turn comes soon; on the new day that is told again.
        ticket_case.state = State.DIAJUKAN.value
    ticket_case.updated_at = now
    await tx.put_case(ticket_case)
    await tx.put_due(ticket_case.id, f"ticket-{moves}", now + timedelta(milliseconds=1))
    if ticket is not None:
        await remember(deps, tx, conversation, ticket_case, ticket)
    await tx.audit("citizen", "queue.moved", str(ticket_case.id), {}, now)
    return Effect([ticket_reply(deps, conversation, ticket_case, "queue.moved")], Outcome.COMPLETE)

"""The citizen's side of a handoff: what happens after each turn, the way back to the bot at any time, one mark for the help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.escalation import Mood, Signal
from bot.domain.handoff import Did, Holder, TicketState, Trigger, Waits
from bot.domain.messages import Kind, Reply
from bot.domain.texts import word
from bot.errors import NotFound
from bot.usecases import apply, survey
from bot.usecases import handoff_outside as outside
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import CITIZEN, Grip
from bot.usecases.handoff_identity import unproven
from bot.usecases.handoff_request import desk_of, offered, queued_words, raise_ticket
from bot.usecases.handoff_return import back_words, close, settled
from bot.usecases.plan import STEP, Plan
from bot.usecases.replies import person_button, plain
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

RATE_WITHIN = timedelta(days=7)
_MOODS = {Mood.ANGER: Trigger.ANGER, Mood.DISTRESS: Trigger.DISTRESS, Mood.EMERGENCY: Trigger.EMERGENCY}
# -- after a turn -------------------------------------------------------------------------------------------------------


async def after_turn(
    deps: Deps, tx: Tx, conversation: Conversation, plan: Plan, steps: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Reply], list[Reply]]:
    """What a turn means for the handoff: (said before its replies, said after them). The caller saves the conversation."""
    await _wrote(deps, tx, conversation)
    await settled(tx, deps, conversation)
    if conversation.state is Holder.AGENT:
        return [], []
    signal = _signal(deps, plan, steps)
    if signal is not None:
        return await _moved_by(deps, tx, conversation, signal, steps)
    helped = await unproven(deps, tx, conversation, plan.outside or {})
    return [], helped or await _ruled(deps, tx, conversation, steps)


async def _wrote(deps: Deps, tx: Tx, conversation: Conversation) -> None:
    """Whoever is in the queue and writes is not forgotten: a sleeping ticket wakes."""
    if conversation.state is not Holder.QUEUED:
        return
    ticket = await tx.open_ticket(conversation.id, lock=True)
    if ticket is None:
        return
    if ticket.snoozed_until is not None:
        ticket.snoozed_until = None
        await Grip(deps, tx, conversation, ticket, deps.now()).note(Did.WOKEN, CITIZEN)
    ticket.last_citizen_at, ticket.waiting_for = deps.now(), Waits.AGENT.value
    await tx.put_ticket(ticket)


def _signal(deps: Deps, plan: Plan, steps: Mapping[str, Mapping[str, Any]]) -> Signal | None:
    """Words of anger, distress or danger in what was written, unless the open form took it as its answer."""
    taken = plan.judgement is not None and not plan.judgement.get("problem_text") and plan.message == "/answer"
    if taken or plan.local == "command" or not plan.text or plan.message.startswith("/talk_to_human"):
        return None
    return deps.catalogue().escalation.heard(plan.text)


async def _moved_by(
    deps: Deps, tx: Tx, conversation: Conversation, signal: Signal, steps: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Reply], list[Reply]]:
    """Danger: where help is, at once, and a ticket on top. Distress: a kind word and a ticket. Anger: a person is offered."""
    say = word(signal.say, conversation.language) if signal.say is not None else ""
    if signal.mood is Mood.ANGER:
        if conversation.state is Holder.QUEUED or _asked_already(steps):
            return [], []
        desk = await desk_of(deps, tx, conversation)
        await offered(deps, tx, conversation, Trigger.ANGER)
        key = "handoff.anger" if desk.answers else "handoff.anger_later"
        text = say or deps.say(key, conversation)
        return [Reply(text, Kind.HANDOFF, (person_button(deps, conversation),))], []
    trigger = _MOODS[signal.mood]
    raised = await raise_ticket(deps, tx, conversation, trigger, reason=signal.id)
    text = say or deps.say(f"handoff.{trigger.value}", conversation)
    if not raised.fresh and trigger is Trigger.DISTRESS:
        return [], []
    words = await queued_words(deps, tx, conversation, raised) if raised.fresh else []
    return [Reply(text, Kind.HANDOFF)], words


def _asked_already(steps: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(ref.endswith((".action_handoff", ".action_complaint")) for ref in steps)


async def _ruled(deps: Deps, tx: Tx, conversation: Conversation, steps: Mapping[str, Mapping[str, Any]]) -> list[Reply]:
    """A wish that content staff want a person for."""
    if conversation.state is Holder.QUEUED:
        return []
    for ref, step in steps.items():
        if ref == STEP or not step.get("wish"):
            continue
        rule = deps.catalogue().escalation.rule(str(step["wish"]), step.get("service"))
        if rule is None:
            continue
        raised = await raise_ticket(
            deps, tx, conversation, Trigger.RULE, reason=str(step["wish"]), service=step.get("service"), team=rule.team
        )
        before = [Reply(word(rule.say, conversation.language), Kind.HANDOFF)] if rule.say is not None else []
        return [*before, *await queued_words(deps, tx, conversation, raised)]
    return []


# -- wishes -------------------------------------------------------------------------------------------------------------


async def to_bot(turn: Turn) -> Effect:
    """ "Kembali ke bot": out of the queue, or away from the person, at any time."""
    ticket = await turn.tx.open_ticket(turn.conversation.id, lock=True)
    if ticket is None:
        return Effect(
            [plain(turn.deps, turn.conversation, "handoff.bot_already", Kind.HANDOFF), *await _question(turn)]
        )
    return await _leave(turn, ticket.id)


async def leave(turn: Turn, ticket_id: UUID) -> Effect:
    """The same by its button."""
    ticket = await turn.tx.open_ticket(turn.conversation.id, lock=True)
    if ticket is None or ticket.id != ticket_id:
        return Effect(
            [plain(turn.deps, turn.conversation, "handoff.bot_already", Kind.HANDOFF), *await _question(turn)]
        )
    return await _leave(turn, ticket_id)


async def _leave(turn: Turn, ticket_id: UUID) -> Effect:
    """In the citizen's own turn, which says the words and settles the rest."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    found = Grip(deps, tx, conversation, await tx.ticket(ticket_id, lock=True), deps.now())
    spoke = conversation.state is Holder.AGENT
    await outside.left(found, "left")
    close(found.ticket, found)
    if spoke:
        await found.move(Holder.RETURNING, Did.LEFT, CITIZEN)
        conversation.returned_seq = await tx.last_seq(conversation.id)
    else:
        await found.move(Holder.BOT, Did.LEFT, CITIZEN)
    conversation.misses = 0
    await tx.put_ticket(found.ticket)
    if spoke:
        said = back_words(deps, conversation, found.ticket, spoke=True, rate=True)
    else:
        said = plain(deps, conversation, "handoff.left", Kind.HANDOFF)
    return Effect([said, *await _question(turn)])


async def _question(turn: Turn) -> list[Reply]:
    case = await turn.draft_case() if turn.conversation.form_active else None
    return await apply.asked(turn, case) if case is not None else []


async def rate(turn: Turn, ticket_id: UUID, mark: int) -> Effect:
    """One mark for the help, once."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    try:
        ticket = await tx.ticket(ticket_id, lock=True)
    except NotFound:
        return Effect([plain(deps, conversation, "error.stale_button", Kind.ERROR), *await _question(turn)])
    now = deps.now()
    foreign = ticket.conversation_id != conversation.id or ticket.state != TicketState.CLOSED
    late = ticket.closed_at is not None and now - ticket.closed_at > RATE_WITHIN
    if foreign or late:
        return Effect([plain(deps, conversation, "error.stale_button", Kind.ERROR), *await _question(turn)])
    if ticket.rating is not None:
        return Effect([plain(deps, conversation, "handoff.rated_already", Kind.HANDOFF), *await _question(turn)])
    ticket.rating, ticket.rated_at = mark, now
    await Grip(deps, tx, conversation, ticket, now).note(Did.RATED, CITIZEN, str(mark))
    await tx.put_ticket(ticket)
    key = "handoff.rated_well" if mark >= 3 else "handoff.rated_poorly"
    buttons = () if mark >= 3 else (person_button(deps, conversation),)
    more = await survey.after_help(turn, ticket)
    return Effect([Reply(deps.say(key, conversation), Kind.HANDOFF, buttons), *more, *await _question(turn)])


def suppressed(replies: Sequence[Reply]) -> list[Reply]:
    """What of a turn is still said when a person took over while it ran: receipts and news, no talk."""
    told = (Kind.RECEIPT, Kind.STATUS, Kind.IDENTITY, Kind.HANDOFF, Kind.NOTICE)
    return [reply for reply in replies if reply.kind in told]

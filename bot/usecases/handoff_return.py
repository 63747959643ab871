"""The way back to the bot: every message answered once, whoever was to answer it, and the open form where it was."""

from __future__ import annotations

from bot.domain.conversation import Conversation
from bot.domain.handoff import Did, Holder, Ticket, TicketState
from bot.domain.messages import Button, Kind, Reply, Sender
from bot.domain.offers import remember
from bot.domain.payloads import command
from bot.usecases import handoff_outside as outside
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import BOT, Grip
from bot.usecases.replies import questions
from bot.usecases.store import Tx

MARKS = 5


async def give_back(
    found: Grip, actor: str, did: Did, why: str, *, seen_seq: int | None = None, rate: bool = True
) -> None:
    """Close the ticket; the bot speaks again.

    A message that came while the agent was giving back is either still in the inbox (the worker finds the bot in charge) or was
    put before the agent, who had not seen it: that one goes back to the inbox. While such messages are open the conversation is
    RETURNING, and the form's question is left to the turn that answers the last of them.
    """
    deps, conversation, ticket, tx = found.deps, found.conversation, found.ticket, found.tx
    spoke = conversation.state is Holder.AGENT
    await outside.left(found, "closed")
    close(ticket, found)
    last = await tx.last_seq(conversation.id)
    waiting = 0
    if spoke:
        waiting = await tx.reopen_unanswered(conversation.id, last if seen_seq is None else seen_seq, found.now)
        await found.move(Holder.RETURNING, did, actor, why, waiting=waiting)
    else:
        await found.move(Holder.BOT, did, actor, why)
    if spoke and not waiting:
        await found.move(Holder.BOT, Did.RETURNED, BOT)
    conversation.misses = 0
    replies = [back_words(deps, conversation, ticket, spoke=spoke, rate=rate and spoke)]
    if not waiting:
        replies += await _where_it_was(deps, tx, conversation) if spoke else []
    conversation.memory = {} if conversation.form_active else remember(replies)
    if spoke:
        conversation.returned_seq = last
    await found.save()
    await found.say(*replies)


async def let_go(found: Grip, actor: str) -> None:
    """The talk was erased: nobody is to answer it any more. Says nothing; the caller saves the conversation."""
    await outside.left(found, "closed")
    close(found.ticket, found)
    if found.conversation.state is Holder.AGENT:
        await found.move(Holder.RETURNING, Did.LEFT, actor, "erased")
        await found.move(Holder.BOT, Did.RETURNED, BOT)
    elif found.conversation.state is not Holder.BOT:
        await found.move(Holder.BOT, Did.LEFT, actor, "erased")
    await found.tx.put_ticket(found.ticket)


def close(ticket: Ticket, found: Grip) -> None:
    """The end of a ticket."""
    ticket.state, ticket.lease_until, ticket.snoozed_until = TicketState.CLOSED.value, None, None
    ticket.closed_at = found.now
    if ticket.claimed_at is not None:
        ticket.resolved_at = found.now


def back_words(deps: Deps, conversation: Conversation, ticket: Ticket, *, spoke: bool, rate: bool) -> Reply:
    """ "I am back": with the marks to give, one tap each."""
    key = "handoff.returned" if spoke else "handoff.closed"
    buttons: tuple[Button, ...] = ()
    text = deps.say(key, conversation, number=ticket.number)
    if rate and ticket.rating is None:
        text = f"{text}\n\n{deps.say('handoff.rate', conversation)}"
        buttons = tuple(
            Button(deps.say(f"handoff.mark_{mark}", conversation), command(f"nilai{mark}-{ticket.id}"))
            for mark in range(1, MARKS + 1)
        )
    return Reply(text, Kind.HANDOFF, buttons, meta={"ticket": ticket.number}, sender=Sender.SYSTEM)


async def _where_it_was(deps: Deps, tx: Tx, conversation: Conversation) -> list[Reply]:
    """The question that the open form is at."""
    if not conversation.form_active or conversation.case_id is None:
        return []
    return questions(deps, conversation, await tx.case(conversation.case_id))


async def settled(tx: Tx, deps: Deps, conversation: Conversation) -> None:
    """After a turn on the way back: when nothing is left to answer, the bot has it. The caller saves the conversation."""
    if conversation.state is not Holder.RETURNING or await tx.unanswered(conversation.id):
        return
    ticket = await tx.last_ticket(conversation.id)
    if ticket is not None:
        await Grip(deps, tx, conversation, ticket, deps.now()).move(Holder.BOT, Did.RETURNED, BOT)

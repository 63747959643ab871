"""A person takes over: ticket, claim, reply, and back to the bot. The router keeps the bot silent, never the bot itself."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from bot.domain.conversation import Conversation, Holder, Ticket
from bot.domain.messages import Kind, Reply, Sender
from bot.domain.reference import new_ticket
from bot.errors import Conflict
from bot.usecases.deps import Deps
from bot.usecases.replies import plain, question
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn


async def request_person(turn: Turn, *, complaint: bool = False) -> Effect:
    """A ticket with a number; a second wish gets the same one."""
    deps, conversation = turn.deps, turn.conversation
    ticket, ahead, fresh = await _ticket(deps, turn.tx, conversation, turn.call.intent)
    key = ("handoff.complaint" if complaint else "handoff.queued") if fresh else "handoff.still_queued"
    text = deps.say(key, conversation, number=ticket.number, place=ahead + 1)
    return Effect([Reply(text, Kind.HANDOFF, meta={"ticket": ticket.number})])


async def _ticket(deps: Deps, tx: Tx, conversation: Conversation, reason: str) -> tuple[Ticket, int, bool]:
    ticket = await tx.open_ticket(conversation.id)
    fresh = ticket is None
    if ticket is None:
        ticket = Ticket(
            id=uuid4(),
            number=new_ticket(secrets.randbits),
            conversation_id=conversation.id,
            locus=conversation.locus,
            reason=reason,
            state="queued",
            created_at=deps.now(),
        )
        await tx.put_ticket(ticket)
        if conversation.state is Holder.BOT:
            conversation.state = Holder.QUEUED
    waiting = [
        t for t in await tx.tickets(conversation.locus) if t.state == "queued" and t.created_at < ticket.created_at
    ]
    return ticket, len(waiting), fresh


async def claim(deps: Deps, ticket_id: UUID, agent: str, name: str) -> None:
    """The agent takes the conversation; from now on the bot is silent.

    :raises bot.errors.Conflict: another agent has it.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        ticket = await tx.ticket(ticket_id, lock=True)
        if ticket.state == "claimed" and ticket.agent == agent:
            return
        if ticket.state != "queued":
            raise Conflict("ticket")
        ticket.state, ticket.agent, ticket.claimed_at = "claimed", agent, now
        await tx.put_ticket(ticket)
        conversation = await tx.conversation(ticket.conversation_id, lock=True)
        conversation.state = Holder.AGENT
        await tx.save_conversation(conversation)
        await tx.audit(agent, "ticket.claimed", ticket.number, {}, now)
        text = deps.say("handoff.joined", conversation, name=name)
        await tx.say(conversation.id, [Reply(text, Kind.HANDOFF, sender=Sender.SYSTEM, meta={"agent": name})], now)


async def reply(deps: Deps, ticket_id: UUID, agent: str, name: str, text: str, key: str) -> None:
    """The agent's words, shown in the citizen's chat. ``key``: one per form shown, so a double click says it once.

    :raises bot.errors.Conflict: the agent does not hold the ticket (any more).
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        ticket = await tx.ticket(ticket_id, lock=True)
        if ticket.state != "claimed" or ticket.agent != agent:
            raise Conflict("ticket")
        said = Reply(text, Kind.ANSWER, sender=Sender.AGENT, meta={"agent": name})
        await tx.say(ticket.conversation_id, [said], now, key=f"agent:{key}")


async def close(deps: Deps, ticket_id: UUID, agent: str) -> None:
    """Give the conversation back; an open form goes on where it was."""
    now = deps.now()
    async with deps.store.begin() as tx:
        ticket = await tx.ticket(ticket_id, lock=True)
        if ticket.state == "closed" or (ticket.state == "claimed" and ticket.agent != agent):
            raise Conflict("ticket")
        ticket.state, ticket.closed_at = "closed", now
        await tx.put_ticket(ticket)
        conversation = await tx.conversation(ticket.conversation_id, lock=True)
        conversation.state = Holder.BOT
        conversation.misses = 0
        await tx.save_conversation(conversation)
        await tx.audit(agent, "ticket.closed", ticket.number, {}, now)
        replies = [plain(deps, conversation, "handoff.returned", Kind.HANDOFF, number=ticket.number)]
        if conversation.form_active and conversation.case_id is not None:
            asking = question(deps, conversation, await tx.case(conversation.case_id))
            replies += [asking] if asking else []
        await tx.say(conversation.id, replies, now)

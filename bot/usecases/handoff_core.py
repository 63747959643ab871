"""What every verb of a handoff shares: ticket and conversation locked, the state moved lawfully, both edges recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.handoff import LEGAL, Agent, Did, Event, Holder, Ticket, TicketConflict, TicketState
from bot.domain.messages import Kind, Reply, Sender
from bot.errors import NotFound
from bot.usecases.deps import Deps
from bot.usecases.store import Tx

CITIZEN, BOT, DESK = "citizen", "bot", "desk"
"""Actors that are no member of staff; ``DESK`` is the sweep."""


@dataclass
class Grip:
    """A conversation and its ticket, locked in this order, in one transaction."""

    deps: Deps
    tx: Tx
    conversation: Conversation
    ticket: Ticket
    now: datetime

    async def move(self, to: Holder, did: Did, actor: str, why: str = "", **detail: Any) -> None:
        """Record what happened; who holds the conversation becomes ``to``."""
        before = self.conversation.state
        if before is not to and to not in LEGAL[before]:
            raise TicketConflict(
                "closed" if before in (Holder.BOT, Holder.RETURNING) else "held", self.ticket.agent or ""
            )
        self.conversation.state = to
        event = Event(
            self.conversation.id, self.ticket.id, self.now, actor, did.value, before.value, to.value, why, detail
        )
        await self.tx.put_event(event)

    async def note(self, did: Did, actor: str, why: str = "", **detail: Any) -> None:
        """Record what changes nobody's hold."""
        await self.move(self.conversation.state, did, actor, why, **detail)

    async def save(self) -> None:
        """Write both back."""
        await self.tx.put_ticket(self.ticket)
        await self.tx.save_conversation(self.conversation)

    async def say(self, *replies: Reply, key: str | None = None) -> None:
        """Lines of the thread; what is told besides an answer is the system's."""
        await self.tx.say(self.conversation.id, replies, self.now, key=key)

    async def tell(self, key: str, *, once: str | None = None, **params: Any) -> None:
        """One sentence about the handoff."""
        text = self.deps.say(key, self.conversation, **params)
        await self.say(Reply(text, Kind.HANDOFF, sender=Sender.SYSTEM, meta={"ticket": self.ticket.number}), key=once)

    async def audit(self, actor: str, action: str, **detail: Any) -> None:
        """Append to the audit log; last in a transaction, since the log is one chain."""
        await self.tx.audit(actor, f"ticket.{action}", self.ticket.number, detail, self.now)

    def drop_lease(self) -> None:
        """Back into the queue, awake."""
        ticket = self.ticket
        ticket.state, ticket.agent, ticket.lease_until = TicketState.QUEUED.value, None, None
        ticket.told_at, ticket.told_place, ticket.told_times = self.now, None, 0


async def grip(deps: Deps, tx: Tx, ticket_id: UUID, locus: str | None = None) -> Grip:
    """Lock a ticket and its conversation.

    :raises bot.errors.NotFound: there is no such ticket, or not at that office.
    """
    known = await tx.ticket(ticket_id)
    if locus is not None and known.locus != locus:
        raise NotFound("ticket")
    conversation = await tx.conversation(known.conversation_id, lock=True)
    return Grip(deps, tx, conversation, await tx.ticket(ticket_id, lock=True), deps.now())


async def held(deps: Deps, tx: Tx, ticket_id: UUID, agent: Agent, lease_no: int | None = None) -> Grip:
    """The same for one who must hold it now.

    :raises bot.domain.handoff.TicketConflict: they do not, or not any more.
    """
    found = await grip(deps, tx, ticket_id, agent.locus)
    ticket = found.ticket
    if not ticket.held(agent.username, lease_no, found.now):
        raise lost(ticket, agent, found.now)
    return found


def lost(ticket: Ticket, agent: Agent, now: datetime) -> TicketConflict:
    """Why somebody does not hold a ticket."""
    if ticket.state == TicketState.CLOSED:
        return TicketConflict("closed", ticket.agent or "")
    alive = ticket.lease_until is not None and ticket.lease_until > now
    if ticket.state == TicketState.CLAIMED and ticket.agent != agent.username and alive:
        return TicketConflict("held", ticket.agent or "")
    return TicketConflict("lost")

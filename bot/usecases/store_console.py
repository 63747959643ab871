"""What handing over to a person needs of the database; part of :class:`bot.usecases.store.Tx`.

Whoever writes locks the conversation first, then its ticket: turns do it in that order, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.handoff import Agent, Event, Ticket


class ConsoleTx(Protocol):
    """Tickets, their queue, and what happened to them."""

    async def put_ticket(self, ticket: Ticket, *, quiet: bool = False) -> None:
        """Insert or update; open staff pages are woken, unless ``quiet``: nothing they show has changed."""
        ...

    async def ticket(self, ticket_id: UUID, lock: bool = False) -> Ticket:
        """:raises bot.errors.NotFound: no such ticket."""
        ...

    async def open_ticket(self, conversation_id: UUID, lock: bool = False) -> Ticket | None:
        """The ticket of a conversation that is not closed."""
        ...

    async def last_ticket(self, conversation_id: UUID) -> Ticket | None:
        """The newest one, closed or not."""
        ...

    async def tickets(self, locus: str, open_only: bool = True) -> list[Ticket]:
        """Oldest first, at most 200."""
        ...

    # -- the queue
    async def next_ticket(self, agent: Agent, now: datetime, *, wait: bool = False) -> Ticket | None:
        """The ticket that routing gives to ``agent``: awake, of their office, in a language and about a matter they know, not
        kept for a colleague who is there; the most urgent first, then the oldest. Its conversation and it are locked; those
        that others have locked are passed over, unless ``wait``.
        """
        ...

    async def held_by(self, username: str, locus: str, now: datetime) -> int:
        """How many conversations somebody holds."""
        ...

    async def renew_leases(
        self,
        username: str,
        locus: str,
        now: datetime,
        until: datetime,
        ticket_id: UUID | None = None,
        lease_no: int | None = None,
    ) -> int:
        """Prolong the leases of theirs that still hold (of one ticket); returns how many. Wakes nobody."""
        ...

    async def place_of(self, ticket: Ticket, now: datetime) -> int:
        """How many stand before it in the queue of its office."""
        ...

    async def waited(self, locus: str, since: datetime) -> list[float]:
        """Seconds from request to claim, of the claims since then that routing or an agent made, sorted."""
        ...

    async def longest_waiting(self, locus: str, now: datetime) -> float:
        """Seconds that the first in line has been waiting; 0: nobody."""
        ...

    async def agents_present(self, locus: str, now: datetime) -> int:
        """How many people of an office can answer now: there (:mod:`bot.domain.presence`), or holding a live lease."""
        ...

    # -- what happened
    async def put_event(self, event: Event) -> None:
        """Append to the record."""
        ...

    async def handoff_events(self, conversation_id: UUID) -> list[Event]:
        """The record of a conversation, oldest first."""
        ...

    async def last_offer(self, conversation_id: UUID, since: datetime) -> str | None:
        """Why a person was last offered, since then."""
        ...

    # -- the thread and the inbox
    async def citizen_wrote(self, conversation_id: UUID, now: datetime) -> None:
        """Note on the open ticket that it is the agent's turn; a sleeping one wakes."""
        ...

    async def agent_line(self, conversation_id: UUID, after: int) -> tuple[int, str] | None:
        """Place and author (the name shown) of the last line that an agent said after line ``after``."""
        ...

    async def was_said(self, conversation_id: UUID, key: str) -> bool:
        """Whether replies with this key are in the thread."""
        ...

    async def last_seq(self, conversation_id: UUID) -> int:
        """Number of the last line of the thread."""
        ...

    async def reopen_unanswered(self, conversation_id: UUID, after: int, now: datetime) -> int:
        """Messages later than line ``after`` that were put before a person and that nobody answered go back to the bot's
        inbox, to be answered once; returns how many of the conversation's messages the bot has yet to answer.
        """
        ...

    async def unanswered(self, conversation_id: UUID) -> int:
        """Messages that the bot has yet to answer."""
        ...

    # -- the sweep
    async def lost_leases(self, now: datetime) -> Sequence[UUID]:
        """Tickets whose agent vanished."""
        ...

    async def asleep_until(self, now: datetime) -> Sequence[UUID]:
        """Snoozed tickets whose time has come."""
        ...

    async def silent_since(self, before: datetime) -> Sequence[UUID]:
        """Claimed tickets in which the citizen owes an answer since then."""
        ...

    async def queued_untold(self, before: datetime, most: int) -> Sequence[UUID]:
        """Queued tickets whose citizen has heard nothing of the place in line since then, and fewer than ``most`` times."""
        ...

    async def stuck_returning(self) -> Sequence[UUID]:
        """Conversations on their way back to the bot for which nothing waits in the inbox any more."""
        ...

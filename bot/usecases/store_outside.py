"""What outside desks need of the database; part of :class:`bot.usecases.store.Tx`.

Whoever writes locks the conversation first, then its ticket, then the case of the ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class Stands(StrEnum):
    """``outside_case.state``."""

    OPEN = "open"
    RESOLVED = "resolved"
    """By the desk's agents, who may open it again."""
    CLOSED = "closed"
    """By us: the citizen left, somebody else answers, or the desk was away too long."""


@dataclass
class OutsideCase:
    """A ticket's conversation at an outside desk."""

    ticket_id: UUID
    desk: str
    created_at: datetime
    """When it was handed over (last)."""
    ref: str | None = None
    """The conversation's id there, once it is open."""
    state: str = Stands.OPEN
    round: int = 1
    """How often it was handed over."""
    heard: int = 0
    """Number of the newest message there that we know."""
    sent_seq: int = 0
    """The last line of the thread that needs nobody's answer but theirs: it stands there, or came before the handing over."""
    away_since: datetime | None = None
    """Since when the desk does not answer about it; kept by the queue, not by :meth:`OutsideTx.put_outside`."""


@dataclass(frozen=True)
class OutsideDue:
    """Something to be done at a desk, claimed under a lease: ``open``, ``append``, ``close``."""

    id: int
    ticket_id: UUID
    verb: str
    key: str
    attempts: int
    """Tries so far, this one counted."""
    lease_no: int
    created_at: datetime


class OutsideTx(Protocol):
    """Conversations at outside desks, and what is due there."""

    async def outside_case(self, ticket_id: UUID, lock: bool = False) -> OutsideCase | None:
        """The ticket's, however it stands."""
        ...

    async def put_outside(self, case: OutsideCase) -> None:
        """Insert or update."""
        ...

    async def put_outside_due(self, ticket_id: UUID, verb: str, key: str, body: dict[str, Any], now: datetime) -> None:
        """Make something due at the ticket's desk, after what is due already; a ``key`` already used adds nothing."""
        ...

    async def outside_body(self, due_id: int) -> dict[str, Any]:
        """What was made due; empty: it is gone."""
        ...

    async def drop_outside_due(self, ticket_id: UUID) -> int:
        """What is due at the ticket's desk is not done any more; returns how much that was."""
        ...

    async def hear_outside(self, desk: str, ref: str, now: datetime) -> bool:
        """There is news of a conversation there; False: it is none of ours."""
        ...

    async def outside_answered(self, ticket_id: UUID, claimed: datetime | None = None) -> None:
        """The desk answered. ``claimed``: news asked for at that time have been heard; nothing more is asked of a conversation that
        is over.
        """
        ...

    async def outside_silent(self, ticket_id: UUID, now: datetime, hear_at: datetime | None = None) -> datetime:
        """The desk did not answer; since when it does not. ``hear_at``: when to ask for news again."""
        ...

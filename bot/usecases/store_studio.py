"""What the studio's inbox and conversations need of the database (part of :class:`bot.usecases.store.Tx`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.understood import Heard, Turned


@dataclass(frozen=True)
class Period:
    """Messages of an office from ``since`` on and before ``until``."""

    locus: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class TalkFilter:
    """Which conversations are looked for; what is empty does not matter. The first four are about one and the same turn."""

    intent: str = ""
    below: float | None = None
    """Confidence."""
    service: str = ""
    fallback: bool = False
    """Not answered: asked back, not understood, a person offered."""
    channel: str = ""
    handoff: bool = False
    """A person was wanted."""
    rating: int | None = None
    """Marks of at most this for the help of a person."""


@dataclass(frozen=True)
class TalkRow:
    """One conversation of a period, as the list shows it. Counts are of its free talk in the period."""

    id: UUID
    account: str
    language: str
    last_at: datetime
    turns: int
    unsure: int
    lowest: float
    handed: int
    rating: int | None

    @property
    def channel(self) -> str:
        """``web``, ``telegram``, ``whatsapp``."""
        return self.account.partition(":")[0]


class StudioTx(Protocol):
    """What was understood, and what editors did about it."""

    async def put_understood(self, heard: Heard) -> None:
        """Keep it, once per message. Travels with the commit."""
        ...

    async def misunderstood(self, period: Period, below: float, most: int) -> list[Turned]:
        """What editors have not settled and was asked back, not understood, understood with less than ``below``, followed by a person, or
        marked; newest first.
        """
        ...

    async def settled(self, period: Period, most: int) -> list[Turned]:
        """What editors settled, the last first."""
        ...

    async def understood_of(self, conversation_id: UUID) -> list[Turned]:
        """All of a conversation, in order."""
        ...

    async def understood_rows(self, inbox_ids: Collection[int], locus: str) -> list[Turned]:
        """Those of them that are an office's."""
        ...

    async def settle_understood(
        self, inbox_ids: Collection[int], locus: str, settled: str, by: str, now: datetime, commit: str = ""
    ) -> int:
        """Take them off the list; how many were on it."""
        ...

    async def reopen_understood(self, locus: str, *, inbox_ids: Collection[int] = (), commit: str = "") -> int:
        """Put them on the list again."""
        ...

    async def mark_understood(self, inbox_id: int, locus: str, by: str | None) -> bool:
        """A wrong turn (None: it is right after all); False: no such one at that office."""
        ...

    async def talks(
        self, period: Period, wanted: TalkFilter, most: int, after: tuple[datetime, UUID] | None = None
    ) -> list[TalkRow]:
        """Conversations with free talk, the last first; ``after``: those behind that one."""
        ...

    async def heard_texts(self, period: Period, most: int) -> list[tuple[UUID, str]]:
        """(conversation, masked text), newest first."""
        ...

    async def names_in(self, conversation_ids: Sequence[UUID]) -> Mapping[UUID, tuple[str, ...]]:
        """Names and the like that are known of the people of these conversations, to be masked."""
        ...

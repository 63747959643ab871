"""What the console needs of the database: the board of tickets, notes, labels, canned answers, what is found by searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bot.domain.canned import Canned, Seed
from bot.domain.conversation import ThreadEntry
from bot.domain.handoff import Ticket
from bot.domain.messages import FileRef


@dataclass(frozen=True)
class Note:
    """What an agent wrote for colleagues; the citizen never sees it."""

    id: UUID
    conversation_id: UUID
    author: str
    text: str
    mentions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class LastLine:
    """The newest line of a thread that is not a notice."""

    seq: int
    sender: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One ticket as the list of the console shows it."""

    ticket: Ticket
    account: str
    language: str
    topic: str | None
    """The form in hand, or the service last spoken of."""
    name: str
    """The proven person's, in full: whoever shows it masks it."""
    level: int
    labels: tuple[str, ...]
    last: LastLine | None


class NotesTx(Protocol):
    """Part of :class:`bot.usecases.store.Tx`."""

    async def notify(self, channel: str, payload: str = "") -> None:
        """Wake listeners when (and only when) this transaction commits."""
        ...

    # -- the board
    async def board_marks(self, locus: str, closed_since: datetime) -> Mapping[UUID, str]:
        """Ticket -> a mark that differs whenever what the list shows of the ticket itself may differ. Open tickets, and those
        closed since.
        """
        ...

    async def board(
        self,
        locus: str,
        closed_since: datetime,
        now: datetime,
        *,
        tickets: Sequence[UUID] | None = None,
        conversations: Sequence[UUID] | None = None,
    ) -> list[Entry]:
        """Open tickets and those closed since, of an office; only those named, or of those conversations."""
        ...

    async def thread_before(
        self, conversation_id: UUID, before: int, limit: int, until: datetime | None = None
    ) -> list[ThreadEntry]:
        """The ``limit`` newest lines before place ``before`` (and not later than ``until``), oldest first."""
        ...

    async def blob_of(self, blob_id: UUID, conversation_id: UUID, kind: str) -> FileRef | None:
        """A file of that conversation and kind, without its content; None: there is none."""
        ...

    async def sent_blobs(self, blob_ids: Sequence[UUID]) -> None:
        """Uploaded files belong to an answer from now on."""
        ...

    async def address_of(self, conversation_id: UUID) -> str | None:
        """Whom to show "typing" to, on push channels."""
        ...

    async def retry_send(self, conversation_id: UUID, seq: int, now: datetime) -> bool:
        """A message that was given up is due again, with all its tries; False: it is not given up."""
        ...

    async def earlier_tickets(self, conversation_ids: Sequence[UUID], but: UUID, most: int = 10) -> list[Ticket]:
        """Closed tickets of these conversations, newest first."""
        ...

    async def find_tickets(self, locus: str, *, numbers: Sequence[str], label: str, most: int = 50) -> list[UUID]:
        """Tickets by their own number, an application's number, or a label; newest first."""
        ...

    async def people_at_desk(self, locus: str, since: datetime, most: int = 3000) -> list[tuple[UUID, str]]:
        """(ticket, proven name) of an office's tickets since then, newest first."""
        ...

    # -- notes
    async def put_note(self, note: Note, locus: str, key: str) -> bool:
        """Store it and wake open pages; False: that key is known already."""
        ...

    async def notes(self, conversation_id: UUID, most: int = 200) -> list[Note]:
        """Of a conversation, oldest first; the newest ``most``."""
        ...

    async def notes_of(self, author: str, locus: str, most: int = 1000) -> list[tuple[UUID, str]]:
        """(conversation, text) of one's own notes, newest first."""
        ...

    # -- labels
    async def labels(self, conversation_id: UUID) -> list[str]:
        """Of a conversation, by name."""
        ...

    async def known_labels(self, locus: str) -> list[str]:
        """In use at an office, the most used first."""
        ...

    async def put_label(self, conversation_id: UUID, locus: str, label: str, by: str, now: datetime) -> None:
        """Add it (again)."""
        ...

    async def drop_label(self, conversation_id: UUID, label: str) -> None:
        """Take it away, if it is there."""
        ...

    # -- canned answers
    async def canned(self, locus: str) -> list[Canned]:
        """Those of an office, by shortcut and language."""
        ...

    async def seed_canned(self, locus: str, seeds: Sequence[Seed], now: datetime) -> None:
        """Give an office that never had any its first ones."""
        ...

    async def put_canned(self, canned: Canned) -> None:
        """Insert or update.

        :raises bot.errors.Conflict: the office has that shortcut in that language.
        :raises bot.errors.NotFound: it is another office's, or was thrown away.
        """
        ...

    async def drop_canned(self, canned_id: UUID, locus: str, now: datetime) -> Canned:
        """Throw it away.

        :raises bot.errors.NotFound: the office has no such one.
        """
        ...

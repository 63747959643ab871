"""What complaints need of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Word:
    """What the citizen added to a complaint, on its way to the office by the errand ``verb``."""

    verb: str
    text: str
    files: tuple[UUID, ...]
    at: datetime


class ComplaintsTx(Protocol):
    """Words added to complaints, and complaints that wait for their citizen's word."""

    async def put_word(self, case_id: UUID, verb: str, text: str, files: Sequence[UUID], now: datetime) -> str:
        """Keep what was added, and make its errand due. ``verb``: ``words`` or ``reopen``; returned with its number."""
        ...

    async def word(self, case_id: UUID, verb: str) -> Word | None:
        """What an errand brings."""
        ...

    async def words_of(self, case_id: UUID) -> list[Word]:
        """All that was added, oldest first."""
        ...

    async def answered(self, service: str, before: datetime) -> list[UUID]:
        """Cases of a form in ``terbit`` since before that time."""
        ...

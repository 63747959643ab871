"""Links that open with a code from the chat they were sent in: to a finished document, and to what is stored about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TRIES = 5
"""Wrong pairs of code and birth date, then the link is dead."""
CODES = 3
"""Codes that one link sends into the chat."""
CODE_LIFE = timedelta(minutes=10)


class Coded:
    """A link that opens for a code which its page sends into a chat. Neither its token nor its code is stored, only what
    recognises them.
    """

    expires_at: datetime
    code_hash: bytes | None
    code_expires_at: datetime | None
    codes: int
    failures: int

    def alive(self, now: datetime) -> bool:
        """Whether it may still be tried."""
        return now < self.expires_at and self.failures < TRIES

    def sends_code(self, now: datetime) -> bool:
        """Whether another code may be sent."""
        return self.alive(now) and self.codes < CODES

    def fits(self, code_hash: bytes, now: datetime) -> bool:
        """Whether it is the code last sent, and in time."""
        in_time = self.code_expires_at is not None and now < self.code_expires_at
        return in_time and self.code_hash is not None and self.code_hash == code_hash

    @property
    def tries_left(self) -> int:
        """Wrong pairs that it still bears."""
        return max(0, TRIES - self.failures)


@dataclass
class DocumentLink(Coded):
    """The link to a finished document."""

    token_hash: bytes
    case_id: UUID
    conversation_id: UUID
    created_at: datetime
    expires_at: datetime
    code_hash: bytes | None = None
    code_expires_at: datetime | None = None
    codes: int = 0
    failures: int = 0
    opened_at: datetime | None = None


@dataclass
class DataLink(Coded):
    """The link to everything that is stored about a person, for the chat it was asked for in."""

    token_hash: bytes
    conversation_id: UUID
    created_at: datetime
    expires_at: datetime
    code_hash: bytes | None = None
    code_expires_at: datetime | None = None
    codes: int = 0
    failures: int = 0
    opened_at: datetime | None = None
    key_hash: bytes | None = None
    """Of the browser in which the code was typed: it stays open there until the link is over."""

"""A link to a finished document: works for a day, for whoever has the chat it was sent in and knows the applicant's birth date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TRIES = 5
"""Wrong pairs of code and birth date, then the link is dead."""
CODES = 3
"""Codes that one link sends into the chat."""
CODE_LIFE = timedelta(minutes=10)


@dataclass
class DocumentLink:
    """One link. Neither its token nor its code is stored, only what recognises them."""

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

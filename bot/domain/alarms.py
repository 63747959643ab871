"""What an operator or the office has to look at besides errands that failed: kinds of alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Alarm(StrEnum):
    """Kinds."""

    FORGED = "forged"
    """A push that the agency did not sign."""
    UNREADABLE = "unreadable"
    """A push or a history that cannot be read, or with a state nobody knows."""
    FOREIGN = "foreign"
    """The agency's word is about another case, or gives a number that is another case's."""
    AWAY = "away"
    """The agency's circuit breaker is open."""
    OVERDUE = "overdue"
    """A case is later than promised."""
    WITHDRAWN = "withdrawn"
    """A case was withdrawn here, and the agency could not be asked whether it has it."""
    UNEXPECTED = "unexpected"
    """An errand broke off for a reason that is ours."""


@dataclass(frozen=True)
class AlarmRow:
    """One open alarm: ``count`` times between ``first_at`` and ``last_at``."""

    id: int
    kind: str
    agency: str
    locus: str
    case_id: UUID | None
    code: str
    count: int
    first_at: datetime
    last_at: datetime

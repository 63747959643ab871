"""What errands, callbacks and the watch over open cases need of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from bot.domain.alarms import Alarm, AlarmRow
from bot.domain.breaker import Breaker
from bot.domain.conversation import Case

AGENCY_CLOSED: Final = "agency_closed"
"""Code of an errand that waits for its agency's hours: however long."""


@dataclass(frozen=True)
class Errand:
    """One errand as it stands. ``state``: ``due``, ``done`` or ``failed``."""

    case_id: UUID
    verb: str
    state: str
    attempts: int
    next_at: datetime
    created_at: datetime
    error_code: str | None = None
    retried_at: datetime | None = None
    told_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    reason: str = ""
    """Of a refusal, in the agency's words."""


@dataclass(frozen=True)
class Call:
    """One exchange with an agency about a case: no data, only what and how it ended."""

    agency: str
    direction: str
    """``out``: our call; ``in``: a push, or a change found by asking."""
    verb: str
    attempt: int
    outcome: str
    """``ok`` or the error's code; of a change: ``taken``, ``repeat``, ``late``."""
    ms: int | None
    at: datetime


@dataclass(frozen=True)
class Notice:
    """A message about a case in one of the person's threads, and how far it has come (None: fetched by the person)."""

    conversation_id: UUID
    account: str
    seq: int
    key: str
    at: datetime
    delivery: str | None


@dataclass(frozen=True)
class AuditRow:
    """One row of the audit log."""

    id: int
    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


class AgenciesTx(Protocol):
    """Errands, exchanges, alarms, breakers, and the questions of the watch."""

    # -- errands
    async def errands_of(self, case_id: UUID) -> list[Errand]:
        """All errands of a case, oldest first."""
        ...

    async def trace_of(self, case_id: UUID) -> str | None:
        """The trace in which a case was handed in (:mod:`bot.tracing`), if there was one."""
        ...

    async def errand(self, case_id: UUID, verb: str, lock: bool = False) -> Errand:
        """:raises bot.errors.NotFound: no such errand."""
        ...

    async def failed_errands(self, locus: str) -> list[Errand]:
        """Errands of an office that a person has to look at, oldest first."""
        ...

    async def retry_errand(self, case_id: UUID, verb: str, now: datetime) -> bool:
        """A failed errand is due again; False: it is not failed (any more)."""
        ...

    async def settle_errand(self, case_id: UUID, verb: str, by: str, now: datetime) -> bool:
        """A failed errand was done by hand; False: it is not failed (any more)."""
        ...

    async def note_reason(self, case_id: UUID, verb: str, reason: str) -> None:
        """Keep why an errand was refused, encrypted."""
        ...

    async def mark_told(self, case_id: UUID, verb: str, now: datetime | None) -> None:
        """The citizen knows that the agency is away; None: and that it is back."""
        ...

    async def stuck_errands(self, before: datetime, given_up: datetime, told: Collection[str]) -> list[Errand]:
        """Errands due since ``before`` of which the citizen knows nothing yet (of the verbs that are ``told``), and those due since
        ``given_up``; nobody's at work.
        """
        ...

    async def give_up(self, case_id: UUID, verb: str, now: datetime) -> bool:
        """The errand has failed for good, unless somebody is at work on it."""
        ...

    # -- exchanges
    async def put_call(self, case_id: UUID, call: Call) -> None:
        """Append."""
        ...

    async def calls(self, case_id: UUID) -> list[Call]:
        """Of a case, oldest first."""
        ...

    async def forget_calls(self, before: datetime) -> int:
        """Delete those of closed cases that are older; returns how many."""
        ...

    # -- alarms
    async def put_alarm(
        self, kind: Alarm, agency: str, now: datetime, *, case: Case | None = None, code: str = "", count: int = 1
    ) -> None:
        """Raise an alarm; the same one again while it is open is counted. Wakes the staff pages."""
        ...

    async def alarms(self, locus: str) -> list[AlarmRow]:
        """Open alarms of an office, and those of no single office, the latest first."""
        ...

    async def handle_alarm(self, alarm_id: int, locus: str, by: str, now: datetime) -> bool:
        """Somebody has seen to it; False: it is not open at that office."""
        ...

    async def clear_alarms(self, kind: Alarm, agency: str, now: datetime, case_id: UUID | None = None) -> None:
        """What gave the alarm is over."""
        ...

    # -- breakers
    async def breaker(self, agency: str, lock: bool = False) -> Breaker:
        """Of an integration."""
        ...

    async def put_breaker(self, breaker: Breaker) -> None:
        """Insert or update."""
        ...

    async def agency_answered(self, agency: str) -> bool:
        """The agency answers: close its breaker; True if it was open."""
        ...

    async def open_breakers(self) -> list[Breaker]:
        """Agencies that are left in peace."""
        ...

    # -- cases
    async def cases_by_agency_ref(self, agency_ref: str) -> list[Case]:
        """Cases with that number of an agency: the same one may stand for another case at another agency."""
        ...

    async def agency_word_at(self, case_id: UUID, agency: str) -> datetime | None:
        """When the agency spoke of the case last, by its own clock."""
        ...

    async def cases_to_poll(self, before: datetime, most: int) -> list[Case]:
        """Open cases that an agency has, neither changed nor asked about since ``before``; the longest not asked about first."""
        ...

    async def polled(self, case_id: UUID, now: datetime) -> None:
        """Asked about now."""
        ...

    async def overdue(self, before: datetime) -> list[UUID]:
        """Ids of cases promised for before then, whose clock runs."""
        ...

    async def open_repairs(self) -> list[UUID]:
        """Ids of cases that wait for the citizen."""
        ...

    # -- custody
    async def notices_of(self, case: Case) -> list[Notice]:
        """Messages of ours about a case in all threads of its person, oldest first."""
        ...

    async def audit_of(self, object_: str) -> list[AuditRow]:
        """What the audit log says of something, oldest first."""
        ...

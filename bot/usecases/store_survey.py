"""What surveys of satisfaction and the counters' status need of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from bot.domain.counter_status import Said
from bot.domain.survey import Score


class Kind(StrEnum):
    """What somebody is asked about."""

    CASE = "case"
    """A finished application or complaint."""
    VISIT = "visit"
    """A turn at a counter, or a visit at home."""
    HELP = "help"
    """A talk with a member of staff."""
    TALK = "talk"
    """Feedback that they gave by themselves."""


class SurveyState(StrEnum):
    """``survey.state``."""

    DUE = "due"
    """To be offered."""
    OFFERED = "offered"
    OPEN = "open"
    """Begun; it may be gone on with."""
    DONE = "done"
    """Every unsur was marked or passed over."""
    STOPPED = "stopped"
    """No, thank you. What was marked counts."""
    DROPPED = "dropped"
    """Not offered after all."""


@dataclass
class Survey:
    """One survey (table ``survey``). ``subject``: what it is about, asked about once."""

    id: UUID
    subject: str
    locus: str
    kind: str
    state: str
    due_at: datetime
    conversation_id: UUID | None = None
    case_id: UUID | None = None
    ticket_id: UUID | None = None
    service: str | None = None
    counter: str = ""
    channel: str = ""
    free: bool = False
    offered_at: datetime | None = None
    finished_at: datetime | None = None
    low: str | None = None
    """A :class:`bot.domain.survey.Low`."""
    low_at: datetime | None = None
    handled_at: datetime | None = None
    handled_by: str | None = None


@dataclass(frozen=True)
class Span:
    """Which surveys are meant: those offered from ``since`` to before ``until`` at these offices; the rest narrows them."""

    loci: Collection[str]
    since: datetime
    until: datetime
    service: str = ""
    channel: str = ""
    counter: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Remark:
    """What somebody wrote at the end, and their marks."""

    survey: Survey
    text: str
    at: datetime
    marks: Mapping[int, int] = field(default_factory=dict)


class SurveyTx(Protocol):
    """Surveys, what they say together, and the counters' status of the day."""

    async def put_survey(self, survey: Survey) -> bool:
        """A survey about something; False: it was asked about already. One that only waits is brought forward to ``due_at``."""
        ...

    async def survey(self, survey_id: UUID, lock: bool = False) -> Survey | None:
        """By its id."""
        ...

    async def survey_about(self, subject: str) -> Survey | None:
        """By what it is about."""
        ...

    async def last_survey(self, conversations: Sequence[UUID], since: datetime) -> Survey | None:
        """The survey offered last in one of these conversations, since then."""
        ...

    async def save_survey(self, survey: Survey) -> None:
        """Write back everything but the remark."""
        ...

    async def due_surveys(self, now: datetime, most: int) -> list[UUID]:
        """To be offered by now, the longest due first."""
        ...

    async def put_mark(self, survey_id: UUID, unsur: int, mark: int | None, now: datetime) -> None:
        """A mark (None: passed over) in place of the one before."""
        ...

    async def marks(self, survey_id: UUID) -> dict[int, int | None]:
        """Every unsur that was marked or passed over."""
        ...

    async def put_remark(self, survey_id: UUID, text: str, now: datetime) -> None:
        """Keep what was written, sealed, after what was written before."""
        ...

    # -- for the staff pages
    async def survey_scores(self, span: Span, by: str = "") -> dict[str, Score]:
        """The score, by ``service``, ``channel``, ``counter``, ``locus`` or ``kind``; by nothing: under an empty key."""
        ...

    async def surveys_asked(self, span: Span) -> int:
        """How many matters ended that somebody is asked about, whether they answered or not."""
        ...

    async def remarks(self, span: Span, most: int) -> list[Remark]:
        """The latest first."""
        ...

    async def low_surveys(self, loci: Collection[str], most: int) -> list[Remark]:
        """Those somebody should look at, the longest waiting first; the remark may be empty."""
        ...

    async def handle_low(self, survey_id: UUID, locus: str, by: str, now: datetime) -> bool:
        """Somebody has seen to it; False: it is not open at that office."""
        ...

    # -- the counters' status
    async def put_counter_status(self, locus: str, day: date, said: Said) -> None:
        """Append; wakes the staff pages."""
        ...

    async def counter_status(self, locus: str, since: date, until: date) -> list[tuple[date, Said]]:
        """All that was said on those days, both ends included, oldest first."""
        ...

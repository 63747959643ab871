"""The time that figures are shown for: whole days of the office's calendar. Of offices in several time zones today may be two days: each
one's own counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

LONGEST = 731
"""Days of the longest period: two years."""
_EARLIEST = date(2020, 1, 1)


class Span(StrEnum):
    """What a reader picks."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    OWN = "own"


class Bucket(StrEnum):
    """What one column of a chart stands for (names of PostgreSQL's ``date_trunc``)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """``since`` to ``until``, both included. ``problem``: key of what was wrong with the wish, empty when nothing was.

    ``own``: (time zone, its one day), where it is not the same day everywhere: of each office that day alone is meant.
    """

    span: Span
    since: date
    until: date
    problem: str = ""
    own: tuple[tuple[str, date], ...] = ()

    @property
    def days(self) -> int:
        """How many."""
        return 1 if self.own else (self.until - self.since).days + 1

    def at(self, zone: str) -> Period:
        """The days that are meant of an office in that time zone."""
        day = dict(self.own).get(zone)
        return self if day is None else Period(self.span, day, day, self.problem)

    @property
    def bucket(self) -> Bucket:
        """Columns that a chart has room for."""
        if self.days <= 45:
            return Bucket.DAY
        return Bucket.WEEK if self.days <= 190 else Bucket.MONTH

    def buckets(self) -> list[date]:
        """First days of all columns, those without numbers too."""
        if self.own:
            return [self.since]
        found, day = [], trunc(self.since, self.bucket)
        while day <= self.until:
            found.append(day)
            day = _next(day, self.bucket)
        return found

    def before(self) -> Period:
        """As many days just before, for comparison."""
        own = tuple((zone, day - timedelta(days=1)) for zone, day in self.own)
        return Period(Span.OWN, self.since - timedelta(days=self.days), self.since - timedelta(days=1), own=own)

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """From and up to (excluded), as an office of that time zone cuts its days."""
        begin = datetime.combine(self.since, time(), zone)
        return begin.astimezone(UTC), datetime.combine(self.until + timedelta(days=1), time(), zone).astimezone(UTC)

    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        if self.span is not Span.OWN:
            return {"span": self.span.value}
        return {"span": "own", "from": self.since.isoformat(), "to": self.until.isoformat()}


def period_of(wanted: Mapping[str, str], today: date, days: Mapping[str, date] | None = None) -> Period:
    """The period of an address; what cannot be meant gives this month, with the reason.

    ``days``: what day it is in the time zones of the offices meant. Where some are ahead of ``today`` the period goes on to theirs.
    """
    name = wanted.get("span", "") or ("own" if wanted.get("from") or wanted.get("to") else Span.MONTH.value)
    last = max((today, *(days or {}).values()))
    if name not in {span.value for span in Span}:
        return replace(_of(Span.MONTH, today, "period_unknown"), until=last)
    span = Span(name)
    if span is Span.OWN:
        return _own(wanted, last)
    return _today(today, days or {}) if span is Span.TODAY else replace(_of(span, today), until=last)


def _today(today: date, days: Mapping[str, date]) -> Period:
    """Each time zone's own day."""
    known = sorted(set(days.values())) or [today]
    own = tuple(sorted(days.items())) if len(known) > 1 else ()
    return Period(Span.TODAY, known[0], known[-1], own=own)


def month_of(wanted: str, today: date) -> Period:
    """The whole calendar month ``YYYY-MM``, up to today when it is not over; of nonsense the last whole month."""
    try:
        first = date.fromisoformat(f"{wanted}-01")
        fits = _EARLIEST <= first <= today
    except ValueError:
        fits = False
    if not fits:
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return Period(Span.OWN, first, min(_next(first, Bucket.MONTH) - timedelta(days=1), today))


def _of(span: Span, today: date, problem: str = "") -> Period:
    since = {
        Span.WEEK: trunc(today, Bucket.WEEK),
        Span.QUARTER: today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        Span.YEAR: today.replace(month=1, day=1),
    }.get(span, today.replace(day=1))
    return Period(span, since, today, problem)


def _own(wanted: Mapping[str, str], today: date) -> Period:
    try:
        since, until = (date.fromisoformat(wanted.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return _of(Span.MONTH, today, "period_unknown")
    if since > until:
        since, until = until, since
    problem = "period_future" if since > today else ""
    if problem or until < _EARLIEST:
        return _of(Span.MONTH, today, problem or "period_unknown")
    since, until = max(since, _EARLIEST), min(until, today)
    if (until - since).days >= LONGEST:
        return Period(Span.OWN, until - timedelta(days=LONGEST - 1), until, "period_long")
    return Period(Span.OWN, since, until)


def trunc(day: date, bucket: Bucket) -> date:
    """The first day of the column that a day falls into; weeks begin on Monday."""
    if bucket is Bucket.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if bucket is Bucket.MONTH else day


def _next(day: date, bucket: Bucket) -> date:
    if bucket is Bucket.MONTH:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if bucket is Bucket.WEEK else 1)

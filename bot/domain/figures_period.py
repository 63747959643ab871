"""The time that figures are shown for: whole days of the office's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """``since`` to ``until``, both included. ``problem``: key of what was wrong with the wish, empty when nothing was."""

    span: Span
    since: date
    until: date
    problem: str = ""

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def bucket(self) -> Bucket:
        """Columns that a chart has room for."""
        if self.days <= 45:
            return Bucket.DAY
        return Bucket.WEEK if self.days <= 190 else Bucket.MONTH

    def buckets(self) -> list[date]:
        """First days of all columns, those without numbers too."""
        found, day = [], trunc(self.since, self.bucket)
        while day <= self.until:
            found.append(day)
            day = _next(day, self.bucket)
        return found

    def before(self) -> Period:
        """As many days just before, for comparison."""
        return Period(Span.OWN, self.since - timedelta(days=self.days), self.since - timedelta(days=1))

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """From and up to (excluded), as an office of that time zone cuts its days."""
        begin = datetime.combine(self.since, time(), zone)
        return begin.astimezone(UTC), datetime.combine(self.until + timedelta(days=1), time(), zone).astimezone(UTC)

    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        if self.span is not Span.OWN:
            return {"span": self.span.value}
        return {"span": "own", "from": self.since.isoformat(), "to": self.until.isoformat()}


def period_of(wanted: Mapping[str, str], today: date) -> Period:
    """The period of an address; what cannot be meant gives this month, with the reason."""
    name = wanted.get("span", "") or ("own" if wanted.get("from") or wanted.get("to") else Span.MONTH.value)
    if name not in {span.value for span in Span}:
        return _of(Span.MONTH, today, "period_unknown")
    span = Span(name)
    return _own(wanted, today) if span is Span.OWN else _of(span, today)


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
        Span.TODAY: today,
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

"""When people answer at an office: weekly hours, holidays, collective leave. Unknown hours promise nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

_AHEAD = timedelta(days=30)
"""An opening further away than this is not promised."""
_LEAST = 5
"""Claims that a range is taken from, at least."""


@dataclass(frozen=True)
class Week:
    """Opening hours in the office's own time. ``days``: 0 is Monday; a day without spans is closed."""

    days: Mapping[int, tuple[tuple[time, time], ...]]
    closed: frozenset[date] = field(default_factory=frozenset)
    """Days of its own on which it is closed: collective leave (cuti bersama), an office's event."""
    opened: frozenset[date] = field(default_factory=frozenset)
    """Holidays on which it is open all the same."""

    def spans(self, day: date, holiday: Callable[[date], bool]) -> tuple[tuple[time, time], ...]:
        """When it is open on a day."""
        shut = day in self.closed or (holiday(day) and day not in self.opened)
        return () if shut else self.days.get(day.weekday(), ())

    def is_open(self, at: datetime, holiday: Callable[[date], bool]) -> bool:
        """Whether people are there at ``at`` (in the office's time zone)."""
        return any(begin <= at.time() < end for begin, end in self.spans(at.date(), holiday))

    def next_opening(self, at: datetime, holiday: Callable[[date], bool]) -> datetime | None:
        """When it opens next after ``at`` (in the office's time zone); None: not within 30 days."""
        day = at.date()
        while day - at.date() <= _AHEAD:
            for begin, _ in sorted(self.spans(day, holiday)):
                opening = datetime.combine(day, begin, at.tzinfo)
                if opening > at:
                    return opening
            day += timedelta(days=1)
        return None

    def _open(
        self, begin: datetime, last: date, holiday: Callable[[date], bool]
    ) -> Iterator[tuple[datetime, datetime]]:
        """Its spans from ``begin`` up to the end of a day, in order."""
        day = begin.date()
        while day <= last:
            for start, end in sorted(self.spans(day, holiday)):
                opened = max(begin, datetime.combine(day, start, begin.tzinfo))
                closed = datetime.combine(day, end, begin.tzinfo)
                if opened < closed:
                    yield opened, closed
            day += timedelta(days=1)

    def open_between(self, begin: datetime, end: datetime, holiday: Callable[[date], bool]) -> timedelta:
        """How long it is open between two moments (in the office's time zone)."""
        spans = self._open(begin, end.date(), holiday)
        return sum((min(closed, end) - opened for opened, closed in spans if opened < end), timedelta())

    def open_until(self, begin: datetime, within: timedelta, holiday: Callable[[date], bool]) -> datetime:
        """When it has been open for so long after ``begin`` (in the office's time zone); reckoned without closing times beyond a
        month of closed days.
        """
        at, left = begin, within
        for opened, closed in self._open(begin, begin.date() + _AHEAD + within, holiday):
            at = opened + min(left, closed - opened)
            left -= at - opened
            if left <= timedelta():
                return at
        return at + left


def estimate(waited: Sequence[float], place: int, present: int, oldest_s: float = 0.0) -> tuple[int, int] | None:
    """An honest range of minutes until somebody comes; None: too little is known, or nobody is there.

    ``waited``: seconds that those served lately had waited, sorted. ``place``: 1 is next. ``present``: people who answer.
    ``oldest_s``: how long the first in line has been waiting: those still waiting count, too.
    """
    if len(waited) < _LEAST or present < 1:
        return None
    rounds = -(-place // present)  # each round of claims takes about as long as the last ones took
    early, late = waited[len(waited) // 4], waited[(len(waited) * 3) // 4]
    low, high = early, max(late * rounds, oldest_s)
    first, last = max(1, int(low // 60)), max(2, -int(-high // 60))
    return first, last if last <= 10 else -(-last // 5) * 5

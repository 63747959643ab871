"""A wished time of a visit, as people say it: an exact one, some hours of some days, or "another one"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

_EXACT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_SOME = re.compile(r"(?:(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})|\*)(?: (\d{2}:\d{2})-(\d{2}:\d{2}))?")
LATER = "lain"
"""What "jam lain" is kept as: later ones than those offered."""
PARTS = {"pagi": ("00:00", "11:00"), "siang": ("11:00", "15:00"), "sore": ("14:30", "23:59")}
"""Hours that the parts of a working day mean; the end is not among them."""


@dataclass(frozen=True)
class WishedTime:
    """Office time throughout. Empty: any time."""

    at: datetime | None = None
    """Exactly then."""
    days: tuple[date, date] | None = None
    """First and last day."""
    hours: tuple[time, time] | None = None
    """From, and before."""
    later: bool = False
    """Whatever comes after what was offered."""

    @classmethod
    def from_json(cls, value: str) -> WishedTime:
        """The inverse of :meth:`to_json`.

        :raises ValueError: it is none.
        """
        if value == LATER:
            return cls(later=True)
        if _EXACT.fullmatch(value):
            return cls(at=datetime.fromisoformat(value))
        match = _SOME.fullmatch(value)
        if match is None:
            raise ValueError("no wished time")
        days = (date.fromisoformat(match[1]), date.fromisoformat(match[2])) if match[1] else None
        hours = (time.fromisoformat(match[3]), time.fromisoformat(match[4])) if match[3] else None
        return cls(days=days, hours=hours)

    def to_json(self) -> str:
        """One short text: what is kept of it, and what a button carries."""
        if self.later:
            return LATER
        if self.at is not None:
            return f"{self.at:%Y-%m-%dT%H:%M}"
        days = "*" if self.days is None else f"{self.days[0].isoformat()}/{self.days[1].isoformat()}"
        return days if self.hours is None else f"{days} {self.hours[0]:%H:%M}-{self.hours[1]:%H:%M}"

    def fits(self, free: datetime) -> bool:
        """Whether a free time is one of those wished for."""
        if self.at is not None:
            return free == self.at
        if self.days is not None and not self.days[0] <= free.date() <= self.days[1]:
            return False
        return self.hours is None or self.hours[0] <= free.time() < self.hours[1]

    @property
    def first_day(self) -> date | None:
        """The earliest day it can mean."""
        return self.at.date() if self.at is not None else self.days[0] if self.days is not None else None

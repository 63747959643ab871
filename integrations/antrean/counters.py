"""The counters of the stand-in, and which numbers belong to which slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import holidays
import yaml

from integrations.sandbox.paper import WIB

_FILE = Path(__file__).with_name("counters.yml")


@dataclass(frozen=True)
class Counter:
    """One counter; its numbers begin with its letter."""

    letter: str
    name: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class Office:
    """All counters and their rules."""

    place: str
    begins: tuple[time, ...]
    minutes: int
    places: int
    walk_ins: int
    day_quota: int
    days_ahead: int
    soon: int
    no_show_minutes: int
    counters: tuple[Counter, ...]

    def counter_of(self, service: str) -> Counter | None:
        """The counter that serves it."""
        return next((one for one in self.counters if service in one.services), None)

    def counter(self, letter: str) -> Counter | None:
        """By its letter."""
        return next((one for one in self.counters if one.letter == letter), None)

    def bookable(self, slot: int) -> range:
        """Running numbers of a slot that can be booked: in the order of the day, so that a lower number is always earlier."""
        first = slot * self.places + 1
        return range(first, first + self.places - self.walk_ins)

    def kept(self, slot: int) -> range:
        """Running numbers of a slot that are kept for walk-ins."""
        first = slot * self.places + 1
        return range(first + self.places - self.walk_ins, first + self.places)

    def starts(self, day: date, slot: int) -> datetime:
        """When a slot begins."""
        return datetime.combine(day, self.begins[slot], WIB)

    def ends(self, day: date, slot: int) -> datetime:
        """When it ends."""
        return self.starts(day, slot) + timedelta(minutes=self.minutes)

    def open_days(self, first: date, last: date) -> Iterator[date]:
        """Working days of a span."""
        day = first
        while day <= last:
            if day.weekday() < 5 and day not in _holidays():
                yield day
            day += timedelta(days=1)


@cache
def office() -> Office:
    """The office of ``counters.yml``."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    counters = tuple(Counter(one["letter"], one["name"], tuple(one["services"])) for one in raw.pop("counters"))
    begins = tuple(time.fromisoformat(begin) for begin in raw.pop("begins"))
    return Office(begins=begins, counters=counters, **raw)


@cache
def _holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("ID")

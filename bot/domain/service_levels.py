"""What an office promises for a conversation that a person takes over, and how near its end it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from bot.domain.hours import Week

SOON = 0.75
"""From this share of the time on, a supervisor is warned."""


class Timer(StrEnum):
    """How a promise stands."""

    KEPT = "kept"  # it was answered, or ended, in time
    RUNS = "runs"
    SOON = "soon"
    LATE = "late"  # not yet answered or ended, or too late


@dataclass(frozen=True)
class Promise:
    """One promise of a ticket: ``due`` when it runs out."""

    timer: Timer
    due: datetime

    @property
    def warns(self) -> bool:
        """Whether somebody should look."""
        return self.timer in (Timer.SOON, Timer.LATE)


@dataclass(frozen=True)
class OfficeClock:
    """Counts the time in which an office is open."""

    week: Week
    zone: tzinfo
    holiday: Callable[[date], bool]

    def passed(self, begin: datetime, end: datetime) -> timedelta:
        """How much of the time between was office time."""
        return self.week.open_between(begin.astimezone(self.zone), end.astimezone(self.zone), self.holiday)

    def due(self, begin: datetime, within: timedelta) -> datetime:
        """When so much office time has passed."""
        return self.week.open_until(begin.astimezone(self.zone), within, self.holiday).astimezone(begin.tzinfo)


def promise(
    begun: datetime, within: timedelta, done: datetime | None, now: datetime, clock: OfficeClock | None = None
) -> Promise:
    """How a promise stands at ``now``. ``clock``: what counts; None: every minute from the citizen's wish on."""
    due = begun + within if clock is None else clock.due(begun, within)
    if done is not None:
        return Promise(Timer.KEPT if done <= due else Timer.LATE, due)
    if now > due:
        return Promise(Timer.LATE, due)
    passed = now - begun if clock is None else clock.passed(begun, now)
    return Promise(Timer.SOON if passed >= SOON * within else Timer.RUNS, due)

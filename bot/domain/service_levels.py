"""What an office promises for a conversation that a person takes over, and how near its end it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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


def promise(begun: datetime, within: timedelta, done: datetime | None, now: datetime) -> Promise:
    """How a promise stands at ``now``. The clock runs from the citizen's wish on, day and night: that is how long they wait."""
    due = begun + within
    if done is not None:
        return Promise(Timer.KEPT if done <= due else Timer.LATE, due)
    if now > due:
        return Promise(Timer.LATE, due)
    return Promise(Timer.SOON if now - begun >= SOON * within else Timer.RUNS, due)

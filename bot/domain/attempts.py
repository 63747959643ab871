"""How often somebody may try to prove who they are: pauses that grow, then a person has to help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE = 2
"""Failures without any pause: people mistype, and light is bad."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1))
"""After the third, fourth and fifth failure in a row; after the sixth only a person helps (SP 800-63B-4: few in a row)."""
FORGOTTEN = timedelta(days=7)
"""Failures as old as this count no more, a lock included: nobody is kept out for ever by a stranger's attempts."""

CROWD = 100
"""Failures in one hour from one network address. Many: mobile networks and offices put hundreds of people behind one."""


@dataclass(frozen=True)
class Attempts:
    """Failures in a row of one subject (a conversation, a citizen, a NIK)."""

    failures: int = 0
    failed_at: datetime | None = None

    def hold(self, now: datetime) -> Hold | None:
        """What keeps a next attempt off at ``now``; None: it may be made."""
        if self.failed_at is None or now - self.failed_at >= FORGOTTEN or self.failures <= FREE:
            return None
        number = self.failures - FREE - 1
        if number >= len(PAUSES):
            return Hold(None)
        until = self.failed_at + PAUSES[number]
        return Hold(until) if now < until else None

    def again(self, now: datetime) -> Attempts:
        """After one more failure."""
        old = self.failed_at is not None and now - self.failed_at >= FORGOTTEN
        return Attempts(1 if old else self.failures + 1, now)


@dataclass(frozen=True)
class Hold:
    """No attempt before ``until``; None: locked until a person helps, or for :data:`FORGOTTEN`."""

    until: datetime | None

    @property
    def locked(self) -> bool:
        """Whether waiting a little is no use."""
        return self.until is None

    def minutes(self, now: datetime) -> int:
        """Whole minutes to wait, at least one."""
        return 0 if self.until is None else max(1, -int((now - self.until).total_seconds() // 60))


def crowd_of(origin: str, now: datetime) -> str:
    """The subject under which the failures of one address in one hour are counted."""
    return f"origin:{origin}:{now:%Y%m%d%H}"


def crowd_hold(failures: int, now: datetime) -> Hold | None:
    """What keeps everybody of one address off: the rest of the hour, once too many of them failed in it."""
    return Hold(now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)) if failures >= CROWD else None


def longest(holds: list[Hold | None]) -> Hold | None:
    """The one that lasts longest."""
    real = [hold for hold in holds if hold is not None]
    if not real:
        return None
    locked = next((hold for hold in real if hold.locked), None)
    return locked or max(real, key=lambda hold: hold.until or datetime.max)

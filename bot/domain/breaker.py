"""The circuit breaker of an agency: one that fails again and again is left in peace for a while, then asked by one errand first.

Shared by all workers (``bot/storage/tx_agencies.py`` keeps it); what is due waits meanwhile and loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

THRESHOLD = 5
"""Failures in a row that open it."""
FIRST_S, MOST_S = 15.0, 300.0
"""Seconds it stays open: the first time, doubled each time up to the most."""
LONGEST_OPEN = timedelta(seconds=MOST_S * 1.25)
"""The most, with what is added by chance."""
LONGEST_PROBE = timedelta(minutes=2)
"""So long a probe may take to come back, whoever sent it."""


class Way(StrEnum):
    """Whether calls may go through."""

    CLOSED = "closed"
    """All of them."""
    OPEN = "open"
    """None."""
    HALF_OPEN = "half_open"
    """One, to see."""


@dataclass(frozen=True)
class Breaker:
    """Of one agency. ``opened_at`` None: closed."""

    agency: str
    failures: int = 0
    opens: int = 0
    opened_at: datetime | None = None
    retry_at: datetime | None = None
    probe_until: datetime | None = None
    """Until when somebody's probe may still come back."""

    def way(self, now: datetime) -> Way:
        """Whether calls may go through now."""
        if self.opened_at is None or self.retry_at is None:
            return Way.CLOSED
        waiting = now < self.retry_at or (self.probe_until is not None and now < self.probe_until)
        return Way.OPEN if waiting else Way.HALF_OPEN

    def probing(self, until: datetime) -> Breaker:
        """One errand tries now."""
        return replace(self, probe_until=until)

    def failed(self, now: datetime, jitter: float) -> Breaker:
        """After a call that found the agency away. ``jitter``: 0 to 1, so that not all installations come back at once.

        A call that was on its way when it opened changes nothing.
        """
        if self.opened_at is not None and self.probe_until is None:
            return self
        failures = self.failures + 1
        if self.opened_at is None and failures < THRESHOLD:
            return replace(self, failures=failures)
        pause = min(FIRST_S * 2.0 ** min(self.opens, 16), MOST_S) * (0.75 + jitter / 2)
        return replace(
            self,
            failures=failures,
            opens=self.opens + 1,
            opened_at=self.opened_at or now,
            retry_at=now + timedelta(seconds=pause),
            probe_until=None,
        )

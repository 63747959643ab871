"""How fast somebody may try to sign in: pauses that grow, per account name and per network address.

The pauses are the same for names that exist and names that do not. They end by themselves: nobody can lock a colleague
out for longer than the last of them by typing their name.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.attempts import Attempts

PAUSES = tuple(timedelta(seconds=s) for s in (5, 15, 30, 60, 120, 300, 900))
"""After each failure above the free ones; the last is repeated."""
FREE = 4
"""Failures in a row of one account without any pause."""
FREE_OF_ADDRESS = 30
"""The same for an address: a whole office stands behind one."""
FORGOTTEN = timedelta(hours=24)


def free_at(attempts: Attempts, free: int, now: datetime) -> datetime:
    """When a next try is allowed; ``now`` or earlier: at once."""
    if attempts.failed_at is None or now - attempts.failed_at >= FORGOTTEN or attempts.failures < free:
        return now
    return attempts.failed_at + PAUSES[min(attempts.failures - free, len(PAUSES) - 1)]


def after(attempts: Attempts, now: datetime) -> Attempts:
    """With one more failure."""
    old = attempts.failed_at is None or now - attempts.failed_at >= FORGOTTEN
    return Attempts(1 if old else min(attempts.failures + 1, 1000), now)

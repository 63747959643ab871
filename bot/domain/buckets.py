"""Token buckets: so many at once, then so many a second. For load only: what protects a secret is counted in the database
(:mod:`bot.domain.attempts`).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """``burst`` at once, and ``per_s`` more each second."""

    burst: int
    per_s: float


@dataclass
class Buckets:
    """One bucket per key, in one process. Times are seconds of any clock that only goes forward."""

    rate: Rate
    most: int = 50_000
    """Keys remembered; who was not seen for longest is forgotten, which can only be to their advantage."""
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, key: str, now: float) -> float:
        """Seconds until the next one is allowed; 0: at once. Nothing is taken."""
        left = self._now(key, now)
        return 0.0 if left >= 1 else (1 - left) / self.rate.per_s

    def take(self, key: str, now: float) -> float:
        """Take one and return 0, or take none and return the seconds to wait."""
        left = self._now(key, now)
        if left < 1:
            return (1 - left) / self.rate.per_s
        self._left[key] = (left - 1, now)
        self._left.move_to_end(key)
        if len(self._left) > self.most:
            self._left.popitem(last=False)
        return 0.0

    def _now(self, key: str, now: float) -> float:
        left, at = self._left.get(key, (float(self.rate.burst), now))
        return min(float(self.rate.burst), left + max(0.0, now - at) * self.rate.per_s)

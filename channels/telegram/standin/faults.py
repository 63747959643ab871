"""Faults on demand: what Telegram, or the line to it, does on a bad day."""

from __future__ import annotations

import random
from typing import Any

KINDS = {
    "duplicate": "a webhook is delivered a second time",
    "reorder": "an update waits until the next one of its chat has been delivered (at most half a second)",
    "delay_s": "every webhook waits so many seconds",
    "media_404": "a download is answered 404",
    "throttle": "a send is answered 429, retry_after 1; nothing is sent",
    "server_error": "a send is answered 502; nothing is sent",
    "drop": "a send is done, then the connection breaks before the answer",
    "forge": "a copy of the webhook comes first, with a wrong secret",
    "entities": "a send with entities is answered 400, can't parse entities",
}


class Faults:
    """A number from 1 on: so many times. Between 0 and 1: that share of all. 0: never."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 (no secret depends on it)
        self._set: dict[str, float] = dict.fromkeys(KINDS, 0)
        self._hit: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.forged_taken = 0
        """Forged webhooks that were answered 2xx, which none should be."""

    def set(self, raw: Any) -> None:
        """Change the kinds that ``raw`` names.

        :raises ValueError: unknown kinds, or values below 0 or no numbers.
        """
        if not isinstance(raw, dict) or not set(raw) <= set(KINDS):
            raise ValueError(f"known kinds are {', '.join(KINDS)}")
        if not all(isinstance(n, int | float) and not isinstance(n, bool) and n >= 0 for n in raw.values()):
            raise ValueError("a number from 0 on each")
        self._set |= raw

    def take(self, kind: str) -> bool:
        """Whether the fault happens now; counts down."""
        value = self._set[kind]
        happens = value >= 1 or (value > 0 and self._random.random() < value)
        if happens:
            self._hit[kind] += 1
            self._set[kind] = value - 1 if value >= 1 else value
        return happens

    @property
    def delay_s(self) -> float:
        """How long a webhook waits."""
        return self._set["delay_s"]

    def to_json(self) -> dict[str, Any]:
        """What is set, what happened, and what was wrongly taken."""
        return {"set": dict(self._set), "hit": dict(self._hit), "forged_taken": self.forged_taken}

"""What Twilio does on a bad day, on demand: ``POST /faults {kind: number}``.

A number from 1 on: so many times. Between 0 and 1: that share of all. 0: never.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

KINDS: Mapping[str, str] = {
    "duplicate": "a webhook is delivered twice",
    "reorder": "a webhook waits until the next one of its chat was delivered (at most half a second); receipts come in reverse",
    "delay_s": "every webhook and answer waits so many seconds",
    "media_404": "a file is unknown the first n times it is asked for",
    "throttle": "a send is answered 429 (20429); nothing is sent",
    "server_error": "a call is answered 503 (20503); nothing is done",
    "drop": "a send is taken, then the connection breaks before the answer",
    "refuse_connection": "a call's connection breaks, nothing is done",
    "forge": "a copy of the webhook comes first, with a wrong signature",
    "garbage": "a send is taken and answered with a page instead of JSON",
    "error": "the next `count` sends are refused with this Twilio code (see `count`)",
    "fail": "the next `count` messages are taken and fail later with this Twilio code",
    "count": "how many times `error` and `fail` hold; 1 unless given",
}


class Faults:
    """What is set, counted down as it happens."""

    def __init__(self) -> None:
        self._left: dict[str, float] = {}
        self._random = random.Random()  # noqa: S311 (no secret depends on it)
        self._coded: dict[str, tuple[int, int]] = {}
        self._hit: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.forged_taken = 0
        """Forged webhooks that were answered 2xx, which none should be."""

    def set(self, given: Mapping[str, Any]) -> None:
        """Replace what is named.

        :raises ValueError: an unknown kind, or no number.
        """
        strangers = sorted(set(given) - set(KINDS))
        if strangers:
            raise ValueError(f"unknown: {', '.join(strangers)}; known: {', '.join(KINDS)}")
        if any(isinstance(n, bool) or not isinstance(n, int | float) or n < 0 for n in given.values()):
            raise ValueError("every fault takes a number from 0 on")
        for kind, number in given.items():
            if kind in ("error", "fail"):
                self._coded[kind] = (int(number), int(given.get("count", 1)))
            elif kind != "count":
                self._left[kind] = float(number)

    def clear(self) -> None:
        """All is well again."""
        self._left.clear()
        self._coded.clear()

    def strike(self, kind: str) -> bool:
        """Whether it happens now; counts down."""
        left = self._left.get(kind, 0.0)
        happens = left >= 1 or (left > 0 and self._random.random() < left)
        if happens:
            self._hit[kind] += 1
            self._left[kind] = left - 1 if left >= 1 else left
        return happens

    def of(self, kind: str) -> float:
        """The figure that is set, without counting down."""
        return self._left.get(kind, 0.0)

    def code(self, kind: str) -> int | None:
        """The Twilio code of ``error`` or ``fail``, if it happens now; counts down."""
        code, left = self._coded.get(kind, (0, 0))
        if left < 1:
            return None
        self._coded[kind] = (code, left - 1)
        self._hit[kind] += 1
        return code

    def to_json(self) -> dict[str, Any]:
        """What is set, what happened, and what was wrongly taken."""
        coded = {kind: code for kind, (code, left) in self._coded.items() if left}
        return {"set": {**self._left, **coded}, "hit": dict(self._hit), "forged_taken": self.forged_taken}

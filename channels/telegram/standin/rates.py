"""How fast a bot may write (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this)."""

from __future__ import annotations

import math
import time


class Rates:
    """A bucket per chat and one for the bot: a burst is let through, then so many a second."""

    def __init__(self, chat_rate: float, chat_burst: int, bot_rate: float) -> None:
        self._chat = (chat_rate, float(chat_burst))
        self._bot = (bot_rate, max(bot_rate, 1.0))
        self._levels: dict[int, tuple[float, float]] = {}

    def wait(self, chat: int) -> int:
        """Whole seconds to wait; 0: the message goes, and is counted. A rate of 0 means no limit."""
        now = time.monotonic()
        taken = {}
        for key, (rate, burst) in ((chat, self._chat), (0, self._bot)):
            if rate <= 0:
                continue
            level, at = self._levels.get(key, (burst, now))
            level = min(burst, level + (now - at) * rate)
            if level < 1:
                return max(1, math.ceil((1 - level) / rate))
            taken[key] = (level - 1, now)
        self._levels |= taken
        return 0

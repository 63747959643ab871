"""Not faster than a provider allows: so many messages a second per account, and per chat."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic

_REMEMBERED = 10_000


class Pace:
    """Gives every message its moment. Each worker process keeps its own count; the provider's "slow down" is the last word."""

    def __init__(
        self, now: Callable[[], float] = monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._free: OrderedDict[str, float] = OrderedDict()
        """From when on the next message may leave, by account and by chat."""

    async def turn(self, account: str, rate_per_s: float, chat: str, chat_rate_per_s: float) -> None:
        """Wait for the moment of one message: the chat's first, so that one person's wait is nobody else's."""
        await self._next(chat, chat_rate_per_s)
        await self._next(account, rate_per_s)

    async def _next(self, name: str, rate_per_s: float) -> None:
        now = self._now()
        moment = max(now, self._free.get(name, now))
        self._free[name] = moment + 1 / rate_per_s
        self._free.move_to_end(name)
        while len(self._free) > _REMEMBERED:
            self._free.popitem(last=False)
        if moment > now:
            await self._sleep(moment - now)

"""How many event streams may be open in one process: of one session, of one address, of all."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.web.public.limits import TooMany

FULL_S = 15.0
"""After which a client comes again that found no room; meanwhile it fetches its messages."""


@dataclass
class Streams:
    """Who comes back always gets in: of one session the oldest stream goes. A telephone that lost its connection is noticed
    minutes later, and must not stand in its own way.
    """

    of_session: int = 6
    """Tabs and devices that one token is open in."""
    of_address: int = 1000
    of_all: int = 5000
    _tasks: defaultdict[str, list[asyncio.Task[Any]]] = field(default_factory=lambda: defaultdict(list))
    _addresses: Counter[str] = field(default_factory=Counter)
    open: int = 0
    """How many there are."""

    @contextmanager
    def one(self, session: str, address: str | None) -> Iterator[None]:
        """While the running task is a stream.

        :raises TooMany: this address, or this process, has no room.
        """
        task = asyncio.current_task()
        assert task is not None
        tasks = self._tasks[session]
        if len(tasks) < self.of_session and not self._room(address):
            self._forget(session)
            raise TooMany(FULL_S)
        while len(tasks) >= self.of_session:
            tasks.pop(0).cancel()
        tasks.append(task)
        self.open += 1
        if address is not None:
            self._addresses[address] += 1
        try:
            yield
        finally:
            self.open -= 1
            if task in tasks:
                tasks.remove(task)
            self._forget(session)
            if address is not None:
                self._addresses[address] -= 1
                if not self._addresses[address]:
                    del self._addresses[address]

    def _room(self, address: str | None) -> bool:
        return self.open < self.of_all and (address is None or self._addresses[address] < self.of_address)

    def _forget(self, session: str) -> None:
        if not self._tasks.get(session):
            self._tasks.pop(session, None)

    async def end(self, _: web.Application) -> None:
        """Open streams would hold a stop for a minute; clients come back to another gateway, or this one restarted."""
        for tasks in tuple(self._tasks.values()):
            for task in tuple(tasks):
                task.cancel()


STREAMS = web.AppKey("streams", Streams)

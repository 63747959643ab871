"""Does what is due at outside desks, and asks them for news; woken by NOTIFY, else every few seconds. Any number of workers may."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

from bot.ports import Media
from bot.storage.outside import News, OutsideQueue
from bot.storage.pg import DatabaseAway, listen
from bot.storage.tx_outside import WAKES
from bot.usecases.deps import Deps
from bot.usecases.handoff_outside_do import run_due
from bot.usecases.handoff_outside_hear import hear
from bot.usecases.store_outside import OutsideDue

log = logging.getLogger(__name__)

EVERY_S = 2.0
NONE_S = 60.0
"""Without a desk only what an earlier one had is looked after: our own console gets it."""
SLOTS = 8
"""Calls to desks that one worker process makes at the same time."""


class OutsideWorker:
    """Works until cancelled."""

    def __init__(
        self, deps: Deps, queue: OutsideQueue, database_url: str, media: Media | None, every_s: float = EVERY_S
    ) -> None:
        self._deps = deps
        self._queue = queue
        self._url = database_url
        self._media = media
        self._every_s = every_s
        self._wake = asyncio.Event()
        self._flying: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """A slow desk keeps its own slots busy and nothing else waiting."""
        every_s = self._every_s if self._deps.desks else NONE_S
        ears = asyncio.create_task(listen(self._url, (WAKES,), lambda *_: self._wake.set(), self._wake.set))
        try:
            while True:
                try:
                    await self._begin()
                except DatabaseAway:
                    log.warning("outside desks cannot be looked after: the database is away")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), every_s)
                self._wake.clear()
        finally:
            ears.cancel()
            for task in self._flying:
                task.cancel()

    async def settle(self) -> int:
        """Do what is due now, to its end; returns how much was tried."""
        tried = 0
        while begun := await self._begin():
            tried += begun
            await asyncio.gather(*self._flying)
        return tried

    async def _begin(self) -> int:
        now, free = self._deps.now(), SLOTS - len(self._flying)
        await self._queue.sweep(now)
        dues = await self._queue.claim(free, now) if free > 0 else []
        free -= len(dues)
        news = await self._queue.news(free, now) if free > 0 else []
        for work in [*(self._do(due) for due in dues), *(self._hear(one) for one in news)]:
            self._start(work)
        return len(dues) + len(news)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _do(self, due: OutsideDue) -> None:
        try:
            settled = await run_due(self._deps, due)
            now = self._deps.now()
            await self._queue.settle(due, settled.state, now, delay=settled.delay, code=settled.code)
        except Exception:  # the database: its lease ends, and somebody else does it
            log.exception("what is due at an outside desk broke off", extra={"ticket": str(due.ticket_id)})
            return
        self._wake.set()  # the next line of the same ticket

    async def _hear(self, news: News) -> None:
        try:
            await hear(self._deps, self._media, news.ticket_id, news.claimed, news.failures)
        except Exception:  # it comes again after a minute
            log.exception("news of an outside desk broke off", extra={"ticket": str(news.ticket_id)})

"""Puts in the jobs that come by themselves when their time has come, also after the clock went back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.periodic import PeriodicDeferrer, PeriodicRegistry

log = logging.getLogger(__name__)

SOON_S = 5.0
"""A time so little ahead is that of a machine whose clock is a bit faster."""
_AGAIN_S = 5.0
_FORGET = "delete from procrastinate_periodic_defers where defer_timestamp > %(latest)s"


class Ticker(PeriodicDeferrer):
    """In place of procrastinate's own, which puts nothing in until the clock stands again where it stood: an hour without errands,
    polls and deletions where it went back by one. Any number of workers may: a time is taken once, by the database.
    """

    def __init__(self, app: procrastinate.App, now: Callable[[], float] = time.time) -> None:
        """Takes the schedules over: the worker of ``app`` finds none to look after."""
        super().__init__(app.periodic_registry)
        app.periodic_registry = PeriodicRegistry()  # type: ignore[no-untyped-call]
        self._app = app
        self._now = now
        self._began = False

    async def worker(self) -> None:
        """Tick until cancelled."""
        while True:
            try:
                await self.tick()
            except ConnectorException:
                log.warning("periodic jobs cannot be put in: the database is away")
                await asyncio.sleep(_AGAIN_S)
            await self.wait(self.get_next_tick(at=self._now()))

    async def tick(self) -> None:
        """Put in what has come due since the last time."""
        now = self._now()
        if not self._began or max(self.last_defers.values(), default=0) > now + SOON_S:
            # Times that are still to come were taken while the clock was ahead: they are to count once more.
            self.last_defers.clear()
            await self._app.connector.execute_query_async(_FORGET, latest=int(now + SOON_S))
            self._began = True
        await self.defer_jobs(list(self.get_previous_tasks(at=now)))

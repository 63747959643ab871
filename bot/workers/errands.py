"""Pokes the errands job as soon as an errand becomes due; without it the job's own schedule finds the row."""

from __future__ import annotations

import asyncio
import contextlib

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from bot.storage.pg import listen


class ErrandWorker:
    """Listens, and defers the job."""

    def __init__(self, jobs: procrastinate.App, database_url: str) -> None:
        self._jobs = jobs
        self._url = database_url
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        ears = asyncio.create_task(listen(self._url, ("loket_errand",), lambda *_: self._wake.set(), self._wake.set))
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                with contextlib.suppress(AlreadyEnqueued):
                    await self._jobs.configure_task("errands", queueing_lock="errands").defer_async()
        finally:
            ears.cancel()

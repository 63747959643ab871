"""Does errands: pokes the job as soon as one becomes due, and runs what is claimed, refilling as each one ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from bot import tracing
from bot.domain.conversation import Due
from bot.storage.errands import ErrandQueue
from bot.storage.pg import listen
from bot.usecases.deps import Deps
from bot.usecases.errands import run_errand
from bot.workers.figures import ERRANDS

log = logging.getLogger(__name__)

SLOTS = 16
"""Errands that one worker process does at the same time; each agency has only a part of them (``bot/storage/errands.py``)."""


class ErrandWorker:
    """Listens, and defers the job; without it the job's own schedule finds the row."""

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


class ErrandRunner:
    """The errands of one process. Several jobs may call :meth:`run`; one does the work, the others only wake it."""

    def __init__(self, deps: Deps, queue: ErrandQueue, slots: int = SLOTS) -> None:
        self._deps = deps
        self._queue = queue
        self._slots = slots
        self._running = False
        self._again = False

    async def run(self) -> int:
        """Do what is due until nothing is; returns how many errands were tried."""
        self._again = True
        if self._running:
            return 0
        self._running = True
        tried = 0
        flying: set[asyncio.Task[None]] = set()
        try:
            await self._queue.sweep(self._deps.now())
            while self._again or flying:
                self._again = False
                claimed = await self._claim(len(flying))
                tried += len(claimed)
                flying |= {asyncio.create_task(self._one(due)) for due in claimed}
                if flying:
                    done, flying = await asyncio.wait(flying, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
                    # Looked at again also while slow ones are on their way: something else may have become due.
                    self._again = bool(done or flying)
        finally:
            self._running = False
            for task in flying:
                task.cancel()
        return tried

    async def _claim(self, flying: int) -> list[Due]:
        free = self._slots - flying
        return await self._queue.claim(free, self._deps.now()) if free > 0 else []

    async def _one(self, errand: Due) -> None:
        try:
            about = {"verb": errand.verb, "agency": errand.agency, "case": errand.case_id, "attempt": errand.attempts}
            with tracing.process("errands", errand.trace, **about) as span:
                state, delay_s, code = await run_errand(self._deps, errand)
                span.put(outcome=state, error=code)
            ERRANDS.labels(errand.verb.partition("-")[0], state).inc()
            await self._queue.settle(errand, state, self._deps.now(), delay_s=delay_s, error_code=code)
        except Exception:  # the database: its lease ends, and somebody else does it
            log.exception("errand broke off", extra={"case": str(errand.case_id), "verb": errand.verb})


async def do_errands(deps: Deps, queue: ErrandQueue) -> int:
    """Do what is due now; returns how many errands were tried."""
    return await ErrandRunner(deps, queue).run()

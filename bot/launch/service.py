"""The order in which the service comes up, and its one life: start, stay, stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot.errors import LoketError
from bot.launch.health import http_status, listening
from bot.launch.process import Program, signal_group, spawn
from bot.launch.programs import Programs
from bot.launch.supervisor import BackOff, Supervisor
from bot.launch.vardir import VarDir
from bot.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 5
"""So many failed starts in a row of one program, and a service that never was ready gives up."""
PROGRESS_EVERY_S = 10.0
PICTURES_GRACE_S = 30.0


class StartFailed(LoketError):
    """The service could not be brought up; the message says which part and what to do."""

    code = "start_failed"


class Service:
    """Everything of one ``./loket run``."""

    def __init__(self, settings: Settings, var: VarDir, make: Callable[[Settings], Programs] = Programs) -> None:
        self._settings = settings
        self._var = var
        self._make = make
        self._programs = make(settings)
        self._supervisor = Supervisor(BackOff(), self._note)
        self._shots: dict[str, int] = {}
        self._stop = asyncio.Event()
        self._began = time.monotonic()

    async def run(self, ready: Callable[[Settings], None]) -> int:
        """Start all, call ``ready`` once the first message can be answered, stay until a signal, stop all.

        :raises StartFailed: something does not come up.
        """
        self._listen_to_signals()
        try:
            if await self._unless_stopped(self._start()):
                log.info("siap / ready", extra={"after_s": self._elapsed()})
                ready(self._settings)
                await self._stop.wait()
        finally:
            log.info("menghentikan semua / stopping everything")
            await self._supervisor.stop()
            self._var.forget_state()
        return 0

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self._stop.is_set():  # asked twice: no more grace
            self._supervisor.kill()
        self._stop.set()

    async def _unless_stopped(self, work: Awaitable[T]) -> bool:
        """Whether ``work`` was done before somebody asked to stop."""
        task = asyncio.ensure_future(work)
        waiter = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((task, waiter), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            return task.done() and not self._stop.is_set()
        finally:
            waiter.cancel()
            task.cancel()
            with contextlib.suppress(BaseException):
                await task

    # -- coming up ----------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        """All that can be at the same time is; Rasa takes longest and waits for nothing but its model."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._start_dialogue())
                group.create_task(self._start_database())
                if self._settings.demo:
                    self._supervisor.start(self._programs.sandbox())
                pictures = group.create_task(self._fetch_pictures())
                await self._wait_until_ready()
                # A slow network does not hold up the service: the next start tries again.
                await asyncio.wait((pictures,), timeout=PICTURES_GRACE_S)
                pictures.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    async def _start_dialogue(self) -> None:
        log.info("memeriksa model Rasa / looking for a Rasa model that fits the content")
        model = Path((await self._shot(self._programs.model())).strip().splitlines()[-1])
        self._supervisor.start(self._programs.rasa(model))

    async def _fetch_pictures(self) -> None:
        program = self._programs.pictures()
        if program is not None:
            with contextlib.suppress(StartFailed):  # it has said why; the service does without
                await self._shot(program)

    async def _start_database(self) -> None:
        embedded = self._programs.postgres()
        if embedded is not None:
            log.info("menyiapkan PostgreSQL / preparing PostgreSQL")
            program = await asyncio.to_thread(embedded.prepare)
            self._supervisor.start(program, base=True)
            while not await asyncio.to_thread(embedded.ready):  # noqa: ASYNC110 (another process: only asking tells)
                await asyncio.sleep(0.05)
            self._settings = self._settings.but(database_url=embedded.url())
            self._programs = self._make(self._settings)
        log.info("memperbarui skema basis data / bringing the database schema up to date")
        await self._shot(self._programs.migrate())
        self._programs.forget_figures()
        self._supervisor.start(self._programs.gateway())
        self._supervisor.start(self._programs.worker())

    async def _shot(self, program: Program) -> str:
        """Run a program that ends by itself; returns its output.

        :raises StartFailed: it failed.
        """
        process = await spawn(program, answer=True)
        self._shots[program.name] = process.pid
        self._note()
        try:
            output, _ = await process.communicate()
        finally:
            signal_group(process.pid, signal.SIGKILL)
            del self._shots[program.name]
        self._note()
        if process.returncode != 0:
            raise StartFailed(
                f"Langkah '{program.name}' gagal; sebabnya ada di baris-baris di atas. Coba ./loket doctor. / "
                f"The step '{program.name}' failed; the lines above say why. Try ./loket doctor."
            )
        return output.decode()

    async def _wait_until_ready(self) -> None:
        told = self._began
        while not await http_status(self._settings.port, "/healthz/ready", self._settings.host) == 200:
            self._give_up_on_failures()
            if time.monotonic() - told >= PROGRESS_EVERY_S:
                told = time.monotonic()
                log.info(
                    "belum siap / not ready yet",
                    extra={"waiting_for": await self._missing(), "after_s": self._elapsed()},
                )
            await asyncio.sleep(0.25)

    def _give_up_on_failures(self) -> None:
        for name, child in self._supervisor.children.items():
            if child.failures >= PATIENCE:
                raise StartFailed(
                    f"'{name}' berkali-kali gagal dijalankan. {child.last_line} Coba ./loket doctor. / "
                    f"'{name}' failed to start again and again. Try ./loket doctor."
                )

    async def _missing(self) -> str:
        parts = {"rasa": self._settings.rasa_port, "gateway": self._settings.port}
        down = [name for name, port in parts.items() if not await listening(port)]
        return ", ".join([*self._shots, *down]) or "gateway"

    def _note(self) -> None:
        """Write down what runs, for other commands and for a run after a crash."""
        pids = {name: child.pid for name, child in self._supervisor.children.items() if child.pid is not None}
        self._var.write_state(
            {**pids, **self._shots},
            database_url=self._settings.database_url,
            url=self._settings.public_url,
            sandbox_url=self._settings.sandbox_url,
            rasa_url=self._settings.rasa_url,
            internal_url=self._settings.internal_url,
        )

    def _elapsed(self) -> float:
        return round(time.monotonic() - self._began, 1)

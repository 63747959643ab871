"""What lies between "kirim" and an agency, on this machine: PostgreSQL, the sandbox, a gateway for pushes and two workers. No Rasa.

Everything that is killed is started again by its supervisor; a file moves the clock of all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, cast

from bot.bench.machine import free_port
from bot.clock import SystemClock
from bot.content import load_catalogue
from bot.launch.health import http_status
from bot.launch.ports import settle
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.process import Program, spawn
from bot.launch.programs import Programs
from bot.launch.run import with_secrets
from bot.launch.supervisor import BackOff, Supervisor
from bot.launch.vardir import VarDir
from bot.office_days import indonesian_holidays
from bot.settings import Settings
from bot.storage.crypto import KeyRing
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.texts import YamlTexts
from bot.usecases.deps import Deps

_READY_S = 120.0


class Desks:
    """Start it with ``async with``.

    :param var: a folder of its own; root's PostgreSQL must be able to pass through the folders above
    """

    def __init__(self, var: Path, content: Path) -> None:
        self._clock_file = var / "clock"
        var.mkdir(parents=True, exist_ok=True)
        folder = VarDir(var)
        folder.run.mkdir(parents=True, exist_ok=True)
        plain = Settings.from_env(
            {
                "LOKET_VAR_DIR": str(var),
                "LOKET_CONTENT_DIR": str(content),
                "LOKET_DEMO": "1",
                "LOKET_CLOCK_FILE": str(self._clock_file),
                "LOKET_RASA_URL": f"http://127.0.0.1:{free_port()}",  # nobody talks here
                "LOKET_LOG_FORMAT": "json",
                "LOKET_LOG_LEVEL": "error",
                "LOKET_POSE_MODEL": "0",
            }
        )
        self.settings = settle(with_secrets(plain, folder))
        self._shift = 0.0
        self._postgres = EmbeddedPostgres(var / "postgres")
        self._children = Supervisor(BackOff(first=0.3, most=2.0))

    async def __aenter__(self) -> Desks:
        self.move(0)
        self._children.start(await asyncio.to_thread(self._postgres.prepare), base=True)
        while not await asyncio.to_thread(self._postgres.ready):  # noqa: ASYNC110 (another process: only asking tells)
            await asyncio.sleep(0.05)
        self.settings = self.settings.but(database_url=self._postgres.url())
        programs = Programs(self.settings)
        await _run(programs.migrate())
        programs.forget_figures()
        worker = programs.worker()
        for program in (programs.sandbox(), programs.gateway(), worker, replace(worker, name="worker-2")):
            self._children.start(program)
        await self._ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._children.stop()

    async def _ready(self) -> None:
        end = monotonic() + _READY_S
        for port, path in ((self.settings.port, "/healthz/live"), (self.settings.sandbox_port, "/petugas/dukcapil")):
            while await http_status(port, path) != 200:
                if monotonic() > end:
                    raise TimeoutError(f"not ready: {path}")
                await asyncio.sleep(0.2)

    def move(self, seconds: float) -> None:
        """The clock of all processes goes forward."""
        self._shift += seconds
        part = self._clock_file.with_suffix(".part")
        part.write_text(str(self._shift))
        part.replace(self._clock_file)

    def kill(self, name: str) -> bool:
        """SIGKILL; False when it does not run just now."""
        child = self._children.children.get(name)
        if child is None or child.pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
            return True
        return False

    @asynccontextmanager
    async def deps(self) -> AsyncIterator[Deps]:
        """What use cases are given, to hand applications in with; nothing to talk or to look at faces with."""
        catalogue = load_catalogue(self.settings.content_dir)
        db = engine(self.settings.database_url, pool=8)
        nobody = cast(Any, None)
        try:
            yield Deps(
                store=PgStore(db, KeyRing(self.settings.keys)),
                clock=SystemClock(self._clock_file),
                texts=YamlTexts(self.settings.content_dir / "messages"),
                catalogue=lambda: catalogue,
                dialogue=nobody,
                agencies={},
                faces=nobody,
                holiday=indonesian_holidays(),
            )
        finally:
            await db.dispose()

    def cases_at(self, agency: str) -> list[tuple[str, str, str]]:
        """(agency's number, our reference, state) of every case that the stand-in has taken."""
        file = self.settings.sandbox_dir / f"{agency}.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
            return list(db.execute("select ref, reference, state from cases order by rowid"))


async def _run(program: Program) -> None:
    """A program that ends by itself.

    :raises RuntimeError: it failed.
    """
    process = await spawn(program)
    if await process.wait():
        raise RuntimeError(f"{program.name} failed")

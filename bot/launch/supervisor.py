"""Keeps programs running: starts, restarts with back-off, stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.launch.process import Program, signal_group, spawn

log = logging.getLogger(__name__)

LONGEST_LINE = 2000
"""So many bytes of a line of a foreign program are passed on."""


@dataclass(frozen=True)
class BackOff:
    """Pauses between two starts of a program that dies: ``first``, doubled each time up to ``most`` seconds.

    A program that ran for ``steady`` seconds starts again with ``first``.
    """

    first: float = 0.5
    most: float = 30.0
    steady: float = 60.0

    def after(self, failures: int) -> float:
        """The pause after so many failures in a row (1 or more)."""
        return min(self.first * 2.0 ** min(failures - 1, 16), self.most)


class Child:
    """One program, started again whenever it ends, until :meth:`stop`."""

    def __init__(self, program: Program, backoff: BackOff, changed: Callable[[], None]) -> None:
        self.program = program
        self.failures = 0
        """Ends in a row that nobody asked for, each soon after the start."""
        self.started_at = 0.0
        self.last_line = ""
        """What a foreign program said last."""
        self._backoff = backoff
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"child {program.name}")

    @property
    def pid(self) -> int | None:
        """The running process, or None between two starts."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def stop(self) -> None:
        """Ask for a clean end, wait for the grace time, kill what is left of the group. Safe to call twice."""
        self._stopping.set()
        process = self._process
        if process is not None and process.returncode is None:
            signal_group(process.pid, self.program.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.program.grace_s)
            except TimeoutError:
                log.info("killed at the end of its grace time", extra={"program": self.program.name})
                signal_group(process.pid, signal.SIGKILL)
        await self._task

    def kill(self) -> None:
        """End the group at once."""
        self._stopping.set()
        if self.pid is not None:
            signal_group(self.pid, signal.SIGKILL)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            code = await self._once()
            if self._stopping.is_set():
                return
            steady = time.monotonic() - self.started_at >= self._backoff.steady
            self.failures = 1 if steady else self.failures + 1
            pause = self._backoff.after(self.failures)
            log.warning("died, starting it again", extra={"program": self.program.name, "exit": code, "pause_s": pause})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _once(self) -> int:
        self.started_at = time.monotonic()
        try:
            process = self._process = await spawn(self.program)
        except OSError as error:
            log.error("cannot be started", extra={"program": self.program.name, "reason": error.strerror})
            return 127
        log.info("started", extra={"program": self.program.name, "pid": process.pid})
        self._changed()
        if self._stopping.is_set():  # stop() came while the process was being made
            signal_group(process.pid, self.program.stop_signal)
        if process.stdout is not None:
            await self._pass_on(process.stdout)
        code = await process.wait()
        signal_group(process.pid, signal.SIGKILL)  # whatever it left behind in its group
        self._changed()
        return code

    async def _pass_on(self, stream: asyncio.StreamReader) -> None:
        """A foreign program's lines as log lines of ours, scrubbed like all others."""
        name = self.program.name
        while True:
            try:
                raw = await stream.readline()
            except ValueError:  # longer than the limit; asyncio has dropped it
                continue
            if not raw:
                return
            line = raw[:LONGEST_LINE].decode(errors="replace").rstrip()
            if line:
                self.last_line = line
                log.log(_level(line), "%s", line, extra={"component": name})


def _level(line: str) -> int:
    """How important a line of a foreign program is."""
    head = line[:160]
    if any(word in head for word in ("ERROR", "CRITICAL", "FATAL", "PANIC", "Traceback")):
        return logging.ERROR
    return logging.WARNING if "WARNING" in head else logging.DEBUG


class Supervisor:
    """All children of one service. The last one added is the first to be stopped, except those added as a ``base``."""

    def __init__(self, backoff: BackOff | None = None, changed: Callable[[], None] | None = None) -> None:
        self._backoff = backoff or BackOff()
        self._changed = changed or (lambda: None)
        self._base: dict[str, Child] = {}
        self._others: dict[str, Child] = {}

    @property
    def children(self) -> dict[str, Child]:
        """Every child by name."""
        return {**self._base, **self._others}

    def start(self, program: Program, *, base: bool = False) -> Child:
        """Start and keep ``program``; what the others stand on is a ``base`` and is stopped last."""
        child = Child(program, self._backoff, self._changed)
        (self._base if base else self._others)[program.name] = child
        return child

    async def stop(self) -> None:
        """Stop all: first the others, all at once, then the base."""
        await asyncio.gather(*(child.stop() for child in self._others.values()))
        await asyncio.gather(*(child.stop() for child in self._base.values()))

    def kill(self) -> None:
        """End everything at once, without any grace."""
        for child in self.children.values():
            child.kill()

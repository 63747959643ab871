"""A whole service with stand-ins, run as a process of its own, and ways to watch it."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psutil

from bot.settings import ROOT

FAKE_RUN = Path(__file__).with_name("fake_run.py")
PATIENCE_S = 60.0


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """The first true outcome of ``condition``; the limit is only there to end a broken test."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        outcome = condition()
        if outcome:
            return outcome
        time.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


def alive(pid: int) -> bool:
    """Whether the process is there and is more than a name in the table."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """One running (or refused) service."""

    def __init__(self, var: Path, port: int, **env: str) -> None:
        self.var = var
        self.port = port
        plain = {name: value for name, value in os.environ.items() if not name.startswith("LOKET_")}
        self.process = subprocess.Popen(
            [sys.executable, str(FAKE_RUN)],
            env={**plain, "PYTHONPATH": str(ROOT), "LOKET_VAR_DIR": str(var), "LOKET_PORT": str(port), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: queue.Queue[str] = queue.Queue()
        self.err: list[str] = []
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.out.put), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.err.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: IO[str], keep: Callable[[str], None]) -> None:
        for line in stream:
            keep(line.rstrip("\n"))

    def ready(self) -> str:
        """The first line of standard output."""
        wait_for(lambda: not self.out.empty() or self.process.poll() is not None, "ready")
        try:
            return self.out.get(timeout=1)
        except queue.Empty:
            raise AssertionError("never ready:\n" + self.said()) from None

    def grandchild(self) -> int:
        """The child that the worker's stand-in has."""
        file = self.var / "grandchild"
        return int(wait_for(lambda: file.exists() and file.read_text(), "the worker has a child"))

    def pids(self) -> dict[str, int]:
        """What runs now, as the service noted it."""
        try:
            state = json.loads((self.var / "run" / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return {name: child["pid"] for name, child in state["children"].items()}

    def family(self) -> list[int]:
        """Every process below the supervisor."""
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end; returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join(5)
        return code

    def said(self) -> str:
        """All of standard error, after the end."""
        self.process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join(5)
        return "\n".join(self.err)

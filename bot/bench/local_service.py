"""A whole Loket of its own, as `./loket run` starts it, in a folder of its own and on free ports. Tests use it, too."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from bot.errors import LoketError
from bot.settings import PREFIX, ROOT, environment

SUPERVISOR = "supervisor"


class ServiceFailed(LoketError):
    """The service did not come up; the message ends with what it said."""

    code = "bench_service"


class LocalService:
    """One `./loket run`.

    :param var_dir: its folder; root's PostgreSQL runs under another account, which must be able to pass through
        the folders above
    :param root: the source of the Loket that is started
    :param settings: more settings, by their name in the environment
    """

    def __init__(self, var_dir: Path, *, root: Path | str = ROOT, **settings: str) -> None:
        self.var_dir = var_dir
        self._root = Path(root)
        self.log_file = var_dir / "loket.log"
        self.url = ""
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._out: queue.Queue[str] = queue.Queue()

    # -- life -------------------------------------------------------------------------------------------------------

    def start(self, limit_s: float = 300.0) -> LocalService:
        """Start, and wait for "Loket siap".

        :raises ServiceFailed: it ended, or takes longer than ``limit_s`` seconds.
        """
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = self._spawn(log)
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        end = time.monotonic() + limit_s
        while time.monotonic() < end and not self.url:
            try:
                self._heard(self._out.get(timeout=0.5))
            except queue.Empty:
                if self._process.poll() is not None:
                    break
        if not self.url:
            self.stop()
            raise ServiceFailed(f"Loket tidak siap / not ready:\n{self.log[-3000:]}")
        return self

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[str]:
        plain = {name: value for name, value in environment().items() if not name.startswith(PREFIX)}
        env = {**plain, "PYTHONPATH": str(self._root), "LOKET_LOG_FORMAT": "json", **self._settings}
        command = [sys.executable, "-P", "-m", "bot", "run", "--port", "0", "--var-dir", str(self.var_dir)]
        return subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self._root
        )

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._out.put(line)

    def _heard(self, line: str) -> None:
        head, _, url = line.partition("siap: ")
        if head == "Loket ":
            self.url = url.strip()

    def stop(self) -> int | None:
        """Ask for a clean end and wait for it. Safe to call twice; returns the exit code."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGTERM)  # asked twice: without grace
                self._process.wait(30)
        return self._process.returncode

    def __enter__(self) -> LocalService:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- what is known of it ----------------------------------------------------------------------------------------

    @property
    def log(self) -> str:
        """Everything its processes wrote so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def state(self) -> dict[str, Any]:
        """What the supervisor noted: addresses (``database_url``, ``rasa_url``, ``internal_url``, …) and ``children``."""
        try:
            found = json.loads((self.var_dir / "run" / "state.json").read_text())
        except (OSError, ValueError):  # between two versions of the file, or not there yet
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name: ``postgres``, ``gateway``, ``worker``, ``rasa``, ``sandbox``; without those between two starts."""
        return {name: int(child["pid"]) for name, child in self.state.get("children", {}).items()}

    @property
    def keys(self) -> str:
        """The key ring of this installation, to open what it stored."""
        return (self.var_dir / "keys").read_text().strip()

"""A real Rasa server on loopback for tests, and the gateway's internal listener in a thread of this process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from aiohttp import web

from actions.registry import all_actions
from bot.settings import ROOT
from bot.usecases.steps import Outcome, StepCall, StepResult
from bot.web.internal import internal_app

RASA_FILES = ROOT / "bot" / "dialogue" / "rasa"
ASK = "action_ask_service_form_service_answer"
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ScriptedSteps:
    """Steps that do nothing but what the test says: ``outcomes[action]`` is taken from, in order.

    ``asks``: where the form asks on after a step, that is said with the step, as the gateway does.
    """

    asks: bool = False
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    calls: list[StepCall] = field(default_factory=list)

    async def run(self, call: StepCall) -> StepResult:
        self.calls.append(call)
        if call.action in self.errors:
            raise self.errors[call.action]
        script = self.outcomes.get(call.action)
        outcome = script.pop(0) if script else self._usual(call)
        silent = outcome in (Outcome.NEXT, Outcome.INTERRUPT, Outcome.OPEN_FORM)
        asked = call.then(ASK).ref if self.asks and self._asks_on(call, outcome) else None
        return StepResult(call.ref, not silent, outcome, asked)

    @staticmethod
    def _asks_on(call: StepCall, outcome: Outcome) -> bool:
        if call.action == "validate_service_form":
            return outcome in (Outcome.NEXT, Outcome.INVALID)
        return outcome is Outcome.OPEN_FORM or (call.form_active and outcome is Outcome.DONE)

    @staticmethod
    def _usual(call: StepCall) -> Outcome:
        if call.action == "action_start_application":
            return Outcome.OPEN_FORM
        if call.action == "validate_service_form":
            return Outcome.NEXT if call.intent == "answer" else Outcome.INTERRUPT
        return Outcome.DONE

    def reset(self) -> None:
        self.asks = False
        self.outcomes.clear()
        self.errors.clear()
        self.calls.clear()

    @property
    def said(self) -> list[tuple[int, str]]:
        """Ordinal and action of every call so far."""
        return [(call.ordinal, call.action) for call in self.calls]


class InternalListener:
    """The internal application on a port of its own, in its own thread and event loop."""

    def __init__(self, steps: ScriptedSteps) -> None:
        self._steps = steps
        self.offered: tuple[str, bytes] | None = None
        """Hash and bytes of the model that is published."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = free_port()
        self._runner: web.AppRunner | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _start(self) -> None:
        app = internal_app(all_actions(self._steps))
        app.router.add_get("/models/live", self._live)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def _live(self, request: web.Request) -> web.Response:
        """As bot/web/models.py."""
        if self.offered is None:
            return web.Response(status=204)
        tag = f'"{self.offered[0]}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        return web.Response(body=self.offered[1], headers={"ETag": tag})

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


class RasaServer:
    """One Rasa process. ``log`` is everything it wrote."""

    def __init__(self, rasa_python: Path, model: Path, internal_url: str, log: Path) -> None:
        self._python = rasa_python
        self._model = model
        self._internal_url = internal_url
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start and wait until turns can be run."""
        with self._log.open("ab") as out:
            self._process = self._spawn(out)
        self._wait()

    def kill(self) -> None:
        """As a crash does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def _spawn(self, out: IO[bytes]) -> subprocess.Popen[bytes]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        env = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "LOKET_INTERNAL_URL": self._internal_url,
            "RASA_TELEMETRY_ENABLED": "false",
            "LOG_LEVEL": "WARNING",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        command = [
            *(str(self._python), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(self.port)),
            *("-m", str(self._model), "--endpoints", str(RASA_FILES / "endpoints.yml")),
            *("--credentials", str(RASA_FILES / "credentials.yml")),
        ]
        return subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"Rasa ended:\n{self.log[-3000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/webhooks/loket/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise RuntimeError(f"Rasa did not become ready:\n{self.log[-3000:]}")

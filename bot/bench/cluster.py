"""Two gateways, two workers and two Rasa servers on one PostgreSQL, behind a load balancer, on this machine.

One of each is a real `./loket run`; the second ones are started beside it with the same settings, as another machine would start
them. Everything that is killed is started again by its supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic

from bot.bench.balancer import Balancer
from bot.bench.local_service import LocalService
from bot.bench.machine import free_port
from bot.launch.health import http_status
from bot.launch.programs import Programs
from bot.launch.run import with_phones, with_secrets
from bot.launch.supervisor import BackOff, Supervisor
from bot.launch.vardir import VarDir
from bot.settings import PREFIX, ROOT, Settings, environment

_SECOND = "-2"


class Cluster:
    """Start it with ``async with``.

    :param var_dir: of the `./loket run`
    :param model: the Rasa model, trained already
    :param more: further settings, by their name in the environment
    """

    def __init__(self, var_dir: Path, model: Path, more: Mapping[str, str]) -> None:
        self.balancer = Balancer(free_port())
        self._rasa_ports = (free_port(), free_port())
        urls = ",".join(f"http://127.0.0.1:{port}" for port in self._rasa_ports)
        self._given = {
            "LOKET_PUBLIC_URL": self.balancer.url,
            "LOKET_RASA_PORT": str(self._rasa_ports[0]),
            "LOKET_RASA_URL": urls,
            **more,
        }
        self._model = model
        self.service = LocalService(var_dir, **self._given)
        self._settings: Settings | None = None
        self._seconds = Supervisor(BackOff(first=0.3, most=2.0))

    async def __aenter__(self) -> Cluster:
        await self.balancer.start()
        await asyncio.to_thread(self.service.start)
        settings = self._settings = self._second_settings()
        programs = Programs(settings)
        # Metrics are those of the first half: both would write into the same folder.
        for program in (programs.gateway(), programs.worker(), programs.rasa(self._model)):
            env = {name: value for name, value in program.env.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
            self._seconds.start(replace(program, name=program.name + _SECOND, env=env))
        self.balancer.targets = (self.service.url, settings.local_url)
        await self._ready(settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._seconds.stop()
        await asyncio.to_thread(self.service.stop)
        await self.balancer.stop()

    def _second_settings(self) -> Settings:
        state, var = self.service.state, VarDir(self.service.var_dir)
        env = {
            **self._given,
            "LOKET_VAR_DIR": str(self.service.var_dir),
            "LOKET_SPOOL_DIR": str(self.service.var_dir / "spool-2"),
            "LOKET_DATABASE_URL": state["database_url"],
            "LOKET_SANDBOX_URL": state["sandbox_url"],
            "LOKET_KEYS": self.service.keys,
            "LOKET_DEMO": "1",
            "LOKET_PORT": str(free_port()),
            "LOKET_INTERNAL_PORT": str(free_port()),
            "LOKET_RASA_PORT": str(self._rasa_ports[1]),
            "LOKET_LOG_FORMAT": "json",
        }
        return with_phones(with_secrets(Settings.from_env(env), var), var)

    async def _ready(self, settings: Settings, limit_s: float = 120.0) -> None:
        end = monotonic() + limit_s
        checks = ((settings.port, "/healthz/ready"), (self._rasa_ports[1], "/webhooks/loket/health"))
        for port, path in checks:
            while await http_status(port, path) != 200:
                if monotonic() > end:
                    raise TimeoutError(f"the second half of the cluster is not ready: {path}")
                await asyncio.sleep(0.3)

    @property
    def sandbox_url(self) -> str:
        """Where the stand-ins of agencies and channels are."""
        return str(self.service.state["sandbox_url"])

    def set_channels_up(self) -> None:
        """Make the channels' stand-ins know the balancer's address, as an operator makes the providers.

        :raises subprocess.CalledProcessError: it was not done.
        """
        assert self._settings is not None, "not started"
        env = {**{n: v for n, v in environment().items() if not n.startswith(PREFIX)}, **self._settings.to_env()}
        command = [sys.executable, "-P", "-m", "bot", "channel", "setup"]
        subprocess.run(command, env={**env, "PYTHONPATH": str(ROOT)}, check=True, stdout=sys.stderr, cwd=ROOT)

    def pid(self, name: str) -> int | None:
        """Of ``gateway``, ``gateway-2`` … or ``postgres``; None between two starts."""
        child = self._seconds.children.get(name)
        return child.pid if child is not None else self.service.pids.get(name)

    def kill(self, name: str) -> bool:
        """SIGKILL; False when it does not run just now."""
        pid = self.pid(name)
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

"""The programs that make up the service, built from the settings."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bot.launch import demo
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.process import Program
from bot.settings import PREFIX, ROOT, Settings, environment

# What Rasa may see of our environment: no key, no database, no secret. It has no business with personal data.
_RASA_INHERITS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
_RASA_ENV = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SANIC_WORKERS": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
    "LOG_LEVEL": "WARNING",  # below it Rasa logs the texts of messages
    "NO_COLOR": "1",
    "FORCE_COLOR": "0",
}
RASA_FILES = ROOT / "bot" / "dialogue" / "rasa"
"""Endpoints and credentials of the Rasa server."""
# The sandbox plays somebody else's servers: it gets what an agency would have, not what Loket has.
_NOT_FOR_SANDBOX = ("LOKET_KEYS", "LOKET_KEYS_FILE", "LOKET_SESSION_SECRET", "LOKET_DATABASE_URL")


def rasa_environment(settings: Settings) -> dict[str, str]:
    """The environment of every Rasa process."""
    outside = environment()
    inherited = {name: outside[name] for name in _RASA_INHERITS if name in outside}
    return {**inherited, **_RASA_ENV, "PYTHONPATH": str(ROOT), "LOKET_INTERNAL_URL": settings.internal_url}


class Programs:
    """Each program of the service; ``settings`` have all ports and secrets."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def postgres(self) -> EmbeddedPostgres | None:
        """The embedded server, or None where the settings name another one."""
        return None if self.settings.database_url else EmbeddedPostgres(self.settings.var_dir / "postgres")

    def migrate(self) -> Program:
        """Brings the schema up to date and ends."""
        return self._own("migrate")

    def forget_figures(self) -> None:
        """Drop what the processes of the last run counted: called once per run, before gateway and workers start."""
        shutil.rmtree(self._figures, ignore_errors=True)
        self._figures.mkdir(parents=True)

    @property
    def _figures(self) -> Path:
        """Gateway and workers each write their metrics here; the internal listener adds them up (bot/web/metrics.py)."""
        return self.settings.var_dir / "run" / "metrics"

    def model(self) -> Program:
        """Trains a model if none fits the content; prints its path as the only line of its output."""
        return self._own("train", name="model")

    def pictures(self) -> Program | None:
        """Fetches the pictures of the demo citizens and ends; None when there is nothing to fetch."""
        wanted = self.settings.demo and demo.missing(self.settings)
        return self._own("demo fetch", name="pictures") if wanted else None

    def gateway(self) -> Program:
        """Public and internal listener."""
        return self._own("serve", name="gateway", PROMETHEUS_MULTIPROC_DIR=str(self._figures))

    def worker(self) -> Program:
        """Inbox, outbox, jobs."""
        return self._own("worker", PROMETHEUS_MULTIPROC_DIR=str(self._figures))

    def sandbox(self) -> Program:
        """The agencies' stand-ins."""
        program = self._own("sandbox")
        env = {name: value for name, value in program.env.items() if name not in _NOT_FOR_SANDBOX}
        return Program(program.name, program.argv, env, program.cwd)

    def rasa(self, model: Path) -> Program:
        """Rasa with one model, on loopback."""
        argv = (
            *(str(self.settings.rasa_python), "-m", "rasa", "run", "--enable-api"),
            *("-i", "127.0.0.1", "-p", str(self.settings.rasa_port), "-m", str(model)),
            *("--endpoints", str(RASA_FILES / "endpoints.yml"), "--credentials", str(RASA_FILES / "credentials.yml")),
        )
        return Program("rasa", argv, rasa_environment(self.settings), ROOT, grace_s=3.0, foreign=True)

    def _own(self, command: str, name: str = "", **more: str) -> Program:
        outside = {key: value for key, value in environment().items() if not key.startswith(PREFIX)}
        env = {**outside, "PYTHONPATH": str(ROOT), **more, **self.settings.to_env()}
        return Program(name or command, (sys.executable, "-P", "-m", "bot", *command.split()), env, ROOT)

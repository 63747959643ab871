"""The small commands: one process of the service each, and what an operator needs around them."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime

import uvloop

from bot import tracing
from bot.errors import SettingsError
from bot.launch.vardir import new_key
from bot.settings import Settings, document, variable
from bot.storage.schema import refuse_misfit


def serve(args: argparse.Namespace, settings: Settings) -> int:
    """The gateway."""
    from bot import bootstrap

    _require(settings, "database_url", "keys", "internal_port", "rasa_url")
    refuse_misfit(settings.database_url)
    with tracing.exporting(settings.traces_url, settings.traces_share, "gateway"):
        uvloop.run(bootstrap.serve(settings))
    return 0


def worker(args: argparse.Namespace, settings: Settings) -> int:
    """Inbox, outbox and jobs."""
    from bot import bootstrap

    _require(settings, "database_url", "keys", "rasa_url")
    refuse_misfit(settings.database_url)
    with tracing.exporting(settings.traces_url, settings.traces_share, "worker"):
        uvloop.run(bootstrap.worker(settings))
    return 0


def sandbox(args: argparse.Namespace, settings: Settings) -> int:
    """The agencies' stand-ins."""
    from bot import bootstrap

    if not settings.demo:
        raise SettingsError(
            "Dinas tiruan hanya untuk uji coba: atur LOKET_DEMO=1. / "
            "Sandbox agencies are for trying out: set LOKET_DEMO=1."
        )
    _require(settings, "sandbox_port", "dukcapil_secret", "sdmk_secret", "lapor_secret", "antrean_secret")
    asyncio.run(bootstrap.sandbox(settings))
    return 0


def keys_new(args: argparse.Namespace, settings: Settings) -> int:
    """A new key, as an entry of LOKET_KEYS."""
    print(new_key(datetime.now(UTC).strftime("k%Y%m%d")))
    return 0


def settings_page(args: argparse.Namespace, settings: Settings) -> int:
    """docs/settings.md on standard output."""
    print(document(), end="")
    return 0


def _require(settings: Settings, *names: str) -> None:
    file = settings.keys_file
    if "keys" in names and not settings.keys and file is not None:
        raise SettingsError(
            f"Berkas kunci {file} tidak ada atau kosong (LOKET_KEYS_FILE). Pemasangan baru: ./loket keys new > {file}. "
            f"Yang sudah berisi data: kembalikan kuncinya. / The key file {file} is missing or empty (LOKET_KEYS_FILE). "
            f"A new installation: ./loket keys new > {file}. One with data: put its keys back."
        )
    missing = ", ".join(variable(name) for name in names if not getattr(settings, name))
    if missing:
        raise SettingsError(
            f"Atur dulu {missing} (lihat docs/settings.md). / Set {missing} first (see docs/settings.md)."
        )

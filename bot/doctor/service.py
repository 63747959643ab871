"""Checks of the data and of what runs: keys, database, Rasa, agencies. All of them work with nothing running."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterable
from urllib.parse import urlsplit

import psycopg

from bot.channel_cli import opened
from bot.doctor.check import Finding, broken, check, note, ok
from bot.errors import LoketError
from bot.launch.database import borrowed
from bot.launch.health import http_status, listening
from bot.launch.vardir import VarDir
from bot.ports import Channel
from bot.settings import Settings


@check("keys")
async def keys(settings: Settings) -> Iterable[Finding]:
    """A key ring that opens, for nobody else to read."""
    from bot.storage.crypto import KeyRing

    file = settings.var_dir / "keys"
    if settings.keys:
        KeyRing(settings.keys)
        return [ok("LOKET_KEYS")]
    if not file.exists():
        if (settings.var_dir / "postgres" / "PG_VERSION").exists():
            return [broken(f"{file} hilang / is gone", "Kembalikan dari cadangan. / Put it back from a backup.")]
        return [note("belum ada / none yet", "./loket run membuatnya / makes it")]
    KeyRing(file.read_text().strip())
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        return [broken(f"{file} bisa dibaca orang lain / can be read by others", f"chmod 600 {file}")]
    return [ok(str(file))]


@check("database")
async def database(settings: Settings) -> Iterable[Finding]:
    """A PostgreSQL that answers, with the schema of this version."""
    if not settings.database_url and not (settings.var_dir / "postgres" / "PG_VERSION").exists():
        return [note("belum ada / none yet", "./loket run membuatnya / makes it")]
    try:
        return await asyncio.to_thread(_database, settings)
    except LoketError as error:
        return [broken(str(error), "var/postgres, LOKET_DATABASE_URL")]
    except psycopg.Error as error:
        return [
            broken(f"tidak menjawab / does not answer: {type(error).__name__}", "Periksa / check LOKET_DATABASE_URL")
        ]


def _database(settings: Settings) -> list[Finding]:
    from sqlalchemy import create_engine, text

    from bot.storage.migrate import pending

    with borrowed(settings) as found:
        engine = create_engine(found.database_url)
        try:
            with engine.connect() as connection:
                version = connection.execute(text("show server_version")).scalar_one()
                old = pending(connection)
        finally:
            engine.dispose()
    if old:
        return [broken(f"PostgreSQL {version}: skema lama / the schema is old", "./loket migrate")]
    return [ok(f"PostgreSQL {version}, skema terbaru / schema up to date")]


@check("running")
async def running(settings: Settings) -> Iterable[Finding]:
    """The service, if it runs."""
    state = VarDir(settings.var_dir).state()
    if not await listening(settings.port):
        return [note("Loket tidak sedang berjalan / is not running", "./loket run")]
    status = await http_status(settings.port, "/healthz/ready", settings.host)
    if status != 200:
        return [broken(f"/healthz/ready: {status}", "Lihat log dan / see the log and /healthz")]
    found = [ok(f"{settings.local_url} siap / ready")]
    for name in ("rasa_url", "sandbox_url"):
        url = state.get(name, "")
        if url and not await _answers(url):
            found.append(broken(f"{name[:-4]} tidak menjawab / does not answer", "Lihat log / see the log"))
        elif url:
            found.append(ok(f"{name[:-4]} menjawab / answers"))
    return found


@check("agencies")
async def agencies(settings: Settings) -> Iterable[Finding]:
    """Agencies that are not the sandbox must answer."""
    asked = (
        ("Dukcapil", settings.dukcapil_url, "LOKET_DUKCAPIL_URL"),
        ("SDMK", settings.sdmk_url, "LOKET_SDMK_URL"),
        ("LAPOR", settings.lapor_url, "LOKET_LAPOR_URL"),
        ("Antrean", settings.antrean_url, "LOKET_ANTREAN_URL"),
    )
    return [await _agency(*one) for one in asked]


async def _agency(name: str, url: str, setting: str) -> Finding:
    if not url:
        return ok(f"{name}: sandbox")
    if await _answers(url):
        return ok(f"{name} menjawab / answers")
    return broken(f"{name} tidak menjawab / does not answer", f"Periksa / check {setting}")


@check("channels")
async def channels(settings: Settings) -> Iterable[Finding]:
    """Telegram and WhatsApp as their providers see them, where they are set up."""
    async with opened(settings) as found:
        if not found:
            return [ok("web saja / web only")]
        return [finding for name, channel in found.items() for finding in await _channel(name, channel)]


async def _channel(name: str, channel: Channel) -> list[Finding]:
    wrong = await channel.check()
    if not wrong:
        return [ok(f"{name}: {', '.join(a.address or a.key for a in channel.accounts.values())}")]
    return [broken(f"{name}: {line}", f"./loket channel check {name}; docs/panduan/{name}.md") for line in wrong]


async def _answers(url: str) -> bool:
    parts = urlsplit(url)
    return await listening(parts.port or (443 if parts.scheme == "https" else 80), parts.hostname or "127.0.0.1")

"""Checks of the data and of what runs: keys, database, Rasa, agencies. All of them work with nothing running."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy import create_engine, text

from bot.channel_cli import opened
from bot.clock import SystemClock
from bot.doctor import backlog
from bot.doctor.check import Finding, broken, check, note, ok
from bot.doctor.place import open_to_others
from bot.errors import LoketError
from bot.launch.database import borrowed, refuse_silent
from bot.launch.health import listening
from bot.launch.vardir import VarDir
from bot.ports import Channel
from bot.settings import Settings
from bot.storage import pg
from bot.storage.crypto import KeyRing
from bot.storage.migrate import standing
from bot.storage.schema import Fit
from bot.storage.sealed import keys_in_use
from bot.storage.store import PgStore

_ANSWERS = aiohttp.ClientTimeout(total=8)


@check("keys")
async def keys(settings: Settings) -> Iterable[Finding]:
    """A key ring that opens, for nobody else to read."""
    file = settings.keys_file or settings.var_dir / "keys"
    if settings.keys_file is None and settings.keys:
        return [_ring(settings.keys, "LOKET_KEYS")]
    if not file.exists():
        if settings.keys_file is not None or (settings.var_dir / "postgres" / "PG_VERSION").exists():
            return [broken(f"{file} hilang / is gone", "Kembalikan dari cadangan. / Put it back from a backup.")]
        return [note("belum ada / none yet", "./loket run membuatnya / makes it")]
    try:
        ring = file.read_text().strip()
    except OSError as error:
        return [broken(f"{file}: {error.strerror}", f"chown/chmod {file}")]
    if open_to_others(file):
        return [broken(f"{file} bisa dibaca orang lain / can be read by others", f"chmod 600 {file}")]
    return [_ring(ring, str(file))]


def _ring(ring: str, where: str) -> Finding:
    try:
        KeyRing(ring)
    except LoketError as error:
        return broken(
            f"{where}: {error}",
            "Kembalikan kunci dari cadangan / put the keys back from a backup; ./loket keys new",
        )
    return ok(where)


@check("database")
async def database(settings: Settings) -> Iterable[Finding]:
    """A PostgreSQL that answers, with the schema of this version, keys for all it holds, and no work that is stuck."""
    if not settings.database_url and not (settings.var_dir / "postgres" / "PG_VERSION").exists():
        return [note("belum ada / none yet", "./loket run membuatnya / makes it")]
    try:
        return await asyncio.to_thread(_database, settings)
    except LoketError as error:
        return [broken(str(error), "var/postgres, LOKET_DATABASE_URL")]


def _database(settings: Settings) -> list[Finding]:
    with borrowed(settings) as found:
        refuse_silent(found, empty=True)
        engine = create_engine(found.database_url, connect_args={"connect_timeout": 10})
        try:
            with engine.connect() as connection:
                version = connection.execute(text("show server_version")).scalar_one()
                schema = standing(connection)
            if schema in (Fit.EMPTY, Fit.OLDER):
                return [broken(f"PostgreSQL {version}: skema lama / the schema is old", "./loket migrate")]
            if schema is Fit.PASSED:
                return [broken(f"PostgreSQL {version}: skema terlalu baru / the schema is too new", "docs/operasi.md")]
            work = backlog.look(engine, SystemClock(settings.clock_file).now())
        finally:
            engine.dispose()
        fits = (
            "skema lebih baru, cocok / newer schema, fits"
            if schema is Fit.NEWER
            else "skema terbaru / schema up to date"
        )
        return [ok(f"PostgreSQL {version}, {fits}"), *work, *_sealed(found)]


def _sealed(settings: Settings) -> list[Finding]:
    """Whether everything in the database opens under the keys at hand."""
    try:
        ring = KeyRing(settings.keys, settings.keys_file)
    except LoketError:
        return []  # the check of the keys says it

    async def used() -> dict[str, int]:
        engine = pg.engine(settings.database_url, pool=2)
        try:
            return await keys_in_use(PgStore(engine, ring))
        finally:
            await engine.dispose()

    return backlog.lost_keys(asyncio.run(used()), ring.ids)


@check("running")
async def running(settings: Settings) -> Iterable[Finding]:
    """The service, if it runs, part by part."""
    if not await listening(settings.port):
        return [note("Loket tidak sedang berjalan / is not running", "./loket run")]
    told = await _json(f"{settings.local_url}/healthz")
    if told is None:
        return [broken(f"{settings.local_url}/healthz: tidak menjawab / no answer", "Lihat log / see the log")]
    down = [name for name, state in told.get("parts", {}).items() if state != "ok"]
    return [_down(name) for name in down] or [ok(f"{settings.local_url} siap / ready")]


_PARTS = {
    "database": ("basis data / the database", "LOKET_DATABASE_URL"),
    "dialogue": ("Rasa", "Jalankan lagi proses Rasa / start Rasa again; LOKET_RASA_URL; ./loket train"),
    "worker": ("pekerja / the worker", "./loket worker; systemctl status 'loket-worker@*'"),
}


def _down(part: str) -> Finding:
    name, remedy = _PARTS.get(
        part, (part.removeprefix("agency."), "Hubungi dinas itu / call that agency; /staff/errands")
    )
    return broken(f"{name} mati atau tak terjangkau / is down or out of reach", remedy)


@check("dialogue")
async def dialogue(settings: Settings) -> Iterable[Finding]:
    """Every replica of Rasa answers, and has a model."""
    told = settings.rasa_url or str(VarDir(settings.var_dir).state().get("rasa_url", ""))
    urls = [url.strip().rstrip("/") for url in told.split(",") if url.strip()]
    if not urls:
        return [ok("dijalankan ./loket run / is started by ./loket run")]
    return [await _replica(url) for url in urls]


async def _replica(url: str) -> Finding:
    told = await _json(f"{url}/webhooks/loket/health")
    if told is None:
        return broken(
            f"Rasa {url} tidak menjawab / does not answer",
            "Pesan warga menunggu. Jalankan lagi Rasa, lihat lognya / citizens' messages wait. Start Rasa again, see its log; "
            "LOKET_RASA_URL",
        )
    if told.get("refused"):
        return broken(f"Rasa {url} menolak model / refused a model: {told['refused']}", "./loket train; log Rasa")
    if not told.get("ready"):
        return broken(f"Rasa {url} belum punya model / has no model", "./loket train; ./loket content publish")
    return ok(f"Rasa {url} siap / ready")


@check("agencies")
async def agencies(settings: Settings) -> Iterable[Finding]:
    """Agencies that are not the sandbox must answer."""
    asked = (
        ("Dukcapil", settings.dukcapil_url, "LOKET_DUKCAPIL_URL"),
        ("SDMK", settings.sdmk_url, "LOKET_SDMK_URL"),
        ("LAPOR", settings.lapor_url, "LOKET_LAPOR_URL"),
        ("Antrean", settings.antrean_url, "LOKET_ANTREAN_URL"),
    )
    return [await _agency(*one, settings.demo) for one in asked]


async def _agency(name: str, url: str, setting: str, demo: bool) -> Finding:
    if not url and demo:
        return ok(f"{name}: sandbox")
    if not url:
        needed = (
            "serve dan worker tidak mulai bila sebuah layanan memerlukannya / do not start where a service needs it"
        )
        return note(f"{name}: belum dipasang / not set up", f"{setting}, docs/settings.md; {needed}")
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


async def _json(url: str) -> dict[str, Any] | None:
    """What an address tells about itself, whatever its status; None: nothing that can be read."""
    try:
        async with aiohttp.ClientSession(timeout=_ANSWERS) as http, http.get(url) as answer:
            told = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    return told if isinstance(told, dict) else None

"""The composition root: the only file that picks real adapters. Each function runs one process until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import aiohttp
import holidays
from aiohttp import web
from sqlalchemy import text

from actions.registry import all_actions
from bot import registry
from bot.clock import SystemClock
from bot.content import load_catalogue
from bot.dialogue.client import RasaDialogue
from bot.dialogue.nlu.normalise import words
from bot.domain.faq import FaqIndex
from bot.ports import Agency, Channel, Clock
from bot.settings import Settings
from bot.storage.accounts import AGENT, OFFICER, Account, Accounts
from bot.storage.crypto import KeyRing
from bot.storage.inbox import PRESENCE, InboxQueue
from bot.storage.media import SafeMedia
from bot.storage.outbox import OutboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.texts import YamlTexts
from bot.usecases.deps import Deps, Policy
from bot.usecases.dialogue_steps import DialogueSteps
from bot.web.hub import Hub
from bot.web.internal import internal_app
from bot.web.metrics import metrics_app
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from bot.web.public.pages import DEMO
from bot.web.staff.app import staff_app
from bot.workers.errands import ErrandWorker
from bot.workers.inbox import InboxWorker
from bot.workers.jobs import job_app
from bot.workers.outbox import OutboxWorker
from integrations import sandbox as stand_ins
from integrations.face.adapter import DlibFaceMatcher

log = logging.getLogger(__name__)


@dataclass
class Parts:
    """What processes that serve citizens have in common."""

    settings: Settings
    clock: Clock
    keys: KeyRing
    store: PgStore
    dialogue: RasaDialogue
    channels: Mapping[str, Channel]
    faces: DlibFaceMatcher
    deps: Deps


@asynccontextmanager
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """Build them, and close what has to be closed."""
    async with AsyncExitStack() as stack:
        clock = SystemClock(settings.clock_file)
        keys = KeyRing(settings.keys)
        config = settings.to_env()
        channels = {name: p.build(config, clock) for name, p in registry.channels().items() if p.wanted(config)}
        agencies = {name: plugin.build(config, clock) for name, plugin in registry.agencies().items()}
        stack.push_async_callback(_close_all, list(agencies.values()))
        pull = frozenset(name for name, channel in channels.items() if channel.manifest.pull)
        db = engine(settings.database_url)
        stack.push_async_callback(db.dispose)
        store = PgStore(db, keys, pull)
        dialogue = RasaDialogue(settings.rasa_url, turn_timeout_s=settings.turn_timeout_s)
        stack.push_async_callback(dialogue.close)
        faces = DlibFaceMatcher(settings.face_processes)
        stack.push_async_callback(faces.close)
        deps = _deps(settings, clock, store, dialogue, agencies, faces)
        yield Parts(settings, clock, keys, store, dialogue, channels, faces, deps)


async def _close_all(agencies: list[Agency]) -> None:
    for agency in agencies:
        close = getattr(agency, "close", None)
        if close is not None:
            await close()


def _deps(
    settings: Settings,
    clock: Clock,
    store: PgStore,
    dialogue: RasaDialogue,
    agencies: Mapping[str, Agency],
    faces: DlibFaceMatcher,
) -> Deps:
    catalogue = load_catalogue(settings.content_dir)
    faqs = FaqIndex(catalogue.faqs, words)
    calendar = holidays.country_holidays("ID")

    def holiday(day: date) -> bool:
        return day in calendar

    return Deps(
        store=store,
        clock=clock,
        texts=YamlTexts(settings.content_dir / "messages"),
        catalogue=lambda: catalogue,
        dialogue=dialogue,
        agencies=agencies,
        faces=faces,
        holiday=holiday,
        faqs=lambda: faqs,
        callback_url=f"{settings.public_url}/callbacks",
        policy=Policy(assurance=timedelta(hours=settings.assurance_hours)),
    )


# -- processes ----------------------------------------------------------------------------------------------------------


async def serve(settings: Settings) -> None:
    """The gateway: public and internal listener."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(parts(settings))
        hub = Hub(settings.database_url)
        await hub.start()
        stack.push_async_callback(hub.stop)
        media = SafeMedia(max_bytes=settings.max_upload_bytes)
        stack.push_async_callback(media.close)
        gateway = Gateway(made.deps, settings, made.keys, hub, media, made.channels["web"])
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)))
        app = public_app(gateway, _probes(made, http), settings.sandbox_url)
        if settings.demo and settings.sandbox_url:
            app[DEMO] = _demo(http, settings.sandbox_url)
        accounts = Accounts(made.store)
        if settings.demo:
            await _demo_officer(accounts, settings, made.clock)
        secure = settings.public_url.startswith("https://")
        app.add_subapp("/staff", staff_app(made.deps, accounts, made.keys, hub, settings.locus, secure))
        internal = internal_app(all_actions(DialogueSteps(made.deps)))
        internal.add_subapp("/metrics", metrics_app(made.store))
        await _listen(stack, internal, "127.0.0.1", settings.internal_port)
        await _listen(stack, app, settings.host, settings.port)
        log.info("gateway listens", extra={"port": settings.port})
        await until_signal()


async def worker(settings: Settings) -> None:
    """Inbox, outbox, errands and jobs."""
    async with parts(settings) as made:
        queue = InboxQueue(made.store, settings.lease_s)
        inbox = InboxWorker(made.deps, queue, settings.database_url, settings.workers, settings.turn_timeout_s + 20)
        outbox = OutboxWorker(OutboxQueue(made.store), made.channels, made.clock, settings.database_url)
        jobs = job_app(settings.database_url, made.deps, made.store)
        errands = ErrandWorker(jobs, settings.database_url)
        warming = asyncio.create_task(_warm(made.faces))
        async with jobs.open_async():
            await _together(
                inbox.run(),
                outbox.run(),
                errands.run(),
                jobs.run_worker_async(
                    concurrency=4,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=10,
                    listen_notify=True,
                ),
            )
        warming.cancel()


async def sandbox(settings: Settings) -> None:
    """The agencies' stand-ins."""
    config = stand_ins.SandboxConfig(
        dir=settings.sandbox_dir,
        secret=settings.dukcapil_secret,
        secrets={"dukcapil": settings.dukcapil_secret, "sdmk": settings.sdmk_secret},
        clock=SystemClock(settings.clock_file),
        base_url=settings.sandbox_url,
        pictures=settings.var_dir / "demo",
        home_url=settings.public_url,
    )
    async with AsyncExitStack() as stack:
        await _listen(stack, stand_ins.app(config), "127.0.0.1", settings.sandbox_port)
        await until_signal()


async def _warm(faces: DlibFaceMatcher) -> None:
    """Load the face models while nobody waits for them."""
    try:
        await faces.warm()
    except Exception:
        log.exception("face models cannot be loaded")


# -- helpers ------------------------------------------------------------------------------------------------------------


async def _listen(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host, port, reuse_address=True).start()


async def until_signal() -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


async def _together(*work: Awaitable[Any]) -> None:
    """Run until a signal; when one of them breaks, the process ends and the supervisor starts it again."""
    tasks = [asyncio.ensure_future(one) for one in work]
    waiter = asyncio.create_task(until_signal())
    try:
        done, _ = await asyncio.wait({*tasks, waiter}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done - {waiter}:
        task.result()
        raise RuntimeError("a part of the worker ended by itself")


def _probes(made: Parts, http: aiohttp.ClientSession) -> dict[str, Callable[[], Awaitable[bool]]]:
    async def database() -> bool:
        async with made.store.engine.connect() as connection:
            await connection.execute(text("select 1"))
        return True

    async def inbox_worker() -> bool:
        async with made.store.engine.connect() as connection:
            return (await connection.execute(_WORKERS, {"name": PRESENCE})).first() is not None

    def agency(one: Agency) -> Callable[[], Awaitable[bool]]:
        async def probe() -> bool:
            return not await one.check()

        return probe

    agencies = {f"agency.{name}": agency(one) for name, one in made.deps.agencies.items()}
    return {"database": database, "dialogue": made.dialogue.ready, "worker": inbox_worker, **agencies}


_WORKERS = text(
    "select 1 from pg_stat_activity where application_name = :name and datname = current_database() limit 1"
)


async def _demo_officer(accounts: Accounts, settings: Settings, clock: Clock) -> None:
    """One can play the officer at once: account ``petugas``, its random password in ``petugas.password`` below ``var/``."""
    file = settings.var_dir / "petugas.password"
    if file.exists():
        return
    password = secrets.token_urlsafe(9)
    account = Account("petugas", "Petugas Contoh", frozenset({AGENT, OFFICER}), settings.locus)
    await accounts.add(account, password, clock.now(), replace=True, actor="loket run")
    file.touch(mode=0o600)
    file.write_text(password + "\n", encoding="utf-8")


def _demo(http: aiohttp.ClientSession, sandbox_url: str) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    def link(name: str) -> str:
        return f"{sandbox_url}/demo/pictures/{name}"

    async def citizens() -> list[dict[str, Any]]:
        try:
            async with http.get(f"{sandbox_url}/demo/citizens") as response:
                found = await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return []
        people = found["citizens"] if isinstance(found, dict) else found
        return [
            {
                **person,
                "birth_date": date.fromisoformat(person["birth_date"]).strftime("%d-%m-%Y"),
                "enrolled_url": link(person["enrolled"][0]) if person["enrolled"] else "",
                "selfies": [{"url": link(n), "label": "Selfie yang cocok"} for n in person["selfies"]]
                + [{"url": link(n), "label": "Selfie orang lain"} for n in person.get("wrong_selfies", [])]
                + [
                    {"url": link(n), "label": "Meragukan: petugas memutuskan"} for n in person.get("unsure_selfies", [])
                ],
            }
            for person in people
        ]

    return citizens

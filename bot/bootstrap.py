"""The composition root: the only file that picks real adapters. Each function runs one process until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import text

from actions.registry import all_actions
from bot import quiet_gc, registry
from bot.bootstrap_demo import demo_citizens, demo_officer
from bot.bootstrap_parts import Parts, parts
from bot.bootstrap_studio import studio_parts, train, zone_of
from bot.clock import SystemClock
from bot.domain.canned import read_seeds
from bot.domain.templates import read_templates
from bot.ports import Agency, Channel, Introduces
from bot.settings import Settings
from bot.storage.accounts import Accounts
from bot.storage.breached import PasswordRules
from bot.storage.inbox import PRESENCE, InboxQueue
from bot.storage.media import SafeMedia
from bot.storage.outside import OutsideQueue
from bot.storage.scanner import scanner_at
from bot.storage.spool import Spool
from bot.usecases.attachments import Attachments, Channels
from bot.usecases.dialogue_steps import DialogueSteps
from bot.web import listening
from bot.web.hub import Hub
from bot.web.internal import internal_app
from bot.web.metrics import metrics_app
from bot.web.models import models_app
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from bot.web.public.intake import Intake
from bot.web.public.pages import DEMO
from bot.web.staff.app import staff_app
from bot.web.staff.console_parts import ConsoleParts
from bot.web.staff.setup import oidc_of, staff_policy_of
from bot.web.tls import OwnTls, own_tls
from bot.workers.desk import DeskWorker
from bot.workers.errands import ErrandWorker
from bot.workers.inbox import InboxWorker
from bot.workers.jobs import job_app, queues_of
from bot.workers.missed import Missed
from bot.workers.outbox import outbox_worker
from bot.workers.outside import OutsideWorker
from bot.workers.polling import PollingWorker
from bot.workers.publishing import Publisher
from bot.workers.ticking import Ticker
from integrations import sandbox as stand_ins
from integrations.face.adapter import LocalFaceMatcher

log = logging.getLogger(__name__)

_INTRODUCED_AGAIN_S = 5.0
_CATCH_UP_S = 12.0
"""Twilio comes again for 15 seconds."""
_CATCH_UP_AGAIN_S = 0.5


def console_parts(settings: Settings, media: SafeMedia, channels: Channels) -> ConsoleParts:
    """What agents' pages need besides."""
    content = settings.content_dir
    return ConsoleParts(media, channels, read_templates(content), read_seeds(content), settings.max_upload_bytes)


# -- processes ----------------------------------------------------------------------------------------------------------


async def serve(settings: Settings) -> None:
    """The gateway: public and internal listener."""
    listening.more_files()
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(parts(settings))
        hub = Hub(settings.database_url)
        await hub.start()
        stack.push_async_callback(hub.stop)
        media = SafeMedia(max_bytes=settings.max_upload_bytes, scanner=scanner_at(settings.clamd))
        stack.push_async_callback(media.close)
        channels = Channels(made.channels)
        spool = _spool(stack, settings, made)
        gateway = Gateway(made.deps, settings, made.keys, hub, media, made.channels["web"], channels, spool)
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)))
        app = public_app(gateway, _probes(made, http), settings.sandbox_url)
        if settings.demo and settings.sandbox_url:
            app[DEMO] = demo_citizens(http, settings.sandbox_url)
        rules = PasswordRules(settings.breached_passwords)
        accounts = Accounts(made.store, policy=staff_policy_of(settings), rules=rules)
        provider = oidc_of(settings, made.keys, made.clock.now)
        if provider is not None:
            stack.push_async_callback(provider.close)
        if settings.demo:
            await demo_officer(accounts, settings, made.clock)
        secure = (settings.staff_url or settings.public_url).startswith("https://")
        studio = studio_parts(settings, made)
        staff = staff_app(
            made.deps,
            accounts,
            made.keys,
            hub,
            settings.locus,
            secure,
            proxies=settings.proxies,
            oidc_provider=provider,
            console=console_parts(settings, media, channels),
            studio_parts=studio,
        )
        app.add_subapp("/staff", staff)
        internal = internal_app(all_actions(DialogueSteps(made.deps)))
        internal.add_subapp("/metrics", metrics_app(made.store))
        internal.add_subapp("/models", models_app(made.store))
        inside = own_tls(settings.internal_cert, settings.internal_key, "LOKET_INTERNAL")
        await _listen(stack, internal, (settings.internal_host, settings.internal_port, inside))
        catching_up = asyncio.create_task(_catch_up(Missed(made.deps, channels), gateway.intake))
        await asyncio.sleep(0)  # from now on nothing new overtakes what was written while no gateway listened
        tls = own_tls(settings.tls_cert, settings.tls_key)
        encrypted: list[_Place] = [(settings.tls_host, settings.tls_port, tls)] if tls else []
        await _listen(stack, app, (settings.host, settings.port, None), *encrypted)
        log.info("gateway listens", extra={"port": settings.port, "tls": settings.tls_port if tls else 0})
        quiet_gc.settle()
        introducing = asyncio.create_task(_introduce(made.channels))
        publisher = Publisher(settings, made.store)
        await publisher.register(made.clock.now())
        flushing = [gateway.intake.flush_for_ever()] if spool else []
        following = [one.follow() for one in (tls, inside) if one is not None]
        training = train(studio, lambda: zone_of(made.content, settings.locus))
        await _together(
            made.content.follow(settings.database_url), publisher.offer_model(), training, *flushing, *following
        )
        introducing.cancel()
        catching_up.cancel()


async def worker(settings: Settings) -> None:
    """Inbox, outbox, polling, errands and jobs."""
    async with parts(settings) as made, AsyncExitStack() as stack:
        queue = InboxQueue(made.store, settings.lease_s)
        channels = Channels(made.channels)
        media = SafeMedia(max_bytes=settings.max_upload_bytes, scanner=scanner_at(settings.clamd))
        stack.push_async_callback(media.close)
        files = Attachments(made.deps, channels, media, settings.max_upload_bytes)
        patience = settings.turn_timeout_s + 20
        inbox = InboxWorker(made.deps, queue, settings.database_url, settings.workers, patience, files, channels)
        outbox = outbox_worker(made.store, made.channels, made.deps, made.keys, settings)
        polling = PollingWorker(made.deps, channels, settings.database_url)
        jobs = job_app(settings.database_url, made.deps, made.store, made.channels)
        ticker, errands = Ticker(jobs), ErrandWorker(jobs, settings.database_url)
        warming = asyncio.gather(_warm(made.faces), _introduce(made.channels), return_exceptions=True)
        async with jobs.open_async():
            quiet_gc.settle()
            await _together(
                inbox.run(),
                outbox.run(),
                polling.run(),
                errands.run(),
                ticker.worker(),
                DeskWorker(made.deps).run(),
                OutsideWorker(made.deps, OutsideQueue(made.store), settings.database_url, media).run(),
                made.content.follow(settings.database_url),
                jobs.run_worker_async(
                    queues=queues_of(jobs),
                    concurrency=4,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=10,
                    listen_notify=True,
                ),
            )
        warming.cancel()


async def sandbox(settings: Settings) -> None:
    """The agencies' stand-ins, and those of the channels where they are what the settings name."""
    clock = SystemClock(settings.clock_file)
    config = stand_ins.SandboxConfig(
        dir=settings.sandbox_dir,
        secret=settings.dukcapil_secret,
        secrets={
            "dukcapil": settings.dukcapil_secret,
            "sdmk": settings.sdmk_secret,
            "lapor": settings.lapor_secret,
            "antrean": settings.antrean_secret,
        },
        clock=clock,
        base_url=settings.sandbox_url,
        pictures=settings.var_dir / "demo",
        home_url=settings.public_url,
    )
    async with AsyncExitStack() as stack:
        channels = registry.stand_ins(settings.to_env(), clock)
        ours = {"telegram": settings.telegram_api, "whatsapp": settings.twilio_api}
        channels = {id_: it for id_, it in channels.items() if ours.get(id_) == f"{settings.sandbox_url}/{id_}"}
        await _listen(stack, stand_ins.app(config, channels), ("127.0.0.1", settings.sandbox_port, None))
        await until_signal()


async def _catch_up(missed: Missed, intake: Intake) -> None:
    """What was written while no gateway listened comes first; webhooks of these accounts come again meanwhile. Without database
    or provider that has an end, and a job of the workers asks later.
    """
    intake.held = missed.unasked()
    try:
        async with asyncio.timeout(_CATCH_UP_S):
            while intake.held:
                try:
                    await missed.look(timedelta())
                except Exception as error:
                    log.warning("missed messages cannot be asked for yet", extra={"code": type(error).__name__})
                intake.held = missed.unasked()
                await asyncio.sleep(_CATCH_UP_AGAIN_S if intake.held else 0)
    except TimeoutError:
        log.warning("missed messages are asked for later")
    finally:
        intake.held = frozenset()


async def _introduce(channels: Mapping[str, Channel]) -> None:
    """Learn the names that links into other channels are made of, while nobody waits for them."""
    named = [channel for channel in channels.values() if isinstance(channel, Introduces)]
    while not all(account.address for channel in named for account in channel.accounts.values()):
        for channel in named:
            await channel.introduce()
        await asyncio.sleep(_INTRODUCED_AGAIN_S)


async def _warm(faces: LocalFaceMatcher) -> None:
    """Load the face models while nobody waits for them."""
    try:
        await faces.warm()
    except Exception:
        log.exception("face models cannot be loaded")


# -- helpers ------------------------------------------------------------------------------------------------------------


def _spool(stack: AsyncExitStack, settings: Settings, made: Parts) -> Spool | None:
    """Where webhooks go while the database is away; only push channels have webhooks.

    :raises bot.errors.SettingsError: it cannot be written.
    """
    if all(channel.manifest.pull for channel in made.channels.values()):
        return None
    spool = Spool(settings.spool_dir, made.keys)
    spool.open()
    stack.callback(spool.close)
    return spool


_Place = tuple[str, int, OwnTls | None]


async def _listen(stack: AsyncExitStack, app: web.Application, *places: _Place) -> None:
    """The same at each place, over TLS where it has a certificate."""
    runner = listening.runner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    for host, port, tls in places:
        context = tls.context if tls is not None else None
        await web.TCPSite(runner, host, port, reuse_address=True, ssl_context=context).start()


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

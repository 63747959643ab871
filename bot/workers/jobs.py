"""Background jobs on procrastinate: errands to agencies, polls, deletions. A job is a poke; the due row is the truth."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import procrastinate
from procrastinate.jobs import Status

from bot.errors import ChannelError
from bot.ports import Channel, Templated
from bot.records import load_records
from bot.storage import retention
from bot.storage.errands import ErrandQueue
from bot.storage.figures_lists import Figures
from bot.storage.pg import plain_url
from bot.storage.retention import forget_forsaken as forget_forsaken
from bot.storage.sealed import reseal_all
from bot.storage.store import PgStore
from bot.usecases.attachments import Channels
from bot.usecases.complaint_case import look_after_answered
from bot.usecases.deps import Deps
from bot.usecases.errands import look_after_stuck
from bot.usecases.identity_desk import look_after_overdue
from bot.usecases.poll import poll_open
from bot.usecases.privacy_sweep import sweep
from bot.usecases.remind import remind
from bot.usecases.store_delivery import TemplateState
from bot.usecases.survey_offer import offer_surveys
from bot.usecases.watch import watch_cases
from bot.workers.errands import ErrandRunner
from bot.workers.missed import Missed

log = logging.getLogger(__name__)

DRAFT_LIFE = load_records().keeps("drafts")
"""What was never sent is deleted after this time, as the consent text promises."""
FAILED_JOBS_H = 24 * 14
"""Hours that a job which broke off can be looked at."""
EXCHANGES_LIFE = load_records().keeps("exchanges")
"""How long the log of exchanges with providers is kept."""


BEFORE_QUEUES = "default"
"""The queue of everything that versions before one queue per task put in: some of it may still wait."""
Work = Callable[[int], Awaitable[None]]


def _every(seconds: int) -> str:
    """A schedule in seconds: croniter reads the sixth field as them, not the first (croniter, "About second repeats")."""
    return f"* * * * * */{seconds}"


def _job(app: procrastinate.App, name: str, cron: str) -> Callable[[Work], Work]:
    """A task that comes by itself, in a queue of its own name: a worker of an older version, which does not know it, never fetches it."""

    def add(work: Work) -> Work:
        app.periodic(cron=cron)(app.task(name=name, queue=name, queueing_lock=name)(work))
        return work

    return add


def queues_of(app: procrastinate.App) -> list[str]:
    """What a worker fetches from: the queues of the tasks it knows, and the one before there were any."""
    return sorted({task.queue for task in app.tasks.values()} | {BEFORE_QUEUES})


def job_app(
    database_url: str, deps: Deps, store: PgStore, channels: Mapping[str, Channel] | None = None
) -> procrastinate.App:
    """The procrastinate app with every task of ours."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=plain_url(database_url)))
    runner = ErrandRunner(deps, ErrandQueue(store, partial(_integration, deps)))
    looking = Missed(deps, Channels(channels or {}))

    @_job(app, "errands", _every(5))
    async def errands(timestamp: int = 0) -> None:
        await runner.run()

    # What an agency's outage holds back: its citizens are told, and after 48 hours a person has to look.
    @_job(app, "stuck", _every(15))
    async def stuck(timestamp: int) -> None:
        await look_after_stuck(deps)

    @_job(app, "watch", "23 * * * *")
    async def watch(timestamp: int) -> None:
        await watch_cases(deps)

    @_job(app, "poll", "*/5 * * * *")
    async def poll(timestamp: int) -> None:
        await poll_open(deps)

    # Hourly, not daily: after a time without any worker the next hour catches up. What is due stands in the table.
    @_job(app, "remind", "7 * * * *")
    async def reminders(timestamp: int) -> None:
        await remind(deps)
        await look_after_answered(deps)

    @_job(app, "surveys", "* * * * *")
    async def surveys(timestamp: int) -> None:
        await offer_surveys(deps)

    @_job(app, "templates", "*/5 * * * *")
    async def templates(timestamp: int) -> None:
        await look_at_templates(deps, store, channels or {})

    @_job(app, "overdue_checks", "*/10 * * * *")
    async def overdue_checks(timestamp: int) -> None:
        await look_after_overdue(deps)

    # Twice a minute: who wrote during an outage waits no longer than for a slow answer.
    @_job(app, "missed", _every(30))
    async def missed(timestamp: int) -> None:
        await looking.look()

    _housekeeping(app, deps, store)

    _add_figures(app, deps, store)
    return app


def _housekeeping(app: procrastinate.App, deps: Deps, store: PgStore) -> None:
    """What looks after what is stored."""
    sealed: set[str] = set()

    @_job(app, "forget", "17 * * * *")
    async def forget(timestamp: int) -> None:
        await forget_expired(deps, store)

    @_job(app, "jobs", "*/10 * * * *")
    async def jobs(timestamp: int) -> None:
        await clear_up(app)

    @_job(app, "privacy", "*/10 * * * *")
    async def privacy(timestamp: int) -> None:
        await sweep(deps)

    @_job(app, "reseal", "*/2 * * * *")
    async def reseal(timestamp: int) -> None:
        await seal_anew(store, sealed)


def _add_figures(app: procrastinate.App, deps: Deps, store: PgStore) -> None:
    # Hourly, because midnight comes three times: what is settled already costs one look.
    @_job(app, "figures", "41 * * * *")
    async def figures(timestamp: int) -> None:
        await keep_figures(deps, store)


async def clear_up(app: procrastinate.App) -> int:
    """Pokes whose worker was killed in the middle go, and how many: what they were for is still due, and poked again."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    await app.job_manager.delete_old_jobs(FAILED_JOBS_H, include_failed=True)
    return len(stalled)


async def look_at_templates(deps: Deps, store: PgStore, channels: Mapping[str, Channel]) -> None:
    """Ask providers which templates are approved: the sender uses no other."""
    for channel in channels.values():
        for account in channel.accounts.values() if isinstance(channel, Templated) else ():
            try:
                states = await channel.templates(account)  # type: ignore[attr-defined]  # seen above
            except ChannelError as error:
                log.warning("templates cannot be asked for", extra={"account": account.id, "code": error.code})
                continue
            async with store.begin() as tx:
                for name, language, provider_id, approval, reason in states:
                    state = TemplateState(account.id, name, language, provider_id, approval, reason, deps.now())
                    await tx.put_template(state)


def _integration(deps: Deps, locus: str, agency: str) -> str:
    office = deps.catalogue().loci.get(locus)
    return agency if office is None else office.agencies.get(agency, agency)


async def keep_figures(deps: Deps, store: PgStore) -> int:
    """Count the days of the dashboard that cannot change any more; how many (office, day) pairs."""
    offices = {code: office.time_zone for code, office in deps.catalogue().loci.items()}
    return await Figures(store).settle(offices, deps.now())


async def forget_expired(deps: Deps, store: PgStore) -> None:
    """Delete what has outlived its purpose, and say how much."""
    await retention.run(store, load_records(), deps.now())


async def seal_anew(store: PgStore, done: set[str]) -> None:
    """After a rotation of keys: everything under the first one, while people go on writing. ``done``: keys that all of it is under."""
    keys = store.keys
    if len(keys.ids) < 2 or keys.current in done:
        return
    if await reseal_all(store) == 0:
        done.add(keys.current)
        log.info("everything is sealed under the current key", extra={"key": keys.current})

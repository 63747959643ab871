"""Background jobs on procrastinate: errands to agencies, polls, deletions. A job is a poke; the due row is the truth."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import procrastinate
from sqlalchemy import text

from bot.errors import ChannelError
from bot.ports import Channel, Templated
from bot.storage.errands import ErrandQueue
from bot.storage.pg import plain_url
from bot.storage.store import PgStore
from bot.usecases.attachments import Channels
from bot.usecases.complaint_case import look_after_answered
from bot.usecases.deps import Deps
from bot.usecases.errands import look_after_stuck
from bot.usecases.identity_desk import look_after_overdue
from bot.usecases.poll import poll_open
from bot.usecases.remind import remind
from bot.usecases.store_delivery import TemplateState
from bot.usecases.survey_offer import offer_surveys
from bot.usecases.watch import watch_cases
from bot.workers.errands import ErrandRunner
from bot.workers.missed import Missed

log = logging.getLogger(__name__)

DRAFT_LIFE = timedelta(days=30)
"""What was never sent is deleted after this time, as the consent text promises."""
EXCHANGES_LIFE = timedelta(days=30)
"""How long the log of exchanges with providers is kept."""
CALLS_LIFE = timedelta(days=365)
"""How long it is known of a closed case what passed between us and its agency."""
_FORSAKEN = text("""
select id from application where reference is null and updated_at < :before and state in ('draft', 'dibatalkan') limit 200
""")
_EXPIRED = (
    "delete from chat_session where expires_at < :now",
    "delete from staff_session where expires_at < :now",
    # A selfie whose owner went away before the challenge, or whose turn never settled: no picture outlives the hour after it.
    "delete from blob where kind = 'selfie' and created_at < :hour_ago and id not in "
    "(select selfie_blob from identity_check where selfie_blob is not null)",
)


def job_app(
    database_url: str, deps: Deps, store: PgStore, channels: Mapping[str, Channel] | None = None
) -> procrastinate.App:
    """The procrastinate app with every task of ours."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=plain_url(database_url)))
    runner = ErrandRunner(deps, ErrandQueue(store, partial(_integration, deps)))
    looking = Missed(deps, Channels(channels or {}))

    @app.periodic(cron="*/5 * * * * *")
    @app.task(name="errands", queueing_lock="errands", pass_context=False)
    async def errands(timestamp: int = 0) -> None:
        await runner.run()

    # What an agency's outage holds back: its citizens are told, and after 48 hours a person has to look.
    @app.periodic(cron="*/15 * * * * *")
    @app.task(name="stuck", queueing_lock="stuck")
    async def stuck(timestamp: int) -> None:
        await look_after_stuck(deps)

    @app.periodic(cron="23 * * * *")
    @app.task(name="watch", queueing_lock="watch")
    async def watch(timestamp: int) -> None:
        await watch_cases(deps)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="poll", queueing_lock="poll")
    async def poll(timestamp: int) -> None:
        await poll_open(deps)

    @app.periodic(cron="17 * * * *")
    @app.task(name="forget", queueing_lock="forget")
    async def forget(timestamp: int) -> None:
        await forget_expired(deps, store)

    # Hourly, not daily: after a time without any worker the next hour catches up. What is due stands in the table.
    @app.periodic(cron="7 * * * *")
    @app.task(name="remind", queueing_lock="remind")
    async def reminders(timestamp: int) -> None:
        await remind(deps)
        await look_after_answered(deps)

    @app.periodic(cron="* * * * *")
    @app.task(name="surveys", queueing_lock="surveys")
    async def surveys(timestamp: int) -> None:
        await offer_surveys(deps)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="templates", queueing_lock="templates")
    async def templates(timestamp: int) -> None:
        await look_at_templates(deps, store, channels or {})

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="overdue_checks", queueing_lock="overdue_checks")
    async def overdue_checks(timestamp: int) -> None:
        await look_after_overdue(deps)

    # Twice a minute: who wrote during an outage waits no longer than for a slow answer.
    @app.periodic(cron="*/30 * * * * *")
    @app.task(name="missed", queueing_lock="missed")
    async def missed(timestamp: int) -> None:
        await looking.look()

    return app


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


async def forget_expired(deps: Deps, store: PgStore) -> None:
    """Delete what has outlived its purpose, and say how much."""
    now = deps.now()
    await forget_forsaken(store, now - DRAFT_LIFE)
    async with store.begin() as tx:
        await tx.forget_exchanges(now - EXCHANGES_LIFE)
        await tx.forget_calls(now - CALLS_LIFE)
    for statement in _EXPIRED:
        async with store.begin() as tx:
            values = {"now": now} if ":now" in statement else {"hour_ago": now - timedelta(hours=1)}
            gone = (await tx.run(text(statement), values)).rowcount
        if gone:
            log.info("expired rows deleted", extra={"rows": gone, "what": statement.split()[2]})


async def forget_forsaken(store: PgStore, before: datetime) -> int:
    """Delete applications that were never sent and not touched since ``before``, with their papers; returns how many."""
    async with store.begin() as tx:
        ids = [row.id for row in await tx.run(_FORSAKEN, {"before": before})]
        for case_id in ids:
            case = await tx.case(case_id)
            for blob_id in _papers(case.draft):
                await tx.delete_blob(blob_id)
            for statement in _UNTIE:
                await tx.run(text(statement), {"id": case_id})
    if ids:
        log.info("applications never sent were deleted", extra={"rows": len(ids)})
    return len(ids)


_UNTIE = (
    "update conversation set case_id = null, form_active = false, turn_mark = 'forgotten' where case_id = :id",
    "delete from application where id = :id",
)


def _papers(draft: dict[str, Any]) -> list[UUID]:
    """The files among a draft's answers."""
    values = [value for value in draft.get("answers", {}).values() if isinstance(value, dict) and value.get("id")]
    return [UUID(str(value["id"])) for value in values]

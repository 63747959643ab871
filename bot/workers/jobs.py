"""Background jobs on procrastinate: errands to agencies, polls, deletions. A job is a poke; the due row is the truth."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import procrastinate
from sqlalchemy import text

from bot.domain.conversation import Due
from bot.errors import ChannelError
from bot.ports import Channel, Templated
from bot.storage.errands import ErrandQueue
from bot.storage.pg import plain_url
from bot.storage.store import PgStore
from bot.usecases.attachments import Channels
from bot.usecases.deps import Deps
from bot.usecases.errands import poll_case, run_errand
from bot.usecases.remind import remind
from bot.usecases.store_delivery import TemplateState
from bot.workers.figures import ERRANDS
from bot.workers.missed import Missed

log = logging.getLogger(__name__)

_BATCH = 8
DRAFT_LIFE = timedelta(days=30)
"""What was never sent is deleted after this time, as the consent text promises."""
EXCHANGES_LIFE = timedelta(days=30)
"""How long the log of exchanges with providers is kept."""
_POLLED = text("""
select id from application where agency_ref is not null and updated_at < :before
  and state in ('diajukan', 'verifikasi_berkas', 'diproses', 'menunggu_tte') order by updated_at limit 50
""")
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
    queue = ErrandQueue(store)
    looking = Missed(deps, Channels(channels or {}))

    @app.periodic(cron="*/5 * * * * *")
    @app.task(name="errands", queueing_lock="errands", pass_context=False)
    async def errands(timestamp: int = 0) -> None:
        while await do_errands(deps, queue):
            pass

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="poll", queueing_lock="poll")
    async def poll(timestamp: int) -> None:
        await poll_cases(deps, store)

    @app.periodic(cron="17 * * * *")
    @app.task(name="forget", queueing_lock="forget")
    async def forget(timestamp: int) -> None:
        await forget_expired(deps, store)

    # Hourly, not daily: after a time without any worker the next hour catches up. What is due stands in the table.
    @app.periodic(cron="7 * * * *")
    @app.task(name="remind", queueing_lock="remind")
    async def reminders(timestamp: int) -> None:
        await remind(deps)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="templates", queueing_lock="templates")
    async def templates(timestamp: int) -> None:
        await look_at_templates(deps, store, channels or {})

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


async def do_errands(deps: Deps, queue: ErrandQueue) -> int:
    """Do what is due now; returns how many errands were tried."""
    due = await queue.claim(_BATCH, deps.now())

    async def one(errand: Due) -> None:
        state, delay_s, code = await run_errand(deps, errand)
        ERRANDS.labels(errand.verb.partition("-")[0], state).inc()
        await queue.settle(errand, state, deps.now(), delay_s=delay_s, error_code=code)

    for outcome in await asyncio.gather(*(one(errand) for errand in due), return_exceptions=True):
        if isinstance(outcome, BaseException):
            log.error("errand broke off", exc_info=outcome)
    return len(due)


async def poll_cases(deps: Deps, store: PgStore) -> None:
    """Ask agencies about cases they have not spoken of for a while."""
    async with store.begin() as tx:
        ids = [row.id for row in await tx.run(_POLLED, {"before": deps.now() - timedelta(minutes=10)})]
        cases = [await tx.case(case_id) for case_id in ids]
    for case in cases:
        try:
            await poll_case(deps, case)
        except Exception:
            log.warning("agency could not be polled", extra={"case": str(case.id)}, exc_info=True)


async def forget_expired(deps: Deps, store: PgStore) -> None:
    """Delete what has outlived its purpose, and say how much."""
    now = deps.now()
    await forget_forsaken(store, now - DRAFT_LIFE)
    async with store.begin() as tx:
        await tx.forget_exchanges(now - EXCHANGES_LIFE)
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

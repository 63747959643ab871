"""The outbox worker: claims what push channels have to deliver, as many conversations at a time as it can hold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.delivery import MOST_TRIES, Quiet, quiet_hours
from bot.domain.templates import read_templates
from bot.errors import SettingsError
from bot.ports import Channel
from bot.settings import Settings
from bot.storage.crypto import KeyRing
from bot.storage.media_links import MediaLinks
from bot.storage.outbox import OutboxQueue, OutboxRow
from bot.storage.pg import listen
from bot.storage.store import PgStore
from bot.usecases.deps import Deps
from bot.workers.figures import UNKNOWN
from bot.workers.sender import MessageSender

log = logging.getLogger(__name__)

_IDLE_S = 2.0
_IN_FLIGHT = 32
_SWEEP_EVERY = timedelta(seconds=5)


class OutboxWorker:
    """Claims, ends the transaction, sends, keeps the provider's ids (design 3.6)."""

    def __init__(self, sender: MessageSender, database_url: str, in_flight: int = _IN_FLIGHT) -> None:
        self._sender = sender
        self._url = database_url
        self._in_flight = in_flight
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._swept: datetime | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        ears = asyncio.create_task(listen(self._url, ("loket_outbox",), lambda *_: self._wake.set(), self._wake.set))
        try:
            while True:
                self._wake.clear()
                try:
                    await self._sweep()
                    for row in await self._claim(self._in_flight - len(self._tasks)):
                        self._start(row)
                except Exception:
                    log.exception("outbox cannot be worked on")
                try:
                    await asyncio.wait_for(self._wake.wait(), _IDLE_S)
                except TimeoutError:
                    pass
        finally:
            ears.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def once(self) -> int:
        """Send what is due now and wait for it; returns how many messages were tried."""
        rows = await self._claim(self._in_flight)
        await asyncio.gather(*(self._sender.deliver(row) for row in rows))
        return len(rows)

    def _start(self, row: OutboxRow) -> None:
        task = asyncio.create_task(self._sender.deliver(row))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """The next message of its conversation may be waiting."""
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("sending broke off", exc_info=task.exception())
        self._wake.set()

    async def _claim(self, n: int) -> list[OutboxRow]:
        now = self._sender.clock.now()
        paused = [account for account, until in self._sender.paused.items() if until > now]
        return await self._sender.queue.claim(n, now, paused) if n > 0 else []

    async def _sweep(self) -> None:
        now = self._sender.clock.now()
        if self._swept is None or abs(now - self._swept) >= _SWEEP_EVERY:
            self._swept = now
            found = await self._sender.queue.sweep(now, MOST_TRIES)
            if found:
                UNKNOWN.labels("died").inc(found)
                log.warning("sends whose sender died were taken back", extra={"rows": found})


def outbox_worker(
    store: PgStore, channels: Mapping[str, Channel], deps: Deps, keys: KeyRing, settings: Settings
) -> OutboxWorker:
    """The worker of an installation.

    :raises bot.errors.SettingsError: the quiet hours are none.
    """
    try:
        start, end = quiet_hours(settings.quiet_hours)
    except ValueError as error:
        raise SettingsError("LOKET_QUIET_HOURS: dua jam, misalnya / two hours, e.g. 21-7") from error

    def quiet(locus: str) -> Quiet | None:
        office = deps.catalogue().loci.get(locus)
        return Quiet(start, end, ZoneInfo(office.time_zone)) if office is not None and start != end else None

    sender = MessageSender(
        OutboxQueue(store),
        channels,
        deps.clock,
        deps.texts,
        MediaLinks(keys, settings.public_url),
        read_templates(settings.content_dir),
        quiet,
    )
    return OutboxWorker(sender, settings.database_url)

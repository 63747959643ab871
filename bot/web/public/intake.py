"""Where verified webhooks go: into the database, or behind each other onto the disk while it is away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.exc import InternalError

from bot import tracing
from bot.domain.messages import Event, Receipt
from bot.errors import InvalidMessage, LoketError
from bot.ports import Channel, ChannelAccount, WebhookRequest
from bot.storage.pg import DatabaseAway
from bot.storage.spool import Spool, Webhook
from bot.usecases.attachments import Channels
from bot.usecases.deps import Deps
from bot.usecases.receive import receive
from bot.workers.figures import RECEIVED, SPOOL, WEBHOOKS

log = logging.getLogger(__name__)

STORE_S = 6.0
"""So long the database may take, or be away, before a webhook goes to the disk (Twilio waits 15 s for us, Telegram 60). A database
that only restarts is waited for: on the disks of two gateways, a person's messages could overtake each other.
"""
_AGAIN_S = 0.25
FLUSH_EVERY_S = 1.0
_ORPHANS_EVERY = 10
_AWAY = (*DatabaseAway, TimeoutError, psycopg.InternalError, InternalError)
"""The database is away, or only readable for a while (a replica that is about to take over)."""


class NotYet(LoketError):
    """What the provider could not bring before is being asked for first; it is to come again in a second."""

    code = "catching_up"
    retryable = True


@dataclass
class Queues:
    """One queue per person of webhooks under way in this process: they are stored in the order they came."""

    _locks: dict[str, tuple[asyncio.Lock, int]] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def turn(self, whose: str) -> AsyncIterator[None]:
        lock, users = self._locks.get(whose, (asyncio.Lock(), 0))
        self._locks[whose] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks.pop(whose)
            if users > 1:
                self._locks[whose] = (lock, users - 1)


class Intake:
    """Takes verified webhooks of push channels. One per gateway."""

    def __init__(self, deps: Deps, channels: Channels, spool: Spool | None, store_s: float = STORE_S) -> None:
        self._deps = deps
        self.channels = channels
        self.spool = spool
        self.patience_s = store_s
        self._queues = Queues()
        self.held: frozenset[str] = frozenset()
        """Accounts whose older messages are being asked for: newer ones must not overtake them."""

    async def take(self, channel: Channel, account: ChannelAccount, webhook: Webhook) -> str:
        """Store what a webhook holds; how: ``stored``, ``known``, ``nothing``, ``spooled`` or ``broken``.

        :raises bot.errors.InvalidMessage: it is no message of this provider at all.
        :raises bot.storage.spool.SpoolFull: neither database nor disk took it.
        :raises NotYet: see ``held``.
        """
        if account.id in self.held:
            raise NotYet
        try:
            events = channel.parse(account, request_of(webhook), webhook.at)
        except InvalidMessage:
            raise
        except Exception:
            return await self._broken(webhook)
        if not events:
            return "nothing"
        async with self._queues.turn(_whose(account, events)):
            return await self._keep(account, webhook, events)

    async def _keep(self, account: ChannelAccount, webhook: Webhook, events: Sequence[Event]) -> str:
        if self.spool is not None and self.spool.waiting:
            await self._spool(self.spool, webhook)
            return "spooled"
        try:
            async with asyncio.timeout(self.patience_s):
                return await self._stored_at_last(account, events)
        except _AWAY as error:
            if self.spool is None:
                raise
            log.warning("database away, webhook goes to the disk", extra={"code": type(error).__name__})
            await self._spool(self.spool, webhook)
            return "spooled"
        except Exception:
            return await self._broken(webhook)

    async def _stored_at_last(self, account: ChannelAccount, events: Sequence[Event]) -> str:
        """Again and again while nobody has to go to the disk; whoever waits here notices when others begin to."""
        while True:
            try:
                return await self._store(account, events)
            except _AWAY:
                if self.spool is None or self.spool.waiting:
                    raise
                await asyncio.sleep(_AGAIN_S)

    async def _store(self, account: ChannelAccount, events: Sequence[Event]) -> str:
        fresh = await receive(self._deps, account, events)
        RECEIVED.labels(account.id.partition(":")[0]).inc(fresh)
        return "stored" if fresh else "known"

    async def _spool(self, spool: Spool, webhook: Webhook) -> None:
        try:
            await spool.put(webhook)
        finally:
            self.show()

    async def _broken(self, webhook: Webhook) -> str:
        """A fault of ours must not make the provider repeat for ever, nor lose what was said: kept for an operator."""
        log.exception("webhook could not be taken, set aside", extra={"account": webhook.account})
        if self.spool is None:
            raise
        await self.spool.aside(webhook)
        self.show()
        return "broken"

    # -- the disk ---------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Set the figures of the spool."""
        if self.spool is not None:
            SPOOL.labels("waiting").set(self.spool.waiting)
            SPOOL.labels("aside").set(self.spool.set_aside)

    async def flush_for_ever(self, every_s: float = FLUSH_EVERY_S) -> None:
        """Bring what is on the disk into the database as soon as it answers."""
        rounds = 0
        while self.spool is not None:
            try:
                await self.flush(orphans=rounds % _ORPHANS_EVERY == 0)
            except _AWAY:
                pass  # still away; the next round tries again
            except Exception:
                log.exception("spool cannot be flushed")
            self.show()
            rounds += 1
            await asyncio.sleep(every_s)

    async def flush(self, *, orphans: bool = False) -> int:
        """One round; returns how many webhooks it brought in."""
        if self.spool is None:
            return 0
        if orphans:
            await self.spool.recount()
        done = await self.spool.flush(self._again)
        if orphans:
            done += await self.spool.flush_orphans(self._again)
        if done:
            log.info("webhooks from the disk are stored", extra={"rows": done})
        return done

    async def _again(self, webhook: Webhook) -> None:
        found = self.channels.of(webhook.account)
        try:
            if found is None:
                raise InvalidMessage("error.no_such_page")
            events = found[0].parse(found[1], request_of(webhook), webhook.at)
            async with asyncio.timeout(self.patience_s * 3):
                with tracing.joined(webhook.headers.get(tracing.HEADER)):
                    outcome = await self._store(found[1], events)
        except _AWAY:
            raise
        except Exception:
            outcome = await self._broken(webhook)
        WEBHOOKS.labels(webhook.account.partition(":")[0], f"flushed_{outcome}").inc()


def request_of(webhook: Webhook) -> WebhookRequest:
    """As the channel reads it."""
    return WebhookRequest(webhook.url, webhook.headers, webhook.body)


def _whose(account: ChannelAccount, events: Sequence[Event]) -> str:
    """The person whose messages keep their order; receipts have none."""
    people = {event.sender for event in events if not isinstance(event, Receipt)}
    return f"{account.id} {people.pop() if len(people) == 1 else ''}"

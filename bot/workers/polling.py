"""Asks providers for messages where none can reach us: one poller per account, over all worker processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import psycopg

from bot.domain.messages import Event
from bot.errors import ChannelError, Throttled
from bot.ports import ChannelAccount, Polled
from bot.storage.pg import DatabaseAway, plain_url
from bot.usecases.attachments import Channels
from bot.usecases.deps import Deps
from bot.usecases.receive import receive
from bot.workers.figures import POLLS, RECEIVED

log = logging.getLogger(__name__)

_LOCK = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
_OTHERS_S = 3.0
"""Between looks whether the account's poller is gone."""
_BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 30.0)


class PollingWorker:
    """Polls every account of the channels that want it."""

    def __init__(self, deps: Deps, channels: Channels, database_url: str, pause_s: float = _OTHERS_S) -> None:
        self._deps = deps
        self._url = plain_url(database_url)
        self._pause = pause_s
        self._asked = [
            (name, channel, account)
            for name, channel in channels.by_id.items()
            if isinstance(channel, Polled) and channel.polls
            for account in channel.accounts.values()
        ]

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for asked in self._asked:
                group.create_task(self._account(*asked))
            group.create_task(asyncio.Event().wait())  # without accounts there is nothing to do, and no reason to end

    async def _account(self, name: str, channel: Polled, account: ChannelAccount) -> None:
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as lock:
                    while await _alone(lock, account.id):
                        await self.once(name, channel, account)
                        failures = 0
                await asyncio.sleep(self._pause)
            except ChannelError as error:
                POLLS.labels(name, error.code).inc()
                log.warning("provider cannot be asked", extra={"account": account.id, "code": error.code})
                delay = error.after if isinstance(error, Throttled) else _BACK_OFF_S[min(failures, 4)]
                failures += 1
                await asyncio.sleep(delay)
            except DatabaseAway as error:
                POLLS.labels(name, "database").inc()
                log.warning("polling waits for the database", extra={"code": type(error).__name__})
                await asyncio.sleep(self._pause)
            except Exception:
                POLLS.labels(name, "failed").inc()
                log.exception("polling failed", extra={"account": account.id})
                await asyncio.sleep(self._pause)

    async def once(self, name: str, channel: Polled, account: ChannelAccount) -> int:
        """One question to the provider; returns how many messages were new. It forgets them once they are stored."""
        events = await channel.poll(account, self._deps.now())
        if not events:
            POLLS.labels(name, "nothing").inc()
            return 0
        fresh = await self._store(account, events)
        await channel.polled(account)
        POLLS.labels(name, "taken").inc()
        RECEIVED.labels(name).inc(fresh)
        return fresh

    async def _store(self, account: ChannelAccount, events: Sequence[Event]) -> int:
        try:
            return await receive(self._deps, account, events)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("messages could not be stored together, trying one by one", extra={"account": account.id})
        fresh = 0
        for event in events:
            try:
                fresh += await receive(self._deps, account, [event])
            except DatabaseAway:
                raise
            except Exception:  # else this one would come again and again, and nothing behind it
                POLLS.labels(account.id.partition(":")[0], "broken").inc()
                log.exception("a message could not be stored", extra={"account": account.id})
        return fresh


async def _alone(lock: psycopg.AsyncConnection, account: str) -> bool:
    """Whether this connection is the account's poller; asking again also shows that the connection still stands."""
    cursor = await lock.execute(_LOCK, (f"loket poll {account}",))
    row = await cursor.fetchone()
    return bool(row and row[0])

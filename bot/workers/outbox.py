"""The outbox worker: sends what push channels have to deliver."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from bot.errors import ChannelError, RecipientBlocked, Throttled
from bot.ports import Channel, Clock
from bot.storage.outbox import OutboxQueue, OutboxRow
from bot.storage.pg import listen
from bot.workers.figures import SENT

log = logging.getLogger(__name__)

_IDLE_S = 2.0
_MAX_ATTEMPTS = 8


class OutboxWorker:
    """Claims, ends the transaction, sends, keeps the provider's id (design 3.6)."""

    def __init__(self, queue: OutboxQueue, channels: Mapping[str, Channel], clock: Clock, database_url: str) -> None:
        self._queue = queue
        self._channels = channels
        self._clock = clock
        self._url = database_url
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        ears = asyncio.create_task(listen(self._url, ("loket_outbox",), lambda *_: self._wake.set(), self._wake.set))
        try:
            while True:
                try:
                    await self._queue.sweep(self._clock.now())
                    while await self.once():
                        pass
                except Exception:
                    log.exception("outbox cannot be worked on")
                try:
                    await asyncio.wait_for(self._wake.wait(), _IDLE_S)
                except TimeoutError:
                    pass
                self._wake.clear()
        finally:
            ears.cancel()

    async def once(self) -> int:
        """Send what is due now; returns how many messages were tried."""
        rows = await self._queue.claim(16, self._clock.now())
        await asyncio.gather(*(self._send(row) for row in rows))
        return len(rows)

    async def _send(self, row: OutboxRow) -> None:
        channel = self._channels.get(row.account.partition(":")[0])
        if channel is None:
            await self._settle(row, "failed", "no_channel")
            return
        try:
            sent = await channel.send(row.recipient, row.reply)
        except Throttled as error:
            await self._settle(row, "created", error.code, delay_s=error.after)
        except RecipientBlocked as error:
            await self._settle(row, "failed", error.code)
        except ChannelError as error:
            again = error.retryable and row.attempts < _MAX_ATTEMPTS
            await self._settle(row, "created" if again else "failed", error.code, delay_s=min(2**row.attempts, 300))
        else:
            SENT.labels("sent").inc()
            await self._queue.settle(row, "sent", self._clock.now(), external_id=sent.external_id)

    async def _settle(self, row: OutboxRow, state: str, code: str, delay_s: float = 0) -> None:
        SENT.labels("retry" if state == "created" else "failed").inc()
        await self._queue.settle(row, state, self._clock.now(), error_code=code, delay_s=delay_s)

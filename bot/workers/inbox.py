"""The inbox worker: claims messages, runs turns side by side, gives back what it cannot finish."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from bot import tracing
from bot.domain.conversation import InboxRow
from bot.errors import ChannelError, DialogueUnavailable, Fenced, LoketError, Throttled
from bot.storage.inbox import InboxQueue
from bot.storage.pg import DatabaseAway, listen
from bot.usecases.attachments import Attachments, Channels
from bot.usecases.converse import Converse
from bot.usecases.deps import Deps
from bot.usecases.seen import Seen
from bot.usecases.store import Tx
from bot.workers.figures import DEAD_LETTERS, JOINED, OWN_SECONDS, SEEN, TURN_SECONDS, TURNS

log = logging.getLogger(__name__)

_IDLE_S = 1.0
_WAIT_S = (0.3, 0.5, 1.0, 2.0)
_MEDIA_WAIT_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Between tries to fetch a file from a provider that is away (:data:`bot.usecases.attachments.MAX_WAITS` of them)."""
_TELL_AFTER_WAITS = 12
"""About 20 seconds without Rasa: the citizen is told once that the message is safe and will be answered."""


class InboxWorker:
    """One process' share of the inbox. ``concurrency``: turns at the same time."""

    def __init__(
        self,
        deps: Deps,
        queue: InboxQueue,
        database_url: str,
        concurrency: int,
        timeout_s: float,
        attachments: Attachments | None = None,
        channels: Channels | None = None,
    ) -> None:
        self._deps = deps
        self._queue = queue
        self._url = database_url
        self._seen = Seen(channels or Channels(), lambda outcome: SEEN.labels(outcome).inc())
        self._converse = Converse(deps, attachments, self._seen)
        self._slots = concurrency
        self._timeout = timeout_s
        self._running: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; turns under way are given a moment to finish."""
        await self._queue.start()
        helpers = [
            asyncio.create_task(listen(self._url, ("loket_inbox",), self._poke, self._wake.set)),
            asyncio.create_task(self._tend()),
        ]
        try:
            while True:
                await self._fill()
                try:
                    await asyncio.wait_for(self._wake.wait(), _IDLE_S)
                except TimeoutError:
                    pass
                self._wake.clear()
        finally:
            for helper in helpers:
                helper.cancel()
            if self._running:
                await asyncio.wait(self._running.values(), timeout=5)
            await self._seen.finish()
            await self._queue.stop()

    def _poke(self, _channel: str, _payload: str) -> None:
        self._wake.set()

    async def _fill(self) -> None:
        free = self._slots - len(self._running)
        if free <= 0:
            return
        try:
            rows = await self._queue.claim(free, self._deps.now())
        except Exception:  # the database is away: everything stays where it is
            log.exception("inbox cannot be read")
            await asyncio.sleep(1)
            return
        for row in rows:
            task = asyncio.create_task(self._turn(row))
            self._running[row.id] = task
            task.add_done_callback(partial(self._done, row.id))
        if len(rows) == free:
            self._wake.set()

    def _done(self, inbox_id: int, task: asyncio.Task[None]) -> None:
        self._running.pop(inbox_id, None)
        if not task.cancelled() and task.exception() is not None:
            # Not even giving it back worked (the database is away): the sweep does, once its lease has nobody behind it.
            log.warning("turn broken off", extra={"inbox": inbox_id, "code": type(task.exception()).__name__})
        # The conversation's next message may wait behind this one.
        self._wake.set()

    async def _turn(self, row: InboxRow) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                with tracing.process("inbox", row.body.get("trace"), inbox=row.id, conversation=row.conversation_id):
                    timing = await self._converse.run(row)
            TURNS.labels("done").inc()
            JOINED.inc(timing.joined)
            TURN_SECONDS.observe(timing.total_s)
            OWN_SECONDS.observe(timing.total_s - timing.rasa_s)
        except Fenced:
            TURNS.labels("fenced").inc()
        except (DialogueUnavailable, *DatabaseAway) as error:
            TURNS.labels("waiting").inc()
            await self._wait(row, error.code if isinstance(error, LoketError) else "database", _WAIT_S)
        except ChannelError as error:  # the file of a message cannot be fetched yet
            TURNS.labels("waiting").inc()
            await self._wait(row, error.code, (error.after,) if isinstance(error, Throttled) else _MEDIA_WAIT_S)
        except Exception as error:
            code = error.code if isinstance(error, LoketError) else type(error).__name__
            log.warning(
                "turn failed", extra={"inbox": row.id, "code": code}, exc_info=not isinstance(error, LoketError)
            )
            TURNS.labels("failed").inc()
            await self._fail(row, code)

    async def _wait(self, row: InboxRow, reason: str, delays: tuple[float, ...]) -> None:
        delay = delays[min(row.waits, len(delays) - 1)]
        ours = await self._queue.wait(row, reason, delay, self._deps.now())
        if ours and row.waits == _TELL_AFTER_WAITS:
            await self._converse.apologise(row, "error.busy")
        asyncio.get_running_loop().call_later(delay, self._wake.set)

    async def _fail(self, row: InboxRow, code: str) -> None:
        async def tell(tx: Tx) -> None:
            await self._converse.apologise(row, "error.turn_failed", tx)

        if await self._queue.fail(row, code, self._deps.now(), tell):
            DEAD_LETTERS.inc()
            log.error("message given up", extra={"inbox": row.id, "code": code})

    async def _gave_up(self, tx: Tx, row: InboxRow) -> None:
        await self._converse.apologise(row, "error.turn_failed", tx)

    async def _tend(self) -> None:
        """Prolong leases, take back those of the dead."""
        while True:
            await asyncio.sleep(1)
            try:
                if self._running:
                    await self._queue.renew(list(self._running), self._deps.now())
                await self._queue.alive()
                for row in await self._queue.sweep(self._deps.now(), self._gave_up):
                    DEAD_LETTERS.inc()
                    log.error("message given up", extra={"inbox": row.id, "code": "lease_lost"})
            except Exception:
                log.exception("inbox cannot be tended")

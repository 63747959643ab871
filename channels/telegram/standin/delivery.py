"""Updates on their way: by webhook (one at a time per chat, again until 2xx) or by ``getUpdates``, never both.

How Telegram does it: tdlib/telegram-bot-api keeps a queue per chat, sends its next update only after the answer to the
one before, and repeats with growing delays what was not answered 2xx.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from channels.telegram.standin.faults import Faults
from channels.telegram.standin.state import ApiError

REORDER_WAIT_S = 0.5
REORDER_LOOKS = 25
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the header's name)


@dataclass(frozen=True)
class Webhook:
    """What ``setWebhook`` was told."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass
class Delivery:
    """The updates of one bot that nobody has taken yet."""

    session: aiohttp.ClientSession
    faults: Faults
    retry_first_s: float
    retry_most_s: float
    timeout_s: float
    webhook: Webhook | None = None
    allowed: tuple[str, ...] = ()
    """Kinds of updates that are wanted; empty: all."""
    last_error: tuple[int, str] | None = None
    pending: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """Update id -> (chat, update)."""
    first_id: int = 1

    def __post_init__(self) -> None:
        self._ids = itertools.count(self.first_id)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._gate = asyncio.Semaphore(40)
        self._news = asyncio.Event()
        self._poll = 0

    def put(self, chat: int, kind: str, body: dict[str, Any]) -> int | None:
        """A new update; its id, or None when such are not wanted."""
        if self.allowed and kind not in self.allowed:
            return None
        number = next(self._ids)
        self.pending[number] = (chat, {"update_id": number, kind: body})
        self._wake(chat)
        return number

    async def set_webhook(self, webhook: Webhook | None, allowed: tuple[str, ...] | None, drop: bool) -> None:
        """Set or remove the webhook; what waits goes there from now on."""
        await self.stop()
        if drop:
            self.pending.clear()
        self.webhook, self.last_error = webhook, None
        self._gate = asyncio.Semaphore(webhook.max_connections if webhook else 1)
        if allowed is not None:
            self.allowed = allowed
        for chat in {chat for chat, _ in self.pending.values()}:
            self._wake(chat)

    async def updates(self, offset: int, limit: int, timeout_s: float) -> list[dict[str, Any]]:
        """``getUpdates``.

        :raises ApiError: 409: a webhook is set, or somebody else asked after us.
        """
        self._refuse_webhook()
        self._poll += 1
        mine = self._poll
        self._news.set()  # whoever asked before us hears that they lost
        start = offset if offset >= 0 else (sorted(self.pending)[offset:] or [0])[0]
        for number in [n for n in self.pending if n < start]:
            del self.pending[number]
        until = time.monotonic() + timeout_s
        while not self.pending and (left := until - time.monotonic()) > 0:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._news.wait()
            if mine != self._poll:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            self._refuse_webhook()
        return [update for _, (_, update) in sorted(self.pending.items())[:limit]]

    async def stop(self) -> None:
        """End all deliveries; nothing is lost."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _refuse_webhook(self) -> None:
        if self.webhook is not None:
            what = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise ApiError(409, f"Conflict: {what}")

    def _wake(self, chat: int) -> None:
        self._news.set()
        if self.webhook is not None and chat not in self._tasks:
            task = asyncio.create_task(self._serve(chat, self.webhook))
            self._tasks[chat] = task
            task.add_done_callback(lambda _: self._ended(chat, task))

    def _ended(self, chat: int, task: asyncio.Task[None]) -> None:
        if self._tasks.get(chat) is task:
            del self._tasks[chat]
            if self._waiting(chat):
                self._wake(chat)

    def _waiting(self, chat: int) -> list[int]:
        return sorted(number for number, (of, _) in self.pending.items() if of == chat)

    async def _serve(self, chat: int, webhook: Webhook) -> None:
        failures = 0
        while numbers := self._waiting(chat):
            number = await self._choose(chat, numbers[0])
            async with self._gate:
                taken = await self._deliver(webhook, self.pending[number][1])
            if taken:
                self.pending.pop(number, None)
                failures = 0
                continue
            await asyncio.sleep(min(self.retry_first_s * 2 ** min(failures, 20), self.retry_most_s))
            failures += 1

    async def _choose(self, chat: int, first: int) -> int:
        """The first update, or with the fault ``reorder`` the one behind it."""
        if not self.faults.take("reorder"):
            return first
        for _ in range(REORDER_LOOKS):
            if len(self._waiting(chat)) > 1:
                break
            await asyncio.sleep(REORDER_WAIT_S / REORDER_LOOKS)
        return self._waiting(chat)[:2][-1]

    async def _deliver(self, webhook: Webhook, update: dict[str, Any]) -> bool:
        if self.faults.delay_s:
            await asyncio.sleep(self.faults.delay_s)
        if self.faults.take("forge") and await self._post(webhook, update, "forged") == "":
            self.faults.forged_taken += 1
        problem = await self._post(webhook, update, webhook.secret)
        if problem:
            self.last_error = (int(time.time()), problem)
            return False
        if self.faults.take("duplicate"):
            await self._post(webhook, update, webhook.secret)
        return True

    async def _post(self, webhook: Webhook, update: dict[str, Any], secret: str) -> str:
        """Empty when answered 2xx, else what ``getWebhookInfo`` says of it."""
        headers = {_SECRET: secret} if secret else {}
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with self.session.post(
                webhook.url, json=update, headers=headers, allow_redirects=False, timeout=timeout
            ) as response:
                await response.read()
                if 200 <= response.status < 300:
                    return ""
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except (aiohttp.ClientError, OSError):
            return "Connection refused"

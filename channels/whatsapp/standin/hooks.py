"""Calls webhooks as Twilio does: form bodies, signed over the public address, repeated as the address asks for.

twilio.com/docs/usage/webhooks/webhooks-connection-overrides: 15 s for an answer, one more call when no connection was made, unless
the address ends with ``#rc=<0-5>&rp=<4xx,5xx,ct,rt,all>``, which is neither sent nor signed. A repeated call carries the same
``I-Twilio-Idempotency-Token``. The pauses between calls are ours; Twilio tells none.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit

import aiohttp

from channels.whatsapp.standin.faults import Faults
from channels.whatsapp.standin.state import TwilioMessage, World

TIMEOUT_S = 15.0
HELD_S = 0.5
"""How long ``reorder`` holds a webhook back at most."""


@dataclass(frozen=True)
class Call:
    """One webhook call and what came of it."""

    url: str
    fields: Mapping[str, str]
    statuses: tuple[int, ...]
    """HTTP status per try; 0: none came."""

    @property
    def taken(self) -> bool:
        """Whether a try was answered 2xx."""
        return any(200 <= status < 300 for status in self.statuses)


def sign(token: str, url: str, fields: Mapping[str, str]) -> str:
    """``X-Twilio-Signature``: HMAC-SHA1 of the address and the sorted fields (twilio.com/docs/usage/security)."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Hooks:
    """Delivers; ``reach`` maps the start of a public address to where it really is, as a proxy would."""

    def __init__(self, world: World, faults: Faults, reach: Mapping[str, str], retry_first_s: float = 0.2) -> None:
        self._world = world
        self._retry_first_s = retry_first_s
        self._faults = faults
        self._reach = dict(reach)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waiting: dict[str, list[tuple[str, dict[str, str]]]] = {}
        self._lines: dict[str, asyncio.Lock] = {}
        """Per phone: what it sends arrives one after the other, unless ``reorder`` is set. Twilio promises no order."""
        self.calls: list[Call] = []
        """Every call made, for tests and the fault panel."""

    def reach(self, public: str, actual: str) -> None:
        """Where calls to a public address go."""
        self._reach[public] = actual

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something after the answer is given."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until nothing is under way; lets held-back webhooks go."""
        while self._tasks or self._waiting:
            for chat in list(self._waiting):
                await self._release(chat)
            if self._tasks:
                await asyncio.wait(list(self._tasks), timeout=0.05)

    async def close(self) -> None:
        """Stop."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def deliver(self, url: str, fields: dict[str, str]) -> list[Call]:
        """Call a webhook, and what ``reorder`` held back for this chat after it."""
        if not url:
            return []
        received = fields.get("SmsStatus") == "received"
        chat = fields["From"] if received else fields["To"]
        if self._faults.strike("reorder"):
            self._waiting.setdefault(chat, []).append((url, fields))
            self.start(self._release_later(chat))
            return []
        if not received:
            return await self._deliver(chat, url, fields)
        async with self._lines.setdefault(chat, asyncio.Lock()):
            return await self._deliver(chat, url, fields)

    async def _deliver(self, chat: str, url: str, fields: dict[str, str]) -> list[Call]:
        calls = [await self._call(url, fields)]
        if self._faults.strike("duplicate"):
            calls.append(await self._call(url, fields))
        return [*calls, *await self._release(chat)]

    async def _release(self, chat: str) -> list[Call]:
        return [await self._call(url, fields) for url, fields in self._waiting.pop(chat, [])]

    async def _release_later(self, chat: str) -> None:
        for _ in range(10):
            await asyncio.sleep(HELD_S / 10)
            if chat not in self._waiting:
                return
        await self._release(chat)

    async def statuses(self, message: TwilioMessage, steps: list[tuple[str, int | None]]) -> None:
        """The status callbacks of a message, one after the other; ``reorder`` turns them around."""
        if self._faults.strike("reorder"):
            steps = steps[::-1]
        for status, code in steps:
            # The resource never goes back, whatever the order of the callbacks.
            if _RANK[status] > _RANK.get(message.status, 0):
                message.status, message.error_code = status, code
                message.sent = message.sent or self._world.now()
            if message.callback:
                await self.deliver(message.callback, self._status_fields(message, status, code))

    def _status_fields(self, message: TwilioMessage, status: str, code: int | None) -> dict[str, str]:
        fields = {
            "AccountSid": self._world.account,
            "ApiVersion": "2010-04-01",
            "ChannelInstallSid": "XE" + "0" * 32,
            "ChannelPrefix": "whatsapp",
            "ChannelToAddress": f"whatsapp:{message.person}",
            "From": f"whatsapp:{message.sender}",
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "StructuredMessage": "false",
            "To": f"whatsapp:{message.person}",
        }
        if message.service:
            fields["MessagingServiceSid"] = message.service
        if code is not None:
            fields |= {"ErrorCode": str(code), "ErrorMessage": "see twilio.com/docs/api/errors"}
        if status == "read":
            fields["EventType"] = "READ"
        return fields

    async def _call(self, configured: str, fields: dict[str, str]) -> Call:
        url, overrides = urldefrag(configured)
        retries, kinds = _overrides(overrides)
        statuses: list[int] = []
        token = str(uuid.uuid4())
        for place in range(1 + retries):
            if place:
                await asyncio.sleep(self._retry_first_s * 2 ** (place - 1))
            statuses.append(await self._post(url, fields, token))
            if not _to_repeat(statuses[-1], kinds):
                break
        call = Call(url, fields, tuple(statuses))
        self.calls.append(call)
        return call

    async def _post(self, url: str, fields: dict[str, str], token: str) -> int:
        if self._faults.of("delay_s"):
            await asyncio.sleep(self._faults.of("delay_s"))
        if self._faults.strike("forge") and 200 <= await self._signed("forged", url, fields, token) < 300:
            self._faults.forged_taken += 1
        return await self._signed(self._world.token, url, fields, token)

    async def _signed(self, secret: str, url: str, fields: dict[str, str], token: str) -> int:
        public = urlsplit(url)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Host": public.netloc,
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "X-Forwarded-Host": public.netloc,
            "X-Forwarded-Proto": public.scheme,
            "X-Twilio-Signature": sign(secret, url, fields),
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        try:
            async with self._session.post(self.actual(url), data=urlencode(fields).encode(), headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    def actual(self, url: str) -> str:
        """Where an address of ours really is."""
        public = max((start for start in self._reach if url.startswith(start)), key=len, default=None)
        return url if public is None else self._reach[public] + url.removeprefix(public)


_RANK = {"accepted": 0, "queued": 0, "sent": 1, "delivered": 2, "read": 3, "undelivered": 4, "failed": 4}


def _overrides(fragment: str) -> tuple[int, frozenset[str]]:
    """How often, and after which failures, a call is repeated."""
    given = parse_qs(fragment)
    count = given.get("rc", ["1"])[0]
    kinds = frozenset(given.get("rp", ["ct"])[0].split(","))
    return (min(int(count), 5) if count.isdecimal() else 1), kinds


def _to_repeat(status: int, kinds: frozenset[str]) -> bool:
    """Whether a failure is one of ``kinds``; 0 stands for no connection and no answer alike."""
    if 200 <= status < 400:
        return False
    kind = {0: "ct", 4: "4xx", 5: "5xx"}[status // 100]
    return "all" in kinds or kind in kinds or (status == 0 and "rt" in kinds)

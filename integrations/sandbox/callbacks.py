"""Delivers the pushes of one agency: in order within a case, retried with back-off until the gateway says 2xx."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator
from datetime import datetime

import aiohttp

from bot.ports import Clock
from integrations.sandbox import distort
from integrations.sandbox.case import Pending
from integrations.sandbox.cases import Cases
from integrations.sandbox.faults import FaultPanel
from integrations.sandbox.signing import callback_signature

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=10)
LOOK_AGAIN_S = 0.5
"""How often due times are looked at (the clock may be moved by hand)."""
AT_ONCE = 8
"""Cases served at the same time."""


class CallbackSender:
    """The pushes live in the agency's SQLite file, so a restart of the sandbox loses none."""

    def __init__(
        self,
        agency: str,
        cases: Cases,
        faults: FaultPanel,
        clock: Clock,
        secret: str,
        retry_first_s: float,
        retry_most_s: float,
    ) -> None:
        self._agency = agency
        self._cases = cases
        self._faults = faults
        self._clock = clock
        self._secret = secret
        self._first = retry_first_s
        self._most = retry_most_s
        self._woken = asyncio.Event()
        self._gate = asyncio.Semaphore(AT_ONCE)

    def wake(self) -> None:
        """Something may be due."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            while True:
                self._woken.clear()
                try:
                    sent = await self._deliver_due(session)
                except Exception:
                    # One bad round must not end the sender: the pushes stay in the file.
                    log.exception("a round of callbacks failed", extra={"agency": self._agency})
                    sent = 0
                if not sent:
                    await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _deliver_due(self, session: aiohttp.ClientSession) -> int:
        reorder = self._faults.of(self._agency).reorder_callbacks
        next_of_each = [chosen for case in _by_case(self._cases.pending()) if (chosen := _choose(case, reorder))]
        now = self._clock.now().timestamp()
        due = [push for push in next_of_each if push.due <= now]
        await asyncio.gather(*(self._deliver(session, push) for push in due))
        return len(due)

    async def _deliver(self, session: aiohttp.ClientSession, push: Pending) -> None:
        faults = self._faults.of(self._agency)
        async with self._gate:
            # What becomes of these two is nobody's news: Loket has to refuse them.
            if faults.forged_callbacks:
                await self._post(session, push.url, distort.forged(push.body), secret="not-the-secret-of-anybody")  # noqa: S106
            if faults.odd_callbacks:
                await self._post(session, push.url, distort.odd(push.body))
            trace = self._cases.trace(push.ref)
            result = await self._post(session, push.url, push.body, trace=trace)
            if result == "" and faults.duplicate_callbacks:
                await self._post(session, push.url, push.body, trace=trace)
        if result == "":
            self._cases.delivered(push.id)
            return
        wait = min(self._first * 2 ** min(push.attempts, 20), self._most)
        self._cases.failed(push.id, self._clock.now().timestamp() + wait, result)
        log.warning(
            "a callback was not taken", extra={"agency": self._agency, "result": result, "attempts": push.attempts + 1}
        )

    async def _post(
        self, session: aiohttp.ClientSession, url: str, body: bytes, secret: str = "", trace: str | None = None
    ) -> str:
        """Empty when taken, else the status or the error's name. ``trace``: what the case came with (W3C ``traceparent``)."""
        timestamp = _seconds(self._clock.now())
        headers = {
            "Content-Type": "application/json",
            "X-Loket-Timestamp": timestamp,
            "X-Loket-Signature": callback_signature(secret or self._secret, timestamp, body),
            **({"traceparent": trace} if trace else {}),
        }
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return "" if 200 <= response.status < 300 else str(response.status)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__


def _by_case(pending: list[Pending]) -> Iterator[list[Pending]]:
    for _, pushes in itertools.groupby(sorted(pending, key=lambda p: (p.ref, p.id)), key=lambda p: p.ref):
        yield list(pushes)


def _choose(pushes: list[Pending], reorder: bool) -> Pending | None:
    if not reorder:
        return pushes[0]
    # Newest first; a lonely push waits, unless a later one has overtaken it already.
    return pushes[-1] if len(pushes) > 1 or pushes[-1].overtaken else None


def _seconds(now: datetime) -> str:
    return str(int(now.timestamp()))

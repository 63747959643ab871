"""`./loket bench console`: from a citizen's message to the agent's screen, with 500 open conversations and 30 consoles connected.

Real gateway, worker and PostgreSQL; consoles are what a browser is: a signed-in session, its page, its event stream. Each
agent holds eight of the conversations and has one of them open. Citizens write through the web chat API; a message is on the screen
once the stream of the agent who holds the conversation has brought its words (``rows``: the list's row with the last line;
``lines``: the open thread). All 30 streams are read to the end, as 30 browsers would.

The baseline is the usual way of a page without a stream: the same consoles ask for their list every five seconds (as
`src/addOns.js` of Buerokratt's notification server asks its index every second, and the queue every four, research/buerokratt.md 2). The
same messages, the same gateway, right after.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import aiohttp

from bot.bench.console_office import Conversation, Office, open_office
from bot.bench.machine import cpu_seconds
from bot.bench.report import Result, percentile
from bot.settings import Settings
from bot.web.staff.auth import COOKIE

CONVERSATIONS, CONSOLES, EACH = 500, 30, 8
_MESSAGES, _PER_S = 240, 8.0
"""Of each side: 500 people who write about once a minute."""
_POLL_S = 5.0
_LATE_S = 15.0
"""A message that is not on the screen by then is lost."""
_SHARE_OPEN = 0.3
"""Share of the messages that go to a conversation whose thread is open on its agent's screen."""

Say = Callable[[str], None]
Watch = Callable[[aiohttp.ClientSession, Office, "Screen", asyncio.Event], Coroutine[None, None, None]]


@dataclass
class Screen:
    """What one agent sees; ``waited`` are words not seen yet, with the time they were sent."""

    agent: str
    open: Conversation
    waited: dict[str, float] = field(default_factory=dict)
    seen: list[float] = field(default_factory=list)

    def show(self, what: str) -> None:
        """Look for the words that are waited for."""
        now = perf_counter()
        for words in [words for words in self.waited if words in what]:
            self.seen.append(now - self.waited.pop(words))


def run(settings: Settings, say: Say) -> Result:
    """Measure both sides."""
    return asyncio.run(_run(settings, say))


async def _run(settings: Settings, say: Say) -> Result:
    with tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True) as folder:
        async with open_office(settings, Path(folder), CONVERSATIONS, CONSOLES, EACH) as office:
            say(f"{CONVERSATIONS} percakapan / conversations, {CONSOLES} konsol / consoles")
            mine = await _side(office, say, "stream", _stream)
            polled = await _side(office, say, "polling", _poll)
    return Result("console", mine, polled)


async def _side(office: Office, say: Say, name: str, watch: Watch) -> dict[str, float]:
    screens = [_screen(office, agent) for agent in office.cookies]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        ready = [asyncio.Event() for _ in screens]
        watching = [
            asyncio.create_task(watch(http, office, screen, event))
            for screen, event in zip(screens, ready, strict=True)
        ]
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in ready)), 60)
        cpu, began = cpu_seconds(office.gateway.pid), perf_counter()
        await _write(http, office, screens)
        await _until_seen(screens)
        seconds, cpu = perf_counter() - began, cpu_seconds(office.gateway.pid) - cpu
        for task in watching:
            task.cancel()
        broken = [one for one in await asyncio.gather(*watching, return_exceptions=True) if _failed(one)]
        if broken:
            raise RuntimeError(f"{len(broken)} consoles broke off: {broken[0]!r}")
    figures = _figures(screens, cpu, seconds)
    say(
        f"{name:8} p50 {figures['to_screen_p50_ms']:.0f} ms, p95 {figures['to_screen_p95_ms']:.0f} ms, lost {figures['lost']:.0f}"
    )
    return figures


def _failed(outcome: object) -> bool:
    return isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError)


def _screen(office: Office, agent: str) -> Screen:
    return Screen(agent, next(one for one in office.conversations if one.agent == agent))


def _figures(screens: list[Screen], cpu_s: float, seconds: float) -> dict[str, float]:
    took = [ms for screen in screens for ms in screen.seen]
    lost = sum(len(screen.waited) for screen in screens)
    return {
        "to_screen_p50_ms": round(percentile(took, 0.5) * 1000, 1),
        "to_screen_p95_ms": round(percentile(took, 0.95) * 1000, 1),
        "to_screen_p99_ms": round(percentile(took, 0.99) * 1000, 1),
        "lost": float(lost),
        "gateway_cpu_ms_per_message": round(cpu_s * 1000 / max(1, len(took)), 1),
        "gateway_cpu_share": round(cpu_s / seconds, 3),
    }


# -- citizens -----------------------------------------------------------------------------------------------------------


async def _write(http: aiohttp.ClientSession, office: Office, screens: list[Screen]) -> None:
    """Messages at an even pace, each with words of its own (letters only: numbers are masked on the way)."""
    dice = random.Random(7)  # noqa: S311 - the same people each time
    by_agent = {screen.agent: screen for screen in screens}
    shown = [screen.open for screen in screens]
    others = [one for one in office.conversations if one.agent is not None and one not in shown]
    # In turn: a list shows the last line only, so two messages of one conversation must not come together.
    open_, closed = cycle(shown), cycle(dice.sample(others, len(others)))
    posts: list[asyncio.Task[None]] = []
    begin = perf_counter()
    for n in range(_MESSAGES):
        one = next(open_) if dice.random() < _SHARE_OPEN else next(closed)
        words = "".join(dice.choice("abcdefghijklmnoprstu") for _ in range(16))
        await asyncio.sleep(max(0.0, begin + n / _PER_S - perf_counter()))
        screen = by_agent[str(one.agent)]
        screen.waited[words] = perf_counter()
        posts.append(asyncio.create_task(_post(http, office.url, one.bearer, f"Permisi, {words}")))
    await asyncio.gather(*posts)


async def _post(http: aiohttp.ClientSession, url: str, bearer: str, words: str) -> None:
    body = {"client_id": str(uuid4()), "text": words}
    headers = {"Authorization": f"Bearer {bearer}"}
    async with http.post(f"{url}/chat/v1/messages", json=body, headers=headers) as response:
        if response.status != 202:
            raise RuntimeError(f"a message was not taken: {response.status}")


async def _until_seen(screens: list[Screen]) -> None:
    end = perf_counter() + _LATE_S
    while perf_counter() < end and any(screen.waited for screen in screens):  # noqa: ASYNC110 - 30 screens
        await asyncio.sleep(0.05)


# -- consoles -----------------------------------------------------------------------------------------------------------


def _session(office: Office, agent: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={office.cookies[agent]}"}


async def _page(http: aiohttp.ClientSession, office: Office, screen: Screen) -> str:
    """The console's page with the open conversation, as a browser loads it first; the last line on it."""
    address = f"{office.url}/staff/tickets/{screen.open.ticket}?view=mine"
    async with http.get(address, headers=_session(office, screen.agent), allow_redirects=False) as response:
        body = await response.text()
        if response.status != 200:
            raise RuntimeError(f"the console's page does not open: {response.status}")
    head, found, rest = body.partition('data-last="')
    return rest.partition('"')[0] if found else "0"


async def _stream(http: aiohttp.ClientSession, office: Office, screen: Screen, ready: asyncio.Event) -> None:
    after = await _page(http, office, screen)
    query = {"view": "mine", "ticket": str(screen.open.ticket), "after": after}
    headers = {**_session(office, screen.agent), "Accept": "text/event-stream"}
    timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
    address = f"{office.url}/staff/console/events"
    async with http.get(address, params=query, headers=headers, timeout=timeout) as response:
        if response.status != 200:
            raise RuntimeError(f"no stream: {response.status}")
        rest = ""
        async for chunk in response.content.iter_any():
            *events, rest = (rest + chunk.decode()).split("\n\n")
            for event in events:
                if "event: hello" in event:
                    ready.set()
                screen.show(event)


async def _poll(http: aiohttp.ClientSession, office: Office, screen: Screen, ready: asyncio.Event) -> None:
    """The list every five seconds, each console at a moment of its own."""
    await _page(http, office, screen)
    ready.set()
    headers = {**_session(office, screen.agent), "HX-Request": "true"}
    await asyncio.sleep(random.random() * _POLL_S)  # noqa: S311
    while True:
        began = perf_counter()
        async with http.get(f"{office.url}/staff/?view=mine", headers=headers) as response:
            body = await response.text()
            if response.status != 200:
                raise RuntimeError(f"the list cannot be had: {response.status}")
        screen.show(body)
        await asyncio.sleep(max(0.0, _POLL_S - (perf_counter() - began)))

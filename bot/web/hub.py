"""Wakes what waits in this process for a NOTIFY: open event streams, staff pages."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator

from bot.storage.pg import listen

STAFF = "staff"
"""Key of everything staff pages look at."""
ANYTHING = "*"
"""What was heard after a time of not listening: it may be anything."""


def citizen_types(conversation: str) -> str:
    """What staff pages are told when a citizen is writing (see :mod:`bot.web.staff.console_presence`)."""
    return f"look:{conversation} ~ 1"


class Wake:
    """Set when there may be news; whoever waits looks at the tables."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.typing = False
        self.news = False
        self.agent_types = False
        self._heard: set[str] = set()

    def set(self, what: str = "") -> None:
        """There may be news of ``what`` (a conversation's id, or what else the sender said)."""
        self.news = True
        self._heard.add(what)
        self._event.set()

    def heard(self) -> frozenset[str]:
        """What there may be news of since the last look."""
        heard = frozenset(self._heard)
        self._heard.clear()
        return heard

    def show_agent(self) -> None:
        """A person is writing an answer: told at once."""
        self.agent_types = True
        self._event.set()

    def show_typing(self) -> None:
        """The bot is at work: told together with the news of the message it works on, which follow at once."""
        self.typing = True

    async def wait(self, timeout: float) -> bool:
        """Wait for news (or typing) or ``timeout`` seconds; True when there was some."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Subscription:
    """``async with hub.subscribe(key) as wake``."""

    def __init__(self, hub: Hub, key: str) -> None:
        self._hub = hub
        self._key = key
        self._wake = Wake()

    async def __aenter__(self) -> Wake:
        self._hub.add(self._key, self._wake)
        return self._wake

    async def __aexit__(self, *_: object) -> None:
        self._hub.remove(self._key, self._wake)


class Hub:
    """All who wait, by key: a conversation's id, or :data:`STAFF`."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._waiting: dict[str, set[Wake]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, key: str) -> Subscription:
        """Be woken for one key."""
        return Subscription(self, key)

    def add(self, key: str, wake: Wake) -> None:
        """Used by :class:`Subscription`."""
        self._waiting[key].add(wake)

    def remove(self, key: str, wake: Wake) -> None:
        """Used by :class:`Subscription`."""
        self._waiting[key].discard(wake)
        if not self._waiting[key]:
            del self._waiting[key]

    def typing(self, key: str) -> None:
        """The bot is at work on this conversation: open streams may show it."""
        for wake in self._of(key):
            wake.show_typing()

    def _of(self, key: str) -> Iterator[Wake]:
        yield from tuple(self._waiting.get(key, ()))

    def _heard(self, channel: str, payload: str) -> None:
        if channel == "loket_typing":
            for wake in self._of(payload):
                wake.show_agent()
            return
        keys = (payload, STAFF) if channel == "loket_message" else (STAFF,)
        for key in keys:
            for wake in self._of(key):
                wake.set(payload)

    def _everybody(self) -> None:
        for key in tuple(self._waiting):
            for wake in self._of(key):
                wake.set(ANYTHING)

    async def start(self) -> None:
        """Listen from now on."""
        self._task = asyncio.create_task(
            listen(self._url, ("loket_message", "loket_staff", "loket_typing"), self._heard, self._everybody)
        )

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

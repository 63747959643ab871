"""Citizens of the chaos bench: the same ten messages on the web, on Telegram and on WhatsApp.

A citizen waits for the answer before the next message, as people do in free talk; inside the form three messages are sent at once,
as impatient people do (inside a form they are never made one; its question is asked after the last of them).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import Any, Protocol, Self
from uuid import uuid4

import aiohttp

BURSTS: tuple[tuple[str, ...], ...] = (
    ("halo",),
    ("berapa biaya ktp hilang?",),
    ("syarat kia apa saja?",),
    ("mau buat akta kelahiran baru",),
    ("ya", "123", "sampai mana"),
    ("batal",),
    ("ya",),
    ("makasih",),
)
"""Ten messages; a burst is sent without waiting in between."""
MESSAGES = sum(map(len, BURSTS))
_PAUSE_S = 1.0
_LIMIT_S = 240.0


class Phone(Protocol):
    """How a citizen reaches Loket."""

    async def send(self, text: str) -> None:
        """Send, again and again until it is taken."""

    async def texts(self) -> list[str]:
        """Loket's messages as the citizen has seen them so far, in order; some perhaps twice."""


class Stuck(Exception):
    """No answer came."""


@dataclass
class Citizen:
    """One person. ``expected``: what each of the ``bursts`` is answered with (heard by an undisturbed citizen)."""

    phone: Phone
    expected: Sequence[Sequence[str]] = ()
    waited: list[float] = field(default_factory=list)
    bursts: Sequence[Sequence[str]] = BURSTS

    async def talk(self, answered: Callable[[], None]) -> None:
        """Say everything; ``answered`` is called after each burst.

        :raises Stuck: an answer did not come in four minutes.
        """
        for burst, answers in zip(self.bursts, self.expected, strict=True):
            before, began = len(await self.phone.texts()), perf_counter()
            for text in burst:
                await self.phone.send(text)
            await self._wait(before, answers, began)
            self.waited.append(perf_counter() - began)
            answered()

    async def rehearse(self) -> list[list[str]]:
        """Say everything undisturbed; what answered each burst."""
        heard = []
        for burst in self.bursts:
            before = len(await self.phone.texts())
            for text in burst:
                await self.phone.send(text)
            answers = (await self._settled(before))[before:]
            # A question is held back while more messages wait: the last time it is asked is the one that always comes.
            heard.append(last_of_each(answers) if len(burst) > 1 else answers)
        return heard

    async def _wait(self, before: int, answers: Sequence[str], began: float) -> None:
        """Until all answers were heard in their order; what comes twice in between does not matter."""
        while not _heard(answers, (await self.phone.texts())[before:]):
            if perf_counter() - began > _LIMIT_S:
                raise Stuck
            await asyncio.sleep(_PAUSE_S)

    async def _settled(self, before: int) -> list[str]:
        """What was heard once nothing was added for three seconds."""
        still, last = 0, await self.phone.texts()
        while still < 6 or len(last) == before:
            await asyncio.sleep(0.5)
            now = await self.phone.texts()
            still, last = (still + 1, last) if len(now) == len(last) else (0, now)
        return last


def last_of_each(lines: Sequence[str]) -> list[str]:
    """Each line where it stands last."""
    return [line for at, line in enumerate(lines) if line not in lines[at + 1 :]]


def shows(line: str, wanted: str) -> bool:
    """Whether a line on the screen is the one wanted. While Twilio's templates for buttons cannot be asked for, the choices stand as
    numbers below the same words (``channels/whatsapp/send.py``).
    """
    return line == wanted or line.startswith(f"{wanted}\n\n1. ")


def _heard(wanted: Sequence[str], texts: Sequence[str]) -> bool:
    rest = iter(texts)
    return all(any(shows(line, text) for line in rest) for text in wanted)


class WebPhone:
    """The web chat API, asked now and then, each request repeated until it is answered."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = f"{url}/chat/v1"
        self._headers: dict[str, str] = {}
        self.session_id = ""
        self.repeats = 0
        self._last = ""
        self._texts: list[str] = []

    async def open(self) -> Self:
        """Begin the conversation."""
        made = await self._call("POST", "/sessions", json={})
        self.session_id = made["session_id"]
        self._headers = {"Authorization": f"Bearer {made['token']}"}
        return self

    async def send(self, text: str) -> None:
        """See :class:`Phone`."""
        await self._call("POST", "/messages", json={"client_id": str(uuid4()), "text": text})

    async def texts(self) -> list[str]:
        """See :class:`Phone`."""
        news = (await self._call("GET", f"/messages?after={self._last}"))["messages"]
        if news:
            self._last = news[-1]["id"]
            self._texts += [message["text"] for message in news]
        return list(self._texts)

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        for attempt in range(600):
            try:
                async with self._http.request(method, self._url + path, headers=self._headers, **more) as answer:
                    if answer.status < 300:
                        return await answer.json()
                    if answer.status < 500:
                        raise Stuck(f"{path} {answer.status}")
            except (aiohttp.ClientError, TimeoutError):
                pass
            self.repeats += 1
            await asyncio.sleep(min(0.2 * 2**attempt, 2.0))
        raise Stuck(path)


class PushPhone:
    """A phone of a channel's stand-in (``/phone/send``, ``/phone/messages`` below ``url``)."""

    def __init__(self, http: aiohttp.ClientSession, url: str, chat: str) -> None:
        self._http = http
        self._url = url
        self.chat = chat

    async def send(self, text: str) -> None:
        """See :class:`Phone`."""
        async with self._http.post(f"{self._url}/phone/send", json={"chat": self.chat, "text": text}) as answer:
            if answer.status != 200:
                raise Stuck(f"phone {answer.status}: {await answer.text()}")

    async def texts(self) -> list[str]:
        """See :class:`Phone`."""
        return [message["text"] for message in await self._screen()]

    async def repeats(self) -> int:
        """How many of them stood on the screen right before, word for word."""
        shown = await self.texts()
        return sum(one == before for before, one in pairwise(shown))

    async def _screen(self) -> list[dict[str, Any]]:
        async with self._http.get(f"{self._url}/phone/messages", params={"chat": self.chat}) as answer:
            messages = (await answer.json())["messages"]
        return [message for message in messages if message["from"] != "citizen"]

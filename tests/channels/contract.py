"""Every channel on its stand-in, for the contract test. A new channel adds one line to :data:`SETTINGS`."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot import registry
from bot.ports import Channel
from tests.fakes import FixedClock

SECRET = "rahasia-karangan-untuk-uji-kontrak-0"  # noqa: S105
SETTINGS: dict[str, tuple[dict[str, str], str, Any]] = {
    # channel: its settings, which of them names the provider's address, somebody who could write to us
    "telegram": (
        {
            "LOKET_TELEGRAM_BOTS": f"33.28=3328000009:{SECRET}",
            "LOKET_TELEGRAM_MODE": "webhook",
        },
        "LOKET_TELEGRAM_API",
        328,
    ),
    "whatsapp": (
        {
            "LOKET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "LOKET_TWILIO_AUTH_TOKEN": SECRET,
            "LOKET_WHATSAPP_SENDERS": "33.28=+628000000900",
        },
        "LOKET_TWILIO_API",
        "+628000000001",
    ),
    "sms": (
        {
            "LOKET_X_SMS_ACCOUNT_SID": "AC" + "0" * 32,
            "LOKET_X_SMS_AUTH_TOKEN": SECRET,
            "LOKET_X_SMS_NUMBER": "+628000000800",
        },
        "LOKET_X_SMS_API",
        "+628000000001",
    ),
}
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""
NOW = datetime.now(UTC)
CLOCK = FixedClock(NOW)
COMMON = {"LOKET_PUBLIC_URL": "https://loket.example", "LOKET_LOCUS": "33.28"}

PLUGINS = {**registry.channels(), **registry.channels("docs.examples")}
PUSH = sorted(name for name, plugin in PLUGINS.items() if not plugin.manifest.pull)


@dataclass
class Case:
    """One channel with its stand-in."""

    channel: Channel
    url: str
    person: str
    http: aiohttp.ClientSession

    @property
    def account(self) -> Any:
        return next(iter(self.channel.accounts.values()))

    async def phone(self, text: str) -> None:
        """The person writes, so that we may answer; what the webhook hits is nobody's business here."""
        person = int(self.person) if self.person.isdecimal() else self.person
        body = {"chat": person, "text": text, "wait": False}
        async with self.http.post(f"{self.url}/phone/send", json=body) as answer:
            assert answer.status < 300, await answer.text()

    async def screen(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.url}/phone/messages", params={"chat": self.person}) as answer:
            return [message for message in (await answer.json())["messages"] if message["from"] == "bot"]

    async def faults(self, **kinds: float) -> None:
        async with self.http.post(f"{self.url}/faults", json=kinds) as answer:
            assert answer.status == 200


def config(name: str, api: str = NOWHERE) -> dict[str, str]:
    """Full settings of a channel."""
    assert name in SETTINGS, f"add the settings of channel {name} to SETTINGS of {__file__}"
    own, address, _ = SETTINGS[name]
    return {**COMMON, **own, address: api}


def built(name: str, api: str = NOWHERE, **changes: str) -> Channel:
    return PLUGINS[name].build({} if PLUGINS[name].manifest.pull else {**config(name, api), **changes}, CLOCK)


async def closed(channel: Channel) -> None:
    close = getattr(channel, "close", None)
    if close is not None:
        await close()


@asynccontextmanager
async def running(name: str) -> AsyncIterator[Case]:
    """The channel on its stand-in; the person has written."""
    plugin = PLUGINS[name]
    module = importlib.import_module(f"{plugin.module}.sandbox")
    # Webhooks of the stand-in lead nowhere: this test reads none.
    _, application = module.stand_in({**config(name), "LOKET_PUBLIC_URL": NOWHERE}, CLOCK)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    channel = built(name, url, LOKET_PUBLIC_URL=NOWHERE)
    try:
        async with aiohttp.ClientSession() as http:
            case = Case(channel, url, str(SETTINGS[name][2]), http)
            await case.phone("halo")
            yield case
    finally:
        await closed(channel)
        await runner.cleanup()


@asynccontextmanager
async def alone(name: str) -> AsyncIterator[Channel]:
    """A channel whose provider is not there."""
    channel = built(name)
    yield channel
    await closed(channel)

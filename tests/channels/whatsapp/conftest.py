"""A stand-in of Twilio, the channel that speaks to it, and a receiver of its webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.domain.messages import Button, Event, Inbound, OutFile, Outgoing, Receipt, Template
from bot.ports import ChannelAccount, WebhookRequest
from bot.registry import channel_manifest
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.sandbox import ACCOUNT_SID, AUTH_TOKEN, TwilioStandIn
from tests.servers.whatsapp import NUMBER, OTHER_NUMBER, PUBLIC_URL, whatsapp_server

ROOT = Path(__file__).parents[3]
CITIZEN = "+628000000001"
YES_NO = (Button("Ya", "jawab:1:ya"), Button("Tidak", "jawab:1:tidak"))
STATUS = Template("loket_status", "id", ("Akta Kelahiran", "LKT-7K3M-9QXA", "Berkas diperiksa."))


class MovedClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def pass_(self, **time: float) -> None:
        self.shift += timedelta(**time)


class Receiver:
    """Our webhook address: verifies and parses as the gateway does, and keeps what came."""

    def __init__(self, channel: WhatsAppChannel, clock: MovedClock) -> None:
        self.channel = channel
        self.clock = clock
        self.events: list[Event] = []
        self.refused = 0
        self.failing = 0
        self.url = ""

    @property
    def messages(self) -> list[Inbound]:
        return [event for event in self.events if isinstance(event, Inbound)]

    @property
    def receipts(self) -> list[Receipt]:
        return [event for event in self.events if isinstance(event, Receipt)]

    def channel_settings(self) -> dict[str, str]:
        """Of Loket, where its public address is this receiver itself."""
        return {
            "LOKET_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "LOKET_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "LOKET_PUBLIC_URL": self.url,
        }

    async def take(self, request: web.Request) -> web.Response:
        if self.failing:
            self.failing -= 1
            return web.Response(status=503)
        account = next(a for a in self.channel.accounts.values() if a.key == request.match_info["key"])
        forwarded = f"{request.headers['X-Forwarded-Proto']}://{request.headers['X-Forwarded-Host']}{request.path_qs}"
        hook = WebhookRequest(forwarded, request.headers, await request.read())
        if not self.channel.verify(account, hook):
            self.refused += 1
            return web.Response(status=403)
        self.events += self.channel.parse(account, hook, self.clock.now())
        return web.Response()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def twilio(clock: MovedClock) -> AsyncIterator[TwilioStandIn]:
    async with whatsapp_server(clock=clock) as stand_in:
        yield stand_in


def made(config: dict[str, str], clock: MovedClock) -> WhatsAppChannel:
    """The channel, which does not wait for fresh media."""
    manifest = channel_manifest(ROOT / "channels/whatsapp")
    return WhatsAppChannel(manifest, config, clock, media_pauses=(0.0, 0.0))


@pytest.fixture
async def channel(twilio: TwilioStandIn, clock: MovedClock) -> AsyncIterator[WhatsAppChannel]:
    config = {**twilio.settings(PUBLIC_URL), "LOKET_CONTENT_DIR": str(ROOT / "data")}
    found = made(config, clock)
    yield found
    await found.close()


@pytest.fixture
def account(channel: WhatsAppChannel) -> ChannelAccount:
    return channel.accounts[f"whatsapp:{NUMBER[1:]}"]


@pytest.fixture
async def receiver(channel: WhatsAppChannel, twilio: TwilioStandIn, clock: MovedClock) -> AsyncIterator[Receiver]:
    """What Twilio's webhooks reach under the public address."""
    found = Receiver(channel, clock)
    application = web.Application()
    application.router.add_post("/webhooks/whatsapp/{key}", found.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    twilio.hooks.reach(PUBLIC_URL, found.url)
    for sender in twilio.world.senders.values():
        sender.callback_url = sender.status_callback_url = f"{PUBLIC_URL}/webhooks/whatsapp/{sender.address[1:]}"
    yield found
    await runner.cleanup()


def text(words: str, key: str = "k") -> Outgoing:
    return Outgoing(key, words)


@pytest.fixture
async def inside_the_window(twilio: TwilioStandIn) -> None:
    """The citizen wrote just now, to both numbers."""
    for number in (NUMBER, OTHER_NUMBER):
        await twilio.phone(CITIZEN, text="halo", to=number)


@pytest.fixture
async def link(twilio: TwilioStandIn) -> OutFile:
    """A document under a link of ours, which Twilio fetches."""
    application = web.Application()

    async def file(request: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.7 contoh", content_type="application/pdf")

    application.router.add_get("/m/{token}", file)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    twilio.hooks.reach(f"{PUBLIC_URL}/m", f"http://127.0.0.1:{runner.addresses[0][1]}/m")
    return OutFile("Akta.pdf", "application/pdf", f"{PUBLIC_URL}/m/abc", b"%PDF-1.7 contoh")

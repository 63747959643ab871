"""Files are fetched from Twilio only, with credentials for Twilio only."""

from __future__ import annotations

import base64
import socket
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import MediaRef
from bot.errors import ChannelError, ChannelMisconfigured, ChannelUnavailable, RejectedFile, Throttled
from bot.ports import ChannelAccount
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.media import Fetcher, PublicResolver
from channels.whatsapp.sandbox import ACCOUNT_SID, AUTH_TOKEN, TwilioStandIn
from tests.channels.whatsapp.conftest import CITIZEN, MovedClock, Receiver, made

PHOTO = b"\xff\xd8\xff" + b"x" * 5000
MOST = 10_000
PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/MM{'a' * 32}/Media/ME{'b' * 32}"


async def sent(twilio: TwilioStandIn, receiver: Receiver, data: bytes = PHOTO) -> MediaRef:
    """A photo that a citizen sent, as our webhook heard of it."""
    await twilio.phone(CITIZEN, photo=base64.b64encode(data).decode())
    media = receiver.messages[-1].media
    assert media is not None
    return media


async def test_a_photo_is_fetched_over_the_redirect_without_credentials_at_the_file_server(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    """The stand-in's file server answers 400 to a request that carries credentials."""
    assert await channel.fetch(account, await sent(twilio, receiver), MOST) == PHOTO


async def test_fresh_media_that_is_unknown_twice_is_fetched_the_third_time(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await twilio.set_faults(media_404=2)
    assert await channel.fetch(account, await sent(twilio, receiver), MOST) == PHOTO


async def test_media_that_stays_unknown_is_gone_for_good(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await twilio.set_faults(media_404=3)
    with pytest.raises(RejectedFile) as gone:
        await channel.fetch(account, await sent(twilio, receiver), MOST)
    assert gone.value.status == 422


async def test_a_file_above_the_limit_is_refused_with_the_limit(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    with pytest.raises(RejectedFile) as large:
        await channel.fetch(account, await sent(twilio, receiver), len(PHOTO) - 1)
    assert (large.value.status, large.value.text_key) == (413, "file.too_big")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example" + PATH,
        "https://api.twilio.com.evil.example" + PATH,
        "https://evil.example/api.twilio.com" + PATH,
        "https://api.twilio.com@evil.example" + PATH,
        "https://user:pass@api.twilio.com" + PATH,
        "http://api.twilio.com" + PATH,
        "https://api.twilio.com:8443" + PATH,
        "https://api.twilio.com" + PATH.replace(ACCOUNT_SID, "AC" + "9" * 32),
        "https://api.twilio.com" + PATH + "/../../../Messages.json",
        "https://api.twilio.com/2010-04-01/Accounts/" + ACCOUNT_SID + ".json",
        "https://content.twilio.com" + PATH,
        "http://127.0.0.1:1" + PATH,
        "http://169.254.169.254" + PATH,
        "file:///etc/passwd",
        "https://[::1" + PATH,
        "https://api.twilio.com:x" + PATH,
        "",
    ],
)
async def test_no_other_address_gets_a_request_let_alone_our_credentials(
    channel: WhatsAppChannel, account: ChannelAccount, url: str
) -> None:
    with pytest.raises(RejectedFile):
        await channel.fetch(account, MediaRef(url), MOST)


@given(st.text(max_size=80))
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(RejectedFile):
        Fetcher(ACCOUNT_SID, AUTH_TOKEN, "")._ours(url)


@pytest.mark.parametrize("host", ["api.twilio.com", "api.ashburn.us1.twilio.com", "api.dublin.ie1.twilio.com"])
def test_all_regions_of_twilio_are_twilio(host: str) -> None:
    url = f"https://{host}{PATH}"
    assert Fetcher(ACCOUNT_SID, AUTH_TOKEN, "")._ours(url + "?x=1") == url


class Server:
    """Something in Twilio's place that answers what a test wants."""

    def __init__(self) -> None:
        self.answer: Callable[[], web.Response] = web.Response
        self.authorised: list[bool] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.authorised.append("Authorization" in request.headers)
        return self.answer()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    found = Server()
    application = web.Application()
    application.router.add_get("/{path:.*}", found.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def fetched(server: Server, clock: MovedClock) -> bytes:
    config = {
        "LOKET_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "LOKET_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "LOKET_WHATSAPP_SENDERS": "+628000000900",
        "LOKET_TWILIO_API": server.url,
    }
    channel = made(config, clock)
    try:
        return await channel.fetch(next(iter(channel.accounts.values())), MediaRef(server.url + PATH), MOST)
    finally:
        await channel.close()


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/x",
        "http://mms.twiliocdn.com/x",
        "http://127.0.0.1:9/x",
        "https://twiliocdn.com.evil.example/x",
        "https://a@mms.twiliocdn.com/x",
        "",
    ],
)
async def test_a_redirect_leads_to_twilios_file_servers_or_nowhere(
    server: Server, clock: MovedClock, location: str
) -> None:
    server.answer = lambda: web.Response(status=302, headers={"Location": location})
    with pytest.raises(RejectedFile):
        await fetched(server, clock)
    assert server.authorised == [True]


def test_twilios_file_servers_are_followed() -> None:
    fetcher = Fetcher(ACCOUNT_SID, AUTH_TOKEN, "")
    for host in ("mms.twiliocdn.com", "media.us1.twiliocdn.com", "mcs.us1.twiliocdn.com"):
        assert fetcher._next("https://api.twilio.com" + PATH, f"https://{host}/a?b=c") == f"https://{host}/a?b=c"


async def test_redirects_without_end_are_given_up(server: Server, clock: MovedClock) -> None:
    server.answer = lambda: web.Response(status=307, headers={"Location": "/round"})
    with pytest.raises(RejectedFile):
        await fetched(server, clock)
    assert server.authorised == [True, False, False, False]


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, ChannelMisconfigured), (403, ChannelMisconfigured), (429, Throttled), (500, ChannelUnavailable)],
)
async def test_other_answers_are_typed(
    server: Server, clock: MovedClock, status: int, error: type[ChannelError]
) -> None:
    server.answer = lambda: web.Response(status=status)
    with pytest.raises(error):
        await fetched(server, clock)


async def test_a_length_that_is_announced_too_large_is_not_read(server: Server, clock: MovedClock) -> None:
    server.answer = lambda: web.Response(body=b"x" * (MOST + 1))
    with pytest.raises(RejectedFile):
        await fetched(server, clock)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fe80::1%eth0", "0.0.0.0"]
)
async def test_a_name_that_leads_to_a_private_address_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolver = PublicResolver()
    answers = [address]

    async def look_up(host: str, port: int, family: int) -> list[ResolveResult]:
        return [_found(one) for one in answers]

    monkeypatch.setattr(resolver._inner, "resolve", look_up)
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("api.twilio.com", 443)
    answers.append("3.5.7.9")
    assert [one["host"] for one in await resolver.resolve("api.twilio.com", 443)] == ["3.5.7.9"]
    await resolver.close()


def _found(host: str) -> ResolveResult:
    return {"hostname": "x", "host": host, "port": 443, "family": socket.AF_INET, "proto": 0, "flags": 0}

"""Webhooks: whose they are, and how Telegram brings them (the stand-in), good days and bad."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.domain.messages import Inbound, StandingChange
from bot.errors import SettingsError
from bot.ports import Channel, ChannelAccount, WebhookRequest
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.conftest import AT, CHAT, channel_of
from tests.servers.telegram import OTHER_TOKEN, TOKEN, TelegramServer, telegram_server

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Office:
    """The gateway's end of webhooks, as far as a channel is concerned."""

    channel: TelegramChannel
    url: str = ""
    events: list[object] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    down: int = 0
    """So many requests are answered 503 first."""
    most_at_once: int = 0
    _at_once: int = 0

    async def take(self, request: web.Request) -> web.Response:
        account = self.channel.accounts[f"telegram:{request.match_info['key']}"]
        webhook = WebhookRequest(str(request.url), request.headers, await request.read())
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0.01)
        self._at_once -= 1
        status = self._judge(account, webhook)
        self.answers.append(status)
        return web.Response(status=status)

    def _judge(self, account: ChannelAccount, webhook: WebhookRequest) -> int:
        if not self.channel.verify(account, webhook):
            return 403
        if self.down:
            self.down -= 1
            return 503
        self.ids.append(f"u{json.loads(webhook.body)['update_id']}")
        self.events += self.channel.parse(account, webhook, AT)
        return 200

    async def until(self, number: int) -> None:
        """Wait for so many events."""
        async with asyncio.timeout(10):
            while len(self.events) < number:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    @property
    def texts(self) -> list[str | None]:
        return [event.text for event in self.events if isinstance(event, Inbound)]


@asynccontextmanager
async def office(server: TelegramServer) -> AsyncIterator[Office]:
    channel = channel_of(server.url, LOKET_TELEGRAM_MODE="webhook")
    made = Office(channel)
    app = web.Application()
    app.router.add_post("/webhooks/telegram/{key}", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await channel.setup(made.url)
    try:
        yield made
    finally:
        await channel.close()
        await runner.cleanup()


def request_with(secret: str | None, name: str = HEADER) -> WebhookRequest:
    return WebhookRequest("https://loket.contoh.go.id/webhooks/telegram/x", {name: secret} if secret else {}, b"{}")


def secret_of(channel: TelegramChannel, account_id: str) -> str:
    return channel._secrets[account_id]


def test_the_adapter_is_a_channel_with_one_account_per_bot() -> None:
    channel = channel_of(
        "http://127.0.0.1:9", LOKET_TELEGRAM_BOTS=f" {TOKEN} ,33.29={OTHER_TOKEN},", LOKET_LOCUS="33.28"
    )
    assert isinstance(channel, Channel)
    accounts = {(a.id, a.locus, a.key) for a in channel.accounts.values()}
    assert accounts == {
        ("telegram:3328000001", "33.28", "3328000001"),
        ("telegram:3328000002", "33.29", "3328000002"),
    }
    assert set(channel.accounts) == {a.id for a in channel.accounts.values()}


@pytest.mark.parametrize("setting", ["halo", "33.28=", f"={TOKEN}", f"{TOKEN},{TOKEN}", "123:a b", f"{TOKEN};{TOKEN}"])
def test_a_wrong_setting_is_refused_without_repeating_a_token(setting: str) -> None:
    with pytest.raises(SettingsError, match="LOKET_TELEGRAM_BOTS") as caught:
        channel_of("http://127.0.0.1:9", LOKET_TELEGRAM_BOTS=setting)
    assert TOKEN.partition(":")[2] not in str(caught.value)


def test_only_the_bots_own_secret_is_taken() -> None:
    channel = channel_of("http://127.0.0.1:9")
    mine, other = channel.accounts.values()
    secret = secret_of(channel, mine.id)
    assert re.fullmatch("[A-Za-z0-9_-]{1,256}", secret)  # what setWebhook takes
    assert TOKEN.partition(":")[2] not in secret
    assert channel.verify(mine, request_with(secret))
    assert channel.verify(mine, request_with(secret, HEADER.lower()))
    wrong = (None, "", secret[:-1], secret.upper(), secret + " ", "é" * 64, secret_of(channel, other.id))
    assert [channel.verify(mine, request_with(value)) for value in wrong] == [False] * len(wrong)
    assert not channel.verify(ChannelAccount("telegram:1", "", "1"), request_with(secret))
    twice = WebhookRequest("", {HEADER: secret, HEADER.lower(): secret}, b"{}")
    assert not channel.verify(mine, twice)


async def test_messages_come_one_at_a_time_and_in_order(server: TelegramServer) -> None:
    async with office(server) as gate:
        for number in range(6):
            await server.phone(CHAT, text=f"pesan {number}")
        await server.phone(CHAT + 1, text="orang lain")
        await gate.until(7)
        assert [text for text in gate.texts if text != "orang lain"] == [f"pesan {n}" for n in range(6)]
        assert gate.most_at_once <= 2  # one for each person


async def test_what_is_not_taken_comes_again_until_it_is_and_nothing_overtakes_it(server: TelegramServer) -> None:
    async with office(server) as gate:
        gate.down = 3
        await server.phone(CHAT, text="satu")
        await server.phone(CHAT, text="dua")
        await gate.until(2)
        assert gate.texts == ["satu", "dua"]
        assert gate.answers == [503, 503, 503, 200, 200]
        _, info = await server.api("getWebhookInfo")
        assert info["result"]["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"


async def test_a_forged_webhook_is_refused_and_the_real_one_taken(server: TelegramServer) -> None:
    async with office(server) as gate:
        await server.faults(forge=2)
        await server.phone(CHAT, text="satu")
        await server.phone(CHAT, text="dua")
        await gate.until(2)
        assert sorted(gate.answers) == [200, 200, 403, 403]
        assert (await server.faults())["forged_taken"] == 0


async def test_a_webhook_that_comes_twice_has_the_same_id(server: TelegramServer) -> None:
    async with office(server) as gate:
        await server.faults(duplicate=1)
        await server.phone(CHAT, text="satu")
        await gate.until(2)
        assert gate.ids == ["u1", "u1"]


async def test_updates_can_change_places_and_be_late(server: TelegramServer) -> None:
    async with office(server) as gate:
        await server.faults(reorder=1, delay_s=0.05)
        await server.phone(CHAT, text="satu")
        await server.phone(CHAT, text="dua")
        await gate.until(2)
        assert gate.ids == ["u2", "u1"]


async def test_blocking_and_coming_back_are_told(server: TelegramServer) -> None:
    async with office(server) as gate:
        await server.phone(CHAT, text="halo")
        await server.phone(CHAT, block=True)
        await server.phone(CHAT, start="")
        await gate.until(4)
        standings = [event.standing for event in gate.events if isinstance(event, StandingChange)]
        assert standings == ["blocked", "open"]


async def test_every_way_to_write_arrives(server: TelegramServer) -> None:
    async with office(server) as gate:
        await server.phone(CHAT, start="KODE-1", name="Siti", language="jv")
        await server.phone(CHAT, location=[-6.87, 109.12])
        await server.phone(CHAT, voice=True)
        await server.phone(CHAT, sticker="😀")
        await server.phone(CHAT, contact={"phone_number": "62800000001", "own": True})
        await server.phone(CHAT, contact={"phone_number": "62800000002"})
        await server.phone(CHAT, document={"data": "JVBERg==", "name": "KK.pdf", "type": "application/pdf"})
        last = await server.phone(CHAT, text="tgl 3")
        await server.phone(CHAT, edit={"message_id": last["message_id"], "text": "tgl 4"})
        await server.phone(-1009000000001, group="halo bot")
        await gate.until(10)
    first, place, voice, sticker, own, card, paper, text, edit, group = (
        event
        for event in sorted(gate.events, key=lambda e: int(e.external_id[1:]) if isinstance(e, Inbound) else 0)
        if isinstance(event, Inbound)
    )
    assert (first.start, first.name, first.language) == ("KODE-1", "Siti", "jv")
    assert place.location == (-6.87, 109.12)
    assert [event.unread for event in (voice, sticker, card, group)] == ["voice", "sticker", "contact", "group"]
    assert own.text == "+62800000001"
    assert paper.media is not None and paper.media.name == "KK.pdf"
    assert (edit.text, edit.edits) == ("tgl 4", text.mark)


async def test_what_waited_while_messages_were_asked_for_comes_by_webhook() -> None:
    async with telegram_server() as server:
        await server.phone(CHAT, text="lama")
        async with office(server) as gate:
            await gate.until(1)
            assert gate.texts == ["lama"]

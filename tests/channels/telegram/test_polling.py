"""Messages that are asked for."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.messages import Inbound
from bot.errors import ChannelMisconfigured, ChannelUnavailable
from bot.ports import ChannelAccount, Polled
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.conftest import AT, CHAT, channel_of
from tests.servers.telegram import TelegramServer


async def texts(channel: TelegramChannel, account: ChannelAccount) -> list[str | None]:
    return [event.text for event in await channel.poll(account, AT) if isinstance(event, Inbound)]


@pytest.mark.parametrize(
    ("mode", "public_url", "polls"),
    [
        ("", "http://127.0.0.1:8080", True),
        ("auto", "https://loket.contoh.go.id", False),
        ("polling", "https://loket.contoh.go.id", True),
        ("webhook", "http://127.0.0.1:8080", False),
    ],
)
async def test_messages_are_asked_for_where_no_webhook_can_reach_us(mode: str, public_url: str, polls: bool) -> None:
    made = channel_of("http://127.0.0.1:9", LOKET_TELEGRAM_MODE=mode, LOKET_PUBLIC_URL=public_url)
    assert isinstance(made, Polled)
    assert made.polls is polls
    await made.close()


async def test_messages_come_again_until_they_are_stored(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="satu")
    assert await texts(channel, account) == ["satu"]
    await server.phone(CHAT, text="dua")
    assert await texts(channel, account) == ["satu", "dua"]
    await channel.polled(account)
    await server.phone(CHAT, text="tiga")
    assert await texts(channel, account) == ["tiga"]


async def test_after_a_restart_nothing_is_lost(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="satu")
    assert await texts(channel, account) == ["satu"]
    restarted = channel_of(server.url)
    assert await texts(restarted, account) == ["satu"]
    await restarted.close()


async def test_asking_waits_for_a_message(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    asking = asyncio.create_task(texts(channel, account))
    done, _ = await asyncio.wait([asking], timeout=0.1)
    assert not done
    await server.phone(CHAT, text="akhirnya")
    assert await asking == ["akhirnya"]


async def test_a_webhook_that_was_set_is_removed_before_asking(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.api("setWebhook", url="http://127.0.0.1:9/hook")
    await server.phone(CHAT, text="halo")
    assert await texts(channel, account) == ["halo"]
    await channel.polled(account)
    await server.api("setWebhook", url="http://127.0.0.1:9/hook")
    with pytest.raises(ChannelMisconfigured, match="webhook"):
        await channel.poll(account, AT)
    await server.phone(CHAT, text="lagi")
    assert await texts(channel, account) == ["lagi"]


async def test_a_second_program_that_asks_is_noticed(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    asking = asyncio.create_task(channel.poll(account, AT))
    await asyncio.wait([asking], timeout=0.1)
    await server.api("getUpdates", timeout=0)
    with pytest.raises(ChannelMisconfigured, match="hentikan salah satu"):
        await asking


async def test_what_cannot_be_read_hides_nothing_behind_it(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, raw={"sticker": {"broken": True}})
    await server.phone(CHAT, text="sesudahnya")
    events = await channel.poll(account, AT)
    assert [(e.unread, e.text) for e in events if isinstance(e, Inbound)] == [("other", None), (None, "sesudahnya")]


async def test_without_a_connection_it_is_tried_later() -> None:
    channel = channel_of("http://127.0.0.1:9")
    with pytest.raises(ChannelUnavailable):
        await channel.poll(next(iter(channel.accounts.values())), AT)
    await channel.close()

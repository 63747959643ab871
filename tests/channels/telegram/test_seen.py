"""What a person sees while Loket works."""

from __future__ import annotations

import pytest

from bot.domain.messages import Button, Inbound, Outgoing
from bot.ports import ChannelAccount
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.conftest import AT, CHAT, channel_of
from tests.servers.telegram import TelegramServer


async def press(server: TelegramServer, channel: TelegramChannel, account: ChannelAccount, title: str) -> Inbound:
    await server.phone(CHAT, button=title)
    events = await channel.poll(account, AT)
    await channel.polled(account)
    assert isinstance(events[-1], Inbound)
    return events[-1]


async def test_a_pressed_button_is_answered_marked_and_left_alone_while_loket_types(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    buttons = (Button("Ya", "jawab:setuju:ya"), Button("Tidak", "jawab:setuju:tidak"))
    await channel.send(account, str(CHAT), Outgoing("k", "Setuju?", buttons))
    event = await press(server, channel, account, "Ya")
    await channel.seen(account, event.sender, event.mark, event.payload)
    screen = await server.screen(CHAT)
    assert (screen["typing"], screen["unanswered"]) == (True, 0)
    assert [button["title"] for button in screen["messages"][-1]["buttons"]] == ["✓ Ya"]
    again = await press(server, channel, account, "✓ Ya")
    assert (again.payload, again.title) == ("jawab:setuju:ya", "Ya")
    await channel.seen(account, again.sender, again.mark, again.payload)  # "message is not modified" disturbs nobody
    assert (await server.screen(CHAT))["unanswered"] == 0


async def test_a_message_is_answered_by_typing(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    await channel.seen(account, str(CHAT), '{"m":1}', None)
    assert (await server.screen(CHAT))["typing"]


@pytest.mark.parametrize("mark", [None, "", "nonsense", "[]", '{"m":"x"}', '{"m":1,"q":"gone","d":"x","t":"y"}'])
@pytest.mark.parametrize("recipient", ["9000000042", "nobody"])
async def test_showing_never_fails(
    channel: TelegramChannel, account: ChannelAccount, mark: str | None, recipient: str
) -> None:
    await channel.seen(account, recipient, mark, "x")


async def test_showing_never_fails_without_a_connection() -> None:
    channel = channel_of("http://127.0.0.1:9")
    await channel.seen(next(iter(channel.accounts.values())), "42", '{"m":1,"q":"q","d":"d","t":"t"}', None)
    await channel.close()

"""Setting a bot up, and what `channel check` says of one."""

from __future__ import annotations

import pytest

from bot.errors import ChannelMisconfigured
from channels.telegram import setup
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.conftest import CHAT, channel_of
from tests.servers.telegram import TOKEN, TelegramServer

HERE = "http://127.0.0.1:9"


async def test_setup_registers_webhook_commands_and_texts(server: TelegramServer) -> None:
    channel = channel_of(server.url, LOKET_TELEGRAM_MODE="webhook", LOKET_PUBLIC_URL=HERE)
    await server.phone(CHAT, text="dari sebelum pemasangan")
    lines = await channel.setup(HERE)
    assert f"@loket_3328000001_bot: webhook {HERE}/webhooks/telegram/3328000001" in lines
    _, info = await server.api("getWebhookInfo")
    assert info["result"]["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert info["result"]["pending_update_count"] == 1  # nothing that waits is dropped
    for language, first in (("", "Mulai"), ("id", "Mulai"), ("jv", "Mulai"), ("en", "Start")):
        _, commands = await server.api("getMyCommands", language_code=language)
        assert commands["result"][0] == {"command": "start", "description": first}
    assert [account.address for account in channel.accounts.values()] == [
        "@loket_3328000001_bot",
        "@loket_3328000002_bot",
    ]
    await channel.close()


async def test_setup_for_asking_removes_the_webhook(server: TelegramServer, channel: TelegramChannel) -> None:
    await server.api("setWebhook", url=f"{HERE}/x")
    assert channel.polls
    await channel.setup("http://127.0.0.1:8080")
    _, info = await server.api("getWebhookInfo")
    assert info["result"]["url"] == ""
    assert await channel.check() == []


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("http://loket.contoh.go.id", "https"),
        ("https://loket.contoh.go.id:8080", "8443"),
        ("loket", "https"),
        ("", "https"),
        ("https://loket.contoh.go.id", None),
        ("https://loket.contoh.go.id:8443/loket", None),
    ],
)
def test_an_address_that_telegram_would_not_send_to_is_named(address: str, word: str | None) -> None:
    problem = setup.address_problem(address)
    assert (word in problem) if word else problem == ""


async def test_setup_with_such_an_address_says_so_before_anything_is_done() -> None:
    channel = channel_of("https://api.telegram.org", LOKET_TELEGRAM_MODE="webhook")
    with pytest.raises(ChannelMisconfigured, match="LOKET_PUBLIC_URL"):  # and no connection was tried
        await channel.setup("http://loket.contoh.go.id")
    await channel.close()


async def test_check_names_what_is_wrong_and_the_remedy(server: TelegramServer) -> None:
    channel = channel_of(server.url, LOKET_TELEGRAM_MODE="webhook", LOKET_PUBLIC_URL=HERE, LOKET_TELEGRAM_BOTS=TOKEN)
    assert ["belum dipasang" in line and "channel setup" in line for line in await channel.check()] == [True]
    await server.api("setWebhook", url="http://127.0.0.1:9/other")
    assert ["alamat lain" in line for line in await channel.check()] == [True]
    await channel.setup(HERE)
    assert await channel.check() == []
    for number in range(101):
        await server.phone(CHAT, text=f"pesan {number}")
    await server.api("setWebhook", url=f"{HERE}/webhooks/telegram/3328000001", allowed_updates=["message"])
    async with server.http.get(f"{server.url}/stats") as response:
        assert (await response.json())["3328000001"]["pending"] == 101
    lines = " ".join(await channel.check())
    assert "101 pesan menunggu" in lines
    assert "sebagian jenis pesan" in lines
    await channel.close()


async def test_check_repeats_why_telegram_cannot_deliver(server: TelegramServer) -> None:
    channel = channel_of(server.url, LOKET_TELEGRAM_MODE="webhook", LOKET_PUBLIC_URL=HERE, LOKET_TELEGRAM_BOTS=TOKEN)
    await channel.setup(HERE)
    await server.phone(CHAT, text="halo")
    for _ in range(100):
        lines = await channel.check()
        if lines:
            break
    assert "Connection refused" in lines[0]
    await channel.close()


async def test_check_tells_a_wrong_token_from_no_connection(server: TelegramServer) -> None:
    for api, token, word in (
        (server.url, "3328000009:TEST-revoked", "@BotFather"),
        ("http://127.0.0.1:9", TOKEN, "LOKET_TELEGRAM_API"),
    ):
        channel = channel_of(api, LOKET_TELEGRAM_BOTS=token)
        (line,) = await channel.check()
        assert word in line
        assert token.partition(":")[2] not in line
        await channel.close()


async def test_names_of_bots_are_asked_once_and_seen_by_whoever_holds_the_account(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    held = list(channel.accounts.values())
    await channel.introduce()
    assert [account.address for account in held] == ["@loket_3328000001_bot", "@loket_3328000002_bot"]
    silent = channel_of("http://127.0.0.1:9")
    await silent.introduce()
    assert {account.address for account in silent.accounts.values()} == {""}
    await silent.close()


def test_the_texts_of_the_profile_fit_into_telegrams_limits() -> None:
    for words in setup.profile().values():
        assert len(words["description"]) <= 512
        assert len(words["about"]) <= 120
        assert list(words["commands"]) == list(setup.profile()["default"]["commands"])

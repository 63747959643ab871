"""Sending with the real library against the stand-in, and every error of the table in ``problems``."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.messages import Button, OutFile, Outgoing
from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    OutcomeUnknown,
    RecipientBlocked,
    Throttled,
)
from bot.ports import ChannelAccount
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.conftest import CHAT, channel_of
from tests.pictures import jpeg
from tests.servers.telegram import TOKEN, TelegramServer, telegram_server

PERSON = str(CHAT)


def says(text: str, *titles: str, file: OutFile | None = None) -> Outgoing:
    return Outgoing("k1", text, tuple(Button(title, f"jawab:q:{title}") for title in titles), file)


async def test_a_message_arrives_with_bold_words_and_buttons(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    sent = await channel.send(account, PERSON, says("Anda memilih *KTP* 😀. *Benar?*", "Ya", "Tidak"))
    (heard,) = await server.heard(CHAT)
    assert heard["message_id"] == int(sent.external_id)
    assert heard["text"] == "Anda memilih KTP 😀. Benar?"
    assert heard["bold"] == ["KTP", "Benar?"]
    assert [(b["title"], b["data"], b["row"]) for b in heard["buttons"]] == [
        ("Ya", "jawab:q:Ya", 0),
        ("Tidak", "jawab:q:Tidak", 0),
    ]


async def test_words_go_plain_when_telegram_cannot_parse_what_is_bold(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    await server.faults(entities=1)
    await channel.send(account, PERSON, says("*Benar?*", "Ya"))
    (heard,) = await server.heard(CHAT)
    assert (heard["text"], heard["bold"], len(heard["buttons"])) == ("Benar?", [], 1)


@given(text=st.text(max_size=200) | st.text(st.sampled_from("*_<>&[]() a😀\n"), max_size=60))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_character_makes_a_message_fail(text: str) -> None:
    async with telegram_server(chat_rate_per_s=0) as server:
        channel = channel_of(server.url)
        await server.phone(CHAT, text="halo")
        await channel.send(next(iter(channel.accounts.values())), PERSON, says(f"x {text} x", text or "?"))
        assert len(await server.heard(CHAT)) == 1
        await channel.close()


async def test_a_text_of_emoji_that_telegram_counts_twice_comes_in_pieces_with_the_buttons_last(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    sent = await channel.send(account, PERSON, says("😀" * 4096, "Ya"))
    first, last = await server.heard(CHAT)
    assert first["text"] + last["text"] == "😀" * 4096
    assert (first["buttons"], len(last["buttons"])) == ([], 1)
    assert last["message_id"] == int(sent.external_id)


async def test_exactly_4096_characters_are_one_message(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    await channel.send(account, PERSON, says("*tebal* " + "x" * 4090))
    assert [len(heard["text"]) for heard in await server.heard(CHAT)] == [4096]


async def test_a_pdf_comes_as_a_document_with_its_caption(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    file = OutFile("KTP-Budi é.pdf", "application/pdf", "", b"%PDF-1.7 x")
    await channel.send(account, PERSON, says("*Selesai.*", "Terima kasih", file=file))
    (heard,) = await server.heard(CHAT)
    assert (heard["text"], heard["bold"]) == ("Selesai.", ["Selesai."])
    assert heard["file"]["name"] == "KTP-Budi é.pdf"
    assert (heard["file"]["type"], heard["file"]["size"]) == ("application/pdf", 10)
    assert [button["title"] for button in heard["buttons"]] == ["Terima kasih"]


async def test_a_picture_comes_as_a_photo_and_as_a_document_when_telegram_cannot_show_it(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    for content in (jpeg(), b"no picture at all"):
        await channel.send(account, PERSON, says("", file=OutFile("p.jpg", "image/jpeg", "", content)))
    shown, hidden = await server.heard(CHAT)
    assert (shown["file"]["type"], hidden["file"]["name"]) == ("image/jpeg", "p.jpg")


async def test_a_caption_too_long_follows_the_file_as_a_text(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    file = OutFile("a.pdf", "application/pdf", "", b"%PDF")
    await channel.send(account, PERSON, says("x" * 1025, "Ya", file=file))
    first, second = await server.heard(CHAT)
    assert (first["file"]["name"], first["text"], first["buttons"]) == ("a.pdf", "", [])
    assert (len(second["text"]), len(second["buttons"])) == (1025, 1)


async def test_telegram_cannot_be_asked_whether_something_was_sent(
    channel: TelegramChannel, account: ChannelAccount
) -> None:
    from tests.channels.telegram.conftest import AT

    assert await channel.sent_before(account, PERSON, says("x"), AT) is None


# -- errors: of the stand-in


async def test_too_many_messages_in_one_chat_say_how_long_to_wait() -> None:
    async with telegram_server(chat_rate_per_s=0.5, chat_burst=1) as server:
        channel = channel_of(server.url)
        account = next(iter(channel.accounts.values()))
        await server.phone(CHAT, text="halo")
        await channel.send(account, PERSON, says("satu"))
        with pytest.raises(Throttled) as caught:
            await channel.send(account, PERSON, says("dua"))
        assert caught.value.after == 2
        assert [heard["text"] for heard in await server.heard(CHAT)] == ["satu"]
        await channel.close()


@pytest.mark.parametrize(
    ("prepare", "recipient"),
    [
        ({"block": True}, PERSON),
        ({"delete_account": True}, PERSON),
        ({}, "9000000099"),
    ],
    ids=["blocked the bot", "deleted the account", "never wrote"],
)
async def test_who_cannot_be_reached_is_told_so(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount, prepare: dict[str, Any], recipient: str
) -> None:
    await server.phone(CHAT, text="halo")
    if prepare:
        await server.phone(CHAT, **prepare)
    with pytest.raises(RecipientBlocked):
        await channel.send(account, recipient, says("x"))


async def test_a_token_that_telegram_does_not_know_is_an_operators_business(server: TelegramServer) -> None:
    channel = channel_of(server.url, LOKET_TELEGRAM_BOTS="33.28=3328000009:TEST-revoked")
    account = channel.accounts["telegram:3328000009"]
    with pytest.raises(ChannelMisconfigured, match="LOKET_TELEGRAM_BOTS"):
        await channel.send(account, PERSON, says("x"))
    await channel.close()


async def test_a_server_error_sends_nothing_and_is_tried_again(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    await server.faults(server_error=1)
    with pytest.raises(ChannelUnavailable) as caught:
        await channel.send(account, PERSON, says("x"))
    assert caught.value.provider_code == "502"
    assert await server.heard(CHAT) == []


async def test_a_connection_that_breaks_after_the_request_leaves_the_outcome_open(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    await server.phone(CHAT, text="halo")
    await server.faults(drop=1)
    with pytest.raises(OutcomeUnknown):
        await channel.send(account, PERSON, says("x"))
    assert [heard["text"] for heard in await server.heard(CHAT)] == ["x"]
    await channel.send(account, PERSON, says("x"))
    assert [heard["times"] for heard in await server.heard(CHAT)] == [1, 2]


async def test_no_connection_at_all_means_nothing_was_sent() -> None:
    channel = channel_of("http://127.0.0.1:9")  # the discard port, where nobody listens
    with pytest.raises(ChannelUnavailable):
        await channel.send(next(iter(channel.accounts.values())), PERSON, says("x"))
    await channel.close()


async def test_what_can_never_be_sent_is_refused_for_good(channel: TelegramChannel, account: ChannelAccount) -> None:
    for recipient, message in (("budi", says("x")), (PERSON, says("  "))):
        with pytest.raises(ChannelError) as caught:
            await channel.send(account, recipient, message)
        assert not caught.value.retryable


# -- errors: answers as Telegram gives them


@asynccontextmanager
async def answering(handler: Callable[[web.Request], Any]) -> AsyncIterator[TelegramChannel]:
    async def handle(request: web.Request) -> web.StreamResponse:
        answer = handler(request)
        assert isinstance(answer, web.StreamResponse)
        return answer

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    channel = channel_of(f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield channel
    finally:
        await channel.close()
        await runner.cleanup()


ANSWERS: list[tuple[int, str, dict[str, int], type[ChannelError]]] = [
    (400, "Bad Request: chat not found", {}, RecipientBlocked),
    (400, "Bad Request: user not found", {}, RecipientBlocked),
    (400, "Bad Request: PEER_ID_INVALID", {}, RecipientBlocked),
    (400, "Bad Request: user is deactivated", {}, RecipientBlocked),
    (400, "Bad Request: not enough rights to send text messages to the chat", {}, RecipientBlocked),
    (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1009000000001},
        RecipientBlocked,
    ),
    (400, "Bad Request: message is too long", {}, ChannelError),
    (400, "Bad Request: BUTTON_DATA_INVALID", {}, ChannelError),
    (400, "Bad Request: can't parse entities: unsupported start tag", {}, ChannelError),
    (401, "Unauthorized", {}, ChannelMisconfigured),
    (403, "Forbidden: bot was blocked by the user", {}, RecipientBlocked),
    (403, "Forbidden: user is deactivated", {}, RecipientBlocked),
    (403, "Forbidden: bot can't initiate conversation with a user", {}, RecipientBlocked),
    (403, "Forbidden: bot was kicked from the group chat", {}, RecipientBlocked),
    (403, "Forbidden: bot can't send messages to the user", {}, ChannelUnavailable),
    (404, "Not Found", {}, ChannelMisconfigured),
    (409, "Conflict: terminated by other getUpdates request", {}, ChannelMisconfigured),
    (413, "Request Entity Too Large", {}, ChannelError),
    (429, "Too Many Requests: retry after 35", {"retry_after": 35}, Throttled),
    (500, "Internal Server Error", {}, ChannelUnavailable),
    (504, "Gateway Timeout", {}, ChannelUnavailable),
]


@pytest.mark.parametrize(("status", "description", "parameters", "expected"), ANSWERS, ids=[a[1][:50] for a in ANSWERS])
async def test_an_answer_of_telegram_becomes_the_error_of_the_table(
    status: int, description: str, parameters: dict[str, int], expected: type[ChannelError]
) -> None:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    async with answering(lambda request: web.json_response(body, status=status)) as channel:
        with pytest.raises(ChannelError) as caught:
            await channel.send(next(iter(channel.accounts.values())), PERSON, says("x"))
    assert type(caught.value) is expected
    if isinstance(caught.value, Throttled):
        assert caught.value.after == 35
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda: web.Response(status=429), Throttled),
        (lambda: web.Response(status=200, text="<html>Selamat datang</html>"), OutcomeUnknown),
        (lambda: web.Response(status=200, text='"halo"'), OutcomeUnknown),
        (lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}), ChannelUnavailable),
        (lambda: web.Response(status=503, text="down"), ChannelUnavailable),
    ],
    ids=["429 of a proxy", "a page of a hotel's network", "another JSON", "a redirect", "503 of a proxy"],
)
async def test_what_stands_between_us_and_telegram_is_told_apart(
    answer: Callable[[], web.Response], expected: type[ChannelError], caplog: pytest.LogCaptureFixture
) -> None:
    async with answering(lambda request: answer()) as channel:
        with caplog.at_level(logging.INFO), pytest.raises(expected) as caught:
            await channel.send(next(iter(channel.accounts.values())), PERSON, says("x"))
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert "Selamat datang" not in caplog.text


async def test_a_refusal_is_told_without_what_it_quotes() -> None:
    body = {"ok": False, "error_code": 400, "description": 'Bad Request: wrong thing: "NIK 3328990101900001"'}
    async with answering(lambda request: web.json_response(body, status=400)) as channel:
        with pytest.raises(ChannelError) as caught:
            await channel.send(next(iter(channel.accounts.values())), PERSON, says("x"))
    assert str(caught.value) == "Telegram refused: Wrong thing"

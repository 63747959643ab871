"""The stand-in answers as the Bot API does (descriptions as in github.com/TelegramBotAPI/errors)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aiohttp import web

from bot.clock import SystemClock
from channels.telegram import sandbox
from channels.telegram.standin.config import TelegramSandbox
from tests.channels.telegram.conftest import CHAT
from tests.servers.telegram import TOKEN, TelegramServer, telegram_server

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"chat_id": 1, "text": "x"}, "chat not found"),
    ("sendMessage", {"chat_id": CHAT, "text": " "}, "message text is empty"),
    ("sendMessage", {"chat_id": CHAT, "text": "😀" * 2049}, "message is too long"),
    (
        "sendMessage",
        {"chat_id": CHAT, "text": "x", "entities": [{"type": "bold", "offset": 1, "length": 9}]},
        "can't parse",
    ),
    (
        "sendMessage",
        {
            "chat_id": CHAT,
            "text": "x",
            "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "x" * 65}]]},
        },
        "BUTTON_DATA_INVALID",
    ),
    ("sendMessage", {"chat_id": CHAT, "text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
    ("sendDocument", {"chat_id": CHAT, "document": "x"}, "there is no document in the request"),
    ("editMessageReplyMarkup", {"chat_id": CHAT, "message_id": 99}, "message to edit not found"),
    ("answerCallbackQuery", {"callback_query_id": "x"}, "query is too old and response timeout expired"),
    ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
    ("setWebhook", {"url": "http://loket.contoh.go.id"}, "bad webhook: An HTTPS URL must be provided"),
    ("setWebhook", {"url": "http://127.0.0.1:1", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ("sendChatAction", {"chat_id": CHAT, "action": "singing"}, "wrong parameter action in request"),
    ("setMyCommands", {"commands": [{"command": "Halo!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
]


@pytest.mark.parametrize(("method", "parameters", "words"), REFUSED, ids=[f"{m}: {w}" for m, _, w in REFUSED])
async def test_what_the_bot_api_refuses_is_refused(
    server: TelegramServer, method: str, parameters: dict[str, Any], words: str
) -> None:
    await server.phone(CHAT, text="halo")
    status, answer = await server.api(method, **parameters)
    assert (status, answer["ok"], answer["error_code"]) == (400, False, 400)
    assert answer["description"].startswith(f"Bad Request: {words}")


@pytest.mark.parametrize(
    ("token", "method", "status"), [("1:x", "getMe", 401), ("nonsense", "getMe", 404), (None, "flyToTheMoon", 404)]
)
async def test_unknown_bots_and_methods_are_told_apart(
    server: TelegramServer, token: str | None, method: str, status: int
) -> None:
    got, answer = await (server.api(method) if token is None else server.api(method, token))
    assert (got, answer["error_code"]) == (status, status)


async def test_asking_and_a_webhook_exclude_each_other(server: TelegramServer) -> None:
    await server.api("setWebhook", url="http://127.0.0.1:9/x")
    status, answer = await server.api("getUpdates")
    assert status == 409
    assert "can't use getUpdates method while webhook is active" in answer["description"]


async def test_429_tells_the_wait_in_the_documented_place(server: TelegramServer) -> None:
    await server.phone(CHAT, text="halo")
    await server.faults(throttle=1)
    status, answer = await server.api("sendMessage", chat_id=CHAT, text="x")
    assert (status, answer["parameters"], answer["error_code"]) == (429, {"retry_after": 1}, 429)


async def test_a_burst_is_let_through_and_then_one_a_second() -> None:
    async with telegram_server(chat_burst=3) as server:
        await server.phone(CHAT, text="halo")
        statuses = [(await server.api("sendMessage", chat_id=CHAT, text=f"{n}"))[0] for n in range(5)]
        assert statuses == [200, 200, 200, 429, 429]


async def test_a_pressed_button_can_only_be_answered_for_a_while() -> None:
    async with telegram_server(query_life_s=0) as server:
        await server.phone(CHAT, text="halo")
        markup = {"inline_keyboard": [[{"text": "Ya", "callback_data": "y"}]]}
        await server.api("sendMessage", chat_id=CHAT, text="x", reply_markup=markup)
        await server.phone(CHAT, button=0)
        _, updates = await server.api("getUpdates")
        query = updates["result"][-1]["callback_query"]["id"]
        assert (await server.api("answerCallbackQuery", callback_query_id=query))[0] == 400


async def test_only_the_kinds_of_updates_that_are_wanted_come(server: TelegramServer) -> None:
    await server.api("getUpdates", allowed_updates=["my_chat_member"])
    await server.phone(CHAT, text="halo")
    await server.phone(CHAT, block=True)
    _, answer = await server.api("getUpdates")
    assert [sorted(update)[0] for update in answer["result"]] == ["my_chat_member"]


async def test_updates_are_confirmed_by_asking_for_later_ones(server: TelegramServer) -> None:
    for text in ("satu", "dua", "tiga"):
        await server.phone(CHAT, text=text)
    _, answer = await server.api("getUpdates", offset=2, limit=1)
    assert [update["message"]["text"] for update in answer["result"]] == ["dua"]
    _, answer = await server.api("getUpdates")
    assert [update["message"]["text"] for update in answer["result"]] == ["dua", "tiga"]


@pytest.mark.parametrize("faults", [{"flood": 1}, {"drop": -1}, {"drop": "x"}, {"drop": True}, []])
async def test_the_fault_panel_refuses_what_it_does_not_know(server: TelegramServer, faults: Any) -> None:
    async with server.http.post(f"{server.url}/faults", json=faults) as response:
        assert response.status == 400


@pytest.mark.parametrize("what", [{}, {"chat": 1}, {"chat": "x", "text": "x"}, {"chat": 1, "button": "Ya"}, []])
async def test_the_phone_refuses_what_it_cannot_do(server: TelegramServer, what: Any) -> None:
    async with server.http.post(f"{server.url}/phone/send", json=what) as response:
        assert response.status == 400


async def test_a_page_under_another_name_is_refused(server: TelegramServer) -> None:
    async with server.http.get(f"{server.url}/faults", headers={"Host": "loket.contoh.go.id"}) as response:
        assert response.status == 403


async def test_a_stand_in_that_begins_anew_gives_no_update_a_number_that_it_gave_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The gateway takes a known number for a repeat: who writes after a restart would never be heard."""
    begun: list[TelegramSandbox] = []
    monkeypatch.setattr(sandbox, "app", lambda config: begun.append(config) or web.Application())
    sandbox.stand_in({"LOKET_TELEGRAM_BOTS": f"33.28={TOKEN}"}, SystemClock())
    assert begun[0].first_id >= int(time.time()) - 60
    async with telegram_server(first_id=1_700_000_000) as server:
        assert (await server.phone(CHAT, text="halo"))["message_id"] == 1_700_000_000

"""Webhooks in the providers' own shapes, through their real adapters: forged ones refused, ten at once are one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from bot.clock import SystemClock
from bot.ports import Channel
from bot.settings import Settings
from bot.storage.media import SafeMedia
from bot.usecases.attachments import Channels
from bot.web.hub import Hub
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.telegram import adapter as telegram
from channels.web.adapter import build as web
from channels.whatsapp import adapter as whatsapp
from tests.usecases.conftest import World

PUBLIC = "https://mpp.example"
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - invented
SETTINGS = Settings.from_env(
    {
        "LOKET_PUBLIC_URL": PUBLIC,
        "LOKET_TELEGRAM_BOTS": "100001:AAInventedTokenOfNobodyForTestsOnly_01",
        "LOKET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "LOKET_TWILIO_AUTH_TOKEN": TOKEN,
        "LOKET_WHATSAPP_SENDERS": "+628000000001",
    }
)


@dataclass
class Hook:
    """One provider's way of saying "halo"."""

    path: str
    body: bytes
    headers: dict[str, str]
    forged: dict[str, str]


def telegram_hook(channel: Any) -> Hook:
    (account,) = channel.accounts.values()
    person = {"id": 700001, "is_bot": False, "first_name": "Karso"}
    message = {"message_id": 5, "date": 1793588400, "chat": {"id": 700001, "type": "private"}, "from": person}
    body = json.dumps({"update_id": 42, "message": {**message, "text": "halo"}}).encode()
    right = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": channel._secrets[account.id]}
    return Hook(f"/webhooks/telegram/{account.key}", body, right, {**right, "X-Telegram-Bot-Api-Secret-Token": "guess"})


def whatsapp_hook(channel: Any) -> Hook:
    (account,) = channel.accounts.values()
    path = f"/webhooks/whatsapp/{account.key}"
    fields = {
        "MessageSid": "SM" + "1" * 32,
        "AccountSid": "AC" + "0" * 32,
        "From": "whatsapp:+628000000002",
        "To": "whatsapp:+628000000001",
        "WaId": "628000000002",
        "ProfileName": "Karso & Siti",
        "Body": "halo",
        "NumMedia": "0",
    }
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, fields)
    right = {**form, "X-Twilio-Signature": signature}
    return Hook(path, urlencode(fields).encode(), right, {**form, "X-Twilio-Signature": signature[::-1]})


PROVIDERS: dict[str, tuple[Callable[..., Channel], Callable[[Any], Hook]]] = {
    "telegram": (telegram.build, telegram_hook),
    "whatsapp": (whatsapp.build, whatsapp_hook),
}


@pytest.fixture(params=sorted(PROVIDERS))
async def provider(
    request: pytest.FixtureRequest, world: World, database_url: str
) -> AsyncIterator[tuple[TestClient[Any, Any], Hook]]:
    build, make = PROVIDERS[request.param]
    channel = build(SETTINGS.to_env(), SystemClock())
    pull = web({}, SystemClock())
    media = SafeMedia(max_bytes=1_000_000)
    channels = Channels({"web": pull, request.param: channel})
    gateway = Gateway(world.deps, SETTINGS, world.keys, Hub(database_url), media, pull, channels)
    async with TestClient(TestServer(public_app(gateway, {}))) as client:
        yield client, make(channel)
    await media.close()
    close = getattr(channel, "close", None)
    if close is not None:
        await close()


async def test_one_message_delivered_ten_times_at_once_is_one_row_one_turn_one_reply(
    world: World, provider: tuple[TestClient[Any, Any], Hook]
) -> None:
    client, hook = provider

    async def deliver() -> int:
        return (await client.post(hook.path, data=hook.body, headers=hook.headers)).status

    assert await asyncio.gather(*(deliver() for _ in range(10))) == [200] * 10
    assert await world.work() == 1 and await world.work() == 0
    async with world.store.begin() as tx:
        counts = [
            (await tx.run(text(f"select count(*) from {what}"))).scalar_one()
            for what in ("conversation", "inbox", "outbox", "message where sender = 'bot'")
        ]
        stored = (await tx.run(text("select string_agg(c::text, ' ') from conversation c"))).scalar_one()
    assert counts == [1, 1, 1, 1]
    assert "700001" not in stored and "628000000002" not in stored


async def test_a_forged_one_is_refused_and_leaves_nothing(
    world: World, provider: tuple[TestClient[Any, Any], Hook]
) -> None:
    client, hook = provider
    unsigned = {"Content-Type": hook.headers["Content-Type"]}
    for headers in (hook.forged, unsigned):
        answer = await client.post(hook.path, data=hook.body, headers=headers)
        assert answer.status == 403 and await answer.read() == b""
    async with world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from inbox"))).scalar_one() == 0


async def test_garbage_that_is_signed_right_is_a_bad_request_or_forged_and_never_a_crash(
    provider: tuple[TestClient[Any, Any], Hook],
) -> None:
    client, hook = provider
    for garbage in (b"", b"\xff\xfe", b"{}", b"[1]", b"[[" * 2000, b'{"update_id": "x"}', b"a=1&a=2", b"null"):
        assert (await client.post(hook.path, data=garbage, headers=hook.headers)).status in (400, 403)

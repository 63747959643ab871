"""Webhooks of an outside desk: signed or refused without a word, and never more than a hint that something is new."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SystemClock
from bot.settings import Settings
from bot.storage.media import SafeMedia
from bot.web.hub import Hub
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from tests.servers.chatwoot import message_created, signed, status_changed
from tests.usecases.conftest import World
from tests.usecases.outside_office import Outside, outside_office


@pytest.fixture
async def outside(world: World) -> AsyncIterator[Outside]:
    async with outside_office(world) as made:
        yield made


@pytest.fixture
async def client(outside: Outside, world: World, database_url: str) -> AsyncIterator[TestClient[Any, Any]]:
    media = SafeMedia(max_bytes=1_000_000)
    gateway = Gateway(world.deps, Settings.from_env({}), world.keys, Hub(database_url), media, build({}, SystemClock()))
    async with TestClient(TestServer(public_app(gateway, {}))) as made:
        yield made
    await media.close()


async def push(client: TestClient[Any, Any], event: Any, at: float, path: str = "/desks/chatwoot", **how: Any) -> int:
    body, headers = signed(event, at, **how)
    async with client.post(path, data=body, headers={**headers, "Content-Type": "application/json"}) as answer:
        assert await answer.read() == b""  # nobody learns why
        return answer.status


async def test_a_webhook_makes_the_desk_be_asked_and_a_replay_changes_nothing(
    world: World, outside: Outside, client: TestClient[Any, Any]
) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await world.news(who)
    now = world.clock.now().timestamp()
    event = outside.server.agent_says(ref, "Halo")
    assert [await push(client, event, now) for _ in range(3)] == [200, 200, 200]
    await outside.settle()
    assert await push(client, event, now) == 200
    await outside.settle()
    assert [one["text"] for one in await world.news(who) if one["from"] == "agent"] == ["Halo"]


async def test_what_a_webhook_says_is_not_believed_only_the_desk_is(
    world: World, outside: Outside, client: TestClient[Any, Any]
) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await world.news(who)
    now = world.clock.now().timestamp()
    assert await push(client, message_created(int(ref), "tidak pernah ditulis"), now) == 200
    assert await push(client, status_changed(int(ref), "resolved"), now) == 200
    await outside.settle()
    assert await world.news(who) == []


async def test_what_is_not_from_the_desk_is_refused_without_a_word(
    world: World, outside: Outside, client: TestClient[Any, Any]
) -> None:
    event, now = message_created(100, "x"), world.clock.now().timestamp()
    assert await push(client, event, now, secret="falsch") == 403  # noqa: S106
    assert await push(client, event, now - 3600) == 403
    assert await push(client, event, now, path="/desks/elsewhere") == 403
    async with client.post("/desks/chatwoot/zzzz", json=event) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
    assert await push(client, b"\xff{", now) == 400
    assert await push(client, event, now) == 200  # signed, but no conversation of ours

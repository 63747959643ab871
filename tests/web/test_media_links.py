"""A signed link opens one file for an hour, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock
from bot.settings import Settings
from bot.storage.crypto import KeyRing, new_key
from bot.storage.media_links import LIFE, MediaLinks
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from tests.usecases.conftest import World

KEYS = KeyRing(new_key("test"))


@pytest.fixture
async def client(world: World) -> AsyncIterator[TestClient[Any, Any]]:
    web_channel = build({}, SystemClock())
    gateway = Gateway(world.deps, Settings.from_env({}), world.keys, None, None, web_channel)  # type: ignore[arg-type]
    async with TestClient(TestServer(public_app(gateway, {}))) as made:
        yield made


async def stored(world: World, name: str = "Akta Siti ✔.pdf") -> UUID:
    async with world.store.begin() as tx:
        file = await tx.put_blob(None, "issued", name, "application/pdf", b"%PDF-1.7", world.clock.now())
    return UUID(file.id)


async def test_the_link_gives_the_file_with_its_type_and_name(world: World, client: TestClient[Any, Any]) -> None:
    links = MediaLinks(world.keys, "https://loket.example/")
    blob_id = await stored(world)
    link = links.link(blob_id, world.clock.now())
    assert link.startswith("https://loket.example/media/")
    response = await client.get(link.removeprefix("https://loket.example"))
    assert (response.status, response.content_type, await response.read()) == (200, "application/pdf", b"%PDF-1.7")
    disposition = response.headers["Content-Disposition"]
    assert 'filename="Akta Siti .pdf"' in disposition and "Akta%20Siti%20%E2%9C%94.pdf" in disposition
    assert "no-store" in response.headers["Cache-Control"]
    assert (await client.head(link.removeprefix("https://loket.example"))).status == 200


async def test_after_an_hour_it_is_over_and_every_other_way_in_is_shut(
    world: World, client: TestClient[Any, Any]
) -> None:
    links, blob_id = MediaLinks(world.keys), await stored(world)
    token = links.token(blob_id, world.clock.now())
    gone = links.token(uuid4(), world.clock.now())
    foreign = MediaLinks(KEYS).token(blob_id, world.clock.now())
    said = set()
    for wrong in (gone, foreign, token[:-4] + "AAAA", token[:-4], str(blob_id), "x", "%00", token + "A"):
        response = await client.get(f"/media/{wrong}")
        assert response.status == 404
        said.add(await response.text())
    assert len(said) == 1  # no word about why
    world.clock.at += timedelta(hours=1, seconds=1)
    assert (await client.get(f"/media/{token}")).status == 404


@given(st.binary(max_size=60))
def test_nothing_made_up_is_a_token(raw: bytes) -> None:
    links = MediaLinks(KEYS)
    assert links.opened(base64.urlsafe_b64encode(raw).decode(), SystemClock().now()) is None


@given(st.text(max_size=60))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert MediaLinks(KEYS).opened(text, SystemClock().now()) is None


@given(st.uuids(), st.integers(0, 2 * int(LIFE.total_seconds())))
def test_a_token_names_its_file_until_its_time_is_over(blob_id: UUID, age_s: int) -> None:
    links, now = MediaLinks(KEYS), SystemClock().now().replace(microsecond=0)
    opened = links.opened(links.token(blob_id, now), now + timedelta(seconds=age_s))
    assert opened == (blob_id if age_s < LIFE.total_seconds() else None)

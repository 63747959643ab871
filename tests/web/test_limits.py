"""Who asks too often, sends too much or too slowly is told so and slowed down; a building behind one address is not."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.buckets import Buckets, Rate
from bot.settings import ROOT
from bot.web.hub import Hub
from bot.web.public import guesses, limits
from bot.web.public.app import public_app
from bot.web.public.guesses import WINDOW_S
from bot.web.public.limits import LIMITS, Limits, Rule
from bot.web.public.streams import STREAMS, Streams
from tests.usecases.conftest import World
from tests.web.listener import listening, public

HERE = {"X-Forwarded-For": "36.66.1.2"}
THERE = {"X-Forwarded-For": "36.66.1.3"}


# -- the bucket ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.floats(0.01, 50), st.lists(st.floats(0, 3), max_size=60))
def test_a_bucket_never_gives_more_than_its_burst_and_what_came_since(
    burst: int, per_s: float, gaps: list[float]
) -> None:
    bucket, now, taken = Buckets(Rate(burst, per_s)), 0.0, 0
    for gap in gaps:
        now += gap
        after = bucket.take("x", now)
        taken += not after
        assert taken <= burst + now * per_s + 1e-6
        if after:  # who waits as long as told gets in
            assert bucket.wait("x", now + after + 1e-6) == 0 and bucket.wait("y", now) == 0


def test_only_so_many_keys_are_remembered() -> None:
    bucket = Buckets(Rate(1, 0.1), most=3)
    for key in "abcd":
        assert bucket.take(key, 0) == 0
    assert bucket.take("d", 0) > 0 and bucket.take("a", 0) == 0


def test_the_page_says_what_the_rules_are() -> None:
    rules = [one for one in vars(limits).values() if isinstance(one, Rule)]
    said = re.findall(r"^\| `([\w -]+)` \| (\w+) \| (\d+) \| ([\d.]+) \|", (ROOT / "docs/limits.md").read_text(), re.M)
    assert {(r.name, r.by, str(r.rate.burst), f"{r.rate.per_s:g}") for r in rules} == set(said)


# -- over HTTP -----------------------------------------------------------------------------------------------------------


class Asked:
    """A listener behind one proxy of ours, and clients of several addresses."""

    def __init__(self, app: Any, http: aiohttp.ClientSession) -> None:
        self.app, self.http = app, http

    async def session(self, **body: str) -> dict[str, str]:
        async with self.http.post("/chat/v1/sessions", json=body) as made:
            assert made.status == 201
            return {"Authorization": f"Bearer {(await made.json())['token']}"}

    async def status(self, method: str, path: str, headers: dict[str, str], **more: Any) -> int:
        async with self.http.request(method, path, headers=headers, allow_redirects=False, **more) as answer:
            self.headers, self.text = answer.headers, await answer.text()
            return answer.status


@pytest.fixture
async def asked(world: World, database_url: str) -> AsyncIterator[Asked]:
    hub = Hub(database_url)
    await hub.start()
    app = public_app(public(world, hub, LOKET_PROXIES="1"), {})
    async with listening(app) as url, aiohttp.ClientSession(url) as http:
        yield Asked(app, http)
    await hub.stop()


def strict(asked: Asked, monkeypatch: pytest.MonkeyPatch, method: str, path: str, rule: Rule) -> None:
    monkeypatch.setitem(limits.RULES, (method, path), (rule,))


async def test_an_address_that_opens_too_many_conversations_waits_and_its_neighbour_does_not(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict(asked, monkeypatch, "POST", "/chat/v1/sessions", Rule("few", "address", Rate(3, 0.01)))
    for _ in range(3):
        assert await asked.status("POST", "/chat/v1/sessions", HERE, json={}) == 201
    assert await asked.status("POST", "/chat/v1/sessions", HERE, json={}) == 429
    assert int(asked.headers["Retry-After"]) >= 90 and "Terlalu banyak permintaan" in asked.text
    assert await asked.status("POST", "/chat/v1/sessions", THERE, json={}) == 201
    # Behind a private address stands somebody's proxy, or the office.
    for _ in range(5):
        assert await asked.status("POST", "/chat/v1/sessions", {"X-Forwarded-For": "10.0.0.9"}, json={}) == 201


async def test_a_conversation_that_writes_too_fast_is_told_in_its_language_and_a_browser_gets_a_page(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict(asked, monkeypatch, "POST", "/chat/v1/messages", Rule("few", "session", Rate(1, 0.01)))
    mine, other = await asked.session(language="en"), await asked.session()
    body = {"client_id": "1", "text": "halo"}
    assert await asked.status("POST", "/chat/v1/messages", mine, json=body) == 202
    assert await asked.status("POST", "/chat/v1/messages", mine, json=body) == 429
    assert "Please try again" in asked.text
    for spelled in ("Bearer  ", "bearer ", "BEARER\t "):  # the same token, however it is brought
        again = {"Authorization": mine["Authorization"].replace("Bearer ", spelled)}
        assert await asked.status("POST", "/chat/v1/messages", again, json=body) in (401, 429)
    assert await asked.status("POST", "/chat/v1/messages", other, json=body) == 202
    strict(asked, monkeypatch, "GET", "/kios", Rule("few", "process", Rate(1, 0.01)))
    page = {"Accept": "text/html", "Accept-Language": "en"}
    assert await asked.status("GET", "/kios", page) == 200 and await asked.status("GET", "/kios", page) == 429
    assert "<h1>" in asked.text and "Please try again" in asked.text and int(asked.headers["Retry-After"]) >= 1


async def test_only_dead_links_count_and_forged_pushes(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    strict(asked, monkeypatch, "GET", "/dokumen/{token}", Rule("few", "address", Rate(2, 0.01), frozenset({410})))
    strict(asked, monkeypatch, "POST", "/callbacks/{agency}", Rule("few", "address", Rate(2, 0.01), frozenset({404})))
    for status in (410, 410, 429):
        assert await asked.status("GET", "/dokumen/tidak-ada", HERE) == status
    for status in (404, 404, 429):
        assert await asked.status("POST", "/callbacks/none", HERE, data=b"{}") == status
    assert await asked.status("GET", "/dokumen/tidak-ada", THERE) == 410


async def test_a_building_where_somebody_guesses_waits_five_minutes_at_most(
    asked: Asked, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.public.check.MOST_WRONG", 2)
    for status in (404, 404, 429):
        assert await asked.status("GET", "/cek/LKT-0000-0000-1", HERE) == status
    assert 1 <= int(asked.headers["Retry-After"]) <= WINDOW_S == guesses.WINDOW_S
    world.clock.at += timedelta(seconds=WINDOW_S)
    assert await asked.status("GET", "/cek/LKT-0000-0000-1", HERE) == 404


async def test_switched_off_only_what_protects_secrets_is_left(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    strict(asked, monkeypatch, "GET", "/kios", Rule("few", "process", Rate(1, 0.01)))
    monkeypatch.setattr("bot.web.public.check.MOST_WRONG", 1)
    asked.app[LIMITS].on = False
    for _ in range(3):
        assert await asked.status("GET", "/kios", HERE) == 200
    for status in (404, 429):
        assert await asked.status("GET", "/cek/x", HERE) == status


# -- event streams -------------------------------------------------------------------------------------------------------


async def test_of_one_session_the_oldest_stream_goes_and_who_comes_back_gets_in(asked: Asked) -> None:
    limited = asked.app[STREAMS]
    limited.of_session, limited.of_all = 2, 3
    mine, other, third = [await asked.session() for _ in range(3)]
    async with contextlib.AsyncExitStack() as stack:

        async def opened(who: dict[str, str]) -> aiohttp.ClientResponse:
            stream = await stack.enter_async_context(asked.http.get("/chat/v1/events", headers=who))
            if stream.status == 200:
                await stream.content.readuntil(b"\n\n")
            return stream

        first = await opened(mine)
        assert (await opened(mine)).status == (await opened(other)).status == 200 and limited.open == 3
        assert (await opened(mine)).status == 200  # although the process is full
        await asyncio.wait_for(first.content.read(), 5)  # ends
        full = await opened(third)
        assert full.status == 429 and int(full.headers["Retry-After"]) == 15
    await limited.end(asked.app)  # who left is noticed by the next ping only
    for _ in range(100):
        if not limited.open:
            break
        await asyncio.sleep(0.02)
    assert limited.open == 0 and not limited._tasks and not limited._addresses


async def test_an_address_has_room_for_so_many_streams() -> None:
    streams = Streams(of_session=2, of_address=1)
    with streams.one("a", "36.66.1.2/32"):
        with pytest.raises(limits.TooMany), streams.one("b", "36.66.1.2/32"):
            pass
        with streams.one("c", "36.66.1.3/32"), streams.one("d", None):
            assert streams.open == 3
    assert streams.open == 0 and not streams._tasks and not streams._addresses


def test_so_many_files_come_in_at_the_same_time() -> None:
    uploads = Limits().uploads
    uploads.most, uploads.most_each = 3, 2
    with uploads.one("a"), uploads.one("a"), pytest.raises(limits.TooMany), uploads.one("a"):
        pass
    with uploads.one("a"), uploads.one("b"), uploads.one("c"), pytest.raises(limits.TooMany), uploads.one("d"):
        pass
    with uploads.one("d"):
        assert uploads._all == 1
    assert not uploads._each


# -- slow clients --------------------------------------------------------------------------------------------------------


async def test_a_body_that_never_ends_and_headers_that_never_come_are_not_waited_for(world: World) -> None:
    app = public_app(public(world), {})
    app[LIMITS].body_s = 0.3
    async with listening(app, keepalive_timeout=0.3) as url:
        port = int(url.rpartition(":")[2])

        async def says(start: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(start)
            answer = await asyncio.wait_for(reader.read(), 10)  # the connection is closed
            writer.close()
            return answer

        head = b"POST /kios/hadir HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        slow = await says(head + b"Content-Length: 100\r\n\r\nkode=")
        assert slow.startswith(b"HTTP/1.1 408") and b"terputus" in slow
        assert await says(b"GET /kios HTTP/1.1\r\nHost") == b"" and await says(b"") == b""

"""The web chat API over real HTTP, on the store and the rules of tests/usecases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from aiohttp import ClientResponse, FormData, MultipartWriter
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SystemClock
from bot.domain.handoff import Holder
from bot.settings import Settings
from bot.storage.media import SafeMedia
from bot.web.hub import Hub
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from tests import pictures
from tests.usecases.conftest import World


@pytest.fixture
async def client(world: World, database_url: str) -> AsyncIterator[TestClient[Any, Any]]:
    hub = Hub(database_url)
    await hub.start()
    media = SafeMedia(max_bytes=2 * 1024 * 1024)
    settings = Settings.from_env(
        {"LOKET_WIDGET_ORIGINS": "https://desa.contoh.id", "LOKET_MAX_UPLOAD_BYTES": "2097152"}
    )
    gateway = Gateway(world.deps, settings, world.keys, hub, media, build({}, SystemClock()))

    async def fine() -> bool:
        return True

    async def broken() -> bool:
        raise RuntimeError

    app = public_app(gateway, {"database": fine, "dialogue": broken, "worker": fine, "agency.dukcapil": broken})
    async with TestClient(TestServer(app)) as made:
        yield made
    await hub.stop()
    await media.close()


class Citizen:
    """One session."""

    def __init__(self, client: TestClient[Any, Any], token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def post(self, **body: object) -> ClientResponse:
        return await self.client.post("/chat/v1/messages", json=body, headers=self.headers)

    async def upload(self, data: bytes, name: str = "foto.jpg", client_id: str = "up-1") -> ClientResponse:
        form = FormData(quote_fields=False)
        form.add_field("client_id", client_id)
        form.add_field("kind", "document")
        form.add_field("file", data, filename=name)
        return await self.client.post("/chat/v1/attachments", data=form, headers=self.headers)

    async def messages(self, query: str = "") -> list[dict[str, Any]]:
        response = await self.client.get(f"/chat/v1/messages{query}", headers=self.headers)
        assert response.status == 200
        return list((await response.json())["messages"])


async def citizen(client: TestClient[Any, Any], **body: object) -> Citizen:
    response = await client.post("/chat/v1/sessions", json=body)
    assert response.status == 201
    return Citizen(client, (await response.json())["token"])


async def sentence(response: ClientResponse) -> str:
    return str((await response.json())["error"]["message"])


async def test_a_message_is_stored_answered_and_shown_with_growing_ids(
    world: World, client: TestClient[Any, Any]
) -> None:
    me = await citizen(client)
    response = await me.post(client_id="1", text="halo")
    assert response.status == 202
    first = (await response.json())["id"]
    assert await me.messages() == []  # nothing yet: no thinking in the request
    while await world.work():
        pass
    (greeting,) = await me.messages()
    assert greeting["from"] == "bot" and greeting["meta"]["kind"] == "answer" and greeting["id"] > first
    assert set(greeting) == {"id", "at", "from", "text", "buttons", "attachments", "meta"}
    assert await me.messages(f"?after={greeting['id']}") == []
    both = await me.messages("?own=1")
    assert [m["from"] for m in both] == ["citizen", "bot"] and both[0]["client_id"] == "1"


async def test_the_same_client_id_again_is_the_same_message(world: World, client: TestClient[Any, Any]) -> None:
    me = await citizen(client)
    responses = await asyncio.gather(*(me.post(client_id="1", text="halo") for _ in range(10)))
    assert sorted(r.status for r in responses) == [200] * 9 + [202]
    assert len({(await r.json())["id"] for r in responses}) == 1
    while await world.work():
        pass
    assert len(await me.messages()) == 1


async def test_the_greeting_comes_by_itself_only_when_asked_for(client: TestClient[Any, Any]) -> None:
    assert await (await citizen(client)).messages() == []
    (greeting,) = await (await citizen(client, greet=True, language="en")).messages()
    assert "never" in greeting["text"] and greeting["buttons"]


async def test_without_a_valid_token_nothing_is_told(client: TestClient[Any, Any]) -> None:
    for headers in ({}, {"Authorization": "Bearer lkt_wrong"}, {"Authorization": "Basic x"}):
        response = await client.get("/chat/v1/messages", headers=headers)
        assert response.status == 401 and "obrolan baru" in await sentence(response)
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_session_that_a_device_forgets_opens_nothing_any_more(
    client: TestClient[Any, Any], world: World
) -> None:
    me, other = await citizen(client), await citizen(client)
    assert (await me.post(client_id="1", text="halo")).status == 202
    assert (await client.delete("/chat/v1/sessions", headers=me.headers)).status == 204
    for answer in (
        await me.post(client_id="2", text="siapa saya?"),
        await client.get("/chat/v1/messages", headers=me.headers),
        await client.delete("/chat/v1/sessions", headers=me.headers),
        await client.delete("/chat/v1/sessions"),
    ):
        assert answer.status == 401
    assert (await other.post(client_id="1", text="halo")).status == 202


@pytest.mark.parametrize(
    "body",
    [{}, {"client_id": "1"}, {"text": "halo"}, {"client_id": "", "text": "x"}, {"client_id": 5, "text": "x"}, [], 7],
)
async def test_what_is_no_message_is_refused_with_a_sentence(client: TestClient[Any, Any], body: object) -> None:
    me = await citizen(client)
    response = await client.post("/chat/v1/messages", json=body, headers=me.headers)
    assert response.status == (422 if isinstance(body, dict) else 400) and await sentence(response)


async def test_an_upload_is_refused_whose_id_is_too_long_or_whose_kind_nobody_knows(
    client: TestClient[Any, Any],
) -> None:
    me = await citizen(client)
    # Cut to the longest, two ids would be one, and the second file would be lost.
    long = await me.upload(pictures.jpeg(64, 64), client_id="a" * 129)
    assert long.status == 422 and "client_id" in await sentence(long)
    odd = FormData()
    for name, value in (("client_id", "1"), ("kind", "video")):
        odd.add_field(name, value)
    odd.add_field("file", pictures.jpeg(64, 64), filename="foto.jpg")
    assert (await client.post("/chat/v1/attachments", data=odd, headers=me.headers)).status == 422


async def test_five_thousand_characters_are_taken_and_answered_with_a_sentence(
    world: World, client: TestClient[Any, Any]
) -> None:
    me = await citizen(client)
    assert (await me.post(client_id="1", text="x" * 5000)).status == 202
    while await world.work():
        pass
    (answer,) = await me.messages()
    assert answer["meta"]["kind"] == "error" and "terlalu panjang" in answer["text"]
    assert len((await me.messages("?own=1"))[0]["text"]) == 5000  # not lost


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"MZ\x90\x00" + b"x" * 5000, 415),
        (pictures.truncated_jpeg(), 422),
        (b"x" * (3 * 1024 * 1024), 413),
        (pictures.png_bomb(), 422),
        (b"", 422),
    ],
)
async def test_a_bad_file_is_refused_with_its_reason(client: TestClient[Any, Any], data: bytes, status: int) -> None:
    me = await citizen(client)
    response = await me.upload(data)
    assert response.status == status and len(await sentence(response)) > 20


async def test_a_file_is_made_safe_stored_and_had_back_by_its_owner_only(
    world: World, client: TestClient[Any, Any]
) -> None:
    me, stranger = await citizen(client), await citizen(client)
    assert (await me.upload(pictures.jpeg(800, 600), "KK saya.png")).status == 202
    assert (await me.upload(pictures.jpeg(800, 600), "KK saya.png")).status == 200
    (mine,) = await me.messages("?own=1")
    file = mine["attachments"][0]
    assert file["type"] == "image/jpeg" and file["name"] == "KK saya.jpg"
    got = await client.get(file["url"], headers=me.headers)
    assert got.status == 200 and (await got.read()).startswith(b"\xff\xd8")
    assert (await client.get(file["url"], headers=stranger.headers)).status == 404


async def test_a_name_of_several_lines_or_letters_of_its_own_keeps_nobody_from_their_file(
    world: World, client: TestClient[Any, Any]
) -> None:
    me = await citizen(client)
    odd = "KK%0D%0ASet-Cookie: a=b%22 ꦲꦏ.jpg"
    named = MultipartWriter("form-data")
    for name, content in (("client_id", b"odd-1"), ("file", pictures.jpeg(800, 600))):
        part = named.append(content)
        where = f"; filename*=UTF-8''{quote(odd, safe='%')}" if name == "file" else ""
        part.headers["Content-Disposition"] = f'form-data; name="{name}"{where}'
    answer = await client.post("/chat/v1/attachments", data=named, headers=me.headers)
    assert answer.status == 202, await answer.text()
    (mine,) = await me.messages("?own=1")
    got = await client.get(mine["attachments"][0]["url"], headers=me.headers)
    assert got.status == 200 and "Set-Cookie" not in got.headers and "\n" not in mine["attachments"][0]["name"]
    assert got.headers["Content-Disposition"].count('"') == 2 and "%EA%A6" in got.headers["Content-Disposition"]


async def events(response: ClientResponse, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The next ``count`` events that are messages."""
    found: list[tuple[str, dict[str, Any]]] = []
    name = ""
    while len(found) < count:
        line = (await asyncio.wait_for(response.content.readline(), 10)).decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: ") and name == "message":
            found.append((name, json.loads(line[6:])))
    return found


async def test_the_stream_shows_messages_as_they_come_and_resumes_without_gap_or_repeat(
    world: World, client: TestClient[Any, Any]
) -> None:
    me = await citizen(client)
    async with client.get("/chat/v1/events", headers=me.headers) as stream:
        await me.post(client_id="1", text="halo")
        while await world.work():
            pass
        ((_, first),) = await events(stream, 1)
    for number in (2, 3):
        await me.post(client_id=str(number), text="halo")
        while await world.work():
            pass
    async with client.get("/chat/v1/events", headers={**me.headers, "Last-Event-ID": first["id"]}) as stream:
        later = [data["id"] for _, data in await events(stream, 2)]
    assert later == [m["id"] for m in await me.messages(f"?after={first['id']}")]


async def test_the_stream_says_of_each_message_that_it_arrived_and_that_its_turn_has_ended(
    world: World, client: TestClient[Any, Any]
) -> None:
    me = await citizen(client)
    async with client.get("/chat/v1/events", headers=me.headers) as stream:
        sent = await (await me.post(client_id="1", text="halo")).json()
        told: list[tuple[str, dict[str, Any]]] = []
        for wanted in ("received", "processed"):
            while not told or told[-1][1].get("state") != wanted:
                event = (await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 10)).decode()
                told.append(
                    (event.partition("event: ")[2].partition("\n")[0], json.loads(event.partition("data: ")[2]))
                )
            while await world.work():
                pass
    statuses = [data for name, data in told if name == "status"]
    assert statuses == [{"id": sent["id"], "client_id": "1", "state": state} for state in ("received", "processed")]
    assert told.index(("status", statuses[1])) > [name for name, _ in told].index("message")


async def test_a_conversation_comes_whole_however_long_it_is(
    world: World, client: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.public.chat._AT_ONCE", 2)
    me = await citizen(client)
    for number in range(3):
        await me.post(client_id=str(number), text="halo")
        while await world.work():
            pass
    assert len(await me.messages()) == 3 and len(await me.messages("?own=1")) == 6


async def test_only_known_origins_may_embed_the_chat(client: TestClient[Any, Any]) -> None:
    allowed = {"Origin": "https://desa.contoh.id"}
    preflight = await client.options("/chat/v1/messages", headers=allowed)
    assert preflight.status == 204 and preflight.headers["Access-Control-Allow-Origin"] == "https://desa.contoh.id"
    assert (await client.post("/chat/v1/sessions", headers=allowed)).status == 201
    refused = await client.post("/chat/v1/sessions", headers={"Origin": "https://jahat.contoh.id"})
    assert refused.status == 403 and "Access-Control-Allow-Origin" not in refused.headers


async def test_health_tells_each_part_and_liveness_depends_on_none(client: TestClient[Any, Any]) -> None:
    assert (await client.get("/healthz/live")).status == 200
    assert (await client.get("/healthz/ready")).status == 503
    whole = await (await client.get("/healthz")).json()
    assert whole["parts"] == {"database": "ok", "dialogue": "down", "worker": "ok", "agency.dukcapil": "down"}


async def test_a_push_that_the_agency_did_not_sign_changes_nothing(client: TestClient[Any, Any], world: World) -> None:
    world.agency.verify_callback = lambda *_: False  # type: ignore[attr-defined]
    assert (await client.post("/callbacks/dukcapil", data=b"{}")).status == 403
    assert (await client.post("/callbacks/unknown", data=b"{}")).status == 404


async def test_unknown_pages_and_pages_in_error_say_so_in_indonesian(client: TestClient[Any, Any]) -> None:
    response = await client.get("/tidak-ada")
    assert response.status == 404 and "tidak ada" in await sentence(response)


async def test_folders_are_not_listed_and_trace_is_refused(client: TestClient[Any, Any]) -> None:
    for path in ("/static", "/static/", "/static/vendor/", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert (await client.get(path)).status in (403, 404), path
    for method in ("TRACE", "CONNECT", "TRACK"):
        assert (await client.request(method, "/static/site.css")).status in (400, 404, 405), method


async def test_the_api_is_described_where_it_is_served(client: TestClient[Any, Any]) -> None:
    response = await client.get("/openapi.yaml")
    assert response.status == 200 and "/chat/v1/sessions" in await response.text()


async def test_typing_is_told_to_the_one_who_holds_the_conversation_and_back(
    world: World, client: TestClient[Any, Any]
) -> None:
    me = await citizen(client)
    assert (await client.post("/chat/v1/typing", headers={"Authorization": "Bearer nobody"})).status == 401
    async with client.get("/chat/v1/events", headers=me.headers) as stream:
        session = json.loads((await stream.content.readuntil(b"\n\n")).decode().partition("data: ")[2])
        conversation = UUID(session["session_id"])
        hub = Hub(world.store.engine.url.render_as_string(hide_password=False))
        async with hub.subscribe("staff") as wake:
            await hub.start()
            try:
                await wake.wait(5)
                assert (
                    await client.post("/chat/v1/typing", headers=me.headers)
                ).status == 204  # the bot has it: nobody is told
                async with world.store.begin() as tx:
                    found = await tx.conversation(conversation, lock=True)
                    found.state = Holder.AGENT
                    await tx.save_conversation(found)
                assert (await client.post("/chat/v1/typing", headers=me.headers)).status == 204
                told = f"look:{conversation} ~ 1"
                while not any(what == told for what in wake.heard()):
                    assert await wake.wait(5)
            finally:
                await hub.stop()
        async with world.store.begin() as tx:
            await tx.notify("loket_typing", str(conversation))
        while b"event: typing" not in (block := await stream.content.readuntil(b"\n\n")):
            pass
        assert json.loads(block.decode().partition("data: ")[2]) == {"on": True, "from": "agent"}

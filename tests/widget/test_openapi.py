"""The stand-in, which the widget is tested with, keeps to ``docs/openapi.yaml``; and that page is sound."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest
import yaml

from bot.domain.messages import Button, FileRef, Kind, Reply, Sender
from tests.widget.conftest import picture
from tests.widget.stub import Stub

ROOT = Path(__file__).resolve().parents[2]
API: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
CLIENT_ID = "4f9d4a0e-5f9b-4c5e-8a7d-1f2c3b4a5d6e"


def check(name: str, value: Any) -> None:
    """``value`` is what the schema of that name says."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": API["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from nodes(child)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, work) for path, item in API["paths"].items() for method, work in item.items()]


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    stub = Stub()
    await stub.start()
    yield stub
    await stub.stop()


@pytest.fixture
async def client(server: Stub) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as client:
        async with client.post("/chat/v1/sessions", json={}) as response:
            assert response.status == 201
            session = await response.json()
        check("Session", session)
        client.headers["Authorization"] = f"Bearer {session['token']}"
        yield client


def test_every_reference_leads_somewhere() -> None:
    references = [node["$ref"] for node in nodes(API) if "$ref" in node]
    assert references
    for reference in references:
        target: Any = API
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_every_schema_is_a_schema_and_every_component_is_used() -> None:
    used = {node["$ref"] for node in nodes(API) if "$ref" in node}
    for name, schema in API["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        # Events travel inside a text stream, which a schema cannot reach into: the table of the stream names them.
        assert f"#/components/schemas/{name}" in used or f"`{name}`" in json.dumps(API["paths"]), name


def test_every_operation_has_a_name_and_says_what_a_stranger_gets() -> None:
    names = [work["operationId"] for _, _, work in operations()]
    assert len(set(names)) == len(names) == 8
    for method, path, work in operations():
        if work.get("security") != []:
            assert "401" in work["responses"], (method, path)


def test_examples_are_what_they_explain() -> None:
    for node in nodes(API["paths"]):
        reference = node.get("schema", {}).get("$ref", "") if isinstance(node.get("schema"), dict) else ""
        examples = [node["example"]] if "example" in node else [e["value"] for e in node.get("examples", {}).values()]
        for example in examples if reference else []:
            check(reference.rsplit("/", 1)[1], example)


def test_the_kinds_and_senders_are_those_of_the_domain() -> None:
    schemas = API["components"]["schemas"]
    assert set(schemas["Meta"]["properties"]["kind"]["enum"]) == {kind.value for kind in Kind}
    assert set(schemas["Message"]["properties"]["from"]["enum"]) == {sender.value for sender in Sender}


def test_a_reply_of_the_domain_is_a_message() -> None:
    reply = Reply(
        "Sudah terbit.",
        Kind.STATUS,
        (Button("Unduh", "niat:download_document"),),
        (FileRef("f1", "akta.pdf", "application/pdf", 12),),
        {"application": "TGL-1", "state": "terbit", "step": {"n": 1, "of": 2}},
    )
    check("Message", {"id": "1", "at": "2025-02-03T03:20:11Z", **reply.to_json()})


async def test_a_conversation_with_the_stand_in_keeps_to_the_page(server: Stub, client: aiohttp.ClientSession) -> None:
    body = {"client_id": CLIENT_ID, "text": "halo"}
    check("OutgoingMessage", body)
    ids = []
    for status in (202, 200):
        async with client.post("/chat/v1/messages", json=body) as response:
            assert response.status == status
            accepted = await response.json()
            check("Accepted", accepted)
            ids.append(accepted["id"])
    assert ids[0] == ids[1]
    server.say("Ini.", "status", state="terbit", attachments=[server.offer("a.pdf", "application/pdf", b"%PDF")])
    async with client.get("/chat/v1/messages", params={"own": "1"}) as response:
        thread = await response.json()
    check("MessageList", thread)
    assert [message["from"] for message in thread["messages"]] == ["citizen", "bot"]
    async with client.get("/chat/v1/messages", params={"after": ids[0]}) as response:
        assert [message["from"] for message in (await response.json())["messages"]] == ["bot"]


async def test_the_stream_begins_with_the_session_and_resumes(server: Stub, client: aiohttp.ClientSession) -> None:
    first = server.say("satu")
    server.say("dua")
    async with client.get("/chat/v1/events", headers={"Last-Event-ID": first["id"]}) as response:
        assert response.content_type == "text/event-stream"
        block = (await response.content.readuntil(b"\n\n")).decode().splitlines()
        assert block[0] == "event: session"
        check("SessionEvent", json.loads(block[1].removeprefix("data: ")))
        block = (await response.content.readuntil(b"\n\n")).decode().splitlines()
        message = json.loads(block[2].removeprefix("data: "))
        check("Message", message)
        assert block[:2] == ["event: message", f"id: {message['id']}"] and message["text"] == "dua"


@pytest.mark.parametrize(
    ("content", "status"),
    [(picture(), 202), (b"%PDF" + b"x" * 11_000_000, 413), (b"MZ", 415), (picture()[:-50], 422)],
    ids=["good", "large", "program", "broken"],
)
async def test_uploads_are_answered_as_the_page_says(
    client: aiohttp.ClientSession, content: bytes, status: int
) -> None:
    form = aiohttp.FormData({"client_id": CLIENT_ID, "kind": "document"})
    form.add_field("file", content, filename="x.jpg", content_type="image/jpeg")
    async with client.post("/chat/v1/attachments", data=form) as response:
        assert response.status == status
        assert str(status) in API["paths"]["/chat/v1/attachments"]["post"]["responses"]
        check("Accepted" if status == 202 else "Error", await response.json())


async def test_a_stranger_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.get("/chat/v1/messages", headers={"Authorization": "Bearer nobody"}) as response:
        assert response.status == 401
        check("Error", await response.json())

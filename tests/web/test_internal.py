"""The internal listener speaks what rasa-sdk's own server speaks."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.errors import Fenced, InvalidMessage
from bot.web.internal import internal_app


class Echo(Action):
    def name(self) -> str:
        return "action_echo"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        wish = tracker.get_slot("wish")
        if wish == "reject":
            raise ActionExecutionRejection("action_echo")
        if wish == "stray":
            raise InvalidMessage("error.not_json")
        if wish == "fence":
            raise Fenced
        if wish == "crash":
            raise RuntimeError("Budi, 3328990101900001")
        dispatcher.utter_message(json_message={"ref": f"0.{wish}"})
        return [{"event": "slot", "name": "wish", "value": None}]


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(internal_app([Echo()]))) as running:
        yield running


def call(wish: str, action: str = "action_echo") -> dict[str, Any]:
    return {
        "next_action": action,
        "version": "3.6.21",
        "tracker": {
            "sender_id": "c",
            "slots": {"wish": wish},
            "latest_message": {},
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
        },
    }


async def test_an_action_runs_without_the_domain_and_answers_events_and_responses(client: TestClient[Any, Any]) -> None:
    answer = await client.post("/actions", json=call("hello"))
    assert answer.status == 200
    body = await answer.json()
    assert body["events"] == [{"event": "slot", "name": "wish", "value": None}]
    assert body["responses"][0]["custom"] == {"ref": "0.hello"}


@pytest.mark.parametrize(
    ("wish", "status", "error"),
    [("reject", 400, None), ("stray", 422, "invalid_message"), ("fence", 409, "fenced"), ("crash", 500, "unexpected")],
)
async def test_failures_have_their_status_and_tell_nothing_personal(
    client: TestClient[Any, Any], wish: str, status: int, error: str | None
) -> None:
    answer = await client.post("/actions", json=call(wish))
    assert answer.status == status
    body = await answer.json()
    assert body["action_name"] == "action_echo"
    assert error is None or body["error"] == error
    assert "Budi" not in json.dumps(body)


async def test_an_unknown_action_is_404_with_its_name(client: TestClient[Any, Any]) -> None:
    answer = await client.post("/actions", json=call("x", "action_nobody"))
    assert answer.status == 404
    assert (await answer.json())["action_name"] == "action_nobody"


async def test_a_deflated_body_is_read(client: TestClient[Any, Any]) -> None:
    body = zlib.compress(json.dumps(call("squeezed")).encode())
    headers = {"Content-Encoding": "deflate", "Content-Type": "application/json"}
    answer = await client.post("/actions", data=body, headers=headers)
    assert (await answer.json())["responses"][0]["custom"] == {"ref": "0.squeezed"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"next_action": "action_echo"}', b"\xff\xfe"])
async def test_what_is_no_action_call_is_refused(client: TestClient[Any, Any], body: bytes) -> None:
    answer = await client.post("/actions", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, await answer.json()) == (400, {"error": "malformed"})


async def test_the_addresses_of_rasa_sdks_own_server_answer_too(client: TestClient[Any, Any]) -> None:
    answer = await client.post("/webhook", json=call("hello"))
    assert (await answer.json())["responses"][0]["custom"] == {"ref": "0.hello"}
    assert await (await client.get("/health")).json() == {"status": "ok"}


async def test_the_actions_are_listed(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/actions")
    assert await answer.json() == [{"name": "action_echo"}]

"""The gateway is the truth: Rasa may forget, restart, or have run a turn that was never recorded."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.dialogue.client import RasaDialogue
from bot.errors import DialogueUnavailable, EmptyTurn, Fenced
from bot.ports import TurnRequest
from tests.dialogue.conftest import RASA_PYTHON, Citizen
from tests.dialogue.rasa_server import InternalListener, RasaServer, ScriptedSteps, free_port

pytestmark = pytest.mark.rasa

ASK = "action_ask_service_form_service_answer"
VALIDATE = "validate_service_form"


async def opened(citizen: Citizen) -> Citizen:
    await citizen.says('/start_application{"service": "akta-kelahiran"}')
    citizen.form_active = True
    return citizen


async def test_a_killed_and_restarted_rasa_goes_on_in_the_middle_of_the_form(
    citizen: Citizen, rasa: RasaServer, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    rasa.kill()
    with pytest.raises(DialogueUnavailable):
        await citizen.says("/answer")
    assert not await citizen.dialogue.ready()
    rasa.start()
    assert await citizen.dialogue.ready()
    steps.calls.clear()
    assert await citizen.says("/answer") == [ASK]
    assert steps.said == [(0, VALIDATE), (1, ASK)]
    assert await citizen.says("/ask_cost") == ["action_answer_service", ASK]


async def test_a_turn_that_was_run_but_never_recorded_is_run_again_from_where_it_began(
    citizen: Citizen, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    await citizen.dialogue.turn(citizen.request("/cancel_application"))  # the worker died here: nothing was recorded
    steps.calls.clear()
    assert await citizen.says("/answer") == [ASK]
    assert steps.said == [(0, VALIDATE), (1, ASK)]


async def test_two_tries_of_one_turn_at_once_do_not_disturb_each_other(citizen: Citizen, steps: ScriptedSteps) -> None:
    await opened(citizen)
    first, second = citizen.request("/answer"), citizen.request("/answer")
    said = await asyncio.gather(citizen.dialogue.turn(first), citizen.dialogue.turn(second))
    assert said == [[f"1.{ASK}"], [f"1.{ASK}"]]
    for recorded in (first, second):
        citizen.mark = recorded.mark
        assert await citizen.says("/answer") == [ASK]


async def test_the_gateways_word_on_the_form_wins_over_a_tracker_of_another_turn(
    citizen: Citizen, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    citizen.mark, citizen.form_active = "somewhere-else", False
    assert await citizen.says("/answer") == ["action_fallback"]


async def test_a_long_conversation_goes_on_over_the_change_of_trackers(citizen: Citizen) -> None:
    await opened(citizen)
    for _ in range(30):
        assert await citizen.says("/answer") == [ASK]


async def test_a_failing_action_fails_the_turn_and_the_next_try_starts_clean(
    citizen: Citizen, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    steps.errors[ASK] = RuntimeError("Budi, 3328990101900001")
    with pytest.raises(EmptyTurn):
        await citizen.says("/answer")
    steps.errors.clear()
    assert await citizen.says("/answer") == [ASK]


async def test_a_fenced_step_fails_the_turn(citizen: Citizen, steps: ScriptedSteps) -> None:
    steps.errors["action_say"] = Fenced()
    with pytest.raises(EmptyTurn):
        await citizen.says("/greet")
    assert len(steps.calls) == 1


async def test_a_gateway_that_is_away_is_not_the_fault_of_the_turn(
    citizen: Citizen, listener: InternalListener
) -> None:
    listener.stop()
    try:
        with pytest.raises(DialogueUnavailable):
            await citizen.says("/greet")
    finally:
        listener.start()
    assert await citizen.says("/greet") == ["action_say"]


async def test_a_failed_turn_answers_500_and_a_malformed_one_400_in_constant_words(
    citizen: Citizen, rasa: RasaServer, steps: ScriptedSteps
) -> None:
    steps.errors["action_say"] = RuntimeError("rahasia")
    body = dataclasses.asdict(citizen.request("/greet"))
    body["metadata"] = {"inbox_id": body.pop("inbox_id"), "lease_no": body.pop("lease_no")}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{rasa.url}/webhooks/loket/turn", json=body) as answer:
            assert (answer.status, await answer.json()) == (500, {"error": "turn_failed"})
        for bad in (b"{", b"[]", b'"x"', b"{}", b'{"metadata": 7}'):
            headers = {"Content-Type": "application/json"}
            async with session.post(f"{rasa.url}/webhooks/loket/turn", data=bad, headers=headers) as answer:
                assert (answer.status, await answer.json()) == (400, {"error": "malformed"})


async def test_rasas_log_holds_no_text_of_anybody(citizen: Citizen, rasa: RasaServer, steps: ScriptedSteps) -> None:
    await citizen.says("nama saya Wagiman Pertelon mau bikin ktp")
    steps.errors["action_say"] = RuntimeError("Wagiman Pertelon")
    with pytest.raises(EmptyTurn):
        await citizen.says("/greet")
    assert "turn_failed" in rasa.log
    assert "Wagiman" not in rasa.log


async def test_a_rasa_that_is_not_there_is_unavailable_not_at_fault() -> None:
    nobody = RasaDialogue(f"http://127.0.0.1:{free_port()}")
    try:
        with pytest.raises(DialogueUnavailable):
            await nobody.parse("halo")
        assert not await nobody.ready()
    finally:
        await nobody.close()


async def test_rasas_rest_channel_is_not_open(rasa: RasaServer) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{rasa.url}/webhooks/rest/webhook", json={"sender": "x", "message": "hi"}) as answer:
            assert answer.status == 404


async def test_a_text_is_understood_without_a_conversation(dialogue: RasaDialogue, steps: ScriptedSteps) -> None:
    found = await dialogue.parse("pinten biayanipun damel akta kelahiran nggih")
    assert (found.intent, found.service) == ("ask_cost", "akta-kelahiran")
    assert found.ranking[0] == (found.intent, found.confidence)
    assert len(found.ranking) == 10
    assert steps.calls == []


async def test_an_action_whose_answer_is_malformed_fails_the_turn(model: Path, tmp_path: Path) -> None:
    async def nonsense(_: web.Request) -> web.Response:
        return web.json_response({"events": "none", "responses": [7]})

    app = web.Application()
    app.add_routes([web.post("/actions", nonsense)])
    async with TestServer(app) as gateway:
        server = RasaServer(RASA_PYTHON, model, str(gateway.make_url("")).rstrip("/"), tmp_path / "rasa.log")
        await asyncio.to_thread(server.start)
        client = RasaDialogue(server.url)
        try:
            with pytest.raises(EmptyTurn):
                await client.turn(TurnRequest("c", "/greet", 1, 1, "", "m1", False))
            assert "malformed answer" in server.log
        finally:
            await client.close()
            server.kill()

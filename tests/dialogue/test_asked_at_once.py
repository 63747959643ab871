"""Where the gateway has asked together with a step, Rasa does not call it again for the question."""

from __future__ import annotations

import pytest

from bot.errors import EmptyTurn
from bot.usecases.steps import Outcome
from tests.dialogue.conftest import Citizen
from tests.dialogue.rasa_server import ASK, RasaServer, ScriptedSteps

pytestmark = pytest.mark.rasa

VALIDATE = "validate_service_form"
OPEN = '/start_application{"service": "akta-kelahiran"}'


@pytest.fixture
async def asked(citizen: Citizen, steps: ScriptedSteps) -> Citizen:
    """In the form, whose first question came with the step that opened it."""
    steps.asks = True
    assert await citizen.says(OPEN) == [ASK]
    assert steps.said == [(0, "action_start_application")]
    citizen.form_active = True
    steps.calls.clear()
    return citizen


async def test_an_answer_is_one_call_and_brings_the_next_question(asked: Citizen, steps: ScriptedSteps) -> None:
    for _ in range(10):
        assert await asked.says("/answer") == [ASK]
    assert steps.said == [(0, VALIDATE)] * 10
    call = steps.calls[-1]
    assert (call.intent, call.confidence, call.service, call.form_active) == ("answer", 1.0, None, True)
    assert (call.conversation, call.ranking) == (asked.conversation, (("answer", 1.0),))


async def test_a_wrong_answer_is_explained_first(asked: Citizen, steps: ScriptedSteps) -> None:
    steps.outcomes[VALIDATE] = [Outcome.INVALID]
    assert await asked.says("/answer") == [VALIDATE, ASK]


async def test_a_text_that_is_no_answer_is_judged_by_the_same_rules(asked: Citizen, steps: ScriptedSteps) -> None:
    steps.outcomes[VALIDATE] = [Outcome.INVALID]
    assert await asked.says("entahlah saya lupa") == [VALIDATE, ASK]
    assert steps.said == [(0, VALIDATE)]


async def test_a_question_in_between_brings_the_forms_question_after_its_answer(
    asked: Citizen, steps: ScriptedSteps
) -> None:
    assert await asked.says("kalau bikin kk bayar berapa ya") == ["action_answer_service", ASK]
    assert steps.said == [(0, VALIDATE), (1, "action_answer_service")]
    steps.calls.clear()
    assert await asked.says("/answer") == [ASK]
    assert await asked.says("/ask_cost") == ["action_answer_service", ASK]
    assert steps.said == [(0, VALIDATE), (0, VALIDATE), (1, "action_answer_service")]


async def test_the_last_answer_closes_the_form_and_is_judged_once(asked: Citizen, steps: ScriptedSteps) -> None:
    steps.outcomes[VALIDATE] = [Outcome.COMPLETE]
    assert await asked.says("/answer") == [VALIDATE]
    assert steps.said == [(0, VALIDATE)]
    asked.form_active = False
    assert await asked.says("/thanks") == ["action_say"]


async def test_a_form_that_ends_after_many_answers_is_known_to_have_ended(asked: Citizen, steps: ScriptedSteps) -> None:
    assert await asked.says("/answer") == [ASK]
    steps.outcomes["action_cancel_application"] = [Outcome.CLOSE_FORM]
    assert await asked.says("/cancel_application") == ["action_cancel_application"]
    asked.form_active = False
    assert await asked.says(OPEN) == [ASK]


async def test_an_answer_after_a_restart_needs_no_tracker(
    asked: Citizen, rasa: RasaServer, steps: ScriptedSteps
) -> None:
    asked.mark = "of-another-replica"
    assert await asked.says("/answer") == [ASK]
    assert await asked.says("/ask_cost") == ["action_answer_service", ASK]


async def test_a_turn_run_twice_says_the_same_twice(asked: Citizen, steps: ScriptedSteps) -> None:
    request = asked.request("/answer")
    said = [await asked.dialogue.turn(request) for _ in range(2)]
    assert said == [[f"1.{ASK}"], [f"1.{ASK}"]]


async def test_a_failing_judgement_fails_the_turn_and_leaves_nothing_behind(
    asked: Citizen, steps: ScriptedSteps
) -> None:
    steps.errors[VALIDATE] = RuntimeError("Budi, 3328990101900001")
    with pytest.raises(EmptyTurn):
        await asked.says("/answer")
    steps.errors.clear()
    assert await asked.says("/answer") == [ASK]

"""Rules and form on a real Rasa server with the trained model; only the use cases are scripted."""

from __future__ import annotations

import pytest
import yaml

from bot.errors import EmptyTurn
from bot.settings import ROOT
from bot.usecases.steps import Outcome
from tests.dialogue.conftest import Citizen
from tests.dialogue.rasa_server import ScriptedSteps

pytestmark = pytest.mark.rasa

ASK = "action_ask_service_form_service_answer"
VALIDATE = "validate_service_form"
INTENTS = [
    name for name in yaml.safe_load((ROOT / "data/domain/domain.yml").read_text("utf-8"))["intents"] if name != "answer"
]


async def opened(citizen: Citizen) -> Citizen:
    await citizen.says('/start_application{"service": "akta-kelahiran"}')
    citizen.form_active = True
    return citizen


async def test_a_typed_wish_reaches_its_action_with_intent_and_service(citizen: Citizen, steps: ScriptedSteps) -> None:
    assert await citizen.says("syarat bikin akta kelahiran apa saja ya") == ["action_answer_service"]
    (call,) = steps.calls
    assert (call.intent, call.service, call.conversation) == (
        "ask_requirements",
        "akta-kelahiran",
        citizen.conversation,
    )
    assert call.confidence > 0.5
    assert not call.form_active


async def test_a_button_carries_intent_and_service_without_guessing(citizen: Citizen, steps: ScriptedSteps) -> None:
    await citizen.says('/ask_cost{"service": "ktp"}')
    (call,) = steps.calls
    assert (call.intent, call.confidence, call.service) == ("ask_cost", 1.0, "ktp")


async def test_starting_opens_the_form_and_asks_in_the_same_turn(citizen: Citizen, steps: ScriptedSteps) -> None:
    assert await citizen.says('/start_application{"service": "akta-kelahiran"}') == [ASK]
    assert steps.said == [(0, "action_start_application"), (1, ASK)]
    assert steps.calls[1].form_active


async def test_an_answer_leads_to_the_next_question(citizen: Citizen, steps: ScriptedSteps) -> None:
    await opened(citizen)
    steps.calls.clear()
    assert await citizen.says("/answer") == [ASK]
    assert steps.said == [(0, VALIDATE), (1, ASK)]
    assert all(call.form_active and call.intent == "answer" for call in steps.calls)


async def test_a_wrong_answer_is_explained_first_and_then_asked_again(citizen: Citizen, steps: ScriptedSteps) -> None:
    await opened(citizen)
    steps.outcomes[VALIDATE] = [Outcome.INVALID]
    assert await citizen.says("/answer") == [VALIDATE, ASK]


async def test_a_question_in_between_is_answered_and_the_form_asks_again(
    citizen: Citizen, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    steps.calls.clear()
    assert await citizen.says("kalau bikin kk bayar berapa ya") == ["action_answer_service", ASK]
    assert steps.said == [(0, VALIDATE), (1, "action_answer_service"), (2, ASK)]
    steps.calls.clear()
    assert await citizen.says("/answer") == [ASK]
    assert steps.said == [(0, VALIDATE), (1, ASK)]


async def test_the_last_answer_closes_the_form_and_the_next_message_is_free_again(
    citizen: Citizen, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    steps.outcomes[VALIDATE] = [Outcome.COMPLETE]
    assert await citizen.says("/answer") == [VALIDATE]
    citizen.form_active = False
    steps.calls.clear()
    assert await citizen.says("/thanks") == ["action_say"]
    assert not steps.calls[0].form_active


async def test_cancelling_in_the_form_closes_it_without_another_question(
    citizen: Citizen, steps: ScriptedSteps
) -> None:
    await opened(citizen)
    steps.outcomes["action_cancel_application"] = [Outcome.CLOSE_FORM]
    assert await citizen.says("/cancel_application") == ["action_cancel_application"]
    citizen.form_active = False
    assert await citizen.says("/greet") == ["action_say"]


async def test_a_judged_text_can_close_the_form(citizen: Citizen, steps: ScriptedSteps) -> None:
    await opened(citizen)
    steps.outcomes[VALIDATE] = [Outcome.CLOSE_FORM]
    assert await citizen.says("/answer") == [VALIDATE]
    assert await citizen.says("/greet") == ["action_say"]


async def test_asking_can_close_the_form_when_nothing_is_left_to_ask(citizen: Citizen, steps: ScriptedSteps) -> None:
    await opened(citizen)
    steps.outcomes[ASK] = [Outcome.CLOSE_FORM]
    assert await citizen.says("/answer") == [ASK]
    assert await citizen.says("/greet") == ["action_say"]


async def test_starting_another_service_inside_the_form_asks_on(citizen: Citizen, steps: ScriptedSteps) -> None:
    await opened(citizen)
    assert await citizen.says('/start_application{"service": "ktp"}') == [ASK]
    assert await citizen.says("/answer") == [ASK]


async def test_continuing_opens_the_form_again(citizen: Citizen, steps: ScriptedSteps) -> None:
    steps.outcomes["action_continue_application"] = [Outcome.OPEN_FORM]
    assert await citizen.says("/continue_application") == [ASK]
    assert await citizen.says("/answer") == [ASK]


async def test_an_answer_while_nothing_is_asked_falls_back(citizen: Citizen) -> None:
    assert await citizen.says("/answer") == ["action_fallback"]


@pytest.mark.parametrize("intent", INTENTS)
async def test_every_wish_gets_a_reply_outside_the_form(citizen: Citizen, intent: str) -> None:
    assert await citizen.says(f"/{intent}")


@pytest.mark.parametrize("intent", INTENTS)
async def test_every_wish_gets_its_reply_and_the_question_again_inside_the_form(citizen: Citizen, intent: str) -> None:
    await opened(citizen)
    said = await citizen.says(f"/{intent}")
    assert said[-1] == ASK
    assert len(said) == 2 or intent == "start_application"


@pytest.mark.parametrize("text", ["/restart", "/session_start", "/back"])
async def test_rasas_own_commands_do_no_harm(citizen: Citizen, text: str) -> None:
    await citizen.says("/greet")
    with pytest.raises(EmptyTurn):
        await citizen.says(text)
    assert await citizen.says("/greet") == ["action_say"]


@pytest.mark.parametrize(
    "text", ["/", "/nosuchintent", "/greet{broken", "\u0000", "🙂", "a" * 5000, "1234567890123456"]
)
async def test_odd_messages_get_one_reply_and_the_conversation_goes_on(citizen: Citizen, text: str) -> None:
    assert len(await citizen.says(text)) == 1
    assert await citizen.says("/greet") == ["action_say"]


@pytest.mark.parametrize("text", ["/", "/nosuchintent"])
async def test_odd_messages_in_the_form_get_one_reply_and_the_question_again(citizen: Citizen, text: str) -> None:
    await opened(citizen)
    assert await citizen.says(text) == ["action_fallback", ASK]
    assert await citizen.says("/answer") == [ASK]


async def test_falling_back_may_open_or_close_the_form(citizen: Citizen, steps: ScriptedSteps) -> None:
    steps.outcomes["action_fallback"] = [Outcome.OPEN_FORM, Outcome.CLOSE_FORM]
    assert await citizen.says("/answer") == [ASK]
    steps.outcomes[VALIDATE] = [Outcome.INTERRUPT]
    assert await citizen.says("/answer") == ["action_fallback"]
    assert await citizen.says("/greet") == ["action_say"]

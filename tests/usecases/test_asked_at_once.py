"""Where the form asks on after a step, the question is taken in the transaction of that step, once."""

from __future__ import annotations

import pytest

from bot.domain.conversation import Conversation
from bot.ports import TurnRequest
from bot.usecases.steps import Outcome, StepCall
from tests.usecases.conftest import World
from tests.usecases.rules_dialogue import ASK
from tests.usecases.script import FIELDS, prove

VALIDATE = "validate_service_form"
TALK = [*FIELDS[:4], "berapa biayanya?", "bukan begitu maksud saya ?", *FIELDS[4:6], "mau buat akta kelahiran"]


async def asked_of(world: World, who: Conversation) -> list[str]:
    await prove(world, who)
    said = [answer["text"] for text in TALK for answer in await world.say(who, text)]
    return said


async def test_the_citizen_hears_the_same_as_with_a_step_of_its_own_for_every_question(world: World) -> None:
    at_once = await asked_of(world, await world.session())
    assert ASK not in world.dialogue.called
    assert at_once


async def test_a_rasa_that_calls_for_the_question_gets_the_same_one(world: World) -> None:
    world.dialogue.calls_to_ask = True
    called = await asked_of(world, await world.session())
    assert ASK in world.dialogue.called
    world.dialogue.calls_to_ask = False
    assert await asked_of(world, await world.session()) == called


async def test_a_step_run_again_names_the_same_question_and_changes_nothing(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    steps, turn = world.dialogue.steps, world.dialogue.turn
    assert steps is not None
    results = []

    async def twice(request: TurnRequest) -> list[str]:
        call = StepCall(
            request.inbox_id, request.lease_no, 0, VALIDATE, request.conversation, "answer", 1.0, None, True
        )
        results.extend([await steps.run(call), await steps.run(call), await steps.run(call.then(ASK))])
        return await turn(request)

    world.dialogue.turn = twice  # type: ignore[method-assign]
    answers = await world.say(who, FIELDS[0])
    assert [answer["meta"].get("field") for answer in answers] == ["pelapor.hubungan"]
    first, again, asked = results
    assert first == again
    assert (first.outcome, first.asked, asked.ref, asked.has_replies) == (Outcome.NEXT, f"1.{ASK}", f"1.{ASK}", True)


@pytest.mark.parametrize("text", ["halo", "berapa biayanya?"])
async def test_outside_the_form_nothing_is_asked(world: World, text: str) -> None:
    who = await world.session()
    seen = []
    steps = world.dialogue.steps
    assert steps is not None
    run = steps.run

    async def watched(call: StepCall) -> object:
        result = await run(call)
        seen.append(result.asked)
        return result

    steps.run = watched  # type: ignore[method-assign,assignment]
    await world.say(who, text)
    assert seen == [None]

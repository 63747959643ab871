"""From a tracker to a step, and from its outcome to events. No Rasa."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import FORM, step_call
from actions.form import AskServiceAnswer, ValidateServiceForm
from actions.registry import PlainAction, all_actions
from bot.errors import Fenced, InvalidMessage
from bot.usecases.steps import Outcome, StepCall, StepResult

USER = {"event": "user", "metadata": {"conversation": "c1", "inbox_id": 7, "lease_no": 3}}


class OneOutcome:
    """Steps that always end the same way."""

    def __init__(self, outcome: Outcome, has_replies: bool = True) -> None:
        self.outcome = outcome
        self.has_replies = has_replies
        self.calls: list[StepCall] = []

    async def run(self, call: StepCall) -> StepResult:
        self.calls.append(call)
        return StepResult(call.ref, self.has_replies, self.outcome)


def tracker(*events: dict[str, Any], answer: str | None = None, intent: str = "greet", active: bool = False) -> Tracker:
    return Tracker.from_dict(
        {
            "sender_id": "c1.m1",
            "slots": {"service_answer": answer},
            "latest_message": {
                "intent": {"name": intent, "confidence": 0.75},
                "entities": [{"entity": "stranger", "value": "x"}, {"entity": "service", "value": "ktp"}],
            },
            "events": [{"event": "user", "metadata": {"conversation": "old"}}, {"event": "action", "name": "old"}]
            + [dict(USER), *events],
            "active_loop": {"name": FORM} if active else {},
            "latest_action_name": "action_listen",
            "paused": False,
            "followup_action": None,
        }
    )


def executed(name: str) -> dict[str, Any]:
    return {"event": "action", "name": name}


ANSWERED = {"event": "slot", "name": "service_answer", "value": "/answer"}


def test_a_step_carries_everything_the_use_case_needs_and_nothing_of_the_text() -> None:
    call = step_call("action_say", tracker(active=True))
    assert call == StepCall(7, 3, 0, "action_say", "c1", "greet", 0.75, "ktp", True)


@pytest.mark.parametrize(
    ("action", "events", "ordinal"),
    [
        ("action_say", (), 0),
        ("validate_service_form", (ANSWERED, executed(FORM)), 0),
        ("action_ask_service_form_service_answer", (ANSWERED, executed(FORM)), 1),
        ("action_say", (ANSWERED, {"event": "action_execution_rejected", "name": FORM}), 1),
        ("action_ask_service_form_service_answer", (ANSWERED, executed("action_say"), executed(FORM)), 2),
        ("action_ask_service_form_service_answer", (executed("action_start_application"), executed(FORM)), 1),
    ],
)
def test_steps_of_a_turn_are_counted_from_its_events(
    action: str, events: tuple[dict[str, Any], ...], ordinal: int
) -> None:
    assert step_call(action, tracker(*events)).ordinal == ordinal


def test_a_turn_without_its_metadata_is_refused_rather_than_guessed() -> None:
    lost = tracker()
    lost.events[-1]["metadata"] = {}
    with pytest.raises(InvalidMessage):
        step_call("action_say", lost)


async def test_replies_travel_as_a_reference_only() -> None:
    said = CollectingDispatcher()
    await PlainAction("action_say", OneOutcome(Outcome.DONE)).run(said, tracker(), {})
    assert [message["custom"] for message in said.messages] == [{"ref": "0.action_say"}]
    assert not said.messages[0]["text"]


async def test_a_step_without_replies_utters_nothing() -> None:
    said = CollectingDispatcher()
    await PlainAction("action_say", OneOutcome(Outcome.DONE, has_replies=False)).run(said, tracker(), {})
    assert said.messages == []


@pytest.mark.parametrize(
    ("outcome", "events"),
    [
        (Outcome.DONE, []),
        (Outcome.OPEN_FORM, [("followup", FORM)]),
        (Outcome.CLOSE_FORM, [("slot", "service_answer"), ("active_loop", None), ("slot", "requested_slot")]),
    ],
)
async def test_the_outcome_of_a_plain_step_becomes_events(outcome: Outcome, events: list[tuple[str, Any]]) -> None:
    action = PlainAction("action_start_application", OneOutcome(outcome))
    found = await action.run(CollectingDispatcher(), tracker(), {})
    assert [(event["event"], event.get("name")) for event in found] == events


@pytest.mark.parametrize(
    ("outcome", "last"),
    [
        (Outcome.NEXT, ("slot", "service_answer")),
        (Outcome.INVALID, ("slot", "service_answer")),
        (Outcome.INTERRUPT, ("action_execution_rejected", FORM)),
        (Outcome.COMPLETE, ("slot", "requested_slot")),
        (Outcome.CLOSE_FORM, ("slot", "requested_slot")),
    ],
)
async def test_every_judgement_empties_the_slot(outcome: Outcome, last: tuple[str, str]) -> None:
    action = ValidateServiceForm(OneOutcome(outcome))
    found = await action.run(CollectingDispatcher(), tracker(ANSWERED, answer="/answer", active=True), {})
    assert (found[0]["name"], found[0]["value"]) == ("service_answer", None)
    assert (found[-1]["event"], found[-1].get("name")) == last


async def test_nothing_is_judged_when_there_is_no_answer() -> None:
    steps = OneOutcome(Outcome.NEXT)
    assert await ValidateServiceForm(steps).run(CollectingDispatcher(), tracker(active=True), {}) == []
    assert steps.calls == []


async def test_asking_is_a_step_like_any_other() -> None:
    steps = OneOutcome(Outcome.DONE)
    assert await AskServiceAnswer(steps).run(CollectingDispatcher(), tracker(executed(FORM), active=True), {}) == []
    assert steps.calls[0].action == "action_ask_service_form_service_answer"


async def test_a_fenced_step_is_not_swallowed() -> None:
    class Gone:
        async def run(self, call: StepCall) -> StepResult:
            raise Fenced

    with pytest.raises(Fenced):
        await PlainAction("action_say", Gone()).run(CollectingDispatcher(), tracker(), {})


def test_every_action_of_the_domain_is_registered_once() -> None:
    import yaml

    from bot.settings import ROOT

    domain = yaml.safe_load((ROOT / "data/domain/domain.yml").read_text("utf-8"))
    names = [action.name() for action in all_actions(OneOutcome(Outcome.DONE))]
    assert sorted(names) == sorted(domain["actions"])

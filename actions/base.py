"""What all actions share: a step of the dialogue becomes one call of a use case, its outcome becomes events.

No rule about services lives here. Replies stay in the gateway; Rasa only passes on the reference to them.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.errors import InvalidMessage
from bot.usecases.steps import Outcome, StepCall, Steps

FORM = "service_form"
ANSWER_SLOT = "service_answer"
REQUESTED_SLOT = "requested_slot"
VALIDATE = f"validate_{FORM}"
_NOT_OURS = frozenset({"action_listen", "action_session_start", "action_extract_slots", FORM})

EventDict = dict[str, Any]


class StepAction(Action):
    """An action that runs one step. Subclasses set ``action_name``."""

    action_name = ""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def name(self) -> str:
        """The name in the domain."""
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventDict]:
        """Run the step, pass on the reference to its replies, return what the dialogue has to do.

        :raises bot.errors.Fenced: the turn belongs to another worker now; the turn has to fail.
        """
        result = await self._steps.run(step_call(self.action_name, tracker))
        if result.has_replies:
            dispatcher.utter_message(json_message={"ref": result.ref})
        if result.asked is not None:
            # What the form asks next, so that Rasa need not call for it (bot/dialogue/rasa/action_endpoint.py).
            dispatcher.utter_message(json_message={"ref": result.asked, "asks": True})
        return self.events(result.outcome)

    def events(self, outcome: Outcome) -> list[EventDict]:
        """What the outcome means outside validation."""
        if outcome is Outcome.OPEN_FORM:
            return [FollowupAction(FORM)]
        if outcome in (Outcome.CLOSE_FORM, Outcome.COMPLETE):
            return closed_form()
        return []


def step_call(action: str, tracker: Tracker) -> StepCall:
    """The step that ``action`` stands for now.

    :raises bot.errors.InvalidMessage: the message came by another way than Loket's own channel and belongs to no turn.
    """
    metadata = _message_metadata(tracker)
    message = tracker.latest_message or {}
    intent = message.get("intent") or {}
    try:
        inbox_id, lease_no = int(metadata["inbox_id"]), int(metadata["lease_no"])
        conversation = str(metadata["conversation"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidMessage("error.not_json") from error
    return StepCall(
        inbox_id=inbox_id,
        lease_no=lease_no,
        ordinal=ordinal(action, tracker),
        action=action,
        conversation=conversation,
        intent=str(intent.get("name") or ""),
        confidence=float(intent.get("confidence") or 0.0),
        service=_entity(message, "service"),
        form_active=form_active(tracker),
        ranking=tuple(
            (str(one["name"]), float(one["confidence"]))
            for one in message.get("intent_ranking") or ()
            if one.get("name")
        ),
        also=_entity(message, "wish2"),
        other=_entity(message, "other"),
    )


def form_active(tracker: Tracker) -> bool:
    """Whether the service form is asking."""
    return bool((tracker.active_loop or {}).get("name") == FORM)


def ordinal(action: str, tracker: Tracker) -> int:
    """How many of our actions ran since the last user message, counted from the events.

    Rasa records no event for a validation: it ran, as the first of the turn, if an answer was put into the slot.
    """
    count = 0
    validated = False
    for event in reversed(tracker.events):
        kind = event.get("event")
        if kind == "user":
            break
        if kind == "action" and event.get("name") not in _NOT_OURS:
            count += 1
        if kind == "slot" and event.get("name") == ANSWER_SLOT and event.get("value") is not None:
            validated = True
    return count + int(validated and action != VALIDATE)


def closed_form() -> list[EventDict]:
    """No form is active and nothing is asked."""
    return [SlotSet(ANSWER_SLOT, None), ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]


def rejected_form() -> list[EventDict]:
    """The text was no answer: let the rule of its intent run."""
    return [SlotSet(ANSWER_SLOT, None), ActionExecutionRejected(FORM)]


def _message_metadata(tracker: Tracker) -> dict[str, Any]:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return event.get("metadata") or {}
    return {}


def _entity(message: dict[str, Any], name: str) -> str | None:
    found = (one for one in message.get("entities") or () if one.get("entity") == name)
    return next((str(one["value"]) for one in found), None)

"""The two actions of the service form: judge the answer, ask the next question."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import ANSWER_SLOT, FORM, VALIDATE, EventDict, StepAction, closed_form, rejected_form
from bot.usecases.steps import Outcome


class ValidateServiceForm(StepAction):
    """Takes the answer to the asked question, or says that it was none."""

    action_name = VALIDATE

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventDict]:
        """As every step, but only with an answer to judge: Rasa also validates when it opens or resumes the form."""
        if tracker.get_slot(ANSWER_SLOT) is None:
            return []
        return await super().run(dispatcher, tracker, domain)

    def events(self, outcome: Outcome) -> list[EventDict]:
        """Emptying the slot makes the form ask again; what it asks is the gateway's choice."""
        if outcome is Outcome.INTERRUPT:
            return rejected_form()
        if outcome in (Outcome.COMPLETE, Outcome.CLOSE_FORM):
            return closed_form()
        return [SlotSet(ANSWER_SLOT, None)]


class AskServiceAnswer(StepAction):
    """Asks the question that is due."""

    action_name = f"action_ask_{FORM}_{ANSWER_SLOT}"

"""Every action, as instances: use cases are passed in, nothing is looked up or built at import."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.base import FORM, EventDict, StepAction, form_active
from actions.form import AskServiceAnswer, ValidateServiceForm
from bot.usecases.steps import Steps

PLAIN_ACTIONS = (
    # small talk and facts about Loket and the office; StepCall.intent says which
    "action_say",
    # ask_requirements, ask_cost, ask_duration, ask_procedure: from the catalogue
    "action_answer_service",
    "action_start_application",
    "action_continue_application",
    "action_track_application",
    "action_cancel_application",
    "action_download_document",
    "action_verify_identity",
    "action_profile",
    "action_handoff",
    "action_complaint",
    "action_queue",
)


class PlainAction(StepAction):
    """A step without ceremony: what happens is the use case's matter."""

    def __init__(self, name: str, steps: Steps) -> None:
        super().__init__(steps)
        self.action_name = name


class Fallback(StepAction):
    """Nothing fits: no rule, or an answer while nothing is asked."""

    action_name = "action_fallback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventDict]:
        """As every step; then the turn ends. Left to itself Rasa would find no rule again, and fall back until it is
        stopped by its limit of actions.
        """
        events = await super().run(dispatcher, tracker, domain)
        if any(event["event"] == "followup" for event in events):
            return events
        asks = form_active(tracker) and not events
        return [*events, FollowupAction(FORM if asks else "action_listen")]


def all_actions(steps: Steps) -> list[StepAction]:
    """One instance per action of ``data/domain``."""
    plain: list[StepAction] = [PlainAction(name, steps) for name in PLAIN_ACTIONS]
    return [*plain, Fallback(steps), ValidateServiceForm(steps), AskServiceAnswer(steps)]

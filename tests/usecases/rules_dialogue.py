"""A stand-in for Rasa with the project's rules in Python, for use-case tests: same steps, same order, no model.

It is no mock of our code: every step really runs through :class:`DialogueSteps`. The real Rasa is tested in tests/dialogue
and tests/e2e.
"""

from __future__ import annotations

import json

from bot.errors import EmptyTurn
from bot.ports import TurnRequest, Understanding
from bot.usecases.steps import Outcome, StepCall, StepResult, Steps

ASK = "action_ask_service_form_service_answer"
ACTIONS = {
    "ask_requirements": "action_answer_service",
    "ask_cost": "action_answer_service",
    "ask_duration": "action_answer_service",
    "ask_procedure": "action_answer_service",
    "start_application": "action_start_application",
    "continue_application": "action_continue_application",
    "cancel_application": "action_cancel_application",
    "track_application": "action_track_application",
    "download_document": "action_download_document",
    "talk_to_human": "action_handoff",
    "make_complaint": "action_complaint",
    "book_queue": "action_queue",
    "ask_mobile_service": "action_queue",
    "view_profile": "action_profile",
    "update_profile": "action_profile",
    "track_complaint": "action_complaint",
    "answer": "action_fallback",
    "nlu_fallback": "action_fallback",
}
WORDS = {
    "berapa biaya": "ask_cost",
    "syarat": "ask_requirements",
    "berapa lama": "ask_duration",
    "mau buat": "start_application",
    "status": "track_application",
    "halo": "greet",
    "petugas": "talk_to_human",
    "ambil antrean": "book_queue",
    "jemput bola": "ask_mobile_service",
}
SERVICES = {"akta": "akta-kelahiran", "bidan": "sip-bidan", "sip": "sip", "kia": "kia", "ktp": "ktp"}


class RulesDialogue:
    """Implements :class:`bot.ports.Dialogue`. ``seen`` holds every text of a turn, ``read`` those read without a tracker.

    ``calls_to_ask``: call the gateway for every question, also where it came with the step before.
    """

    def __init__(self) -> None:
        self.steps: Steps | None = None
        self.calls_to_ask = False
        self.called: list[str] = []
        self.seen: list[str] = []
        self.read: list[str] = []
        self.ranking: tuple[tuple[str, float], ...] = ()
        self.also: str | None = None
        self.words = dict(WORDS)
        """What is understood; a test may add to it."""

    async def parse(self, text: str) -> Understanding:
        self.read.append(text)
        intent, confidence, service = self._read(text)
        return Understanding(text, intent, confidence, service)

    def _read(self, text: str) -> tuple[str, float, str | None]:
        if text.startswith("/"):
            name, _, entities = text[1:].partition("{")
            return name, 1.0, json.loads("{" + entities).get("service") if entities else None
        low = text.lower()
        service = next((slug for name, slug in SERVICES.items() if name in low), None)
        for words, intent in self.words.items():
            if words in low:
                return intent, 0.95, service
        return "nlu_fallback", 0.2, service

    async def turn(self, request: TurnRequest) -> list[str]:
        self.seen.append(request.message)
        intent, confidence, service = self._read(request.message)
        refs: list[str] = []
        count = 0
        asked: str | None = None

        async def step(action: str) -> StepResult:
            nonlocal count, asked
            assert self.steps is not None
            self.called.append(action)
            result = await self.steps.run(
                StepCall(
                    request.inbox_id,
                    request.lease_no,
                    count,
                    action,
                    request.conversation,
                    intent,
                    confidence,
                    service,
                    request.form_active,
                    ranking=self.ranking,
                    also=self.also,
                )
            )
            count += 1
            asked = result.asked
            if result.has_replies:
                refs.append(result.ref)
            return result

        async def ask() -> None:
            if asked is None or self.calls_to_ask:
                await step(ASK)
            else:
                refs.append(asked)

        if request.form_active:
            judged = await step("validate_service_form")
            if judged.outcome in (Outcome.NEXT, Outcome.INVALID):
                await ask()
            if judged.outcome is not Outcome.INTERRUPT:
                return self._some(refs)
        done = await step(ACTIONS.get(intent, "action_say"))
        form = request.form_active and done.outcome not in (Outcome.CLOSE_FORM, Outcome.COMPLETE)
        if form or done.outcome is Outcome.OPEN_FORM:
            await ask()
        return self._some(refs)

    @staticmethod
    def _some(refs: list[str]) -> list[str]:
        if not refs:
            raise EmptyTurn("nothing to say")
        return refs

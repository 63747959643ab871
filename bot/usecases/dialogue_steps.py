"""Runs the steps Rasa decides on: each once, fenced by the lease of its turn (design 3.4)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from bot.usecases import apply, handoff, inform, track
from bot.usecases.deps import Deps
from bot.usecases.plan import STEP, Plan
from bot.usecases.steps import Outcome, StepCall, StepResult
from bot.usecases.turn import Effect, Handler, Turn

log = logging.getLogger(__name__)


async def complaint(turn: Turn) -> Effect:
    """A complaint goes to a person: ticket with a number, never an automatic reply and then nothing."""
    return await handoff.request_person(turn, complaint=True)


HANDLERS: Mapping[str, Handler] = {
    "action_say": inform.say,
    "action_answer_service": inform.answer_service,
    "action_start_application": apply.start_application,
    "action_continue_application": apply.continue_application,
    "action_cancel_application": apply.cancel_application,
    "action_track_application": track.track_application,
    "action_download_document": track.download_document,
    "action_verify_identity": inform.verify_identity,
    "action_profile": inform.profile,
    "action_handoff": handoff.request_person,
    "action_complaint": complaint,
    "action_queue": inform.not_in_chat,
    "action_fallback": inform.fallback,
    "action_ask_service_form_service_answer": apply.ask,
    "validate_service_form": apply.take_answer,
}

_WISHES = frozenset(HANDLERS) - {
    "action_fallback",
    "action_ask_service_form_service_answer",
    "validate_service_form",
}
"""Answers to a wish; one that was barely understood is asked about instead."""
_OPENED = frozenset({Outcome.OPEN_FORM})
_CLOSED = frozenset({Outcome.COMPLETE, Outcome.CLOSE_FORM})


class DialogueSteps:
    """The port :class:`bot.usecases.steps.Steps` on the store."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def run(self, call: StepCall) -> StepResult:
        """Run a step, or return what it gave before."""
        async with self._deps.store.begin() as tx:
            conversation, recorded = await tx.hold(call.inbox_id, call.lease_no, UUID(call.conversation))
            known = recorded.get(call.ref)
            if known is not None:
                return StepResult(call.ref, bool(known["replies"]), Outcome(known["outcome"]))
            conversation.expire(self._deps.now())
            plan = Plan.from_json(recorded[STEP])
            handler = HANDLERS[call.action]
            if call.action in _WISHES and call.confidence < self._deps.policy.wish_confidence:
                handler = inform.fallback
            effect = await handler(Turn(self._deps, tx, conversation, plan, call))
            if effect.outcome in _OPENED:
                conversation.form_active = True
            elif effect.outcome in _CLOSED:
                conversation.form_active = False
            await tx.save_conversation(conversation)
            result = {"replies": [reply.to_json() for reply in effect.replies], "outcome": effect.outcome.value}
            await tx.put_step(call.inbox_id, call.lease_no, call.ref, result, self._deps.now())
        return StepResult(call.ref, bool(effect.replies), effect.outcome)

"""Runs the steps Rasa decides on: each once, fenced by the lease of its turn (design 3.4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.domain.catalogue import spoken
from bot.domain.faq import Match
from bot.domain.messages import Reply
from bot.domain.referrals import neighbour
from bot.errors import LoketError
from bot.usecases import (
    apply,
    apply_cancel,
    complain,
    handoff_request,
    inform,
    linking,
    profile,
    queue,
    survey,
    track,
    understood,
    unsure,
)
from bot.usecases.deps import Deps
from bot.usecases.plan import STEP, Plan
from bot.usecases.replies import plain
from bot.usecases.steps import CLOSED, OPENED, Outcome, StepCall, StepResult
from bot.usecases.turn import Effect, Handler, Turn
from bot.usecases.wishes import is_goal

log = logging.getLogger(__name__)


ASK = "action_ask_service_form_service_answer"
VALIDATE = "validate_service_form"

HANDLERS: Mapping[str, Handler] = {
    "action_say": inform.say,
    "action_answer_service": inform.answer_service,
    "action_start_application": apply.start_application,
    "action_continue_application": apply.continue_application,
    "action_cancel_application": apply_cancel.cancel_application,
    "action_track_application": track.track_application,
    "action_download_document": track.download_document,
    "action_verify_identity": inform.verify_identity,
    "action_profile": profile.profile,
    "action_handoff": handoff_request.request_person,
    "action_complaint": complain.step,
    "action_queue": queue.queue,
    "action_fallback": unsure.fallback,
    ASK: apply.ask,
    VALIDATE: apply.take_answer,
}

_WISHES = frozenset(HANDLERS) - {"action_fallback", ASK, VALIDATE}
"""Answers to a wish; one that was barely understood is asked about instead."""
_ANSWERED = frozenset(
    {"action_say", "action_answer_service", "action_verify_identity", "action_queue", "action_fallback"}
)
"""Steps that only inform, so that the answer of a frequent question may take their place."""
_NO_QUESTIONS = frozenset({"greet", "thanks", "goodbye", "affirm", "deny", "change_language", "stop_notifications"})
_REACHING = frozenset({"action_continue_application", "action_cancel_application"})
"""Steps that may concern a case of another conversation of the same person."""
_SHARED_WORDS = 2
"""Telling words that a text and a frequent question must share: one alone ("denda") is no question yet."""
_VAGUE = frozenset({"out_of_scope", "help", "chitchat_bot"})
_JUDGED = frozenset({Outcome.NEXT, Outcome.INVALID})


_PLAN_PAUSES_S = (0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 0.6)


class NoPlan(LoketError):
    """The plan of the turn is not recorded yet."""

    code = "no_plan"
    retryable = True


class DialogueSteps:
    """The port :class:`bot.usecases.steps.Steps` on the store."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def run(self, call: StepCall) -> StepResult:
        """Run a step, or return what it gave before.

        :raises NoPlan: the worker has not recorded what this turn is about within a second.
        """
        for pause_s in _PLAN_PAUSES_S:
            try:
                return await self._run(call)
            except NoPlan:  # it is recorded while Rasa reads the text, and Rasa was quicker
                await asyncio.sleep(pause_s)
        return await self._run(call)

    async def _run(self, call: StepCall) -> StepResult:
        async with self._deps.store.begin() as tx:
            if call.action in _REACHING:
                await linking.reach(self._deps, tx, call.inbox_id, call.lease_no, UUID(call.conversation))
            conversation, recorded = await tx.hold(call.inbox_id, call.lease_no, UUID(call.conversation))
            known = recorded.get(call.ref)
            if known is not None:
                outcome = Outcome(known["outcome"])
                asked = call.then(ASK).ref if _asks_on(call, outcome) else None
                return StepResult(call.ref, bool(known["replies"]), outcome, asked if asked in recorded else None)
            if STEP not in recorded:
                raise NoPlan
            conversation.expire(self._deps.now())
            turn = Turn(self._deps, tx, conversation, Plan.from_json(recorded[STEP]), call)
            effect = await self.effect(turn)
            if effect.outcome in OPENED:
                conversation.form_active = True
            elif effect.outcome in CLOSED:
                conversation.form_active = False
            steps = {}
            if _asks_on(call, effect.outcome):
                # The question that the form asks after this step is taken as the step of its own that it is.
                asking = replace(turn, call=call.then(ASK))
                steps[asking.call.ref] = _result(asking, await HANDLERS[ASK](asking))
            asked = next(iter(steps), None)
            steps[call.ref] = _result(turn, effect)
            await tx.save_conversation(conversation)
            tx.put_steps(steps, self._deps.now())
        return StepResult(call.ref, bool(effect.replies), effect.outcome, asked)

    async def effect(self, turn: Turn) -> Effect:
        """The step's effect, in the citizen's language; a known question and a second wish are seen to here."""
        call, conversation = turn.call, turn.conversation
        switched = _follow_language(turn) if call.ordinal == 0 else False
        known = self._known_question(turn)
        marks = (
            await survey.again(turn) if known is None and _unclear(call, self._deps.policy.wish_confidence) else None
        )
        if marks is not None:
            effect = marks
        elif known is not None:
            conversation.misses = 0
            effect = unsure.from_faq(turn, known)
        elif call.action in _WISHES and call.confidence < self._deps.policy.wish_confidence:
            effect = await unsure.fallback(turn)
        else:
            if call.action in _WISHES and is_goal(call.intent, self._deps.texts):
                conversation.misses = 0
            effect = await HANDLERS[call.action](turn)
            if call.action in _WISHES and effect.outcome in (Outcome.DONE, Outcome.OPEN_FORM):
                effect.replies += unsure.second_wish(turn)
        effect.replies = [*_neighbours(turn, effect), *effect.replies]
        if switched and effect.replies:
            effect.replies.insert(0, plain(self._deps, conversation, "say.language_followed"))
        return effect

    def _known_question(self, turn: Turn) -> Match | None:
        """A frequent question, when the text is so like it that its answer is better than that of the wish."""
        call, policy = turn.call, self._deps.policy
        if call.action not in _ANSWERED or call.intent in _NO_QUESTIONS or turn.plan.message.startswith("/"):
            return None
        match = self._deps.faqs().best(turn.plan.text, turn.conversation.locus)
        if match is None:
            return None
        elsewhere = call.service and match.faq.service and not call.service.startswith(match.faq.service)
        if elsewhere or (call.other and call.intent == "out_of_scope"):
            return None
        vague = call.action == "action_fallback" or call.intent in _VAGUE or call.confidence < policy.wish_confidence
        enough = policy.faq_vague if vague else policy.faq_sure
        return match if match.score >= enough and match.shared >= _SHARED_WORDS else None


def _unclear(call: StepCall, confidence: float) -> bool:
    """Whether a text of free talk says nothing by itself, so that it may have been meant for what was asked before."""
    vague = call.action == "action_fallback" or call.intent in _VAGUE | {"affirm", "deny"}
    return not call.form_active and (vague or (call.action in _WISHES and call.confidence < confidence))


def _result(turn: Turn, effect: Effect) -> dict[str, Any]:
    """What is recorded of a step."""
    return {
        "replies": [reply.to_json() for reply in effect.replies],
        "outcome": effect.outcome.value,
        "wish": turn.call.intent if turn.call.action != ASK else "",
        "service": turn.call.service or turn.conversation.topic,
        **understood.told(turn, effect),
    }


def _asks_on(call: StepCall, outcome: Outcome) -> bool:
    """Whether the form asks right after a step: it was opened, an answer was judged, or something else was answered in it."""
    if call.action == VALIDATE:
        return outcome in _JUDGED
    return outcome in OPENED or (call.form_active and call.action != ASK and outcome is Outcome.DONE)


def _neighbours(turn: Turn, effect: Effect) -> list[Reply]:
    """A word about the other government that a text of free talk names, unless the answer speaks of it already."""
    call, conversation = turn.call, turn.conversation
    if call.action not in _WISHES or call.form_active or not effect.replies or turn.plan.message.startswith("/"):
        return []
    locus = turn.deps.locus(conversation)
    found = neighbour(locus, turn.plan.text, turn.meant)
    told = (
        any(name.casefold() in reply.text.casefold() for reply in effect.replies for name in found.called)
        if found
        else True
    )
    if found is None or told:
        return []
    return [Reply(spoken(found.fact, conversation.language, turn.deps.texts))]


def _follow_language(turn: Turn) -> bool:
    """The language follows the citizen until one is chosen; whether that is worth a word."""
    conversation, wanted = turn.conversation, turn.plan.language
    if wanted is None or conversation.language_set or wanted == conversation.language:
        return False
    if wanted not in turn.deps.locus(conversation).languages:
        return False
    conversation.language = wanted
    return bool(conversation.turn_mark)

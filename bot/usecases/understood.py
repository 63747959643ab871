"""Keeps what was understood in free talk: the step says it, the turn's own commit writes it (one statement, no further round trip).

Only texts of free talk are kept. What is written inside a form, pressed, or answered by a reserved word was not
classified, or is an answer: it never comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.conversation import Conversation, InboxRow
from bot.domain.understood import NO_WISH, RANKED, Became, Heard, Told
from bot.usecases.masking import mask_more
from bot.usecases.plan import STEP, Plan
from bot.usecases.turn import Effect, Turn

KEY = "told"
"""Of a recorded step."""


def told(turn: Turn, effect: Effect) -> dict[str, Any]:
    """What the first step of a turn in free talk records besides its result; nothing for all others."""
    call = turn.call
    if call.ordinal or not free_talk(turn.plan):
        return {}
    ranking = tuple((name, chance) for name, chance in call.ranking if name not in NO_WISH)[:RANKED]
    intent, confidence = call.intent, call.confidence
    if intent in NO_WISH:
        intent, confidence = ranking[0] if ranking else ("", confidence)
    became = effect.became or _became(call.action, intent)
    return {KEY: Told(intent, confidence, ranking, call.service, became).to_json()}


def _became(action: str, intent: str) -> Became:
    if intent == "out_of_scope":
        return Became.ELSEWHERE
    return Became.HANDOFF if action == "action_handoff" else Became.ANSWERED


def free_talk(plan: Plan) -> bool:
    """Whether a plan is a text that was to be understood, outside a form."""
    return not plan.form_active and not plan.local and bool(plan.message) and not plan.message.startswith("/")


def heard(
    row: InboxRow, plan: Plan, conversation: Conversation, steps: Mapping[str, Mapping[str, Any]], now: datetime
) -> Heard | None:
    """What a turn is to keep; None: it was no free talk."""
    if not free_talk(plan):
        return None
    found = next((step[KEY] for ref, step in steps.items() if ref != STEP and KEY in step), None)
    if found is None:
        return None
    text = mask_more(plan.message)
    return Heard(row.id, conversation.id, row.seq, conversation.locus, now, text, Told.from_json(found))

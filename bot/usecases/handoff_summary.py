"""What a person who takes over is told: what the citizen wanted, what the bot tried, where the form stands. Made from the steps of
the turns, without any model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.conversation import Conversation
from bot.domain.figures import MISSED
from bot.domain.handoff import Summary
from bot.domain.messages import Kind, Reply, Sender
from bot.usecases.deps import Deps
from bot.usecases.steps import Outcome
from bot.usecases.store import Tx
from bot.usecases.wishes import GOALS

_TRAIL = 12
_WORDS = 3
_LOOK_BACK = 30
"""Lines of the thread that are looked at for the citizen's last words."""


def missed(replies: Sequence[Reply], misses: int) -> bool:
    """Whether a turn with these replies left a text that was not understood; ``misses``: of the conversation after it."""
    return misses > 0 and any(reply.kind is Kind.ERROR for reply in replies)


def extended(
    trail: Sequence[Sequence[str]], steps: Mapping[str, Mapping[str, Any]], replies: Sequence[Reply], misses: int
) -> list[list[str]]:
    """The trail of a conversation after a turn with these recorded steps: a new list, the last dozen."""
    outcome = MISSED if missed(replies, misses) else ""
    new = [
        [str(step["wish"]), str(step.get("service") or ""), outcome or str(step["outcome"])]
        for _, step in sorted(steps.items())
        if step.get("wish") and step.get("outcome") != Outcome.INTERRUPT
    ]
    return [*(list(one) for one in trail), *new[:1]][-_TRAIL:]


async def citizen_words(tx: Tx, conversation: Conversation) -> list[str]:
    """The citizen's last texts, newest last."""
    last = await tx.last_seq(conversation.id)
    lines = await tx.thread(conversation.id, after=max(0, last - _LOOK_BACK))
    return [str(line.body["text"]) for line in lines if line.sender == Sender.CITIZEN.value and line.body.get("text")]


async def summary_of(deps: Deps, tx: Tx, conversation: Conversation, texts: Sequence[str]) -> Summary:
    """The summary as things stand."""
    wishes = dict.fromkeys((wish, service) for wish, service, _ in conversation.trail if wish in GOALS)
    service, step = None, None
    if conversation.form_active and conversation.case_id is not None:
        case = await tx.case(conversation.case_id)
        engine, draft = deps.form_of(conversation, case)
        service, step = case.service, engine.progress(draft)
    tried = tuple((wish, about, outcome) for wish, about, outcome in conversation.trail[-_TRAIL // 2 :])
    return Summary(tuple(wishes), tried, service, step, tuple(texts[-_WORDS:]))


def lines(deps: Deps, summary: Summary, language: str) -> list[str]:
    """The summary in sentences for staff, without the citizen's own words (``summary.last_words``)."""
    say = deps.texts.say

    def called(wish: str, service: str) -> str:
        name = deps.service_name(service, language) if service else ""
        title = say(f"wish.{wish}", language) if deps.texts.has(f"wish.{wish}") else wish
        return f"{title} ({name})" if name else title

    said = [say("handoff.summary_wish", language, wish=called(wish, service)) for wish, service in summary.wishes]
    if summary.service is not None and summary.step is not None:
        name = deps.service_name(summary.service, language)
        said.append(say("handoff.summary_form", language, service=name, n=summary.step[0], of=summary.step[1]))
    missed = sum(outcome == MISSED for _, _, outcome in summary.tried)
    if missed:
        said.append(say("handoff.summary_missed", language, times=missed))
    answered = [(wish, service) for wish, service, outcome in summary.tried if outcome != MISSED and wish in GOALS]
    if answered:
        said.append(say("handoff.summary_answered", language, wish=called(*answered[-1])))
    return said or [say("handoff.summary_nothing", language)]

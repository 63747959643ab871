"""A chat that never happened: what the bot would answer in free talk, with any model and any content.

Every line runs through the real planner and the real handlers, inside a transaction that is rolled back; agencies, faces and the
dialogue that citizens are answered with cannot be reached from here. Steps that would open a form, call a person
or ask an agency are named, not run.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.conversation import Conversation, InboxRow
from bot.domain.messages import Reply
from bot.domain.offers import remember
from bot.domain.payloads import parse_payload
from bot.domain.rules_said import RuleSaid
from bot.errors import NotFound
from bot.ports import TurnRequest, Understanding
from bot.ports_studio import Looked, Workbench
from bot.usecases.deps import Deps
from bot.usecases.dialogue_steps import DialogueSteps
from bot.usecases.plan import Plan
from bot.usecases.planning import Planner
from bot.usecases.steps import StepCall
from bot.usecases.turn import Turn

MOST_LINES = 12
FALLBACK = "action_fallback"
INFORMING = frozenset({"action_say", "action_answer_service", "action_verify_identity", FALLBACK})
"""Steps that only say something."""


@dataclass(frozen=True)
class Rehearsed:
    """One line and what is answered. ``stopped``: name of the step that is not run here; empty: it was answered."""

    said: str
    replies: tuple[Reply, ...] = ()
    stopped: str = ""


class BenchDialogue:
    """A model on the workbench as :class:`bot.ports.Dialogue`: it understands, and runs no turn."""

    def __init__(self, workbench: Workbench, model: str) -> None:
        self._workbench = workbench
        self._model = model

    async def look(self, text: str) -> Looked:
        """All that the model makes of a text."""
        return (await self._workbench.look(self._model, [text]))[0]

    async def parse(self, text: str) -> Understanding:
        """See :class:`bot.ports.Dialogue`."""
        return (await self.look(text)).found

    async def turn(self, request: TurnRequest) -> list[str]:
        """:raises bot.errors.NotFound: always; a rehearsal has no turns."""
        raise NotFound("turn")


class _Undone(Exception):
    """Rolls a rehearsal back."""


class Rehearsal:
    """With one model and one content. ``deps`` are those of the gateway with the content to be tried; ``rules`` tell what follows
    a pressed button.
    """

    def __init__(self, deps: Deps, dialogue: BenchDialogue, rules: Mapping[str, RuleSaid]) -> None:
        self._deps = replace(deps, dialogue=dialogue, agencies={}, callback_url="", capture_url="")
        self._dialogue = dialogue
        self._rules = rules

    async def run(self, locus: str, language: str, lines: Sequence[str]) -> list[Rehearsed]:
        """The whole chat from its beginning; a line is a text, or the payload of a button of the answer before."""
        conversation = await self._conversation(locus, language)
        found: list[Rehearsed] = []
        for line in lines[-MOST_LINES:]:
            pressed = parse_payload(line) is not None
            title = next((title for title, raw in conversation.memory.get("buttons") or () if raw == line), line)
            body = {"payload": line} if pressed else {"text": line}
            now = self._deps.now()
            row = InboxRow(0, conversation.id, len(found) + 1, 0, 0, 0, now, body)
            plan = await Planner(self._deps, conversation, None, row).plan()
            replies, stopped = await self._answer(conversation, plan)
            known = (conversation.memory, conversation.topic)
            conversation.memory = remember(replies, *known)
            found.append(Rehearsed(title if pressed else line, tuple(replies), stopped))
        return found

    async def _answer(self, conversation: Conversation, plan: Plan) -> tuple[list[Reply], str]:
        if plan.local:
            return [], plan.local
        call = await self._call(conversation, plan)
        if call.action not in INFORMING:
            return [], call.action
        replies: list[Reply] = []
        try:
            async with self._deps.store.begin() as tx:
                # What a handler writes may point to the conversation, so that one has to be there; none of it stays.
                row = await tx.open_conversation(
                    "web", secrets.token_hex(16), conversation.locus, "id", self._deps.now()
                )
                conversation.id = row.id
                turn = Turn(self._deps, tx, conversation, plan, replace(call, conversation=str(row.id)))
                effect = await DialogueSteps(self._deps).effect(turn)
                replies = effect.replies
                raise _Undone
        except _Undone:
            return replies, ""

    async def _call(self, conversation: Conversation, plan: Plan) -> StepCall:
        call = StepCall(0, 0, 0, FALLBACK, str(conversation.id), "", 1.0, None, False)
        if plan.message.startswith("/"):
            intent, _, rest = plan.message[1:].partition("{")
            service = json.loads("{" + rest).get("service") if rest else None
            rule = self._rules.get(intent)
            return replace(call, intent=intent, service=service, action=rule.action if rule else FALLBACK)
        look = await self._dialogue.look(plan.message)
        entities = dict(look.entities)
        return replace(
            call,
            intent=look.found.intent,
            confidence=look.found.confidence,
            service=look.found.service,
            ranking=look.found.ranking,
            action=look.action or FALLBACK,
            also=entities.get("wish2"),
            other=entities.get("other"),
        )

    async def _conversation(self, locus: str, language: str) -> Conversation:
        """One that only this rehearsal knows."""
        found: Conversation | None = None
        try:
            async with self._deps.store.begin() as tx:
                found = await tx.open_conversation("web", secrets.token_hex(16), locus, language, self._deps.now())
                raise _Undone
        except _Undone:
            assert found is not None
        return found

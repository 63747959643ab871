"""What a handler of one step gets and gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bot.domain.conversation import Case, Conversation
from bot.domain.figures import REFERRED
from bot.domain.form import Engine
from bot.domain.form_draft import Draft, Mode
from bot.domain.messages import Reply
from bot.domain.understood import Became
from bot.usecases.deps import LICENCE, Deps
from bot.usecases.plan import Plan
from bot.usecases.steps import Outcome, StepCall
from bot.usecases.store import Tx


@dataclass
class Turn:
    """One step inside its transaction. Handlers change ``conversation`` in place; it is saved with the step."""

    deps: Deps
    tx: Tx
    conversation: Conversation
    plan: Plan
    call: StepCall
    _forms: dict[UUID, tuple[Case, dict[str, Any], Engine, Draft]] = field(default_factory=dict)
    """By case: what was locked, and the form laid over the draft it has; shared by the steps of one transaction."""

    @property
    def meant(self) -> str | None:
        """Slug of the service meant: the one named, else the one spoken of before. "The SIP" after a midwife's is hers."""
        named, topic = self.call.service, self.conversation.topic
        if named is None or (named == LICENCE and (topic or "").startswith(f"{LICENCE}-")):
            return topic
        return named

    async def draft_case(self) -> Case | None:
        """The draft in focus, locked; None also when another conversation of the person goes on with it."""
        if self.conversation.case_id is None:
            return None
        known = self._forms.get(self.conversation.case_id)
        case = known[0] if known is not None else await self.tx.case(self.conversation.case_id, lock=True)
        return case if case.conversation_id == self.conversation.id else None

    def form(self, case: Case) -> tuple[Engine, Draft]:
        """Engine and draft of a case."""
        known = self._forms.get(case.id)
        if known is not None and known[0] is case and known[1] is case.draft:
            if known[2].language == self.conversation.language:
                return known[2], known[3]
        engine, draft = self.deps.form_of(self.conversation, case)
        self._forms[case.id] = (case, case.draft, engine, draft)
        return engine, draft

    async def save(self, case: Case, draft: Draft) -> None:
        """Write the draft back."""
        case.draft = draft.to_json()
        known = self._forms.pop(case.id, None)
        if known is not None:
            self._forms[case.id] = (case, case.draft, known[2], draft)
        case.variant = draft.variant
        case.step = self._stands_at(case, draft)
        case.updated_at = self.deps.now()
        await self.tx.put_case(case)

    def _stands_at(self, case: Case, draft: Draft) -> str | None:
        """For the figures of where people give up: a form that was cancelled stays where it was left."""
        if draft.mode is Mode.REFERRED:
            return REFERRED
        return self.form(case)[0].stands_at(draft) or case.step


@dataclass
class Effect:
    """What a step says, and what the dialogue does next."""

    replies: list[Reply] = field(default_factory=list)
    outcome: Outcome = Outcome.DONE
    became: Became | None = None
    """What a text of free talk became, where it was not simply answered (:mod:`bot.usecases.understood`)."""


Handler = Callable[[Turn], Awaitable[Effect]]

"""Several messages that wait while a form is open: each is taken as the answer it is, and the form's question is asked once, after the
last of them.

A question that is held back is remembered until it is asked; what is taken as its answer unseen is said back (:func:`said_back`).
Consent, pictures, times to choose from and the review are never held back: nobody answers these without having read them.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.conversation import Conversation, Holder
from bot.domain.form import Engine
from bot.domain.form_desk import shown
from bot.domain.form_draft import Draft
from bot.domain.messages import Kind, Reply
from bot.usecases.deps import Deps
from bot.usecases.plan import ALONE
from bot.usecases.replies import questions
from bot.usecases.store import Tx

KEY = "unasked"
"""In a conversation's memory: the field whose question was held back."""
_READ_FIRST = frozenset({"consent", "selfie", "document", "slot"})


async def asked_once(
    deps: Deps, tx: Tx, conversation: Conversation, replies: Sequence[Reply], *, more: bool
) -> tuple[list[Reply], dict[str, str]]:
    """The replies of a turn with the question held back while ``more`` messages wait, or asked after the last of them; and what is
    to be remembered.
    """
    kept, before = list(replies), str(conversation.memory.get(KEY) or "")
    if not conversation.form_active or conversation.state is not Holder.BOT:
        return kept, {}
    field = str(kept[-1].meta.get("field") or "") if kept else ""
    if more and field and _may_wait(kept[-1]):
        return kept[:-1], {KEY: field}
    if not before or field or (kept and kept[-1].meta.get(ALONE)):
        return kept, {}
    if more:
        return kept, {KEY: before}
    case = await tx.case(conversation.case_id) if conversation.case_id is not None else None
    return [*kept, *(questions(deps, conversation, case) if case is not None else [])], {}


def _may_wait(question: Reply) -> bool:
    meta = question.meta
    alone = str(meta["field"]).startswith("_") or meta.get("field_type") in _READ_FIRST or "capture" in meta
    return question.kind is not Kind.REVIEW and not alone and not question.attachments


def said_back(deps: Deps, conversation: Conversation, engine: Engine, draft: Draft, path: str) -> list[Reply]:
    """What was taken as the answer of a question that was held back."""
    if conversation.memory.get(KEY) != path:
        return []
    item = engine.sheet(draft).by_path.get(path)
    value = shown(engine, item) if item is not None else None
    if item is None or value is None:
        return []
    label = item.words(item.field.label, conversation.language)
    return [Reply(deps.say("apply.taken", conversation, label=label, value=value))]

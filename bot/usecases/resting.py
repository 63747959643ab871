"""Right after "nanti dulu" people go on by simply answering: the form goes on with a text that can be nothing else."""

from __future__ import annotations

from uuid import UUID

from bot.domain.application import State
from bot.domain.conversation import Conversation
from bot.domain.fields.base import Verdict
from bot.domain.form import Judgement
from bot.domain.form_commands import Command
from bot.usecases import prefill
from bot.usecases.deps import Deps
from bot.usecases.plan import PAUSED
from bot.usecases.queue_words import CHANGE, QUEUE


async def answered(deps: Deps, conversation: Conversation, text: str) -> Judgement | None:
    """How a text answers the form that was laid to rest a message ago; None: it does not, or somebody outside has to be asked."""
    case_id = conversation.memory.get(PAUSED)
    if case_id is None or case_id != str(conversation.case_id):
        return None
    async with deps.store.begin() as tx:
        case = await tx.case(UUID(case_id))
    if case.conversation_id != conversation.id or case.state != State.DRAFT or case.service in (QUEUE, CHANGE):
        return None
    engine, draft = deps.form_of(conversation, case)
    draft, _ = engine.command(draft, Command.RESUME)
    judgement = engine.judge(draft, text)
    if judgement.verdict is not Verdict.STRONG or not judgement.ok or judgement.check is not None:
        return None
    return None if prefill.wanted(deps, conversation, case, engine, draft, judgement) else judgement

"""A form that was laid aside for another one (a complaint in the middle of a birth certificate) goes on when that one is over."""

from __future__ import annotations

from uuid import UUID

from bot.domain.application import State
from bot.domain.form_commands import Command
from bot.domain.form_draft import Draft, Mode
from bot.domain.messages import Reply
from bot.errors import NotFound
from bot.usecases.replies import plain
from bot.usecases.turn import Turn

_OPEN = (State.DRAFT, State.PERLU_PERBAIKAN)
_ENDED = (Mode.DONE, Mode.CANCELLED, Mode.REFERRED)


async def laid_aside(turn: Turn) -> str:
    """Id of the case whose form is open here, for the form that takes its place now; empty: none is."""
    if not turn.call.form_active:
        return ""
    case = await turn.draft_case()
    return str(case.id) if case is not None and case.state in _OPEN else ""


async def go_back(turn: Turn, draft: Draft) -> list[Reply]:
    """Open what was laid aside for this form, and say so. Empty: there is none, or it went on elsewhere."""
    deps, conversation = turn.deps, turn.conversation
    if not draft.resumes:
        return []
    try:
        case = await turn.tx.case(UUID(draft.resumes), lock=True)
    except NotFound:
        return []
    if case.conversation_id != conversation.id or case.state not in _OPEN:
        return []
    engine, before = turn.form(case)
    if before.mode in _ENDED:
        return []
    if before.mode is Mode.PAUSED:
        before, _ = engine.command(before, Command.RESUME)
        await turn.save(case, before)
    conversation.case_id, conversation.topic, conversation.form_active = case.id, case.service, True
    return [plain(deps, conversation, "apply.back_to", service=deps.service_name(case.service, conversation.language))]

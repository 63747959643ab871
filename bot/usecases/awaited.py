"""Answers to questions asked outside a form (:mod:`bot.domain.awaiting`). A use case registers its verb here, one line each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from bot.domain.awaiting import Heard
from bot.domain.messages import FileRef
from bot.usecases import apply, complain, complaint_case, survey
from bot.usecases.replies import plain
from bot.usecases.turn import Effect, Turn


@dataclass(frozen=True)
class Answer:
    """What came: words (possibly none), a file (possibly none), and the case it is about (none: a new matter)."""

    text: str
    file: FileRef | None
    case_id: UUID | None


AWAITED: Mapping[str, Callable[[Turn, Answer], Awaitable[Effect]]] = {
    "cerita": lambda turn, said: complain.told(turn, said.text, said.file),
    "buka": lambda turn, said: complaint_case.reopen(turn, said.case_id, said.text, said.file),
    "tambah": lambda turn, said: complaint_case.add(turn, said.case_id, said.text, said.file),
    survey.REMARK: survey.words,
    "susul": lambda turn, said: complaint_case.add(turn, said.case_id, said.text, said.file),
}


async def answered(turn: Turn) -> Effect:
    """The answer goes where the question came from; an open form asks on after it."""
    params = turn.plan.params
    verb, _, case_id = str(params["wish"]).partition("-")
    if params["heard"] == Heard.OFF:
        effect = Effect([plain(turn.deps, turn.conversation, "complain.dropped")])
    else:
        said = turn.plan.text if params["heard"] == Heard.SAID else ""
        file = FileRef(**params["file"]) if params.get("file") else None
        effect = await AWAITED[verb](turn, Answer(said, file, UUID(case_id) if case_id else None))
    if turn.conversation.form_active:
        case = await turn.draft_case()
        effect.replies += await apply.asked(turn, case) if case is not None else []
    return effect

"""Does the NIK of another person (a witness, a parent) belong to the name beside it? The civil register says yes or no, and no more.

A kind word only: nothing is refused, nothing of the register is shown, not even which of the two is wrong. It is asked for somebody
whose face was verified, counted per person and per NIK as other proofs are (:mod:`bot.domain.attempts`), and left out without a word
beyond that, where the register is away, and for the person's own data.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from bot.domain.conversation import Case, Conversation
from bot.domain.form import Action, Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.form_sheet import Item, Sheet
from bot.domain.messages import Reply
from bot.errors import LoketError
from bot.ports import VerifiesElements
from bot.usecases.deps import Deps
from bot.usecases.liveness import hold_of
from bot.usecases.turn import Turn

log = logging.getLogger(__name__)

AGREES = "agrees"
"""Kind of the outside check."""
OPTION = "agrees"
"""Option of a field of type ``nik``: path of the name it should belong to."""
_PROVEN = 3


@dataclass(frozen=True)
class _Pair:
    nik: str
    name: str


async def check(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, said: Judgement
) -> dict[str, Any] | None:
    """What the register says of name and NIK, once both are there; None: nothing is asked."""
    pair = _pair(engine.sheet(draft), said) if said.action is Action.ANSWER and draft.assurance >= _PROVEN else None
    register = deps.register_of(conversation, case.agency)
    able = "verify" in register.manifest.capabilities
    if pair is None or not able or not isinstance(register, VerifiesElements) or conversation.citizen_id is None:
        return None
    subjects = [f"agrees:citizen:{conversation.citizen_id}", f"agrees:nik:{pair.nik}"]
    async with deps.store.begin() as tx:
        own = (await tx.citizen(conversation.citizen_id)).nik == pair.nik
        if own or await hold_of(tx, subjects, conversation, deps.now()) is not None:
            return None
    try:
        found = await register.verify(pair.nik, {"nama": pair.name})
    except LoketError as error:
        log.warning("the register could not verify by element", extra={"case": str(case.id), "code": error.code})
        return None
    return {"kind": AGREES, "ok": True, "agrees": found.get("nama") is True, "subjects": subjects}


def _pair(sheet: Sheet, said: Judgement) -> _Pair | None:
    group = said.path.rpartition(".")[0]
    item = next((i for i in sheet.items if i.group == group and OPTION in i.field.options), None)
    if item is None:
        return None
    paths = (item.path, group + str(item.field.options[OPTION]))
    values = [said.value if path == said.path else _value(sheet, path) for path in paths]
    if said.path not in paths or not all(isinstance(value, str) and value for value in values):
        return None
    return _Pair(str(values[0]), str(values[1]))


def _value(sheet: Sheet, path: str) -> Any:
    found = sheet.by_path.get(path)
    return None if found is None or found.open else found.value


async def warned(turn: Turn, case: Case, engine: Engine, draft: Draft, said: Judgement) -> list[Reply]:
    """The kind word, and the count of it."""
    outside = turn.plan.outside
    if outside is None or outside["kind"] != AGREES:
        return []
    now = turn.deps.now()
    await turn.tx.audit("loket", "register.verified", str(case.id), {"agrees": outside["agrees"]}, now)
    if outside["agrees"]:
        return []
    for subject in outside["subjects"]:
        await turn.tx.failed(subject, now)
    item = engine.sheet(draft).by_path.get(said.path)
    return [Reply(turn.deps.say("prefill.disagrees", turn.conversation, who=_who(item, turn.conversation.language)))]


def _who(item: Item | None, language: str) -> str:
    return item.words(item.section.title, language) if item is not None else ""

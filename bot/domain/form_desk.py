"""An open form in the hands of a member of staff: which answers they may fill in or correct, by the same rules as the citizen's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.fields import TYPES
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_model import MORE
from bot.domain.form_sheet import Item
from bot.domain.messages import FileRef

_ENDED = (Mode.DONE, Mode.CANCELLED, Mode.REFERRED)
_AT_SOMETHING = (Mode.PAUSED, Mode.CANCELLING, Mode.CORRECTING)


@dataclass(frozen=True)
class Row:
    """One answer of the form as staff see it. ``value`` is None while it is open."""

    path: str
    section: str
    label: str
    value: str | None
    editable: bool
    by_staff: bool


def fillable(engine: Engine, draft: Draft, item: Item) -> bool:
    """Consent, identity, outside checks and data of the register are the citizen's own; what follows another answer is
    mended there.
    """
    own = item.section.internal or item.field.check is not None or item.field.type == "consent" or item.field.id == MORE
    return not own and draft.mode not in _ENDED and engine.bar(draft, item) is None


def rows(engine: Engine, draft: Draft) -> list[Row]:
    """Every field that counts, in the order it is asked, in the engine's language."""
    language = engine.language
    return [
        Row(
            path=item.path,
            section=item.words(item.section.title, language),
            label=item.words(item.field.label, language),
            value=shown(engine, item),
            editable=fillable(engine, draft, item),
            by_staff=item.path in draft.by_staff,
        )
        for item in engine.sheet(draft).items
        if not item.section.internal and item.field.id != MORE
    ]


def shown(engine: Engine, item: Item) -> str | None:
    """The answer as people read it."""
    if item.value is None:
        return None
    return TYPES[item.field.type].show(item.value, item.field, engine.language)


def fill(engine: Engine, draft: Draft, path: str, raw: str | FileRef) -> tuple[Judgement, Draft]:
    """What the rules say about it, and the draft with it; the same draft when it cannot be taken.

    What the citizen is at (a correction of another field, "really cancel?", a pause) stays as it is.

    :raises KeyError: no such field counts, or it is not for staff to fill.
    """
    item = engine.sheet(draft).by_path.get(path)
    if item is None or not fillable(engine, draft, item):
        raise KeyError(path)
    judgement = engine.judge_at(draft, path, raw)
    if not judgement.ok:
        return judgement, draft
    filled = engine.accept(draft, judgement)
    if draft.mode in _AT_SOMETHING and draft.asked != path:
        filled = replace(filled, mode=draft.mode, asked=draft.asked)
    marks = tuple(p for p in filled.by_staff if p != path)
    return judgement, replace(filled, by_staff=(*marks, path))


def confirmed(draft: Draft) -> Draft:
    """The person has looked at what staff filled in and agrees."""
    return replace(draft, by_staff=(), turn=draft.turn + 1)

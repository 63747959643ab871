"""Repeated groups with "one more?": taking one out, adding one after all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.domain.fields.clean import words_of
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_model import MORE, Section
from bot.domain.form_sheet import Sheet

if TYPE_CHECKING:
    from bot.domain.form import Engine


def grown(sheet: Sheet) -> dict[str, tuple[Section, int]]:
    """Sections whose number of groups the person chooses, with how many groups there are now."""
    return {
        item.section.id: (item.section, (item.index or 0) + 1)
        for item in sheet.items
        if item.section.repeat is not None and item.section.repeat.more is not None
    }


def shrinkable(sheet: Sheet) -> list[tuple[Section, int]]:
    """Those of which one group may be taken out. A repair changes only what was asked for."""
    return (
        []
        if sheet.draft.repair
        else [(s, n) for s, n in grown(sheet).values() if s.repeat is not None and n > s.repeat.min]
    )


def extendable(sheet: Sheet) -> list[tuple[Section, int]]:
    """Those that may get one group more."""
    return (
        []
        if sheet.draft.repair
        else [(s, n) for s, n in grown(sheet).values() if s.repeat is not None and n < s.repeat.max]
    )


def remove_group(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    """Take out the group that a text names by number, else the one being asked, else the last one."""
    sheet = engine.sheet(draft)
    named = _meant(shrinkable(sheet), text, engine)
    if named is None:
        return draft, engine.asker.say("form.nothing_to_remove")
    section, count = named
    index = next((int(w) - 1 for w in words_of(text) if w.isdecimal()), count - 1)
    if not 0 <= index < count:
        return draft, engine.asker.say("form.no_such_group", max=count)
    title = next(i for i in sheet.items if i.section.id == section.id and i.index == index)
    changed = engine.advanced(draft, **_without(draft, section, index, count), mode=Mode.FILLING, asked=None)
    return changed, engine.asker.say("form.removed", title=title.words(section.title, engine.language))


def add_group(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    """One more group of the section that a text names, else of the last one there is room in."""
    sheet = engine.sheet(draft)
    named = _meant(extendable(sheet), text, engine)
    if named is None:
        return draft, engine.asker.say("form.nothing_to_add")
    section, count = named
    more = f"{section.id}.{count - 1}.{MORE}"
    history = draft.history if more in draft.history else (*draft.history, more)
    answers = {**draft.answers, more: True}
    return engine.advanced(draft, answers=answers, history=history, mode=Mode.FILLING, asked=None), ""


def _meant(sections: list[tuple[Section, int]], text: str, engine: Engine) -> tuple[Section, int] | None:
    words = set(words_of(text))
    named = [
        (s, n)
        for s, n in sections
        if words & {w for title in (*s.title.values(), s.id.replace("_", " ")) for w in words_of(title)} - {"n"}
    ]
    return next(iter((named or sections)[::-1]), None)


def _without(draft: Draft, section: Section, index: int, count: int) -> dict[str, object]:
    """The draft's parts with one group gone and the later ones moved up."""
    least, most = (section.repeat.min, section.repeat.max) if section.repeat else (1, 1)
    # "One more?" of the group that is now the last: a no, unless that one has not come so far yet.
    full = count == most and draft.mode is not Mode.FILLING
    last = draft.answers.get(f"{section.id}.{count - 1}.{MORE}", False if full else None)
    ended = False if index == count - 1 else last
    answers: dict[str, object] = {}
    for path, value in draft.answers.items():
        moved = _moved(path, section.id, index)
        if moved is not None and not (moved.startswith(f"{section.id}.") and moved.endswith(f".{MORE}")):
            answers[moved] = value
    answers |= {f"{section.id}.{n}.{MORE}": True for n in range(least - 1, count - 2)}
    if ended is not None and count - 2 >= least - 1:
        answers[f"{section.id}.{count - 2}.{MORE}"] = ended
    return {
        "answers": answers,
        "skipped": _all_moved(draft.skipped, section.id, index),
        "declined": _all_moved(draft.declined, section.id, index),
        "history": _all_moved(draft.history, section.id, index),
    }


def _all_moved(paths: Iterable[str], section: str, index: int) -> tuple[str, ...]:
    moved = (_moved(path, section, index) for path in paths)
    return tuple(dict.fromkeys(path for path in moved if path is not None))


def _moved(path: str, section: str, index: int) -> str | None:
    """Where an answer goes when group ``index`` is taken out; None when it goes with it."""
    head, _, rest = path.partition(".")
    number, _, field = rest.partition(".")
    if head != section or not number.isdecimal() or int(number) < index:
        return path
    return None if int(number) == index else f"{head}.{int(number) - 1}.{field}"

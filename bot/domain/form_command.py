"""Carrying reserved words out on a draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.domain.form_commands import Command, correction_target
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_find import find_items
from bot.domain.form_groups import add_group, remove_group
from bot.domain.form_judge import SKIP, split_correction
from bot.domain.form_sheet import State
from bot.domain.form_turn import CONFIRM, VARIANT_PATH

if TYPE_CHECKING:
    from bot.domain.form import Engine


def run_command(engine: Engine, draft: Draft, command: Command, text: str) -> tuple[Draft, str]:
    """See :meth:`bot.domain.form.Engine.command`."""
    return _RUN[command](engine, draft, text)


def _back(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    if draft.mode in (Mode.CORRECTING, Mode.CANCELLING, Mode.PAUSED):
        return engine.advanced(draft, mode=Mode.FILLING, asked=None), engine.asker.say("form.back")
    if not draft.history:
        if draft.variant is not None and len(engine.service.variants) > 1:
            # The variant was read from the person's first words.
            return engine.advanced(draft, variant=None, mode=Mode.FILLING, asked=None), engine.asker.say("form.back")
        return draft, engine.asker.say("form.back_at_start")
    step = draft.history[-1]
    if step.endswith("." + CONFIRM):
        group = step[: -len(CONFIRM)]
        items = engine.sheet(draft).items
        gone = {i.path for i in items if i.path.startswith(group) and i.path not in draft.history}
        declined = tuple(p for p in draft.declined if p not in gone and not p.startswith(group))
    else:
        gone, declined = {step}, draft.declined
    answers = {p: v for p, v in draft.answers.items() if p not in gone}
    skipped = tuple(p for p in draft.skipped if p not in gone)
    changed = engine.advanced(
        draft,
        variant=None if step == VARIANT_PATH else draft.variant,
        answers=answers,
        skipped=skipped,
        declined=declined,
        history=draft.history[:-1],
        mode=Mode.FILLING,
        asked=None,
    )
    return changed, engine.asker.say("form.back")


def _repeat(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    return draft, ""


def _cancel(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    return engine.advanced(draft, mode=Mode.CANCELLING, asked=None), ""


def _pause(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    n, of = engine.progress(draft)
    return engine.advanced(draft, mode=Mode.PAUSED, asked=None), engine.asker.say("form.paused", n=n, of=of)


def _resume(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    if draft.mode not in (Mode.PAUSED, Mode.CANCELLING):
        return draft, ""
    changed = engine.advanced(draft, mode=Mode.FILLING, asked=None)
    n, of = engine.progress(changed)
    return changed, engine.asker.say("form.resumed", n=n, of=of)


def _where(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    sheet = engine.sheet(draft)
    n, of = engine.progress(draft)
    at = sheet.first_open
    if at is None:
        return draft, engine.asker.say("form.where_review")
    return draft, engine.asker.say(
        "form.where", n=n, of=of, left=sheet.open_steps(), section=at.words(at.section.title, engine.language)
    )


def _help(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    return draft, engine.asker.say("form.help")


def _person(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    return draft, ""


def _skip(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    judgement = engine.judge(draft, SKIP)
    if judgement.ok:
        return engine.accept(draft, judgement), ""
    return draft, engine.asker.say("form.cannot_skip")


def _correct(engine: Engine, draft: Draft, text: str) -> tuple[Draft, str]:
    target = correction_target(text) or ""
    # "ubah nama anak jadi Siti": the new value may come along; it is cut from the text as typed, which keeps its
    # capitals.
    named, value = split_correction(target)[0], split_correction(text)[1]
    sheet = engine.sheet(draft)
    if not any(item.state in (State.ANSWERED, State.SKIPPED) for item in sheet.reviewed):
        return draft, engine.asker.say("form.nothing_to_correct")
    found = find_items(sheet, named, engine.language)
    if not found and named:
        return engine.correcting(draft, ""), engine.asker.say("form.not_found", target=named[:40])
    barred = engine.bar(draft, found[0]) if len(found) == 1 else None
    if barred:
        return draft, engine.asker.say(barred)
    changed = engine.correcting(draft, named)
    if len(found) == 1 and value and changed.asked == found[0].path:
        judgement = engine.judge(changed, value)
        if judgement.ok and judgement.check is None:
            accepted = engine.accept(changed, judgement)
            return accepted, engine.asker.say("form.corrected", line=_shown(engine, accepted, found[0].path))
        return engine.refused(changed, judgement), judgement.problem_text
    return changed, ""


def _shown(engine: Engine, draft: Draft, path: str) -> str:
    sheet = engine.sheet(draft)
    item = sheet.by_path[path]
    return engine.asker.line(0, item, titled=True).removeprefix("0. ")


_RUN: dict[Command, Callable[[Engine, Draft, str], tuple[Draft, str]]] = {
    Command.BACK: _back,
    Command.REPEAT: _repeat,
    Command.CANCEL: _cancel,
    Command.PAUSE: _pause,
    Command.RESUME: _resume,
    Command.WHERE: _where,
    Command.HELP: _help,
    Command.PERSON: _person,
    Command.SKIP: _skip,
    Command.CORRECT: _correct,
    Command.REMOVE: remove_group,
    Command.ADD: add_group,
}

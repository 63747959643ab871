"""What citizens would meet: the questions of a form in order, by the real form engine, and the answers about a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.domain.catalogue import Ending, Service, Topic, answer
from bot.domain.fields import TYPES
from bot.domain.form import Engine
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_judge import NO, SKIP, YES
from bot.domain.form_model import MORE
from bot.domain.form_sheet import Item
from bot.domain.form_turn import VARIANT_PATH, Question
from bot.domain.messages import Reply
from bot.domain.payloads import AnswerPayload, parse_payload
from bot.domain.texts import Say, fill

MOST = 150
"""Questions of a form that are shown; no form of ours has half as many."""
FILE = {"id": "0", "name": "contoh.jpg", "type": "image/jpeg", "size": 1}


@dataclass(frozen=True)
class Step:
    """One question. ``path``: of the field; ``picks``: what its buttons would answer, by title, where that changes what follows."""

    reply: Reply
    path: str
    picks: tuple[tuple[str, str], ...] = ()
    picked: str = ""


@dataclass(frozen=True)
class Walk:
    """A form from beginning to end."""

    steps: tuple[Step, ...]
    ends: str
    """``submission``, ``booking``, ``referral``, or ``endless``: the form never comes to its end."""


def walk(service: Service, texts: Say, language: str, today: date, picks: Mapping[str, str] | None = None) -> Walk:
    """Through a form as somebody goes who answers everything; where there is a choice the first one, or that of ``picks`` (path ->
    code). Nobody's data is needed: papers and words are stand-ins.

    :raises ValueError: the service has no form.
    """
    engine = Engine(service, texts, language, today)
    draft = engine.start()
    steps: list[Step] = []
    for _ in range(MOST):
        done = draft.mode is Mode.REFERRED or engine.sheet(draft).first_open is None
        asked = None if done else engine.question(draft)
        if asked is None:
            return Walk(tuple(steps), engine.variant(draft).ends.value)
        item = engine.sheet(draft).by_path[asked.path]
        value = _answer(item, today, (picks or {}).get(asked.path))
        steps.append(_step(asked, value))
        draft = _answered(engine, draft, asked.path, value)
    return Walk(tuple(steps), "endless")


def _answered(engine: Engine, draft: Draft, path: str, value: Any) -> Draft:
    if path == VARIANT_PATH:
        return engine.choose(draft, str(value))
    history = (*draft.history, path)
    if value == SKIP:
        return engine.advanced(replace(draft, history=history), skipped=(*draft.skipped, path))
    return engine.advanced(replace(draft, history=history), answers={**draft.answers, path: value})


def _step(asked: Question, value: Any) -> Step:
    meta = {"field": asked.path, "field_type": asked.field_type, "step": {"n": asked.step[0], "of": asked.step[1]}}
    text = fill(asked.text, challenge="…")
    picks = [(button.title, parse_payload(button.payload)) for button in asked.buttons]
    codes = tuple((title, pick.value) for title, pick in picks if isinstance(pick, AnswerPayload))
    branching = asked.optional or asked.field_type in ("choice", "yes_no")
    chosen = {True: YES, False: NO}[value] if isinstance(value, bool) else value
    picked = str(chosen) if any(code == chosen for _, code in codes) else ""
    return Step(Reply(text, asked.kind, asked.buttons, meta=meta), asked.path, codes if branching else (), picked)


def _answer(item: Item, today: date, pick: str | None) -> Any:
    """Something that stands in this field."""
    field = item.field
    if field.optional and pick == SKIP:
        return SKIP
    if field.choices:
        codes = [choice.code for choice in field.choices]
        return pick if pick in codes else codes[0]
    if field.type in ("yes_no", "consent"):
        # "One more?" is answered with no, or the form would go round.
        return pick == YES if pick in (YES, NO) else field.id != MORE
    if TYPES[field.type].accepts == "file":
        return dict(FILE)
    return _STAND_INS.get(field.type, lambda day: "…")(today)


_STAND_INS: Mapping[str, Any] = {
    "date": lambda day: day.isoformat(),
    "time": lambda day: "09:00",
    "integer": lambda day: 1,
    "number": lambda day: 1,
    "money": lambda day: 1,
}


def answers(service: Service, texts: Say, language: str, variant: str | None = None) -> list[tuple[str, str]]:
    """What is said about a service, by topic."""
    return [(topic.value, answer(service, topic.value, language, texts, variant)) for topic in Topic]


def askable(service: Service) -> bool:
    """Whether there is a form to go through."""
    return service.form is not None and any(one.ends is not Ending.REFERRAL for one in service.variants)

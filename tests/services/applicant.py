"""Somebody who fills a form in from the first question to the last, at the bare engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.domain.catalogue import Service
from bot.domain.form import Command, Draft, Engine, Mode, Question
from bot.domain.form_turn import CONFIRM, REVIEW_PATH, VARIANT_PATH
from bot.domain.messages import FileRef
from tests.content import catalogue, faults, texts
from tests.services.answers import Answer, Pen, Plan

DATA = Path(__file__).parents[2] / "data"
SLUGS = sorted(p.stem for p in (DATA / "services").glob("[!_]*.yml"))
TODAY = date(2026, 11, 2)
NIK, BORN = "3328991708850001", date(1985, 8, 17)
KNOWN = {
    "nama": "Budi Santoso", "nik": NIK, "no_kk": "3328992501150001", "tempat_lahir": "Tegal",
    "tanggal_lahir": BORN.isoformat(), "jenis_kelamin": "L", "kewarganegaraan": "WNI", "agama": "Islam",
}  # fmt: skip
MOST_STEPS = 400
MOST_CHARACTERS = 1500
"""A longer question is not read on a phone."""


def service_of(slug: str) -> Service:
    """The service of a file."""
    found = catalogue().service(slug)
    assert found is not None, "\n".join([f"{slug} is not sound:", *faults()])
    return found


@dataclass
class Walk:
    """One application from start to end."""

    engine: Engine
    pen: Pen
    draft: Draft
    answers: dict[str, Answer] = field(default_factory=dict)
    """By path, in the order they were given."""
    confirmed: dict[str, Any] = field(default_factory=dict)
    """Known values that were shown and said to be right."""
    questions: list[Question] = field(default_factory=list)
    hasty: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """Every value that was given or confirmed."""
        return {**{p: a.value for p, a in self.answers.items() if not a.skipped}, **self.confirmed}


def walk(
    service: Service, variant: str | None, plan: Plan | None = None, *, level: int = 0, hasty: bool = False
) -> Walk:
    """Fill the form in for a variant, up to its end. ``hasty``: the draft stays in memory between two answers.

    :raises AssertionError: a question that cannot be answered, an answer that is understood otherwise, no end.
    """
    engine = Engine(service, texts(), "id", TODAY)
    start = engine.start(KNOWN if level >= 3 else {}, level)
    way = Walk(engine, Pen(service, TODAY, NIK, BORN, plan), start, hasty=hasty)
    for _ in range(MOST_STEPS):
        question = engine.question(way.draft)
        if question is None:
            return way
        _step(way, question, variant)
    raise AssertionError(f"{service.slug}/{variant} asks for ever: {question.path if question else ''}")


def _step(way: Walk, question: Question, variant: str | None) -> None:
    where = f"{way.engine.service.slug}/{variant} at {question.path}"
    assert 0 < len(question.text) <= MOST_CHARACTERS, f"{where}: {len(question.text)} characters"
    way.questions.append(question)
    if question.path == VARIANT_PATH:
        way.answers.pop(VARIANT_PATH, None)
        return _say(way, variant or "", variant, where)
    if question.path == REVIEW_PATH:
        wrong = [i for i in way.engine.sheet(way.draft).reviewed if i.path in way.pen.plan.corrections]
        for item in wrong:
            if item.path not in way.answers:
                number = way.engine.sheet(way.draft).reviewed.index(item) + 1
                way.draft, _ = way.engine.command(way.draft, Command.CORRECT, f"ubah nomor {number}")
                return None
        return _say(way, "kirim", True, where)
    if question.path.endswith("." + CONFIRM):
        group = question.path[: -len(CONFIRM) - 1]
        way.confirmed |= {i.path: i.value for i in way.engine.sheet(way.draft).offered(group)}
        return _say(way, "ya", [], where)
    assert question.path not in way.answers, f"{where}: asked a second time"
    answer = way.answers[question.path] = way.pen.answer(question.path)
    if answer.typed is None:
        file = FileRef(f"berkas-{len(way.answers)}", "foto.jpg", "image/jpeg", 1000)
        answer = way.answers[question.path] = Answer(None, vars(file))
        return _say(way, file, answer.value, where)
    _say(way, answer.typed, None if answer.skipped else answer.value, where)


def _say(way: Walk, said: str | FileRef, meant: Any, where: str) -> None:
    engine = way.engine
    draft = way.draft if way.hasty else Draft.from_json(json.loads(json.dumps(way.draft.to_json())))
    if isinstance(said, str):
        command = engine.command_of(draft, said)
        assert command is None or command.value == "lewati", f"{where}: '{said}' is taken for {command}"
    judgement = engine.judge(draft, said)
    assert judgement.ok, f"{where}: '{said}' is not taken: {judgement.problem_text}"
    assert judgement.value == meant, f"{where}: '{said}' became {judgement.value!r} and not {meant!r}"
    way.draft = engine.accept(draft, judgement)
    # What the use case does after an outside check was passed.
    if judgement.check == "civil_register":
        way.draft = engine.know(way.draft, {}, 2)
    elif judgement.check == "face":
        way.draft = engine.know(way.draft, KNOWN, 3)


def ended(way: Walk) -> Mode:
    """How it ended."""
    return way.draft.mode


def submitted(way: Walk) -> Mapping[str, Any]:
    """What the agency would get."""
    return way.engine.payload(way.draft)

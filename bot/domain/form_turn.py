"""What the engine gives out: a question to ask, a judgement of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.domain.fields.base import Verdict
from bot.domain.messages import Button, FileRef, Kind

CANCEL_PATH = "_batal"
REVIEW_PATH = "_periksa"
CHOOSE_PATH = "_ubah"
VARIANT_PATH = "_variant"
CONFIRM = "*"
"""Last part of the path of a group of known values that is confirmed at once: ``pelapor.*``."""


@dataclass(frozen=True)
class Question:
    """What to ask now. ``id`` holds for this occurrence only: it goes into button payloads and makes a stale button
    noticed.
    """

    id: str
    path: str
    field_type: str
    """A name of :data:`bot.domain.fields.TYPES`, or ``confirm``, ``review``, ``correct``."""
    text: str
    buttons: tuple[Button, ...]
    kind: Kind
    """``QUESTION``, ``IDENTITY`` or ``REVIEW``."""
    accepts: str
    """``text`` or ``file``."""
    step: tuple[int, int]
    """(n, of)."""
    file_kind: str | None = None
    """``selfie`` or ``document`` when a file is wanted."""
    optional: bool = False
    before: tuple[str, ...] = ()
    """Messages to show before ``text``: the first parts of a long review."""


class Action(StrEnum):
    """What accepting a judgement does."""

    ANSWER = "answer"
    SKIP = "skip"
    CONFIRM = "confirm"
    SUBMIT = "submit"
    EDIT = "edit"
    CANCEL = "cancel"
    KEEP = "keep"


@dataclass(frozen=True)
class Judgement:
    """Whether a text, button or file answers the open question."""

    verdict: Verdict
    path: str
    value: Any = None
    problem_text: str = ""
    """Why it cannot be taken; empty when it can."""
    check: str | None = None
    """``civil_register`` or ``face``: to be passed before :meth:`bot.domain.form.Engine.accept`."""
    heard: str = ""
    """Sentence with what was understood, when that is more than what was typed; else empty."""
    warning_text: str = ""
    """Something odd that is no reason to refuse; else empty."""
    action: Action = Action.ANSWER
    offers: tuple[str, ...] = ()
    """With a problem that lists what may have been meant: a text for each, in the numbering of that list."""

    @property
    def ok(self) -> bool:
        """Whether it may be accepted."""
        return not self.problem_text and self.verdict is not Verdict.NO


@dataclass(frozen=True)
class NeededFile:
    """A paper of the application; ``file`` is None while it is missing."""

    path: str
    label: str
    optional: bool
    file: FileRef | None

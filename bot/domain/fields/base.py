"""What every field type answers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from bot.domain.texts import Words


class Verdict(StrEnum):
    """How sure a field is that a text is an answer to it.

    ``STRONG``: clearly meant as the answer (it may still be wrong: then ``problem`` says why). ``WEAK``: could be the
    answer, could be something else said in between. ``NO``: not an answer.
    """

    STRONG = "strong"
    WEAK = "weak"
    NO = "no"


@dataclass(frozen=True)
class Parsed:
    """What a field made of a text. ``value`` is plain JSON and only meant when ``ok``."""

    verdict: Verdict
    value: Any = None
    problem: str | None = None
    """Text key of what is wrong."""
    params: Mapping[str, Any] = field(default_factory=dict)
    warning: str | None = None
    """Text key of something odd that is no reason to refuse."""
    interpreted: bool = False
    """The value says more than the text did (a spoken date, a code): the person should see what was understood."""
    offers: tuple[str, ...] = ()
    """With a ``problem`` that lists what may have been meant: a text for each, in the numbering of that list."""

    @property
    def ok(self) -> bool:
        """Whether ``value`` can be taken."""
        return self.problem is None and self.verdict is not Verdict.NO


@dataclass(frozen=True)
class Choice:
    """One row of a code list."""

    code: str
    label: Words
    synonyms: tuple[str, ...] = ()


class FieldSpec(Protocol):
    """The part of a form's field that a type needs."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The code list, empty for other types."""
        ...

    @property
    def options(self) -> Mapping[str, Any]:
        """Settings of the type (``min``, ``max``, ``unit`` …), from the service's file; ``regions``, the locus's
        districts and villages, is added by the catalogue.
        """
        ...


@dataclass(frozen=True)
class Context:
    """What a type may know besides the text."""

    today: date
    language: str = "id"


class FieldType(Protocol):
    """One type of field. ``parse(show(v)) == v`` for every value it can give."""

    name: ClassVar[str]
    accepts: ClassVar[str]
    """``text`` or ``file``."""

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        """Judge a cleaned, non-empty text (see :func:`bot.domain.fields.clean.clean`)."""
        ...

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        """The value as a person reads it."""
        ...


def strong(value: Any, *, warning: str | None = None, interpreted: bool = False, **params: Any) -> Parsed:
    """Clearly the answer."""
    return Parsed(Verdict.STRONG, value, None, params, warning, interpreted)


def weak(value: Any, *, warning: str | None = None, interpreted: bool = False, **params: Any) -> Parsed:
    """Possibly the answer."""
    return Parsed(Verdict.WEAK, value, None, params, warning, interpreted)


def wrong(problem: str, offers: Sequence[str] = (), **params: Any) -> Parsed:
    """Clearly meant as the answer, but it cannot be taken."""
    return Parsed(Verdict.STRONG, None, problem, params, offers=tuple(offers))


def no(problem: str, offers: Sequence[str] = (), **params: Any) -> Parsed:
    """Not an answer; ``problem`` is said when nothing else understands the text either."""
    return Parsed(Verdict.NO, None, problem, params, offers=tuple(offers))

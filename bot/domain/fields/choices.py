"""One of a list, yes or no, consent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from bot.domain.fields.base import Choice, Context, FieldSpec, Parsed, no, strong, weak, wrong
from bot.domain.fields.choice_words import MARKS, core, many, named, numbers_in, searched
from bot.domain.fields.clean import is_question, words_of
from bot.domain.fields.vocabulary import AGREED, FILLERS, NO, YES
from bot.domain.texts import word

MAX_LISTED = 10
"""Longer lists are searched by name, not numbered."""
MAX_NAMED = 5
"""So many names of a long list are said when several may be meant."""
_HAVE = frozenset("ada punya duwe nduwe gaduh ana wonten gadhah pernah nate has have".split())
"""An answer to "is there", "do you have": on its own a yes."""
_NONE = frozenset("laka nihil".split())
"""The same as a no."""


def yes_or_no(text: str) -> bool | None:
    """True for a yes, False for a no, None for anything else."""
    words = tuple(w if w in YES or w in NO else re.sub(r"(.)\1+", r"\1", w) for w in words_of(text))
    if not words or len(words) > 6 or text.rstrip().endswith("?"):
        return None
    negative = any(w in NO for w in words)
    positive = any(w in YES for w in words)
    if any(w not in YES and w not in NO and w not in FILLERS for w in words) or not (negative or positive):
        return None
    return not negative


class YesNo:
    """A yes or a no."""

    name: ClassVar[str] = "yes_no"
    accepts: ClassVar[str] = "text"
    _shown: ClassVar[dict[str, tuple[str, str]]] = {
        "id": ("Ya", "Tidak"),
        "en": ("Yes", "No"),
        "jv": ("Nggih", "Mboten"),
    }

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        words = words_of(text)
        numbers = numbers_in(words, 2)
        said = numbers == [1] if numbers in ([1], [2]) else yes_or_no(text)
        if said is None and any(w in _HAVE or w in _NONE for w in words):
            rest = " ".join("tidak" if w in _NONE else w for w in words if w not in _HAVE)
            said = yes_or_no(rest) if set(rest.split()) - FILLERS else True
        return no("field.yes_no.unclear") if said is None or is_question(text) else strong(said)

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        yes, nay = self._shown.get(language, self._shown["id"])
        return yes if value else nay


class Consent(YesNo):
    """A yes that is needed to go on; a no is respected by not going on."""

    name: ClassVar[str] = "consent"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        parsed = super().parse(text, spec, ctx)
        if parsed.ok and parsed.value is False:
            return wrong("field.consent.refused")
        words = {re.sub(r"(.)\1+", r"\1", w) for w in words_of(text)} | set(words_of(text))
        if parsed.ok and "1" not in words and not AGREED.intersection(words):
            # "lanjut" or "sudah" may only want to hurry on: a consent has to say so (UU 27/2022, art. 22).
            return no("field.yes_no.unclear")
        return parsed


class ChoiceOf:
    """One row of the field's code list: by its number or place in the list, its name or a synonym, small typing errors
    forgiven. Two rows at once are asked about.
    """

    name: ClassVar[str] = "choice"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        choices = spec.choices
        words = words_of(text)
        exact = named(words, choices)
        if len(exact) == 1:
            labels = {" ".join(words_of(label)) for label in exact[0].label.values()}
            return strong(exact[0].code, interpreted=" ".join(words) not in labels)
        by_number = self._by_number(words, choices, ctx)
        if by_number is not None:
            return by_number
        if many(text) and len(words) <= 6:
            return wrong("field.choice.one_only")
        if is_question(text) or len(words) > 8:
            return no("field.choice.unclear")
        found, sure = searched(words, choices)
        numbered = [c for c in found if choices.index(c) + 1 in (numbers_in(words, len(choices), strict=False) or ())]
        if len(found) == 1 and (numbered or not self._says_other_number(words, choices)):
            return (strong if sure else weak)(found[0].code, interpreted=True)
        if len(found) == 1:
            other = numbers_in(words, len(choices), strict=False) or []
            rows = [choices[n - 1] for n in other if 1 <= n <= len(choices)]
            if not rows:  # "2019 menikah": a year or an age, no number of the list
                return (strong if sure else weak)(found[0].code, interpreted=True)
            return self._several([found[0], *rows], choices, ctx)
        return self._several(found, choices, ctx) if found else no("field.choice.unclear")

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return next((word(c.label, language) for c in spec.choices if c.code == value), str(value))

    def _by_number(self, words: Sequence[str], choices: tuple[Choice, ...], ctx: Context) -> Parsed | None:
        numbers = numbers_in(words, len(choices)) if len(choices) <= MAX_LISTED else None
        if not numbers:
            return None
        if any(not 1 <= n <= len(choices) for n in numbers):
            return wrong("field.choice.range", max=len(choices))
        if len(numbers) > 1:
            rows = [choices[n - 1] for n in numbers]
            return wrong("field.choice.several", options=_listed(rows, choices, ctx.language))
        return strong(choices[numbers[0] - 1].code, interpreted=True)

    @staticmethod
    def _says_other_number(words: Sequence[str], choices: tuple[Choice, ...]) -> bool:
        """Whether the message begins with a number of the list: "2 islam" where Islam is number 1."""
        first = [w for w in words if w not in MARKS][:1]
        return bool(first) and first[0].isdecimal() and len(choices) <= MAX_LISTED and len(core(words)) > 1

    @staticmethod
    def _several(found: Sequence[Choice], choices: tuple[Choice, ...], ctx: Context) -> Parsed:
        if len(choices) > MAX_LISTED:
            names = " / ".join(word(c.label, ctx.language) for c in found[:MAX_NAMED])
            return no("field.choice.several_named", options=names)
        return no("field.choice.several", options=_listed(found, choices, ctx.language))


def _listed(found: Sequence[Choice], choices: tuple[Choice, ...], language: str) -> str:
    """ "1. Islam / 3. Katolik", with the numbers of the question."""
    rows = sorted({choices.index(c) for c in found})
    return " / ".join(f"{n + 1}. {word(choices[n].label, language)}" for n in rows)

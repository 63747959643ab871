"""One of a list, yes or no, consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bot.domain.fields.base import Choice, Context, FieldSpec, Parsed, no, strong, weak, wrong
from bot.domain.fields.clean import distance, is_question, words_of
from bot.domain.fields.numerals import number_of
from bot.domain.fields.vocabulary import AGREED, FILLERS, NO, YES
from bot.domain.texts import word

MAX_LISTED = 10
"""Longer lists are searched by name, not numbered."""


def yes_or_no(text: str) -> bool | None:
    """True for a yes, False for a no, None for anything else."""
    words = words_of(text)
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
        said = {"1": True, "2": False}.get(text.strip(), yes_or_no(text))
        return no("field.yes_no.unclear") if said is None else strong(said)

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
        if parsed.ok and text.strip() != "1" and not AGREED.intersection(words_of(text)):
            # "lanjut" or "sudah" may only want to hurry on: a consent has to say so (UU 27/2022, art. 22).
            return no("field.yes_no.unclear")
        return parsed


class ChoiceOf:
    """One row of the field's code list: by its number in the list, its name or a synonym, small typing errors
    forgiven.
    """

    name: ClassVar[str] = "choice"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        choices = spec.choices
        words = words_of(text)
        exact = _named(" ".join(words), choices)
        if len(exact) == 1:
            return strong(exact[0].code, interpreted=" ".join(words) not in _labels(exact[0]))
        by_number = self._by_number(words, choices)
        if by_number is not None:
            return by_number
        if is_question(text) or len(words) > 8:
            return no("field.choice.unclear")
        found = _inside(words, choices) or _similar(words, choices)
        if len(found) == 1:
            # A name in passing, among other words, may not be meant as the answer.
            judged = strong if _beside(words, found[0]) <= 2 else weak
            return judged(found[0].code, interpreted=True)
        return no(
            "field.choice.several" if found else "field.choice.unclear",
            options=" / ".join(word(c.label, ctx.language) for c in found),
        )

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return next((word(c.label, language) for c in spec.choices if c.code == value), str(value))

    @staticmethod
    def _by_number(words: Sequence[str], choices: tuple[Choice, ...]) -> Parsed | None:
        bare = [
            w for w in words if w not in ("nomor", "no", "nomer", "pilih", "yang", "sing", "number", "pilihan", "opsi")
        ]
        number = number_of(bare[0]) if len(bare) == 1 else None
        if number is None or len(choices) > MAX_LISTED:
            return None
        if not 1 <= number <= len(choices):
            return wrong("field.choice.range", max=len(choices))
        return strong(choices[number - 1].code, interpreted=True)


def _labels(choice: Choice) -> set[str]:
    return {" ".join(words_of(label)) for label in choice.label.values()}


def _names(choice: Choice) -> set[str]:
    code = " ".join(words_of(choice.code))
    return _labels(choice) | {" ".join(words_of(s)) for s in choice.synonyms} | (set() if code.isdecimal() else {code})


def _named(phrase: str, choices: Sequence[Choice]) -> list[Choice]:
    return [c for c in choices if phrase in _names(c)]


def _inside(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    """Choices whose name stands in the message as whole words, unless a longer name of another choice covers it."""
    if any(w in NO for w in words):
        return []
    text = f" {' '.join(words)} "
    passing = YES | NO | FILLERS | {"ada", "punya", "duwe"}
    hits = [(n, c) for c in choices for n in _names(c) if len(n) > 1 and n not in passing and f" {n} " in text]
    kept = [
        (name, c) for name, c in hits if not any(f" {name} " in f" {other} " and other != name for other, _ in hits)
    ]
    return list({c.code: c for _, c in kept}.values())


def _beside(words: Sequence[str], choice: Choice) -> int:
    """How many words of the message have nothing to do with the choice."""
    own = (
        {w for name in _names(choice) for w in name.split()} | FILLERS | YES | {"di", "ke", "oleh", "dari", "the", "a"}
    )
    return sum(w not in own for w in words)


def _similar(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    """Choices with the least number of typing errors, if that is few for the length."""
    phrase = " ".join(words)
    scored = [
        (distance(phrase, n), c) for c in choices for n in _names(c) if len(n) >= 4 and abs(len(n) - len(phrase)) <= 2
    ]
    allowed = 1 if len(phrase) < 8 else 2
    best = min((d for d, _ in scored), default=99)
    return list({c.code: c for d, c in scored if d == best <= allowed}.values())

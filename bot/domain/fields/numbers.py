"""Counts and measures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question
from bot.domain.fields.numerals import number_of, with_digits
from bot.domain.fields.vocabulary import FILLERS

_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-zA-Z]+)?")
_UNITS: Mapping[str, Mapping[str, float]] = {
    # Unit of the form -> what people write -> factor.
    "kg": {
        "kg": 1,
        "kilo": 1,
        "kilogram": 1,
        "kgs": 1,
        "g": 0.001,
        "gr": 0.001,
        "gram": 0.001,
        "grams": 0.001,
        "grm": 0.001,
        "ons": 0.1,
        "pon": 0.5,
    },
    "cm": {
        "cm": 1,
        "senti": 1,
        "sentimeter": 1,
        "centi": 1,
        "centimeter": 1,
        "senti meter": 1,
        "mm": 0.1,
        "m": 100,
        "meter": 100,
    },
}

_COUNTED = FILLERS | frozenset(
    "anak ke nomor no nomer kelahiran yang sing lare kaping ka adalah anake anaknya urutan kehamilan child th number "
    "putra putri bayi niki".split()
)
"""Words that may stand around a count."""
_MEASURED = frozenset(
    "berat beratnya bobot bobote abot panjang panjangnya dawa dawane tinggi kira sekitar kurang lebih pas waktu lahir "
    "lahirnya laire nya adalah dan koma about around was weight length niku".split()
)
"""Words that may stand around a measure."""
_GUESSED = {"kg": (0.001,), "cm": (0.1, 100)}
"""A bare number may be read in these: nobody leaves out a rarer unit ("50" is no weight in ons)."""


class Integer:
    """A whole number, also in words and as an ordinal. Options: ``min``, ``max``."""

    name: ClassVar[str] = "integer"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        tokens = re.sub(r"\bke[\s-]+(?=\d)", "", with_digits(text)).split()
        numbers = [n for n in (number_of(t.strip(".,")) for t in tokens) if n is not None]
        strangers = [t for t in tokens if number_of(t.strip(".,")) is None and t.strip(".,!") not in _COUNTED]
        if len(numbers) != 1 or strangers or is_question(text):
            return no("field.integer.unclear")
        least, most = int(spec.options.get("min", 0)), int(spec.options.get("max", 10**9))
        if not least <= numbers[0] <= most:
            return wrong("field.integer.range", min=least, max=most)
        return strong(numbers[0], interpreted=text.strip() != str(numbers[0]))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


class Number:
    """A measure in ``unit`` (``kg``, ``cm``). Options: ``unit``, ``min``, ``max``.

    Other units are converted ("3200 gram", "3 kilo 2 ons"); a bare number that only makes sense in another unit is read
    in that one ("3200" as grams).
    """

    name: ClassVar[str] = "number"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        unit = str(spec.options.get("unit", ""))
        parts = _AMOUNT.findall(with_digits(text))
        units = _UNITS.get(unit, {})
        if not parts or len(parts) > 2 or is_question(text) or _strangers(text, units):
            return no("field.number.unclear", unit=unit)
        least, most = float(spec.options.get("min", 0)), float(spec.options.get("max", 1e9))
        limits = {"min": shown_number(least), "max": shown_number(most), "unit": unit}
        value, bare = 0.0, True
        for amount, written in parts:
            factor = units.get(written.lower())
            bare = bare and factor is None
            value += _amount(amount, factor or 1.0) * (factor or 1.0)
        guessed = bare and not least <= value <= most
        if guessed:
            fits = {round(value * f, 3) for f in _GUESSED.get(unit, ()) if least <= value * f <= most}
            value = fits.pop() if len(fits) == 1 else value
        value = round(value, 3)
        if not least <= value <= most:
            return wrong("field.number.range", **limits)
        return strong(int(value) if value == int(value) else value, interpreted=guessed or len(parts) > 1 or not bare)

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        unit = str(spec.options.get("unit", ""))
        return f"{shown_number(float(value))} {unit}".strip()


def _strangers(text: str, units: Mapping[str, float]) -> bool:
    words = re.findall(r"[a-z]+", with_digits(text))
    return any(w not in units and w not in _MEASURED and w not in FILLERS for w in words)


def shown_number(value: float) -> str:
    """Indonesian writing: a decimal comma, no needless zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", ",")


def _amount(written: str, factor: float) -> float:
    # "3.200 gram": the dot groups thousands; "3.200 kg": it is a decimal point.
    if factor < 1 and re.fullmatch(r"\d{1,3}[.,]\d{3}", written):
        return float(re.sub(r"[.,]", "", written))
    return float(written.replace(",", "."))

"""Counts and measures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, without_pictures, words_of
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
    "putra putri bayi niki orang org wong tiyang jiwa lembar lbr helai buah kali jumlah jumlahnya jumlahe total totalnya "
    "ada ana wonten cuma cuman hanya mung namung people persons person children only just about sekitar kira".split()
)
"""Words that may stand around a count."""
_MEASURED = frozenset(
    "berat beratnya bobot bobote abot panjang panjangnya dawa dawane tinggi kira sekitar kurang lebih pas waktu lahir lebihnya luwih "
    "lahirnya laire nya adalah dan koma about around was weight length niku".split()
)
"""Words that may stand around a measure."""
_GUESSED = {"kg": (0.001,), "cm": (0.1, 100)}
"""A bare number may be read in these: nobody leaves out a rarer unit ("50" is no weight in ons)."""


_NOTHING = frozenset({
    "tidak ada", "tdk ada", "ga ada", "gak ada", "nggak ada", "ngga ada", "belum ada", "laka", "ora ana", "mboten wonten",
    "dereng wonten", "kosong", "nihil", "none",
})  # fmt: skip
_AND_A_HALF = re.compile(r"(?<![0-9])([0-9]++) *([a-z]+)? +(?:setengah|stengah|1/2|half)(?: *([a-z]+))?\b")
_HALF = re.compile(r"\b(?:setengah|stengah|separo|1/2|half)(?= *[a-z]| *$)")


class Integer:
    """A whole number, also in words and as an ordinal. Options: ``min``, ``max``."""

    name: ClassVar[str] = "integer"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        least, most = int(spec.options.get("min", 0)), int(spec.options.get("max", 10**9))
        if " ".join(words_of(text)) in _NOTHING and spec.options.get("min") == 0:
            return strong(0, interpreted=True)
        tokens = re.sub(r"\bke[\s-]+(?=\d)", "", with_digits(without_pictures(text))).split()
        cores = [t.strip(".,!()") for t in tokens]
        # "10 (sepuluh)" says the same twice.
        numbers = list(dict.fromkeys(n for n in map(number_of, cores) if n is not None))
        strangers = [c for c in cores if number_of(c) is None and c and c not in _COUNTED]
        if len(numbers) != 1 or strangers or is_question(text):
            return no("field.integer.unclear")
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
        said = _halved(with_digits(without_pictures(text)))
        parts = _AMOUNT.findall(said)
        units = _UNITS.get(unit, {})
        if not parts or len(parts) > 2 or is_question(text) or _strangers(said, units):
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


def _halved(text: str) -> str:
    """ "3 setengah kilo", "3 kilo setengah", "3 1/2 kg" -> "3,5 kilo"; "setengah kilo" -> "0,5 kilo"."""
    mended = _AND_A_HALF.sub(lambda m: f"{m[1]},5 {m[2] or m[3] or ''}", text)
    return _HALF.sub("0,5", mended)


def _strangers(text: str, units: Mapping[str, float]) -> bool:
    words = re.findall(r"[a-z]+", text)
    return any(w not in units and w not in _MEASURED and w not in FILLERS for w in words)


def shown_number(value: float) -> str:
    """Indonesian writing: a decimal comma, no needless zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", ",")


def _amount(written: str, factor: float) -> float:
    # "3.200 gram": the dot groups thousands; "3.200 kg": it is a decimal point.
    if factor < 1 and re.fullmatch(r"\d{1,3}[.,]\d{3}", written):
        return float(re.sub(r"[.,]", "", written))
    return float(written.replace(",", "."))

"""Amounts of rupiah."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, words_of
from bot.domain.fields.numerals import MAX_DIGITS, with_digits
from bot.domain.fields.vocabulary import FILLERS, YES

_SCALES = {
    "rb": 10**3, "ribu": 10**3, "rebu": 10**3, "k": 10**3, "ewu": 10**3, "rban": 10**3, "ribuan": 10**3,
    "jt": 10**6, "juta": 10**6, "yuta": 10**6, "jtan": 10**6, "jutaan": 10**6, "jeti": 10**6, "million": 10**6,
    "m": 10**9, "miliar": 10**9, "milyar": 10**9, "thousand": 10**3,
}  # fmt: skip
_SLANG = {"cepek": 100, "gopek": 500, "seceng": 1000, "goceng": 5000, "ceban": 10_000, "noban": 20_000, "goban": 50_000}
_FREE = frozenset({"gratis", "free", "gratisan", "nol", "nihil", "cuma-cuma", "prei"})
_UNPAID = re.compile(
    r"(?:tidak|tdk|gak|ga|nggak|ngga|ora|mboten|tanpa|no)\s+(?:ada\s+|pakai\s+|nganggo\s+)?"
    r"(?:bayar(?:an)?|mbayar|biaya|dibayar|dipungut|pungutan|payment|fee)(?:\s+biaya)?"
)
_CURRENCY = re.compile(r"\b(?:rp|idr|rupiah|rupiahe|perak|rph)\b\.?|rp\.?\s*(?=\d)|,-|\.-")
_AROUND = (
    FILLERS
    | YES
    | frozenset(
        "sekitar kira kurang lebih sebesar senilai total totalnya jumlah jumlahnya biaya biayanya harga per bulan sebulan "
        "regane gaji gajinya about around cuma hanya mung".split()
    )
)
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)*)\s*(setengah)?\s*([a-z]+)?")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?")


class Money:
    """An amount in whole rupiah: "500rb", "1,5 jt", "Rp 350.000", "lima ratus ribu"; "gratis" is 0. Options: ``min``,
    ``max``.
    """

    name: ClassVar[str] = "money"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        if is_question(text):
            return no("field.money.unclear")
        value = _rupiah(text.casefold())
        if value is None:
            return no("field.money.unclear")
        least, most = int(spec.options.get("min", 0)), int(spec.options.get("max", 10**12))
        if not least <= value <= most:
            return wrong("field.money.range", min=shown_money(least), max=shown_money(most))
        return strong(value, interpreted=text.strip() not in (str(value), shown_money(value)))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return shown_money(int(value))


def shown_money(value: int) -> str:
    """ "Rp350.000"."""
    return "Rp" + f"{value:,}".replace(",", ".")


def _rupiah(text: str) -> int | None:
    """The one amount that a text in small letters names."""
    if _UNPAID.search(text) or (words := words_of(text)) and set(words) <= _FREE | _AROUND and set(words) & _FREE:
        return 0
    bare = " ".join(_CURRENCY.sub(" ", text).split())
    bare = " ".join(str(_SLANG.get(w, w)) for w in with_digits(bare).split())
    bare = re.sub(r"(?<!\d )\bsetengah (?:juta|jt)\b", "500 ribu", bare)
    if re.search(r"-\s*\d|\d\s*-", bare):
        return None
    amounts = [_amount(*m.groups()) for m in _AMOUNT.finditer(bare)]
    if not amounts or len(amounts) > 3 or set(words_of(_AMOUNT.sub(" ", bare))) - _AROUND:
        return None
    values = [a for a, _ in amounts if a is not None]
    # "1 juta 500 ribu" is one amount, "500 ribu 1 juta" are two.
    falling = all(before > after for before, after in zip(values, values[1:], strict=False))
    scaled = all(scale > 1 for _, scale in amounts[:-1])
    return sum(values) if len(values) == len(amounts) and falling and scaled else None


def _amount(written: str, half: str | None, word: str | None) -> tuple[int | None, int]:
    """An amount in rupiah and its scale; None when it can be read in two ways."""
    scale = _SCALES.get(word or "", 1)
    if word is not None and scale == 1 and word not in _AROUND:
        return None, 1
    if half and scale == 1 or len(written) > MAX_DIGITS:
        return None, scale
    if scale == 1:
        if _GROUPED.fullmatch(written):
            whole = re.sub(r"[.,]\d{1,2}$", "", written)
            return int(re.sub(r"[.,]", "", whole)), 1
        return (int(written), 1) if written.isdecimal() else (None, 1)
    # "1.500 ribu" may be one and a half thousand or one and a half million.
    if len(re.findall(r"[.,]", written)) > 1 or re.search(r"[.,]\d{3,}$", written):
        return None, scale
    return round((float(written.replace(",", ".")) + (0.5 if half else 0)) * scale), scale

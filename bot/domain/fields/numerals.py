"""Number words of Indonesian, Javanese and English: "tujuh belas", "selawe", "lima ratus ribu"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNITS = {
    "satu": 1, "siji": 1, "setunggal": 1, "one": 1, "dua": 2, "loro": 2, "kalih": 2, "two": 2, "rong": 2, "kalihe": 2,
    "tiga": 3, "telu": 3, "tigo": 3, "three": 3, "telung": 3, "tigang": 3, "empat": 4, "papat": 4, "sekawan": 4,
    "four": 4, "patang": 4, "lima": 5, "limo": 5, "gangsal": 5, "five": 5, "limang": 5, "enam": 6, "enem": 6, "six": 6,
    "nem": 6, "tujuh": 7, "pitu": 7, "seven": 7, "pitung": 7, "delapan": 8, "wolu": 8, "eight": 8, "wolung": 8,
    "lapan": 8, "sembilan": 9, "sanga": 9, "songo": 9, "nine": 9, "sangang": 9,
}  # fmt: skip
_FIXED = {
    "nol": 0, "zero": 0, "sepuluh": 10, "sedasa": 10, "ten": 10, "sebelas": 11, "sewelas": 11, "eleven": 11,
    "rolas": 12, "kalihwelas": 12, "twelve": 12, "telulas": 13, "thirteen": 13, "patbelas": 14, "fourteen": 14,
    "fifteen": 15, "nembelas": 16, "sixteen": 16, "pitulas": 17, "seventeen": 17, "wolulas": 18, "eighteen": 18,
    "sangalas": 19, "nineteen": 19, "selawe": 25, "seket": 50, "sewidak": 60,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ORDINALS = {
    "pertama": 1, "mbarep": 1, "sulung": 1, "kapisan": 1, "first": 1, "second": 2, "pindho": 2, "pindo": 2, "third": 3,
    "fourth": 4, "fifth": 5,
}  # fmt: skip
_TEEN = frozenset({"belas", "welas", "las"})
_TEN = frozenset({"puluh", "dasa"})
_HUNDRED = frozenset({"ratus", "atus", "hundred"})
_ONE_HUNDRED = frozenset({"seratus", "satus", "setunggalatus"})
_SCALES = {
    "ribu": 10**3, "rebu": 10**3, "ewu": 10**3, "thousand": 10**3, "juta": 10**6, "yuta": 10**6, "million": 10**6,
    "miliar": 10**9, "milyar": 10**9, "billion": 10**9,
}  # fmt: skip
_ONE_SCALE = {"seribu": 10**3, "serebu": 10**3, "sewu": 10**3, "sejuta": 10**6, "sayuta": 10**6, "semiliar": 10**9}
_STEPS = _TEEN | _TEN | _HUNDRED
_ORDINAL = re.compile(r"^(?:yang )?ke-?(\d{1,9})$|^(\d{1,9})(?:st|nd|rd|th)$")
_PIECE = re.compile(
    "|".join(sorted({*_UNITS, *_TEEN, *_TEN, *_HUNDRED, *_SCALES, *_FIXED, "se"}, key=len, reverse=True))
)
_SPLIT_ONE = re.compile(r"\bse (belas|puluh|ratus|ribu|rebu|juta)\b")
MAX_DIGITS = 18
"""Longer runs of digits are no number that anybody counts with."""


def number_of(word: str) -> int | None:
    """The number a single word says ("dua", "kedua", "ke-2", "2"), or None."""
    word = word.casefold()
    if word.isdecimal() and word.isascii():
        return int(word) if len(word) <= MAX_DIGITS else None
    ordinal = _ORDINAL.match(word)
    if ordinal:
        return int(ordinal[1] or ordinal[2])
    for table in (_UNITS, _FIXED, _ORDINALS, _TENS):
        if word in table:
            return table[word]
    if word.startswith(("ke", "ka")):
        bare = word[2:].lstrip("-")
        return _UNITS.get(bare, _FIXED.get(bare))
    return None


def with_digits(text: str) -> str:
    """Number words replaced by digits, in small letters: "dua belas" -> "12", "tiga koma dua kilo" -> "3,2 kilo".

    Digits stay as written ("05"); ordinals ("kedua") stay words.
    """
    tokens = _SPLIT_ONE.sub(r"se\1", " ".join(map(_unglued, text.casefold().split()))).split()
    cores = [t.strip(".,()") for t in tokens]
    out: list[str] = []
    at = 0
    while at < len(tokens):
        value, after = _number_at(cores, at)
        if value is None:
            first = _ORDINALS.get(cores[at])
            out.append(tokens[at] if first is None else tokens[at].replace(cores[at], str(first)))
            at += 1
            continue
        last = tokens[after - 1]
        before = tokens[at][: tokens[at].index(cores[at])]
        out.append(f"{before}{value}{last[last.index(cores[after - 1]) + len(cores[after - 1]) :]}")
        at = after
    return re.sub(r"(\d) koma (\d)", r"\1,\2", " ".join(out))


def _unglued(token: str) -> str:
    """ "duapuluhsatu" -> "dua puluh satu"."""
    pieces = _PIECE.findall(token)
    return " ".join(pieces) if len(pieces) > 1 and "".join(pieces) == token and token not in _ONE_SCALE else token


def _number_at(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The number that starts at ``words[at]`` and where it ends; None when none does."""
    total: int | None = None
    below = 10**12
    while at < len(words):
        if words[at] in _ONE_SCALE and _ONE_SCALE[words[at]] < below:
            below = _ONE_SCALE[words[at]]
            total = (total or 0) + below
            at += 1
            continue
        group, after = _hundreds_at(words, at)
        if group is None:
            break
        scale = _SCALES.get(words[after]) if after < len(words) else None
        if scale is not None and 0 < group and scale < below:
            total, below, at = (total or 0) + group * scale, scale, after + 1
            continue
        if scale is None and group < below and (total is None or group):
            total, at = (total or 0) + group, after
        break
    return total, at


def _hundreds_at(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """A number below a thousand."""
    hundreds = 0
    if words[at] in _ONE_HUNDRED:
        hundreds, at = 100, at + 1
    else:
        unit = _unit(words, at)
        if unit is not None and at + 1 < len(words) and words[at + 1] in _HUNDRED:
            hundreds, at = unit * 100, at + 2
    if at >= len(words):
        return (hundreds or None), at
    rest, after = _tens_at(words, at)
    if hundreds and (rest is None or rest == 0 or (after < len(words) and words[after] in _STEPS)):
        return hundreds, at
    return (hundreds + rest, after) if rest is not None else (None, at)


def _tens_at(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """A number below a hundred."""
    word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word in _FIXED:
        return _FIXED[word], at + 1
    if word in _TENS:
        return _with_unit(_TENS[word], words, at + 1)
    unit = _unit(words, at)
    if unit is not None and following in _TEEN:
        return 10 + unit, at + 2
    if unit is not None and following in _TEN:
        return _with_unit(10 * unit, words, at + 2)
    if word in _UNITS:
        return _UNITS[word], at + 1
    # Digits are a number word only in front of a scale: "500 ribu".
    if word.isdecimal() and word.isascii() and len(word) <= 3 and following in _SCALES:
        return int(word), at + 1
    return None, at


def _with_unit(tens: int, words: Sequence[str], at: int) -> tuple[int, int]:
    """Twenty, and the "one" after it unless that starts a number of its own ("dua puluh tiga belas": 20 and 13)."""
    if at < len(words) and words[at] in _UNITS and not (at + 1 < len(words) and words[at + 1] in _STEPS):
        return tens + _UNITS[words[at]], at + 1
    return tens, at


def _unit(words: Sequence[str], at: int) -> int | None:
    word = words[at]
    return int(word) if word.isdecimal() and word.isascii() and len(word) == 1 and word != "0" else _UNITS.get(word)

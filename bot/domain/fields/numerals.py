"""Number words of Indonesian, Javanese and English, up to what people say for a count."""

from __future__ import annotations

import re

_UNITS = {
    "nol": 0, "satu": 1, "siji": 1, "rong": 2, "telung": 3, "patang": 4, "limang": 5, "pitung": 7, "wolung": 8,
    "sangang": 9, "setunggal": 1, "one": 1, "pertama": 1, "mbarep": 1, "sulung": 1, "first": 1,
    "kapisan": 1, "dua": 2, "loro": 2, "kalih": 2, "two": 2,
    "second": 2, "tiga": 3, "telu": 3, "tigo": 3, "three": 3, "third": 3, "empat": 4, "papat": 4, "sekawan": 4,
    "four": 4, "fourth": 4, "lima": 5, "limo": 5, "gangsal": 5,
    "five": 5, "fifth": 5, "enam": 6, "enem": 6, "six": 6, "tujuh": 7, "pitu": 7, "seven": 7, "delapan": 8,
    "wolu": 8, "eight": 8, "sembilan": 9, "sanga": 9, "songo": 9,
    "nine": 9, "sepuluh": 10, "ten": 10, "sebelas": 11, "sewelas": 11, "eleven": 11, "twelve": 12, "rolas": 12,
}  # fmt: skip
_ORDINAL = re.compile(r"^ke-?(\d+)$|^(\d+)(?:st|nd|rd|th)$")


def number_of(word: str) -> int | None:
    """The number a single word says ("dua", "kedua", "ke-2", "2"), or None."""
    word = word.casefold()
    if word.isdecimal() and word.isascii():
        return int(word)
    ordinal = _ORDINAL.match(word)
    if ordinal:
        return int(ordinal[1] or ordinal[2])
    if word in _UNITS:
        return _UNITS[word]
    if word.startswith(("ke", "ka")) and word[2:].lstrip("-") in _UNITS:
        return _UNITS[word[2:].lstrip("-")]
    return None


def with_digits(text: str) -> str:
    """Number words replaced by digits: "dua belas" -> "12", "tiga koma dua kilo" -> "3,2 kilo"."""
    out: list[str] = []
    for raw in text.casefold().split():
        number = number_of(raw)
        if number is not None and not raw.startswith("ke"):
            out.append(str(number))
        elif raw in ("belas", "welas") and out and out[-1].isdecimal():
            out[-1] = str(10 + int(out[-1]))
        elif raw == "puluh" and out and out[-1].isdecimal():
            out[-1] = str(10 * int(out[-1])) + "+"
        else:
            out.append(raw)
    joined = re.sub(r"(\d)0\+ (\d)\b", r"\1\2", " ".join(out)).replace("+", "")
    return re.sub(r"(\d) koma (\d)", r"\1,\2", joined)

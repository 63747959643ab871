"""Take personal data out of a text before Rasa sees it (design 1: "Rasa gets no personal data")."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Runs of three or more digits, also when broken by the dots, dashes and spaces people write; short numbers ("2 anak") carry meaning.
_DIGITS = re.compile(r"(?<!\w)\+?\d(?:[ .\-/]?\d){2,}(?!\w)|\d{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

MAX_TEXT = 1000
"""Characters of a free text that Rasa gets; a wish is in there, and a flood does not slow everybody."""


def mask(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with digit runs, e-mail addresses and this person's ``known`` values replaced, and no leading slash."""
    text = _CONTROL.sub(" ", text).strip()
    while text.startswith("/"):
        text = text[1:].lstrip()
    text = _EMAIL.sub("email", text)
    for value in known:
        for part in _parts(value):
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "nama", text, flags=re.IGNORECASE)
    return _DIGITS.sub("nomor", text)[:MAX_TEXT]


def _parts(value: str) -> list[str]:
    """A name is masked whole and word by word; words of one or two letters are too common to be masked."""
    words = [word for word in re.split(r"\W+", value) if len(word) > 3 and not word.isdigit()]
    return [value, *words] if value.strip() else []

"""Text as it comes from a phone, made fit for judging."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_LENGTH = 500
"""Longest text that can be an answer; longer ones get a sentence that says so."""

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}
_THUMBS = frozenset("👍👌🏻🏼🏽🏾🏿\ufe0f ")
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!][^<>]*>")
_QUESTION_STARTS = frozenset(
    "apa apakah berapa brp siapa kapan dimana kemana darimana mana bagaimana gimana gmn kenapa knp mengapa "
    "syarat syaratnya persyaratan biaya biayanya "
    "bayar pira priben kepriben pripun pinten endi nangendi ngendi kapane sapa kenangapa what how when where "
    "who why which are could does".split()
)
_QUESTION_INSIDE = frozenset(
    "berapa brp gimana gmn bagaimana kenapa mengapa priben kepriben pripun pinten apakah syaratnya biayanya".split()
)
_NOT_A_NAME = frozenset(
    "ya iya y yoi ok oke okay okey sip siap tidak tdk gak ga nggak ngga enggak ora mboten belum halo hallo hai "
    "hi p permisi assalamualaikum makasih "
    "terimakasih thanks suwun matur nuwun bantuan help tes test yes no nggih inggih salah benar betul apa".split()
)
_NOT_A_NAME_PHRASES = frozenset(
    {
        "terima kasih",
        "matur nuwun",
        "selamat pagi",
        "selamat siang",
        "selamat sore",
        "selamat malam",
        "tidak tahu",
        "mau tanya",
    }
)


def clean(text: str) -> str:
    """Normalised (NFKC), without control, direction and other invisible characters, white space run together and
    trimmed; a thumb up is a yes.
    """
    if text.strip() and set(text.strip()) <= _THUMBS:
        return "ya"
    kept = (" " if c in "\r\n\t\v\f\u2028\u2029" else c for c in unicodedata.normalize("NFKC", text))
    visible = "".join(c for c in kept if c == " " or unicodedata.category(c) not in _INVISIBLE)
    return " ".join(
        visible.replace("’", "'").replace("‘", "'").replace("`", "'").replace("–", "-").replace("—", "-").split()
    )


def trouble(raw: str, cleaned: str) -> str | None:
    """Text key of what makes a text unusable for every field, or None."""
    if not cleaned:
        return "field.text.empty"
    if len(raw) > MAX_LENGTH:
        return "field.text.too_long"
    if _TAG.search(cleaned):
        return "field.text.markup"
    if not any(c.isalnum() for c in cleaned) and cleaned != "-":
        return "field.text.no_letters"
    return None


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words; what is neither letter nor digit separates them."""
    return tuple(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def is_question(text: str) -> bool:
    """Whether a text asks something, so that it is no name and no place."""
    words = words_of(text)
    if text.rstrip().endswith("?"):
        return True
    return bool(words) and (
        words[0] in _QUESTION_STARTS and words[0] != "mana" or any(w in _QUESTION_INSIDE for w in words)
    )


def is_small_talk(text: str) -> bool:
    """Whether a text is a yes, a no, a greeting or thanks, and so no name and no place."""
    words = words_of(text)
    return bool(words) and (all(w in _NOT_A_NAME for w in words) or " ".join(words) in _NOT_A_NAME_PHRASES)


def near(a: str, b: str, limit: int = 1) -> bool:
    """Whether at most ``limit`` typing errors (a letter more, less, changed, or two swapped) separate ``a`` and
    ``b``.
    """
    if abs(len(a) - len(b)) > limit:
        return False
    return distance(a, b) <= limit


def distance(a: str, b: str) -> int:
    """Optimal string alignment distance."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]

"""Text as it comes from a phone, made fit for judging."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.domain.fields.vocabulary import QUESTION_INSIDE, QUESTION_STARTS, SENTENCE, SMALL_TALK

MAX_LENGTH = 500
"""Longest text that can be an answer; longer ones get a sentence that says so."""

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn", "Me"}
_SELECTORS = frozenset("\u034f\u115f\u1160\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10))))
"""Without a look of their own, though no category says so: joiners, fillers, emoji selectors."""
_BREAKS = str.maketrans({"\r": "\n", "\v": "\n", "\f": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " "})
_JOINER = "\u200d"
_LOOKS = frozenset(f"{_JOINER}\ufe0f\u20e3")
"""Invisible, but the look of an emoji hangs on them: joiner, selector, frame of a key."""
_TONES = frozenset("🏻🏼🏽🏾🏿 ")
_YES_SIGNS = frozenset("👍👌✅✔☑🆗")
_NO_SIGNS = frozenset("👎❌✖❎🙅")
_ALIKE = str.maketrans({
    "’": "'", "‘": "'", "`": "'", "´": "'", "′": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-",
    "−": "-", "⁄": "/", "🔟": "10",
})  # fmt: skip
_LOOK_ALIKE = str.maketrans("OoIlL", "00111")
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!][^<>]*>")


def clean(text: str) -> str:
    """Normalised (NFKC), without control, direction and other invisible characters, white space run together and
    trimmed, one kind of dash and apostrophe; a thumb up alone is a yes, a thumb down a no, "1️⃣" is "1".
    """
    kept = (" " if c in "\r\n\t\v\f\u2028\u2029" else c for c in unicodedata.normalize("NFKC", text.translate(_ALIKE)))
    visible = (c for c in kept if c == " " or (c not in _SELECTORS and unicodedata.category(c) not in _INVISIBLE))
    # Once more: characters that an invisible one kept apart may now belong together.
    tidy = " ".join(unicodedata.normalize("NFKC", "".join(visible)).translate(_ALIKE).split())
    signs = set(tidy) - _TONES
    if signs and signs <= _YES_SIGNS:
        return "ya"
    return "tidak" if signs and signs <= _NO_SIGNS else tidy


def visible(text: str) -> str:
    """The words as written, line breaks and emoji kept, without control, direction and other invisible characters and
    without half characters: what is stored of a message.
    """
    kept: list[str] = []
    for c in text.replace("\r\n", "\n").translate(_BREAKS):
        joins = c in _LOOKS and bool(kept) and (c != _JOINER or not kept[-1].isalnum())
        if c == "\n" or joins or (c not in _LOOKS and unicodedata.category(c) not in _INVISIBLE):
            kept.append(c)
    shown = "".join(kept).strip()
    return shown if any(c not in _SELECTORS and c not in _LOOKS and not c.isspace() for c in shown) else ""


def only_pictures(text: str) -> bool:
    """Whether a text is nothing but emoji and other pictures (a thumb up or down, and numbers, say something)."""
    bare = clean(text)
    return any(unicodedata.category(c) in ("So", "Sk") for c in bare) and not any(c.isalnum() for c in bare)


def without_pictures(text: str) -> str:
    """Without emoji and other pictures, and without the marks of excitement around the words."""
    bare = "".join(" " if unicodedata.category(c) in ("So", "Sk") else c for c in text)
    return " ".join(bare.split()).strip(' !?;:*"~')


def with_look_alikes(text: str) -> str:
    """Letters typed for the digits they look like ("O8l2") made digits, inside words that are otherwise digits."""

    def mended(match: re.Match[str]) -> str:
        word = match[0]
        return word.translate(_LOOK_ALIKE) if sum(c.isdecimal() for c in word) >= len(word) / 2 else word

    return re.sub(r"(?<![^\W_])[0-9OoIlL]*[0-9][0-9OoIlL]*(?![^\W_])", mended, text)


def trouble(raw: str, cleaned: str, most: int = MAX_LENGTH) -> str | None:
    """Text key of what makes a text unusable for every field, or None. ``most``: characters."""
    if not cleaned:
        return "field.text.empty"
    if len(raw) > most:
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
        words[0] in QUESTION_STARTS and words[0] != "mana" or any(w in QUESTION_INSIDE for w in words)
    )


def is_small_talk(text: str) -> bool:
    """Whether a text is a yes, a no, a greeting or thanks, and so no name and no place."""
    words = words_of(text)
    return bool(words) and all(w in SMALL_TALK for w in words)


def is_sentence(text: str) -> bool:
    """Whether a text is a remark or a wish rather than a name or a place."""
    words = words_of(text)
    return len(words) > 1 and any(w in SENTENCE for w in words)


def near(a: str, b: str, limit: int = 1) -> bool:
    """Whether at most ``limit`` typing errors (a letter more, less, changed, or two swapped) separate ``a`` and
    ``b``.
    """
    if abs(len(a) - len(b)) > limit:
        return False
    return _one_slip(a, b) if limit == 1 else distance(a, b) <= limit


def _one_slip(a: str, b: str) -> bool:
    """Whether the :func:`distance` is at most 1: what two words share at both ends tells."""
    start, most = 0, min(len(a), len(b))
    while start < most and a[start] == b[start]:
        start += 1
    end = 0
    while end < most - start and a[-1 - end] == b[-1 - end]:
        end += 1
    x, y = a[start : len(a) - end], b[start : len(b) - end]
    return (len(x) <= 1 and len(y) <= 1) or (len(x) == len(y) == 2 and x == y[::-1])


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

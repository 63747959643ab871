"""Chat spelling made readable for the classifier and the service dictionary.

People write Indonesian, Tegal Javanese (ngapak and krama) and English in one message, shortened and with letters
repeated. Here one word gets one spelling, and a Javanese or English word its Indonesian one, so that what is learnt from
one language serves the others. Only words that carry the wish are listed; the rest passes through.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.dialogue.nlu.spellings import EMOJI, KNOWN, NO_SKELETON, readings

_READ = readings()
_LONGEST = 3
"""Words of the longest spelling in the tables."""
_OPENS_PHRASE = frozenset(written.split("_")[0] for written in _READ if "_" in written)
_CANON = KNOWN | {word for read in _READ.values() for word in read.split()}

LISTED = frozenset(word for word in _READ if "_" not in word) | _CANON
"""Every word of the tables."""

_ENDINGS = ("nipun", "ipun", "nya", "nye", "kah", "lah", "ne", "ku", "mu", "e")
_VOWELS = re.compile(r"[aeiou]")
_SPECIALIST = re.compile(r"\bsp\.\s*(?=[a-z]{1,4}\b)")
"""Of a doctor's title: "Sp.A"; without the full stop it is "siapa"."""
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(rf"[^\W_]+|[{''.join(EMOJI)}]")
_DOUBLED = re.compile(r"^([^\W\d_]{2,})2(?:nya)?$")
_LETTERS_AND_DIGITS = re.compile(r"[a-z]\d|\d[a-z]{2}")
_LOOK_ALIKE = str.maketrans("0134567", "oieasgt")
"""Digits that stand for letters: "pr4ktek"."""
_SHORTEST_DISGUISED = 4
_NO = "tidak"
"""It takes no endings: "take", "oranye" are other words."""
_LONGEST_WORD = 40
"""Letters that are read of one word: nobody means more."""


def words(text: str) -> list[str]:
    """The words of a text, lower case, in the one spelling; digit runs become ``0`` per digit, at most four.

    Reading what was read changes nothing.

    >>> words("Syarate gaweee KTP-el apa bae yaaa??")
    ['syarat', 'buat', 'ktp', 'el', 'apa', 'saja', 'ya']
    """
    return _read(tokens(text))


def normalise(text: str) -> str:
    """:func:`words` as one string."""
    return " ".join(words(text))


def tokens(text: str) -> list[str]:
    """The words as written, but for case, repeated letters, digits and emoji."""
    text = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("’", "")
    text = _SPECIALIST.sub("spesialis ", text)
    text = _REPEATED.sub(r"\1", unicodedata.normalize("NFKC", text))
    return [_plain(word) for word in _WORDS.findall(text)]


def _plain(word: str) -> str:
    word = EMOJI.get(word, word)[:_LONGEST_WORD]
    word = _DOUBLED.sub(r"\1", word)
    meant = word.translate(_LOOK_ALIKE)
    if len(word) >= _SHORTEST_DISGUISED and _LETTERS_AND_DIGITS.search(word) and is_listed(meant):
        return meant
    return _DIGITS.sub(lambda run: "0" * min(len(run.group()), 4), word)


def _read(written: list[str]) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(written):
        size, read = _phrase(written, at) if written[at] in _OPENS_PHRASE else (1, None)
        found.extend((read or reading(written[at])).split())
        at += size
    return found


def _phrase(written: list[str], at: int) -> tuple[int, str | None]:
    """How many words from ``at`` on are one spelling of the tables, and its reading."""
    for size in range(min(_LONGEST, len(written) - at), 1, -1):
        read = _READ.get("_".join(written[at : at + size]))
        if read:
            return size, read
    return 1, None


@lru_cache(maxsize=20000)
def reading(word: str) -> str:
    """The one spelling of one word: from the tables, without its ending, or with its vowels back."""
    if word in _READ:
        return _READ[word]
    if word in _CANON:
        return word
    for ending in _ENDINGS:
        stem = word[: -len(ending)]
        if len(stem) >= 3 and word.endswith(ending) and stem in LISTED and _READ.get(stem) != _NO:
            return _READ.get(stem, stem)
    if len(word) >= 3 and not _VOWELS.search(word):
        full = _BY_SKELETON.get(word, word)
        return _READ.get(full, full)
    return word


def is_listed(word: str) -> bool:
    """Whether the tables know the word: it is no misspelling of another."""
    return word in LISTED


def skeleton(word: str) -> str:
    """The word without its vowels: how hurried people write it."""
    return _VOWELS.sub("", word)


def _skeletons() -> dict[str, str]:
    """Consonants -> the one listed word that has them."""
    found: dict[str, set[str]] = {}
    for word in _CANON:
        if len(skeleton(word)) >= 3 and _VOWELS.search(word):
            found.setdefault(skeleton(word), set()).add(word)
    return {bones: min(words) for bones, words in found.items() if len(words) == 1 and bones not in NO_SKELETON}


_BY_SKELETON = _skeletons()

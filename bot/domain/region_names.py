"""Spellings of place names: which of them mean the same, and how far apart two of them are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.domain.fields.clean import distance, words_of

_DIRECTIONS = {"utara": "lor", "selatan": "kidul", "timur": "wetan", "barat": "kulon"}
"""Indonesian -> Javanese: both are said of the same village."""
_SHORT = {
    "dk": "dukuh", "dkh": "dukuh", "dkuh": "dukuh", "kr": "karang", "krg": "karang", "krang": "karang",
    "kd": "kedung", "kdg": "kedung", "kdng": "kedung", "kdung": "kedung", "tmbk": "tembok", "tb": "tembok",
    "lbk": "lebak", "lb": "lebak", "bj": "banjar", "bjr": "banjar", "jt": "jati", "kl": "kali", "pgr": "pager",
    "pg": "pager", "slw": "slawi", "tgl": "tegal", "pkm": "pekauman", "mjsm": "mejasem", "mrg": "marga",
    "wtn": "wetan", "wet": "wetan", "kln": "kulon", "kul": "kulon", "kdl": "kidul",
}  # fmt: skip
_OLD = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("dh", "d"), ("th", "t"), ("kh", "k"), ("bh", "b"), ("sy", "s"))
"""Old and Javanese spellings -> today's."""
_SOFT = str.maketrans({"o": "a", "v": "w", "f": "p", "q": "k", "z": "j", "h": ""})
"""Heard alike: Mulyoharjo and Mulyaharja, Marga Ayu and Marga Hayu."""


def compact(words: str | Sequence[str]) -> str:
    """A name without spaces and signs: "Dukuh Turi" and "dukuhturi" are one."""
    return "".join(words_of(words) if isinstance(words, str) else words)


def written_out(words: Sequence[str]) -> tuple[str, ...]:
    """Words with the usual abbreviations written out: "dk turi" -> "dukuh turi"."""
    return tuple(_SHORT.get(w, w) for w in words)


@lru_cache(maxsize=8192)
def sounded(name: str) -> str:
    """What is left of a compact name when spellings that are heard alike are made equal."""
    for there, here in _DIRECTIONS.items():
        if len(name) > len(there) + 2:
            name = re.sub(there + "$", here, name)
    for old, new in _OLD:
        name = name.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", name.translate(_SOFT))


@lru_cache(maxsize=8192)
def skeleton(name: str) -> str:
    """The consonants: people leave out the vowels ("trymn")."""
    return re.sub(r"[aeiou]", "", sounded(name))


def errors_allowed(name: str) -> int:
    """How many typing errors leave a name of that length recognisable."""
    return 0 if len(name) < 5 else 1 if len(name) < 8 else 2


def nearest(said: str, names: Iterable[str]) -> tuple[int, list[str]]:
    """The names that differ least from a compact ``said``, with the number of typing errors; none within what is
    allowed gives an empty list.
    """
    heard, best, found = sounded(said), 9, list[str]()
    for name in names:
        target = sounded(name)
        most = min(best, errors_allowed(name))
        if abs(len(target) - len(heard)) > most:
            continue
        errors = min(distance(heard, target), distance(said, name))
        if errors > most:
            continue
        if errors < best:
            best, found = errors, []
        found.append(name)
    return best, found


def shortened(said: str, names: Iterable[str]) -> list[str]:
    """The names that ``said`` may be a short form of: without vowels ("trymn"), or only the beginning ("adiw")."""
    if len(said) < 4:
        return []
    listed = list(names)
    vowels = sum(c in "aeiou" for c in said)
    begun = [n for n in listed if n.startswith(said)]
    bare = [n for n in listed if vowels <= len(said) // 4 and skeleton(n) == skeleton(said)]
    return begun or bare

"""Typing errors as people make them on a phone, from a seed: for training on and for measuring with. No Rasa in here."""

from __future__ import annotations

import random
from collections.abc import Callable

_NEIGHBOURS = {
    letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at, letter in enumerate(row)
}
_VOWELS = "aiueo"
_SHORTEST = 4
"""Letters of a word that is mistyped: a slip in a shorter one makes another word of it."""


def with_typos(text: str, seed: int, share: float = 0.15) -> str:
    """The text with about ``share`` of its longer words mistyped: a letter missed, doubled, swapped or its neighbour
    on the keyboard, a vowel or all of them left out. Equal arguments, equal result; words with digits stay.

    >>> with_typos("apa syarat akta kelahiran", 3, 1.0) == with_typos("apa syarat akta kelahiran", 3, 1.0)
    True
    """
    # Not for secrets: the same slips every time are the point.
    dice = random.Random(f"{seed}:{text}")  # noqa: S311
    return " ".join(
        _mistyped(word, dice) if len(word) >= _SHORTEST and word.isalpha() and dice.random() < share else word
        for word in text.split(" ")
    )


def _mistyped(word: str, dice: random.Random) -> str:
    return dice.choice(_SLIPS)(word, dice)


def _missed(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _doubled(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def _swapped(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _beside(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    beside = _NEIGHBOURS.get(word[at].lower())
    return word[:at] + dice.choice(beside) + word[at + 1 :] if beside else word


def _vowel_left_out(word: str, dice: random.Random) -> str:
    places = [at for at in range(1, len(word)) if word[at].lower() in _VOWELS]
    if not places:
        return word
    at = dice.choice(places)
    return word[:at] + word[at + 1 :]


def _vowels_left_out(word: str, dice: random.Random) -> str:
    return word[0] + "".join(letter for letter in word[1:] if letter.lower() not in _VOWELS)


_SLIPS: tuple[Callable[[str, random.Random], str], ...] = (
    _missed,
    _doubled,
    _swapped,
    _beside,
    _vowel_left_out,
    _vowels_left_out,
)

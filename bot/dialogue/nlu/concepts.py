"""Groups of words that mean much the same, so that a word no example has still says something. No Rasa in here.

They come from the lookup tables of the training data (``data/nlu/konsep.yml``): ``_`` joins words, ``*`` at the end
stands for any ending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.dialogue.nlu.normalise import words

_LONGEST = 3
"""Words of a member that is said in several."""
_STEM = 4
"""Letters that must be left of a word whose ending or beginning is taken off."""
_ENDINGS = ("nya", "kan", "ku", "in", "an", "ne", "i", "e")
_BEGINNINGS = ("meng", "mem", "men", "me", "di", "ng", "ny", "ter", "ber", "n", "m")


class Concepts:
    """Which groups a text touches.

    :param groups: group -> its words as written in the lookup table
    """

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self.groups = {name: list(members) for name, members in groups.items()}
        self._of: dict[tuple[str, ...], set[str]] = {}
        self._beginnings: dict[str, set[str]] = {}
        for name, members in groups.items():
            for member in members:
                self._add(name, member)
        self._memory: dict[str, frozenset[str]] = {}

    def _add(self, name: str, member: str) -> None:
        if member.endswith("*"):
            self._beginnings.setdefault(member[:-1], set()).add(name)
        elif key := tuple(words(member.replace("_", " ")))[:_LONGEST]:
            self._of.setdefault(key, set()).add(name)

    def touched(self, tokens: Sequence[str]) -> list[str]:
        """The groups, one entry per word that is in them."""
        found: list[str] = []
        for at, word in enumerate(tokens):
            groups = set(self._of_word(word))
            for size in range(2, _LONGEST + 1):
                groups |= self._of.get(tuple(tokens[at : at + size]), set()) if at + size <= len(tokens) else set()
            found.extend(sorted(groups))
        return found

    def _of_word(self, word: str) -> frozenset[str]:
        if word not in self._memory:
            if len(self._memory) > 20000:
                self._memory.clear()
            self._memory[word] = frozenset(self._listed(word) or self._without_affix(word))
        return self._memory[word]

    def _listed(self, word: str) -> set[str]:
        found = set(self._of.get((word,), ()))
        for end in range(1, len(word) + 1):
            found |= self._beginnings.get(word[:end], set())
        return found

    def _without_affix(self, word: str) -> set[str]:
        for ending in _ENDINGS:
            stem = (word[: -len(ending)],)
            if word.endswith(ending) and len(stem[0]) >= _STEM and stem in self._of:
                return self._of[stem]
        for beginning in _BEGINNINGS:
            stem = (word[len(beginning) :],)
            if word.startswith(beginning) and len(stem[0]) >= _STEM and stem in self._of:
                return self._of[stem]
        return set()

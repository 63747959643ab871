"""Mistyped words read as the known word they were meant to be. No Rasa in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.dialogue.nlu.normalise import LISTED, is_listed, reading, skeleton

_SHORTEST = 6
"""Letters of a word that is corrected by any slip: one slip in a shorter one may well be another word."""
_SHORTEST_SWAPPED = 4
"""Letters of a word whose swapped or doubled letters are put right: such a slip is rarely another word."""
_SHORTEST_BONES = 4
"""Consonants by which a word written without vowels is recognised."""
_SHORTEST_PART = 3
"""Letters of a word that another stuck to, a blank being missed."""
_SHORTEST_GLUED = 6
_MOST_GLUED = 8
"""Words that are found in one."""


class Speller:
    """Corrects words that occur nowhere in the examples to one that occurs often and differs by one slip after the first
    letter: a letter missing, too many, wrong, two swapped, or all vowels left out. Words stuck together come apart.

    :param counts: how often each known word occurs
    :param least: occurrences of a word that others are corrected to
    """

    def __init__(self, counts: dict[str, int], least: int = 5) -> None:
        self.counts = counts
        self._least = least
        self._shorter: dict[str, list[str]] = {}
        self._bones: dict[str, list[str]] = {}
        usual = {word for word, count in counts.items() if count >= least}
        # Spellings that are read as something else never reach the counts; people mistype them all the same.
        self._usual = {word for word in usual | LISTED if len(word) >= _SHORTEST - 1 and word.isalpha()}
        self._parts = {word for word in usual | LISTED if len(word) >= _SHORTEST_PART and word.isalpha()}
        for word in sorted(self._usual):
            for one in set(_one_less(word)):
                self._shorter.setdefault(one, []).append(word)
        for word in sorted(self._usual & usual):
            if len(skeleton(word)) >= _SHORTEST_BONES:
                self._bones.setdefault(_hurried(word), []).append(word)
        self._memory: dict[str, str] = {}

    @classmethod
    def learn(cls, texts: Iterable[list[str]], names: Iterable[str], least: int = 5) -> Speller:
        """From the words of the examples; every word of ``names`` is known, however rare."""
        counts = Counter(word for text in texts for word in text)
        counts.update({word: least for word in names})
        return cls(dict(counts), least)

    def correct(self, words: list[str]) -> list[str]:
        """The words, corrected. A correction is read once more: it may be a spelling of something else."""
        return [read for word in words for read in self._one(word).split()]

    def _one(self, word: str) -> str:
        if word in self.counts or not word.isalpha() or len(word) < _SHORTEST_BONES:
            return word
        if word not in self._memory:
            if len(self._memory) > 20000:  # nobody fills the memory with nonsense
                self._memory.clear()
            self._memory[word] = self._read(word)
        return self._memory[word]

    def _read(self, word: str) -> str:
        known = self._swapped(word)
        if known:
            return reading(known)
        parts = self._apart(word)
        if parts:
            return " ".join(reading(part) for part in parts)
        known = self._meant(word)
        return reading(known) if known else word

    def _swapped(self, word: str) -> str | None:
        """The known word with two neighbours swapped, or a letter doubled."""
        if len(word) < _SHORTEST_SWAPPED or is_listed(word):
            return None
        meant = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)}
        meant |= {word[:at] + word[at + 1 :] for at in range(1, len(word)) if word[at] == word[at - 1]}
        known = {one for one in meant if len(one) >= _SHORTEST_PART and self._weight(one) >= self._least}
        return max(known, key=lambda one: (self._weight(one), one), default=None)

    def _weight(self, word: str) -> int:
        return max(self.counts.get(word, 0), self._least if word in LISTED else 0)

    def _apart(self, word: str) -> list[str] | None:
        """The known words that are stuck together, the fewest; None if any letter is left over."""
        if len(word) < _SHORTEST_GLUED or is_listed(word):
            return None
        best: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            found: list[str] | None = None
            for start in range(end):
                before, part = best[start], word[start:end]
                if before is None or len(before) >= _MOST_GLUED or part not in self._parts:
                    continue
                if found is None or self._better([*before, part], found):
                    found = [*before, part]
            best.append(found)
        parts = best[-1]
        return parts if parts and len(parts) > 1 else None

    def _better(self, parts: list[str], than: list[str]) -> bool:
        return (-len(parts), min(map(self._weight, parts))) > (-len(than), min(map(self._weight, than)))

    def _meant(self, word: str) -> str | None:
        meant: set[str] = set()
        if len(word) >= _SHORTEST:
            meant.update(self._shorter.get(word, ()))
            for less in _one_less(word):
                if less in self._usual:
                    meant.add(less)
                meant.update(known for known in self._shorter.get(less, ()) if len(known) == len(word))
        if not meant:
            meant.update(self._bones.get(word, ()))
        return max(meant, key=lambda known: (self.counts.get(known, 0), known), default=None)


def _one_less(word: str) -> list[str]:
    """The word without one letter, the first one always kept."""
    return [word[:at] + word[at + 1 :] for at in range(1, len(word))]


def _hurried(word: str) -> str:
    return word[0] + skeleton(word[1:])

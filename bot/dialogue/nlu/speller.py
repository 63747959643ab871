"""Mistyped words read as the known word they were meant to be. No Rasa in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.dialogue.nlu.normalise import reading, skeleton

_SHORTEST = 6
"""Letters of a word that is corrected: one slip in a shorter one may well be another word."""
_SHORTEST_BONES = 4
"""Consonants by which a word written without vowels is recognised."""


class Speller:
    """Corrects words that occur nowhere in the examples to one that occurs often and differs by one slip after the first
    letter: a letter missing, too many, wrong, two swapped, or all vowels left out.

    :param counts: how often each known word occurs
    :param least: occurrences of a word that others are corrected to
    """

    def __init__(self, counts: dict[str, int], least: int = 5) -> None:
        self.counts = counts
        self._shorter: dict[str, list[str]] = {}
        self._bones: dict[str, list[str]] = {}
        self._usual = {word for word, count in counts.items() if count >= least and len(word) >= _SHORTEST - 1}
        for word in sorted(self._usual):
            for one in set(_one_less(word)):
                self._shorter.setdefault(one, []).append(word)
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
            known = self._meant(word)
            self._memory[word] = reading(known) if known else word
        return self._memory[word]

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
        return max(meant, key=lambda known: (self.counts[known], known), default=None)


def _one_less(word: str) -> list[str]:
    """The word without one letter, the first one always kept."""
    return [word[:at] + word[at + 1 :] for at in range(1, len(word))]


def _hurried(word: str) -> str:
    return word[0] + skeleton(word[1:])

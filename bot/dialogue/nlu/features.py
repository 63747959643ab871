"""What the classifier is told of a text: pieces of four families, as one sparse row. No Rasa in here.

Words and pairs of words; pieces of words, which carry spellings that no list foresees; groups of words; the shape (how long,
a question?). Each family is weighted by rarity (tf-idf, sublinear) and scaled to length one, then to its share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.nlu.concepts import Concepts
from bot.dialogue.nlu.reader import QUESTION

_PIECES = (3, 5)
"""Smallest and largest piece of a word, in letters."""
Row = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Columns and values."""


class Features:
    """Learns which pieces there are; then texts become rows. A text is its words joined by blanks."""

    def __init__(
        self, concepts: Concepts, shares: dict[str, float], pieces: Sequence[str], rarity: NDArray[np.float32]
    ) -> None:
        self.concepts = concepts
        self.shares = shares
        self.rarity = rarity
        self._column = {piece: at for at, piece in enumerate(pieces)}
        self._families: list[tuple[str, Callable[[list[str]], list[str]]]] = [
            ("words", _words),
            ("letters", _letters),
            ("groups", self._groups),
            ("shape", _shape),
        ]

    @classmethod
    def learn(cls, texts: Sequence[str], concepts: Concepts, shares: dict[str, float]) -> Features:
        """From the texts of the examples. ``shares``: family -> its weight beside the others."""
        empty = cls(concepts, shares, (), np.zeros(0, np.float32))
        counts: Counter[str] = Counter()
        for text in texts:
            for _, pieces in empty._pieces(text):
                counts.update(pieces.keys())
        known = sorted(counts)
        rarity = [log((1 + len(texts)) / (1 + counts[piece])) + 1 for piece in known]
        return cls(concepts, shares, known, np.array(rarity, np.float32))

    @property
    def pieces(self) -> list[str]:
        """All known pieces, by column."""
        return list(self._column)

    def row(self, text: str) -> Row:
        """The known pieces of one text."""
        columns: list[int] = []
        values: list[float] = []
        for share, pieces in self._pieces(text):
            known = [(self._column[piece], count) for piece, count in pieces.items() if piece in self._column]
            if not known:
                continue
            weights = [(1.0 + log(count)) * float(self.rarity[column]) for column, count in known]
            scale = share / sum(weight * weight for weight in weights) ** 0.5
            columns.extend(column for column, _ in known)
            values.extend(weight * scale for weight in weights)
        return np.array(columns, np.int32), np.array(values, np.float32)

    def rows(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int64]]:
        """One row per text, as the parts of a compressed sparse matrix: values, columns, ends of the rows."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows]) if rows else np.zeros(0, np.int32)
        values = np.concatenate([values for _, values in rows]) if rows else np.zeros(0, np.float32)
        return values, columns, ends

    def _pieces(self, text: str) -> list[tuple[float, Counter[str]]]:
        tokens = text.split()
        return [
            (self.shares[name], Counter(f"{name[0]}:{piece}" for piece in pieces(tokens)))
            for name, pieces in self._families
            if self.shares.get(name)
        ]

    def _groups(self, tokens: list[str]) -> list[str]:
        return self.concepts.touched(tokens)


def _words(tokens: list[str]) -> list[str]:
    said = [token for token in tokens if token != QUESTION]
    return said + [f"{first} {second}" for first, second in zip(said, said[1:])]  # noqa: B905


def _letters(tokens: list[str]) -> list[str]:
    """Pieces of each word with a blank before and behind; a word shorter than a piece counts as a whole."""
    least, most = _PIECES
    found: list[str] = []
    for token in tokens:
        word = f" {token} "
        for size in range(least, most + 1):
            if len(word) <= size:
                found.append(word)
                break
            found.extend(word[at : at + size] for at in range(len(word) - size + 1))
    return found


def _shape(tokens: list[str]) -> list[str]:
    length = len(tokens) - (tokens[-1:] == [QUESTION])
    bucket = min(length, 4) if length < 5 else 5 + min(length // 6, 4)
    return [f"length {bucket}", *tokens[-1:]] if tokens[-1:] == [QUESTION] else [f"length {bucket}"]

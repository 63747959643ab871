"""From a read text to the chances of every wish: one linear model over :class:`Features`. No Rasa in here.

What the weights are learnt from: :mod:`bot.dialogue.nlu.learn`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.nlu.concepts import Concepts
from bot.dialogue.nlu.courtesy import inner
from bot.dialogue.nlu.features import Features

_WEIGHTS = "wishes.npz"
_WORDS = "wishes.json"
_SURE = 0.6
"""Chance of a wish between greeting and thanks with which it is what counts."""
Matrix = NDArray[np.float32]


class WishModel:
    """Weights per piece and wish. One text at a time costs as much as it has pieces."""

    def __init__(
        self, features: Features, names: list[str], weights: Matrix, bias: Matrix, temperature: float = 1.0
    ) -> None:
        self.names = names
        self.temperature = temperature
        self._features = features
        self._weights = weights
        self._bias = bias

    def chances(self, text: str) -> Matrix:
        """One number per wish, in the order of ``names``; together they are 1."""
        columns, values = self._features.row(text)
        scores = (self._bias + values @ self._weights[columns]) / self.temperature
        grown = np.exp(scores - scores.max())
        return grown / grown.sum()

    def chances_of_wish(self, text: str, courtesy: frozenset[str], moods: frozenset[str]) -> Matrix:
        """:meth:`chances`, but politeness around a wish does not count.

        :param courtesy: wishes that are nothing but politeness
        :param moods: wishes that thanks are naturally joined to ("thanks, that was quick"): beside them thanks stay thanks
        """
        whole, within = self.chances(text), inner(text)
        if within is None:
            return whole
        core = self.chances(within)
        polite = self._best(whole) in courtesy
        if self._best(core) in courtesy | moods or (polite and core.max() < _SURE):
            return whole
        if polite:
            return core
        both = np.sqrt(whole * core)
        return both / both.sum()

    def _best(self, chances: Matrix) -> str:
        return self.names[int(chances.argmax())]

    def save(self, folder: Path) -> None:
        """Into two files; nothing in them is run when they are read."""
        np.savez(folder / _WEIGHTS, weights=self._weights, bias=self._bias, rarity=self._features.rarity)
        kept = {
            "names": self.names,
            "temperature": self.temperature,
            "pieces": self._features.pieces,
            "shares": self._features.shares,
            "groups": self._features.concepts.groups,
        }
        (folder / _WORDS).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> WishModel:
        """What :meth:`save` wrote."""
        kept = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS, allow_pickle=False) as numbers:
            features = Features(Concepts(kept["groups"]), kept["shares"], kept["pieces"], numbers["rarity"])
            return cls(features, kept["names"], numbers["weights"], numbers["bias"], kept["temperature"])

"""From a read text to the chances of every wish: one linear model over :class:`Features`, calibrated. No Rasa in here.

One against all others, by logistic regression, and a share of naive Bayes, which knows rare words earlier; both are linear in
the same row, so they are one matrix in the end. How sure the sum may be of itself (the temperature) is learnt on examples that
were held back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import MultinomialNB

from bot.dialogue.nlu.concepts import Concepts
from bot.dialogue.nlu.features import Features

_WEIGHTS = "wishes.npz"
_WORDS = "wishes.json"
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

    @classmethod
    def learn(
        cls, texts: Sequence[str], wishes: Sequence[str], groups: dict[str, list[str]], config: dict[str, Any]
    ) -> WishModel:
        """From examples; ``config`` as of :class:`bot.dialogue.nlu.intent.WishClassifier`."""
        wanted = np.array(wishes)
        features = Features.learn(texts, Concepts(groups), config["shares"])
        rows = features.rows(texts)
        names = [str(name) for name in np.unique(wanted)]
        temperature = _temperature(rows, wanted, names, config)
        return cls(features, names, *_fit(rows, wanted, names, config), temperature)

    def chances(self, text: str) -> Matrix:
        """One number per wish, in the order of ``names``; together they are 1."""
        columns, values = self._features.row(text)
        scores = (self._bias + values @ self._weights[columns]) / self.temperature
        grown = np.exp(scores - scores.max())
        return grown / grown.sum()

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


def _fit(rows: csr_matrix, wanted: NDArray[Any], names: list[str], config: dict[str, Any]) -> tuple[Matrix, Matrix]:
    """Weights (pieces x wishes) and bias."""
    weights = np.zeros((rows.shape[1], len(names)), np.float32)
    bias = np.zeros(len(names), np.float32)
    for at, name in enumerate(names):
        learner = LogisticRegression(C=config["C"], solver="liblinear", random_state=7)
        learner.fit(rows, wanted == name)
        weights[:, at] = learner.coef_[0]
        bias[at] = learner.intercept_[0]
    share = config["bayes"]
    if share:
        bayes = MultinomialNB(alpha=config["bayes_alpha"], fit_prior=False).fit(rows, wanted)
        weights += share * (bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)).T.astype(np.float32)
    return weights, bias


def _temperature(rows: csr_matrix, wanted: NDArray[Any], names: list[str], config: dict[str, Any]) -> float:
    """What scores are divided by, so that chances are true: learnt on examples held back from the weights."""
    folds = config["calibration_folds"]
    if folds < 2 or min(int((wanted == name).sum()) for name in names) < folds:
        return 1.0
    scores = np.zeros((len(wanted), len(names)), np.float32)
    for seen, held in StratifiedKFold(folds, shuffle=True, random_state=7).split(rows, wanted):
        weights, bias = _fit(rows[seen], wanted[seen], names, config)
        scores[held] = rows[held] @ weights + bias
    right = np.searchsorted(names, wanted)

    def surprise(log_temperature: float) -> float:
        shown = scores / np.exp(log_temperature)
        shown = shown - shown.max(axis=1, keepdims=True)
        spread = np.log(np.exp(shown).sum(axis=1))
        return float((spread - shown[np.arange(len(right)), right]).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 3.0), method="bounded").x))

"""Learning the weights of :class:`WishModel` and how sure they may be of themselves. No Rasa in here.

One against all others, by logistic regression, and a share of naive Bayes, which knows rare words earlier; both are linear in
the same row, so they are one matrix in the end. How sure the sum may be (the temperature) is learnt on examples that were
held back.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from bot.dialogue.nlu.model import Matrix, WishModel


def learn(
    texts: Sequence[str], wishes: Sequence[str], groups: dict[str, list[str]], config: dict[str, Any]
) -> WishModel:
    """From examples as read; ``groups``: see :class:`Concepts`; ``config``: as of
    :class:`bot.dialogue.nlu.intent.WishClassifier`.
    """
    wanted = np.array(wishes)
    features = Features.learn(texts, Concepts(groups), config["shares"])
    rows = csr_matrix(features.rows(texts), shape=(len(texts), len(features.rarity)))
    names = [str(name) for name in np.unique(wanted)]
    temperature = _temperature(rows, wanted, names, config)
    weights, bias = _fit(rows, wanted, names, config)
    for name, times in config["frequency"].items():
        if name in names:
            bias[names.index(name)] += temperature * np.log(times)
    return WishModel(features, names, weights, bias, temperature)


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

"""Rasa component: from words and pieces of words to the citizen's wish, by logistic regression.

Linear and sparse: it is trained in seconds and needs no TensorFlow graph. Pieces of words carry the spelling of chats
and of Javanese that no list foresees.
"""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.dialogue.nlu.normalise import normalise
from bot.dialogue.nlu.service import WISH_TEXT

_FILE = "wishes.joblib"


class WishModel:
    """Weights of word and character pieces per wish. One text at a time costs as much as it has pieces."""

    def __init__(self, features: list[TfidfVectorizer], learner: LogisticRegression) -> None:
        self.names = [str(name) for name in learner.classes_]
        self._features = features
        self._bias: NDArray[np.float64] = learner.intercept_
        rows = np.ascontiguousarray(learner.coef_.T)
        ends = np.cumsum([len(one.vocabulary_) for one in features])
        self._weights: list[NDArray[np.float64]] = np.split(rows, ends[:-1])

    @classmethod
    def learn(cls, texts: list[str], wishes: list[str], config: dict[str, Any]) -> WishModel:
        """From examples; ``config`` as of :class:`WishClassifier`."""
        features = [
            TfidfVectorizer(ngram_range=tuple(config["words"]), sublinear_tf=True, token_pattern=r"\S+"),  # noqa: S106
            TfidfVectorizer(analyzer="char_wb", ngram_range=tuple(config["characters"]), sublinear_tf=True),
        ]
        rows = hstack([one.fit_transform(texts) for one in features]).tocsr()
        # One thread: the server answers many conversations, and the examples are few.
        learner = LogisticRegression(C=config["C"], max_iter=400, n_jobs=1, random_state=7)
        return cls(features, learner.fit(rows, wishes))

    def chances(self, text: str) -> NDArray[np.float64]:
        """One number per wish, in the order of ``names``; together they are 1."""
        scores = self._bias.copy()
        for feature, weights in zip(self._features, self._weights, strict=True):
            row = feature.transform([text])
            scores += row.data @ weights[row.indices]
        grown = np.exp(scores - scores.max())
        return grown / grown.sum()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WishClassifier(GraphComponent, IntentClassifier):
    """Sets the intent and the ranking of all of them."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: WishModel | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``C``: larger trusts the examples more. ``characters``: sizes of pieces. ``ranking_length``: wishes told."""
        return {"C": 20.0, "words": [1, 2], "characters": [3, 5], "ranking_length": 10}

    @staticmethod
    def required_packages() -> list[str]:
        """Checked by Rasa before training."""
        return ["sklearn"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WishClassifier:
        """A new, untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WishClassifier:
        """The trained component."""
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, joblib.load(directory / _FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        self._model = WishModel.learn(
            [_read(one) for one in examples], [one.get(INTENT) for one in examples], self._config
        )
        with self._storage.write_to(self._resource) as directory:
            joblib.dump(self._model, directory / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Messages that begin with ``/`` are steps, not texts: they are left alone."""
        for message in messages:
            text = message.get(TEXT)
            if self._model is None or not text or text.startswith("/"):
                continue
            ranking = self._rank(self._model, _read(message))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, model: WishModel, text: str) -> list[dict[str, Any]]:
        chances = model.chances(text)
        order = np.argsort(-chances)[: self._config["ranking_length"]]
        return [{"name": model.names[at], "confidence": float(chances[at])} for at in order]


def _read(message: Message) -> str:
    return message.get(WISH_TEXT) or normalise(message.get(TEXT))

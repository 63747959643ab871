"""Rasa component: from a read text to the citizen's wish, and to a second one where there are two.

Linear and sparse (:mod:`bot.dialogue.nlu.model`): trained in a minute without a TensorFlow graph.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.dialogue.nlu.learn import learn
from bot.dialogue.nlu.model import WishModel
from bot.dialogue.nlu.service import CLAUSES, NAMES, READING
from bot.dialogue.nlu.wishes import Rules, Understood, second_wish, settle


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WishClassifier(GraphComponent, IntentClassifier):
    """Sets the intent and its ranking, settles the entities, and adds the entity ``wish2``."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: WishModel | None = None
    ) -> None:
        self._config = config
        self._rules = Rules.of(config)
        self._courtesy = frozenset(config["courtesy"])
        self._moods = frozenset(config["moods"])
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``C``: larger trusts the examples more. ``bayes``, ``bayes_alpha``: the share of naive Bayes and its smoothing.

        ``shares``: weight of each family of :mod:`bot.dialogue.nlu.features`. ``calibration_folds``: 0 for none.
        ``frequency``: per wish, how many times as often people have it as its share of the examples says.
        ``ranking_length``: wishes told. ``courtesy``, ``moods``: see
        :meth:`WishModel.chances_of_wish`. The rest: see :class:`bot.dialogue.nlu.wishes.Rules`.
        """
        return {
            "C": 60.0,
            "bayes": 0.3,
            "bayes_alpha": 0.05,
            "shares": {"words": 1.0, "letters": 1.0, "groups": 0.3, "shape": 0.3},
            "calibration_folds": 3,
            "frequency": {},
            "ranking_length": 10,
            "about_service": [],
            "maybe_about_service": [],
            "elsewhere": "out_of_scope",
            "second_wishes": [],
            "story_wishes": [],
            "second_wish_confidence": 0.75,
            "courtesy": [],
            "moods": [],
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Checked by Rasa before training."""
        return ["sklearn", "scipy"]

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
            return cls(config, model_storage, resource, WishModel.load(Path(directory)))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, and from the groups of words (lookup tables)."""
        examples = [one for one in training_data.intent_examples if one.get(READING)]
        groups = {str(one["name"]): list(one["elements"]) for one in training_data.lookup_tables}
        self._model = learn(
            [one.get(READING) for one in examples], [one.get(INTENT) for one in examples], groups, self._config
        )
        with self._storage.write_to(self._resource) as directory:
            self._model.save(Path(directory))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Messages that begin with ``/`` are steps, not texts: they are left alone."""
        for message in messages:
            text = message.get(TEXT)
            if self._model is not None and text and not text.startswith("/"):
                self._understand(self._model, message)
        return messages

    def _understand(self, model: WishModel, message: Message) -> None:
        ranking = self._ranking(model, message.get(READING) or "")
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        entities = message.get(ENTITIES, [])
        named = {str(one["entity"]): str(one["value"]) for one in entities}
        main = settle(Understood.of(ranking[0], named), self._rules)
        second = second_wish(main, [self._clause(model, one) for one in message.get(CLAUSES) or ()], self._rules)
        settled = {**main.entities(), **({"wish2": second} if second else {})}
        if entities or settled:
            others = [one for one in entities if one["entity"] not in NAMES]
            # Rasa's own tests want a place: these are about all of the text.
            whole = {"start": 0, "end": len(message.get(TEXT))}
            found = [
                {"entity": name, "value": value, **whole, "extractor": "WishClassifier"}
                for name, value in settled.items()
            ]
            message.set(ENTITIES, others + found, add_to_output=True)

    def _clause(self, model: WishModel, clause: dict[str, Any]) -> Understood:
        return settle(Understood.of(self._ranking(model, clause["words"])[0], clause), self._rules)

    def _ranking(self, model: WishModel, words: str) -> list[dict[str, Any]]:
        chances = model.chances_of_wish(words, self._courtesy, self._moods)
        order = np.argsort(-chances, kind="stable")[: self._config["ranking_length"]]
        return [{"name": model.names[at], "confidence": float(chances[at])} for at in order]

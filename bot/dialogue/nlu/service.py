"""Rasa component: finds the service a message is about, and hides its name from the classifier of wishes.

The dictionary comes from the synonyms of the training data (``data/nlu/services.yml`` and the generated names of the
catalogue), so naming a service differently is an edit of data. It runs before :mod:`bot.dialogue.nlu.intent`.
"""

from __future__ import annotations

from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.dialogue.nlu.normalise import words
from bot.dialogue.nlu.services import Found, ServiceDictionary

WISH_TEXT = "wish_text"
"""Message attribute: the words of the text, the service's name replaced by its kind."""

_FILE = "services.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ServiceExtractor(GraphComponent, EntityExtractorMixin):
    """Sets the entity ``service`` and the attribute :data:`WISH_TEXT`."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, synonyms: dict[str, str] | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._use(synonyms or {})

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``licence``: slug of "some licence", with which its professions begin; ``licence_words`` ask for one too."""
        return {"licence": "sip", "licence_words": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ServiceExtractor:
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
    ) -> ServiceExtractor:
        """The trained component."""
        with model_storage.read_from(resource) as directory:
            synonyms = rasa.shared.utils.io.read_json_file(directory / _FILE)
        return cls(config, model_storage, resource, synonyms)

    def train(self, training_data: TrainingData) -> Resource:
        """Take over the synonyms."""
        self._use(dict(training_data.entity_synonyms))
        with self._storage.write_to(self._resource) as directory:
            rasa.shared.utils.io.dump_obj_as_json_to_file(directory / _FILE, self._synonyms)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Hide the names in the examples as in live messages."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Messages that begin with ``/`` are steps, not texts: they are left alone."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            found = self._dictionary.find(text)
            message.set(WISH_TEXT, wish_text(text, found, self._config["licence"]))
            if found:
                entity = {"entity": "service", "value": found.slug, "extractor": "ServiceExtractor"}
                message.set(ENTITIES, message.get(ENTITIES, []) + [entity], add_to_output=True)
        return messages

    def _use(self, synonyms: dict[str, str]) -> None:
        self._synonyms = synonyms
        self._dictionary = ServiceDictionary.of(synonyms, self._config["licence"], self._config["licence_words"])


def wish_text(text: str, found: Found | None, licence: str) -> str:
    """What is asked of one service is asked of any: its name gives way to ``svclicence`` or ``svccivil``."""
    tokens = words(text)
    if found:
        kind = "svclicence" if found.slug.startswith(licence) else "svccivil"
        tokens = [*tokens[: found.start], kind, *tokens[found.end :]]
    return " ".join(tokens)

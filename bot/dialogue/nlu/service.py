"""Rasa component: reads a text, finds the service it is about, and hides the name from the classifier of wishes.

Names come from the synonyms of the training data (``data/nlu``, and what :mod:`bot.dialogue.generate` makes of the catalogue), so
naming a service differently is an edit of data. It runs before :mod:`bot.dialogue.nlu.intent`.
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

from bot.dialogue.nlu.clauses import clauses
from bot.dialogue.nlu.reader import Reader, Reading

READING = "wish_reading"
"""Message attribute: the text as the classifier of wishes shall see it."""
CLAUSES = "wish_clauses"
"""Message attribute: the same of its clauses, each with its service and profession; absent for a single clause."""
NAMES = ("service", "profession", "other", "also")
"""Entities. All are proposals: the classifier of wishes settles which mean something together with the wish."""

_FILE = "reader.json"


# Also a featurizer: only those read the examples before the classifier learns from them.
@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class ServiceExtractor(GraphComponent, EntityExtractorMixin):
    """Sets the entities above and the attributes :data:`READING` and :data:`CLAUSES`."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, known: dict[str, Any] | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._reader = Reader.of({}, {}, config) if known is None else Reader.of(known["names"], known["words"], config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``licence``: slug of "some licence", with which its professions begin; ``licence_words`` ask for one too.

        ``brought_along``: services whose papers belong to all others. ``usual``: so often occurs a word that others are
        corrected to it. ``second_wish``: texts are cut into clauses.
        """
        return {
            "licence": "sip",
            "licence_words": [],
            "brought_along": ["ktp", "kk"],
            "usual": 5,
            "second_wish": True,
        }

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
            known = rasa.shared.utils.io.read_json_file(directory / _FILE)
        return cls(config, model_storage, resource, known)

    def train(self, training_data: TrainingData) -> Resource:
        """Take over the names, and learn the words of the examples."""
        names = dict(training_data.entity_synonyms)
        texts = [one.get(TEXT) for one in training_data.intent_examples if one.get(TEXT)]
        known = {"names": names, "words": Reader.learn(texts, names, self._config)}
        self._reader = Reader.of(known["names"], known["words"], self._config)
        with self._storage.write_to(self._resource) as directory:
            rasa.shared.utils.io.dump_obj_as_json_to_file(directory / _FILE, known)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Read the examples as live messages are read."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                message.set(READING, self._reader.read(message.get(TEXT)).words)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Messages that begin with ``/`` are steps, not texts: they are left alone."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                self._read(message, text)
        return messages

    def _read(self, message: Message, text: str) -> None:
        read = self._reader.read(text)
        message.set(READING, read.words)
        found = [_entity(name, value) for name, value in _named(read).items() if value]
        if found:
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        parts = clauses(text) if self._config["second_wish"] else []
        if len(parts) > 1:
            message.set(CLAUSES, [_clause(self._reader.read(part)) for part in parts])


def _named(read: Reading) -> dict[str, str | None]:
    return {name: getattr(read, name) for name in NAMES}


def _clause(read: Reading) -> dict[str, str | None]:
    return {"words": read.words, **_named(read)}


def _entity(name: str, value: str | None) -> dict[str, Any]:
    return {"entity": name, "value": value, "extractor": "ServiceExtractor"}

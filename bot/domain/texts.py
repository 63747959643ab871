"""The domain's view of the sentences it speaks (:class:`bot.ports.Texts` fits it; the domain imports nothing
outward).
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, Protocol

Words = Mapping[str, str]
"""One wording per language code; ``id`` is always there."""


class Say(Protocol):
    """Finds a sentence of ``data/messages``."""

    def say(self, key: str, language: str, **params: Any) -> str:
        """The sentence in ``language`` (Indonesian when it has none) with ``params`` filled in."""
        ...


def word(words: Words, language: str) -> str:
    """The wording in ``language``, else in Indonesian."""
    return words.get(language) or words["id"]


def places_of(text: str) -> list[str]:
    """Names of the ``{placeholders}`` of a sentence."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def fill(text: str, **params: object) -> str:
    """Replace ``{name}`` placeholders that are given; others stay, so that content cannot crash a conversation."""
    for name, value in params.items():
        text = text.replace("{" + name + "}", str(value))
    return text

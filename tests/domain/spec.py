"""Field specifications and the real catalogue for tests of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.catalogue import Service
from bot.domain.fields import TYPES
from bot.domain.fields.base import Choice, Context, Parsed
from bot.domain.fields.clean import clean
from bot.texts import YamlTexts
from tests import content
from tests.content import catalogue

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2025, 11, 19)
"""A Wednesday."""


@dataclass(frozen=True)
class Spec:
    choices: tuple[Choice, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def parse(
    type_name: str, text: str, *, choices: tuple[Choice, ...] = (), today: date = TODAY, **options: Any
) -> Parsed:
    return TYPES[type_name].parse(clean(text), Spec(choices, options), Context(today))


@cache
def birth() -> Service:
    """The birth certificate for a new-born only: the engine's tests need no question about the variant first."""
    service = catalogue().services["akta-kelahiran"]
    return replace(service, variants=service.variants[:1])


@cache
def texts() -> YamlTexts:
    return content.texts()

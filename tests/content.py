"""The content that Loket comes with, read once for all tests of a process: reading it takes seconds."""

from __future__ import annotations

from functools import cache

from bot.content import read_catalogue
from bot.domain.catalogue import Catalogue
from bot.settings import SHIPPED_CONTENT
from bot.texts import YamlTexts


@cache
def _read() -> tuple[Catalogue, tuple[str, ...]]:
    catalogue, found = read_catalogue(SHIPPED_CONTENT)
    return catalogue, tuple(map(str, found))


def catalogue() -> Catalogue:
    """As far as it is sound; tests/test_catalogue.py says whether it is."""
    return _read()[0]


def faults() -> tuple[str, ...]:
    """What is wrong with the files."""
    return _read()[1]


@cache
def texts() -> YamlTexts:
    """The sentences."""
    return YamlTexts(SHIPPED_CONTENT / "messages")

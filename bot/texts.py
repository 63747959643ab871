"""Sentences of ``data/messages/<language>.yml``: nested keys joined by dots, ``{name}`` placeholders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from bot.errors import ContentError

DEFAULT = "id"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlTexts:
    """Implements :class:`bot.ports.Texts` over a directory with one file per language; read once."""

    def __init__(self, directory: Path, spare: Path | None = None) -> None:
        """``spare``: a directory of the same kind that is asked for what this one lacks (a newer program says more than the content
        of an installation, whose files staff have changed, knows).

        :raises ContentError: no Indonesian file, or a file that is no mapping of sentences.
        """
        self._by_language = {path.stem: flat(path) for path in sorted(directory.glob("*.yml"))}
        if DEFAULT not in self._by_language:
            raise ContentError(f"{directory}: {DEFAULT}.yml is missing; every sentence is written there first")
        # What staff wrote in Indonesian alone is not answered with our words in another language.
        known = frozenset(self._by_language[DEFAULT])
        for path in spare.glob("*.yml") if spare is not None else ():
            more = {key: text for key, text in flat(path).items() if key not in known}
            self._by_language[path.stem] = {**more, **self._by_language.get(path.stem, {})}

    @property
    def languages(self) -> tuple[str, ...]:
        """Language codes that have a file."""
        return tuple(self._by_language)

    def say(self, key: str, language: str, **params: Any) -> str:
        """The sentence with its placeholders filled in; Indonesian when ``language`` has none.

        :raises KeyError: no such key, or a placeholder without its parameter.
        """
        text = self._by_language.get(language, {}).get(key)
        if text is None:
            text = self._by_language[DEFAULT][key]
        return text.format_map(params) if "{" in text else text

    def has(self, key: str) -> bool:
        """Whether the key exists in Indonesian."""
        return key in self._by_language[DEFAULT]

    def keys(self, language: str = DEFAULT) -> frozenset[str]:
        """All keys of a language, for checks."""
        return frozenset(self._by_language.get(language, {}))

    def template(self, key: str, language: str) -> str | None:
        """The sentence as written, for checks."""
        return self._by_language.get(language, {}).get(key)


def places_of(text: str) -> list[str]:
    """Names of the placeholders of a sentence."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def flat(path: Path) -> dict[str, str]:
    """The sentences of a file by their keys, joined with dots.

    :raises ContentError: it is no mapping.
    """
    loaded = yaml.load(path.read_text("utf-8"), _LOADER) or {}  # noqa: S506 (safe, in C where there is one)
    if not isinstance(loaded, dict):
        raise ContentError(f"{path}:1: not a mapping; write `section:` and sentences below it")
    return dict(_pairs(loaded, "", path))


def _pairs(node: Mapping[Any, Any], prefix: str, path: Path) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in node.items():
        if isinstance(value, Mapping):
            pairs += _pairs(value, f"{prefix}{key}.", path)
        elif isinstance(value, str):
            pairs.append((f"{prefix}{key}", value.strip("\n")))
        else:
            raise ContentError(f"{path}: {prefix}{key} is {type(value).__name__}, not a sentence; put it in quotes")
    return pairs

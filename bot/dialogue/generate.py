"""From the catalogue to Rasa's training data: only the names of services, so that only a new name asks for training.

Requirements, fees, fields and texts never reach Rasa: they are answered live.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError

FILE_NAME = "catalogue.yml"


def service_names(content_dir: Path) -> dict[str, list[str]]:
    """Slug -> the names a citizen may use: ``name`` in every language and ``also_called`` of ``services/<slug>.yml``.

    Slugs and names are in a fixed order, so that equal catalogues give equal text.
    """
    names: dict[str, list[str]] = {}
    for file in sorted((content_dir / "services").glob("[!_]*.yml")):  # _name.yml: shared parts, no service
        try:
            entry = yaml.safe_load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise ContentError(f"{file}: bukan YAML yang benar / not valid YAML: {error}") from error
        if isinstance(entry, dict):
            found = [*_words(entry.get("name")), *_words(entry.get("also_called"))]
            names[str(entry.get("slug") or file.stem)] = list(dict.fromkeys(found))
    return names


def training_data(content_dir: Path) -> str:
    """The names as Rasa training data (YAML): one synonym per service."""
    synonyms = [
        {"synonym": slug, "examples": "".join(f"- {name}\n" for name in names)}
        for slug, names in service_names(content_dir).items()
        if names
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": synonyms}, allow_unicode=True, sort_keys=False)


def _words(value: Any) -> list[str]:
    """A name, a list of names, or either by language."""
    if isinstance(value, dict):
        return [name for language in sorted(value) for name in _words(value[language])]
    if isinstance(value, list):
        return [name for one in value for name in _words(one)]
    name = " ".join(str(value).split()) if value else ""
    return [name] if name else []

"""From the catalogue to Rasa's training data: only names, of services and of what belongs to others, so that only a new name
asks for training.

Requirements, fees, fields and texts never reach Rasa: they are answered live.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError

FILE_NAME = "catalogue.yml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is ten times as fast, where PyYAML has it."""
OTHER = "other:"
"""With this the synonyms of other institutions' matters begin (as in :mod:`bot.dialogue.nlu.services`)."""


def service_names(content_dir: Path) -> dict[str, list[str]]:
    """Slug -> the names a citizen may use: ``name`` in every language and ``also_called`` of ``services/<slug>.yml``.

    Slugs and names are in a fixed order, so that equal catalogues give equal text.
    """
    names: dict[str, list[str]] = {}
    for file, entry in _entries(content_dir / "services", "[!_]*.yml"):  # _name.yml: shared parts, no service
        found = [*_words(entry.get("name")), *_words(entry.get("also_called"))]
        names[str(entry.get("slug") or file.stem)] = list(dict.fromkeys(found))
    return names


def referral_names(content_dir: Path) -> dict[str, list[str]]:
    """Topic -> the names of matters that belong to somebody else: ``also_called`` of every referral that has an ``id``, in
    offices, services and shared parts.
    """
    names: dict[str, list[str]] = {}
    for folder in ("loci", "services"):
        for _, entry in _entries(content_dir / folder, "*.yml"):
            for referral in entry.get("referrals") or ():
                if isinstance(referral, dict) and referral.get("id"):
                    names.setdefault(str(referral["id"]), []).extend(_words(referral.get("also_called")))
    return {topic: list(dict.fromkeys(found)) for topic, found in sorted(names.items())}


def training_data(content_dir: Path) -> str:
    """The names as Rasa training data (YAML): one synonym per service, and ``other:<topic>`` per referral.

    A name of a service is no name of somebody else's matter.
    """
    services = service_names(content_dir)
    taken = {name.casefold() for names in services.values() for name in names}
    others = {
        f"{OTHER}{topic}": [name for name in names if name.casefold() not in taken]
        for topic, names in referral_names(content_dir).items()
    }
    synonyms = [
        {"synonym": value, "examples": "".join(f"- {name}\n" for name in names)}
        for value, names in {**services, **others}.items()
        if names
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": synonyms}, allow_unicode=True, sort_keys=False)


def _entries(folder: Path, pattern: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in sorted(folder.glob(pattern)):
        try:
            entry = yaml.load(file.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 (both are the safe loader)
        except yaml.YAMLError as error:
            raise ContentError(f"{file}: bukan YAML yang benar / not valid YAML: {error}") from error
        if isinstance(entry, dict):
            yield file, entry


def _words(value: Any) -> list[str]:
    """A name, a list of names, or either by language."""
    if isinstance(value, dict):
        return [name for language in sorted(value) for name in _words(value[language])]
    if isinstance(value, list):
        return [name for one in value for name in _words(one)]
    name = " ".join(str(value).split()) if value else ""
    return [name] if name else []

"""The names, word groups and configuration of the real content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue import generate
from bot.dialogue.nlu.services import ServiceDictionary
from bot.settings import ROOT

DATA = ROOT / "data"


def entries(kind: str) -> dict[str, list[str]]:
    """Synonyms or lookup tables of ``data/nlu``: name -> its lines."""
    found: dict[str, list[str]] = {}
    for file in sorted((DATA / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            if kind in entry:
                lines = [line.removeprefix("- ") for line in entry["examples"].splitlines()]
                found.setdefault(entry[kind], []).extend(lines)
    return found


def component(at: int) -> dict[str, Any]:
    """Options of a component, as in ``config.yml``."""
    return dict(yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"][at])


def real_names() -> dict[str, str]:
    """Phrase -> slug or ``other:<topic>``: hand-made and generated, as Rasa gets them."""
    names = {phrase: slug for slug, phrases in entries("synonym").items() for phrase in phrases}
    for entry in yaml.safe_load(generate.training_data(Path(DATA)))["nlu"]:
        names |= {line.removeprefix("- "): entry["synonym"] for line in entry["examples"].splitlines()}
    return names


@pytest.fixture(scope="session")
def names() -> dict[str, str]:
    return real_names()


@pytest.fixture(scope="session")
def services(names: dict[str, str]) -> ServiceDictionary:
    config = component(0)
    return ServiceDictionary.of(names, config["licence"], config["licence_words"], config["brought_along"])

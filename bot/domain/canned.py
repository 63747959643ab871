"""Canned answers: short words that stand for a whole reply, with places for what differs (``/salam``).

Places are Indonesian words in braces; people coming from Chatwoot may type its own (``{{contact.name}}``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from bot.errors import ContentError

LANGUAGES = ("id", "en", "jv")
PLACES = ("nama", "nomor", "layanan", "petugas", "kantor")
"""``{nama}`` the citizen as addressed, ``{nomor}`` the ticket, ``{layanan}``, ``{petugas}`` the agent, ``{kantor}`` the office."""
MOST_CHARACTERS = 1500
SHORTCUT = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_PLACE = re.compile(r"\{(\w+)\}")
# Chatwoot's names of the same things (www.chatwoot.com/hc, "canned response variables").
_CHATWOOT = {
    "contact.name": "nama",
    "contact.first_name": "nama",
    "conversation.id": "nomor",
    "agent.name": "petugas",
    "agent.first_name": "petugas",
    "inbox.name": "kantor",
}
_THEIRS = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")


@dataclass(frozen=True)
class Canned:
    """One canned answer of an office, in one language."""

    id: UUID
    locus: str
    shortcut: str
    language: str
    text: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Seed:
    """A canned answer that every office begins with (``data/canned/<language>.yml``)."""

    shortcut: str
    language: str
    text: str


def normal(text: str) -> str:
    """The text with Chatwoot's places written as ours."""
    return _THEIRS.sub(lambda m: "{" + _CHATWOOT[m[1]] + "}" if m[1] in _CHATWOOT else m[0], text)


def fault(shortcut: str, language: str, text: str) -> str:
    """What is wrong with a canned answer: ``shortcut``, ``language``, ``empty``, ``long``, ``place``; empty: nothing."""
    if not SHORTCUT.fullmatch(shortcut):
        return "shortcut"
    if language not in LANGUAGES:
        return "language"
    if not text.strip():
        return "empty"
    if len(text) > MOST_CHARACTERS:
        return "long"
    return "place" if set(_PLACE.findall(text)) - set(PLACES) or "{{" in text else ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; a place without a value goes, with the space before it ("Halo {nama}," → "Halo,")."""

    def value(found: re.Match[str]) -> str:
        known = values.get(found[2], "")
        return f"{found[1]}{known}" if known else ""

    return re.sub(r"( ?)\{(\w+)\}", value, text)


def read_seeds(directory: Path) -> tuple[Seed, ...]:
    """The seeds of a content directory; none where there is no ``canned`` folder.

    :raises ContentError: a file is wrong.
    """
    seeds: list[Seed] = []
    for path in sorted((directory / "canned").glob("*.yml")):
        try:
            raw: Any = yaml.safe_load(path.read_text("utf-8"))
        except yaml.YAMLError as error:
            raise ContentError(f"canned/{path.name}:1: no valid YAML; check indentation and colons") from error
        if not isinstance(raw, dict):
            raise ContentError(f"canned/{path.name}:1: not a mapping; write `shortcut: text` lines")
        for shortcut, text in raw.items():
            wrong = fault(str(shortcut), path.stem, str(text))
            if wrong:
                raise ContentError(f"canned/{path.name}:1: '{shortcut}' has a wrong {wrong}; mend it")
            seeds.append(Seed(str(shortcut), path.stem, str(text).strip()))
    return tuple(seeds)

"""The invented people one can play."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("citizens.yml")
_OWN_KEYS = (
    "nik",
    "nama",
    "tanggal_lahir",
    "jenis_kelamin",
    "story",
    "enrolled",
    "selfies",
    "wrong_selfies",
    "unsure_selfies",
    "place",
)


@dataclass(frozen=True)
class Citizen:
    """One person of ``citizens.yml``; ``details`` is what else the civil register knows."""

    nik: str
    name: str
    birth_date: date
    sex: str
    details: dict[str, str]
    story: str = ""
    enrolled: tuple[str, ...] = ()
    selfies: tuple[str, ...] = ()
    wrong_selfies: tuple[str, ...] = ()
    unsure_selfies: tuple[str, ...] = ()
    """Pictures an officer has to decide."""

    @property
    def pictures(self) -> frozenset[str]:
        """Every picture file the person's story uses."""
        return frozenset((*self.enrolled, *self.selfies, *self.wrong_selfies, *self.unsure_selfies))


@cache
def citizens() -> tuple[Citizen, ...]:
    """All of them, in the order of the file."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(_citizen(entry, raw["places"]) for entry in raw["citizens"])


def demo_citizens(pictures: Path | None = None) -> list[dict[str, Any]]:
    """What a demo page shows: ``nik, name, birth_date`` (ISO), ``story``, and as ``enrolled``, ``selfies`` and
    ``wrong_selfies`` and ``unsure_selfies`` the names of picture files, without ``pictures`` all, else those that exist there."""

    def there(names: tuple[str, ...]) -> list[str]:
        return [name for name in names if pictures is None or (pictures / name).is_file()]

    return [
        {
            "nik": person.nik,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "story": person.story,
            "enrolled": there(person.enrolled),
            "selfies": there(person.selfies),
            "wrong_selfies": there(person.wrong_selfies),
            "unsure_selfies": there(person.unsure_selfies),
        }
        for person in citizens()
    ]


def _citizen(entry: dict[str, Any], places: dict[str, dict[str, str]]) -> Citizen:
    details = {key: value for key, value in entry.items() if key not in _OWN_KEYS} | places[entry["place"]]
    return Citizen(
        nik=entry["nik"],
        name=entry["nama"],
        birth_date=entry["tanggal_lahir"],
        sex=entry["jenis_kelamin"],
        details=details,
        story=entry["story"],
        enrolled=tuple(entry["enrolled"]),
        selfies=tuple(entry["selfies"]),
        wrong_selfies=tuple(entry.get("wrong_selfies", ())),
        unsure_selfies=tuple(entry.get("unsure_selfies", ())),
    )

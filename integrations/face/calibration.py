"""Thresholds measured by an operator on an own set: made by ``./loket face eval … --calibrate``, named by LOKET_FACE_CALIBRATION."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.errors import SettingsError
from integrations.face import scoring, thresholds
from integrations.face.thresholds import Policy, Row

FORMAT = "loket-face-calibration/1"
LEAST_FALSE = 3
"""The target must leave at least so many false matches to count, or the threshold is a guess."""
OFFICER = 20
"""The officer's band ends where the false match rate is so many times the target, 5 % at most."""


class CalibrationError(SettingsError):
    """The calibration cannot be made, or cannot be used with this engine."""

    code = "face_calibration"


def apply(policy: Policy, file: Path) -> Policy:
    """The policy with the thresholds of a calibration in place of its own.

    :raises CalibrationError: unreadable, or made with another engine or model.
    """
    try:
        raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        known = raw["format"] == FORMAT
        made_with = (str(raw["engine"]), str(raw["model"]))
        rows = thresholds.rows(raw["thresholds"], str(file))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CalibrationError(f"{file}: not a calibration ({type(error).__name__})") from error
    if not known:
        raise CalibrationError(f"{file}: of another format than {FORMAT}")
    if made_with != (policy.engine, policy.recognition.sha256):
        raise CalibrationError(
            f"{file}: made with {made_with[0]} {made_with[1][:16]}, the engine is {policy.engine} {policy.model}. "
            "Run ./loket face eval … --calibrate again."
        )
    if not all(math.isfinite(row.match) and math.isfinite(row.officer) for row in rows):
        raise CalibrationError(f"{file}: a threshold is no number")
    return policy.with_rows(rows)


def ready(policy: Policy) -> Policy:
    """The policy, when it can decide at all.

    :raises CalibrationError: an engine without thresholds.
    """
    if (1, 1, False) not in policy.rows:
        raise CalibrationError(
            f"the engine {policy.engine} {policy.model} has no thresholds: make them with ./loket face eval … "
            "--calibrate, and name the file in LOKET_FACE_CALIBRATION"
        )
    return policy


def row(key: thresholds.Key, impostor: Sequence[float], target: float) -> Row:
    """The thresholds of one mode from the scores of different people (infinite: not acquired).

    :raises CalibrationError: too few comparisons for the target.
    """
    name = thresholds.mode(*key)
    if len(impostor) * target < LEAST_FALSE:
        raise CalibrationError(
            f"{name}: {len(impostor)} pairs of different people; a false match rate of {target:g} needs "
            f"{math.ceil(LEAST_FALSE / target)}"
        )
    if sum(math.isfinite(score) for score in impostor) * 2 < len(impostor):
        raise CalibrationError(f"{name}: most pictures could not be used")
    match = scoring.threshold_at(impostor, target)
    officer = scoring.threshold_at(impostor, max(2 * target, min(OFFICER * target, 0.05)))
    if match is None or officer is None:
        raise CalibrationError(f"{name}: too few pairs")
    return Row(*key, match, max(officer, math.nextafter(match, math.inf)))


def document(policy: Policy, rows: Sequence[Row], target: float, report: Mapping[str, Any]) -> dict[str, Any]:
    """What is written to the file: thresholds, and the report they stem from (no picture, no name, no embedding)."""
    return {
        "format": FORMAT,
        "engine": policy.engine,
        "model": policy.recognition.sha256,
        "target_fmr": target,
        "thresholds": [
            {"enrolled": r.enrolled, "probes": r.probes, "cohort": r.cohort, "match": r.match, "officer": r.officer}
            for r in rows
        ],
        "report": {key: value for key, value in report.items() if key != "pairs"},
    }

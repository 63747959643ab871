"""Thresholds from an operator's own set: made with enough pairs only, and used with their own engine only."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest

from integrations.face import adapter, calibration, evaluation, thresholds
from integrations.face.calibration import CalibrationError
from tests.integrations.face.test_face_scoring import at, described, pair

POLICY = thresholds.load()


def made(tmp_path: Path, **changes: object) -> Path:
    rows = [thresholds.Row(1, 1, False, 0.33, 0.44)]
    document = calibration.document(POLICY, rows, 0.001, {"n": 1, "pairs": ["/secret/name.jpg"]})
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({**document, **changes}), encoding="utf-8")
    return file


def test_a_calibration_takes_the_place_of_the_rows_it_has(tmp_path):
    policy = adapter.policy_of(None, made(tmp_path))
    assert (policy.row(1, 1).match, policy.row(1, 1).officer) == (0.33, 0.44)
    assert policy.row(2, 2) == POLICY.row(2, 2)


def test_the_file_names_no_picture(tmp_path):
    assert "secret" not in made(tmp_path).read_text()


@pytest.mark.parametrize(
    "changes",
    [
        {"engine": "onnx"},
        {"model": "00" * 32},
        {"format": "another"},
        {"thresholds": [{"enrolled": 1, "probes": 1, "cohort": False, "match": 0.5, "officer": 0.4}]},
        {"thresholds": [{"enrolled": 1, "probes": 1, "cohort": False, "match": -math.inf, "officer": 0.4}]},
        {"thresholds": 7},
    ],
)
def test_one_of_another_engine_or_a_damaged_one_is_refused(tmp_path, changes):
    with pytest.raises(thresholds.SettingsError):
        calibration.apply(POLICY, made(tmp_path, **changes))


@pytest.mark.parametrize("content", ["", "[]", "{}", "no json"])
def test_a_file_that_is_none_is_refused(tmp_path, content):
    file = tmp_path / "file"
    file.write_text(content)
    with pytest.raises(CalibrationError):
        calibration.apply(POLICY, file)
    with pytest.raises(CalibrationError):
        calibration.apply(POLICY, tmp_path / "missing")


def test_the_threshold_lets_no_more_than_the_target_through():
    row = calibration.row((1, 1, False), [i / 10_000 for i in range(4_000, 8_000)], 0.001)
    assert 0.4003 < row.match < 0.4005
    assert row.match < 0.4079 < row.officer < 0.4081  # 20 times the target
    assert row.mode == "1x1"


def test_too_few_pairs_for_the_target_are_refused_with_the_number_needed():
    with pytest.raises(CalibrationError, match="3000"):
        calibration.row((1, 1, False), [0.5] * 2_999, 0.001)


def test_pictures_that_could_not_be_acquired_make_no_threshold():
    with pytest.raises(CalibrationError, match="used"):
        calibration.row((1, 1, False), [math.inf] * 5_000, 0.001)


def test_from_the_pairs_of_a_report():
    faces = described(at(0), *(at(0.4 + i / 1000) for i in range(1, 301)))
    pairs = [pair("0", str(i), False) for i in range(1, 301)] + [pair("0", "1", True)]
    document = evaluation.calibrate(evaluation.report(pairs, faces, POLICY), POLICY, 0.01)
    (row,) = document["thresholds"]
    assert row["match"] == pytest.approx(0.404, abs=1e-4) and row["cohort"] is False
    assert document["report"]["n"] == 301 and "pairs" not in document["report"]


def test_an_engine_without_thresholds_never_matches_and_never_starts():
    bare = dataclasses.replace(POLICY, rows={})
    assert bare.row(1, 1).outcome(0.0) == "no_match"
    with pytest.raises(CalibrationError, match="LOKET_FACE_CALIBRATION"):
        calibration.ready(bare)


def test_what_is_not_calibrated_uses_fewer_pictures():
    only = dataclasses.replace(POLICY, rows={(1, 1, False): POLICY.row(1, 1)})
    assert only.row(2, 2, cohort=True).mode == "1x1"

"""The table that decides: complete, ordered and never near the library's default."""

from __future__ import annotations

import math

import pytest
import yaml

from bot.errors import SettingsError
from integrations.face import thresholds

POLICY = thresholds.load()


@pytest.mark.parametrize(
    ("enrolled", "probes", "match", "officer"),
    [(1, 1, 0.40, 0.50), (1, 2, 0.37, 0.46), (2, 1, 0.37, 0.46), (2, 2, 0.35, 0.43), (3, 5, 0.35, 0.43)],
)
def test_each_number_of_pictures_has_its_row(enrolled, probes, match, officer):
    row = POLICY.row(enrolled, probes)
    assert (row.match, row.officer) == (match, officer)


def test_no_distance_is_ever_accepted_near_the_librarys_default():
    plain = [row for (_, _, cohort), row in POLICY.rows.items() if not cohort]
    assert max(row.match for row in plain) <= 0.40
    assert max(row.officer for row in plain) <= 0.50


@pytest.mark.parametrize(
    ("score", "outcome"),
    [
        (0.0, "match"),
        (0.40, "match"),
        (0.4001, "officer"),
        (0.50, "officer"),
        (0.5001, "no_match"),
        (math.nan, "no_match"),
        (math.inf, "no_match"),
    ],
)
def test_a_score_falls_into_one_of_three_bands(score, outcome):
    assert POLICY.row(1, 1).outcome(score) == outcome


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw["thresholds"].pop(),
        lambda raw: raw["thresholds"][0].update(match=0.5),
        lambda raw: raw["thresholds"][0].update(match=float("nan")),
    ],
)
def test_a_table_with_a_hole_or_with_limits_swapped_is_refused(tmp_path, spoil):
    raw = yaml.safe_load(thresholds.DLIB.read_text(encoding="utf-8"))
    spoil(raw)
    wrong = tmp_path / "manifest.yml"
    wrong.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(SettingsError, match="thresholds"):
        thresholds.load(wrong)


def test_more_pictures_need_a_stricter_score():
    for cohort in (False, True):
        one, mixed, two = (POLICY.row(e, p, cohort).match for e, p in ((1, 1), (1, 2), (2, 2)))
        assert one > mixed > two
        assert POLICY.row(2, 1, cohort).match == mixed


def test_a_tenth_of_the_cohort_speaks_for_a_face_but_never_fewer_than_five():
    assert [POLICY.cohort.nearest(size) for size in (50, 150, 400, 20)] == [5, 15, 40, 5]

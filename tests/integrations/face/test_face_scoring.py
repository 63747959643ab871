"""Scores and error rates, on embeddings made of numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.face import evaluation, matching, scoring, templates, thresholds
from integrations.face.described import Described
from integrations.face.evaluation import Pair

POLICY = thresholds.load()
RULE = POLICY.cohort
SHA = POLICY.recognition.sha256


def people(number: int, spread: float = 0.05, seed: int = 1) -> np.ndarray:
    """Embeddings of different people."""
    return np.random.default_rng(seed).normal(0, spread, (number, 128)).astype(np.float32)


def test_a_template_gives_back_what_was_packed():
    embeddings = list(people(5))
    singles, mean = templates.unpack(templates.pack(SHA, embeddings), SHA)
    assert len(singles) == templates.KEPT
    assert np.array_equal(singles[2], embeddings[2])
    assert np.allclose(mean, (embeddings[0] + embeddings[1]) / 2)


@given(st.binary(max_size=1200))
def test_no_bytes_at_all_make_a_template_by_chance(data):
    with pytest.raises(templates.TemplateError):
        templates.unpack(data, SHA)
    with pytest.raises(templates.TemplateError):
        templates.unpack(templates.MAGIC + bytes.fromhex(SHA)[:8] + b"\2" + data, SHA)


def test_normalising_is_symmetric_and_as_computed_by_hand():
    a, b, *others = people(62)
    cohort = np.stack(others)

    def side(x: np.ndarray) -> float:
        nearest = sorted(float(np.linalg.norm(x.astype(float) - other.astype(float))) for other in others)
        return float(np.mean(nearest[:6]))  # the nearest tenth of 60

    score, strangeness = scoring.normalised(a, b, cohort, RULE)
    assert score == pytest.approx(scoring.distance(a, b) / ((side(a) + side(b)) / 2), rel=1e-5)
    assert strangeness == pytest.approx(max(side(a), side(b)), rel=1e-5)
    assert scoring.normalised(b, a, cohort, RULE) == pytest.approx((score, strangeness))


def test_one_person_scores_far_below_strangers_when_normalised():
    a, b, *others = people(82)
    cohort = np.stack(others)
    again = a + people(1, spread=0.005, seed=2)[0]
    assert scoring.normalised(a, again, cohort, RULE)[0] < 0.3
    assert scoring.normalised(a, b, cohort, RULE)[0] > 0.9


def test_a_cohort_below_fifty_is_refused():
    a, b, *others = people(51)
    with pytest.raises(ValueError, match="50"):
        scoring.normalised(a, b, np.stack(others), RULE)


def test_a_cohort_that_resembles_nobody_cannot_vouch_for_a_face():
    """All members are far from both faces, so that any two faces look alike beside them: the plain row has to agree."""
    a, b = at(0.0), at(0.45)
    far = np.zeros((60, 128), dtype=np.float32)
    far[:, 1] = 0.9
    near = far * 0.5 / 0.9
    tempted = matching.compare(POLICY, [a], [b], far)
    assert tempted.score < tempted.row.match and tempted.outcome == "officer"
    assert matching.compare(POLICY, [a], [at(0.39)], far).outcome == "match"
    assert matching.compare(POLICY, [a], [at(0.39)], near).outcome == "match"
    assert matching.compare(POLICY, [a], [b], near).outcome == "officer"


def test_no_more_pictures_are_averaged_than_the_row_was_measured_with():
    found = matching.compare(POLICY, [at(0.0), at(0.1), at(5.0)], [at(0.3)])
    assert found.row.mode == "2x1" and found.distance == pytest.approx(0.25)


def test_the_threshold_for_a_rate_lets_no_more_impostors_through():
    impostor = [i / 1000 for i in range(500, 1500)]
    found = scoring.at_fmr([0.2, 0.4, 0.505, 0.9], impostor, 0.01)
    assert found is not None and found["threshold"] is not None
    assert sum(score <= found["threshold"] for score in impostor) <= 10
    assert found["fnmr"] == 0.25
    assert scoring.at_fmr([0.2], impostor[:50], 0.01) is None


def test_an_interval_holds_the_share_and_nothing_gives_nothing():
    low, high = scoring.interval(0, 100) or (1, 1)
    assert low == 0 and 0.03 < high < 0.04
    assert scoring.interval(0, 0) is None and scoring.share(0, 0) is None


def described(*embeddings: np.ndarray | None) -> dict[Path, Described]:
    return {
        Path(f"{i}"): Described(embedding) if embedding is not None else Described(problem="face.none")
        for i, embedding in enumerate(embeddings)
    }


def pair(a: str, b: str, same: bool, group: str = "") -> Pair:
    return Pair(tuple(map(Path, a.split("|"))), tuple(map(Path, b.split("|"))), same, group)


def at(distance: float) -> np.ndarray:
    """An embedding at this distance from the origin."""
    return np.array([distance] + [0] * 127, dtype=np.float32)


def test_what_could_not_be_acquired_is_a_rejection_and_borderline_is_counted_apart():
    pictures = described(at(0), at(0.39), at(0.45), at(0.60), None)
    pairs = [
        pair("0", "1", True),
        pair("0", "2", True),
        pair("0", "3", True),
        pair("0", "4", True),
        pair("0", "1", False, "x"),
        pair("0", "3", False, "x"),
        pair("0", "2", False),
        pair("0", "4", False),
    ]
    report = evaluation.report(pairs, pictures, POLICY)
    assert (report["n"], report["n_same"], report["n_different"], report["unusable"]) == (8, 4, 4, 2)
    assert report["fnmr"] == pytest.approx(3 / 4) and report["fnmr_officer"] == pytest.approx(2 / 4)
    assert report["fmr"] == pytest.approx(1 / 4) and report["fmr_officer"] == pytest.approx(2 / 4)
    assert report["failure_to_acquire"] == pytest.approx(2 / 8)
    assert report["officer_pairs"] == 2 and report["false_matches"] == 1
    low, high = report["fmr_ci95"]
    assert 0 < low < 1 / 4 < high < 1
    assert report["groups"]["x"]["fmr"] == pytest.approx(1 / 2)
    assert {key: report["failures"][key] for key in ("pictures", "of", "face_not_found", "by_problem")} == {
        "pictures": 1,
        "of": 5,
        "face_not_found": 1,
        "by_problem": {"face.none": 1},
    }
    assert [line["outcome"] for line in report["pairs"][:4]] == ["match", "officer", "no_match", "unusable"]
    assert report["pairs"][3]["problem"] == "face.none" and report["pairs"][3]["distance"] is None


def test_a_cell_of_several_files_is_averaged_and_judged_by_the_row_of_the_usable_ones():
    pictures = described(at(0.0), at(0.2), at(0.5), None)
    report = evaluation.report([pair("0|1", "2|3", True)], pictures, POLICY)
    (line,) = report["pairs"]
    assert line["distance"] == pytest.approx(0.4) and (line["mode"], line["asked"]) == ("2x1", "2x2")
    assert line["outcome"] == "officer"  # 1x1 would have matched
    assert report["modes"]["2x2"]["fewer_usable"] == 1


def test_copies_of_a_picture_count_once():
    report = evaluation.report([pair("0|1", "2", True)], described(at(0.0), at(0.1), at(0.3)), POLICY)
    assert report["pairs"][0]["mode"] == "1x1"


def test_the_rate_at_a_false_match_rate_counts_pairs_not_acquired():
    pictures = described(at(0), None, *(at(0.5 + i / 1000) for i in range(100)), at(0.1))
    different = [pair("0", str(i), False) for i in range(2, 102)]
    same = [pair("0", "102", True), pair("0", "1", True)]
    report = evaluation.report(different + same, pictures, POLICY)
    found = report["modes"]["1x1"]["at_fmr"]["0.01"]
    assert found["fnmr"] == pytest.approx(1 / 2) and 0.5 < found["threshold"] < 0.501
    assert report["modes"]["1x1"]["at_fmr"]["0.001"] is None, "100 pairs say nothing of 1 in 1,000"


def test_every_stage_is_timed():
    stages = {"decode": 1.0, "detect": 2.0, "align": 0.5, "embed": 4.0}
    pictures = {Path("0"): Described(at(0), stages=stages), Path("1"): Described(at(0.3), stages=stages)}
    timing = evaluation.report([pair("0", "1", True)], pictures, POLICY)["timing_ms"]
    assert timing["picture"] == {"p50": 7.5, "p95": 7.5} and timing["compare"]["p50"] >= 0


def test_a_small_cohort_is_said_and_plain_distances_are_reported():
    strangers = [Path(f"s{i}") for i in range(49)]
    pictures = described(at(0), at(0.3)) | {s: Described(e) for s, e in zip(strangers, people(49), strict=True)}
    report = evaluation.report([pair("0", "1", True)], pictures, POLICY, strangers)
    assert report["score"] == "distance" and report["modes"].keys() == {"1x1"}
    assert report["cohort"]["used"] is False and "50 are needed" in report["cohort"]["note"]


def test_a_cohort_normalises_and_its_own_thresholds_decide():
    one, other, *cohort = people(202)
    strangers = [Path(f"s{i}") for i in range(200)]
    again = one + people(1, spread=0.005, seed=2)[0]
    pictures = described(one, again, other) | {s: Described(e) for s, e in zip(strangers, cohort, strict=True)}
    report = evaluation.report([pair("0", "1", True), pair("0", "2", False)], pictures, POLICY, strangers)
    assert report["score"] == "normalised" and report["cohort"] == {
        "pictures": 200,
        "usable": 200,
        "people": 200,
        "used": True,
        "note": None,
    }
    assert [(line["mode"], line["outcome"]) for line in report["pairs"]] == [
        ("1x1+cohort", "match"),
        ("1x1+cohort", "no_match"),
    ]

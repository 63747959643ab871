"""Figures of a report: they add up, and a report that was stored is the same report; and the difference of two texts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.line_diff import diff
from bot.domain.nlu_report import Judged, Report, Row, scores

names = st.sampled_from(["greet", "thanks", "ask_cost"])
services = st.none() | st.sampled_from(["ktp", "kia"])
rows = st.builds(Row, st.text(max_size=5), names, names, st.floats(0, 1), names, services, services, services)
reports = st.lists(rows, max_size=25).map(lambda found: Report(tuple(found)))


@given(reports)
def test_every_message_is_behind_exactly_one_number_of_the_matrix(report: Report) -> None:
    matrix = report.matrix()
    assert sum(matrix.counts.values()) == len(report.rows)
    for (wanted, found), count in matrix.counts.items():
        assert len(report.cell(wanted, found)) == count
    assert sum(count for _, _, count in matrix.wrong()) == sum(r.wanted != r.now for r in report.rows)


@given(reports)
def test_a_report_survives_being_stored(report: Report) -> None:
    assert Report.of_json(json.loads(json.dumps(report.to_json()))) == report


@given(reports)
def test_the_same_model_changes_nothing(report: Report) -> None:
    same = Report(
        tuple(
            Row(r.text, r.wanted, r.now, r.confidence, r.now, r.wanted_service, r.now_service, r.now_service)
            for r in report.rows
        )
    )
    assert all(change.points == 0 for change in same.changes())
    assert same.otherwise() == []
    assert same.accuracy()[0] in (None, same.accuracy()[1])


@given(reports)
def test_losses_come_first(report: Report) -> None:
    points = [change.points for change in report.changes()]
    assert points == sorted(points)
    assert all(-100 <= one <= 100 for one in points)


def test_precision_recall_and_f1_are_those_of_the_book() -> None:
    judged = [
        *[Judged("", "a", "a", 1.0)] * 3,
        Judged("", "a", "b", 1.0),
        Judged("", "b", "a", 1.0),
        Judged("", "b", "b", 1.0),
    ]
    found = scores(judged)["a"]
    assert (found.support, found.precision, found.recall) == (4, 0.75, 0.75)
    assert found.f1 == pytest.approx(0.75)


def test_an_intent_the_live_model_does_not_know_is_new_and_not_lost() -> None:
    report = Report((Row("parkir di mana", "ask_parking", "ask_location", 0.4, "ask_location"),))
    (change,) = report.changes(frozenset({"ask_location"}))
    assert (change.name, change.before, change.points) == ("ask_parking", None, 0.0)


def test_what_got_worse_stands_before_what_got_better() -> None:
    worse = Row("b", "greet", "thanks", 0.9, "greet")
    better = Row("a", "greet", "greet", 0.9, "thanks")
    assert Report((better, worse)).otherwise() == [worse, better]


texts = st.lists(st.sampled_from(["a", "b", "c: d", ""]), max_size=12).map(lambda lines: "\n".join(lines).encode())


@given(texts, texts)
def test_a_difference_names_the_lines_that_differ_and_no_other(before: bytes, after: bytes) -> None:
    found = diff("nlu/a.yml", before, after)
    old, new = before.decode().splitlines(), after.decode().splitlines()
    for line in found.lines:
        if line.before is not None:
            assert old[line.before - 1] == line.text
        if line.after is not None:
            assert new[line.after - 1] == line.text
    assert len(new) - len(old) == found.added - found.removed
    assert (found.added, found.removed) == (0, 0) or old != new


def test_a_file_that_is_gone_has_only_removed_lines() -> None:
    found = diff("nlu/a.yml", b"satu\ndua\n", None)
    assert [(line.kind, line.text) for line in found.lines] == [("out", "satu"), ("out", "dua")]

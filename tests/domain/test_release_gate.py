"""The release gate: nothing bad gets through, nothing good is held back, and its own rules cannot be loosened by a draft."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.nlu_report import Change, Score
from bot.domain.release_gate import Approval, Evidence, GateRules, gate, may_approve, read_rules, written
from bot.errors import ContentError

shares = st.floats(0, 1)
scores = st.builds(Score, st.integers(1, 200), shares, shares, shares)
changes = st.builds(Change, st.sampled_from(["ask_cost", "ask_hours", "greet"]), st.none() | scores, st.none() | scores)
rules = st.builds(
    GateRules,
    st.sampled_from([0.0, 0.5, 2.0, 2.5, 10.0, 100.0]),
    st.integers(1, 30),
    st.sampled_from(Approval),
    st.none() | st.integers(0, 23),
)
evidence = st.builds(
    Evidence,
    faults=st.integers(0, 2),
    needs_model=st.booleans(),
    trained=st.booleans(),
    changes=st.lists(changes, max_size=4),
    failed_talks=st.lists(st.text("ab", min_size=1), max_size=2),
    untested_talks=st.booleans(),
)
GOOD = Evidence(faults=0, needs_model=True, trained=True)


def change(before: float, after: float, support: int = 20) -> Change:
    return Change("ask_cost", Score(support, 1, 1, before), Score(support, 1, 1, after))


@given(rules, evidence)
def test_a_draft_passes_only_if_nothing_is_wrong_with_it(chosen: GateRules, known: Evidence) -> None:
    passes = (
        not known.faults
        and not known.failed_talks
        and (known.trained or not (known.needs_model or known.untested_talks))
        and all(
            one.before is None
            or one.after is None
            or one.after.support < chosen.min_support
            or (one.before.f1 - one.after.f1) * 100 <= chosen.max_loss + 1e-9
            for one in known.changes
        )
    )
    assert (gate(chosen, known) == []) == passes


@given(rules, evidence)
def test_a_stricter_rule_never_lets_more_through(chosen: GateRules, known: Evidence) -> None:
    stricter = replace(chosen, max_loss=chosen.max_loss / 2, min_support=1)
    assert len(gate(stricter, known)) >= len(gate(chosen, known))


@given(rules)
def test_rules_are_read_as_they_were_written(chosen: GateRules) -> None:
    assert read_rules(written(chosen)) == chosen


@pytest.mark.parametrize(
    ("before", "after", "stops"), [(0.90, 0.88, False), (0.90, 0.8799, True), (0.5, 0.9, False), (1.0, 0.0, True)]
)
def test_two_points_may_be_lost_and_no_more(before: float, after: float, stops: bool) -> None:
    found = gate(GateRules(), replace(GOOD, changes=[change(before, after)]))
    assert [stop.kind for stop in found] == (["loss"] if stops else [])


def test_a_new_intent_has_nothing_to_lose() -> None:
    new = Change("ask_parking", None, Score(5, 0, 0, 0.0))
    assert gate(GateRules(), replace(GOOD, changes=[new])) == []


def test_what_needs_no_model_needs_no_training_unless_test_conversations_changed() -> None:
    texts = Evidence(faults=0, needs_model=False, trained=False)
    assert gate(GateRules(), texts) == []
    assert [stop.kind for stop in gate(GateRules(), replace(texts, untested_talks=True))] == ["untrained"]


def test_who_wrote_approves_only_in_an_office_of_one() -> None:
    assert not may_approve(GateRules(), "siti", ["budi", "siti"])
    assert may_approve(GateRules(), "wati", ["budi", "siti"])
    assert may_approve(GateRules(approval=Approval.ONE), "siti", ["siti"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max_loss: banyak\n", r"studio.yml:1: max_loss: 'banyak' does not fit; a number of points"),
        ("# aturan\nmax_loss: -1\n", r"studio.yml:2: "),
        ("max_loss: true\n", "does not fit"),
        ("approval: three\n", "two or one"),
        ("train_at: 24\n", "0 to 23"),
        ("batas: 2\n", "unknown key 'batas'"),
        ("max_loss: [1\n", "studio.yml:2: no valid YAML"),
        ("- a\n", "not a mapping"),
    ],
)
def test_wrong_rules_are_refused_with_their_line(text: str, says: str) -> None:
    with pytest.raises(ContentError, match=says):
        read_rules(text)


def test_without_a_file_the_usual_rules_count() -> None:
    assert read_rules(None) == read_rules("") == GateRules(2.0, 1, Approval.TWO, None)

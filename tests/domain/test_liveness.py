"""What a challenge asks for, and which pictures answer it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import liveness
from bot.domain.liveness import Challenge, Kind, Pose

NOW = datetime(2026, 11, 2, tzinfo=UTC)
STRAIGHT = Pose(2.0, 0.05)


@pytest.mark.parametrize(
    ("kinds", "posed", "found"),
    [
        ((Kind.TURN,), Pose(22, 0.0), None),
        ((Kind.TURN,), Pose(-22, 0.0), None),
        ((Kind.TURN,), Pose(8, 0.0), "liveness.turn_more"),
        ((Kind.TURN,), Pose(70, 0.0), "liveness.turn_less"),
        ((Kind.LEFT,), Pose(25, 0.0), None),
        ((Kind.LEFT,), Pose(-25, 0.0), "liveness.other_side"),
        ((Kind.LEFT,), Pose(-5, 0.0), "liveness.turn_more"),
        ((Kind.RIGHT,), Pose(-25, 0.0), None),
        ((Kind.RIGHT,), Pose(25, 0.0), "liveness.other_side"),
        ((Kind.MOUTH,), Pose(0, 0.4), None),
        ((Kind.MOUTH,), Pose(0, 0.1), "liveness.open_more"),
        ((Kind.MOUTH,), Pose(0, None), "liveness.open_more"),
        ((Kind.MOUTH, Kind.TURN), Pose(25, 0.4), None),
        ((Kind.MOUTH, Kind.TURN), Pose(25, 0.1), "liveness.open_more"),
        ((Kind.MOUTH, Kind.TURN), Pose(1, 0.4), "liveness.turn_more"),
    ],
)
def test_a_picture_shows_what_was_asked_for_or_the_person_is_told_what_is_missing(
    kinds: tuple[Kind, ...], posed: Pose, found: str | None
) -> None:
    assert liveness.problem(kinds, STRAIGHT, posed) == found


def test_a_first_picture_that_was_turned_already_is_no_turn_by_itself() -> None:
    assert liveness.problem((Kind.TURN,), Pose(20), Pose(24)) == "liveness.turn_more"


def test_a_challenge_holds_five_minutes_and_survives_being_stored() -> None:
    challenge = liveness.new(liveness.in_chat(True), lambda n: n - 1, NOW, 2)
    assert challenge.kinds == (Kind.MOUTH, Kind.TURN) and challenge.code == "mouth_turn"
    assert challenge.expires_at == NOW + timedelta(minutes=5)
    assert Challenge.from_json(challenge.to_json()) == challenge


def test_without_the_model_for_lips_only_the_turn_of_the_head_is_asked_for() -> None:
    assert liveness.in_chat(False) == ((Kind.TURN,),)
    assert Kind.MOUTH not in liveness.sequence(False, lambda n: 0)


@given(st.randoms(use_true_random=False))
def test_the_capture_page_asks_for_everything_once_in_any_order(random) -> None:  # type: ignore[no-untyped-def]
    found = liveness.sequence(True, random.randrange)
    assert sorted(found) == sorted([Kind.LEFT, Kind.RIGHT, Kind.MOUTH])


@given(st.floats(-90, 90), st.floats(-90, 90))
def test_no_head_is_turned_to_both_sides_at_once(before: float, after: float) -> None:
    answers = [liveness.problem((kind,), Pose(before), Pose(after)) for kind in (Kind.LEFT, Kind.RIGHT)]
    assert answers.count(None) <= 1
    if None in answers:
        assert liveness.problem((Kind.TURN,), Pose(before), Pose(after)) is None

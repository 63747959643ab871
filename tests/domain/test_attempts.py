"""Growing pauses between failed proofs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.attempts import CROWD, Attempts, Hold, crowd_hold, crowd_of, longest

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(("failures", "minutes"), [(1, 0), (2, 0), (3, 1), (4, 5), (5, 60)])
def test_the_pause_grows_with_the_failures(failures: int, minutes: int) -> None:
    attempts = Attempts(failures, NOW)
    hold = attempts.hold(NOW)
    assert (hold.minutes(NOW) if hold else 0) == minutes
    assert attempts.hold(NOW + timedelta(minutes=minutes)) is None


def test_after_the_sixth_failure_only_a_person_helps_for_a_week() -> None:
    attempts = Attempts(5, NOW).again(NOW)
    hold = attempts.hold(NOW + timedelta(days=6))
    assert hold is not None and hold.locked
    assert attempts.hold(NOW + timedelta(days=7)) is None
    assert attempts.again(NOW + timedelta(days=8)).failures == 1


def test_nobody_without_a_failure_waits() -> None:
    assert Attempts().hold(NOW) is None


def test_of_several_subjects_the_longest_hold_counts_and_a_lock_is_longest() -> None:
    short, long = Hold(NOW), Hold(NOW + timedelta(hours=1))
    assert longest([None, short, long]) is long
    assert longest([long, Hold(None)]) == Hold(None)
    assert longest([None]) is None


def test_many_failures_of_one_address_hold_everybody_there_off_until_the_hour_ends() -> None:
    at = NOW.replace(minute=20)
    assert crowd_hold(CROWD - 1, at) is None
    hold = crowd_hold(CROWD, at)
    assert hold is not None and not hold.locked and hold.minutes(at) == 40
    assert crowd_of("ab", at) == crowd_of("ab", at.replace(minute=59)) != crowd_of("ab", at + timedelta(hours=1))

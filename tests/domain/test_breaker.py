from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.breaker import MOST_S, THRESHOLD, Breaker, Way

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=90)


def opened() -> Breaker:
    breaker = Breaker("dukcapil")
    for _ in range(THRESHOLD):
        assert breaker.way(NOW) is Way.CLOSED
        breaker = breaker.failed(NOW, 0.5)
    return breaker


def test_failures_in_a_row_open_it_and_time_opens_it_by_half() -> None:
    breaker = opened()
    assert breaker.way(NOW) is Way.OPEN and breaker.retry_at is not None
    assert breaker.way(breaker.retry_at) is Way.HALF_OPEN


def test_one_probe_at_a_time_and_one_that_died_is_replaced() -> None:
    breaker = opened()
    later = breaker.retry_at
    assert later is not None
    probing = breaker.probing(later + LEASE)
    assert probing.way(later) is Way.OPEN
    assert probing.way(later + LEASE) is Way.HALF_OPEN


def test_calls_that_were_on_their_way_when_it_opened_prolong_nothing() -> None:
    breaker = opened()
    assert breaker.failed(NOW + timedelta(seconds=5), 0.5) == breaker


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_each_failed_probe_waits_longer_up_to_a_limit(jitters: list[float]) -> None:
    breaker, now = opened(), NOW
    for jitter in jitters:
        assert breaker.retry_at is not None
        now = breaker.retry_at
        breaker = breaker.probing(now + LEASE).failed(now + timedelta(seconds=1), jitter)
        assert breaker.way(now + timedelta(seconds=2)) is Way.OPEN
        assert breaker.retry_at is not None
        assert timedelta(seconds=10) < breaker.retry_at - now <= timedelta(seconds=MOST_S * 1.25 + 1)

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.application import (
    ISSUED,
    TERMINAL,
    TRANSITIONS,
    State,
    can,
    citizen_can_cancel,
    clock_runs,
    promise,
    working_days_between,
)

JAKARTA = ZoneInfo("Asia/Jakarta")


def nothing(day: date) -> bool:
    return False


def test_the_usual_way_and_the_repair_loop_are_legal() -> None:
    way = (
        "draft diajukan verifikasi_berkas perlu_perbaikan verifikasi_berkas diproses menunggu_tte terbit selesai"
    ).split()
    assert all(can(State(a), State(b)) for a, b in pairwise(way))


def test_a_coarse_agency_may_jump_forward_but_never_back() -> None:
    assert can(State.DIAJUKAN, State.TERBIT)
    assert can(State.DIAJUKAN, State.DIPROSES)
    assert not can(State.DIPROSES, State.DIAJUKAN)
    assert not can(State.TERBIT, State.DIPROSES)
    assert not can(State.DIAJUKAN, State.SELESAI)


@pytest.mark.parametrize("end", sorted(TERMINAL))
def test_nothing_follows_an_end(end: State) -> None:
    assert TRANSITIONS[end] == frozenset()


@pytest.mark.parametrize("state", list(State))
def test_staying_is_no_transition_and_every_state_but_the_ends_leads_somewhere(state: State) -> None:
    assert not can(state, state)
    assert (state in TERMINAL) is (TRANSITIONS[state] == frozenset())


def test_what_was_issued_cannot_be_cancelled_or_refused() -> None:
    for state in ISSUED:
        assert not citizen_can_cancel(state)
        assert not can(state, State.DITOLAK)
    assert citizen_can_cancel(State.PERLU_PERBAIKAN)


def test_only_a_draft_or_a_repair_expires() -> None:
    assert {s for s in State if can(s, State.KEDALUWARSA)} == {State.DRAFT, State.PERLU_PERBAIKAN}


def test_the_offices_clock_stands_still_during_a_repair() -> None:
    assert clock_runs(State.DIPROSES)
    assert not clock_runs(State.PERLU_PERBAIKAN)
    assert not clock_runs(State.TERBIT)


def test_the_promise_counts_working_days_in_the_offices_own_time() -> None:
    # Wednesday 23:30 in Jakarta is still Wednesday there, though 16:30 UTC.
    wednesday = datetime(2025, 11, 19, 16, 30, tzinfo=UTC)
    assert promise(wednesday, 1, nothing, JAKARTA) == date(2025, 11, 20)
    assert promise(wednesday, 3, nothing, JAKARTA) == date(2025, 11, 24)
    # 17:30 UTC is Thursday in Jakarta.
    assert promise(wednesday + timedelta(hours=1), 1, nothing, JAKARTA) == date(2025, 11, 21)


def test_holidays_and_pauses_move_the_promise() -> None:
    christmas = datetime(2025, 12, 24, 3, tzinfo=UTC)
    assert promise(christmas, 1, lambda d: d == date(2025, 12, 25), JAKARTA) == date(2025, 12, 26)
    assert promise(christmas, 1, nothing, JAKARTA, paused=timedelta(days=2)) == date(2025, 12, 29)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
    st.integers(0, 60),
    st.sets(st.dates(date(2024, 1, 1), date(2027, 12, 31)), max_size=30),
)
def test_a_promise_falls_on_a_working_day_and_leaves_exactly_that_many(at: datetime, days: int, off: set[date]) -> None:
    submitted = at.replace(tzinfo=JAKARTA)
    promised = promise(submitted, days, off.__contains__, JAKARTA)
    assert promised.weekday() < 5
    assert promised not in off
    assert days == 0 or working_days_between(submitted.date(), promised, off.__contains__) == days

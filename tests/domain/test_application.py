from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.application import (
    ISSUED,
    TERMINAL,
    TRANSITIONS,
    State,
    apology,
    can,
    citizen_can_cancel,
    clock_runs,
    postponed,
    promise,
    repair_reminder,
    working_days_between,
)
from bot.office_days import indonesian_holidays

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


def test_holidays_move_the_promise() -> None:
    christmas = datetime(2025, 12, 24, 3, tzinfo=UTC)
    assert promise(christmas, 1, lambda d: d == date(2025, 12, 25), JAKARTA) == date(2025, 12, 26)


def test_collective_leave_counts_like_a_public_holiday() -> None:
    # The joint decree for 2026: 18 to 24 March are Nyepi, Idul Fitri and their collective leave; 21 and 22 are a weekend.
    tuesday = datetime(2026, 3, 17, 3, tzinfo=UTC)
    assert promise(tuesday, 1, indonesian_holidays(), JAKARTA) == date(2026, 3, 25)
    public = holidays.country_holidays("ID")
    assert promise(tuesday, 1, public.__contains__, JAKARTA) == date(
        2026, 3, 18
    )  # what public holidays alone would say


@pytest.mark.parametrize(
    ("asked", "mended", "moved"),
    [
        (date(2025, 11, 19), date(2025, 11, 19), 0),  # repaired on the same day
        (date(2025, 11, 19), date(2025, 11, 21), 2),
        (date(2025, 11, 21), date(2025, 11, 24), 1),  # over a weekend only one working day is lost
        (date(2025, 11, 21), date(2025, 11, 23), 0),
    ],
)
def test_a_repair_postpones_the_promise_by_the_working_days_it_took(asked: date, mended: date, moved: int) -> None:
    promised = date(2025, 11, 26)
    day, lost = postponed(promised, asked, mended, nothing)
    assert lost == moved and working_days_between(promised, day, nothing) == moved


def test_only_a_matter_that_may_be_reopened_goes_back_from_its_end() -> None:
    assert not can(State.TERBIT, State.DIPROSES)
    assert can(State.TERBIT, State.DIPROSES, reopens=True)


def test_apologies_come_every_third_working_day_and_end() -> None:
    promised = date(2025, 11, 21)  # a Friday
    said = [apology(promised, promised + timedelta(days=n), nothing) for n in range(20)]
    assert said[:3] == [0, 0, 0]  # the day itself, and the weekend
    assert said[3:6] == [1, 1, 1] and said[6] == 2
    assert set(said) == {0, 1, 2, 3} and said[-1] == 0


def test_a_repair_is_reminded_of_at_the_nearest_date_only_and_never_on_the_day_it_was_asked_for() -> None:
    ends, asked = date(2025, 12, 31), date(2025, 12, 1)
    days = [repair_reminder(ends, ends - timedelta(days=left), asked) for left in (30, 15, 14, 8, 7, 3, 2, 1, 0)]
    assert days == [0, 0, 14, 14, 7, 7, 2, 2, 0]
    assert repair_reminder(date(2025, 12, 8), date(2025, 12, 1), asked) == 0


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

"""When people answer: hours, holidays, collective leave; and what can honestly be said about waiting."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalogue_desk import week
from bot.domain.hours import Week, estimate
from bot.domain.service_levels import OfficeClock, Timer, promise

ZONE = ZoneInfo("Asia/Jakarta")
WEEK = week(
    {
        "week": {
            **{day: ["08.00-12.00", "13.00-15.00"] for day in ("senin", "selasa", "rabu", "kamis")},
            "jumat": ["08.00-11.00"],
        },
        "closed": ["2026-11-04"],
        "opened": ["2026-11-05"],
    }
)
HOLIDAYS = {date(2026, 11, 5), date(2026, 11, 9)}


def holiday(day: date) -> bool:
    return day in HOLIDAYS


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def test_hours_of_a_day_have_gaps_and_ends() -> None:
    assert WEEK is not None
    assert WEEK.is_open(at(2, 8), holiday) and WEEK.is_open(at(2, 14, 59), holiday)
    assert not WEEK.is_open(at(2, 7, 59), holiday)
    assert not WEEK.is_open(at(2, 12), holiday) and not WEEK.is_open(at(2, 15), holiday)
    assert not WEEK.is_open(at(7, 9), holiday)  # Saturday


def test_collective_leave_and_holidays_close_unless_the_office_says_it_is_open() -> None:
    assert WEEK is not None
    assert not WEEK.is_open(at(4, 9), holiday)  # its own leave
    assert WEEK.is_open(at(5, 9), holiday)  # a holiday it works on
    assert not WEEK.is_open(at(9, 9), holiday)


def test_the_next_opening_skips_nights_weekends_leave_and_holidays() -> None:
    assert WEEK is not None
    assert WEEK.next_opening(at(2, 12, 30), holiday) == at(2, 13)
    assert WEEK.next_opening(at(3, 20), holiday) == at(5, 8)  # the 4th is leave
    assert WEEK.next_opening(at(6, 12), holiday) == at(10, 8)  # weekend, then a holiday


def test_an_office_that_never_opens_promises_nothing() -> None:
    assert Week({}).next_opening(at(2, 9), holiday) is None
    assert week(None) is None and week({"text": "Senin sampai Jumat"}) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_the_next_opening_is_open_and_later(moment: datetime) -> None:
    assert WEEK is not None
    here = moment.replace(tzinfo=ZONE)
    opening = WEEK.next_opening(here, holiday)
    assert opening is not None and opening > here and WEEK.is_open(opening, holiday)


def test_a_range_is_said_only_when_enough_was_measured_and_somebody_is_there() -> None:
    assert estimate([60.0] * 4, 1, 3) is None
    assert estimate([60.0] * 20, 1, 0) is None
    assert estimate([30.0, 60.0, 120.0, 240.0, 300.0], 1, 2) == (1, 4)


def test_a_longer_line_and_people_still_waiting_make_the_range_longer() -> None:
    waited = [60.0, 120.0, 180.0, 240.0, 300.0]
    short, long = estimate(waited, 1, 2), estimate(waited, 8, 2)
    assert short == (2, 4) and long == (2, 20)
    assert estimate(waited, 1, 2, oldest_s=1500) == (2, 25)


@given(
    st.lists(st.floats(0, 36_000), min_size=5, max_size=50).map(sorted),
    st.integers(1, 200),
    st.integers(1, 50),
    st.floats(0, 36_000),
)
def test_a_range_is_a_range(waited: list[float], place: int, present: int, oldest: float) -> None:
    found = estimate(waited, place, present, oldest)
    assert found is not None and 1 <= found[0] <= found[1] and found[1] * 60 >= oldest - 60


def test_clock_times_are_read_with_dot_or_colon() -> None:
    made = week({"week": {"senin": ["08:00 - 09.30"]}})
    assert made is not None and made.days[0] == ((time(8), time(9, 30)),)


def test_a_promise_counts_office_hours_only() -> None:
    assert WEEK is not None
    clock = OfficeClock(WEEK, ZONE, holiday)
    asked, quarter = at(2, 14, 55), timedelta(minutes=15)  # five minutes before closing on a Monday
    assert clock.due(asked, quarter) == at(3, 8, 10)
    assert promise(asked, quarter, None, at(3, 7), clock).timer is Timer.RUNS
    assert promise(asked, quarter, None, at(3, 8, 8), clock).timer is Timer.SOON
    assert promise(asked, quarter, None, at(3, 8, 11), clock).timer is Timer.LATE
    assert promise(asked, quarter, at(3, 8, 9), at(9, 8), clock).timer is Timer.KEPT
    assert promise(asked, quarter, None, at(2, 15, 11)).timer is Timer.LATE  # day and night, where that is wished
    # Wednesday is collective leave; what is asked then begins to count on Thursday.
    assert clock.due(at(4, 9), quarter) == at(5, 8, 15) and clock.passed(at(4, 0), at(5, 8)) == timedelta()


@given(st.integers(0, 40 * 24 * 60), st.integers(0, 60 * 60))
def test_what_is_due_is_due_after_exactly_so_much_office_time(start: int, minutes: int) -> None:
    assert WEEK is not None
    clock = OfficeClock(WEEK, ZONE, holiday)
    begun, within = at(2, 0) + timedelta(minutes=start), timedelta(minutes=minutes)
    due = clock.due(begun, within)
    assert due >= begun and clock.passed(begun, due) == within
    assert clock.passed(begun, due + timedelta(days=3)) >= within


def test_a_week_that_never_opens_promises_as_if_it_were_open() -> None:
    shut = OfficeClock(Week({}), ZONE, holiday)
    assert shut.due(at(2, 9), timedelta(minutes=15)) == at(2, 9, 15)

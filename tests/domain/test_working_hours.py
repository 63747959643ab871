"""When an agency may be called, and when it opens again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.working_hours import DAYS, working_hours

OFFICE = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "07:30", "to": "15:00", "zone": "Asia/Jakarta"}


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2025-11-24T00:29:59+00:00", False),
        ("2025-11-24T00:30:00+00:00", True),
        ("2025-11-24T07:59:59+00:00", True),
        ("2025-11-24T08:00:00+00:00", False),
        ("2025-11-29T02:00:00+00:00", False),
    ],
)
def test_it_is_open_from_its_first_minute_up_to_its_last(at: str, is_open: bool) -> None:
    assert working_hours(OFFICE).open(datetime.fromisoformat(at)) is is_open


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2025-11-24T02:00:00+00:00", "2025-11-24T02:00:00+00:00"),
        ("2025-11-24T00:00:00+00:00", "2025-11-24T00:30:00+00:00"),
        ("2025-11-24T09:00:00+00:00", "2025-11-25T00:30:00+00:00"),
        ("2025-11-28T09:00:00+00:00", "2025-12-01T00:30:00+00:00"),
    ],
)
def test_closed_it_opens_on_the_next_of_its_days(at: str, opens: str) -> None:
    assert working_hours(OFFICE).opens(datetime.fromisoformat(at)) == datetime.fromisoformat(opens)


@given(
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    hours=st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1]),
    zone=st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "UTC", "America/New_York"]),
    at=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
)
def test_whenever_it_is_asked_it_opens_within_eight_days_and_is_open_then(
    days: set[str], hours: tuple[int, int], zone: str, at: datetime
) -> None:
    made = working_hours({"days": sorted(days), "from": f"{hours[0]:02}:00", "to": f"{hours[1]:02}:00", "zone": zone})
    asked = at.replace(tzinfo=UTC)
    opens = made.opens(asked)
    assert asked <= opens <= asked + timedelta(days=8)
    # In the night of a clock change an hour may be missing on the wall; the day after it is not.
    assert made.open(opens) or made.open(opens + timedelta(hours=1)) or zone == "America/New_York"


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": []},
        {"days": ["senin"]},
        {"days": "mon"},
        {"from": "7:30"},
        {"from": 450},
        {"to": "24:30"},
        {"to": "07:30"},
        {"zone": "Asia/Tegal"},
        {"zone": "../etc/passwd"},
        {"holidays": []},
    ],
    ids=str,
)
def test_hours_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        working_hours({**OFFICE, **wrong})


def test_the_time_an_agency_was_open_leaves_nights_and_weekends_out() -> None:
    hours = working_hours(
        {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "15:30", "zone": "Asia/Jakarta"}
    )
    jakarta = ZoneInfo("Asia/Jakarta")
    friday_noon = datetime(2026, 11, 20, 12, 0, tzinfo=jakarta)
    monday_nine = datetime(2026, 11, 23, 9, 0, tzinfo=jakarta)
    assert hours.time_open(friday_noon, monday_nine) == timedelta(hours=4, minutes=30)
    assert hours.time_open(friday_noon, friday_noon) == timedelta()
    assert hours.time_open(monday_nine, friday_noon) == timedelta()

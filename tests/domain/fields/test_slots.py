"""Wished times of a visit: how people say them, and that a time shown is the time meant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fields import TYPES
from bot.domain.fields.base import Context, Verdict
from bot.domain.fields.slots import SlotTime
from bot.domain.wished_time import WishedTime
from tests.domain.spec import TODAY, Spec, parse

LANGUAGES = st.sampled_from(["id", "en", "jv"])
MOMENTS = st.builds(
    lambda day, minute: datetime.combine(TODAY + timedelta(days=day), time(minute // 60, minute % 60)),
    st.integers(0, 60),
    st.integers(7 * 60, 24 * 60 - 1),
)

WISHES = {
    "2025-11-21T09:00": "2025-11-21T09:00",
    "jumat jam 9": "2025-11-21T09:00",
    "Jum'at jam 09.00 ya pak": "2025-11-21T09:00",
    "jumat jam setengah sepuluh": "2025-11-21T09:30",
    "besok jam sembilan pagi": "2025-11-20T09:00",
    "besok 9": "2025-11-20T09:00",
    "besok jam 1": "2025-11-20T13:00",
    "lusa jam 2 siang": "2025-11-21T14:00",
    "tgl 25 jam 10.30": "2025-11-25T10:30",
    "25/11/2025 10.30": "2025-11-25T10:30",
    "tomorrow at 10 am": "2025-11-20T10:00",
    "ngesuk jam sanga": "2025-11-20T09:00",
    "mau yang hari senin jam 8 bisa?": "2025-11-24T08:00",
    "besok pagi": "2025-11-20/2025-11-20 00:00-11:00",
    "ngesuk esuk": "2025-11-20/2025-11-20 00:00-11:00",
    "senin siang aja": "2025-11-24/2025-11-24 11:00-15:00",
    "hari ini": "2025-11-19/2025-11-19",
    "kalau kamis masih ada?": "2025-11-20/2025-11-20",
    "minggu depan": "2025-11-24/2025-11-30",
    "minggu depan jam 9": "2025-11-24/2025-11-30 09:00-10:00",
    "senin sampai rabu pagi": "2025-11-24/2025-11-26 00:00-11:00",
    "jam 9": "* 09:00-10:00",
    "9": "* 09:00-10:00",
    "pagi": "* 00:00-11:00",
    "jam lain": "lain",
    "lainnya": "lain",
    "ada jam yang lain?": "lain",
    "other times": "lain",
}


@pytest.mark.parametrize(("said", "meant"), WISHES.items())
def test_a_wished_time_is_understood_as_it_is_said(said: str, meant: str) -> None:
    parsed = parse("slot", said)
    assert (parsed.verdict, parsed.problem, parsed.value) == (Verdict.STRONG, None, meant)


@pytest.mark.parametrize("said", ["berapa biayanya?", "jam berapa bukanya?", "syarat ktp apa saja", "terima kasih"])
def test_what_names_no_time_is_left_to_the_rest_of_the_conversation(said: str) -> None:
    assert parse("slot", said).verdict is Verdict.NO


@pytest.mark.parametrize("said", ["kemarin jam 9", "17-8-2020", "1 maret 2026 jam 9", "akhir bulan", "jam 27", "5"])
def test_a_time_that_cannot_be_is_refused_with_its_reason(said: str) -> None:
    parsed = parse("slot", said)
    assert parsed.verdict is Verdict.STRONG and parsed.problem is not None


@given(MOMENTS, LANGUAGES)
def test_a_time_that_is_shown_is_the_time_that_is_meant(at: datetime, language: str) -> None:
    value = WishedTime(at=at).to_json()
    kind = TYPES["slot"]
    assert isinstance(kind, SlotTime)
    for shown in (kind.show(value, Spec(), language), kind.short(value, language)):
        assert kind.parse(shown, Spec(), Context(TODAY, language)).value == value, shown
    assert len(kind.short(value, language)) <= 20


@given(
    st.sampled_from(["besok", "lusa", "senin", "jumat", "tgl 25", "25 november"]),
    st.integers(7, 16),
    st.sampled_from(["", ".00", ":30", ".15"]),
    st.sampled_from(["jam", "pukul", "pkl"]),
)
def test_a_day_and_an_hour_in_any_order_name_the_same_time(day: str, hour: int, minutes: str, word: str) -> None:
    clock = f"{word} {hour}{minutes}"
    one, other = parse("slot", f"{day} {clock}"), parse("slot", f"{clock} {day}")
    assert one.ok and one.value == other.value
    assert one.value.endswith(f"T{hour:02}:{minutes[1:] or '00'}")


@given(
    st.dates(TODAY, TODAY + timedelta(days=60)), st.none() | st.sampled_from([("07:00", "09:00"), ("00:00", "11:00")])
)
def test_a_wish_survives_being_kept(first: date, hours: tuple[str, str] | None) -> None:
    span = None if hours is None else (time.fromisoformat(hours[0]), time.fromisoformat(hours[1]))
    wish = WishedTime(days=(first, first + timedelta(days=3)), hours=span)
    assert WishedTime.from_json(wish.to_json()) == wish

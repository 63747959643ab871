"""``parse(show(v)) == v`` for every value that a type can give, in every language."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.fields import TYPES
from bot.domain.fields.base import Choice, Context, Parsed
from bot.domain.fields.clean import clean, trouble
from tests.domain.spec import TODAY, Spec

LANGUAGES = st.sampled_from(["id", "en", "jv"])


def again(name: str, value: Any, spec: Spec, language: str) -> Parsed:
    shown = TYPES[name].show(value, spec, language)
    return TYPES[name].parse(clean(shown), spec, Context(TODAY, language))


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), LANGUAGES)
def test_dates(day: date, language: str) -> None:
    spec = Spec(options={"min": "1000-01-01", "max": "2999-12-31"})
    assert again("date", day.isoformat(), spec, language).value == day.isoformat()


@given(st.integers(0, 24 * 60 - 1), LANGUAGES)
def test_times(minute: int, language: str) -> None:
    value = f"{minute // 60:02}:{minute % 60:02}"
    assert again("time", value, Spec(), language).value == value


@given(st.integers(300, 8000), LANGUAGES)
def test_weights_to_the_gram(grams: int, language: str) -> None:
    spec = Spec(options={"unit": "kg", "min": 0.3, "max": 8})
    value = TYPES["number"].parse(f"{grams} gram", spec, Context(TODAY)).value
    assert value == grams / 1000
    assert again("number", value, spec, language).value == value


@given(st.integers(0, 10**9), LANGUAGES)
def test_integers(value: int, language: str) -> None:
    assert again("integer", value, Spec(), language).value == value


@given(st.booleans(), LANGUAGES)
def test_yes_and_no(value: bool, language: str) -> None:
    assert again("yes_no", value, Spec(), language).value is value


@given(st.text("0123456789", min_size=16, max_size=16), LANGUAGES)
@pytest.mark.parametrize("name", ["nik", "no_kk"])
def test_register_numbers(name: str, value: str, language: str) -> None:
    parsed = again(name, value, Spec(), language)
    assert parsed.value == (value if len(set(value)) > 1 else None)


@given(st.text("0123456789", min_size=8, max_size=11), LANGUAGES)
def test_phones(digits: str, language: str) -> None:
    assert again("phone", "+628" + digits, Spec(), language).value == "+628" + digits


@given(st.integers(0, 999), st.integers(0, 999), LANGUAGES)
def test_neighbourhoods(rt: int, rw: int, language: str) -> None:
    value = f"{rt:03}/{rw:03}"
    assert again("rt_rw", value, Spec(), language).value == value


@given(st.text(), LANGUAGES)
@pytest.mark.parametrize(
    "name",
    [
        "name",
        "place",
        "text",
        "address",
        "email",
        "choice",
        "date",
        "time",
        "number",
        "integer",
        "phone",
        "nik",
        "rt_rw",
    ],
)
def test_whatever_a_type_accepts_it_accepts_again_from_what_it_shows(name: str, raw: str, language: str) -> None:
    choices = (Choice("L", {"id": "Laki-laki"}, ("lk",)), Choice("P", {"id": "Perempuan"})) if name == "choice" else ()
    spec = Spec(choices, {"unit": "kg"} if name == "number" else {})
    text = clean(raw)
    if trouble(raw, text) is not None:
        return
    parsed = TYPES[name].parse(text, spec, Context(TODAY, language))
    if parsed.ok:
        assert again(name, parsed.value, spec, language).value == parsed.value


@given(st.text("abcdeIMSHP.' -,rB", min_size=1, max_size=20))
@example(",H..B")
def test_names_with_titles_and_initials_are_stable(raw: str) -> None:
    parsed = TYPES["name"].parse(clean(raw), Spec(), Context(TODAY))
    if parsed.ok:
        assert again("name", parsed.value, Spec(), "id").value == parsed.value


@given(st.integers(-4000, 4000))
def test_relative_words_never_leave_the_bounds(offset: int) -> None:
    today = TODAY + timedelta(days=offset)
    for text in (
        "kemarin",
        "besok",
        "senin depan",
        "senin kemarin",
        "tgl 31",
        "tgl 5 kemarin",
        "2 minggu lalu",
        "lusa",
    ):
        parsed = TYPES["date"].parse(text, Spec(options={"min": "-1y", "max": "today"}), Context(today))
        assert parsed.problem is not None or parsed.value <= today.isoformat()

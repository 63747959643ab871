from __future__ import annotations

import pytest

from bot.domain.fields.base import Verdict
from tests.domain.spec import parse

KG = {"unit": "kg", "min": 0.3, "max": 8}
CM = {"unit": "cm", "min": 20, "max": 70}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jam 7 pagi", "07:00"), ("07.30", "07:30"), ("7:05", "07:05"), ("setengah 8 malam", "19:30"),
        ("stengah 8 bengi", "19:30"), ("19:30 WIB", "19:30"), ("pukul 19.30", "19:30"),
        ("jam 12 malam", "00:00"), ("tengah malam", "00:00"), ("jam 12 siang", "12:00"), ("jam 1 siang", "13:00"),
        ("11 siang", "11:00"), ("setengah 1 siang", "12:30"), ("3 sore", "15:00"),
        ("jam 2 dini hari", "02:00"), ("jam 2 malam", "02:00"), ("1930", "19:30"),
        ("8 kurang seperempat pagi", "07:45"), ("jam tujuh lebih sepuluh malam", "19:10"), ("7 pm", "19:00"),
        ("7am", "07:00"), ("jam 7 esuk", "07:00"), ("24.00", "00:00"), ("jam 5 subuh", "05:00"),
        ("jam 10 wengi", "22:00"), ("setengah enem sore", "17:30"),
    ],
)  # fmt: skip
def test_times_are_understood_as_they_are_said(text: str, expected: str | None) -> None:
    assert parse("time", text).value == expected


@pytest.mark.parametrize("text", ["25.00", "7.75", "24.30"])
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    assert parse("time", text).problem == "field.time.invalid"


@pytest.mark.parametrize("text", ["jam berapa bukanya?", "budi", "besok saja"])
def test_what_is_no_time_is_left_to_the_dialogue(text: str) -> None:
    assert parse("time", text).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3,2 kg", 3.2), ("3.2", 3.2), ("3,2", 3.2), ("3200 gram", 3.2), ("3.200 gram", 3.2), ("3.200 kg", 3.2),
        ("3200", 3.2), ("3200gr", 3.2), ("3 kilo 2 ons", 3.2),
        ("tiga koma dua kilo", 3.2), ("3kg", 3), ("kira-kira 3 kg", 3),
    ],
)  # fmt: skip
def test_a_weight_is_understood_in_every_unit_that_people_use(text: str, expected: float) -> None:
    assert parse("number", text, **KG).value == expected


def test_a_guessed_unit_is_shown_back() -> None:
    assert parse("number", "3200", **KG).interpreted
    assert not parse("number", "3,2", **KG).interpreted


@pytest.mark.parametrize("text", ["50", "0", "12 kg", "50 gram"])
def test_an_impossible_weight_is_refused_not_bent(text: str) -> None:
    assert parse("number", text, **KG).problem == "field.number.range"


@pytest.mark.parametrize(
    ("text", "expected"), [("49", 49), ("49 cm", 49), ("48,5 senti", 48.5), ("0,5 m", 50), ("490 mm", 49)]
)
def test_a_length_is_understood(text: str, expected: float) -> None:
    assert parse("number", text, **CM).value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", 2),
        ("dua", 2),
        ("kedua", 2),
        ("ke-2", 2),
        ("ke 2", 2),
        ("anak ke 3", 3),
        ("anak pertama", 1),
        ("mbarep", 1),
        ("dua belas", 12),
        ("dua puluh satu", 21),
        ("papat", 4),
        ("second", 2),
    ],
)
def test_a_count_is_understood_in_digits_words_and_ordinals(text: str, expected: int) -> None:
    assert parse("integer", text, min=1, max=25).value == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [("99", "field.integer.range"), ("2 atau 3", "field.integer.unclear"), ("banyak", "field.integer.unclear")],
)
def test_a_count_that_is_out_of_range_or_unclear_is_refused(text: str, problem: str) -> None:
    assert parse("integer", text, min=1, max=25).problem == problem


def test_a_number_among_other_matters_is_no_answer() -> None:
    assert parse("integer", "halo saya rini kelas 6", min=1, max=25).verdict is Verdict.NO
    assert parse("number", "kode verifikasi tidak masuk 2 kali", **KG).verdict is Verdict.NO

from __future__ import annotations

import pytest

from bot.domain.fields.base import Verdict
from bot.domain.fields.numerals import with_digits
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
        ("jam 10 wengi", "22:00"), ("setengah enem sore", "17:30"), ("stgh 8", "07:30"),
        ("jam 1/2 8 malam", "19:30"), ("jam 7 malem", "19:00"),
        ("jam 19", "19:00"), ("jam 7 seprapat", "07:15"), ("07-30", "07:30"), ("19.30wib", "19:30"),
        ("jam 7 an", "07:00"),
        ("8 luwih 10 esuk", "08:10"), ("jam 0.15", "00:15"),
    ],
)  # fmt: skip
def test_times_are_understood_as_they_are_said(text: str, expected: str | None) -> None:
    assert parse("time", text).value == expected


@pytest.mark.parametrize("text", ["subuh", "habis subuh", "ba'da isya", "maghrib", "pagi", "siang hari", "sore pak"])
def test_a_part_of_the_day_is_asked_for_its_hour(text: str) -> None:
    assert (parse("time", text).verdict, parse("time", text).problem) == (Verdict.STRONG, "field.time.which")


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
        ("tiga koma dua kilo", 3.2), ("3kg", 3), ("kira-kira 3 kg", 3), ("3 kilo setengah", 3.5),
        ("tiga setengah kilo", 3.5), ("3 1/2 kg", 3.5), ("3 ½ kg", 3.5),
        ("± 3 kg", 3), ("3 kg lebih 2 ons", 3.2),
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
        ("tiga orang", 3),
        ("ada 2", 2),
        ("cuma 1", 1),
        ("dua orang saja", 2),
        ("10 (sepuluh)", 10),
        ("duapuluh", 20),
        ("duabelas", 12),
        ("selawe", 25),
        ("telulas", 13),
        ("rong puluh", 20),
        ("kalih", 2),
        ("3 👶", 3),
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


def test_none_is_zero_only_where_the_catalogue_counts_from_zero() -> None:
    assert parse("integer", "tidak ada", min=0, max=10).value == 0
    assert parse("integer", "laka", min=0, max=10).value == 0
    assert parse("integer", "tidak ada", min=1, max=10).verdict is Verdict.NO
    assert parse("integer", "tidak tahu", min=0, max=10).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("dua puluh satu april seribu sembilan ratus sembilan puluh", "21 april 1990"),
        ("nol delapan satu dua", "0 8 1 2"),
        ("lima ratus ribu", "500000"), ("satu juta dua ratus ribu", "1200000"), ("satus selawe ewu", "125000"),
        ("duaratuslimapuluhribu", "250000"), ("dua puluh tiga belas", "20 13"), ("05 okt 05", "05 okt 05"),
        ("dua, tiga", "2, 3"), ("twenty five", "25"), ("500 ribu 1 juta", "500000 1000000"), ("kedua", "kedua"),
        ("tiga koma dua kilo", "3,2 kilo"), ("dua ribu dua puluh lima", "2025"), ("sewu", "1000"),
        ("seratus dua", "102"),
    ],
)  # fmt: skip
def test_number_words_become_digits(text: str, digits: str) -> None:
    assert with_digits(text) == digits

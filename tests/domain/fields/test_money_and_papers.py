from __future__ import annotations

import pytest

from bot.domain.fields import TYPES
from bot.domain.fields.base import Verdict
from tests.domain.fields.said import spec_of
from tests.domain.spec import parse, texts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500rb", 500_000), ("500 rb", 500_000), ("500k", 500_000), ("1,5 jt", 1_500_000), ("1.5jt", 1_500_000),
        ("Rp 350.000", 350_000), ("Rp350.000,-", 350_000), ("350.000,00", 350_000), ("350,000", 350_000),
        ("rp.5000", 5000), ("Rp. 1.250.000", 1_250_000), ("5000 rupiah", 5000), ("lima ratus ribu", 500_000),
        ("satu juta dua ratus ribu", 1_200_000), ("seratus lima puluh ribu rupiah", 150_000),
        ("1 juta 500 ribu", 1_500_000), ("setengah juta", 500_000), ("satu setengah juta", 1_500_000),
        ("1 setengah jt", 1_500_000), ("sejuta", 1_000_000), ("seket ewu", 50_000), ("satus ewu", 100_000),
        ("rong atus ewu", 200_000), ("goceng", 5000), ("sekitar 2 juta", 2_000_000), ("2 jutaan", 2_000_000),
        ("2,5 juta per bulan", 2_500_000), ("gratis", 0), ("GRATIS pak", 0), ("tidak bayar", 0), ("ora mbayar", 0),
        ("tanpa biaya", 0), ("nol", 0), ("0", 0), ("free", 0),
    ],
)  # fmt: skip
def test_an_amount_is_understood_in_figures_words_and_short_forms(text: str, value: int) -> None:
    parsed = parse("money", text)
    assert (parsed.verdict, parsed.value) == (Verdict.STRONG, value)


@pytest.mark.parametrize(
    "text",
    ["300-500rb", "500 ribu 1 juta", "5rb dan 6rb", "1.500 ribu", "350.50", "-5000", "banyak", "saya mau tanya 2 hal"],
)
def test_an_amount_that_can_be_read_in_two_ways_is_not_guessed(text: str) -> None:
    assert parse("money", text).verdict is Verdict.NO


def test_an_amount_outside_the_limits_is_refused_with_both() -> None:
    parsed = parse("money", "500", min=10_000, max=1_000_000)
    assert (parsed.problem, dict(parsed.params)) == ("field.money.range", {"min": "Rp10.000", "max": "Rp1.000.000"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("33 1 2 1 00 1 16 093022", "33 1 2 1 00 1 16 093022"), ("no str 1234567890123456", "1234567890123456"),
        ("str: uu00001234567890", "UU00001234567890"), ("uu.12.34/2020-1", "UU.12.34/2020-1"),
        ("nomor STR saya 12345678 pak", "12345678"), ("31.2.2.1.22.3.12345 ya", "31.2.2.1.22.3.12345"),
        ("STR-123456789", "STR-123456789"),
    ],
)  # fmt: skip
def test_an_str_number_is_kept_in_capitals_without_the_words_around_it(text: str, value: str) -> None:
    parsed = parse("str_no", text)
    assert (parsed.verdict, parsed.value) == (Verdict.STRONG, value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1234567", "field.str_no.length"), ("1" * 31, "field.str_no.length"), ("12345678?9", "field.str_no.letters"),
        ("abcdefgh", "field.str_no.unclear"), ("belum ada", "field.str_no.unclear"),
        ("saya lahir 17 08 1990 di tegal", "field.str_no.unclear"), ("berapa biayanya?", "field.str_no.unclear"),
    ],
)  # fmt: skip
def test_what_is_no_str_number_says_why(text: str, problem: str) -> None:
    assert parse("str_no", text).problem == problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("503/123/SIP/DPMPTSP/IV/2023", "503/123/SIP/DPMPTSP/IV/2023"), ("sip 446/12/2020", "446/12/2020"),
        ("503 / 123 / sip / iv / 2023", "503/123/SIP/IV/2023"), ("nomor SIP: 503.1/SIPB/001/2022", "503.1/SIPB/001/2022"),
        ("SIP/123/2020", "SIP/123/2020"), ("503/SIPP-2/012/VIII/2021 pak", "503/SIPP-2/012/VIII/2021"),
    ],
)  # fmt: skip
def test_a_sip_number_is_free_in_form(text: str, value: str) -> None:
    assert parse("sip_no", text).value == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [("belum ada", "field.sip_no.unclear"), ("1" * 61, "field.sip_no.length"), ("12", "field.sip_no.length")],
)
def test_what_is_no_sip_number_says_why(text: str, problem: str) -> None:
    assert parse("sip_no", text).problem == problem


def test_a_code_has_the_length_that_the_catalogue_asks() -> None:
    assert parse("code", "3328-lu-17081990-0001").value == "3328-LU-17081990-0001"
    assert parse("code", "stplk/123/iv/2024/spkt").value == "STPLK/123/IV/2024/SPKT"
    assert parse("code", "12345", min=6).problem == "field.code.length"
    assert parse("code", "lupa nomornya").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("senin-jumat 08.00-14.00", "Senin-Jumat 08.00-14.00"), ("tiap hari sore", "Setiap hari sore"),
        ("Senin s/d Jumat jam 8 sampai jam 2", "Senin-Jumat 08.00-14.00"),
        ("Senin - Jumat, 08:00 – 14:00 WIB", "Senin-Jumat, 08.00-14.00"), ("sen-jum 8-14", "Senin-Jumat 08.00-14.00"),
        ("senin s.d. jum'at 08.00 s/d 14.00", "Senin-Jumat 08.00-14.00"), ("saben dina esuk", "Setiap hari pagi"),
        ("senin, rabu, jumat jam 16.00-20.00", "Senin, Rabu, Jumat 16.00-20.00"),
        ("selasa & kamis 16.00-18.00", "Selasa dan Kamis 16.00-18.00"),
        ("tiap hari jam 5 sore sampai selesai", "Setiap hari 17.00-selesai"),
        ("senin sampai kamis 08.00-12.00, jumat 08.00-11.00", "Senin-Kamis 08.00-12.00, Jumat 08.00-11.00"),
        ("setiap hari kecuali minggu 17.00-21.00", "Setiap hari kecuali Minggu 17.00-21.00"),
        ("setiap hari 4-8 malam", "Setiap hari 16.00-20.00"), ("every day 8 to 4", "Setiap hari 08.00-16.00"),
        ("Senin 21.00-07.00", "Senin 21.00-07.00"), ("setiap hari 24 jam", "Setiap hari 24 jam"),
    ],
)  # fmt: skip
def test_practice_hours_are_written_alike(text: str, value: str) -> None:
    parsed = parse("schedule", text)
    assert (parsed.verdict, parsed.value) == (Verdict.STRONG, value)
    assert parse("schedule", value).value == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Senin-Sabtu 25.00-26.00", "field.schedule.hours"), ("nanti saja", "field.schedule.unclear"),
        ("belum tahu", "field.schedule.unclear"), ("saya mau tanya biaya", "field.schedule.unclear"),
        ("jam berapa bukanya?", "field.schedule.unclear"),
    ],
)  # fmt: skip
def test_what_is_no_practice_time_says_why(text: str, problem: str) -> None:
    assert parse("schedule", text).problem == problem


@pytest.mark.parametrize("name", ["code", "str_no", "sip_no", "nik", "no_kk"])
@pytest.mark.parametrize("language", ["id", "en", "jv"])
def test_every_problem_of_a_number_has_its_sentence(name: str, language: str) -> None:
    params = {"min": 3, "max": 9, "n": 4, "guess": "1"}
    keys = (
        ("unclear", "letters", "length", "several", "look_alike")
        if "n" in name[:2]
        else ("unclear", "letters", "length")
    )
    assert all(texts().say(f"field.{name}.{key}", language, **params) for key in keys)
    assert TYPES[name].show("1", spec_of(name), language) == "1"

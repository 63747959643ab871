from __future__ import annotations

import pytest

from bot.domain.fields.base import Verdict
from tests.domain.spec import parse


@pytest.mark.parametrize(
    "text",
    [
        "081234567890", "+62 812-3456-7890", "62812 3456 7890", "81234567890", "0812.3456.7890", "0812-3456-7890",
        "no wa 081234567890 ya", "hp saya: 0812-3456-7890", "081234567890 (wa)", "081234567890 an budi",
        "wa.me/6281234567890", "0062812 3456 7890", "+62 0812 3456 7890", "nomer kulo 081234567890 nggih",
        "nol delapan satu dua tiga empat lima enam tujuh delapan sembilan nol",
        "kosong delapan satu dua tiga empat lima enam tujuh delapan sembilan kosong", "0812 3456 7890 pak",
    ],
)  # fmt: skip
def test_a_mobile_number_is_found_however_it_is_written(text: str) -> None:
    parsed = parse("phone", text)
    assert (parsed.verdict, parsed.value, parsed.warning) == (Verdict.STRONG, "+6281234567890", None)


@pytest.mark.parametrize(
    "text",
    [
        "081234567890 atau 085711112222", "081234567890 / 085711112222", "0812 3456 7890, 0857 1111 2222",
        "081234567890 sama 085711112222", "081234567890 085711112222", "wa 081234567890 telp 085711112222",
    ],
)  # fmt: skip
def test_of_two_numbers_the_first_is_taken_and_that_is_said(text: str) -> None:
    parsed = parse("phone", text)
    assert (parsed.value, parsed.warning, parsed.params["number"]) == (
        "+6281234567890", "field.phone.first", "0812-3456-7890",
    )  # fmt: skip


def test_the_same_number_twice_is_one_number() -> None:
    assert parse("phone", "081234567890 / +6281234567890").warning is None


@pytest.mark.parametrize("text", ["08l234567890", "O81234567890", "0812345678I0 ya".replace("I0", "9O")])
def test_letters_that_look_like_digits_get_a_guess_to_confirm(text: str) -> None:
    parsed = parse("phone", text)
    assert (parsed.verdict, parsed.problem, parsed.params["guess"]) == (
        Verdict.STRONG, "field.phone.letters", "0812-3456-7890",
    )  # fmt: skip


def test_a_landline_is_taken_only_where_the_catalogue_allows_it() -> None:
    assert parse("phone", "0283 491234").problem == "field.phone.invalid"
    for text in ("0283 491234", "(0283) 491234", "+62 283 491234", "telp 0283-491234"):
        assert parse("phone", text, landline=True).value == "+62283491234"
    assert parse("phone", "081234567890", landline=True).value == "+6281234567890"


@pytest.mark.parametrize(
    "text", ["nomor ini aja", "yang ini", "tidak ada", "nomor WA dinas berapa", "syaratnya 2 apa saja ya"]
)
def test_what_holds_no_number_is_left_to_the_dialogue(text: str) -> None:
    assert parse("phone", text).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Budi @ gmail . com", "Budi@gmail.com"), ("budi@gmail,com", "budi@gmail.com"),
        ("email: budi@gmail.com ya", "budi@gmail.com"), ("<budi@gmail.com>", "budi@gmail.com"),
    ],
)  # fmt: skip
def test_an_address_is_mended_where_only_the_writing_slipped(text: str, value: str) -> None:
    assert parse("email", text).value == value


def test_a_host_that_is_probably_mistyped_is_a_warning_with_a_guess() -> None:
    parsed = parse("email", "budi@gmial.com")
    assert (parsed.value, parsed.warning, parsed.params["guess"]) == (
        "budi@gmial.com", "field.email.host", "budi@gmail.com",
    )  # fmt: skip
    assert parse("email", "budi@tegalkab.go.id").warning is None


@pytest.mark.parametrize(
    "text",
    [
        "rt 3 rw 2", "03/02", "3-2", "rt3/rw2", "RT.003 RW.002", "RT 003 / RW 002", "rw 2 rt 3", "rt tiga rw dua", "003002",
        "rt 3, rw 2", "RT: 03 RW: 02", "rt03rw02", "rt3 rw2 ya pak", "di rt 3 rw 2", "rt 3 dan rw 2", "rt telu rw loro",
    ],
)  # fmt: skip
def test_a_neighbourhood_is_understood_in_any_order(text: str) -> None:
    parsed = parse("rt_rw", text)
    assert (parsed.verdict, parsed.value) == (Verdict.STRONG, "003/002")


def test_half_a_neighbourhood_is_told_that_both_are_needed() -> None:
    assert parse("rt_rw", "RT 3").problem == "field.rt_rw.one"
    assert parse("rt_rw", "tidak ada").verdict is Verdict.NO

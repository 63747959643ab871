"""How people pick one of a list, and say yes or no."""

from __future__ import annotations

import pytest

from bot.domain.fields.base import Choice, Parsed, Verdict
from tests.domain.fields.said import RELIGION
from tests.domain.spec import parse

STATUS = (
    Choice("1", {"id": "Belum kawin"}), Choice("2", {"id": "Kawin"}), Choice("3", {"id": "Cerai hidup"}),
    Choice("4", {"id": "Cerai mati"}),
)  # fmt: skip
WORK = (
    *(Choice(str(n), {"id": f"Pekerjaan {n}"}) for n in range(1, 10)),
    Choice("10", {"id": "Karyawan Swasta"}), Choice("11", {"id": "Karyawan BUMN"}), Choice("12", {"id": "Guru"}),
)  # fmt: skip


def pick(text: str, choices: tuple[Choice, ...] = RELIGION) -> Parsed:
    return parse("choice", text, choices=choices)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", "1"), ("satu", "1"), ("siji", "1"), ("1.", "1"), ("(2)", "2"), ("2)", "2"), ("1️⃣", "1"), ("②", "2"),
        ("２", "2"), ("no 2", "2"), ("no. 2", "2"), ("nmr 2", "2"), ("nomer loro", "2"), ("nomor dua", "2"),
        ("pilihan 3", "3"), ("option 2", "2"), ("opsi b", "2"), ("pilih 1 aja", "1"), ("1 pak", "1"), ("1 ya", "1"),
        ("nomor 1 pak", "1"), ("jawabannya 2", "2"), ("yang pertama", "1"), ("yg pertama", "1"), ("sing pertama", "1"),
        ("sing keloro", "2"), ("kedua", "2"), ("ke-2", "2"), ("yg ke 2", "2"), ("ketujuh", "7"), ("the first one", "1"),
        ("yg terakhir", "7"), ("terakhir", "7"), ("paling bawah", "7"), ("paling atas", "1"), ("yang tengah", "4"),
        ("islam", "1"), ("ISLAM!!!", "1"), ("Islam.", "1"), ("saya islam", "1"), ("agama saya islam", "1"),
        ("1. Islam", "1"), ("islam (1)", "1"), ("isalm", "1"), ("islm", "1"), ("islaam", "1"), ("budha", "5"),
        ("hindhu", "4"), ("kong hu cu", "6"), ("kristen protestan", "2"), ("penghayat", "7"), ("islam 👍", "1"),
    ],
)  # fmt: skip
def test_a_row_is_picked_by_number_place_letter_or_name(text: str, code: str) -> None:
    parsed = pick(text)
    assert (parsed.verdict, parsed.value) == (Verdict.STRONG, code)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("kristen sama katolik", "2. Kristen / 3. Katolik"), ("islam atau kristen", "1. Islam / 2. Kristen"),
        ("1 dan 2", "1. Islam / 2. Kristen"), ("1,2", "1. Islam / 2. Kristen"), ("2 islam", "1. Islam / 2. Kristen"),
    ],
)  # fmt: skip
def test_two_rows_at_once_are_asked_about_with_their_numbers(text: str, options: str) -> None:
    parsed = pick(text)
    assert (parsed.ok, parsed.problem, parsed.params["options"]) == (False, "field.choice.several", options)


@pytest.mark.parametrize(
    "text", ["dua-duanya", "dua duanya", "keduanya", "semua", "semuanya", "kabeh", "loro-lorone", "both"]
)
def test_wanting_them_all_is_told_that_one_is_possible(text: str) -> None:
    assert (pick(text).verdict, pick(text).problem) == (Verdict.STRONG, "field.choice.one_only")


@pytest.mark.parametrize(
    "text", ["bukan islam", "muslim", "b", "terserah", "apa bedanya?", "tidak tahu", "yang mana ya", "Siti Aminah"]
)
def test_what_names_no_row_is_not_guessed(text: str) -> None:
    assert pick(text).verdict is Verdict.NO


@pytest.mark.parametrize("text", ["8", "0", "nomor 12"])
def test_a_number_beyond_the_list_says_how_far_it_goes(text: str) -> None:
    assert (pick(text).problem, pick(text).params["max"]) == ("field.choice.range", 7)


@pytest.mark.parametrize(
    ("text", "code"),
    [("belum kawin", "1"), ("saya belum kawin", "1"), ("belumkawin", "1"), ("kawin", "2"), ("sudah kawin", "2")],
)
def test_a_not_that_belongs_to_the_name_is_part_of_it(text: str, code: str) -> None:
    assert pick(text, STATUS).value == code


def test_a_not_that_does_not_belong_to_a_name_takes_it_away() -> None:
    assert pick("tidak kawin", STATUS).verdict is Verdict.NO


def test_a_long_list_is_searched_by_part_of_a_name_and_asks_with_names_not_numbers() -> None:
    assert (pick("swasta", WORK).value, pick("swasta", WORK).verdict) == ("10", Verdict.WEAK)
    assert pick("guru", WORK).value == "12"
    parsed = pick("karyawan", WORK)
    assert (parsed.problem, parsed.params["options"]) == (
        "field.choice.several_named",
        "Karyawan Swasta / Karyawan BUMN",
    )
    assert not pick("2", WORK).ok


@pytest.mark.parametrize(
    "text",
    [
        "y", "yaa", "iyaa", "iya dong", "yoi", "nggih", "inggeh", "betul sekali", "iya betul", "👍", "👌", "✅", "👍🏽", "1", "1️⃣",
        "yg pertama", "ada", "punya", "ya ada", "wonten", "ana", "sampun", "sudah ada",
    ],
)  # fmt: skip
def test_a_yes_is_heard_also_as_there_is(text: str) -> None:
    assert parse("yes_no", text).value is True


@pytest.mark.parametrize(
    "text",
    [
        "tdk", "ga", "gk", "g", "ndak", "enggak", "blm", "dereng", "👎", "❌", "2", "2️⃣", "tidak ada", "gak punya", "belum ada",
        "mboten wonten", "ora ana", "laka", "kagak", "tidaak",
    ],
)  # fmt: skip
def test_a_no_is_heard_also_as_there_is_none(text: str) -> None:
    assert parse("yes_no", text).value is False


@pytest.mark.parametrize(
    "text", ["ya atau tidak", "ada apa?", "tidak tahu", "tidak tau", "mau", "3", "ana yang salah namanya"]
)
def test_neither_yes_nor_no_is_asked_again(text: str) -> None:
    assert parse("yes_no", text).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("text", "ok"), [("yaa", True), ("1️⃣", True), ("ada", False), ("lanjut", False), ("sudah", False)]
)
def test_a_consent_has_to_say_so(text: str, ok: bool) -> None:
    assert parse("consent", text).ok is ok


@pytest.mark.parametrize(("text", "code"), [("2019 kawin", "2"), ("22 tahun cerai mati", "4"), ("99 kawin", "2")])
def test_a_year_or_an_age_before_the_word_is_no_number_of_the_list(text: str, code: str) -> None:
    parsed = pick(text, STATUS)
    assert parsed.ok and parsed.value == code

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.fields.base import Verdict
from bot.domain.fields.identifiers import nik_birth_date
from tests.domain.spec import parse

NIK = "3328990101900001"


@pytest.mark.parametrize(
    "text",
    [
        NIK,
        "3328 9901 0190 0001",
        "3328.9901.0190.0001",
        "3328-9901-0190-0001",
        "nik saya 3328990101900001",
        "NIK: 3328990101900001",
        "\u202a3328990101900001\u202c",
        "３３２８９９０１０１９００００１",
    ],
)
def test_a_nik_is_read_however_it_is_grouped(text: str) -> None:
    parsed = parse("nik", text)
    assert (parsed.verdict, parsed.value, parsed.warning) == (Verdict.STRONG, NIK, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("332899", "field.nik.length"),
        (NIK + "1", "field.nik.length"),
        ("33289901O1900001", "field.nik.look_alike"),
        ("33289901x1900001", "field.nik.letters"),
        (NIK + " dan 3328994502920002", "field.nik.several"),
        ("1" * 16, "field.nik.impossible"),
    ],
)
def test_a_wrong_nik_is_an_answer_that_says_what_is_wrong(text: str, problem: str) -> None:
    parsed = parse("nik", text)
    assert (parsed.verdict, parsed.problem) == (Verdict.STRONG, problem)


@pytest.mark.parametrize(
    "text",
    [
        "ini nik saya 3328990101900001 ya pak", "3328990101900001 budi", "NIK-nya 3328990101900001",
        "tiga tiga dua delapan sembilan sembilan nol satu nol satu sembilan nol nol nol nol satu",
    ],
)  # fmt: skip
def test_words_around_a_nik_do_not_hide_it(text: str) -> None:
    assert parse("nik", text).value == NIK


def test_letters_that_look_like_digits_get_a_guess_to_confirm() -> None:
    for text in ("33289901O1900OOl", "332899010190000l", "nik 3328 99O1 0190 0001"):
        parsed = parse("nik", text)
        assert (parsed.problem, len(parsed.params["guess"])) == ("field.nik.look_alike", 16)


@pytest.mark.parametrize(
    "text", ["berapa biayanya?", "tidak hafal", "saya sudah 2 kali ke sana", "NIK itu apa", "di mana lihatnya"]
)
def test_what_is_no_nik_is_left_to_the_dialogue(text: str) -> None:
    assert parse("nik", text).verdict is Verdict.NO


@pytest.mark.parametrize("odd", ["9928990101900001", "3328993213900001", "3328990101900000"])
def test_an_odd_region_date_or_serial_is_a_warning_never_a_refusal(odd: str) -> None:
    parsed = parse("nik", odd)
    assert (parsed.ok, parsed.value, parsed.warning) == (True, odd, "field.nik.odd")


def test_a_womans_nik_has_forty_added_to_her_day_of_birth() -> None:
    assert parse("nik", "3328994502920002").warning is None
    assert nik_birth_date("3328994502920002", date(2025, 1, 1)) == date(1992, 2, 5)
    assert nik_birth_date("3328990502240002", date(2025, 1, 1)) == date(2024, 2, 5)


def test_a_family_card_number_has_no_forty() -> None:
    assert parse("no_kk", "3328994502920002").warning == "field.no_kk.odd"
    assert parse("no_kk", "KK 3328990502920002").warning is None


@pytest.mark.parametrize(
    "text",
    ["0812-3456-7890", "+62 812 3456 7890", "6281234567890", "81234567890", "wa saya 081234567890", "(0812) 34567890"],
)
def test_a_mobile_number_is_kept_in_one_form(text: str) -> None:
    assert parse("phone", text).value == "+6281234567890"


@pytest.mark.parametrize("text", ["0283 491234", "0812345", "08123456789012345"])
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    assert parse("phone", text).problem == "field.phone.invalid"


@pytest.mark.parametrize(
    ("text", "value"), [("Budi@Gmail.COM", "Budi@gmail.com"), ("email saya budi.s@mail.co.id.", "budi.s@mail.co.id")]
)
def test_an_address_is_found_and_its_host_written_small(text: str, value: str) -> None:
    assert parse("email", text).value == value


@pytest.mark.parametrize("text", ["budi@gmail", "@gmail.com", "a..b@gmail.com", "budi@-x.com"])
def test_a_broken_address_is_refused(text: str) -> None:
    assert parse("email", text).problem == "field.email.invalid"


@pytest.mark.parametrize("text", ["003/002", "rt 3 rw 2", "03/02", "3/2", "RT 003 / RW 002", "rt.3 rw.2"])
def test_neighbourhood_numbers_get_their_zeros(text: str) -> None:
    assert parse("rt_rw", text).value == "003/002"

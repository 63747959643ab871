from __future__ import annotations

from datetime import date

import pytest

from bot.domain.fields.base import Verdict
from bot.domain.fields.dates import bound
from tests.domain.spec import parse

BORN = {"min": "-120y", "max": "today"}


@pytest.mark.parametrize(
    "text",
    [
        "17-8-1990", "17/08/1990", "17.8.1990", "17 8 1990", "17/08/90", "17-8-'90", "17 agt 90", "17 Agustus 1990",
        "17 agustus 1990.", "17agustus1990", "17081990", "170890",
        "1990-08-17", "lahir tgl 17 agustus 1990 pak", "tanggal 17-08-1990", "17 agustsu 1990", "17 August 1990",
        "August 17, 1990", "tujuh belas agustus 1990", "Jumat, 17 Agustus 1990",
        "jum'at 17-8-1990", "tgl 17 bln 8 th 90", "tgl 17 bulan 8 tahun 1990", "17 agustus tahun 1990", "17,08,1990",
        "17|08|1990", "17- 8 -1990", "l7-08-1990", "17-O8-1990", "7 belas agustus 1990", "17th of August 1990",
        "tujuh belas agustus seribu sembilan ratus sembilan puluh", "tujuh belas agustus sembilan belas sembilan puluh",
        "19900817", "17 wulan 8 1990", "TTL: Tegal, 17 agustus 1990", "17/08/1990 jam 7 pagi", "17 agusutus 1990",
        "jumat wage 17 agustus 1990", "17 agustus'90",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_date_is_understood_day_first(text: str) -> None:
    parsed = parse("date", text, **BORN)
    assert (parsed.verdict, parsed.value, parsed.problem) == (Verdict.STRONG, "1990-08-17", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hari ini", "2025-11-19"), ("kemarin", "2025-11-18"), ("Kemaren pak", "2025-11-18"), ("wingi", "2025-11-18"),
        ("mau bengi", "2025-11-18"), ("tadi pagi", "2025-11-19"),
        ("senin kemarin", "2025-11-17"), ("senin lalu", "2025-11-17"), ("rabu kemarin", "2025-11-12"),
        ("kamis", "2025-11-13"), ("tgl 5 kemarin", "2025-11-05"), ("tgl 25", "2025-10-25"),
        ("tanggal 5 bulan lalu", "2025-10-05"), ("tgl 3 bulan ini", "2025-11-03"), ("3 hari lalu", "2025-11-16"),
        ("dua hari yang lalu", "2025-11-17"), ("seminggu yang lalu", "2025-11-12"),
        ("2 minggu lalu", "2025-11-05"), ("yesterday", "2025-11-18"), ("telung dina kepungkur", "2025-11-16"),
        ("jumat", "2025-11-14"), ("kemarin sore", "2025-11-18"), ("kmrn pagi", "2025-11-18"),
        ("tadi subuh", "2025-11-19"),
        ("td pagi", "2025-11-19"), ("mau bengi", "2025-11-18"), ("barusan", "2025-11-19"), ("3 hr lalu", "2025-11-16"),
        ("2 mgg yg lalu", "2025-11-05"), ("hari minggu kemarin", "2025-11-16"), ("senin minggu lalu", "2025-11-10"),
        ("jumat kliwon kemarin", "2025-11-14"), ("kemarin jam 8 malam", "2025-11-18"),
    ],
)  # fmt: skip
def test_days_counted_from_today_are_understood_and_shown_back(text: str, expected: str) -> None:
    parsed = parse("date", text, **BORN)
    assert parsed.value == expected
    assert parsed.interpreted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("besok", "2025-11-20"), ("ngesuk", "2025-11-20"), ("lusa", "2025-11-21"), ("senin depan", "2025-11-24"),
        ("jumat depan", "2025-11-28"), ("jumat", "2025-11-21"),
        ("tgl 5", "2025-12-05"), ("tgl 25", "2025-11-25"), ("3 hari lagi", "2025-11-22"), ("besok pagi", "2025-11-20"),
        ("besok pagi jam 8", "2025-11-20"), ("besuk", "2025-11-20"), ("mbesuk", "2025-11-20"),
        ("sesuk esuk", "2025-11-20"),
        ("nanti sore", "2025-11-19"), ("jumat ini", "2025-11-21"), ("senin minggu depan", "2025-11-24"),
        ("hari senin jam 9", "2025-11-24"), ("seminggu lagi", "2025-11-26"), ("tgl 5 bulan depan", "2025-12-05"),
        ("2 minggu lagi", "2025-12-03"), ("5 desember", "2025-12-05"), ("5/12", "2025-12-05"),
    ],
)  # fmt: skip
def test_days_ahead_are_understood_where_the_field_looks_ahead(text: str, expected: str) -> None:
    assert parse("date", text, min="today", max="+60d").value == expected


@pytest.mark.parametrize(
    "text",
    [
        "awal bulan depan", "akhir bulan", "bulan depan", "minggu depan", "minggu lalu", "tahun lalu", "sebulan yang lalu",
        "2 tahun lalu", "pertengahan desember", "habis lebaran", "akhir minggu ini", "beberapa hari lalu", "secepatnya",
    ],
)  # fmt: skip
def test_a_time_that_is_no_single_day_is_refused_politely_with_what_was_said(text: str) -> None:
    parsed = parse("date", text, min="-2y", max="+2y")
    assert (parsed.verdict, parsed.problem, parsed.params["said"]) == (Verdict.STRONG, "field.date.vague", text)


@pytest.mark.parametrize("text", ["mau", "nanti", "nanti dulu ya", "mau tanya", "saya mau ubah", "this"])
def test_wanting_is_no_day_although_javanese_has_that_word_for_earlier_today(text: str) -> None:
    assert parse("date", text, min="-2y", max="+2y").verdict is Verdict.NO


def test_a_leading_zero_in_a_short_year_is_kept() -> None:
    assert parse("date", "17 okt 05", **BORN).value == "2005-10-17"
    assert dict(parse("date", "2 jan 10", **BORN).params) == {"a": 1910, "b": 2010}


def test_a_short_year_that_fits_twice_is_refused_politely_with_both_years() -> None:
    parsed = parse("date", "17/08/20", **BORN)
    assert (parsed.problem, dict(parsed.params)) == ("field.date.ambiguous", {"a": 1920, "b": 2020})


def test_a_short_year_is_settled_by_what_is_usual_for_the_field() -> None:
    assert parse("date", "17/08/24", **BORN, usual="-17y").value == "2024-08-17"
    assert parse("date", "17/08/1924", **BORN, usual="-17y").value == "1924-08-17"


def test_a_date_without_year_is_settled_only_when_one_year_fits() -> None:
    assert parse("date", "17 agt", min="-300d", max="today").value == "2025-08-17"
    assert parse("date", "17 agt", **BORN).problem == "field.date.year_missing"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("31 feb 1990", "field.date.invalid"), ("29-2-2023", "field.date.invalid"),
        ("08/17/1990", "field.date.invalid"), ("1-1-2026", "field.date.future"), ("besok", "field.date.future"),
        ("1-1-1880", "field.date.too_early"), ("17", "field.date.incomplete"), ("1990", "field.date.incomplete"),
    ],
)  # fmt: skip
def test_a_wrong_date_is_an_answer_that_cannot_be_taken(text: str, problem: str) -> None:
    parsed = parse("date", text, **BORN)
    assert (parsed.verdict, parsed.problem, parsed.ok) == (Verdict.STRONG, problem, False)


@pytest.mark.parametrize(
    "text", ["berapa biayanya", "tanggal berapa bukanya?", "Budi Santoso", "syaratnya apa", "saya mau bicara petugas"]
)
def test_what_is_no_date_is_left_to_the_dialogue(text: str) -> None:
    assert parse("date", text, **BORN).verdict is Verdict.NO


def test_a_weekday_that_does_not_fit_is_only_a_warning() -> None:
    parsed = parse("date", "Senin, 17 Agustus 1990", **BORN)
    assert (parsed.value, parsed.warning) == ("1990-08-17", "field.date.weekday")


def test_limits_are_read_from_the_catalogue() -> None:
    today = date(2024, 2, 29)
    assert [bound(w, today) for w in ("today", "-1y", "+30d", "2020-01-02")] == [
        today, date(2023, 2, 28), date(2024, 3, 30), date(2020, 1, 2),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="soon"):
        bound("soon", today)

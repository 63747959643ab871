from __future__ import annotations

import pytest

from bot.domain.fields.base import Choice, Verdict
from bot.domain.fields.choices import yes_or_no
from bot.domain.fields.clean import clean, distance, trouble
from tests.domain.spec import birth, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("siti aminah", "Siti Aminah"), ("SITI AMINAH", "Siti Aminah"), ("Siti aminah", "Siti aminah"),
        ("Bpk. H. Ahmad Dahlan, S.Pd", "Ahmad Dahlan"), ("nama saya Budi", "Budi"),
        ("Dr. Ir. Soekarno", "Soekarno"), ("SUPARNO S.H.", "Suparno"), ("ma'ruf amin", "Ma'ruf Amin"),
        ("Ma’ruf", "Ma'ruf"), ("nur-hidayah", "Nur-Hidayah"), ("I Made Sukarta", "I Made Sukarta"),
        ("Abdul A.R.", "Abdul A.R."), ("Kartosuwiryo S.M.", "Kartosuwiryo S.M."),
        ("  budi \n santoso ", "Budi Santoso"), ("Is Mulyadi", "Is Mulyadi"), ("Suharto", "Suharto"),
        ("jenenge slamet", "Slamet"), ("nyong jenenge slamet", "Slamet"), ("asma kulo slamet", "Slamet"),
        ("a/n Budi Santoso", "Budi Santoso"),
        ("a.n. budi", "Budi"), ("atas nama budi", "Budi"), ("nama: Siti Aminah", "Siti Aminah"),
        ("nama anak Budi", "Budi"),
        ("nama lengkap saya siti", "Siti"), ("My name's Budi", "Budi"), ("budi santoso spd", "Budi Santoso"),
        ("Dr. dr. Budi Sp.A", "Budi"), ("siti aminah ya pak", "Siti Aminah"), ("budi santoso 😊", "Budi Santoso"),
        ("budi santoso!!", "Budi Santoso"), ("budi.", "Budi"), ("alm. slamet", "Slamet"), ("Moh. Ali", "Moh. Ali"),
        ("An Nisa Putri", "An Nisa Putri"), ("Nur 'Aini", "Nur 'Aini"), ("sri", "Sri"), ("apt. Siti, S.Farm", "Siti"),
    ],
)  # fmt: skip
def test_a_name_is_weak_and_loses_titles_but_nothing_else(text: str, value: str) -> None:
    parsed = parse("name", text)
    assert (parsed.verdict, parsed.value, parsed.problem) == (Verdict.WEAK, value, None)


@pytest.mark.parametrize(
    "text",
    [
        "berapa biayanya?",
        "berapa biayanya",
        "syaratnya apa",
        "apa saja syaratnya",
        "ya",
        "tidak",
        "halo",
        "selamat pagi",
        "iya itu saya",
        "oke lanjut pak",
        "sore lur wis bali durung",
        "Dengan hormat, kami keberatan",
        "makasih",
        "saya mau tanya",
        "mau bikin ktp juga",
        "priben carane",
        "pira bayare",
        "O",
    ],
)
def test_questions_greetings_and_wishes_are_no_names(text: str) -> None:
    assert parse("name", text).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Budi 2", "field.name.digits"),
        ("Budi; Santoso", "field.name.letters"),
        ("a" * 61, "field.name.too_long"),
        ("Будимир", "field.name.letters"),
    ],
)
def test_a_name_that_cannot_be_says_why(text: str, problem: str) -> None:
    assert parse("name", text).problem == problem


def test_a_child_with_one_word_is_a_warning_only_where_the_catalogue_asks() -> None:
    assert parse("name", "Siti", warn_words=2).warning == "field.name.one_word"
    assert parse("name", "Siti").warning is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("di tegal", "Tegal"), ("Kab. Tegal", "Kab. Tegal"), ("slawi", "Slawi"), ("saya lahir di tegal", "Tegal"),
        ("lahire nang slawi", "Slawi"), ("tempat lahir: brebes", "Brebes"), ("di rs soeselo", "RS Soeselo"),
        ("tegal 🙏", "Tegal"),
    ],
)  # fmt: skip
def test_a_place_is_weak(text: str, value: str) -> None:
    parsed = parse("place", text)
    assert (parsed.verdict, parsed.value) == (Verdict.WEAK, value)


def test_an_address_with_its_usual_marks_is_strong() -> None:
    assert parse("address", "Jl. Melati 3 RT 02 RW 01 Kalisapu").verdict is Verdict.STRONG
    assert parse("address", "dekat pasar trayeman").verdict is Verdict.WEAK


def test_the_words_before_an_address_are_no_part_of_it() -> None:
    assert parse("address", "alamat saya di jl mawar 5").value == "jl mawar 5"
    assert parse("address", "Alamat: Jl. Melati 3 RT 2/1").value == "Jl. Melati 3 RT 2/1"


def _field(section: str, id: str) -> tuple[Choice, ...]:
    form = birth().form
    assert form is not None
    return next(f.choices for s in form.sections if s.id == section for f in s.fields if f.id == id)


@pytest.mark.parametrize(
    ("id", "text", "code"),
    [
        ("jenis_kelamin", "laki-laki", "L"), ("jenis_kelamin", "2", "P"), ("jenis_kelamin", "P", "P"),
        ("jenis_kelamin", "perempuam", "P"), ("jenis_kelamin", "anaknya cewek pak", "P"),
        ("jenis_kelamin", "lanang", "L"), ("tempat_dilahirkan", "rs", "1"), ("tempat_dilahirkan", "di rumah", "4"),
        ("tempat_dilahirkan", "rumah sakit soeselo", "1"),
        ("tempat_dilahirkan", "pukesmas", "2"), ("tempat_dilahirkan", "nomor 3", "3"),
        ("tempat_dilahirkan", "yang kedua", "2"), ("jenis_kelahiran", "kembar", "2"),
        ("jenis_kelahiran", "kembar tiga", "3"),
        ("jenis_kelahiran", "tungal", "1"), ("penolong", "bidan desa", "2"), ("penolong", "dr. spog", "1"),
    ],
)  # fmt: skip
def test_a_choice_is_understood_by_number_name_synonym_and_with_typing_errors(id: str, text: str, code: str) -> None:
    parsed = parse("choice", text, choices=_field("anak", id))
    assert (parsed.verdict, parsed.value) == (Verdict.STRONG, code)


@pytest.mark.parametrize(
    ("text", "verdict", "problem"),
    [
        ("9", Verdict.STRONG, "field.choice.range"), ("dokter atau bidan", Verdict.NO, "field.choice.several"),
        ("berapa biayanya?", Verdict.NO, "field.choice.unclear"),
        ("bukan dokter", Verdict.NO, "field.choice.unclear"), ("Siti Aminah", Verdict.NO, "field.choice.unclear"),
    ],
)  # fmt: skip
def test_a_choice_that_is_unclear_is_not_guessed(text: str, verdict: Verdict, problem: str) -> None:
    parsed = parse("choice", text, choices=_field("anak", "penolong"))
    assert (parsed.verdict, parsed.problem) == (verdict, problem)


@pytest.mark.parametrize(
    "text", ["ya", "Iya pak", "nggih", "betul", "sudah benar", "ok", "sip 👍", "👍", "ya setuju", "yes", "inggih leres"]
)
def test_a_yes_in_three_languages(text: str) -> None:
    assert yes_or_no(clean(text)) is True


@pytest.mark.parametrize(
    "text", ["tidak", "gak", "ora", "mboten", "belum", "tidak setuju", "salah", "no", "bukan pak", "belum benar"]
)
def test_a_no_in_three_languages(text: str) -> None:
    assert yes_or_no(clean(text)) is False


@pytest.mark.parametrize("text", ["ya?", "apa", "Budi", "ya tapi nama saya salah tulis", ""])
def test_what_is_neither_yes_nor_no(text: str) -> None:
    assert yes_or_no(clean(text)) is None


def test_a_refused_consent_says_what_that_means() -> None:
    assert parse("consent", "tidak").problem == "field.consent.refused"
    assert parse("consent", "ya, setuju").value is True


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("", "field.text.empty"), ("  \n\t ", "field.text.empty"), ("\u200e\u200f\u202e", "field.text.empty"),
        ("\x00\x01", "field.text.empty"), ("a" * 5000, "field.text.too_long"),
        ("😀😀", "field.text.no_letters"), ("...", "field.text.no_letters"), ("<b>Budi</b>", "field.text.markup"),
        ("<script>alert(1)</script>", "field.text.markup"), ("Budi", None), ("-", None), ("3 < 4", None),
    ],
)  # fmt: skip
def test_text_that_no_field_can_use_is_named(raw: str, key: str | None) -> None:
    assert trouble(raw, clean(raw)) == key


def test_invisible_characters_are_taken_out() -> None:
    assert clean("Bu\u200bdi\u202e \x07San\u00adtoso") == "Budi Santoso"


def test_two_swapped_letters_are_one_error() -> None:
    assert (distance("kembali", "kembail"), distance("batal", "batl"), distance("a", "b")) == (1, 1, 1)

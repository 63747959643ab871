from __future__ import annotations

import pytest

from bot.domain.form_commands import Command, command_of, correction_target, has_none
from bot.domain.form_model import Section
from tests.domain.citizen import Citizen
from tests.domain.test_form_model import service, simple, words


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("kembali", Command.BACK), ("Mundur pak", Command.BACK), ("balik", Command.BACK), ("back", Command.BACK),
        ("kmbali", Command.BACK), ("KEMBALI!", Command.BACK),
        ("ulangi", Command.REPEAT), ("apa tadi?", Command.REPEAT), ("baleni", Command.REPEAT),
        ("batal", Command.CANCEL), ("batl", Command.CANCEL), ("ga jadi deh", Command.CANCEL), ("ora sida", Command.CANCEL),
        ("batlkan", Command.CANCEL), ("nanti dulu", Command.PAUSE), ("bentar mau makan dulu", Command.PAUSE),
        ("lanjut nanti ya", Command.PAUSE),
        ("mengko disit", Command.PAUSE), ("lanjut", Command.RESUME), ("lanjutkn", Command.RESUME),
        ("sampai mana", Command.WHERE), ("where was I?", Command.WHERE), ("gutul endi", Command.WHERE),
        ("petugas", Command.PERSON), ("admin", Command.PERSON), ("CS", Command.PERSON),
        ("Officer", Command.PERSON), ("agent please", Command.PERSON), ("person", Command.PERSON),
        ("HUMAN!", Command.PERSON), ("matur petugas", Command.PERSON), ("matur petugas nggih", Command.PERSON),
        ("orang", Command.PERSON), ("ptugas", Command.PERSON), ("bantuan", Command.HELP), ("lewati", Command.SKIP),
        ("skip", Command.SKIP), ("ubah nama", Command.CORRECT),
        ("salah ketik", Command.CORRECT), ("nama ibu salah", Command.CORRECT), ("ganti nomor 4", Command.CORRECT),
        ("ubah nama anak jadi Siti Aminah Putri Lestari", Command.CORRECT),
    ],
)  # fmt: skip
def test_reserved_words_in_three_languages_with_typing_errors(text: str, command: Command) -> None:
    assert command_of(text) is command


@pytest.mark.parametrize(
    "text",
    [
        "Budi Santoso",
        "saya mau kembali ke tegal besok pagi naik bis",
        "berapa biayanya",
        "Jl. Petugas 3",
        "17 agustus 1990",
        "ktp",
        "orang tua saya",
        "",
        "😀",
        "Batik",
        "agent properti",
        "Agen",
        "agen asuransi",
        "insurance agent",
        "police officer",
        "office",
        "persen",
        "personalia",
        "Human Resources",
        "3328990101900001",
    ],
)
def test_other_messages_are_no_reserved_words(text: str) -> None:
    assert command_of(text) is None


@pytest.mark.parametrize("text", ["kmbali", "batlkan", "ptugas"])
def test_typing_errors_are_only_forgiven_when_asked(text: str) -> None:
    assert command_of(text, tolerant=False) is None


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ubah 12", "12"),
        ("ubah nomor 12", "12"),
        ("tolong ganti nama ibu", "nama ibu"),
        ("salah nama ibu", "nama ibu"),
        ("nama ibu salah", "nama ibu"),
        ("ubah", ""),
        ("Budi", None),
    ],
)
def test_what_is_to_be_corrected(text: str, target: str | None) -> None:
    assert correction_target(text) == target


def test_an_answer_that_only_resembles_a_call_for_a_person_stays_an_answer() -> None:
    section = Section("isi", words("Isi"), (simple("nama"), simple("pekerjaan", "text")))
    her = Citizen(service(section)).send("Agen", "agent properti")
    assert her.payload == {"isi": {"nama": "Agen", "pekerjaan": "agent properti"}}


def test_values_are_the_words_of_button_payloads() -> None:
    assert {c.value for c in Command} >= {"kembali", "ulang", "batal", "jeda", "lanjut", "petugas", "sampai-mana"}


@pytest.mark.parametrize(
    ("text", "none"),
    [("g ada", True), ("Gak punya kak", True), ("ora duwe", True), ("mboten gadhah", True), ("ada", False), ("tidak", False),
     ("gak ada yang nolong", False)],
)  # fmt: skip
def test_there_is_none_is_heard(text: str, none: bool) -> None:
    assert has_none(text) is none


def test_who_has_none_passes_over_what_may_be_left_out_but_not_over_what_may_not() -> None:
    section = Section("isi", words("Isi"), (simple("email", "email", optional=True), simple("hp", "phone")))
    her = Citizen(service(section)).send("g ada")
    assert her.path == "isi.hp"
    assert her.send("gak punya").path == "isi.hp"

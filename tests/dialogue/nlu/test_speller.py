"""Mistyped words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.augment import with_typos
from bot.dialogue.nlu.speller import Speller

SPELLER = Speller({"kelahiran": 40, "kelurahan": 20, "pengajuan": 9, "perawat": 9, "langka": 1, "sampai": 5})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("kelahran", "kelahiran"),
        ("kelahiiran", "kelahiran"),
        ("kelahiram", "kelahiran"),
        ("kelhairan", "kelahiran"),
        ("klhrn", "kelahiran"),
        ("perwaat", "perawat"),
    ],
)
def test_one_slip_or_missing_vowels_are_read_as_the_usual_word(written: str, meant: str) -> None:
    assert SPELLER.correct([written]) == [meant]


@pytest.mark.parametrize("word", ["langka", "kos", "3328", "svcheld", "xkelahiran", "kelxhirxn", "pepaya"])
def test_known_short_and_distant_words_stay(word: str) -> None:
    assert SPELLER.correct([word]) == [word]


def test_what_is_corrected_is_read_like_any_word() -> None:
    assert SPELLER.correct(["pengajuann"]) == ["ajukan"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("aktalahir", "akta lahir"),
        ("izinpraktek", "izin praktik"),
        ("unduhakte", "unduh akta"),
        ("biayanyaberapa", "biaya berapa"),
    ],
)
def test_words_that_stuck_together_come_apart(written: str, read: str) -> None:
    assert SPELLER.correct([written]) == read.split()


@pytest.mark.parametrize(
    ("written", "read"),
    [("akat", "akta"), ("saalh", "salah"), ("unudh", "unduh"), ("aktta", "akta"), ("ngseuk", "besok")],
)
def test_swapped_and_doubled_letters_are_put_right_in_short_words_and_in_words_of_the_tables(
    written: str, read: str
) -> None:
    assert SPELLER.correct([written]) == [read]


@given(st.text(alphabet="aktbil", max_size=40))
def test_nothing_typed_is_too_odd_to_be_read(word: str) -> None:
    assert all(SPELLER.correct([word])) == bool(word) or not word


def test_names_are_known_however_rare() -> None:
    speller = Speller.learn([["syarat"]], ["ortotis"])
    assert speller.correct(["ortotsi"]) == ["ortotis"]


@given(st.text())
def test_typing_errors_are_the_same_for_the_same_seed_and_keep_the_number_of_words(text: str) -> None:
    assert with_typos(text, 5) == with_typos(text, 5)
    assert len(with_typos(text, 5, 1.0).split(" ")) == len(text.split(" "))


def test_typing_errors_leave_short_words_and_numbers_alone() -> None:
    text = "nik 3328990101900001 apa kk ku"
    assert with_typos(text, 1, 1.0) == text
    assert with_typos("persyaratan kelahiran", 1, 1.0) != "persyaratan kelahiran"

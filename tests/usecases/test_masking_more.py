"""Masking for people's eyes: names that are introduced or addressed, streets, and everything that Rasa does not get either."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.masking import mask_more


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("nama saya siti aminah mau bikin ktp", "nama saya nama mau bikin ktp"),
        ("nama anak saya Aisyah Putri lahir di Tegal", "nama anak saya nama lahir di Tegal"),
        ("cek status a.n. Joko Susilo ya", "cek status a.n. nama ya"),
        ("Bu Wati dan Pak Budi Santoso", "Bu nama dan Pak nama"),
        ("saya Budi Hartono mau pindah", "saya nama mau pindah"),
        ("my name is John Smith and I moved", "my name is nama and I moved"),
        ("alamat jl mawar no 12 rt 03/rw 05 slawi", "alamat slawi"),
        ("NIK 3328990101900001 hp 0812-3456-7890 siti@contoh.id", "NIK nomor hp nomor email"),
        ("nama: Siti, tiket TKT-KSNS-9WPF-C", "nama: nama, tiket nomor"),
        # What only looks like one stays: it is the wish.
        ("halo nama lagi mau tanya", "halo nama lagi mau tanya"),
        ("jalan mana yang ke kantor", "jalan mana yang ke kantor"),
        ("Pak RT bilang harus pengantar", "Pak RT bilang harus pengantar"),
        ("saya Perawat mau perpanjang SIP", "saya Perawat mau perpanjang SIP"),
        ("2 anak, namanya siapa saja boleh", "2 anak, namanya siapa saja boleh"),
    ],
)
def test_what_names_somebody_is_masked_and_the_wish_stays(written: str, shown: str) -> None:
    assert mask_more(written) == shown


def test_what_is_known_of_a_person_is_masked_wherever_it_stands() -> None:
    assert mask_more("ini karso, KARSO WIJAYA dari slawi", ["Karso Wijaya"]) == "ini nama, nama dari slawi"


@given(st.text(max_size=200), st.lists(st.text(min_size=4, max_size=12), max_size=3))
def test_no_number_is_left_and_masking_again_changes_nothing(text: str, known: list[str]) -> None:
    shown = mask_more(text, known)
    assert not re.search(r"\d{3}", shown)
    assert mask_more(shown) == shown

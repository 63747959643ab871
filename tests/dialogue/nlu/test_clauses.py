"""Where one wish ends and the next begins."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.clauses import MOST, clauses


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("syarat akta apa aja, terus bayar berapa?", ["syarat akta apa aja", "bayar berapa?"]),
        ("jam berapa buka sama lokasinya di mana", ["jam berapa buka", "lokasinya di mana"]),
        ("mau daftar KTP sekalian ambil antrean besok", ["mau daftar KTP", "ambil antrean besok"]),
        ("syarate apa bae trs mbayare pira", ["syarate apa bae", "mbayare pira"]),
        ("how long does it take and how much is it", ["how long does it take", "how much is it"]),
        ("syaratnya apa, biayanya berapa", ["syaratnya apa", "biayanya berapa"]),
        ("Bapak saya meninggal. Surat apa yang perlu", ["Bapak saya meninggal, Surat apa yang perlu"]),
        ("halo, mau tanya", ["halo, mau tanya"]),
        ("bawa ktp dan kk", ["bawa ktp kk"]),
        ("syarat ktp", ["syarat ktp"]),
        ("nol satu dan dua tiga dan empat lima dan enam tujuh dan delapan sembilan dan a b dan c d", None),
        ("   ", []),
        ("?!.", ["?"]),
    ],
)
def test_a_text_is_cut_where_something_is_added(text: str, parts: list[str] | None) -> None:
    assert clauses(text) == (parts if parts is not None else [text])  # None: a story, in one piece


def test_a_point_inside_a_number_or_name_is_no_border() -> None:
    assert clauses("rp 50.000 itu mahal") == ["rp 50.000 itu mahal"]
    assert clauses("rerusak dandang danau") == ["rerusak dandang danau"]


@given(st.text())
def test_any_text_gives_a_few_clauses_of_its_own_words(text: str) -> None:
    parts = clauses(text)
    assert len(parts) <= MOST
    kept = re.findall(r"\w+", " ".join(parts))
    said = iter(re.findall(r"\w+", text))
    assert all(word in said for word in kept)  # in the same order

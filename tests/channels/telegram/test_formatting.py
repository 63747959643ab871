"""Bold stretches and lengths as Telegram counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from channels.telegram.formatting import Formatted, formatted, pieces, sendable, units

ALPHABET = st.sampled_from(list("ab *_<>&`[]()\n.😀é\u200b👨"))
TEXTS = st.text(ALPHABET, max_size=300) | st.text(max_size=200)


@pytest.mark.parametrize(
    ("text", "words", "bold"),
    [
        ("Halo *Budi*, apa kabar?", "Halo Budi, apa kabar?", ["Budi"]),
        ("*Kependudukan*\n• KTP\n• KK", "Kependudukan\n• KTP\n• KK", ["Kependudukan"]),
        ("tulis *petugas* atau *ulang*.", "tulis petugas atau ulang.", ["petugas", "ulang"]),
        ("(*dua kata*)", "(dua kata)", ["dua kata"]),
        ("“*x*”", "“x”", ["x"]),
        ("Tanda * artinya kami isi. Dua * lagi.", "Tanda * artinya kami isi. Dua * lagi.", []),
        ("Nama: Budi *\nNIK: 33 *", "Nama: Budi *\nNIK: 33 *", []),
        ("2*3*4", "2*3*4", []),
        ("* butir satu\n* butir dua", "* butir satu\n* butir dua", []),
        ("*dua\nbaris*", "*dua\nbaris*", []),
        ("**", "**", []),
        ("<b>&amp;</b> _x_ `y` [z](w)", "<b>&amp;</b> _x_ `y` [z](w)", []),
        ("https://contoh.go.id/a*b*c *ya*", "https://contoh.go.id/a*b*c ya", ["ya"]),
        ("  *ya*  \n", "ya", ["ya"]),
        ("😀 *😀😀* 😀", "😀 😀😀 😀", ["😀😀"]),
        ("a\x00b\x07c\r\nd", "abc\nd", []),
    ],
)
def test_stars_around_words_become_bold_and_all_else_stays(text: str, words: str, bold: list[str]) -> None:
    got = formatted(text)
    assert got.text == words
    assert [got.text[start:end] for start, end in got.bold] == bold


@given(TEXTS)
def test_entities_mark_in_utf16_what_was_bold(text: str) -> None:
    got = formatted(text)
    raw = got.text.encode("utf-16-le")
    entities = got.entities()
    told = [raw[e.offset * 2 : (e.offset + e.length) * 2].decode("utf-16-le") for e in entities]
    assert told == [got.text[start:end] for start, end in got.bold][:100]
    assert all(entity.type == MessageEntity.BOLD for entity in entities)
    assert got.text == got.text.strip()


@given(TEXTS)
def test_no_letter_is_lost_by_formatting(text: str) -> None:
    def letters(of: str) -> str:
        return "".join(c for c in of if c != "*" and not c.isspace())

    assert letters(formatted(text).text) == letters(sendable(text))


@given(st.text(max_size=400), st.integers(2, 60))
def test_pieces_fit_and_together_hold_every_letter(text: str, most: int) -> None:
    whole = formatted(text)
    cut = pieces(whole, most)
    assert all(0 < part.units <= most for part in cut)
    assert "".join("".join(part.text.split()) for part in cut) == "".join(whole.text.split())
    for part in cut:
        assert all(0 <= start < end <= len(part.text) for start, end in part.bold)


@given(st.lists(st.text(st.sampled_from("ab😀"), min_size=1, max_size=9), min_size=1, max_size=60))
def test_a_text_is_cut_between_its_words(words: list[str]) -> None:
    for part in pieces(formatted(" ".join(words)), 60):
        assert set(part.text.split(" ")) <= set(words)


def test_a_text_that_fits_is_one_piece() -> None:
    whole = formatted("*a* " + "b" * 4000)
    assert pieces(whole, 4096) == [whole]


def test_a_paragraph_is_preferred_to_a_line_and_a_line_to_a_word() -> None:
    text = "satu dua\n\ntiga empat\nlima enam"
    assert [part.text for part in pieces(Formatted(text), 24)] == ["satu dua", "tiga empat\nlima enam"]


def test_emoji_count_twice() -> None:
    assert units("😀a") == 3
    assert [part.units for part in pieces(Formatted("😀" * 5000), 4096)] == [4096, 4096, 1808]

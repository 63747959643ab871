"""One spelling for what people write in many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.normalise import is_listed, normalise, reading, words
from bot.dialogue.nlu.spellings import EMOJI, readings

WRITTEN = sorted(readings())
CHATTY = st.lists(st.sampled_from([*WRITTEN, "ktp", "akta", "12", "😡", "nya", "xyz"]), max_size=12).map(
    lambda found: " ".join(found).replace("_", " ")
)


@given(st.text())
def test_any_text_is_read_without_an_error_and_reading_it_again_changes_nothing(text: str) -> None:
    assert words(normalise(text)) == words(text)


@given(CHATTY)
def test_chat_language_has_one_reading_that_stays(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=30))
def test_a_word_is_never_lost(word: str) -> None:
    assert words(word)


@pytest.mark.parametrize("written", WRITTEN)
def test_every_reading_of_the_tables_is_itself_read_as_it_stands(written: str) -> None:
    assert normalise(readings()[written]) == readings()[written]


@given(st.sampled_from(WRITTEN).filter(lambda word: "_" not in word), st.sampled_from(["", "!", "..", " "]))
def test_case_and_punctuation_do_not_change_what_is_read(word: str, mark: str) -> None:
    assert words(f"{mark}{word.upper()}{mark}") == words(word)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Syarate gaweee KTP apa bae yaaa??", "syarat buat ktp apa saja ya"),
        ("nik 3328990101900001", "nik 0000"),
        ("mboten saged", "tidak bisa"),
        ("hati2", "hati"),
        ("aja ngirim maning", "aja kirim lagi"),
        ("ﬁle", "berkas"),
        ("pan gawe akte lair priben", "mau buat akta lahir bagaimana"),
        ("badhe ndamel serat pindah kados pundi", "mau buat surat pindah bagaimana"),
        ("matur nuwun nggih", "terima kasih ya"),
        ("nuwun sewu, syaratipun punapa mawon", "permisi syarat apa saja"),
        ("brp lama y pndftrn", "berapa lama ya daftar"),
        ("how much does it cost", "berapa biaya does it biaya"),
        ("kantornya dmn 😡😡", "kantor di mana emomarah emomarah"),
        ("Terima kasih banyak", "terima kasih banyak"),
        ("kk trus akta", "kk terus akta"),
        ("pr4ktek k3", "praktik k0"),
        ("dokter Sp.OG", "dokter spesialis og"),
        ("berkas oranye", "berkas oranye"),
    ],
)
def test_words_get_one_spelling(text: str, read: str) -> None:
    assert normalise(text) == read


@pytest.mark.parametrize(
    "word", ["ktp", "kk", "sip", "str", "drg", "bpjs", "skck", "npwp", "ttk", "stnk", "jkn", "slf"]
)
def test_an_abbreviation_is_no_word_without_vowels(word: str) -> None:
    assert reading(word) == word


def test_what_is_not_listed_passes_through() -> None:
    assert words("slawi wetan fisioterapis") == ["slawi", "wetan", "fisioterapis"]
    assert not is_listed("fisioterapis")
    assert is_listed("nyong") and is_listed("saya")


def test_every_emoji_says_one_word() -> None:
    assert all(words(emoji) == [mood] for emoji, mood in EMOJI.items())

"""Questions are found by likeness, with typing errors, and not when nothing is alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.normalise import words
from bot.domain.catalogue import Fact, Faq
from bot.domain.faq import FaqIndex


def _faq(id: str, *questions: str) -> Faq:
    return Faq(id, questions, Fact({"id": id}, "test", True))


INDEX = FaqIndex(
    [
        _faq(
            "surat-rt",
            "apa perlu surat pengantar RT?",
            "masih pakai surat pengantar desa nggak",
            "is a letter of the RT needed?",
        ),
        _faq(
            "ikd", "bisa aktivasi IKD lewat chat?", "cara aktivasi identitas kependudukan digital", "activate IKD here"
        ),
        _faq("legalisir", "apakah akta perlu dilegalisir?", "di mana legalisir kk", "legalisasi dokumen barcode"),
    ],
    words,
)


def test_the_same_question_in_other_words_is_found() -> None:
    for text, wanted in (
        ("pak masih perlu surat pengantar rt gak ya", "surat-rt"),
        ("aktifasi ikd lwt wa bs?", "ikd"),
        ("kk harus di legalisir dulu?", "legalisir"),
    ):
        match = INDEX.best(text)
        assert match is not None and match.faq.id == wanted, text


def test_the_question_itself_is_most_alike_and_a_stranger_hardly() -> None:
    match = INDEX.best("apa perlu surat pengantar RT?")
    assert match is not None and match.score > 0.99
    stranger = INDEX.best("kucing saya sakit, dokter hewan di mana ya")
    assert stranger is None or stranger.score < 0.3


def test_an_empty_index_knows_nothing() -> None:
    assert FaqIndex().best("apa saja") is None


@given(st.text(max_size=300))
def test_every_text_is_survived_and_likeness_stays_between_0_and_1(text: str) -> None:
    match = INDEX.best(text)
    assert match is None or 0 <= match.score <= 1

"""What is kept of a text, and which texts are one thought."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fields.clean import clean, only_pictures, visible
from bot.domain.joining import joinable, one_thought


@given(st.text())
def test_what_is_kept_is_the_same_when_kept_again_and_holds_nothing_that_steers_or_breaks(text: str) -> None:
    kept = visible(text)
    assert visible(kept) == kept
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") for c in kept)
    assert not set(kept) & set("\u202e\u200b\u2066\ufeff\x00")
    kept.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"])))
def test_words_as_people_write_them_are_kept_as_they_are(text: str) -> None:
    assert visible(text).split() == text.split()


@given(st.text())
def test_an_answer_reads_the_same_after_it_was_kept(text: str) -> None:
    assert clean(visible(text)) == clean(text) or "\u200d" in text or "\ufe0f" in text or "\u20e3" in text


@pytest.mark.parametrize(
    ("text", "alone"),
    [("😀", True), ("❤️ 🙏🏽", True), ("👍", False), ("1️⃣", False), ("halo 😀", False), ("?!", False), ("", False)],
)
def test_pictures_alone_say_no_words(text: str, alone: bool) -> None:
    assert only_pictures(text) is alone


@pytest.mark.parametrize("text", ["halo", "mau tanya kak", "syarat KTP hilang apa ya?", "saya 2 anak"])
def test_talk_is_joined(text: str) -> None:
    assert joinable({"text": text}, {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "/start",
        "petugas",
        "batal",
        "ya",
        "oke kak",
        "tidak",
        "3",
        "3328 9901 0190 0001",
        "STOP",
        "lanjut di telegram",
    ],
)
def test_what_means_something_by_itself_is_not(text: str) -> None:
    assert not joinable({"text": text}, {})


@pytest.mark.parametrize("key", ["payload", "file", "media", "location", "unread", "edits", "start", "caption"])
def test_what_is_more_than_text_is_not(key: str) -> None:
    assert not joinable({"text": "halo", key: "x"}, {})


def test_what_the_last_reply_offered_is_chosen_alone() -> None:
    memory = {"buttons": [["Cek status", "niat:track_application"]]}
    assert not joinable({"text": "cek status"}, memory) and joinable({"text": "cek status"}, {})


def test_a_flood_is_not_made_one_text_that_is_too_long_to_be_read() -> None:
    assert not one_thought({"text": "x" * 3000}, {"text": "y" * 1000}) and one_thought(
        {"text": "satu"}, {"text": "dua kata"}
    )

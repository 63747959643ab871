"""A reply as messages of a channel: nothing lost, nothing cut in two, choices that can be answered."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cutting import length, pieces
from bot.domain.messages import Button, FileRef, Kind, OutFile, Outgoing, Reply
from bot.domain.offers import chosen, remember
from bot.domain.rendering import parts
from tests import content

TEXTS = content.texts()


@dataclass(frozen=True)
class Fits:
    buttons: int = 3
    button_limit: int = 20
    text_limit: int = 300
    caption_limit: int = 100
    attachments: bool = True


def say(key: str, **params: object) -> str:
    return TEXTS.say(key, "id", **params)


def rendered(reply: Reply, limits: Fits | None = None, *files: OutFile) -> tuple[Outgoing, ...]:
    return parts(reply, limits or Fits(), "7", {str(n): file for n, file in enumerate(files)}, say)


def buttons(*titles: str) -> tuple[Button, ...]:
    return tuple(Button(title, f"niat:{n}") for n, title in enumerate(titles, 1))


# -- cutting ------------------------------------------------------------------------------------------------------------

_WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=12)
_SPACE = st.sampled_from([" ", "\n", "\n\n", ". ", "  "])


@given(st.lists(st.tuples(_WORD, _SPACE), max_size=60), st.integers(40, 200))
def test_nothing_is_lost_and_no_word_is_cut(said: list[tuple[str, str]], limit: int) -> None:
    text = "".join(word + space for word, space in said)
    found = pieces(text, limit)
    assert all(0 < length(piece) <= limit for piece in found)
    assert [w for piece in found for w in piece.split()] == text.split()


@given(st.text(max_size=400), st.integers(20, 60))
def test_any_text_is_cut_without_losing_a_character_but_white_space(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert "".join("".join(piece.split()) for piece in found) == "".join(text.split())
    assert all(length(piece) <= limit for piece in found)


@pytest.mark.parametrize("sign", ["👨‍👩‍👧‍👦", "👍🏽", "🇮🇩", "é", "ꦏꦺ", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_a_sign_that_a_reader_sees_as_one_stays_whole(sign: str) -> None:
    for limit in range(20, 30):
        found = pieces(sign * 40, limit)
        assert "".join(found) == sign * 40
        assert all(len(piece) % len(sign) == 0 for piece in found)


def test_paragraphs_are_better_borders_than_sentences_and_these_than_words() -> None:
    text = "Satu dua tiga. Empat lima enam.\n\nTujuh delapan. Sembilan sepuluh."
    assert pieces(text, 40) == ["Satu dua tiga. Empat lima enam.", "Tujuh delapan. Sembilan sepuluh."]
    assert pieces("Satu dua tiga. Empat lima enam tujuh.", 30) == ["Satu dua tiga.", "Empat lima enam tujuh."]
    assert pieces("satu dua tiga empat lima enam", 20) == ["satu dua tiga empat", "lima enam"]
    # A border so early that hardly anything would stand before it is no border worth having.
    assert pieces("A.\n\nSatu dua tiga empat lima enam tujuh delapan", 40)[0].startswith("A.\n\nSatu dua")


def test_a_short_text_is_one_piece_and_no_text_is_none() -> None:
    assert pieces("halo", 300) == ["halo"] and pieces(" \n ", 300) == []


# -- buttons ------------------------------------------------------------------------------------------------------------


def test_buttons_stand_under_the_last_part() -> None:
    found = rendered(Reply("kata " * 150, buttons=buttons("Ya", "Tidak")))
    assert [len(m.buttons) for m in found] == [0, 0, 2] and [m.key for m in found] == ["7.0", "7.1", "7.2"]


TOO_MANY = buttons("Lihat layanan", "Cek status", "Petugas", "Unduh dokumen")
TOO_LONG = buttons("Ya", "Saya mau mengajukan permohonan baru sekarang")


@pytest.mark.parametrize("offered", [TOO_MANY, TOO_LONG])
def test_what_does_not_fit_becomes_numbers_that_are_understood(offered: tuple[Button, ...]) -> None:
    reply = Reply("Ada yang bisa dibantu?", buttons=offered)
    (message,) = rendered(reply)
    assert message.buttons == ()
    assert message.text.endswith(say("channel.answer_number"))
    for number, button in enumerate(offered, 1):
        assert f"\n{number}. {button.title}\n" in message.text + "\n"
        assert chosen(str(number), remember([reply])) == button.payload


def test_a_list_that_the_text_already_numbers_is_not_numbered_twice() -> None:
    reply = Reply("Layanan:\n1. KTP\n2. KK", buttons=buttons("KTP", "KK", "SIP", "Petugas"))
    (message,) = rendered(reply)
    assert message.text.count("KTP") == 1 and "3. SIP\n4. Petugas" in message.text
    whole = Reply("Layanan:\n1. KTP\n2. KK\n3. KIA\n4. SIP", buttons=buttons("KTP", "KK", "KIA", "SIP"))
    assert rendered(whole)[0].text == f"{whole.text}\n\n{say('channel.answer_number')}"


def test_steps_of_a_procedure_are_no_numbers_of_choices() -> None:
    reply = Reply("Caranya:\n1. Datang\n2. Foto\n3. Petugas", buttons=buttons("Ajukan", "Petugas", "Biaya", "Syarat"))
    text = rendered(reply)[0].text
    assert all(f"{n}. {b.title}" in text for n, b in enumerate(reply.buttons, 1))


def test_a_form_keeps_its_own_numbers_and_names_the_words_that_are_missing() -> None:
    meta = {"field": "anak.tempat", "step": {"n": 3, "of": 24}}
    choice = Reply(
        "Di mana?\n1. Rumah sakit\n2. Rumah\n3. Puskesmas\n(Boleh dilewati. Tulis LEWATI.)",
        Kind.QUESTION,
        buttons("Rumah sakit", "Rumah", "Puskesmas", "Lewati"),
        meta=meta,
    )
    (message,) = rendered(choice)
    assert message.text == f"(3/24) {choice.text}"
    asked = Reply("Sudah benar?", Kind.QUESTION, buttons("Ya, benar", "Ada yang keliru"), meta=meta)
    (message,) = rendered(asked, Fits(buttons=0))
    assert message.text == "(3/24) Sudah benar?\n\n" + say("channel.answer_with", choices="Ya / Ada yang keliru")


def test_the_place_in_the_form_is_shown_once_and_not_on_the_review() -> None:
    meta = {"field": "x", "step": {"n": 3, "of": 24}}
    assert [m.text[:6] for m in rendered(Reply("kata " * 100, Kind.QUESTION, meta=meta))][1:] != ["(3/24)"]
    assert rendered(Reply("Diperiksa", Kind.REVIEW, meta=meta))[0].text == "Diperiksa"


# -- files --------------------------------------------------------------------------------------------------------------

PDF = OutFile("akta.pdf", "application/pdf", "https://loket.example/media/x", b"%PDF")
REFS = (FileRef("0", "akta.pdf", "application/pdf", 4),)


def test_a_short_text_is_the_files_caption_and_a_long_one_stands_before_it() -> None:
    (message,) = rendered(Reply("Ini dokumennya.", attachments=REFS), None, PDF)
    assert (message.text, message.file) == ("Ini dokumennya.", PDF)
    found = rendered(Reply("kata " * 30, attachments=REFS), None, PDF)
    assert [m.file for m in found] == [None, PDF] and found[-1].text == ""


def test_buttons_stand_under_the_file() -> None:
    found = rendered(Reply("Ini.", attachments=REFS, buttons=buttons("Cek")), None, PDF)
    assert [(m.text, m.file, len(m.buttons)) for m in found] == [("", PDF, 0), ("Ini.", None, 1)]


def test_a_channel_without_files_names_the_link_and_a_file_that_is_gone_is_left_out() -> None:
    (message,) = rendered(Reply("Ini.", attachments=REFS), Fits(attachments=False), PDF)
    assert message.text == f"Ini.\nakta.pdf: {PDF.link}" and message.file is None
    assert [m.text for m in rendered(Reply("Ini.", attachments=REFS))] == ["Ini."]


def test_the_same_reply_always_gives_the_same_messages_and_an_empty_one_none() -> None:
    reply = Reply("kata " * 100, buttons=TOO_MANY)
    assert rendered(reply) == rendered(reply) and rendered(Reply("")) == ()


@given(
    st.text(max_size=500),
    st.lists(st.text(min_size=1, max_size=40).filter(str.strip), max_size=6),
    st.booleans(),
)
def test_every_message_fits_the_channel(text: str, titles: list[str], with_file: bool) -> None:
    reply = Reply(text, buttons=buttons(*titles), attachments=REFS if with_file else ())
    limits = Fits()
    for message in rendered(reply, limits, PDF):
        assert length(message.text) <= (limits.caption_limit if message.file else limits.text_limit)
        assert len(message.buttons) <= limits.buttons
        assert message.text or message.file or message.buttons

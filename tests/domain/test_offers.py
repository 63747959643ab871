"""Typing does what pressing a button would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import Button, Kind, Reply
from bot.domain.offers import chosen, remember

SEVERAL = Reply("?", Kind.QUESTION, (Button("KTP-el", "niat:ask_cost:ktp"), Button("Akta Lahir", "niat:ask_cost:akta")))
OFFER = Reply(
    "Mau?", buttons=(Button("Ajukan KTP", "niat:start_application:ktp"), Button("Biaya", "x")), meta={"offer": True}
)


@pytest.mark.parametrize(
    "text", ["2", " 2. ", "nomor 2", "no 2", "pilih 2", "yang 2", "2 aja", "2️⃣", "akta lahir", "AKTA LAHIR!"]
)
def test_the_number_or_the_words_of_a_button_press_it(text: str) -> None:
    assert chosen(text, remember([SEVERAL])) == "niat:ask_cost:akta"


@pytest.mark.parametrize("text", ["0", "3", "17", "2 anak saya", "akta", "berapa", "", "2 2", "ktp el dan akta lahir"])
def test_anything_else_presses_nothing(text: str) -> None:
    assert chosen(text, remember([SEVERAL])) is None


@pytest.mark.parametrize("text", ["ya", "iya kak", "boleh dong", "nggih", "mau", "ok lanjut", "Ya!", "iya mau"])
def test_yes_takes_what_was_offered(text: str) -> None:
    assert chosen(text, remember([OFFER])) == "niat:start_application:ktp"


@pytest.mark.parametrize("text", ["ya tapi biayanya berapa", "tidak", "ya ampun lama sekali", "mau tanya biaya"])
def test_a_sentence_that_begins_with_yes_is_no_yes(text: str) -> None:
    assert chosen(text, remember([OFFER])) is None


def test_yes_to_a_choice_of_several_is_not_taken() -> None:
    assert chosen("ya", remember([SEVERAL])) is None


def test_the_last_buttons_count_and_nothing_is_remembered_without_any() -> None:
    assert chosen("1", remember([OFFER, SEVERAL])) == "niat:ask_cost:ktp"
    assert chosen("1", remember([OFFER, Reply("halo")])) == "niat:start_application:ktp"
    assert remember([Reply("halo")]) == {}


LOST = Reply("Syarat KTP hilang:", meta={"service": "ktp", "variant": "hilang"})


def test_the_variant_spoken_of_is_remembered_while_the_talk_is_about_its_service() -> None:
    memory = remember([LOST])
    assert memory["variant"] == ["ktp", "hilang"]
    memory = remember([Reply("Sama-sama.")], memory, "ktp")
    assert memory["variant"] == ["ktp", "hilang"] and "buttons" not in memory
    assert remember([Reply("Syarat KK:", meta={"service": "kk", "variant": None})], memory, "kk") == {}
    assert remember([Reply("Halo")], memory, None) == {}


def test_another_variant_takes_its_place_and_asking_which_one_forgets_it() -> None:
    memory = remember([LOST])
    other = Reply("Syarat KTP rusak:", meta={"service": "ktp", "variant": "rusak"})
    assert remember([other], memory, "ktp")["variant"] == ["ktp", "rusak"]
    which = Reply("Yang mana?", meta={"service": "ktp", "variant": None})
    assert "variant" not in remember([which], memory, "ktp")


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    assert chosen(text, remember([OFFER])) in (None, "niat:start_application:ktp", "x")


MARKS = Reply("?", Kind.QUESTION, tuple(Button(t, t) for t in ("Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat")))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("4 dong kak", "Sangat cepat"),
        ("cepat kok", "Cepat"),
        ("cepat banget", "Sangat cepat"),
        ("ora cepat", "Tidak cepat"),
        ("kurang cepet", "Kurang cepat"),
        ("tidak", None),
        ("4 jam", None),
        ("cepatnya berapa lama", None),
    ],
)
def test_a_choice_is_known_by_the_words_people_use_for_it(text: str, meant: str | None) -> None:
    assert chosen(text, remember([MARKS])) == meant

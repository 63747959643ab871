"""Words that call a person, as content staff wrote them, and what must not call anybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.escalation import Escalation, Mood, Rule, Signal, shows
from tests.content import catalogue

DATA = Path(__file__).parents[2] / "data"
ESCALATION = catalogue().escalation


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("saya ingin bunuh diri", Mood.EMERGENCY),
        ("Rasanya mau mati saja!!", Mood.EMERGENCY),
        ("saya dipukuli suami tiap malam", Mood.EMERGENCY),
        ("i want to end my life", Mood.EMERGENCY),
        ("saya putus asa bu, KK belum jadi juga", Mood.DISTRESS),
        ("ini bot goblok", Mood.ANGER),
        ("GOBLOK, saya putus asa, pengen mati", Mood.EMERGENCY),
    ],
)
def test_what_calls_a_person(text: str, mood: Mood) -> None:
    found = ESCALATION.heard(text)
    assert found is not None and found.mood is mood


@pytest.mark.parametrize(
    "text",
    [
        "mau buat akta kelahiran",
        "berapa biaya KTP?",
        "bapak saya meninggal bunuh diri, mau urus akta kematian",
        "saya tidak marah kok",
        "rumah saya di Jalan Melati",
        "terima kasih banyak",
        "apakah bisa diwakilkan",
        "anak saya belum punya KIA",
        "kapan jadinya",
    ],
)
def test_what_calls_nobody(text: str) -> None:
    assert ESCALATION.heard(text) is None


def test_every_emergency_says_where_help_is_in_all_languages() -> None:
    for signal in ESCALATION.signals:
        if signal.mood is Mood.EMERGENCY:
            assert signal.say is not None and set(signal.say) == {"id", "en", "jv"}
            assert all(any(number in words for number in ("119", "110", "129")) for words in signal.say.values())


def test_vulnerable_people_are_noticed_and_nothing_is_said_to_them() -> None:
    assert ESCALATION.vulnerable(["halo", "istri saya sedang hamil 8 bulan"]) == "pregnancy"
    assert ESCALATION.vulnerable(["ibu saya pakai kursi roda"]) == "disability"
    assert ESCALATION.vulnerable(["mau urus KTP"]) == ""
    assert ESCALATION.heard("istri saya hamil") is None


def test_a_rule_fits_the_wish_the_service_or_both() -> None:
    rules = (Rule("start_application", "kk"), Rule(None, "ktp"), Rule("make_complaint", None))
    escalation = Escalation((), rules)
    assert escalation.rule("start_application", "kk") is rules[0]
    assert escalation.rule("ask_cost", "kk") is None
    assert escalation.rule("ask_cost", "ktp") is rules[1]
    assert escalation.rule("make_complaint", None) is rules[2]


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    ESCALATION.heard(text)
    ESCALATION.vulnerable([text])


@given(
    st.text(st.characters(categories=["Ll"]), min_size=1, max_size=10), st.sampled_from([" ", "  ", ", ", "\n", "!! "])
)
def test_a_phrase_is_found_whatever_stands_around_it_and_never_inside_a_word(word: str, gap: str) -> None:
    signal = Signal("x", Mood.ANGER, ("kata rahasia",))
    assert shows(signal, f"dan{gap}Kata{gap}RAHASIA{gap}itu")
    assert not shows(signal, f"{word}kata rahasia{word}") or not word.isalpha()

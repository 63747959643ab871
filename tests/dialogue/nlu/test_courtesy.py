"""Politeness around a wish."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.concepts import Concepts
from bot.dialogue.nlu.courtesy import inner
from bot.dialogue.nlu.features import Features
from bot.dialogue.nlu.model import WishModel
from bot.dialogue.nlu.normalise import normalise

COURTESY = frozenset({"greet", "thanks"})
MOODS = frozenset({"give_feedback"})


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Halo min selamat pagi, mau tanya bayar berapa", "bayar berapa"),
        ("Assalamualaikum wr wb pak, kapan selesainya, terima kasih sebelumnya", "kapan selesai"),
        ("min\nsudah jadi belum\n\nmakasih sebelumnya pak bu semoga sehat selalu 🙏", "sudah jadi belum"),
        ("nuwun sewu bu, pinten dinten dadose, matur nuwun", "berapa hari jadi"),
        ("😭🙏 antrian saya hilang 😭", "antrian saya hilang"),
        ("good morning, how long does it take? thank you", "berapa lama does it take"),
    ],
)
def test_greeting_address_and_thanks_at_the_ends_are_taken_off(written: str, left: str) -> None:
    assert inner(normalise(written)) == left


@pytest.mark.parametrize(
    "written",
    [
        "halo",
        "terima kasih banyak ya kak",
        "selamat pagi pak",
        "sudah jadi belum",
        "iya makasih",
        "pak sudah jadi belum",
    ],
)
def test_what_is_courtesy_alone_or_has_none_stays_whole(written: str) -> None:
    assert inner(normalise(written)) is None


def test_my_father_is_no_form_of_address() -> None:
    assert inner(normalise("halo, bapak saya meninggal")) == "bapak saya meninggal"


@given(st.text(alphabet="abi pak min halo terima kasih svc ?🙏", max_size=80))
def test_what_is_left_is_a_piece_of_the_text(text: str) -> None:
    left = inner(normalise(text))
    assert left is None or f" {left} " in f" {normalise(text)} "


def _model(weights: dict[str, tuple[float, float, float, float]]) -> WishModel:
    """Four wishes: greet, thanks, ask_cost, give_feedback; a weight per word."""
    pieces = [f"w:{word}" for word in weights]
    features = Features(Concepts({}), {"words": 1.0}, pieces, np.ones(len(pieces), np.float32))
    values = np.array(list(weights.values()), np.float32)
    return WishModel(features, ["greet", "thanks", "ask_cost", "give_feedback"], values, np.zeros(4, np.float32))


MODEL = _model(
    {
        "terima": (0, 9, 0, 0),
        "kasih": (0, 9, 0, 0),
        "bayar": (0, 0, 4, 0),
        "berapa": (0, 0, 4, 0),
        "bagus": (0, 0, 0, 4),
        "jelas": (0, 0, 0, 4),
        "anu": (0.3, 0.2, 0.4, 0.3),
    }
)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("bayar berapa terima kasih", "ask_cost"),
        ("terima kasih", "thanks"),
        ("bagus jelas terima kasih", "thanks"),
        ("anu anu terima kasih", "thanks"),
        ("bagus jelas", "give_feedback"),
    ],
)
def test_thanks_do_not_hide_a_sure_wish_but_stay_thanks_beside_a_mood_or_something_unsure(text: str, wish: str) -> None:
    chances = MODEL.chances_of_wish(text, COURTESY, MOODS)
    assert MODEL.names[int(chances.argmax())] == wish
    assert chances.sum() == pytest.approx(1.0)


def test_courtesy_takes_nothing_from_a_wish_that_is_seen_anyway() -> None:
    plain, polite = (MODEL.chances_of_wish(text, COURTESY, MOODS)[2] for text in ("bayar berapa", "halo bayar berapa"))
    assert polite == pytest.approx(plain)

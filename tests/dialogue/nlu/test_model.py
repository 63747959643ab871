"""Rows of pieces, groups of words, and the linear model over them (its learning: tests/dialogue/test_nlu_cli.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.concepts import Concepts
from bot.dialogue.nlu.features import Features
from bot.dialogue.nlu.model import WishModel
from tests.dialogue.nlu.conftest import entries

SHARES = {"words": 1.0, "letters": 1.0, "groups": 0.3, "shape": 0.3}
CONCEPTS = Concepts({"biaya": ["bayar", "tarif*"], "lama": ["berapa_lama", "cepat"]})
TEXTS = ["berapa bayar svccivil", "svccivil cepat ?", "berapa lama svclicence", "terima kasih"]
FEATURES = Features.learn(TEXTS, CONCEPTS, SHARES)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("berapa bayar", ["biaya"]),
        ("tarifnya berapa", ["biaya"]),
        ("dibayarkan", []),
        ("bayarin tarif", ["biaya", "biaya"]),
        ("berapa lama", ["lama"]),
        ("lama", []),
        ("", []),
    ],
)
def test_a_word_belongs_to_a_group_by_itself_its_beginning_or_without_an_ending(text: str, groups: list[str]) -> None:
    assert CONCEPTS.touched(text.split()) == groups


def test_the_real_groups_are_read_without_an_empty_member() -> None:
    groups = entries("lookup")
    assert groups
    assert all(member.strip("*_ ") for members in groups.values() for member in members)
    Concepts(groups)


def test_each_family_of_pieces_has_its_share_of_a_row() -> None:
    columns, values = FEATURES.row("berapa bayar svccivil")
    kinds = [FEATURES.pieces[column][0] for column in columns]
    for kind, share in (("w", 1.0), ("l", 1.0), ("g", 0.3), ("s", 0.3)):
        length = sum(float(value) ** 2 for value, its in zip(values, kinds, strict=True) if its == kind) ** 0.5
        assert length == pytest.approx(share, abs=1e-5)


def test_a_question_mark_is_a_matter_of_shape_not_a_word() -> None:
    assert "s:?" in FEATURES.pieces and "w:?" not in FEATURES.pieces


def test_rows_are_the_rows_of_each_text() -> None:
    values, columns, ends = FEATURES.rows(TEXTS)
    for at, text in enumerate(TEXTS):
        alone = FEATURES.row(text)
        assert columns[ends[at] : ends[at + 1]].tolist() == alone[0].tolist()
        assert values[ends[at] : ends[at + 1]].tolist() == alone[1].tolist()


def a_model(temperature: float = 1.0) -> WishModel:
    dice = np.random.default_rng(7)
    weights = dice.normal(size=(len(FEATURES.pieces), 3)).astype(np.float32)
    return WishModel(FEATURES, ["a", "b", "c"], weights, np.array([0.1, -0.2, 0.3], np.float32), temperature)


@given(st.text())
def test_chances_of_any_text_are_positive_and_together_one(text: str) -> None:
    chances = a_model().chances(text)
    assert chances.sum() == pytest.approx(1.0, abs=1e-5)
    assert (chances >= 0).all()


def test_a_higher_temperature_is_less_sure_of_the_same_wish() -> None:
    sure, unsure = a_model(0.5).chances(TEXTS[0]), a_model(3.0).chances(TEXTS[0])
    assert sure.argmax() == unsure.argmax()
    assert sure.max() > unsure.max()


def test_a_kept_model_says_the_same(tmp_path: Path) -> None:
    model = a_model(1.7)
    model.save(tmp_path)
    again = WishModel.load(tmp_path)
    assert again.names == model.names
    for text in [*TEXTS, "belum pernah", ""]:
        assert again.chances(text).tolist() == model.chances(text).tolist()

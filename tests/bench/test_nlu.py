"""What `./loket bench nlu` compares."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.bench.nlu import equal_content
from bot.bench.stock import SAMPLE, examples_of, sampled
from bot.settings import ROOT


def test_both_sides_of_the_equal_comparison_learn_from_the_same_examples(tmp_path: Path) -> None:
    content = equal_content(ROOT / "data", tmp_path / "content")
    stock = yaml.safe_load(sampled(examples_of(sorted((ROOT / "data" / "nlu").rglob("*.yml")))))["nlu"]
    mine = examples_of(sorted((content / "nlu").rglob("*.yml")))
    assert {one["intent"]: one["examples"].replace("- ", "").splitlines() for one in stock} == {
        intent: [text.replace("- ", "") for text in texts] for intent, texts in mine.items()
    }
    assert all(len(texts) <= SAMPLE for texts in mine.values())


def test_names_and_groups_of_words_are_no_examples_and_stay(tmp_path: Path) -> None:
    content = equal_content(ROOT / "data", tmp_path / "content")
    for name in ("services.yml", "luar.yml", "konsep.yml"):
        assert (content / "nlu" / name).read_bytes() == (ROOT / "data" / "nlu" / name).read_bytes()

"""The project of the stock Rasa server: the same examples, each intent answered, nothing contradicts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.bench.stock import SAMPLE, StockFailed, StockProject, domain, examples_of, rules, sampled, stories
from bot.settings import ROOT, Settings

EXAMPLES = examples_of(sorted((ROOT / "data" / "nlu").rglob("*.yml")))
INTENTS = list(EXAMPLES)


def test_every_intent_that_has_examples_is_in_it() -> None:
    assert {"greet", "ask_cost", "start_application", "out_of_scope"} <= set(INTENTS)
    assert len(INTENTS) == len(set(INTENTS))


def test_the_sample_holds_every_intent_and_stays_when_one_is_added() -> None:
    chosen = {one["intent"]: one["examples"].splitlines() for one in yaml.safe_load(sampled(EXAMPLES))["nlu"]}
    assert list(chosen) == INTENTS
    assert all(len(lines) == min(SAMPLE, len(EXAMPLES[name])) for name, lines in chosen.items())
    assert sampled({"greet": [str(n) for n in range(600)]}) == sampled({"greet": [str(n) for n in range(601)]})


def test_every_intent_has_its_rule_and_its_text() -> None:
    made = yaml.safe_load(domain(INTENTS))
    assert made["intents"] == INTENTS
    for rule in yaml.safe_load(rules(INTENTS))["rules"]:
        intent, action = rule["steps"]
        assert made["responses"][action["action"]][0]["text"]
        assert intent["intent"] in (*INTENTS, "nlu_fallback")


def test_stories_say_the_same_as_the_rules() -> None:
    ruled = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in yaml.safe_load(rules(INTENTS))["rules"]}
    for story in yaml.safe_load(stories(INTENTS))["stories"]:
        pairs = zip(story["steps"][::2], story["steps"][1::2], strict=True)
        assert all(ruled[said["intent"]] == done["action"] for said, done in pairs)


def installation(folder: Path) -> Settings:
    """A content of two files and a Rasa environment with the one file that `rasa init` copies."""
    config = folder / "rasa/lib/python3.10/site-packages/rasa/cli/initial_project/config.yml"
    config.parent.mkdir(parents=True)
    config.write_text("assistant_id: placeholder_default\npipeline:\npolicies:\n")
    (folder / "data/nlu").mkdir(parents=True)
    (folder / "data/nlu/talk.yml").write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: "- halo"\n')
    return Settings(content_dir=folder / "data", rasa_python=folder / "rasa/bin/python", var_dir=folder / "var")


def test_the_model_is_found_again_until_an_example_changes(tmp_path: Path) -> None:
    project = StockProject(installation(tmp_path), tmp_path / "models")
    model = project.model
    assert project.model == model
    model.parent.mkdir()
    model.touch()
    said: list[str] = []
    assert project.ensure(said.append) == model
    assert said == []
    (tmp_path / "data/nlu/talk.yml").write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: "- hai"\n')
    assert project.model != model


def test_without_a_rasa_environment_it_says_so(tmp_path: Path) -> None:
    settings = Settings(content_dir=tmp_path, rasa_python=tmp_path / "bin/python", var_dir=tmp_path)
    with pytest.raises(StockFailed, match=r"config\.yml"):
        StockProject(settings, tmp_path).ensure(lambda _: None)

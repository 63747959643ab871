"""``./loket nlu parse`` and ``./loket nlu test`` with the trained model."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from bot.dialogue import nlu_cli
from bot.dialogue.nlu_cli import Case, read_cases, score
from bot.errors import ContentError
from bot.ports import Understanding
from bot.settings import ROOT, Settings
from tests.dialogue.conftest import CONTENT


@pytest.fixture
def settings(model: Path) -> Settings:
    return Settings(content_dir=CONTENT, model_dir=model.parent)


@pytest.mark.rasa
def test_parse_answers_one_json_line_per_line_whatever_it_holds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["syarat bikin ktp apa saja", "", "/restart", '"; drop table', "   spasi   ", "é🙂" * 300]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    assert nlu_cli.parse(argparse.Namespace(), settings) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["text"] for one in answers] == lines
    assert all(set(one) == {"text", "intent", "confidence", "service", "ranking"} for one in answers)
    assert (answers[0]["intent"], answers[0]["service"]) == ("ask_requirements", "ktp")
    assert answers[0]["ranking"][0] == {"intent": "ask_requirements", "confidence": answers[0]["confidence"]}
    assert answers[1]["intent"] == "out_of_scope"


@pytest.mark.rasa
def test_test_prints_the_figures_of_a_file(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "few.tsv"
    file.write_text("text\tintent\tservice\nbayar berapa bikin kk\task_cost\tkk\nmatur nuwun\tdeny\t\n", "utf-8")
    assert nlu_cli.test(argparse.Namespace(file=file, json=True), settings) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["messages"] == 2
    assert figures["intent_accuracy"] == 0.5
    assert figures["service_accuracy"] == 1.0


def test_figures_are_what_they_say() -> None:
    cases = [Case("a", "greet", None), Case("b", "greet", "ktp"), Case("c", "deny", "kk")]
    found = [
        Understanding("a", "greet", 1, None),
        Understanding("b", "deny", 1, "ktp"),
        Understanding("c", "deny", 1, None),
    ]
    figures = score(cases, found)
    assert figures["intent_accuracy"] == pytest.approx(2 / 3)
    assert figures["service_accuracy"] == pytest.approx(2 / 3)
    assert figures["service_accuracy_where_named"] == pytest.approx(1 / 2)
    assert figures["both_accuracy"] == pytest.approx(1 / 3)
    assert figures["intents"]["greet"] == {"messages": 2, "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}


def test_a_file_without_the_columns_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.tsv"
    file.write_text("message\tlabel\nhalo\tgreet\n", "utf-8")
    with pytest.raises(ContentError, match=r"bad\.tsv:1"):
        read_cases(file)


def test_no_example_is_a_message_of_an_evaluation_set() -> None:
    """Examples are for learning, ``data/eval`` for measuring: none may be in both."""
    examples = {
        line.strip().removeprefix("- ").lower()
        for file in (ROOT / "data/nlu").glob("*.yml")
        for line in file.read_text("utf-8").splitlines()
    }
    for file in (ROOT / "data/eval").glob("*.tsv"):
        assert not examples & {case.text.lower() for case in read_cases(file)}

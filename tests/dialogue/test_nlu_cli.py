"""``./loket nlu parse``, ``test`` and ``cv`` with the real content, trained."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.dialogue import nlu_cli
from bot.dialogue.nlu.normalise import tokens
from bot.dialogue.nlu_cli import Case, read_cases
from bot.errors import ContentError
from bot.settings import ROOT, Settings
from tests.dialogue.conftest import CONTENT, RASA_PYTHON


@pytest.fixture
def settings(model: Path) -> Settings:
    return Settings(content_dir=CONTENT, model_dir=model.parent)


@pytest.mark.rasa
def test_parse_answers_one_json_line_per_line_whatever_it_holds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    lines = [
        "syarat bikin ktp apa saja",
        "",
        "/restart",
        '"; drop table',
        "   spasi   ",
        "é🙂" * 300,
        "a\rb\x85c\u2028d",
    ]
    bytes_in = b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\nhal\xffo\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(bytes_in), "ascii"))
    assert nlu_cli.parse(argparse.Namespace(), settings) == 0
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.decode().splitlines()]
    assert [one["text"] for one in answers] == [*lines, "hal\N{REPLACEMENT CHARACTER}o"]
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


@pytest.mark.rasa
def test_the_content_understands_its_own_evaluation_set_as_well_as_promised(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    file = CONTENT / "eval" / "pesan.tsv"
    assert nlu_cli.test(argparse.Namespace(file=file, json=True), settings) == 0
    figures = json.loads(capsys.readouterr().out)
    least = {
        "intent_accuracy": 0.93,
        "macro_f1": 0.92,
        "service_accuracy": 0.97,
        "out_of_scope_recall": 0.85,
        "out_of_scope_precision": 0.85,
    }
    assert {name: figures[name] for name, value in least.items() if figures[name] < value} == {}
    assert figures["calibration_error"] < 0.05


@pytest.mark.rasa
def test_typing_errors_cost_little_and_are_the_same_each_time(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    file = CONTENT / "eval" / "pesan.tsv"
    shown = []
    for _ in range(2):
        assert nlu_cli.test(argparse.Namespace(file=file, json=True, typos=3), settings) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert json.loads(shown[0])["intent_accuracy"] > 0.88


@pytest.mark.rasa
def test_a_second_wish_and_a_topic_reach_the_result(model: Path) -> None:
    asked = [
        "syarat bikin akta kelahiran apa saja, terus bayar berapa?",
        "perpanjang sim c bisa di sini?",
        "syarat bikin ktp apa saja",
        "/restart",
    ]
    done = subprocess.run(
        [str(RASA_PYTHON), "-W", "ignore", "-m", "bot.dialogue.nlu.parse", str(model)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        input="\n".join(asked).encode(),
        capture_output=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    entities = [{one["entity"]: one["value"] for one in result.get("entities", [])} for result in found]
    wishes = {f"{found[0]['intent']['name']}:{entities[0]['service']}", entities[0]["wish2"]}
    assert wishes == {"ask_requirements:akta-kelahiran", "ask_cost:akta-kelahiran"}
    assert (found[1]["intent"]["name"], entities[1]) == ("out_of_scope", {"other": "sim"})
    assert entities[2] == {"service": "ktp"}


@pytest.mark.rasa
def test_cross_validation_judges_every_example_by_a_model_that_has_not_seen_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nlu").mkdir()
    entries = {"greet": "halo {}", "thanks": "terima kasih {}", "ask_cost": "bayar berapa {}"}
    nlu = [
        {"intent": name, "examples": "".join(f"- {form.format(word)}\n" for word in "satu dua tiga empat".split())}
        for name, form in entries.items()
    ]
    (tmp_path / "nlu" / "few.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}), "utf-8")
    plot = tmp_path / "plot.svg"
    settings = Settings(content_dir=tmp_path, rasa_python=RASA_PYTHON)
    assert nlu_cli.cv(argparse.Namespace(folds=2, json=True, plot=plot), settings) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["messages"] == 12
    assert figures["intent_accuracy"] == 1.0
    assert plot.read_text("utf-8").startswith("<svg")


def test_a_file_without_the_columns_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.tsv"
    file.write_text("message\tlabel\nhalo\tgreet\n", "utf-8")
    with pytest.raises(ContentError, match=r"bad\.tsv:1"):
        read_cases(file)
    file.write_bytes(b"text\tintent\tservice\nhal\xffo\tgreet\t\n")
    with pytest.raises(ContentError, match="UTF-8"):
        read_cases(file)


def test_a_file_as_spreadsheets_save_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "saved.tsv"
    file.write_bytes(b'\xef\xbb\xbftext\tintent\tservice\r\nbikin "kk"\tstart_application\tkk\r\nhalo\tgreet\r\n')
    assert read_cases(file) == [Case('bikin "kk"', "start_application", "kk"), Case("halo", "greet", None)]


def test_no_example_is_a_message_of_an_evaluation_set() -> None:
    """Examples are for learning, ``data/eval`` for measuring: none may be in both, but for what everybody says ("bye")."""
    examples = {
        " ".join(tokens(line.removeprefix("- ")))
        for file in (ROOT / "data/nlu").glob("*.yml")
        for entry in yaml.safe_load(file.read_text("utf-8"))["nlu"]
        if "intent" in entry
        for line in entry["examples"].splitlines()
    }
    for file in (ROOT / "data/eval").glob("*.tsv"):
        measured = [" ".join(tokens(case.text)) for case in read_cases(file)]
        assert [text for text in measured if text in examples and len(text.split()) > 2] == []

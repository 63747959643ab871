"""``python -m bot``: the table of commands, their arguments and their ends."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from bot import __main__ as cli
from bot.errors import NotFound
from bot.launch import rasa_cli
from bot.launch.database import borrowed
from bot.launch.run import announce
from bot.launch.vardir import AlreadyRunning, VarDir
from bot.settings import ROOT, Settings

KEYS = "k1:" + "A" * 43 + "="


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_leads_to_a_function(name: str) -> None:
    module, _, function = cli.COMMANDS[name].target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_every_command_of_the_design_is_there() -> None:
    promised = "run,train,doctor,catalogue check,nlu parse,nlu test,face eval,bench,rasa,serve,worker,migrate,user add"
    assert set(promised.split(",")) <= set(cli.COMMANDS)


@pytest.mark.parametrize(
    ("words", "name"),
    [("nlu parse x", "nlu parse"), ("run --port 1", "run"), ("nlu", None), ("", None), ("rasa nlu parse", "rasa")],
)
def test_the_longest_name_wins(words: str, name: str | None) -> None:
    assert cli.find(words.split()) == name


def test_only_the_line_that_scripts_wait_for_is_plain_where_the_log_is_json(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        announce(Settings.from_env({"LOKET_PORT": "8123", "LOKET_DEMO": "1", "LOKET_LOG_FORMAT": "json"}))
    told = capsys.readouterr()
    assert told.out == "Loket siap: http://127.0.0.1:8123\n" and "Halaman petugas" not in told.err
    (ready,) = caplog.records
    assert vars(ready)["staff"] == "http://127.0.0.1:8123/staff"


def test_help_of_a_word_shows_the_commands_that_begin_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["nlu", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("nlu parse", "nlu test", "nlu cv")) and "doctor" not in shown


def test_help_shows_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr()
    assert all(name in shown.out for name in cli.COMMANDS)
    assert shown.err == ""


@pytest.fixture
def a_command(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A command whose function can be set, and which notes what it was called with."""
    module = SimpleNamespace(outcome=lambda: 0, called=[])

    def function(args: object, settings: Settings) -> int:
        module.called.append((args, settings))
        outcome: int = module.outcome()
        return outcome

    module.go = function
    module.add_go_arguments = lambda parser: parser.add_argument("--wish")
    monkeypatch.setitem(sys.modules, "a_command", module)  # type: ignore[arg-type]
    monkeypatch.setitem(cli.COMMANDS, "go", cli.Command("a_command:go", "a command"))
    monkeypatch.setattr(cli, "environment", lambda: {"LOKET_PORT": "9000"})
    monkeypatch.setattr(cli.log, "configure", lambda *_, **__: None)
    return module


def test_a_command_gets_its_arguments_and_the_settings(a_command: SimpleNamespace, tmp_path: Path) -> None:
    assert cli.main(["go", "--wish", "x", "--var-dir", str(tmp_path)]) == 0
    args, settings = a_command.called[0]
    assert args.wish == "x"
    assert (settings.port, settings.var_dir, settings.model_dir) == (9000, tmp_path, tmp_path / "models")


def test_an_error_made_on_purpose_is_a_sentence_and_not_a_trace(
    a_command: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise NotFound("tidak ada / there is none")

    a_command.outcome = fail
    assert cli.main(["go"]) == 2
    assert capsys.readouterr().err == "tidak ada / there is none\n"


def test_a_wrong_setting_is_a_sentence_too(
    a_command: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "environment", lambda: {"LOKET_PORT": "x"})
    assert cli.main(["go"]) == 2
    assert "LOKET_PORT" in capsys.readouterr().err


def test_serve_without_keys_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot", "serve"],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LOKET_DATABASE_URL": "postgresql+psycopg://x@/x"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "LOKET_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_sandbox_alone_is_refused_unless_told() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot", "sandbox"],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LOKET_DEMO": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "LOKET_DEMO" in done.stderr


# -- the database of a command --


def test_a_command_borrows_an_embedded_database_and_gives_it_back(folder: Path) -> None:
    with borrowed(Settings(var_dir=folder / "var")) as settings:
        assert settings.database_url.startswith("postgresql+psycopg://")
        assert settings.keys
        assert (folder / "var" / "postgres" / "postmaster.pid").exists()
    assert not (folder / "var" / "postgres" / "postmaster.pid").exists()


def test_a_command_uses_the_database_of_a_running_service(folder: Path) -> None:
    var = VarDir(folder)
    with var.held():
        var.write_state({}, database_url="postgresql+psycopg://running")
        var.keys()
        with borrowed(Settings(var_dir=folder)) as settings:
            assert settings.database_url == "postgresql+psycopg://running"
            assert settings.keys == var.keys()


def test_a_command_says_so_when_the_service_is_only_just_starting(folder: Path) -> None:
    with VarDir(folder).held(), pytest.raises(AlreadyRunning), borrowed(Settings(var_dir=folder)):
        pass


def test_a_configured_database_is_used_as_it_is(folder: Path) -> None:
    configured = Settings(var_dir=folder, database_url="postgresql+psycopg://mine", keys=KEYS)
    with borrowed(configured) as settings:
        assert settings == configured


# -- Rasa's own commands --


def test_rasa_gets_our_paths_where_the_caller_names_none(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    added = rasa_cli.defaults(["data", "validate"], settings)
    assert added[:4] == ["--config", str(ROOT / "config.yml"), "--domain", str(settings.content_dir / "domain")]
    assert str(settings.content_dir) not in added, "never the whole folder"


def test_rasa_keeps_what_the_caller_names(tmp_path: Path) -> None:
    added = rasa_cli.defaults(["data", "validate", "-d", "mine", "--config", "c"], Settings(var_dir=tmp_path))
    assert added[0] == "--data"


@pytest.mark.parametrize("words", [["--version"], ["train", "--help"], ["telemetry", "disable"]])
def test_other_words_go_to_rasa_as_they_are(words: list[str], tmp_path: Path) -> None:
    assert rasa_cli.defaults(words, Settings(var_dir=tmp_path)) == []


def test_rasa_never_sees_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.launch.programs import Programs

    monkeypatch.setenv("LOKET_KEYS", KEYS)
    monkeypatch.setenv("SOME_TOKEN", "hidden")
    settings = Settings(keys=KEYS, database_url="postgresql+psycopg://hidden", session_secret="hidden", rasa_port=1)
    env = Programs(settings).rasa(Path("m.tar.gz")).env
    assert KEYS not in env.values()
    assert "hidden" not in " ".join(env.values())
    sandbox = Programs(settings.but(demo=True)).sandbox().env
    assert KEYS not in sandbox.values()
    assert "LOKET_DATABASE_URL" not in sandbox


def test_rasa_test_gets_our_stories_and_the_own_evaluation_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tmp_path / "content"
    (content / "eval").mkdir(parents=True)
    (content / "eval" / "pesan.tsv").write_text(
        "text\tintent\tservice\nhalo [p]\tgreet\t\nbayar?\task_cost\tktp\n", "utf-8"
    )
    monkeypatch.setitem(rasa_cli._VALUES, "--model", lambda settings: ["model.tar.gz"])
    added = rasa_cli.defaults(["test"], Settings(var_dir=tmp_path, content_dir=content))
    assert added[added.index("--stories") + 1].endswith("tests/rasa")
    written = yaml.safe_load(Path(added[added.index("--nlu") + 1]).read_text("utf-8"))
    assert {"intent": "greet", "examples": "- halo (p)\n"} in written["nlu"]
    assert "--stories" not in rasa_cli.defaults(["test", "nlu"], Settings(var_dir=tmp_path, content_dir=content))

"""``./loket rasa …``: Rasa's own command line in its environment, with Loket's paths where none are given."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable

from bot.launch.programs import RASA_FILES, rasa_environment
from bot.settings import ROOT, Settings

log = logging.getLogger(__name__)

# Options that a command of Rasa gets when the caller names none: (command, our options).
_OPTIONS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("train",): ("--config", "--domain", "--data", "--out"),
    ("interactive",): ("--config", "--domain", "--data", "--endpoints"),
    ("data", "validate"): ("--config", "--domain", "--data"),
    ("run",): ("--model", "--endpoints", "--credentials"),
    ("shell",): ("--model", "--endpoints"),
    ("test", "nlu"): ("--model", "--nlu", "--out"),
    ("test", "core"): ("--model", "--stories", "--endpoints", "--out"),
    ("test",): ("--model", "--stories", "--nlu", "--endpoints", "--out"),
}
_SHORT = {"--config": "-c", "--domain": "-d", "--model": "-m", "--data": "-u", "--nlu": "-u", "--stories": "-s"}


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Becomes Rasa; returns only when it cannot be started."""
    words = [str(word) for word in args.arguments]
    argv = [str(settings.rasa_python), "-m", "rasa", *words, *defaults(words, settings)]
    work = settings.var_dir / "rasa"
    work.mkdir(parents=True, exist_ok=True)
    env = {**rasa_environment(settings), "RASA_CACHE_DIRECTORY": str(work / "cache")}
    os.execve(argv[0], argv, env)  # noqa: S606


def defaults(words: list[str], settings: Settings) -> list[str]:
    """What to add to the words of the caller."""
    command = next((name for name in _OPTIONS if tuple(words[: len(name)]) == name), None)
    if command is None or {"-h", "--help"} & set(words):
        return []
    added: list[str] = []
    for option in _OPTIONS[command]:
        if option not in words and _SHORT.get(option, option) not in words:
            added += [option, *_VALUES[option](settings)]
    return added


def _data(settings: Settings) -> list[str]:
    """Examples and rules, one by one (Rasa would read any YAML of the folder), and what the catalogue adds."""
    from bot.dialogue import generate

    generated = settings.var_dir / "rasa" / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / generate.FILE_NAME).write_text(generate.training_data(settings.content_dir), encoding="utf-8")
    return [str(settings.content_dir / "nlu"), str(settings.content_dir / "rules"), str(generated)]


def _evaluation(settings: Settings) -> list[str]:
    """The content staff's own evaluation set (``eval/*.tsv``) as examples that Rasa can test on."""
    import yaml

    from bot.dialogue.nlu_cli import read_cases

    by_intent: dict[str, list[str]] = {}
    for file in sorted((settings.content_dir / "eval").glob("*.tsv")):
        for case in read_cases(file):
            by_intent.setdefault(case.intent, []).append(" ".join(case.text.split()))
    nlu = [
        {"intent": name, "examples": "".join(f"- {_plain(t)}\n" for t in texts)} for name, texts in by_intent.items()
    ]
    target = settings.var_dir / "rasa" / "evaluation" / "nlu.yml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8")
    return [str(target)]


def _plain(text: str) -> str:
    """Without the brackets in which Rasa would see an entity."""
    return text.translate(str.maketrans("[]{}", "()()"))


def _model(settings: Settings) -> list[str]:
    from bot.dialogue.train import ensure_model

    return [str(ensure_model(settings, lambda step: log.info("%s", step)))]


_VALUES: dict[str, Callable[[Settings], list[str]]] = {
    "--config": lambda settings: [str(ROOT / "config.yml")],
    "--domain": lambda settings: [str(settings.content_dir / "domain")],
    "--data": _data,
    "--out": lambda settings: [str(settings.var_dir / "rasa" / "out")],
    "--model": _model,
    "--nlu": _evaluation,
    "--stories": lambda settings: [str(ROOT / "tests" / "rasa")],
    "--endpoints": lambda settings: [str(RASA_FILES / "endpoints.yml")],
    "--credentials": lambda settings: [str(RASA_FILES / "credentials.yml")],
}

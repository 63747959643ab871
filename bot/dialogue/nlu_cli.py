"""``./loket nlu parse`` and ``./loket nlu test``: the trained model without a server."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.dialogue.client import understanding
from bot.dialogue.train import ensure_model
from bot.errors import ContentError, LoketError
from bot.ports import Understanding
from bot.settings import PREFIX, ROOT, Settings, environment

log = logging.getLogger(__name__)

NOTHING = "out_of_scope"
"""The wish of an empty message."""


@dataclass(frozen=True)
class Case:
    """One labelled message. ``service`` is None when the message names none."""

    text: str
    intent: str
    service: str | None


def understand(settings: Settings, texts: Iterable[str]) -> Iterator[Understanding]:
    """One understanding per text, in order, as they come (each text is one line)."""
    model = ensure_model(settings, lambda step: log.info("%s", step))
    inherited = {name: value for name, value in environment().items() if not name.startswith((PREFIX, "PYTHON"))}
    env = {**inherited, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [str(settings.rasa_python), "-W", "ignore", "-m", "bot.dialogue.nlu.parse", str(model)]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as helper:
        if helper.stdin is None or helper.stdout is None:
            raise LoketError("no pipes")
        try:
            for text in texts:
                helper.stdin.write(f"{' '.join(text.split())}\n".encode())
                helper.stdin.flush()
                answer = helper.stdout.readline()
                if not answer:
                    raise LoketError("Rasa berhenti / Rasa stopped: ./loket doctor")
                yield _full(text, understanding(json.loads(answer)))
        except BrokenPipeError as error:
            raise LoketError("Rasa berhenti / Rasa stopped: ./loket doctor") from error
        finally:
            helper.stdin.close()


def _full(text: str, found: Understanding) -> Understanding:
    return Understanding(text, found.intent or NOTHING, found.confidence, found.service, found.ranking)


def parse(args: argparse.Namespace, settings: Settings) -> int:
    """A message per line of standard input, a JSON object per line of standard output."""
    for found in understand(settings, (line.rstrip("\r\n") for line in sys.stdin)):
        ranking = [{"intent": name, "confidence": round(chance, 4)} for name, chance in found.ranking]
        shown = {
            "text": found.text,
            "intent": found.intent,
            "confidence": round(found.confidence, 4),
            "service": found.service,
            "ranking": ranking,
        }
        print(json.dumps(shown, ensure_ascii=False), flush=True)
    return 0


def add_test_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``./loket nlu test``."""
    parser.add_argument("file", type=Path, help="TSV: text, intent, service")
    parser.add_argument("--json", action="store_true", help="satu objek JSON / one JSON object")


def test(args: argparse.Namespace, settings: Settings) -> int:
    """How much of a labelled file is understood."""
    cases = read_cases(args.file)
    found = list(understand(settings, (case.text for case in cases)))
    figures = score(cases, found)
    if args.json:
        print(json.dumps(figures, ensure_ascii=False), flush=True)
        return 0
    print(f"{figures['messages']} pesan / messages")
    print(f"niat benar / intents right    {figures['intent_accuracy']:.1%}")
    print(f"layanan benar / services right {figures['service_accuracy']:.1%}")
    print(f"keduanya / both                {figures['both_accuracy']:.1%}")
    for name, one in sorted(figures["intents"].items(), key=lambda item: item[1]["f1"]):
        print(f"  {name:22} F1 {one['f1']:.2f}  ({one['messages']})")
    return 0


def read_cases(file: Path) -> list[Case]:
    """The labelled messages of a TSV file with the columns ``text``, ``intent``, ``service``.

    :raises bot.errors.ContentError: a column is missing, or the file cannot be read.
    """
    try:
        with file.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise ContentError(f"{file}: tidak terbaca / cannot be read: {error.strerror}") from error
    if not rows or not {"text", "intent", "service"} <= set(rows[0]):
        raise ContentError(f"{file}:1: kolom / columns: text, intent, service")
    return [Case(row["text"], row["intent"], (row["service"] or "").strip() or None) for row in rows]


def score(cases: Sequence[Case], found: Sequence[Understanding]) -> dict[str, Any]:
    """Shares of right answers, and precision, recall and F1 of every wish."""
    pairs = list(zip(cases, found, strict=True))
    intent_right = [case.intent == one.intent for case, one in pairs]
    service_right = [case.service == one.service for case, one in pairs]
    named = [right for (case, _), right in zip(pairs, service_right, strict=True) if case.service]
    per_intent = _per_intent(pairs)
    return {
        "messages": len(pairs),
        "intent_accuracy": _share(intent_right),
        "intent_macro_f1": sum(one["f1"] for one in per_intent.values()) / len(per_intent),
        "service_accuracy": _share(service_right),
        "service_accuracy_where_named": _share(named),
        "both_accuracy": _share([a and b for a, b in zip(intent_right, service_right, strict=True)]),
        "intents": per_intent,
    }


def _per_intent(pairs: Sequence[tuple[Case, Understanding]]) -> dict[str, dict[str, float]]:
    wanted = Counter(case.intent for case, _ in pairs)
    given = Counter(one.intent for _, one in pairs)
    right = Counter(case.intent for case, one in pairs if case.intent == one.intent)
    figures = {}
    for name in wanted:
        precision = right[name] / given[name] if given[name] else 0.0
        recall = right[name] / wanted[name]
        f1 = 2 * precision * recall / (precision + recall) if right[name] else 0.0
        figures[name] = {"messages": wanted[name], "precision": precision, "recall": recall, "f1": f1}
    return figures


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 0.0

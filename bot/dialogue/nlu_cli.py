"""``./loket nlu parse``, ``test`` and ``cv``: the understanding without a server."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bot.dialogue import generate
from bot.dialogue.client import understanding
from bot.dialogue.nlu.augment import with_typos
from bot.dialogue.nlu_figures import Judged, figures, reliability
from bot.dialogue.nlu_plot import reliability_svg
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
    command = [str(settings.rasa_python), "-W", "ignore", "-m", "bot.dialogue.nlu.parse", str(model)]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
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


def _environment() -> dict[str, str]:
    """No setting of ours; one thread is enough for what is sparse."""
    inherited = {name: value for name, value in environment().items() if not name.startswith((PREFIX, "PYTHON"))}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONUTF8": "1"}
    return {**inherited, **quiet, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def _full(text: str, found: Understanding) -> Understanding:
    return Understanding(text, found.intent or NOTHING, found.confidence, found.service, found.ranking)


def parse(args: argparse.Namespace, settings: Settings) -> int:
    """A message per line of standard input, a JSON object per line of standard output; both are UTF-8, whatever the locale says."""
    for found in understand(settings, _lines(sys.stdin.buffer)):
        ranking = [{"intent": name, "confidence": round(chance, 4)} for name, chance in found.ranking]
        shown = {
            "text": found.text,
            "intent": found.intent,
            "confidence": round(found.confidence, 4),
            "service": found.service,
            "ranking": ranking,
        }
        sys.stdout.buffer.write(f"{json.dumps(shown, ensure_ascii=False).translate(_BREAKS)}\n".encode())
        sys.stdout.buffer.flush()
    return 0


_BREAKS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "\x85\u2028\u2029"}
"""What JSON leaves as it is, and some readers take for the end of a line."""


def _lines(source: BinaryIO) -> Iterator[str]:
    """The lines, and no more of them than line feeds say; what is no UTF-8 becomes U+FFFD."""
    for number, line in enumerate(source):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        yield text if number else text.removeprefix("\ufeff")


def add_test_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``./loket nlu test``."""
    parser.add_argument("file", type=Path, help="TSV: text, intent, service")
    parser.add_argument("--typos", type=int, metavar="SEED", help="dengan salah ketik acak / with random typing errors")
    _add_output_arguments(parser)


def add_cv_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``./loket nlu cv``."""
    parser.add_argument("--folds", type=int, default=10, help="bagian / parts (10)")
    _add_output_arguments(parser)


def _add_output_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="satu objek JSON / one JSON object")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="gambar keyakinan / a picture of the confidence")


def test(args: argparse.Namespace, settings: Settings) -> int:
    """How much of a labelled file is understood."""
    cases = read_cases(args.file)
    seed = getattr(args, "typos", None)
    texts = [case.text if seed is None else with_typos(case.text, seed) for case in cases]
    found = understand(settings, texts)
    judged = [
        Judged(case.text, case.intent, one.intent, one.confidence, case.service, one.service)
        for case, one in zip(cases, found, strict=True)
    ]
    return _tell(args, judged, figures(judged), args.file.name if seed is None else f"{args.file.name}, typos {seed}")


def cv(args: argparse.Namespace, settings: Settings) -> int:
    """How much of the examples is understood by models that have not seen them."""
    content = settings.content_dir / "nlu"
    log.info("validasi silang, beberapa menit / cross-validation, some minutes")
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / generate.FILE_NAME).write_text(generate.training_data(settings.content_dir), encoding="utf-8")
        command = [
            *(str(settings.rasa_python), "-W", "ignore", "-m", "bot.dialogue.nlu.cross"),
            *(str(ROOT / "config.yml"), str(args.folds), str(content), scratch),
        ]
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=_environment(), capture_output=True, check=False
        )
    if done.returncode != 0:
        raise LoketError("validasi silang gagal / cross-validation failed:\n" + done.stderr.decode()[-2000:])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    judged = [Judged(row["text"], row["intent"], row["found"], row["confidence"]) for row in rows]
    return _tell(args, judged, figures(judged, with_services=False), f"{args.folds} x")


def _tell(args: argparse.Namespace, judged: Sequence[Judged], found: dict[str, Any], title: str) -> int:
    plot = getattr(args, "plot", None)
    if plot is not None:
        shown = f"{title}: {found['messages']} pesan, ECE {found['calibration_error']:.3f}"
        plot.write_text(reliability_svg(reliability(judged), shown), encoding="utf-8")
    print(json.dumps(found, ensure_ascii=False) if args.json else _table(found), flush=True)
    return 0


_SHOWN = {
    "intent_accuracy": "niat benar / intents right",
    "macro_f1": "rata-rata F1 / macro F1",
    "out_of_scope_precision": "di luar layanan: tepat / precision",
    "out_of_scope_recall": "di luar layanan: kena / recall",
    "service_accuracy": "layanan benar / services right",
    "both_accuracy": "keduanya / both",
    "calibration_error": "galat keyakinan / calibration error",
}


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['messages']} pesan / messages"]
    lines += [f"{words:38} {found[key]:6.1%}" for key, words in _SHOWN.items() if key in found]
    weakest = sorted(found["intents"].items(), key=lambda item: item[1]["f1"])
    lines += [f"  {name:22} F1 {one['f1']:.2f}  ({one['messages']})" for name, one in weakest]
    lines += [f"  {one['wanted']} -> {one['found']}: {one['messages']}" for one in found["confusions"]]
    return "\n".join(lines)


def read_cases(file: Path) -> list[Case]:
    """The labelled messages of a TSV file with the columns ``text``, ``intent``, ``service``.

    :raises bot.errors.ContentError: a column is missing, or the file cannot be read.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise ContentError(f"{file}: tidak terbaca / cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{file}: bukan UTF-8 / is no UTF-8") from error
    if not rows or not {"text", "intent", "service"} <= set(rows[0]):
        raise ContentError(f"{file}:1: kolom / columns: text, intent, service")
    return [Case(row["text"], row["intent"], (row["service"] or "").strip() or None) for row in rows]

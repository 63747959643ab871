"""`./loket bench nlu`: understanding one message, beside a stock Rasa pipeline, in the same run.

Both models read every message of the content's own evaluation set (``data/eval``), one at a time, in a process pinned to one
processor (bot/dialogue/nlu/parse.py), and again through a Rasa server of their own (``POST /model/parse``).

The stock model (bot/bench/stock.py) learns from the first examples of each wish, because DIET needs hours for all; so
``accuracy_equal_data`` is that of a Loket model which learnt from the same sample, and ``accuracy`` that of each side's real
one. Its training time is that of the day it was made: its model is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.bench.nlu_server import ParseServer
from bot.bench.report import Result, percentile
from bot.bench.stock import StockProject, examples_of, sampled
from bot.dialogue.nlu_cli import Case, read_cases
from bot.dialogue.nlu_figures import Judged, calibration_error, figures
from bot.dialogue.train import ensure
from bot.errors import LoketError
from bot.settings import PREFIX, ROOT, Settings, environment

_WARM = 20
"""Messages that are parsed before any is timed."""

Say = Callable[[str], None]


class NluBenchFailed(LoketError):
    """A model could not be run; the message says which."""

    code = "bench_nlu"


def run(settings: Settings, say: Say) -> Result:
    """Measure.

    :raises NluBenchFailed: a model cannot be run.
    """
    cases = [case for file in sorted((settings.content_dir / "eval").glob("*.tsv")) for case in read_cases(file)]
    if not cases:
        raise NluBenchFailed(f"{settings.content_dir / 'eval'}: tidak ada pesan ukur / no evaluation messages")
    project = StockProject(settings, settings.var_dir / "bench")
    stock, stock_train_s = project.ensure(say), project.train_s
    with tempfile.TemporaryDirectory(prefix="loket-bench-nlu-") as name:
        scratch = Path(name)
        say("melatih Loket / training Loket")
        began = perf_counter()
        mine = ensure(ROOT, settings.content_dir, scratch / "all", settings.rasa_python, say)
        train_s = perf_counter() - began
        say("melatih Loket dengan contoh yang sama / training Loket on the stock model's examples")
        few = equal_content(settings.content_dir, scratch / "content")
        equal = ensure(ROOT, few, scratch / "equal", settings.rasa_python, say)
        return Result(
            "nlu",
            {
                **_measured(settings, mine, cases, "Loket", say),
                "train_s": round(train_s, 1),
                "accuracy_equal_data": _accuracy(cases, _parsed(settings, equal, cases)[1]),
            },
            _baseline(_measured(settings, stock, cases, "stock", say), stock_train_s),
        )


def _baseline(measured: dict[str, float], train_s: float) -> dict[str, float]:
    return {**measured, "train_s": round(train_s, 1), "accuracy_equal_data": measured["accuracy"]}


def equal_content(content_dir: Path, target: Path) -> Path:
    """A copy of the content with the stock model's examples in place of all; names and groups of words stay."""
    shutil.copytree(content_dir, target, ignore=shutil.ignore_patterns(".git"))
    files = sorted((target / "nlu").rglob("*.yml"))
    few = sampled(examples_of(files))
    for file in files:
        if examples_of([file]):
            file.unlink()
    (target / "nlu" / "sample.yml").write_text(few, encoding="utf-8")
    return target


def _measured(settings: Settings, model: Path, cases: Sequence[Case], name: str, say: Say) -> dict[str, float]:
    say(f"{name}: satu proses, satu prosesor / one process, one processor")
    load_s, rows, rss_mb = _parsed(settings, model, cases)
    times = [row["parse_ms"] for row in rows[_WARM:]]
    judged = _judged(cases, rows[_WARM:])
    say(f"{name}: lewat server Rasa / through a Rasa server")
    with ParseServer.running(settings, model) as server:
        server.parse([case.text for case in cases[:_WARM]])
        answered = server.parse([case.text for case in cases])
        server_mb = server.rss_mb()
    return {
        "parse_p50_ms": round(percentile(times, 0.50), 2),
        "parse_p95_ms": round(percentile(times, 0.95), 2),
        "http_parse_p50_ms": round(percentile(answered, 0.50) * 1000, 2),
        "http_parse_p95_ms": round(percentile(answered, 0.95) * 1000, 2),
        "load_s": load_s,
        "rss_mb": rss_mb,
        "server_rss_mb": server_mb,
        "model_mb": round(model.stat().st_size / 1e6, 1),
        "accuracy": _accuracy(cases, rows),
        "macro_f1": round(figures(judged, with_services=False)["macro_f1"], 4),
        "calibration_error": round(calibration_error(judged), 4),
        "messages": len(cases),
    }


def _judged(cases: Sequence[Case], rows: Sequence[dict[str, Any]]) -> list[Judged]:
    return [
        Judged(case.text, case.intent, str(row["intent"]["name"]), float(row["intent"]["confidence"]))
        for case, row in zip(cases, rows[-len(cases) :], strict=True)
    ]


def _accuracy(cases: Sequence[Case], rows: Sequence[dict[str, Any]]) -> float:
    right = [one.wanted == one.found for one in _judged(cases, rows)]
    return round(sum(right) / len(right), 4)


def _parsed(settings: Settings, model: Path, cases: Sequence[Case]) -> tuple[float, list[dict[str, Any]], float]:
    """Seconds to load, Rasa's result per message (the first :data:`_WARM` twice), memory at the most."""
    texts = [" ".join(case.text.split()) for case in [*cases[:_WARM], *cases]]
    inherited = {key: value for key, value in environment().items() if not key.startswith((PREFIX, "PYTHON"))}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [str(settings.rasa_python), "-W", "ignore", "-m", "bot.dialogue.nlu.parse", str(model), "--timed"],
        cwd=ROOT,
        env={**inherited, **quiet, **threads, "PYTHONPATH": str(ROOT)},
        input="".join(f"{text}\n" for text in texts).encode(),
        capture_output=True,
        preexec_fn=_one_processor,  # noqa: PLW1509 (no threads here)
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(lines) != len(texts) + 2:
        raise NluBenchFailed(f"{model.name}: " + done.stderr.decode(errors="replace")[-1500:])
    return float(lines[0]["load_s"]), lines[1:-1], float(lines[-1]["rss_mb"])


def _one_processor() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

"""What Loket is measured against: a stock Rasa server, as `rasa init` sets one up, on the same examples.

Pipeline and policies are those of the configuration file that `rasa init` writes (all defaults: DIET, TED, …). Of each intent it
gets the first of our examples: with all of them DIET trains for hours, and its speed hardly depends on them. Domain, rules and
stories are made from our intents: each one is answered by one plain text, and nothing else happens. There is no
custom action, no database and no form behind it. The way in is Rasa's own REST channel.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import yaml

from bot.bench.machine import answers, free_port, wait_until
from bot.errors import LoketError
from bot.settings import ROOT, Settings, environment

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "NO_COLOR": "1",
}
_INIT_CONFIG = "lib/python3.10/site-packages/rasa/cli/initial_project/config.yml"
_TRAINING_LIMIT_S = 3600
_PROGRESS_EVERY_S = 20.0
SAMPLE = 60
"""Examples of each intent that the stock model learns from."""

Say = Callable[[str], None]


class StockFailed(LoketError):
    """The stock Rasa server could not be made or started; the message says why."""

    code = "bench_stock"


class StockProject:
    """The files of the stock project, and its model below ``folder``, found again by the hash of what it is made of."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder

    @property
    def model(self) -> Path:
        """Where the model is, or will be."""
        return self._folder / f"stock-{self._hash()}.tar.gz"

    def ensure(self, say: Say) -> Path:
        """Train once; minutes.

        :raises StockFailed: Rasa refuses.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        model = self.model  # the content may change while we train
        if not model.exists():
            say("melatih Rasa bawaan sebagai pembanding, beberapa menit, sekali saja / training the stock Rasa, once")
            began = time.monotonic()
            with tempfile.TemporaryDirectory(dir=self._folder, prefix="training-") as scratch:
                os.replace(self._train(Path(scratch), say), model)
            model.with_suffix(".train_s").write_text(f"{time.monotonic() - began:.1f}\n", encoding="utf-8")
        return model

    @property
    def train_s(self) -> float:
        """How long the training of :attr:`model` took when it was made, in seconds; 0 if nobody counted."""
        kept = self.model.with_suffix(".train_s")
        return float(kept.read_text(encoding="utf-8")) if kept.exists() else 0.0

    def _hash(self) -> str:
        digest = hashlib.sha256(self._config().encode())
        for name, text in self._files().items():
            digest.update(f"\0{name}\0{text}".encode())
        pins = ROOT / "requirements" / "rasa.txt"
        digest.update(pins.read_bytes() if pins.exists() else b"")
        return digest.hexdigest()[:20]

    def _config(self) -> str:
        """As `rasa init` writes it; only the name of the assistant, which must be unique, is filled in."""
        file = self._settings.rasa_python.parents[1] / _INIT_CONFIG
        try:
            return file.read_text(encoding="utf-8").replace("placeholder_default", "stock")
        except OSError as error:
            raise StockFailed(f"{file}: tidak ada / not there") from error

    def _files(self) -> dict[str, str]:
        examples = examples_of(sorted((self._settings.content_dir / "nlu").rglob("*.yml")))
        intents = list(examples)
        return {
            "domain.yml": domain(intents),
            "data/nlu.yml": sampled(examples),
            "data/rules.yml": rules(intents),
            "data/stories.yml": stories(intents),
        }

    def _train(self, scratch: Path, say: Say) -> Path:
        for name, text in {"config.yml": self._config(), **self._files()}.items():
            (scratch / name).parent.mkdir(exist_ok=True)
            (scratch / name).write_text(text, encoding="utf-8")
        command = [
            *(
                str(self._settings.rasa_python),
                "-m",
                "rasa",
                "train",
                "--config",
                "config.yml",
                "--domain",
                "domain.yml",
            ),
            *("--data", "data", "--out", ".", "--fixed-model-name", "model"),
        ]
        with (scratch / "train.log").open("wb") as log:
            process = _start(command, scratch, log, {"RASA_CACHE_DIRECTORY": str(scratch / "cache")})
            began = time.monotonic()
            try:
                while process.poll() is None:
                    _wait(process, _PROGRESS_EVERY_S)
                    say(f"masih melatih / still training: {time.monotonic() - began:.0f} s")
                    if time.monotonic() - began > _TRAINING_LIMIT_S:
                        raise StockFailed("pelatihan terlalu lama / training takes too long")
            finally:
                _end(process)
        if process.returncode != 0 or not (scratch / "model.tar.gz").exists():
            said = (scratch / "train.log").read_text(errors="replace").strip().splitlines()[-15:]
            raise StockFailed("Rasa bawaan tidak bisa dilatih / stock Rasa cannot be trained:\n" + "\n".join(said))
        return scratch / "model.tar.gz"


class StockServer:
    """A running stock server: ``rasa run`` with the REST channel and nothing else."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    @staticmethod
    @contextlib.contextmanager
    def running(settings: Settings, model: Path, folder: Path) -> Iterator[StockServer]:
        """Start, wait until the model is loaded, stop at the end of the ``with`` block. ``folder``: for log and settings.

        :raises StockFailed: it does not come up.
        """
        (folder / "credentials.yml").write_text("rest:\n")
        (folder / "endpoints.yml").write_text("")
        port = free_port()
        command = [
            *(str(settings.rasa_python), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)),
            *("--credentials", "credentials.yml", "--endpoints", "endpoints.yml"),
        ]
        with (folder / "stock.log").open("wb") as log:
            process = _start(command, folder, log, {})
            try:
                # Rasa loads the model before it listens.
                if not wait_until(
                    lambda: answers(f"http://127.0.0.1:{port}/"), 300, lambda: process.poll() is not None
                ):
                    raise StockFailed("Rasa bawaan tidak bisa dijalankan / stock Rasa does not start")
                yield StockServer(process, port)
            finally:
                _end(process)


# -- the project --------------------------------------------------------------------------------------------------------


def examples_of(files: list[Path]) -> dict[str, list[str]]:
    """The examples of every intent, in order."""
    found: dict[str, list[str]] = {}
    for file in files:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        for one in content.get("nlu", []):
            if "intent" in one:
                lines = str(one["examples"]).strip().splitlines()
                found.setdefault(str(one["intent"]), []).extend(line.removeprefix("- ") for line in lines)
    return found


def sampled(examples: dict[str, list[str]]) -> str:
    """The first :data:`SAMPLE` examples of each intent: one added at the end asks for no new training."""
    nlu = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts[:SAMPLE])}
        for intent, texts in examples.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, sort_keys=False, allow_unicode=True)


def domain(intents: list[str]) -> str:
    """Intents, and one plain text for each."""
    responses = {f"utter_{name}": [{"text": f"Jawaban untuk {name}."}] for name in intents}
    responses["utter_default"] = [{"text": "Maaf, belum paham."}]
    return _yaml({"version": "3.1", "intents": intents, "responses": responses})


def rules(intents: list[str]) -> str:
    """Each intent is answered by its text; what was not understood, by a sentence."""
    answered = {**{name: f"utter_{name}" for name in intents}, "nlu_fallback": "utter_default"}
    made = [{"rule": name, "steps": _steps(name, action)} for name, action in answered.items()]
    return _yaml({"version": "3.1", "rules": made})


def stories(intents: list[str]) -> str:
    """Short conversations, as a project from `rasa init` has them: without any, its policies would have nothing to learn."""
    made = []
    for name in intents:
        words = [one for one in ("greet", name, "thanks") if one in intents]
        steps: list[dict[str, Any]] = [step for word in words for step in _steps(word, f"utter_{word}")]
        made.append({"story": name, "steps": steps})
    return _yaml({"version": "3.1", "stories": made})


def _steps(intent: str, action: str) -> list[dict[str, Any]]:
    return [{"intent": intent}, {"action": action}]


def _yaml(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, sort_keys=False)


# -- processes ----------------------------------------------------------------------------------------------------------


def _start(command: list[str], folder: Path, log: IO[bytes], extra: dict[str, str]) -> subprocess.Popen[bytes]:
    outside = environment()
    inherited = {name: outside[name] for name in _INHERITED if name in outside}
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**inherited, **_QUIET, **extra},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        _wait(process, 10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

"""A Rasa model for the content: trained once per content, found again by its hash.

The hash covers what a model is made of: pipeline and policies, examples, rules, domain, the names of the catalogue's
services, the code of our pipeline components, and the pins of the Rasa environment. Equal content, equal model.

Rasa trains in a process of its own, which ends with this one, and can be stopped; what it left half done is swept away.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.dialogue import generate
from bot.errors import ContentError, LoketError
from bot.settings import PREFIX, ROOT, Settings, environment

log = logging.getLogger(__name__)

_CONTENT = ("nlu", "rules", "domain")
_KEPT = 3
"""Models that stay: the one in use, and two to go back to."""
_LONGEST_S = 900
_LOOK_EVERY_S = 0.2
_SCRATCH = "training-"
_COMPONENT = re.compile(r"Starting to train component '(\w+)'")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_NOISE = re.compile(r"Processed \w+:|\S+ \S+ INFO ")


class Stopped(LoketError):
    """Somebody asked the training to stop; nothing of it stays."""

    code = "training_stopped"


def content_hash(root: Path, content_dir: Path) -> str:
    """Twenty hex digits that name the model for this content."""
    digest = hashlib.sha256()
    for label, data in _ingredients(root, content_dir):
        digest.update(f"{label}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:20]


def model_path(root: Path, content_dir: Path, model_dir: Path) -> Path:
    """Where the model for this content is, or will be."""
    return model_dir / f"{content_hash(root, content_dir)}.tar.gz"


def ensure_model(settings: Settings, say: Callable[[str], None]) -> Path:
    """The model for the content of ``settings``, trained now if there is none.

    :param say: told before the long step
    :raises bot.errors.ContentError: Rasa refuses the content; the message is its own.
    """
    return ensure(ROOT, settings.content_dir, settings.model_dir, settings.rasa_python, say)


def ensure(
    root: Path,
    content_dir: Path,
    model_dir: Path,
    rasa_python: Path,
    say: Callable[[str], None],
    force: bool = False,
    *,
    stop: threading.Event | None = None,
    began: Callable[[str], None] | None = None,
    nice: int = 0,
) -> Path:
    """:func:`ensure_model` for given places. Several processes may ask at once: one trains, the others wait.

    :param stop: set by somebody else, it ends the training
    :param began: told each component of Rasa that begins to learn, from another thread
    :param nice: how much the training gives way to others
    :raises Stopped: ``stop`` was set.
    """
    target = model_path(root, content_dir, model_dir)
    if not force and _used(target):
        return target
    try:
        model_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(model_dir) from error
    with _alone(model_dir / "train.lock", stop):
        if not force and _used(target):  # trained by another process while this one waited
            return target
        for left in model_dir.glob(f"{_SCRATCH}*"):  # of a training that was killed: we are alone
            shutil.rmtree(left, ignore_errors=True)
        say("melatih model bahasa, sekitar satu menit / training the language model, about a minute")
        started = time.monotonic()
        with tempfile.TemporaryDirectory(dir=model_dir, prefix=_SCRATCH, ignore_cleanup_errors=True) as scratch:
            trained = _train(root, content_dir, Path(scratch), rasa_python, _Run(stop, began, nice))
            os.replace(trained, target)
        _forget_old(model_dir, target)
        say(f"model siap / model ready: {target.name}, {time.monotonic() - started:.0f} s")
    return target


def _used(model: Path) -> bool:
    """Whether it is there; it counts as used now, unless its folder is read-only as in an image."""
    if not model.exists():
        return False
    with contextlib.suppress(OSError):
        os.utime(model)
    return True


def _not_writable(model_dir: Path) -> ContentError:
    return ContentError(
        f"{model_dir}: model untuk isi ini belum ada dan foldernya tidak bisa ditulisi; atur LOKET_MODEL_DIR, atau buat image lagi"
        " / there is no model for this content, and its folder cannot be written to; set LOKET_MODEL_DIR, or build the image again"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``./loket train``."""
    parser.add_argument("--force", action="store_true", help="latih lagi walau sudah ada / train even if there is one")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """``./loket train``: prints the model's path."""

    def say(step: str) -> None:
        log.info("%s", step)

    force = bool(getattr(args, "force", False))
    print(ensure(ROOT, settings.content_dir, settings.model_dir, settings.rasa_python, say, force), flush=True)
    return 0


def _ingredients(root: Path, content_dir: Path) -> Iterator[tuple[str, bytes]]:
    yield "config.yml", (root / "config.yml").read_bytes()
    for part in _CONTENT:
        folder = content_dir / part
        for file in sorted(folder.rglob("*.yml")):
            yield f"{part}/{file.relative_to(folder).as_posix()}", file.read_bytes()
    yield "catalogue", generate.training_data(content_dir).encode()
    for file in sorted((root / "bot" / "dialogue" / "nlu").glob("*.py")):
        yield f"component/{file.name}", file.read_bytes()
    pins = root / "requirements" / "rasa.txt"
    yield "pins", pins.read_bytes() if pins.exists() else b""


@dataclass
class _Run:
    """One process that trains."""

    stop: threading.Event | None
    began: Callable[[str], None] | None
    nice: int
    said: list[str] = field(default_factory=list)

    def run(self, command: list[str], cwd: Path, env: dict[str, str]) -> int:
        """Its exit code. The whole process group is killed when somebody says stop, or this process has to go."""
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,  # never written to: it closes when we are gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        try:
            self._wait(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            reader.join(5)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        return process.returncode

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + _LONGEST_S
        while process.poll() is None:
            if self.stop is not None and self.stop.wait(_LOOK_EVERY_S):
                raise Stopped
            if self.stop is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_EVERY_S)
            if time.monotonic() > end:
                raise ContentError(
                    f"Rasa melatih lebih dari {_LONGEST_S} detik / Rasa trains for more than that: stopped"
                )

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        for raw in process.stdout or ():
            line = _ESCAPES.sub("", raw.decode(errors="replace").rstrip("\n").rpartition("\r")[2]).rstrip()
            self.said.append(line)
            found = _COMPONENT.search(line)
            if found is not None and self.began is not None:
                self.began(found[1])


def _train(root: Path, content_dir: Path, scratch: Path, rasa_python: Path, run: _Run) -> Path:
    generated = scratch / "generated"
    generated.mkdir()
    (generated / generate.FILE_NAME).write_text(generate.training_data(content_dir), encoding="utf-8")
    command = [
        *(str(rasa_python), "-m", "bot.dialogue.rasa.train_child", str(run.nice)),
        *("train", "--config", str(root / "config.yml")),
        *("--domain", str(content_dir / "domain"), "--fixed-model-name", "model", "--out", str(scratch)),
        # Named one by one: Rasa would read any YAML of data/ that looks like training data to it.
        *("--data", str(content_dir / "nlu"), str(content_dir / "rules"), str(generated)),
    ]
    code = run.run(command, scratch, _environment(root, scratch))
    model = scratch / "model.tar.gz"
    if code != 0 or not model.exists():
        said = [line for line in run.said if line.strip() and not _NOISE.match(line)][-25:]
        raise ContentError("Rasa tidak dapat melatih / Rasa cannot train:\n" + "\n".join(said))
    return model


def _environment(root: Path, scratch: Path) -> dict[str, str]:
    """No setting of ours, so no secret either; and no cache: Rasa's does not see changes of our components' helpers."""
    inherited = {name: value for name, value in environment().items() if not name.startswith((PREFIX, "PYTHON"))}
    return {
        **inherited,
        "PYTHONPATH": str(root),
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(scratch / "cache"),
        "LOG_LEVEL": "INFO",  # says which component learns
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TQDM_DISABLE": "1",
    }


@contextlib.contextmanager
def _alone(file: Path, stop: threading.Event | None = None) -> Iterator[None]:
    """One process at a time; the lock ends with its holder."""
    try:
        handle = file.open("a")
    except OSError as error:
        raise _not_writable(file.parent) from error
    with handle:
        while stop is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stop.wait(_LOOK_EVERY_S):
                    raise Stopped from None
        else:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _forget_old(model_dir: Path, current: Path) -> None:
    others = [file for file in model_dir.glob("*.tar.gz") if file != current]
    others.sort(key=lambda file: file.stat().st_mtime, reverse=True)
    for file in others[_KEPT - 1 :]:
        file.unlink(missing_ok=True)

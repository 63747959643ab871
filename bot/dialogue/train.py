"""A Rasa model for the content: trained once per content, found again by its hash.

The hash covers what a model is made of: pipeline and policies, examples, rules, domain, the names of the catalogue's
services, the code of our pipeline components, and the pins of the Rasa environment. Equal content, equal model.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.dialogue import generate
from bot.errors import ContentError
from bot.settings import PREFIX, ROOT, Settings, environment

log = logging.getLogger(__name__)

_CONTENT = ("nlu", "rules", "domain")
_KEPT = 3
"""Models that stay: the one in use, and two to go back to."""
_LONGEST_S = 900


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
    root: Path, content_dir: Path, model_dir: Path, rasa_python: Path, say: Callable[[str], None], force: bool = False
) -> Path:
    """:func:`ensure_model` for given places. Several processes may ask at once: one trains, the others wait."""
    model_dir.mkdir(parents=True, exist_ok=True)
    with _alone(model_dir / "train.lock"):
        target = model_path(root, content_dir, model_dir)
        if target.exists() and not force:
            os.utime(target)
            return target
        say("melatih model bahasa, sekitar satu menit / training the language model, about a minute")
        started = time.monotonic()
        with tempfile.TemporaryDirectory(dir=model_dir, prefix="training-") as scratch:
            trained = _train(root, content_dir, Path(scratch), rasa_python)
            os.replace(trained, target)
        _forget_old(model_dir, target)
        say(f"model siap / model ready: {target.name}, {time.monotonic() - started:.0f} s")
    return target


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


def _train(root: Path, content_dir: Path, scratch: Path, rasa_python: Path) -> Path:
    generated = scratch / "generated"
    generated.mkdir()
    (generated / generate.FILE_NAME).write_text(generate.training_data(content_dir), encoding="utf-8")
    command = [
        *(str(rasa_python), "-m", "rasa", "train", "--config", str(root / "config.yml")),
        *("--domain", str(content_dir / "domain"), "--fixed-model-name", "model", "--out", str(scratch)),
        # Named one by one: Rasa would read any YAML of data/ that looks like training data to it.
        *("--data", str(content_dir / "nlu"), str(content_dir / "rules"), str(generated)),
    ]
    done = subprocess.run(  # noqa: S603
        command,
        cwd=scratch,
        env=_environment(root, scratch),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LONGEST_S,
        check=False,
    )
    model = scratch / "model.tar.gz"
    if done.returncode != 0 or not model.exists():
        said = done.stdout.decode(errors="replace").strip().splitlines()[-25:]
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
        "LOG_LEVEL": "WARNING",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TQDM_DISABLE": "1",
    }


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time; the lock ends with its holder."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _forget_old(model_dir: Path, current: Path) -> None:
    others = [file for file in model_dir.glob("*.tar.gz") if file != current]
    others.sort(key=lambda file: file.stat().st_mtime, reverse=True)
    for file in others[_KEPT - 1 :]:
        file.unlink(missing_ok=True)

"""Pictures for the demo citizens, fetched once and never kept in the repository.

The source archive of face_recognition 1.3.0 carries test pictures of the White House (works of the United States
government, in the public domain). They stand in for the faces of invented citizens, and pages that show them say so.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from bot.errors import LoketError
from bot.settings import ROOT, Settings

log = logging.getLogger(__name__)

REQUIREMENT = "face_recognition==1.3.0"
ARCHIVE = "face_recognition-1.3.0.tar.gz"
SHA256 = "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"
PICTURES = ("obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg")
BORDERLINE = ("obama", "obama2")
"""Without their colours (``obama-abu.jpg`` …) they are neither clearly the person of ``obama3.jpg`` nor clearly not."""
TIMEOUT_S = 240


class NoPictures(LoketError):
    """The archive could not be had, or is not the one we know."""

    code = "no_demo_pictures"


def folder(settings: Settings) -> Path:
    """Where the pictures are."""
    return settings.var_dir / "demo"


def missing(settings: Settings) -> bool:
    """Whether a picture is not there."""
    return not all((folder(settings) / name).is_file() for name in PICTURES)


def main(args: argparse.Namespace, settings: Settings) -> int:
    """``./loket demo fetch``: 0 when the pictures are there."""
    return 0 if ensure_pictures(settings) else 1


def ensure_pictures(settings: Settings) -> bool:
    """Have the pictures; False, with a warning, when they cannot be fetched: the service does without."""
    target = folder(settings)
    if not missing(settings):
        return True
    log.info("mengambil gambar contoh / fetching the demo pictures")
    try:
        with tempfile.TemporaryDirectory(prefix="loket-") as scratch:
            archive = fetch(Path(scratch))
            extract(archive, target)
            add_borderline(target)
    except (NoPictures, OSError) as error:
        log.warning(
            "gambar contoh tidak bisa diambil, unggah gambar sendiri / no demo pictures, upload your own",
            extra={"reason": str(error)},
        )
        return False
    log.info("gambar contoh siap / demo pictures are there")
    return True


def fetch(scratch: Path) -> Path:
    """The archive, downloaded through pip as this machine has it configured.

    :raises NoPictures: no way worked.
    """
    said = "no pip and no uv on this machine"
    for pip in _pips():
        command = [
            *pip,
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            "--dest",
            str(scratch),
            REQUIREMENT,
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            said = type(error).__name__
            continue
        # pip also asks the archive for its metadata; where that fails, the file is there all the same or it is not.
        if (scratch / ARCHIVE).is_file():
            return scratch / ARCHIVE
        said = (done.stderr.strip().splitlines() or ["no output"])[-1]
    raise NoPictures(said)


def _pips() -> Iterator[list[str]]:
    """Ways to call pip here: our environments are made by uv and have none of their own."""
    bootstrap = ROOT / ".venv" / "uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(bootstrap) if bootstrap.exists() else None)
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield [str(base), "-m", "pip"]
    if uv:
        yield [uv, "run", "--quiet", "--no-project", "--isolated", "--with", "pip", "python", "-m", "pip"]


def extract(archive: Path, target: Path) -> None:
    """The pictures out of the archive, once its hash is the one we know.

    :raises NoPictures: it is another archive.
    """
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise NoPictures(f"{ARCHIVE} does not have the expected SHA-256")
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in PICTURES:
            source = tar.extractfile(f"face_recognition-1.3.0/tests/test_images/{name}")
            if source is None:
                raise NoPictures(f"{name} is not in the archive")
            draft = target / f"{name}.part"
            draft.write_bytes(source.read())
            draft.replace(target / name)


def add_borderline(target: Path) -> None:
    """Selfies that an officer has to decide, for those who play: a straight one, and one that answers a challenge."""
    for name in BORDERLINE:
        with Image.open(target / f"{name}.jpg") as picture:
            picture.convert("L").convert("RGB").save(target / f"{name}-abu.jpg", quality=90)

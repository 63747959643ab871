"""Real faces for tests: White House photographs (US-government works) in the source archive of face_recognition 1.3.0.

Fetched on first use, as the demo does, into ``var/test-cache``; never committed.
"""

from __future__ import annotations

import hashlib
import io
import random
import shutil
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from bot.launch import demo
from integrations.sandbox.pictures import taken_anew

_NAME = "face_recognition-1.3.0"
_CACHE = Path(__file__).resolve().parent.parent / "var" / "test-cache" / _NAME
_PICTURES = ("obama", "obama2", "obama3", "biden", "obama_partial_face", "obama_partial_face2")


@cache
def demo_pictures() -> dict[str, Path]:
    """Files by name: ``obama``, ``obama2`` (mouth open), ``obama3``, ``biden``, and two with half a face cut off."""
    files = {name: _CACHE / f"{name}.jpg" for name in _PICTURES}
    if not all(file.is_file() for file in files.values()):
        _fetch()
    return files


@pytest.fixture(scope="session")
def faces() -> dict[str, Path]:
    """:func:`demo_pictures` as a fixture: import it where it is used."""
    return demo_pictures()


def portrait(name: str) -> Image.Image:
    """One of :func:`demo_pictures`, to be changed."""
    return Image.open(demo_pictures()[name]).convert("RGB")


def selfie(picture: Image.Image, quality: int = 90) -> bytes:
    """The picture as a JPEG file."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def taken_now(name: str) -> bytes:
    """One of :func:`demo_pictures` as if taken again: Loket refuses a picture that was sent before."""
    return taken_anew(demo_pictures()[name].read_bytes(), random.Random())


def borderline_selfie(name: str = "obama2") -> bytes:
    """Against ``obama3`` alone a case for the officer: ``obama2`` in black and white, distance 0.45, or ``obama``."""
    return selfie(ImageOps.grayscale(portrait(name)))


def _fetch() -> None:
    _CACHE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE.parent) as folder:
        archive = demo.fetch(Path(folder)).read_bytes()
        assert hashlib.sha256(archive).hexdigest() == demo.SHA256, "another archive than the one we know"
        ready = Path(folder, "ready")
        ready.mkdir()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for name in _PICTURES:
                member = tar.extractfile(f"{_NAME}/tests/test_images/{name}.jpg")
                assert member is not None
                (ready / f"{name}.jpg").write_bytes(member.read())
        shutil.rmtree(_CACHE, ignore_errors=True)
        ready.rename(_CACHE)

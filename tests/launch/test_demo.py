"""The pictures of the demo citizens."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from bot.launch import demo
from bot.settings import Settings


def archive(folder: Path, names: tuple[str, ...]) -> Path:
    """An archive shaped like the real one."""
    file = folder / demo.ARCHIVE
    with tarfile.open(file, "w:gz") as tar:
        for name in names:
            entry = tarfile.TarInfo(f"face_recognition-1.3.0/tests/test_images/{name}")
            entry.size = len(name)
            tar.addfile(entry, io.BytesIO(name.encode()))
    return file


def test_the_pictures_come_out_of_the_archive_with_the_known_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = archive(tmp_path, (*demo.PICTURES, "alex-lacamoire.png"))
    monkeypatch.setattr(demo, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    demo.extract(file, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(demo.PICTURES)
    assert (tmp_path / "out" / "biden.jpg").read_bytes() == b"biden.jpg"


def test_an_archive_with_another_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(demo.NoPictures, match="SHA-256"):
        demo.extract(archive(tmp_path, demo.PICTURES), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_a_network_the_service_goes_on_without_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(demo, "_pips", lambda: iter([["/no/such/pip"], ["false"]]))
    settings = Settings(var_dir=tmp_path)
    assert demo.ensure_pictures(settings) is False
    assert "no demo pictures" in caplog.text
    assert demo.missing(settings)


def test_pictures_that_are_there_are_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(var_dir=tmp_path)
    demo.folder(settings).mkdir()
    for name in demo.PICTURES:
        (demo.folder(settings) / name).write_bytes(b"x")
    monkeypatch.setattr(demo, "fetch", lambda scratch: pytest.fail("fetched"))
    assert demo.ensure_pictures(settings) is True


def test_the_borderline_selfies_are_made_from_fetched_ones_and_have_no_colour(tmp_path: Path) -> None:
    for name in demo.BORDERLINE:
        Image.new("RGB", (40, 30), (200, 30, 30)).save(tmp_path / f"{name}.jpg")
    demo.add_borderline(tmp_path)
    for name in demo.BORDERLINE:
        with Image.open(tmp_path / f"{name}-abu.jpg") as made:
            red, green, blue = made.convert("RGB").getpixel((20, 15))
        assert max(red, green, blue) - min(red, green, blue) <= 2

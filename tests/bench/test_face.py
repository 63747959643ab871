"""The benchmark of faces measures both sides with the same selfie and under the same names."""

from __future__ import annotations

import io
import os

import pytest
from PIL import Image

from bot.bench import face
from bot.settings import Settings
from tests.faces import demo_pictures


def test_the_selfie_is_a_phones_twelve_megapixels_and_always_the_same():
    made = face.twelve_megapixels(demo_pictures()["obama2"])
    assert made == face.twelve_megapixels(demo_pictures()["obama2"])
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.size, picture.format, picture.mode) == ((3000, 4000), "JPEG", "RGB")
    assert 1_000_000 < len(made) < 8_000_000


def test_both_sides_are_measured_under_the_same_names(monkeypatch):
    """With a small picture and few rounds: that it measures, not how fast it is."""
    monkeypatch.setattr(face.demo, "ensure_pictures", lambda settings: True)
    monkeypatch.setattr(face.demo, "folder", lambda settings: demo_pictures()["obama"].parent)
    for name, value in {"WIDTH": 600, "HEIGHT": 800, "TIMED": 2, "CROWD": 2, "STOCK_RUNS": 1}.items():
        monkeypatch.setattr(face, name, value)
    steps: list[str] = []
    result = face.run(Settings(), 1, steps.append)
    assert result.name == "face" and result.baseline is not None
    assert result.figures.keys() == result.baseline.keys()
    assert all(value > 0 for value in result.figures.values())
    assert result.figures["rss_mb"] > 50 and steps


def test_without_pictures_it_says_so(monkeypatch):
    monkeypatch.setattr(face.demo, "ensure_pictures", lambda settings: False)
    with pytest.raises(face.NoFaces, match="demo fetch"):
        face.run(Settings(), 1, print)


def test_the_most_memory_of_a_process_is_read_from_the_system():
    assert face.peak_mb(os.getpid()) > 10
    assert face.peak_mb(2**30) == 0.0

"""A second engine by configuration: an ONNX network that the operator supplies (here a tiny one, built by hand)."""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from bot.errors import SettingsError
from integrations.face import adapter, calibration, onnx_engine, thresholds
from integrations.face.adapter import LocalFaceMatcher
from integrations.face.calibration import CalibrationError
from integrations.face.pool import FaceUnavailable
from integrations.face.templates import TemplateError
from tests.faces import demo_pictures, portrait, selfie


def _field(number: int, value: bytes | int) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _tensor(name: str, *shape: int) -> bytes:
    dimensions = b"".join(_field(1, _field(1, size)) for size in shape)
    kind = _field(1, _field(1, 1) + _field(2, dimensions))  # 1: float
    return _field(1, name.encode()) + _field(2, kind)


def _ints(name: str, *values: int) -> bytes:
    return _field(5, _field(1, name.encode()) + b"".join(_field(8, value) for value in values) + _field(20, 7))


def _node(kind: str, source: str, target: str, attributes: bytes = b"") -> bytes:
    return _field(1, _field(1, source.encode()) + _field(2, target.encode()) + _field(4, kind.encode()) + attributes)


def tiny() -> bytes:
    """ONNX: the mean colour of 7 x 7 cells, 147 numbers."""
    graph = (
        _node("AveragePool", "face", "cells", _ints("kernel_shape", 16, 16) + _ints("strides", 16, 16))
        + _node("Flatten", "cells", "embedding")
        + _field(2, b"tiny")
        + _field(11, _tensor("face", 1, 3, 112, 112))
        + _field(12, _tensor("embedding", 1, 147))
    )
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 13))


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    model = tmp_path / "tiny.onnx"
    model.write_bytes(tiny())
    file = tmp_path / "profile.yml"
    file.write_text(
        yaml.safe_dump(
            {
                "engine": "onnx",
                "models": {"recognition": {"file": str(model), "sha256": hashlib.sha256(tiny()).hexdigest()}},
                "dimension": 147,
                "network": {"size": 112, "mean": 127.5, "scale": 1 / 127.5, "order": "rgb"},
                "frames": {"same_frame": 0.01, "same_person": 1.5, "strong": 0.05},
            }
        )
    )
    return file


@pytest.fixture
def calibrated(profile: Path, tmp_path: Path) -> Iterator[Path]:
    policy = thresholds.load(profile)
    document = calibration.document(policy, [thresholds.Row(1, 1, False, 0.2, 0.3)], 0.001, {})
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps(document))
    yield file


def test_without_a_calibration_it_does_not_start(profile):
    with pytest.raises(CalibrationError, match="calibrate"):
        adapter.policy_of(profile, None)


def test_what_a_profile_leaves_out_about_pictures_is_as_with_dlib(profile, calibrated):
    policy = adapter.policy_of(profile, calibrated)
    assert (policy.gates, policy.landmarks) == (thresholds.load().gates, thresholds.load().landmarks)
    assert policy.row(2, 2, cohort=True).mode == "1x1"


@pytest.mark.parametrize(
    "spoil", [{"engine": "magic"}, {"models": {}}, {"dimension": "many"}, {"network": {"depth": 3}}]
)
def test_a_damaged_profile_is_refused_with_its_name(profile, spoil):
    raw = yaml.safe_load(profile.read_text())
    profile.write_text(yaml.safe_dump({**raw, **spoil}))
    with pytest.raises(SettingsError, match=r"profile\.yml"):
        thresholds.load(profile)


def test_the_eyes_come_to_where_the_network_expects_them():
    pixels = np.zeros((400, 300, 3), dtype=np.uint8)
    eyes = [(180.0, 150.0), (100.0, 190.0)]  # tilted
    for (x, y), level in zip(eyes, (255, 128), strict=True):
        pixels[int(y) - 4 : int(y) + 5, int(x) - 4 : int(x) + 5] = level
    points = [eyes[0], eyes[0], eyes[1], eyes[1], (150.0, 230.0)]
    face = np.asarray(onnx_engine.aligned(pixels, points, 112))
    left, right = ((round(x), round(y)) for x, y in onnx_engine.EYES)
    assert face[left[1], left[0], 0] == 128 and face[right[1], right[0], 0] == 255
    assert face.shape == (112, 112, 3)


def test_pixels_become_what_the_profile_says():
    face = Image.new("RGB", (4, 4), (255, 0, 127))
    rgb = onnx_engine.tensor(face, thresholds.Network(size=4))
    assert rgb.shape == (1, 3, 4, 4) and rgb[0, :, 0, 0] == pytest.approx([1, -1, -0.0039], abs=1e-3)
    assert onnx_engine.tensor(face, thresholds.Network(size=4, order="bgr"))[0, 2, 0, 0] == pytest.approx(1)


def test_a_missing_runtime_is_said(profile, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RuntimeError, match="install onnxruntime"):
        onnx_engine.load(thresholds.load(profile), "nowhere.onnx")


async def test_verdicts_come_from_the_network_and_templates_stay_with_their_engine(profile, calibrated):
    matcher = LocalFaceMatcher(policy=adapter.policy_of(profile, calibrated))
    try:
        template = await matcher.enrol([demo_pictures()["obama"].read_bytes()])
        assert struct.calcsize("<f") * 147 * 2 + 13 == len(template)
        same = await matcher.verify(template, [selfie(portrait("obama"), quality=60)])
        assert (same.outcome, same.mode) == ("match", "1x1")
        assert same.model == hashlib.sha256(tiny()).hexdigest()[:16]
        other = await matcher.verify(template, [demo_pictures()["biden"].read_bytes()])
        assert other.outcome == "no_match" and other.score > 0.3
        with pytest.raises(TemplateError):
            LocalFaceMatcher()._singles(template)
    finally:
        await matcher.close()


@pytest.mark.parametrize("change", [{"dimension": 512}, {"network": {"order": "grb"}}])
async def test_a_network_other_than_its_profile_does_not_start(profile, calibrated, change):
    profile.write_text(yaml.safe_dump({**yaml.safe_load(profile.read_text()), **change}))
    matcher = LocalFaceMatcher(policy=adapter.policy_of(profile, calibrated))
    with pytest.raises(FaceUnavailable):
        await matcher.warm()
    await matcher.close()


async def test_an_exchanged_network_is_not_loaded(profile, calibrated):
    matcher = LocalFaceMatcher(policy=adapter.policy_of(profile, calibrated))
    (profile.parent / "tiny.onnx").write_bytes(tiny() + b"\0")
    with pytest.raises(FaceUnavailable):
        await matcher.warm()
    await matcher.close()

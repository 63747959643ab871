"""From a picture to an embedding, with dlib; imported and run in child processes only (dlib holds the GIL).

Never imports ``face_recognition``: that package switches the loading of truncated pictures on for the whole process,
and ends the process when it misses pkg_resources. The models are found without it; the results are the same.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from integrations.face import quality
from integrations.face.described import Described
from integrations.face.quality import Pixels
from integrations.face.thresholds import ModelFile, Policy

SMALL = 640
"""The detector's first size: the same faces found as at full size, in a 40th of the time."""
LARGE = 1280
"""What the face is cut from; the detector's fallback."""
CHIP = 150
MAX_PIXELS = 40_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_SURE_PX = 120
"""Beside a face this wide (at ``SMALL``) the fast pass misses no second one of a quarter of its area: it sees 60 px."""


@dataclass(frozen=True)
class _Engine:
    detector: Any
    landmarks: Any
    recognition: Any
    policy: Policy


_engine: _Engine | None = None


def load(policy: Policy) -> None:
    """Once per child: check and load the models.

    :raises FileNotFoundError: face_recognition_models is not installed.
    :raises ValueError: a model file is not the one of the manifest.
    """
    global _engine
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # the header is checked below: Pillow only warns up to twice its limit
    folder = models_folder()
    _engine = _Engine(
        detector=dlib.get_frontal_face_detector(),
        landmarks=dlib.shape_predictor(_checked(folder, policy.landmarks)),
        recognition=dlib.face_recognition_model_v1(_checked(folder, policy.recognition)),
        policy=policy,
    )


def models_folder() -> Path:
    """Where face_recognition_models keeps its files, without importing it."""
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("face_recognition_models is not installed")
    return Path(spec.submodule_search_locations[0]) / "models"


def _checked(folder: Path, model: ModelFile) -> str:
    path = folder / model.file
    if hashlib.sha256(path.read_bytes()).hexdigest() != model.sha256:
        raise ValueError(f"{model.file} is not the file of manifest.yml")
    return str(path)


def describe(data: bytes) -> Described:
    """Find the one face of a picture, check it and embed it."""
    if _engine is None:
        raise RuntimeError("load() first")
    try:
        picture = _open(data)
    except Exception:  # decoders throw OSError, SyntaxError, ValueError, struct.error and more at bad data
        return Described(problem="face.unreadable")
    hashed = difference_hash(picture)
    if min(picture.size) < _engine.policy.gates.face_px:
        return Described(problem="face.small", hash=hashed)
    found = _find(_engine, np.asarray(picture))
    if isinstance(found, str):
        return Described(problem=found, hash=hashed)
    pixels, box = found
    if box.width() < _engine.policy.gates.face_px:
        return Described(problem="face.small", hash=hashed)
    chip = dlib.get_face_chip(pixels, _engine.landmarks(pixels, box), size=CHIP, padding=0.25)
    sharpness = quality.sharpness(chip)
    failed = quality.problem(chip, _engine.policy.gates)
    if failed:
        return Described(problem=failed, hash=hashed, sharpness=sharpness)
    return Described(_embed(_engine, chip), None, sharpness, hashed)


def _open(data: bytes) -> Image.Image:
    """Upright RGB on white, longest side ``LARGE`` at most."""
    picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise ValueError("too many pixels")
    picture.draft("RGB", (LARGE, LARGE))
    ImageOps.exif_transpose(picture, in_place=True)
    if picture.has_transparency_data:  # what a person sees, not what lies hidden under the transparency
        rgba = picture.convert("RGBA")
        upright = Image.new("RGB", rgba.size, "white")
        upright.paste(rgba, mask=rgba.getchannel("A"))
    else:
        upright = picture.convert("RGB")
    upright.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return upright


def _find(engine: _Engine, large: Pixels) -> tuple[Pixels, Any] | str:
    """The dominant face and the picture (perhaps turned) it is found in, or what is wrong."""
    small = _scaled(large, SMALL)
    factor = large.shape[1] / small.shape[1]
    other_area = engine.policy.gates.other_face_area
    for pixels, upsample, scale in ((small, 0, factor), (small, 1, factor), (large, 0, 1.0)):
        boxes = list(engine.detector(pixels, upsample))
        if boxes and upsample == 0 and pixels is small and max(box.width() for box in boxes) < _SURE_PX:
            finer = engine.detector(small, 1)  # finds smaller ones, and misses some that the fast pass finds
            boxes += [box for box in finer if all(box.intersect(other).is_empty() for other in boxes)]
        if boxes:
            return _dominant(large, boxes, scale, other_area)
    for turns in (1, 2, 3):  # sent lying or upside down without saying so in the EXIF
        boxes = list(engine.detector(_turned(small, turns), 0))
        if boxes:
            return _dominant(_turned(large, turns), boxes, factor, other_area)
    return "face.none"


def _dominant(large: Pixels, boxes: list[Any], scale: float, other_area: float) -> tuple[Pixels, Any] | str:
    """The largest face, in pixels of ``large``; ``face.several`` when the second is too large to be a passer-by."""
    first, *others = sorted(boxes, key=lambda box: -int(box.area()))
    if others and others[0].area() > other_area * first.area():
        return "face.several"
    edges = (first.left(), first.top(), first.right(), first.bottom())
    return large, dlib.rectangle(*(round(edge * scale) for edge in edges))


def _turned(pixels: Pixels, turns: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, turns))


def _scaled(pixels: Pixels, longest: int) -> Pixels:
    height, width = pixels.shape[:2]
    if max(height, width) <= longest:
        return pixels
    factor = longest / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def _embed(engine: _Engine, chip: Pixels) -> NDArray[np.float32]:
    """Mean of the chip's and its mirror's embedding: for one more pass, 24 % misses instead of 29 % at FMR 0.1 %."""
    both = engine.recognition.compute_face_descriptor([chip, np.ascontiguousarray(chip[:, ::-1])])
    mean: NDArray[np.float32] = np.mean([np.array(one) for one in both], axis=0).astype(np.float32)
    return mean


def difference_hash(picture: Image.Image) -> str:
    """64 bits as 16 hex digits: is each of 8 x 8 cells darker than its right neighbour? Compare with ``hamming``."""
    cells = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (cells[:, :-1] < cells[:, 1:]).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"

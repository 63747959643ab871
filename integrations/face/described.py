"""What the engine says of one picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.domain.liveness import Pose


@dataclass(frozen=True)
class Described:
    """Exactly one of ``embedding`` and ``problem`` (a text key) is set; ``hash`` whenever the picture opens."""

    embedding: NDArray[np.float32] | None = None
    problem: str | None = None
    sharpness: float = 0.0
    hash: str | None = None
    pose: Pose | None = None
    """Whenever one face is found."""
    landmarks: tuple[tuple[float, float], ...] = ()
    """With ``pose``: outer and inner corner of one eye, of the other, and the base of the nose, in pixels of the picture scaled
    to 1280 at most (and turned upright)."""
    stages: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of ``decode``, ``detect``, ``align`` and ``embed``, as far as it came."""

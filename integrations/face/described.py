"""What the engine says of one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Described:
    """Exactly one of ``embedding`` and ``problem`` (a text key) is set; ``hash`` whenever the picture opens."""

    embedding: NDArray[np.float32] | None = None
    problem: str | None = None
    sharpness: float = 0.0
    hash: str | None = None

"""Gates: is the aligned face good enough to be compared? Advice beats a wrong refusal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrations.face.thresholds import Gates

Pixels = NDArray[np.uint8]


def problem(chip: Pixels, gates: Gates) -> str | None:
    """Text key of the first gate that the 150 x 150 RGB chip fails, or None."""
    grey = _grey(chip)
    mean = float(grey.mean())
    if mean < gates.dark:
        return "face.dark"
    if mean > gates.bright:
        return "face.bright"
    if float(grey.std()) < gates.spread:
        return "face.flat"
    if sharpness(chip) < gates.sharpness:
        return "face.blurred"
    return None


def sharpness(chip: Pixels) -> float:
    """Variance of the Laplacian over the variance of the greys, at half the chip's size; 0 for a flat chip.

    At half size, because a small face is enlarged to the chip: what counts is what recognition can use, not the last pixel.
    """
    grey = _grey(chip)
    half = (grey[::2, ::2] + grey[1::2, ::2] + grey[::2, 1::2] + grey[1::2, 1::2]) / 4
    variance = float(half.var())
    if variance == 0:
        return 0.0
    middle = half[1:-1, 1:-1]
    laplacian = half[:-2, 1:-1] + half[2:, 1:-1] + half[1:-1, :-2] + half[1:-1, 2:] - 4 * middle
    return float(laplacian.var()) / variance


def _grey(chip: Pixels) -> NDArray[np.floating[Any]]:
    """Luma of Rec. 601."""
    luma: NDArray[np.floating[Any]] = chip.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return luma

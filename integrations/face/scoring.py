"""Scores and error rates of comparisons; plain numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from integrations.face.templates import Embedding

NEAREST = 50
"""Cohort members nearest to a face that normalise its score; a smaller cohort says too little."""
Scores = NDArray[np.float64]


def distance(enrolled: Embedding, probe: Embedding) -> float:
    """L2; smaller is more alike."""
    return float(np.linalg.norm(enrolled.astype(np.float64) - probe.astype(np.float64)))


def normalised(enrolled: Embedding, probe: Embedding, cohort: NDArray[np.float32]) -> float:
    """Adaptive symmetric normalisation: how much nearer the two are than each is to its nearest strangers.

    The mean over both sides of (d - mean)/deviation of the distances to the 50 nearest of ``cohort`` (n x 128, others).

    :raises ValueError: the cohort has fewer than 50 members.
    """
    if len(cohort) < NEAREST:
        raise ValueError(f"a cohort needs {NEAREST} pictures, this one has {len(cohort)}")
    d = distance(enrolled, probe)
    return float(np.mean([_against(d, side, cohort) for side in (enrolled, probe)]))


def _against(d: float, side: Embedding, cohort: NDArray[np.float32]) -> float:
    distances = np.sort(np.linalg.norm(cohort.astype(np.float64) - side.astype(np.float64), axis=1))[:NEAREST]
    deviation = float(distances.std())
    return (d - float(distances.mean())) / deviation if deviation > 0 else math.inf


def share(count: int, of: int) -> float | None:
    """``count / of``, or None of nothing."""
    return count / of if of else None


def interval(count: int, of: int) -> tuple[float, float] | None:
    """95 % confidence interval of a share (Wilson); pairs of one person are not independent, so it is a lower bound."""
    if not of:
        return None
    z, p = 1.96, count / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def at_fmr(genuine: Sequence[float], impostor: Sequence[float], fmr: float) -> dict[str, float] | None:
    """Threshold that lets at most ``fmr`` of the impostors match, and the FNMR there; None without enough impostors."""
    if not genuine or len(impostor) * fmr < 1:
        return None
    ordered = np.sort(np.asarray(impostor, dtype=np.float64))
    threshold = float(np.nextafter(ordered[int(len(ordered) * fmr)], -np.inf))
    missed = sum(score > threshold for score in genuine)
    return {"threshold": threshold, "fnmr": missed / len(genuine)}

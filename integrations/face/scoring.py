"""Scores and error rates of comparisons; plain numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from integrations.face.templates import Embedding
from integrations.face.thresholds import CohortRule

_BEYOND = 1e300
"""No score is so large; the threshold is, where hardly a picture could be used."""
Strangers = NDArray[np.float32]
"""n x dimension: one embedding of each person of the cohort."""


def distance(enrolled: Embedding, probe: Embedding) -> float:
    """L2; smaller is more alike."""
    return float(np.linalg.norm(enrolled.astype(np.float64) - probe.astype(np.float64)))


def normalised(enrolled: Embedding, probe: Embedding, cohort: Strangers, rule: CohortRule) -> tuple[float, float]:
    """Adaptive symmetric normalisation: the distance over the mean of what each side is from its nearest strangers.

    Returns the score, and the larger of the two sides' distances to their strangers: how far the cohort resembles them.
    On East and South-East Asian faces the ratio has fewer misses than the usual (d - mean)/deviation (one by one, at FMR 0.1 %:
    12 % against 13-18 %), and its threshold hardly moves with the size of the cohort (docs/face.md).

    :raises ValueError: the cohort is too small.
    """
    if len(cohort) < rule.smallest:
        raise ValueError(f"a cohort needs {rule.smallest} people, this one has {len(cohort)}")
    nearest = rule.nearest(len(cohort))
    sides = [_strangeness(side, cohort, nearest) for side in (enrolled, probe)]
    mean = float(np.mean(sides))
    return (distance(enrolled, probe) / mean if mean > 0 else math.inf), max(sides)


def _strangeness(side: Embedding, cohort: Strangers, nearest: int) -> float:
    distances = np.linalg.norm(cohort - side, axis=1)
    return float(np.partition(distances, nearest - 1)[:nearest].mean())


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


def threshold_at(impostor: Sequence[float], fmr: float) -> float | None:
    """The threshold that lets at most ``fmr`` of the impostors match; None without enough of them to tell."""
    if len(impostor) * fmr < 1:
        return None
    ordered = np.sort(np.asarray(impostor, dtype=np.float64))
    return float(np.nextafter(ordered[int(len(ordered) * fmr)], -np.inf))


def at_fmr(genuine: Sequence[float], impostor: Sequence[float], fmr: float) -> dict[str, float | None] | None:
    """That threshold and the FNMR there, with its interval. A failure to acquire is infinitely far: never a match."""
    threshold = threshold_at(impostor, fmr)
    if threshold is None or not genuine:
        return None
    missed = sum(not score <= threshold for score in genuine)
    low, high = interval(missed, len(genuine)) or (None, None)
    return {
        "threshold": threshold if threshold < _BEYOND else None,
        "fnmr": missed / len(genuine),
        "fnmr_low": low,
        "fnmr_high": high,
    }

"""The comparison itself: the same for a citizen's selfie and for ``./loket face eval``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from integrations.face import scoring, templates
from integrations.face.scoring import Strangers
from integrations.face.templates import Embedding
from integrations.face.thresholds import Policy, Row

_WORSE = ("match", "officer", "no_match")


@dataclass(frozen=True)
class Comparison:
    """``score`` is what ``row`` judges: a distance, or a normalised one."""

    row: Row
    score: float
    distance: float
    outcome: str


def compare(
    policy: Policy, enrolled: Sequence[Embedding], frames: Sequence[Embedding], cohort: Strangers | None = None
) -> Comparison:
    """Best pictures first on both sides; copies of a frame must have been dropped (:func:`distinct`)."""
    row = policy.row(len(enrolled), len(frames), cohort is not None)
    left, right = templates.mean(enrolled[: row.enrolled]), templates.mean(frames[: row.probes])
    distance = scoring.distance(left, right)
    if cohort is None or not row.cohort:
        return Comparison(row, distance, distance, row.outcome(distance))
    score, strangeness = scoring.normalised(left, right, cohort, policy.cohort)
    outcome = row.outcome(score)
    if strangeness > policy.cohort.resembles:  # nobody like this face in the cohort: it cannot vouch for it
        outcome = max(outcome, policy.row(row.enrolled, row.probes).outcome(distance), key=_WORSE.index)
    return Comparison(row, score, distance, outcome)


def distinct(embeddings: Sequence[Embedding], same_frame: float) -> list[Embedding]:
    """The frames that are not an earlier one over again: a copy is no second piece of evidence."""
    kept: list[Embedding] = []
    for one in embeddings:
        if all(scoring.distance(one, other) >= same_frame for other in kept):
            kept.append(one)
    return kept


def spread(embeddings: Sequence[Embedding]) -> float:
    """Largest distance between any two; 0 of a single one."""
    return max((scoring.distance(a, b) for a, b in combinations(embeddings, 2)), default=0.0)


def apart(embeddings: Sequence[Embedding]) -> float | None:
    """Smallest distance between any two; None of a single one."""
    return min((scoring.distance(a, b) for a, b in combinations(embeddings, 2)), default=None)


def nearest(singles: Sequence[Embedding], embeddings: Sequence[Embedding]) -> float:
    """Smallest distance between the two sides."""
    return min(float(np.linalg.norm(single - one)) for single in singles for one in embeddings)

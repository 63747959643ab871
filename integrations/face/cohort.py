"""The cohort: faces of other people that scores are normalised with.

Layout of the opaque bytes, version 1: ``LKC1`` | 8 bytes of the recognition model's SHA-256 | number of people (4 bytes, big-endian) |
one embedding each, little-endian float32. Biometric data of people who consented, or of faces that nobody has: kept encrypted
below ``var/``, never logged, never shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.errors import LoketError
from integrations.face.scoring import Strangers
from integrations.face.templates import Embedding
from integrations.face.thresholds import Policy

MAGIC = b"LKC1"
_HEAD = len(MAGIC) + 8 + 4
ENOUGH = 150
"""From here on more people hardly improve the scores."""
SAME_PERSON = 0.30
"""Nearer than this two pictures are of one person (1 in 100,000 pairs of strangers of one region): the second is left out."""


class CohortError(LoketError):
    """The cohort cannot be used: damaged, of another model, or too small."""

    code = "face_cohort"
    alert = True


def pack(model_sha256: str, people: Sequence[Embedding]) -> bytes:
    """The bytes of a cohort."""
    vectors = np.stack(people).astype("<f4")
    return MAGIC + bytes.fromhex(model_sha256)[:8] + len(vectors).to_bytes(4, "big") + vectors.tobytes()


def unpack(data: bytes, policy: Policy) -> Strangers:
    """The people of a cohort that fits the engine.

    :raises CohortError: it does not fit, is damaged or too small.
    """
    if data[: len(MAGIC)] != MAGIC or len(data) < _HEAD:
        raise CohortError("not a face cohort of a known version")
    if data[len(MAGIC) : _HEAD - 4] != bytes.fromhex(policy.recognition.sha256)[:8]:
        raise CohortError("the cohort was made with another model; build it again")
    count = int.from_bytes(data[_HEAD - 4 : _HEAD], "big")
    if len(data) - _HEAD != count * policy.dimension * 4:
        raise CohortError("the cohort is damaged")
    people = np.frombuffer(data[_HEAD:], dtype="<f4").reshape(count, policy.dimension).astype(np.float32)
    if not np.isfinite(people).all():
        raise CohortError("the cohort is damaged")
    if count < policy.cohort.smallest:
        raise CohortError(f"the cohort has {count} people, {policy.cohort.smallest} are needed")
    return people


def people(embeddings: Sequence[Embedding]) -> list[Embedding]:
    """One picture per person: those too near to an earlier one are left out."""
    kept: list[Embedding] = []
    for one in embeddings:
        if not kept or float(np.linalg.norm(np.stack(kept) - one, axis=1).min()) >= SAME_PERSON:
            kept.append(one)
    return kept


def check(cohort: Strangers, policy: Policy) -> dict[str, Any]:
    """Figures of a cohort and what is to be said about it; ``notes`` empty: all is well."""
    distances = np.linalg.norm(cohort[:, None, :].astype(np.float64) - cohort[None, :, :], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = policy.cohort.nearest(len(cohort))
    strangeness = np.sort(distances, axis=1)[:, :nearest].mean(axis=1)
    alone = float((strangeness > policy.cohort.resembles).mean())
    notes = []
    if len(cohort) < ENOUGH:
        notes.append(f"{len(cohort)} people: {ENOUGH} or more reject fewer of the right people")
    if alone > 0.25:
        notes.append(
            f"{alone:.0%} of the people have nobody like them in it: plain thresholds will often decide for such faces"
        )
    return {
        "people": len(cohort),
        "model": policy.model,
        "nearest_used": nearest,
        "strangeness": {f"p{share}": round(float(np.percentile(strangeness, share)), 3) for share in (5, 50, 95)},
        "alone": round(alone, 3),
        "notes": notes,
    }

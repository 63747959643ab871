"""The opaque bytes of an enrolled template.

Layout, version 1: ``LKF1`` | 8 bytes of the recognition model's SHA-256 | number n of pictures (1 byte) | n embeddings,
sharpest picture first | their mean. An embedding is as many little-endian float32 as the model has dimensions (dlib: 128). Biometric data:
store it encrypted, never log it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.errors import LoketError
from integrations.face.thresholds import MOST

Embedding = NDArray[np.float32]

MAGIC = b"LKF1"
MODEL_BYTES = 8
KEPT = 3
"""Pictures kept per person."""
_HEAD = len(MAGIC) + MODEL_BYTES + 1


class TemplateError(LoketError):
    """The template is damaged or of another model: the person has to be enrolled again."""

    code = "face_template"
    alert = True


def mean(embeddings: Sequence[Embedding]) -> Embedding:
    """Mean of the first :data:`~integrations.face.thresholds.MOST`: the thresholds hold for no more."""
    average: Embedding = np.mean(np.stack(embeddings[:MOST]), axis=0).astype(np.float32)
    return average


def pack(model_sha256: str, embeddings: Sequence[Embedding]) -> bytes:
    """Template of one person, best picture first; pictures beyond :data:`KEPT` are left out."""
    kept = list(embeddings[:KEPT])
    vectors = np.stack([*kept, mean(kept)]).astype("<f4")
    return MAGIC + bytes.fromhex(model_sha256)[:MODEL_BYTES] + bytes([len(kept)]) + vectors.tobytes()


def unpack(template: bytes, model_sha256: str, dimension: int = 128) -> tuple[list[Embedding], Embedding]:
    """The single embeddings and their mean.

    :raises TemplateError: damaged, of an unknown version or of another model.
    """
    if template[: len(MAGIC)] != MAGIC or len(template) < _HEAD:
        raise TemplateError("not a face template of a known version")
    if template[len(MAGIC) : _HEAD - 1] != bytes.fromhex(model_sha256)[:MODEL_BYTES]:
        raise TemplateError("face template of another model; enrol the person again")
    count = template[_HEAD - 1]
    body = template[_HEAD:]
    if count < 1 or len(body) != (count + 1) * dimension * 4:
        raise TemplateError("face template is damaged")
    vectors = np.frombuffer(body, dtype="<f4").reshape(count + 1, dimension).astype(np.float32)
    if not np.isfinite(vectors).all():
        raise TemplateError("face template is damaged")
    return [vectors[i] for i in range(count)], vectors[count]

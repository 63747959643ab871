"""1:1 comparison of a selfie with enrolled pictures, with dlib. ``manifest.yml`` has the thresholds and the reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.errors import RejectedFile
from bot.ports import FaceVerdict
from integrations.face import templates, thresholds
from integrations.face.pool import EnginePool
from integrations.face.templates import Embedding
from integrations.face.thresholds import Policy


class DlibFaceMatcher:
    """Implements :class:`bot.ports.FaceMatcher`. The children start with the first picture or with :meth:`warm`.

    Replays are the caller's to judge, from ``perceptual_hash`` and ``score`` (:mod:`bot.domain.picture_hash`).
    """

    def __init__(
        self,
        processes: int = 1,
        *,
        policy: Policy | None = None,
        timeout_s: float = 10.0,
        memory_mib: int = 1536,
    ) -> None:
        self._policy = policy or thresholds.load()
        self._pool = EnginePool(self._policy, processes, timeout_s, memory_mib)

    @property
    def model(self) -> str:
        """First 16 hex digits of the recognition model's SHA-256."""
        return self._policy.recognition.sha256[:16]

    async def enrol(self, pictures: Sequence[bytes]) -> bytes:
        """A template from the usable ones of ``pictures``, sharpest first; three are kept.

        :raises bot.errors.RejectedFile: none is usable (the first picture's problem), or they show different people.
        """
        if not pictures:
            raise RejectedFile("face.none", 422)
        described = await self._pool.describe(pictures)
        usable = sorted((one for one in described if one.problem is None), key=lambda one: -one.sharpness)
        embeddings = [one.embedding for one in usable if one.embedding is not None]
        if not embeddings:
            raise RejectedFile(described[0].problem or "face.none", 422)
        if _spread(embeddings) > self._policy.same_person:
            raise RejectedFile("face.different", 422)
        return templates.pack(self._policy.recognition.sha256, embeddings)

    async def verify(self, template: bytes, probes: Sequence[bytes]) -> FaceVerdict:
        """Compare; every probe has to be usable, so that nobody passes with the better half of a challenge.

        :raises TemplateError: the template is damaged or of another model.
        :raises FaceUnavailable: the engine cannot start.
        """
        singles, enrolled = templates.unpack(template, self._policy.recognition.sha256)
        if not probes:
            return FaceVerdict("unusable", "face.none", model=self.model)
        described = await self._pool.describe(probes)
        hashed = described[0].hash
        embeddings: list[Embedding] = []
        for one in described:
            if one.embedding is None:
                return FaceVerdict("unusable", one.problem, model=self.model, perceptual_hash=hashed)
            embeddings.append(one.embedding)
        if _spread(embeddings) > self._policy.same_person:
            return FaceVerdict("unusable", "face.different", model=self.model, perceptual_hash=hashed)
        frames = _distinct(embeddings, self._policy.same_frame)
        score = float(np.linalg.norm(enrolled - templates.mean(frames)))
        row = self._policy.row(len(singles), len(frames))
        return FaceVerdict(row.outcome(score), None, score, row.mode, self.model, hashed)

    async def warm(self) -> None:
        """Load the models now (1 to 2 s), so that the first citizen does not wait.

        :raises FaceUnavailable: the engine cannot start.
        """
        await self._pool.warm()

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()


def _spread(embeddings: Sequence[Embedding]) -> float:
    """Largest distance between any two."""
    return max((float(np.linalg.norm(a - b)) for a in embeddings for b in embeddings), default=0.0)


def _distinct(embeddings: Sequence[Embedding], same_frame: float) -> list[Embedding]:
    """The frames that are not an earlier one over again: a copy is no second piece of evidence."""
    kept: list[Embedding] = []
    for one in embeddings:
        if all(float(np.linalg.norm(one - other)) >= same_frame for other in kept):
            kept.append(one)
    return kept

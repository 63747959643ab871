"""1:1 comparison of a selfie with enrolled pictures on this machine. ``profiles/`` has the thresholds and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.errors import RejectedFile
from bot.ports import FaceVerdict, Look
from integrations.face import calibration, cohort, matching, templates, thresholds
from integrations.face.described import Described
from integrations.face.pool import WAITING, EnginePool
from integrations.face.scoring import Strangers
from integrations.face.templates import Embedding
from integrations.face.thresholds import Policy


def policy_of(profile: Path | None, calibrated: Path | None) -> Policy:
    """The policy of a profile (None: dlib's) under a calibration.

    :raises bot.errors.SettingsError: one of the files cannot be used.
    """
    policy = thresholds.load(profile or thresholds.DLIB)
    return calibration.ready(calibration.apply(policy, calibrated) if calibrated else policy)


class LocalFaceMatcher:
    """Implements :class:`bot.ports.FaceMatcher`. The children start with the first picture or with :meth:`warm`.

    ``strangers``: the opened bytes of the installation's cohort. Replays are the caller's to judge, from
    ``perceptual_hash`` and ``nearest`` (:mod:`bot.domain.picture_hash`).

    :raises CohortError: the cohort is damaged, too small or of another model.
    """

    def __init__(
        self,
        processes: int = 1,
        *,
        policy: Policy | None = None,
        strangers: bytes | None = None,
        waiting: int = WAITING,
        timeout_s: float = 10.0,
        memory_mib: int = 1536,
        pose_model: bool = False,
    ) -> None:
        self._policy = policy or thresholds.load()
        self._cohort: Strangers | None = cohort.unpack(strangers, self._policy) if strangers is not None else None
        self._pool = EnginePool(self._policy, processes, timeout_s, memory_mib, pose_model, waiting)
        self._pose_model = pose_model

    @property
    def model(self) -> str:
        """First 16 hex digits of the recognition model's SHA-256."""
        return self._policy.model

    @property
    def sees_mouth(self) -> bool:
        """Whether the model of the lips is loaded."""
        return self._pose_model

    @property
    def pids(self) -> list[int]:
        """Process ids of the running engine processes."""
        return self._pool.pids

    async def enrol(self, pictures: Sequence[bytes]) -> bytes:
        """A template from the usable ones of ``pictures``, sharpest first; three are kept, copies of one count once.

        :raises bot.errors.RejectedFile: none is usable (the first picture's problem), or they show different people.
        :raises FaceBusy: too many pictures are waiting.
        """
        if not pictures:
            raise RejectedFile("face.none", 422)
        described = await self._pool.describe(pictures)
        embeddings = _usable(described)
        if not embeddings:
            raise RejectedFile(described[0].problem or "face.none", 422)
        if matching.spread(embeddings) > self._policy.same_person:
            raise RejectedFile("face.different", 422)
        return self._packed(matching.distinct(embeddings, self._policy.same_frame))

    async def verify(self, template: bytes, probes: Sequence[bytes]) -> FaceVerdict:
        """Compare; every probe has to be usable, so that nobody passes with the better half of a challenge.

        :raises TemplateError: the template is damaged or of another model.
        :raises FaceBusy: too many pictures are waiting.
        :raises FaceUnavailable: the engine cannot start.
        """
        singles = self._singles(template)
        if not probes:
            return FaceVerdict("unusable", "face.none", model=self.model)
        described = await self._pool.describe(probes)
        hashed = described[0].hash
        problem = next((one.problem for one in described if one.embedding is None), None)
        embeddings = [one.embedding for one in described if one.embedding is not None]
        if problem is None and matching.spread(embeddings) > self._policy.same_person:
            problem = "face.different"
        if problem is not None:
            return FaceVerdict("unusable", problem, model=self.model, perceptual_hash=hashed)
        frames = matching.distinct(embeddings, self._policy.same_frame)
        found = matching.compare(self._policy, singles, frames, self._cohort)
        return FaceVerdict(
            found.outcome,
            None,
            found.score,
            found.row.mode,
            self.model,
            hashed,
            poses=tuple(one.pose for one in described if one.pose is not None),
            hashes=tuple(one.hash for one in described),
            nearest=matching.nearest(singles, embeddings),
            apart=matching.apart(embeddings),
            strong=found.outcome == "match" and found.score <= found.row.match - self._policy.strong,
        )

    async def look(self, picture: bytes) -> Look:
        """Quality and pose of one picture.

        :raises FaceBusy: too many pictures are waiting.
        :raises FaceUnavailable: the engine cannot start.
        """
        (one,) = await self._pool.describe([picture])
        return Look(one.problem, one.pose, one.hash)

    async def extend(self, template: bytes, pictures: Sequence[bytes]) -> bytes:
        """The template with the usable ones of ``pictures``, as far as there is room; the first ones stay.

        :raises TemplateError: the template is damaged or of another model.
        """
        singles = self._singles(template)
        if len(singles) >= templates.KEPT:
            return template
        found = [one.embedding for one in await self._pool.describe(pictures) if one.embedding is not None]
        return self._packed(matching.distinct([*singles, *found], self._policy.same_frame))

    async def warm(self) -> None:
        """Load the models now (1 to 2 s), so that the first citizen does not wait.

        :raises FaceUnavailable: the engine cannot start.
        """
        await self._pool.warm()

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()

    def _packed(self, embeddings: Sequence[Embedding]) -> bytes:
        return templates.pack(self._policy.recognition.sha256, embeddings)

    def _singles(self, template: bytes) -> list[Embedding]:
        return templates.unpack(template, self._policy.recognition.sha256, self._policy.dimension)[0]


def _usable(described: Sequence[Described]) -> list[Embedding]:
    """Embeddings, sharpest picture first."""
    ordered = sorted(described, key=lambda one: -one.sharpness)
    return [one.embedding for one in ordered if one.embedding is not None]

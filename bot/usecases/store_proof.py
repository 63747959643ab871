"""What the proof of identity needs of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.attempts import Attempts
from bot.domain.conversation import Capture, Enrolment, Trust


class ProofTx(Protocol):
    """Wrong tries, pictures seen before, trust in a channel, capture pages, enrolments."""

    async def attempts(self, subject: str) -> Attempts:
        """Failures in a row of a subject, e.g. ``face:<citizen>``."""
        ...

    async def failed(self, subject: str, now: datetime) -> Attempts:
        """Count one more failure."""
        ...

    async def put_origin(self, conversation_id: UUID, origin: bytes) -> None:
        """Note the blind index of the network address a conversation was begun from."""
        ...

    async def forgive(self, subject: str) -> None:
        """Forget its failures."""
        ...

    async def put_probe(self, citizen_id: UUID, sha256: str, perceptual_hash: str | None, now: datetime) -> None:
        """Remember that a picture was sent, to notice it when it comes again. Not the picture."""
        ...

    async def seen_picture(self, sha256: str) -> bool:
        """Whether exactly this picture came before, for anybody."""
        ...

    async def perceptual_hashes(self, citizen_id: UUID) -> list[str]:
        """Of earlier probes of this person."""
        ...

    async def trust(self, conversation_id: UUID, citizen_id: UUID) -> Trust | None:
        """Earlier successes of this citizen in this conversation."""
        ...

    async def succeeded(self, conversation_id: UUID, citizen_id: UUID, now: datetime) -> Trust:
        """Count a success; those close together are one."""
        ...

    async def distrust(self, citizen_id: UUID) -> None:
        """Forget the successes of this citizen in every conversation."""
        ...

    async def put_capture(self, capture: Capture) -> None:
        """Insert or update; other links of the conversation that nobody opened end with a new one."""
        ...

    async def capture(self, token_hash: bytes, lock: bool = False) -> Capture | None:
        """By the hash of its token."""
        ...

    async def put_enrolment(self, enrolment: Enrolment) -> None:
        """Insert or update a template made at the counter."""
        ...

    async def enrolment(self, enrolment_id: UUID, lock: bool = False) -> Enrolment:
        """:raises bot.errors.NotFound: no such enrolment."""
        ...

    async def waiting_enrolments(self, locus: str) -> list[Enrolment]:
        """Those that wait for a second officer, oldest first."""
        ...

    async def drop_enrolments(self, citizen_id: UUID) -> None:
        """Forget templates that officers made and nobody confirmed yet."""
        ...

    async def channels_of(self, citizen_id: UUID) -> list[UUID]:
        """Conversations in which this citizen proved themselves, in a fixed order."""
        ...

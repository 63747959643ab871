"""The engine's child processes: pictures in, descriptions out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.childpool import ChildCannotStart, ChildFailed, ChildPool, ChildRaised
from bot.errors import LoketError
from integrations.face.described import Described
from integrations.face.thresholds import Policy

log = logging.getLogger(__name__)


class FaceUnavailable(LoketError):
    """The engine cannot start: models missing or changed, not enough memory. The picture is not at fault."""

    code = "face_unavailable"
    retryable = True
    alert = True
    text_key = "face.unavailable"


class EnginePool:
    """Describes pictures in ``processes`` children, each with models of its own (about 150 MB)."""

    def __init__(self, policy: Policy, processes: int = 1, timeout_s: float = 10.0, memory_mib: int = 1536) -> None:
        self._pool = ChildPool(_load, (policy,), processes=processes, timeout_s=timeout_s, memory_mib=memory_mib)

    async def describe(self, pictures: Sequence[bytes]) -> list[Described]:
        """One description per picture, in order. A picture that kills or stalls the engine twice is unreadable.

        :raises FaceUnavailable: the engine cannot start.
        """
        return list(await asyncio.gather(*(self._one(picture) for picture in pictures)))

    async def _one(self, picture: bytes) -> Described:
        try:
            return await self._pool.run(_describe, picture)
        except ChildCannotStart as error:
            raise FaceUnavailable(f"face engine cannot start: {error}") from error
        except (ChildFailed, ChildRaised) as error:
            log.warning("a picture could not be described", extra={"reason": type(error).__name__})
            return Described(problem="face.unreadable")

    async def warm(self) -> None:
        """Load the models now.

        :raises FaceUnavailable: the engine cannot start.
        """
        try:
            await self._pool.warm()
        except ChildCannotStart as error:
            raise FaceUnavailable(f"face engine cannot start: {error}") from error

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()


def _load(policy: Policy) -> None:
    """In a child. dlib is imported there only: a processor it does not run on costs a child, not the service."""
    from integrations.face import engine

    engine.load(policy)


def _describe(picture: bytes) -> Described:
    """In a child."""
    from integrations.face import engine

    return engine.describe(picture)

"""The engine's child processes: pictures in, descriptions out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.childpool import ChildCannotStart, ChildFailed, ChildPool, ChildRaised
from bot.errors import LoketError
from integrations.face.described import Described
from integrations.face.thresholds import Policy

log = logging.getLogger(__name__)

WAITING = 40
"""Pictures that may wait for a free process. At 10 MB each they hold 400 MB at most; the last one waits about 8 s."""


class FaceUnavailable(LoketError):
    """The engine cannot start: models missing or changed, not enough memory. The picture is not at fault."""

    code = "face_unavailable"
    retryable = True
    alert = True
    text_key = "face.unavailable"


class FaceBusy(LoketError):
    """Too many pictures are waiting already. Nothing was looked at: the same pictures may come again."""

    code = "face_busy"
    retryable = True
    text_key = "face.busy"


class EnginePool:
    """Describes pictures in ``processes`` children, each with models of its own.

    Memory: a child may map ``memory_mib`` (the system ends a call that wants more) and needs about 150 MB, 75 MB more with
    ``lips``; in this process at most ``processes + waiting`` pictures are held.
    """

    def __init__(
        self,
        policy: Policy,
        processes: int = 1,
        timeout_s: float = 10.0,
        memory_mib: int = 1536,
        lips: bool = False,
        waiting: int = WAITING,
    ) -> None:
        self._pool = ChildPool(_load, (policy, lips), processes=processes, timeout_s=timeout_s, memory_mib=memory_mib)
        self._room = processes + waiting
        self._inside = 0

    async def describe(self, pictures: Sequence[bytes]) -> list[Described]:
        """One description per picture, in order. A picture that kills or stalls the engine twice is unreadable.

        :raises FaceBusy: there is no room for so many pictures now.
        :raises FaceUnavailable: the engine cannot start.
        """
        with self._admitted(len(pictures)):
            return list(await asyncio.gather(*(self._one(picture) for picture in pictures)))

    @contextmanager
    def _admitted(self, pictures: int) -> Iterator[None]:
        if self._inside and self._inside + pictures > self._room:  # alone, even many pictures of one person get through
            raise FaceBusy(f"{self._inside} pictures are being looked at or waiting")
        self._inside += pictures
        try:
            yield
        finally:
            self._inside -= pictures

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

    @property
    def pids(self) -> list[int]:
        """Process ids of the running children."""
        return self._pool.pids


def _load(policy: Policy, lips: bool) -> None:
    """In a child. dlib is imported there only: a processor it does not run on costs a child, not the service."""
    from integrations.face import engine

    engine.load(policy, lips)


def _describe(picture: bytes) -> Described:
    """In a child."""
    from integrations.face import engine

    return engine.describe(picture)

"""What is stored of published content and models, as a protocol (part of :class:`bot.usecases.store.Tx`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Release:
    """One publication; the newest is live. ``model`` names the model that fits (see :mod:`bot.dialogue.train`)."""

    commit: str
    model: str
    kind: str
    """``seed``, ``upgrade``, ``publish`` or ``rollback``."""
    author: str
    reason: str
    at: datetime
    approved_by: str | None = None
    id: int = 0
    """Given by the database."""


class ContentTx(Protocol):
    """Releases and models."""

    async def put_release(self, release: Release, bundle: bytes) -> Release:
        """It is live from the end of this transaction on; every process hears of it."""
        ...

    async def live_release(self) -> Release | None:
        """The newest release; None: nothing was ever published."""
        ...

    async def releases(self, most: int = 50) -> list[Release]:
        """Newest first."""
        ...

    async def was_released(self, commit: str) -> bool:
        """Whether a state of the content was ever published."""
        ...

    async def bundle(self, release_id: int) -> bytes | None:
        """The files of a release as a tar archive."""
        ...

    async def put_model(self, hash_: str, data: bytes, now: datetime) -> None:
        """Store a trained model, once."""
        ...

    async def model(self, hash_: str) -> bytes | None:
        """A trained model (``tar.gz``)."""
        ...

    async def has_model(self, hash_: str) -> bool:
        """Whether it is stored."""
        ...

    async def forget_models(self, keep: int) -> int:
        """Delete models that none of the newest ``keep`` releases names; returns how many."""
        ...

"""What the use cases need of the database about who is there."""

from __future__ import annotations

from typing import Protocol

from bot.domain.presence import Presence


class PresenceTx(Protocol):
    """Part of :class:`bot.usecases.store.Tx`."""

    async def put_presence(self, presence: Presence) -> None:
        """Store what somebody says of themselves at an office; open staff pages are woken."""
        ...

    async def presence_of(self, username: str, locus: str) -> Presence | None:
        """One person's, if they have ever said anything."""
        ...

    async def presences(self, locus: str) -> list[Presence]:
        """Everybody of an office who is not disabled and ever said anything; see :func:`bot.domain.presence.present`."""
        ...

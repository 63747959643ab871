"""What the identity desk and the supervisors need of the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.identity_desk import OfficersVerdict


class DeskTx(Protocol):
    """Part of :class:`bot.usecases.store.Tx`."""

    async def hold_check(self, check_id: UUID, officer: str, now: datetime, until: datetime) -> str:
        """Keep a check for an officer, unless somebody else has it; returns who has it."""
        ...

    async def let_go_of_check(self, check_id: UUID, officer: str) -> None:
        """Give it back, if it is theirs."""
        ...

    async def holds(self, check_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
        """Who has which check before them now."""
        ...

    async def put_verdict(self, check_id: UUID, verdict: OfficersVerdict) -> None:
        """:raises bot.errors.Conflict: that officer has given one."""
        ...

    async def verdicts(self, check_ids: Collection[UUID]) -> dict[UUID, list[OfficersVerdict]]:
        """What officers said so far, the oldest first."""
        ...

    async def overdue_checks(self, before: datetime, limit: int) -> list[UUID]:
        """Open checks that came before a time."""
        ...

"""The audit log. Tickets: :mod:`bot.storage.tx_console`."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text

from bot.storage import tables as t
from bot.storage.tx_base import TxBase

_AUDIT_LOCK = text("select pg_advisory_xact_lock(1279347529)")


class StaffTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def notify_staff(self) -> None:
        await self.notify("loket_staff")

    async def audit(self, actor: str, action: str, object_: str, detail: dict[str, Any], now: datetime) -> None:
        await self.run(_AUDIT_LOCK)
        previous = (
            await self.run(select(t.audit.c.hash).order_by(t.audit.c.id.desc()).limit(1))
        ).scalar_one_or_none() or ""
        entry = json.dumps([previous, now.astimezone(UTC).isoformat(), actor, action, object_, detail], sort_keys=True)
        await self.run(
            insert(t.audit).values(
                at=now,
                actor=actor,
                action=action,
                object=object_,
                detail=detail,
                previous=previous,
                hash=hashlib.sha256(entry.encode()).hexdigest(),
            )
        )

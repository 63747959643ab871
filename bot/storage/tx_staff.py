"""Tickets and the audit log."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.conversation import Ticket
from bot.errors import NotFound
from bot.storage import tables as t
from bot.storage.tx_base import TxBase

_AUDIT_LOCK = text("select pg_advisory_xact_lock(1279347529)")


class StaffTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def notify_staff(self) -> None:
        await self.notify("loket_staff")

    async def put_ticket(self, ticket: Ticket) -> None:
        values = dict(vars(ticket))
        await self.run(
            pg_insert(t.ticket)
            .values(**values)
            .on_conflict_do_update(index_elements=["id"], set_={k: v for k, v in values.items() if k != "id"})
        )
        await self.notify_staff()

    async def ticket(self, ticket_id: UUID, lock: bool = False) -> Ticket:
        query = select(t.ticket).where(t.ticket.c.id == ticket_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("ticket")
        return _ticket(row)

    async def open_ticket(self, conversation_id: UUID) -> Ticket | None:
        query = select(t.ticket).where(t.ticket.c.conversation_id == conversation_id, t.ticket.c.state != "closed")
        row = (await self.run(query)).one_or_none()
        return None if row is None else _ticket(row)

    async def tickets(self, locus: str, open_only: bool = True) -> list[Ticket]:
        query = select(t.ticket).where(t.ticket.c.locus == locus).order_by(t.ticket.c.created_at)
        if open_only:
            query = query.where(t.ticket.c.state != "closed")
        return [_ticket(row) for row in await self.run(query.limit(200))]

    async def audit(self, actor: str, action: str, object_: str, detail: dict[str, Any], now: datetime) -> None:
        await self.run(_AUDIT_LOCK)
        previous = (
            await self.run(select(t.audit.c.hash).order_by(t.audit.c.id.desc()).limit(1))
        ).scalar_one_or_none() or ""
        entry = json.dumps([previous, now.isoformat(), actor, action, object_, detail], sort_keys=True)
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


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(**{name: getattr(row, name) for name in Ticket.__dataclass_fields__})

"""Who is there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.presence import Here, Presence
from bot.storage import tables_staff as t
from bot.storage.tx_base import TxBase


class PresenceTx(TxBase):
    """See :class:`bot.usecases.store_presence.PresenceTx`."""

    async def put_presence(self, presence: Presence) -> None:
        values = {
            **vars(presence),
            "state": str(presence.state),
            "skills": list(presence.skills),
            "languages": list(presence.languages),
        }
        changed = {name: value for name, value in values.items() if name not in ("username", "locus")}
        await self.run(
            pg_insert(t.staff_presence)
            .values(**values)
            .on_conflict_do_update(index_elements=["username", "locus"], set_=changed)
        )
        await self.notify("loket_staff")

    async def presence_of(self, username: str, locus: str) -> Presence | None:
        table = t.staff_presence
        query = select(table).where(table.c.username == username, table.c.locus == locus)
        row = (await self.run(query)).one_or_none()
        return None if row is None else _presence(row)

    async def presences(self, locus: str) -> list[Presence]:
        table = t.staff_presence
        query = (
            select(table)
            .join(t.staff, t.staff.c.username == table.c.username)
            .where(table.c.locus == locus, t.staff.c.disabled_at.is_(None))
            .order_by(table.c.username)
        )
        return [_presence(row) for row in await self.run(query)]


def _presence(row: Row[Any]) -> Presence:
    return Presence(
        username=row.username,
        locus=row.locus,
        state=Here(row.state),
        at=row.at,
        seen_at=row.seen_at,
        reason=row.reason,
        skills=tuple(row.skills),
        languages=tuple(row.languages),
        capacity=row.capacity,
    )

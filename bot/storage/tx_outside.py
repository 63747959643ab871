"""Conversations at outside desks, and what is due there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.storage import tables_staff as t
from bot.storage.tx_base import TxBase
from bot.usecases.store_outside import OutsideCase

WAKES = "loket_desk"
_KEPT = [name for name in OutsideCase.__dataclass_fields__ if name != "away_since"]
_DROP = text("update outside_due set state = 'dropped' where ticket_id = :id and state = 'due'")
_NEWS = text("update outside_case set hear_at = :now where desk = :desk and ref = :ref")
_ANSWERED = text("""
update outside_case set away_since = null, failures = 0,
  hear_at = case when hear_at = :claimed and state <> 'open' then null else hear_at end
where ticket_id = :id
""")
_SILENT = text("""
update outside_case set away_since = coalesce(away_since, :now),
  failures = least(failures + case when cast(:hear_at as timestamptz) is null then 0 else 1 end, 1000),
  hear_at = least(hear_at, cast(:hear_at as timestamptz))
where ticket_id = :id returning away_since
""")


class OutsideTx(TxBase):
    """See :class:`bot.usecases.store_outside.OutsideTx`."""

    async def outside_case(self, ticket_id: UUID, lock: bool = False) -> OutsideCase | None:
        query = select(t.outside_case).where(t.outside_case.c.ticket_id == ticket_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else OutsideCase(**{n: getattr(row, n) for n in OutsideCase.__dataclass_fields__})

    async def put_outside(self, case: OutsideCase) -> None:
        values = {name: getattr(case, name) for name in _KEPT}
        changed = {name: value for name, value in values.items() if name != "ticket_id"}
        made = pg_insert(t.outside_case).values(**values)
        await self.run(made.on_conflict_do_update(index_elements=["ticket_id"], set_=changed))

    async def put_outside_due(self, ticket_id: UUID, verb: str, key: str, body: dict[str, Any], now: datetime) -> None:
        sealed = self.seal_json(body, f"outside_due:{ticket_id}:{key}")
        values = {"ticket_id": ticket_id, "verb": verb, "key": key, "body_sealed": sealed}
        made = pg_insert(t.outside_due).values(**values, next_at=now, created_at=now)
        await self.run(made.on_conflict_do_nothing())
        await self.notify(WAKES)

    async def outside_body(self, due_id: int) -> dict[str, Any]:
        row = (await self.run(select(t.outside_due).where(t.outside_due.c.id == due_id))).one_or_none()
        if row is None or row.body_sealed is None:
            return {}
        found: dict[str, Any] = self.open_json(row.body_sealed, f"outside_due:{row.ticket_id}:{row.key}")
        return found

    async def drop_outside_due(self, ticket_id: UUID) -> int:
        return (await self.run(_DROP, {"id": ticket_id})).rowcount

    async def hear_outside(self, desk: str, ref: str, now: datetime) -> bool:
        known = (await self.run(_NEWS, {"desk": desk, "ref": ref, "now": now})).rowcount > 0
        if known:
            await self.notify(WAKES)
        return known

    async def outside_answered(self, ticket_id: UUID, claimed: datetime | None = None) -> None:
        await self.run(_ANSWERED, {"id": ticket_id, "claimed": claimed})

    async def outside_silent(self, ticket_id: UUID, now: datetime, hear_at: datetime | None = None) -> datetime:
        found = (await self.run(_SILENT, {"id": ticket_id, "now": now, "hear_at": hear_at})).scalar_one_or_none()
        return found or now

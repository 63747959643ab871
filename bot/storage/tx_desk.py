"""The identity desk: who has a check before them, and what officers said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.identity_desk import OfficersVerdict
from bot.errors import Conflict
from bot.storage import tables_staff as s
from bot.storage.tables_proof import identity_check
from bot.storage.tx_base import TxBase


class DeskTx(TxBase):
    """See :class:`bot.usecases.store_desk.DeskTx`."""

    async def hold_check(self, check_id: UUID, officer: str, now: datetime, until: datetime) -> str:
        table = s.identity_hold
        free = (table.c.until <= now) | (table.c.officer == officer)
        made = (
            pg_insert(table)
            .values(check_id=check_id, officer=officer, until=until)
            .on_conflict_do_update(index_elements=["check_id"], set_={"officer": officer, "until": until}, where=free)
            .returning(table.c.officer)
        )
        if (await self.run(made)).first() is not None:
            return officer
        holder: str = (await self.run(select(table.c.officer).where(table.c.check_id == check_id))).scalar_one()
        return holder

    async def let_go_of_check(self, check_id: UUID, officer: str) -> None:
        table = s.identity_hold
        await self.run(delete(table).where(table.c.check_id == check_id, table.c.officer == officer))

    async def holds(self, check_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
        table = s.identity_hold
        query = select(table.c.check_id, table.c.officer).where(table.c.check_id.in_(check_ids), table.c.until > now)
        return {check_id: officer for check_id, officer in await self.run(query)}

    async def put_verdict(self, check_id: UUID, verdict: OfficersVerdict) -> None:
        values = dict(vars(verdict))
        words = values.pop("words")
        sealed = self._keys.seal(words.encode(), _context(check_id, verdict.officer)) if words else None
        made = (
            pg_insert(s.identity_verdict)
            .values(check_id=check_id, words_sealed=sealed, **values)
            .on_conflict_do_nothing()
            .returning(s.identity_verdict.c.officer)
        )
        if (await self.run(made)).first() is None:
            raise Conflict("identity verdict")

    async def verdicts(self, check_ids: Collection[UUID]) -> dict[UUID, list[OfficersVerdict]]:
        table = s.identity_verdict
        found: dict[UUID, list[OfficersVerdict]] = {}
        for row in await self.run(select(table).where(table.c.check_id.in_(check_ids)).order_by(table.c.at)):
            sealed, words = row.words_sealed, ""
            if sealed is not None:
                words = self._keys.open(bytes(sealed), _context(row.check_id, row.officer)).decode()
            one = OfficersVerdict(row.officer, row.accepted, row.reason, row.at, words, row.final)
            found.setdefault(row.check_id, []).append(one)
        return found

    async def overdue_checks(self, before: datetime, limit: int) -> list[UUID]:
        c = identity_check.c
        query = select(c.id).where(c.outcome == "officer", c.decision.is_(None), c.at < before)
        return list((await self.run(query.order_by(c.at).limit(limit))).scalars())


def _context(check_id: UUID, officer: str) -> str:
    return f"identity_verdict.words:{check_id}:{officer}"

"""Words added to complaints (the port :class:`bot.usecases.store_complaints.ComplaintsTx`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from bot.storage import tables as t
from bot.storage.tables_complaints import complaint_word as words
from bot.storage.tx_cases import CasesTx
from bot.usecases.store_complaints import Word

_MOST = 200
"""Complaints looked at in one round."""


class ComplaintsTx(CasesTx):
    """See :class:`bot.usecases.store_complaints.ComplaintsTx`."""

    async def put_word(self, case_id: UUID, verb: str, text: str, files: Sequence[UUID], now: datetime) -> str:
        # The case is locked by who adds: two numbers are never alike.
        alike = select(func.count()).where(words.c.case_id == case_id, words.c.verb.startswith(f"{verb}-"))
        numbered = f"{verb}-{(await self.run(alike)).scalar_one() + 1}"
        sealed = self.seal_json({"text": text, "files": [str(one) for one in files]}, _context(case_id, numbered))
        await self.run(insert(words).values(case_id=case_id, verb=numbered, word_sealed=sealed, at=now))
        await self.put_due(case_id, numbered, now)
        return numbered

    async def word(self, case_id: UUID, verb: str) -> Word | None:
        found = await self.run(select(words).where(words.c.case_id == case_id, words.c.verb == verb))
        row = found.one_or_none()
        return None if row is None else self._word(row)

    async def words_of(self, case_id: UUID) -> list[Word]:
        query = select(words).where(words.c.case_id == case_id).order_by(words.c.at, words.c.verb)
        return [self._word(row) for row in await self.run(query)]

    async def answered(self, service: str, before: datetime) -> list[UUID]:
        query = (
            select(t.case.c.id)
            .where(t.case.c.service == service, t.case.c.state == "terbit", t.case.c.updated_at < before)
            .order_by(t.case.c.updated_at)
            .limit(_MOST)
        )
        return [row.id for row in await self.run(query)]

    def _word(self, row: Any) -> Word:
        said = self.open_json(row.word_sealed, _context(row.case_id, row.verb))
        return Word(row.verb, said["text"], tuple(UUID(one) for one in said["files"]), row.at)


def _context(case_id: UUID, verb: str) -> str:
    return f"complaint_word:{case_id}:{verb}"

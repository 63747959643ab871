"""What agents write for each other: notes, labels, canned answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import IntegrityError

from bot.domain.canned import Canned, Seed
from bot.errors import Conflict, NotFound
from bot.storage import tables_notes as t
from bot.storage.tx_base import TxBase
from bot.usecases.store_notes import Note

_SEED_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:locus, 20269))")


class NotesTx(TxBase):
    """See :class:`bot.usecases.store_notes.NotesTx`."""

    async def put_note(self, note: Note, locus: str, key: str) -> bool:
        made = await self.run(
            pg_insert(t.note)
            .values(
                id=note.id,
                conversation_id=note.conversation_id,
                locus=locus,
                author=note.author,
                text_sealed=self._keys.seal(note.text.encode(), f"note:{note.id}"),
                mentions=list(note.mentions),
                dedupe_key=key,
                created_at=note.at,
            )
            .on_conflict_do_nothing(index_elements=["dedupe_key"])
            .returning(t.note.c.id)
        )
        fresh = made.scalar_one_or_none() is not None
        if fresh:
            await self.notify("loket_staff", f"note:{note.conversation_id}")
        return fresh

    async def notes(self, conversation_id: UUID, most: int = 200) -> list[Note]:
        query = select(t.note).where(t.note.c.conversation_id == conversation_id)
        rows = await self.run(query.order_by(t.note.c.created_at.desc(), t.note.c.id).limit(most))
        return [self._note(row) for row in rows][::-1]

    async def notes_of(self, author: str, locus: str, most: int = 1000) -> list[tuple[UUID, str]]:
        query = select(t.note).where(t.note.c.author == author, t.note.c.locus == locus)
        rows = await self.run(query.order_by(t.note.c.created_at.desc()).limit(most))
        return [(row.conversation_id, self._note(row).text) for row in rows]

    def _note(self, row: Row[Any]) -> Note:
        words = self._keys.open(bytes(row.text_sealed), f"note:{row.id}").decode()
        return Note(row.id, row.conversation_id, row.author, words, tuple(row.mentions), row.created_at)

    # -- labels -------------------------------------------------------------------------------------------------------

    async def labels(self, conversation_id: UUID) -> list[str]:
        query = select(t.conversation_label.c.label).where(t.conversation_label.c.conversation_id == conversation_id)
        return list((await self.run(query.order_by(t.conversation_label.c.label))).scalars())

    async def known_labels(self, locus: str) -> list[str]:
        label = t.conversation_label.c.label
        query = select(label).where(t.conversation_label.c.locus == locus).group_by(label)
        return list((await self.run(query.order_by(func.count().desc(), label).limit(50))).scalars())

    async def put_label(self, conversation_id: UUID, locus: str, label: str, by: str, now: datetime) -> None:
        values = {"conversation_id": conversation_id, "label": label, "locus": locus, "put_by": by, "put_at": now}
        await self.run(pg_insert(t.conversation_label).values(**values).on_conflict_do_nothing())
        await self.notify("loket_staff")

    async def drop_label(self, conversation_id: UUID, label: str) -> None:
        table = t.conversation_label
        await self.run(delete(table).where(table.c.conversation_id == conversation_id, table.c.label == label))
        await self.notify("loket_staff")

    # -- canned answers -----------------------------------------------------------------------------------------------

    async def canned(self, locus: str) -> list[Canned]:
        query = select(t.canned).where(t.canned.c.locus == locus, t.canned.c.deleted_at.is_(None))
        return [_canned(row) for row in await self.run(query.order_by(t.canned.c.shortcut, t.canned.c.language))]

    async def seed_canned(self, locus: str, seeds: Sequence[Seed], now: datetime) -> None:
        await self.run(_SEED_LOCK, {"locus": locus})
        known = await self.run(select(t.canned.c.id).where(t.canned.c.locus == locus).limit(1))
        if known.first() is not None or not seeds:
            return
        given = {"locus": locus, "changed_by": "seed", "changed_at": now}
        await self.run(insert(t.canned), [{"id": uuid4(), **vars(seed), **given} for seed in seeds])

    async def put_canned(self, canned: Canned) -> None:
        values = {name: value for name, value in vars(canned).items() if name != "id"}
        try:
            done = await self.run(
                pg_insert(t.canned)
                .values(id=canned.id, **values)
                .on_conflict_do_update(
                    index_elements=["id"],
                    set_=values,
                    where=(t.canned.c.locus == canned.locus) & t.canned.c.deleted_at.is_(None),
                )
                .returning(t.canned.c.id)
            )
        except IntegrityError as error:
            raise Conflict("canned answer") from error
        if done.first() is None:
            raise NotFound("canned answer")

    async def drop_canned(self, canned_id: UUID, locus: str, now: datetime) -> Canned:
        table = t.canned
        gone = await self.run(
            update(table)
            .where(table.c.id == canned_id, table.c.locus == locus, table.c.deleted_at.is_(None))
            .values(deleted_at=now)
            .returning(table)
        )
        row = gone.one_or_none()
        if row is None:
            raise NotFound("canned answer")
        return _canned(row)


def _canned(row: Row[Any]) -> Canned:
    return Canned(**{name: getattr(row, name) for name in Canned.__dataclass_fields__})

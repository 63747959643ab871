"""What is stored about a person, and deleting it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, or_, select, text, update

from bot.domain.conversation import Case, Conversation
from bot.storage import tables as t
from bot.storage.erasing import STEPS
from bot.storage.tables_privacy import erasure
from bot.storage.tx_cases import case_of
from bot.storage.tx_people import PeopleTx

_PEOPLE = text("select id from conversation where citizen_id = :citizen order by id")
_HELD = {
    "message": "select count(*) from message where conversation_id = any(:ids)",
    "blob": "select count(*) from blob where conversation_id = any(:ids)",
    "consent": "select count(*) from consent where conversation_id = any(:ids)",
    "note": "select count(*) from note where conversation_id = any(:ids)",
    "ticket": "select count(*) from ticket where conversation_id = any(:ids)",
    "survey": "select count(*) from survey where conversation_id = any(:ids)",
    "identity_check": "select count(*) from identity_check where conversation_id = any(:ids) or citizen_id = :citizen",
    "contact": "select count(*) from contact where citizen_id = :citizen",
    "face": "select count(*) from citizen where id = :citizen and face_sealed is not null",
    "citizen": "select count(*) from citizen where id = :citizen",
}
_ROWS = {
    "pemeriksaan_wajah": "select at, outcome, decision from identity_check "
    "where conversation_id = any(:ids) or citizen_id = :citizen order by at",
    "petugas": "select number, created_at, closed_at, reason from ticket where conversation_id = any(:ids) order by created_at",
    "sambungan": "select proof, at, undone_at from link where conversation_id = any(:ids) order by at",
    "survei": "select s.kind, s.finished_at, a.unsur, a.mark from survey s join survey_answer a on a.survey_id = s.id "
    "where s.conversation_id = any(:ids) order by s.due_at, a.unsur",
}
_FILES = text(
    "select id, kind, type, size, created_at, name_sealed from blob where conversation_id = any(:ids) order by created_at"
)
_UNTIE = text(
    "update conversation set case_id = null, form_active = false, turn_mark = 'forgotten' where case_id = any(:ids)"
)
_DROP_FILES = text("delete from blob where id = any(:ids)")
_DROP_CASES = text("delete from application where id = any(:ids)")
# Others who named the same NIK keep their conversation; what is known of the person by it goes.
_STRANGERS = text("""
update conversation set citizen_id = null, assurance = least(assurance, 1), assured_until = null
where citizen_id = :citizen and not id = any(:ids)
""")
_ORPHAN = text("""
delete from citizen where id = :citizen and not exists (select 1 from application where citizen_id = :citizen)
  and not exists (select 1 from identity_check where citizen_id = :citizen)
""")
_LOOSEN = text("update conversation set citizen_id = null where citizen_id = :citizen and id = any(:ids)")
_DUE = text("""
select conversation_id, asked_at from erasure where done_at is null and asked_at < :before order by asked_at limit :most
""")
_ANONYMOUS = text("""
update conversation set external_id = 'erased:' || id, address_sealed = null, origin_index = null, person_id = :fresh,
  standing = 'stopped', citizen_id = null, memory = '{}'::jsonb, trail = '[]'::jsonb, topic = null, turn_mark = 'erased'
where id = :id
""")

_ADDRESS = (
    text("delete from conversation_alias where conversation_id = :id"),
    text("delete from chat_session where conversation_id = :id"),
    text("delete from data_link where conversation_id = :id"),
)


class EraseTx(PeopleTx):
    """See :class:`bot.usecases.store_privacy.PrivacyTx`."""

    async def people_of(self, citizen_id: UUID) -> list[UUID]:
        return list((await self.run(_PEOPLE, {"citizen": citizen_id})).scalars())

    async def all_cases(self, conversations: Collection[UUID], citizen_id: UUID | None) -> list[Case]:
        theirs: ColumnElement[bool] = t.case.c.conversation_id.in_(list(conversations))
        if citizen_id is not None:
            theirs = or_(theirs, t.case.c.citizen_id == citizen_id)
        query = select(t.case).where(theirs).order_by(t.case.c.created_at.desc())
        return [case_of(self._keys, row) for row in await self.run(query)]

    # -- what is stored ---------------------------------------------------------------------------------------------

    async def holdings(self, conversations: Collection[UUID], citizen_id: UUID | None) -> dict[str, int]:
        found = {}
        for name, query in _HELD.items():
            values = {k: v for k, v in _whose(conversations, citizen_id).items() if f":{k}" in query}
            found[name] = int((await self.run(text(query), values)).scalar_one())
        return {name: count for name, count in found.items() if count}

    async def personal_rows(self, conversations: Collection[UUID], citizen_id: UUID | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, query in _ROWS.items():
            values = {k: v for k, v in _whose(conversations, citizen_id).items() if f":{k}" in query}
            found[name] = [_plain(dict(row._mapping)) for row in await self.run(text(query), values)]
        rows = await self.run(_FILES, {"ids": list(conversations)})
        found["berkas"] = [
            {
                "id": str(row.id),
                "nama": self._keys.open(bytes(row.name_sealed), f"blob.name:{row.id}").decode(),
                "jenis": row.kind,
                "tipe": row.type,
                "byte": row.size,
                "pada": row.created_at.isoformat(),
            }
            for row in rows
        ]
        return found

    async def files_of(self, conversations: Collection[UUID]) -> list[UUID]:
        query = (
            select(t.blob.c.id).where(t.blob.c.conversation_id.in_(list(conversations))).order_by(t.blob.c.created_at)
        )
        return list((await self.run(query)).scalars())

    # -- erasing ----------------------------------------------------------------------------------------------------

    async def erase(
        self,
        conversations: Sequence[UUID],
        citizen_id: UUID | None,
        goes: Collection[UUID],
        stays: Collection[UUID],
        kept_files: Collection[UUID],
        now: datetime,
    ) -> dict[str, int]:
        values: dict[str, Any] = {
            **_whose(conversations, citizen_id),
            "goes": list(goes),
            "stays": list(stays),
            "kept": list(kept_files),
            "now": now,
        }
        await self.run(_UNTIE, {"ids": list(goes)})
        taken: dict[str, int] = {}
        for step in STEPS:
            used = {name: value for name, value in values.items() if f":{name}" in step.sql}
            rows = (await self.run(text(step.sql), used)).rowcount
            if rows:
                taken[step.table] = taken.get(step.table, 0) + rows
        if citizen_id is not None:
            taken |= await self._erase_citizen(citizen_id, list(conversations), now)
        return taken

    async def _erase_citizen(self, citizen_id: UUID, ids: list[UUID], now: datetime) -> dict[str, int]:
        whose = {"citizen": citizen_id, "ids": ids}
        await self.run(_STRANGERS, whose)
        await self.run(_LOOSEN, whose)
        if (await self.run(_ORPHAN, {"citizen": citizen_id})).rowcount:
            return {"citizen": 1}
        person = await self.citizen(citizen_id)
        person.data = {}
        await self.save_citizen(person, now)
        await self.save_face(citizen_id, None, now)
        return {}

    async def drop_cases(self, cases: Collection[UUID], files: Collection[UUID]) -> None:
        await self.run(_UNTIE, {"ids": list(cases)})
        await self.run(_DROP_FILES, {"ids": list(files)})
        await self.run(_DROP_CASES, {"ids": list(cases)})

    # -- what follows -----------------------------------------------------------------------------------------------

    async def put_erasure(self, conversation_id: UUID, now: datetime) -> None:
        await self.run(delete(erasure).where(erasure.c.conversation_id == conversation_id))
        await self.run(erasure.insert().values(conversation_id=conversation_id, asked_at=now))

    async def erasures(self, before: datetime, most: int = 100) -> list[tuple[UUID, datetime]]:
        rows = await self.run(_DUE, {"before": before, "most": most})
        return [(row.conversation_id, row.asked_at) for row in rows]

    async def end_erasure(self, conversation: Conversation, now: datetime, *, anonymous: bool) -> None:
        if anonymous:
            await self.run(_ANONYMOUS, {"id": conversation.id, "fresh": uuid4()})
            for statement in _ADDRESS:
                await self.run(statement, {"id": conversation.id})
        done = update(erasure).where(erasure.c.conversation_id == conversation.id).values(done_at=now)
        await self.run(done)


def _whose(conversations: Collection[UUID], citizen_id: UUID | None) -> dict[str, Any]:
    return {"ids": list(conversations), "citizen": citizen_id}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Ready for JSON."""
    return dict(
        json.loads(
            json.dumps(row, default=lambda value: value.isoformat() if hasattr(value, "isoformat") else str(value))
        )
    )

"""Applications, their history, and the errands to agencies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot import tracing
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.errors import NotFound
from bot.storage import tables as t
from bot.storage.columns import every
from bot.storage.crypto import KeyRing
from bot.storage.tx_base import TxBase, open_json

COLUMNS = (
    "id locus service variant conversation_id citizen_id state agency agency_ref reference promised_on submitted_at "
    "document_blob created_at updated_at paused_at paused_days begun_by step"
).split()
_PUT: LiteralString = """
insert into application (id, locus, service, variant, conversation_id, citizen_id, state, agency, agency_ref, reference,
  promised_on, submitted_at, document_blob, created_at, updated_at, paused_at, paused_days, begun_by, step, draft_sealed)
values (%(id)s, %(locus)s, %(service)s, %(variant)s, %(conversation_id)s, %(citizen_id)s, %(state)s, %(agency)s,
  %(agency_ref)s, %(reference)s, %(promised_on)s, %(submitted_at)s, %(document_blob)s, %(created_at)s, %(updated_at)s,
  %(paused_at)s, %(paused_days)s, %(begun_by)s, %(step)s, %(draft_sealed)s)
on conflict (id) do update set locus = excluded.locus, service = excluded.service, variant = excluded.variant,
  conversation_id = excluded.conversation_id, citizen_id = excluded.citizen_id, state = excluded.state,
  agency = excluded.agency, agency_ref = excluded.agency_ref, reference = excluded.reference,
  promised_on = excluded.promised_on, submitted_at = excluded.submitted_at, document_blob = excluded.document_blob,
  created_at = excluded.created_at, updated_at = excluded.updated_at, paused_at = excluded.paused_at,
  paused_days = excluded.paused_days, begun_by = excluded.begun_by, step = excluded.step,
  draft_sealed = excluded.draft_sealed
"""
# Names of columns only: nothing from outside is put into the texts.
_GET: LiteralString = f"select {every(t.case)} from application where id = %(id)s"  # noqa: S608
_GET_LOCKED: LiteralString = f"{_GET} for update"


def case_of(keys: KeyRing, row: Any, prefix: str = "") -> Case:
    """A case from its row; ``prefix`` of the columns' names."""
    values = {name: getattr(row, prefix + name) for name in COLUMNS}
    draft = open_json(keys, getattr(row, f"{prefix}draft_sealed"), f"application:{values['id']}")
    return Case(draft=draft, **values)


class CasesTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def put_case(self, case: Case) -> None:
        values = {name: getattr(case, name) for name in COLUMNS}
        values["draft_sealed"] = self.seal_json(case.draft, f"application:{case.id}")
        self.later(_PUT, values)

    async def case(self, case_id: UUID, lock: bool = False) -> Case:
        focus = self._focus
        if focus is not None and focus.id == case_id:
            return self._case(focus)
        row = await (await self.fast(_GET_LOCKED if lock else _GET, {"id": case_id})).fetchone()
        if row is None:
            raise NotFound("application")
        return self._case(row)

    async def case_by_reference(self, reference: str) -> Case | None:
        row = (await self.run(select(t.case).where(t.case.c.reference == reference))).one_or_none()
        return None if row is None else self._case(row)

    async def case_by_agency_ref(self, agency: str, agency_ref: str, lock: bool = False) -> Case | None:
        query = select(t.case).where(t.case.c.agency == agency, t.case.c.agency_ref == agency_ref)
        row = (await self.run(query.with_for_update() if lock else query)).first()
        return None if row is None else self._case(row)

    async def cases_of(self, conversation: Conversation) -> list[Case]:
        # Asked of the row, not of what the caller holds: the connection may be older than this transaction, or younger.
        person = select(t.conversation.c.person_id).where(t.conversation.c.id == conversation.id).scalar_subquery()
        ours = select(t.conversation.c.id).where(t.conversation.c.person_id == person)
        mine: ColumnElement[bool] = t.case.c.conversation_id.in_(ours)
        if conversation.citizen_id is not None and conversation.assurance >= 3:
            mine = or_(mine, t.case.c.citizen_id == conversation.citizen_id)
        query = select(t.case).where(mine).order_by(t.case.c.created_at.desc()).limit(20)
        return [self._case(row) for row in await self.run(query)]

    def _case(self, row: Any) -> Case:
        return case_of(self._keys, row)

    async def add_event(self, case_id: UUID, event: CaseEvent) -> bool:
        statement = (
            pg_insert(t.case_event)
            .values(
                case_id=case_id,
                key=event.key,
                state=event.state,
                at=event.at,
                inbox_id=event.inbox_id,
                note_sealed=(
                    self._keys.seal(event.note.encode(), f"application_event:{case_id}:{event.key}")
                    if event.note
                    else None
                ),
            )
            .on_conflict_do_nothing()
            .returning(t.case_event.c.id)
        )
        return (await self.run(statement)).scalar_one_or_none() is not None

    async def events(self, case_id: UUID) -> list[CaseEvent]:
        query = select(t.case_event).where(t.case_event.c.case_id == case_id).order_by(t.case_event.c.id)
        return [
            CaseEvent(
                key=row.key,
                state=row.state,
                at=row.at,
                inbox_id=row.inbox_id,
                note=(
                    self._keys.open(bytes(row.note_sealed), f"application_event:{case_id}:{row.key}").decode()
                    if row.note_sealed is not None
                    else None
                ),
            )
            for row in await self.run(query)
        ]

    async def put_due(self, case_id: UUID, verb: str, now: datetime) -> None:
        with tracing.send("errands", case=case_id, verb=verb):
            due = {"case_id": case_id, "verb": verb, "next_at": now, "created_at": now, "trace": tracing.carry()}
            await self.run(pg_insert(t.submission).values(**due).on_conflict_do_nothing())
        await self.notify("loket_errand")

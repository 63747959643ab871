"""The board: tickets with what a list shows of them; stretches of a thread; what a search finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from bot.domain.conversation import ThreadEntry
from bot.domain.handoff import Ticket
from bot.domain.messages import FileRef
from bot.storage.columns import every
from bot.storage.tables_console import ticket
from bot.storage.tx_base import TxBase
from bot.usecases.store_notes import Entry, LastLine

# Leases are renewed every few seconds: they are no part of the mark.
_MARKS: LiteralString = """
select t.id, concat_ws('|', t.state, t.agent, t.assigned, t.priority, t.waiting_for, t.snoozed_until, t.lease_no, t.team,
  t.desk, t.rating, t.closed_at, t.last_citizen_at, t.last_reply_at,
  (select string_agg(l.label, ',' order by l.label) from conversation_label l where l.conversation_id = t.conversation_id)
) as mark
from ticket t where t.locus = %(locus)s and (t.state <> 'closed' or t.closed_at > %(since)s)
"""
# Names of columns only: nothing from outside is put into the texts.
_BOARD: LiteralString = f"""
select {every(ticket, "t")}, c.account, c.language as spoken, coalesce(a.service, t.service, c.topic) as about, c.citizen_id,
  case when c.assured_until is not null and c.assured_until <= %(now)s then least(c.assurance, 1) else c.assurance end as level,
  z.data_sealed as who_sealed, m.seq, m.sender, m.body_sealed, m.created_at as said_at,
  array(select l.label from conversation_label l where l.conversation_id = c.id order by l.label) as labels
from ticket t join conversation c on c.id = t.conversation_id
  left join application a on a.id = c.case_id and c.form_active
  left join citizen z on z.id = c.citizen_id
  left join lateral (
    select s.seq, s.sender, s.body_sealed, s.created_at from message s
    where s.conversation_id = c.id and s.sender <> 'system' and (t.closed_at is null or s.created_at <= t.closed_at)
    order by s.seq desc limit 1) m on true
where t.locus = %(locus)s and (t.state <> 'closed' or t.closed_at > %(since)s)
  and (%(tickets)s::uuid[] is null or t.id = any(%(tickets)s::uuid[]))
  and (%(conversations)s::uuid[] is null or t.conversation_id = any(%(conversations)s::uuid[]))
"""  # noqa: S608
_BEFORE: LiteralString = """
select seq, created_at, sender, body_sealed, inbox_id from message
where conversation_id = %(id)s and seq < %(before)s
  and (%(until)s::timestamptz is null or created_at <= %(until)s::timestamptz)
order by seq desc limit %(limit)s
"""
# What the provider already has is not sent again; a part it refused later is.
_RETRY: LiteralString = """
with again as (
  select o.id, (select min(p.part) from outbox_part p where p.outbox_id = o.id and p.state = 'failed') as part from outbox o
  where o.conversation_id = %(id)s and o.seq = %(seq)s and o.state in ('failed', 'dropped') for update),
gone as (delete from outbox_part p using again a where p.outbox_id = a.id and a.part is not null and p.part >= a.part)
update outbox o set state = 'created', attempts = 0, error_code = null, via = null, next_at = %(now)s, lease_until = %(now)s,
  created_at = %(now)s, parts = least(o.parts, greatest(coalesce(a.part, o.parts), 0))
from again a where o.id = a.id returning o.id
"""
_BLOB: LiteralString = """
select name_sealed, type, size from blob where id = %(id)s and conversation_id = %(conversation)s and kind = %(kind)s
"""
_SENT: LiteralString = "update blob set kind = 'answer' where id = any(%(ids)s) and kind = 'upload'"
_ADDRESS: LiteralString = "select account, external_id, address_sealed from conversation where id = %(id)s"
_EARLIER: LiteralString = f"""
select {every(ticket, "t")} from ticket t where t.conversation_id = any(%(conversations)s) and t.id <> %(but)s and t.state = 'closed'
order by t.closed_at desc limit %(most)s
"""  # noqa: S608
_FIND: LiteralString = """
select t.id from ticket t
where t.locus = %(locus)s and (t.number = any(%(numbers)s) or t.conversation_id in (
    select a.conversation_id from application a where a.reference = any(%(numbers)s)
    union select o.id from application a join conversation h on h.id = a.conversation_id
      join conversation o on o.person_id = h.person_id where a.reference = any(%(numbers)s)
    union select l.conversation_id from conversation_label l where l.label = %(label)s and l.locus = %(locus)s))
order by t.created_at desc limit %(most)s
"""
_PEOPLE: LiteralString = """
select t.id, c.citizen_id, z.data_sealed from ticket t join conversation c on c.id = t.conversation_id
  join citizen z on z.id = c.citizen_id
where t.locus = %(locus)s and t.created_at > %(since)s order by t.created_at desc limit %(most)s
"""
_TICKET = [name for name in Ticket.__dataclass_fields__ if name not in ("summary", "skills")]


class BoardTx(TxBase):
    """See :class:`bot.usecases.store_notes.NotesTx`."""

    async def board_marks(self, locus: str, closed_since: datetime) -> Mapping[UUID, str]:
        cursor = await self.fast(_MARKS, {"locus": locus, "since": closed_since})
        return {row.id: row.mark for row in await cursor.fetchall()}

    async def board(
        self,
        locus: str,
        closed_since: datetime,
        now: datetime,
        *,
        tickets: Sequence[UUID] | None = None,
        conversations: Sequence[UUID] | None = None,
    ) -> list[Entry]:
        values = {
            "locus": locus,
            "since": closed_since,
            "now": now,
            "tickets": None if tickets is None else list(tickets),
            "conversations": None if conversations is None else list(conversations),
        }
        return [self._board_entry(row) for row in await (await self.fast(_BOARD, values)).fetchall()]

    def _board_entry(self, row: Any) -> Entry:
        last = None
        if row.seq is not None:
            body = self.open_json(row.body_sealed, f"message:{row.conversation_id}:{row.seq}")
            last = LastLine(row.seq, row.sender, row.said_at, body)
        return Entry(
            ticket=_ticket(row),
            account=row.account,
            language=row.spoken,
            topic=row.about,
            name=self._name(row.citizen_id, row.who_sealed),
            level=row.level,
            labels=tuple(row.labels),
            last=last,
        )

    def _name(self, citizen_id: UUID | None, sealed: bytes | None) -> str:
        return "" if sealed is None else str(self.open_json(sealed, f"citizen:{citizen_id}")["name"])

    async def thread_before(
        self, conversation_id: UUID, before: int, limit: int, until: datetime | None = None
    ) -> list[ThreadEntry]:
        values = {"id": conversation_id, "before": before, "limit": limit, "until": until}
        cursor = await self.fast(_BEFORE, values)
        context = f"message:{conversation_id}"
        return [
            ThreadEntry(
                row.seq,
                row.created_at,
                row.sender,
                self.open_json(row.body_sealed, f"{context}:{row.seq}"),
                row.inbox_id,
            )
            for row in reversed(await cursor.fetchall())
        ]

    async def blob_of(self, blob_id: UUID, conversation_id: UUID, kind: str) -> FileRef | None:
        cursor = await self.fast(_BLOB, {"id": blob_id, "conversation": conversation_id, "kind": kind})
        row = await cursor.fetchone()
        if row is None:
            return None
        name = self._keys.open(bytes(row.name_sealed), f"blob.name:{blob_id}").decode()
        return FileRef(id=str(blob_id), name=name, type=row.type, size=row.size)

    async def sent_blobs(self, blob_ids: Sequence[UUID]) -> None:
        if blob_ids:
            await self.fast(_SENT, {"ids": list(blob_ids)})

    async def address_of(self, conversation_id: UUID) -> str | None:
        row = await (await self.fast(_ADDRESS, {"id": conversation_id})).fetchone()
        if row is None or row.address_sealed is None:
            return None
        return self._keys.open(bytes(row.address_sealed), f"address:{row.account}:{row.external_id}").decode()

    async def retry_send(self, conversation_id: UUID, seq: int, now: datetime) -> bool:
        cursor = await self.fast(_RETRY, {"id": conversation_id, "seq": seq, "now": now})
        again = await cursor.fetchone() is not None
        if again:
            await self.notify("loket_outbox")
        return again

    async def earlier_tickets(self, conversation_ids: Sequence[UUID], but: UUID, most: int = 10) -> list[Ticket]:
        values = {"conversations": list(conversation_ids), "but": but, "most": most}
        return [_ticket(row) for row in await (await self.fast(_EARLIER, values)).fetchall()]

    async def find_tickets(self, locus: str, *, numbers: Sequence[str], label: str, most: int = 50) -> list[UUID]:
        values = {"locus": locus, "numbers": list(numbers), "label": label, "most": most}
        return [row.id for row in await (await self.fast(_FIND, values)).fetchall()]

    async def people_at_desk(self, locus: str, since: datetime, most: int = 3000) -> list[tuple[UUID, str]]:
        cursor = await self.fast(_PEOPLE, {"locus": locus, "since": since, "most": most})
        return [(row.id, self._name(row.citizen_id, row.data_sealed)) for row in await cursor.fetchall()]


def _ticket(row: Any) -> Ticket:
    """Without its summary: lists do not show that."""
    values = {name: getattr(row, name) for name in _TICKET}
    return Ticket(**values, skills=tuple(row.skills))

"""Tickets, their queue, and what happened to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Row, insert, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.handoff import Agent, Event, Ticket
from bot.domain.presence import SILENT
from bot.errors import NotFound
from bot.storage import tables_console as t
from bot.storage.tx_base import TxBase

_OVERDUE = timedelta(minutes=10)
_PLAIN = [name for name in Ticket.__dataclass_fields__ if name != "summary"]

# A colleague's ticket is theirs as long as they are there. An agent without skills or languages set knows every matter, and Indonesian.
# Who has waited long is answered by anybody.
_ROUTED = """
select q.id, q.conversation_id from ticket q join conversation c on c.id = q.conversation_id
where q.locus = :locus and q.state = 'queued' and q.desk is null
  and (q.snoozed_until is null or q.snoozed_until <= :now)
  and (q.assigned is null or q.assigned = :me or not exists (
    select 1 from staff_presence p where p.username = q.assigned and p.locus = q.locus
      and p.state = 'online' and p.seen_at > :alive))
  and (q.assigned = :me or q.created_at < :overdue or (
    q.language = any(:languages) and (cardinality(cast(:skills as text[])) = 0 or (
      q.skills <@ cast(:skills as text[])
      and ((q.team is null and q.service is null) or q.team = any(:skills) or q.service = any(:skills))))))
order by q.assigned is distinct from :me, q.priority desc, q.created_at, q.id
limit 1 for update of c
"""
_ROUTED_SKIP, _ROUTED_WAIT = text(_ROUTED + " skip locked"), text(_ROUTED)
_HELD = text("""
select count(*) from ticket where agent = :me and locus = :locus and state = 'claimed' and lease_until > :now
""")
_RENEW = text("""
update ticket set lease_until = :until where agent = :me and locus = :locus and state = 'claimed' and lease_until > :now
  and (cast(:ticket as uuid) is null or id = :ticket) and (cast(:lease as int) is null or lease_no = :lease)
""")
_AHEAD = text("""
select count(*) from ticket where locus = :locus and state = 'queued' and id <> :id
  and (snoozed_until is null or snoozed_until <= :now) and desk is not distinct from :desk
  and (priority > :priority or (priority = :priority and (created_at, id) < (:created_at, :id)))
""")
_WAITED = text("""
select extract(epoch from claimed_at - created_at) as s from ticket
where locus = :locus and claimed_at >= :since and trigger <> 'staff' order by 1
""")
_LONGEST = text("""
select coalesce(max(extract(epoch from cast(:now as timestamptz) - created_at)), 0) from ticket
where locus = :locus and state = 'queued' and desk is null and (snoozed_until is null or snoozed_until <= :now)
""")
_PRESENT = text("""
select count(*) from (
  select p.username from staff_presence p join staff s on s.username = p.username
  where p.locus = :locus and p.state in ('online', 'busy') and p.seen_at > :alive and s.disabled_at is null
  union select agent from ticket where locus = :locus and state = 'claimed' and lease_until > :now) as there
""")
_OFFER = text("""
select why from handoff_event where conversation_id = :id and event = 'offered' and at >= :since order by id desc limit 1
""")
_WROTE: LiteralString = """
update ticket set waiting_for = 'agent', snoozed_until = null, last_citizen_at = %(now)s
where conversation_id = %(id)s and state <> 'closed'
"""
_AGENT_LINE: LiteralString = """
select seq, body_sealed from message
where conversation_id = %(id)s and seq > %(after)s and sender = 'agent' order by seq desc limit 1
"""
_SAID: LiteralString = "select 1 from message where conversation_id = %(id)s and dedupe_key = %(key)s"
_LAST: LiteralString = "select last_seq from conversation where id = %(id)s"
# A message that the bot answered has lines of the bot that name it; joined ones share the fate of the one they joined.
_REOPEN: LiteralString = """
update inbox i set state = 'open', attempts = 0, sweeps = 0, waits = 0, not_before = %(now)s, done_at = null, reason = null
where i.conversation_id = %(id)s and i.state = 'done' and i.seq > %(after)s and not exists (
  select 1 from message m where m.conversation_id = i.conversation_id and m.inbox_id = i.id and m.sender <> 'citizen')
"""
_UNANSWERED: LiteralString = """
select count(*) as n, pg_notify('loket_inbox', '') from inbox where conversation_id = %(id)s and state in ('open', 'leased')
"""
_LOST = text("""
select id from ticket where state = 'claimed' and lease_until <= :now order by lease_until limit 200
""")
_ASLEEP = text("""
select id from ticket where state = 'queued' and snoozed_until <= :now order by snoozed_until limit 200
""")
_SILENT = text("""
select id from ticket where state = 'claimed' and waiting_for = 'citizen'
  and coalesce(last_reply_at, claimed_at) <= :before limit 200
""")
_UNTOLD = text("""
select id from ticket where state = 'queued' and desk is null and snoozed_until is null
  and coalesce(told_at, created_at) <= :before and told_times < :most order by created_at limit 200
""")
_STUCK = text("""
select c.id from conversation c where c.state = 'returning' and not exists (
  select 1 from inbox i where i.conversation_id = c.id and i.state in ('open', 'leased')) limit 200
""")


class ConsoleTx(TxBase):
    """See :class:`bot.usecases.store_console.ConsoleTx`."""

    async def put_ticket(self, ticket: Ticket, *, quiet: bool = False) -> None:
        values: dict[str, Any] = {name: getattr(ticket, name) for name in _PLAIN}
        values |= {"priority": int(ticket.priority), "skills": list(ticket.skills)}
        values["summary_sealed"] = self.seal_json(ticket.summary, f"ticket:{ticket.id}") if ticket.summary else None
        changed = {name: value for name, value in values.items() if name != "id"}
        await self.run(pg_insert(t.ticket).values(**values).on_conflict_do_update(index_elements=["id"], set_=changed))
        if not quiet:
            await self.notify("loket_staff", str(ticket.conversation_id))

    async def ticket(self, ticket_id: UUID, lock: bool = False) -> Ticket:
        query = select(t.ticket).where(t.ticket.c.id == ticket_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("ticket")
        return self._ticket(row)

    async def open_ticket(self, conversation_id: UUID, lock: bool = False) -> Ticket | None:
        query = select(t.ticket).where(t.ticket.c.conversation_id == conversation_id, t.ticket.c.state != "closed")
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else self._ticket(row)

    async def last_ticket(self, conversation_id: UUID) -> Ticket | None:
        query = select(t.ticket).where(t.ticket.c.conversation_id == conversation_id)
        row = (await self.run(query.order_by(t.ticket.c.created_at.desc()).limit(1))).one_or_none()
        return None if row is None else self._ticket(row)

    async def tickets(self, locus: str, open_only: bool = True) -> list[Ticket]:
        query = select(t.ticket).where(t.ticket.c.locus == locus).order_by(t.ticket.c.created_at)
        if open_only:
            query = query.where(t.ticket.c.state != "closed")
        return [self._ticket(row) for row in await self.run(query.limit(200))]

    def _ticket(self, row: Row[Any]) -> Ticket:
        values = {name: getattr(row, name) for name in _PLAIN}
        summary = self.open_json(row.summary_sealed, f"ticket:{row.id}") if row.summary_sealed else {}
        return Ticket(**{**values, "skills": tuple(row.skills)}, summary=summary)

    # -- the queue --------------------------------------------------------------------------------------------------

    async def next_ticket(self, agent: Agent, now: datetime, *, wait: bool = False) -> Ticket | None:
        values = {
            "locus": agent.locus,
            "me": agent.username,
            "now": now,
            "alive": now - SILENT,
            "overdue": now - _OVERDUE,
            "languages": sorted(agent.languages or {"id"}),
            "skills": sorted(agent.skills),
        }
        row = (await self.run(_ROUTED_WAIT if wait else _ROUTED_SKIP, values)).one_or_none()
        return None if row is None else await self.ticket(row.id, lock=True)

    async def held_by(self, username: str, locus: str, now: datetime) -> int:
        return int((await self.run(_HELD, {"me": username, "locus": locus, "now": now})).scalar_one())

    async def renew_leases(
        self,
        username: str,
        locus: str,
        now: datetime,
        until: datetime,
        ticket_id: UUID | None = None,
        lease_no: int | None = None,
    ) -> int:
        values = {"me": username, "locus": locus, "now": now, "until": until, "ticket": ticket_id, "lease": lease_no}
        return (await self.run(_RENEW, values)).rowcount

    async def place_of(self, ticket: Ticket, now: datetime) -> int:
        values = {name: getattr(ticket, name) for name in ("id", "locus", "desk", "created_at")}
        return int((await self.run(_AHEAD, {**values, "priority": int(ticket.priority), "now": now})).scalar_one())

    async def waited(self, locus: str, since: datetime) -> list[float]:
        return [float(row.s) for row in await self.run(_WAITED, {"locus": locus, "since": since})]

    async def longest_waiting(self, locus: str, now: datetime) -> float:
        return float((await self.run(_LONGEST, {"locus": locus, "now": now})).scalar_one())

    async def agents_present(self, locus: str, now: datetime) -> int:
        values = {"locus": locus, "now": now, "alive": now - SILENT}
        return int((await self.run(_PRESENT, values)).scalar_one())

    # -- what happened ----------------------------------------------------------------------------------------------

    async def put_event(self, event: Event) -> None:
        await self.run(insert(t.handoff_event).values(**{**vars(event), "detail": dict(event.detail)}))

    async def handoff_events(self, conversation_id: UUID) -> list[Event]:
        query = select(t.handoff_event).where(t.handoff_event.c.conversation_id == conversation_id)
        rows = await self.run(query.order_by(t.handoff_event.c.id))
        return [Event(**{name: getattr(row, name) for name in Event.__dataclass_fields__}) for row in rows]

    async def last_offer(self, conversation_id: UUID, since: datetime) -> str | None:
        found: str | None = (await self.run(_OFFER, {"id": conversation_id, "since": since})).scalar_one_or_none()
        return found

    # -- the thread and the inbox -----------------------------------------------------------------------------------

    async def citizen_wrote(self, conversation_id: UUID, now: datetime) -> None:
        self.later(_WROTE, {"id": conversation_id, "now": now})

    async def agent_line(self, conversation_id: UUID, after: int) -> tuple[int, str] | None:
        row = await (await self.fast(_AGENT_LINE, {"id": conversation_id, "after": after})).fetchone()
        if row is None:
            return None
        body = self.open_json(row.body_sealed, f"message:{conversation_id}:{row.seq}")
        return int(row.seq), str(body.get("meta", {}).get("agent", ""))

    async def was_said(self, conversation_id: UUID, key: str) -> bool:
        cursor = await self.fast(_SAID, {"id": conversation_id, "key": f"{key}#0"})
        return await cursor.fetchone() is not None

    async def last_seq(self, conversation_id: UUID) -> int:
        row = await (await self.fast(_LAST, {"id": conversation_id})).fetchone()
        if row is None:
            raise NotFound("conversation")
        return int(row.last_seq)

    async def reopen_unanswered(self, conversation_id: UUID, after: int, now: datetime) -> int:
        await self.fast(_REOPEN, {"id": conversation_id, "after": after, "now": now})
        return await self.unanswered(conversation_id)

    async def unanswered(self, conversation_id: UUID) -> int:
        row = await (await self.fast(_UNANSWERED, {"id": conversation_id})).fetchone()
        return int(row.n) if row is not None else 0

    # -- the sweep --------------------------------------------------------------------------------------------------

    async def lost_leases(self, now: datetime) -> Sequence[UUID]:
        return list((await self.run(_LOST, {"now": now})).scalars())

    async def asleep_until(self, now: datetime) -> Sequence[UUID]:
        return list((await self.run(_ASLEEP, {"now": now})).scalars())

    async def silent_since(self, before: datetime) -> Sequence[UUID]:
        return list((await self.run(_SILENT, {"before": before})).scalars())

    async def queued_untold(self, before: datetime, most: int) -> Sequence[UUID]:
        return list((await self.run(_UNTOLD, {"before": before, "most": most})).scalars())

    async def stuck_returning(self) -> Sequence[UUID]:
        return list((await self.run(_STUCK)).scalars())

"""Errands, exchanges with agencies, alarms, breakers, and what the watch over open cases asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.alarms import Alarm, AlarmRow
from bot.domain.breaker import Breaker
from bot.domain.conversation import Case
from bot.errors import NotFound
from bot.storage import tables as t
from bot.storage import tables_agencies as ta
from bot.storage.columns import every
from bot.storage.tx_base import TxBase
from bot.storage.tx_cases import case_of
from bot.usecases.store_agencies import AGENCY_CLOSED, AuditRow, Call, Errand, Notice

_FAILED = text(f"""
select {every(t.submission, "s")} from submission s join application a on a.id = s.case_id
where s.state = 'failed' and a.locus = :locus order by s.created_at limit 200
""")  # noqa: S608  (names of columns only)
_RETRY = text("""
update submission set state = 'due', next_at = :now, retried_at = :now, lease_until = null, attempts = least(attempts, 30000)
where case_id = :case and verb = :verb and state = 'failed' returning verb
""")
_BY_HAND = text("""
update submission set state = 'done', settled_at = :now, settled_by = :by
where case_id = :case and verb = :verb and state = 'failed' returning verb
""")
_GIVE_UP = text("""
update submission set state = 'failed', settled_at = :now,
  error_code = coalesce(nullif(error_code, :closed), 'agency_unavailable')
where case_id = :case and verb = :verb and state = 'due' and (lease_until is null or lease_until < :now) returning verb
""").bindparams(closed=AGENCY_CLOSED)
_STUCK = text(f"""
select {every(t.submission)} from submission where state = 'due' and (lease_until is null or lease_until < :before)
  and ((told_at is null and split_part(verb, '-', 1) = any(:told) and coalesce(retried_at, created_at) < :before)
    or coalesce(retried_at, created_at) < :given_up)
order by created_at limit 500
""")  # noqa: S608
_ANSWERED = text("""
update breaker b set failures = 0, opens = 0, opened_at = null, retry_at = null, probe_until = null
from (select agency, opened_at from breaker where agency = :agency for update) old
where b.agency = old.agency and (b.failures > 0 or b.opened_at is not null) returning old.opened_at
""")
_FORGET_CALLS = text("""
delete from agency_call c using application a
where a.id = c.case_id and c.at < :before and a.state in ('selesai', 'ditolak', 'dibatalkan', 'kedaluwarsa')
""")
_LAST_WORD = text("select max(at) from application_event where case_id = :case and starts_with(key, :agency || ':')")
_POLL = text(f"""
select {every(t.case)} from application where agency_ref is not null
  and state in ('diajukan', 'verifikasi_berkas', 'perlu_perbaikan', 'diproses', 'menunggu_tte')
  and updated_at < :before and coalesce(polled_at, updated_at) < :before
order by coalesce(polled_at, updated_at) limit :most
""")  # noqa: S608
# Without a limit: what was apologised for stays late, and would hide what became late after it.
_OVERDUE = text("""
select id from application where promised_on < :before
  and state in ('diajukan', 'verifikasi_berkas', 'diproses', 'menunggu_tte') order by promised_on
""")
_REPAIRS = text("select id from application where state = 'perlu_perbaikan' order by paused_at")
_NOTICES = text("""
select m.conversation_id, c.account, m.seq, m.dedupe_key, m.created_at, o.state as delivery
from message m join conversation c on c.id = m.conversation_id
left join outbox o on o.conversation_id = m.conversation_id and o.seq = m.seq
where c.person_id = (select person_id from conversation where id = :conversation)
  and m.dedupe_key like :key order by m.created_at, m.seq
""")


class AgenciesTx(TxBase):
    """See :class:`bot.usecases.store_agencies.AgenciesTx`."""

    # -- errands ------------------------------------------------------------------------------------------------------

    async def errands_of(self, case_id: UUID) -> list[Errand]:
        query = select(t.submission).where(t.submission.c.case_id == case_id)
        return [self._errand(row) for row in await self.run(query.order_by(t.submission.c.created_at))]

    async def trace_of(self, case_id: UUID) -> str | None:
        query = select(t.submission.c.trace).where(t.submission.c.case_id == case_id, t.submission.c.verb == "submit")
        return (await self.run(query)).scalar_one_or_none()

    async def errand(self, case_id: UUID, verb: str, lock: bool = False) -> Errand:
        query = select(t.submission).where(t.submission.c.case_id == case_id, t.submission.c.verb == verb)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("errand")
        return self._errand(row)

    async def failed_errands(self, locus: str) -> list[Errand]:
        return [self._errand(row) for row in await self.run(_FAILED, {"locus": locus})]

    async def retry_errand(self, case_id: UUID, verb: str, now: datetime) -> bool:
        changed = (await self.run(_RETRY, {"case": case_id, "verb": verb, "now": now})).first() is not None
        if changed:
            await self.notify("loket_errand")
            await self.notify("loket_staff")
        return changed

    async def settle_errand(self, case_id: UUID, verb: str, by: str, now: datetime) -> bool:
        values = {"case": case_id, "verb": verb, "by": by, "now": now}
        changed = (await self.run(_BY_HAND, values)).first() is not None
        if changed:
            await self.notify("loket_staff")
        return changed

    async def note_reason(self, case_id: UUID, verb: str, reason: str) -> None:
        sealed = self._keys.seal(reason.encode(), f"submission:{case_id}:{verb}")
        mine = (t.submission.c.case_id == case_id, t.submission.c.verb == verb)
        await self.run(t.submission.update().where(*mine).values(reason_sealed=sealed))

    async def mark_told(self, case_id: UUID, verb: str, now: datetime | None) -> None:
        mine = (t.submission.c.case_id == case_id, t.submission.c.verb == verb)
        await self.run(t.submission.update().where(*mine).values(told_at=now))

    async def stuck_errands(self, before: datetime, given_up: datetime, told: Collection[str]) -> list[Errand]:
        rows = await self.run(_STUCK, {"before": before, "given_up": given_up, "told": list(told)})
        return [self._errand(row) for row in rows]

    async def give_up(self, case_id: UUID, verb: str, now: datetime) -> bool:
        gone = (await self.run(_GIVE_UP, {"case": case_id, "verb": verb, "now": now})).first() is not None
        if gone:
            await self.notify("loket_staff")
        return gone

    def _errand(self, row: Any) -> Errand:
        values = {name: getattr(row, name) for name in Errand.__dataclass_fields__ if name != "reason"}
        context = f"submission:{row.case_id}:{row.verb}"
        reason = self._keys.open(bytes(row.reason_sealed), context).decode() if row.reason_sealed is not None else ""
        return Errand(**values, reason=reason)

    # -- exchanges ----------------------------------------------------------------------------------------------------

    async def put_call(self, case_id: UUID, call: Call) -> None:
        await self.run(insert(ta.agency_call).values(case_id=case_id, **vars(call)))

    async def calls(self, case_id: UUID) -> list[Call]:
        query = select(ta.agency_call).where(ta.agency_call.c.case_id == case_id).order_by(ta.agency_call.c.id)
        names = Call.__dataclass_fields__
        return [Call(**{name: getattr(row, name) for name in names}) for row in await self.run(query)]

    async def forget_calls(self, before: datetime) -> int:
        return (await self.run(_FORGET_CALLS, {"before": before})).rowcount

    # -- alarms -------------------------------------------------------------------------------------------------------

    async def put_alarm(
        self, kind: Alarm, agency: str, now: datetime, *, case: Case | None = None, code: str = "", count: int = 1
    ) -> None:
        made = pg_insert(ta.alarm).values(
            kind=kind.value,
            agency=agency,
            locus=case.locus if case is not None else "",
            case_id=case.id if case is not None else None,
            code=code,
            count=count,
            first_at=now,
            last_at=now,
        )
        again = made.on_conflict_do_update(
            index_elements=["kind", "agency", "case_id", "code"],
            index_where=ta.alarm.c.handled_at.is_(None),
            set_={"count": ta.alarm.c.count + made.excluded.count, "last_at": made.excluded.last_at},
        )
        await self.run(again)
        await self.notify("loket_staff")

    async def alarms(self, locus: str) -> list[AlarmRow]:
        query = select(ta.alarm).where(ta.alarm.c.handled_at.is_(None), ta.alarm.c.locus.in_(("", locus)))
        names = AlarmRow.__dataclass_fields__
        rows = await self.run(query.order_by(ta.alarm.c.last_at.desc()).limit(200))
        return [AlarmRow(**{name: getattr(row, name) for name in names}) for row in rows]

    async def handle_alarm(self, alarm_id: int, locus: str, by: str, now: datetime) -> bool:
        mine = (ta.alarm.c.id == alarm_id, ta.alarm.c.handled_at.is_(None), ta.alarm.c.locus.in_(("", locus)))
        done = await self.run(ta.alarm.update().where(*mine).values(handled_at=now, handled_by=by))
        await self.notify("loket_staff")
        return done.rowcount > 0

    async def clear_alarms(self, kind: Alarm, agency: str, now: datetime, case_id: UUID | None = None) -> None:
        mine = [ta.alarm.c.kind == kind.value, ta.alarm.c.agency == agency, ta.alarm.c.handled_at.is_(None)]
        if case_id is not None:
            mine.append(ta.alarm.c.case_id == case_id)
        await self.run(ta.alarm.update().where(*mine).values(handled_at=now, handled_by="loket"))

    # -- breakers -----------------------------------------------------------------------------------------------------

    async def breaker(self, agency: str, lock: bool = False) -> Breaker:
        if lock:
            await self.run(pg_insert(ta.breaker).values(agency=agency).on_conflict_do_nothing())
        query = select(ta.breaker).where(ta.breaker.c.agency == agency)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        return Breaker(agency) if row is None else _breaker(row)

    async def put_breaker(self, breaker: Breaker) -> None:
        values = dict(vars(breaker))
        rest = {name: value for name, value in values.items() if name != "agency"}
        await self.run(
            pg_insert(ta.breaker).values(**values).on_conflict_do_update(index_elements=["agency"], set_=rest)
        )

    async def agency_answered(self, agency: str) -> bool:
        row = (await self.run(_ANSWERED, {"agency": agency})).first()
        return row is not None and row.opened_at is not None

    async def open_breakers(self) -> list[Breaker]:
        query = select(ta.breaker).where(ta.breaker.c.opened_at.is_not(None)).order_by(ta.breaker.c.opened_at)
        return [_breaker(row) for row in await self.run(query)]

    # -- cases --------------------------------------------------------------------------------------------------------

    async def cases_by_agency_ref(self, agency_ref: str) -> list[Case]:
        query = select(t.case).where(t.case.c.agency_ref == agency_ref)
        return [case_of(self._keys, row) for row in await self.run(query)]

    async def agency_word_at(self, case_id: UUID, agency: str) -> datetime | None:
        found: datetime | None = (await self.run(_LAST_WORD, {"case": case_id, "agency": agency})).scalar_one()
        return found

    async def cases_to_poll(self, before: datetime, most: int) -> list[Case]:
        return [case_of(self._keys, row) for row in await self.run(_POLL, {"before": before, "most": most})]

    async def polled(self, case_id: UUID, now: datetime) -> None:
        await self.run(t.case.update().where(t.case.c.id == case_id).values(polled_at=now))

    async def overdue(self, before: datetime) -> list[UUID]:
        return list((await self.run(_OVERDUE, {"before": before})).scalars())

    async def open_repairs(self) -> list[UUID]:
        return list((await self.run(_REPAIRS)).scalars())

    # -- custody ------------------------------------------------------------------------------------------------------

    async def notices_of(self, case: Case) -> list[Notice]:
        rows = await self.run(_NOTICES, {"conversation": case.conversation_id, "key": f"%{case.id}%"})
        return [
            Notice(r.conversation_id, r.account, r.seq, r.dedupe_key, r.created_at, r.delivery)
            for r in rows
            if r.dedupe_key.endswith("#0")
        ]

    async def audit_of(self, object_: str) -> list[AuditRow]:
        query = select(t.audit).where(t.audit.c.object == object_).order_by(t.audit.c.id)
        return [AuditRow(r.id, r.at, r.actor, r.action, r.detail) for r in await self.run(query)]


def _breaker(row: Any) -> Breaker:
    return Breaker(**{name: getattr(row, name) for name in Breaker.__dataclass_fields__})

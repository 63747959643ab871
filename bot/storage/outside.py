"""What is due at outside desks as a queue: in order for each ticket, under leases, and when to ask for news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from bot.storage.store import PgStore
from bot.usecases.store_outside import OutsideDue

LEASE = timedelta(seconds=90)
POLL = timedelta(seconds=60)
"""An open conversation is looked at so often although no webhook came: they get lost."""

# Attempts are counted before the call, so that a crash cannot make them endless.
_CLAIM = text("""
with heads as (
  select d.id from outside_due d where d.state = 'due' and d.next_at <= :now
    and (d.lease_until is null or d.lease_until < :now) and not exists (
      select 1 from outside_due p where p.ticket_id = d.ticket_id and p.state = 'due' and p.id < d.id)
  order by d.next_at limit :n for update of d skip locked)
update outside_due set lease_no = outside_due.lease_no + 1, lease_until = :until,
  attempts = least(outside_due.attempts, 32000) + 1
from heads where outside_due.id = heads.id
returning outside_due.id, ticket_id, verb, key, attempts, outside_due.lease_no, created_at
""")
# The clock was set back: nothing waits longer than it was to wait.
_SOON, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=2)
_CLOCK_WENT_BACK = text("""
update outside_due d set next_at = least(d.next_at, :now),
  lease_until = case when d.lease_until > :longest then :until else d.lease_until end
from (select id from outside_due where state = 'due' and (next_at > :latest or lease_until > :longest
  or attempts = 0 and created_at > :soon and next_at > :now) for update skip locked) ahead
where d.id = ahead.id
""")
_HEARD_AHEAD = text("""
update outside_case c set hear_at = :now
from (select ticket_id from outside_case where hear_at > :latest for update skip locked) ahead
where c.ticket_id = ahead.ticket_id
""")
_SETTLE = text("""
update outside_due set state = :state, lease_until = null, next_at = :next_at, error_code = :code,
  body_sealed = case when :state = 'due' then body_sealed end
where id = :id and lease_no = :lease and state = 'due'
""")
_NEWS = text("""
with heads as (select ticket_id from outside_case where hear_at <= :now and ref is not null
  order by hear_at limit :n for update skip locked)
update outside_case set hear_at = :until from heads where outside_case.ticket_id = heads.ticket_id
returning outside_case.ticket_id, outside_case.failures
""")


@dataclass(frozen=True)
class News:
    """A conversation to be asked about. ``claimed``: marks this asking; ``failures``: askings without an answer before it."""

    ticket_id: UUID
    claimed: datetime
    failures: int


class OutsideQueue:
    """Claims."""

    def __init__(self, store: PgStore) -> None:
        self._store = store

    async def claim(self, n: int, now: datetime) -> list[OutsideDue]:
        """Up to ``n`` things to do, one per ticket at a time, the oldest first."""
        async with self._store.begin() as tx:
            rows = (await tx.run(_CLAIM, {"now": now, "until": now + LEASE, "n": n})).all()
        return [OutsideDue(**row._mapping) for row in rows]

    async def sweep(self, now: datetime) -> None:
        """Mend what a clock that went back left in the future."""
        times, until = {"now": now, "latest": now + _LONGEST_WAIT}, now + LEASE
        async with self._store.begin() as tx:
            held = {"until": until, "longest": until + _SOON, "soon": now + _SOON}
            await tx.run(_CLOCK_WENT_BACK, {**times, **held})
            await tx.run(_HEARD_AHEAD, times)

    async def settle(
        self, due: OutsideDue, state: str, now: datetime, *, delay: timedelta = timedelta(), code: str | None = None
    ) -> None:
        """``done``, ``failed``, or ``due`` again after ``delay``; nothing, if it was dropped or is somebody else's by now."""
        values = {"id": due.id, "lease": due.lease_no, "state": state, "next_at": now + delay, "code": code}
        async with self._store.begin() as tx:
            await tx.run(_SETTLE, values)

    async def news(self, n: int, now: datetime) -> list[News]:
        """Up to ``n`` conversations to be asked about; each comes again after :data:`POLL`."""
        until = now + POLL
        async with self._store.begin() as tx:
            rows = (await tx.run(_NEWS, {"now": now, "until": until, "n": n})).all()
        return [News(row.ticket_id, until, row.failures) for row in rows]

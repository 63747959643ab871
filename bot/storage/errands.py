"""Errands to agencies as a queue: the due row is the truth, a job is only a poke.

Each agency has its own share of the calls in flight, and none at all while its circuit breaker is open: one that is slow or
away holds up nobody else's errands.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.domain.breaker import LONGEST_OPEN, LONGEST_PROBE, Way
from bot.domain.conversation import Due
from bot.storage.store import PgStore, PgTx
from bot.usecases.store_agencies import AGENCY_CLOSED

LEASE = timedelta(seconds=90)
IN_FLIGHT = 8
"""Calls to one agency at the same time, of all workers together."""
Resolve = Callable[[str, str], str]
"""(office, agency of the catalogue) -> integration."""

# One claim at a time: what is in flight is counted, and nobody may begin between the count and the claim.
_ALONE = text("select pg_advisory_xact_lock(1279347530)")
_HEAD = """
  s.state = 'due' and s.next_at <= :now and (s.lease_until is null or s.lease_until < :now)
    and not exists (select 1 from submission p where p.case_id = s.case_id and p.state = 'due' and p.created_at < s.created_at)
"""
_DESKS = text("""
select a.locus, a.agency, count(*) filter (where s.lease_until >= :now) as flying,
  bool_or(s.next_at <= :now and (s.lease_until is null or s.lease_until < :now)) as waiting
from submission s join application a on a.id = s.case_id
where s.state = 'due' and (s.next_at <= :now or s.lease_until >= :now) group by a.locus, a.agency
""")
# Attempts are counted before the call, so that a crash cannot make them endless (Open Forms, registrations/tasks.py).
_CLAIM = text(f"""
with heads as (
  select s.case_id, s.verb from submission s join application a on a.id = s.case_id where {_HEAD}
    and (a.locus, a.agency) in (select * from unnest(cast(:loci as text[]), cast(:agencies as text[])))
  order by s.next_at limit :n for update of s skip locked)
update submission set lease_no = submission.lease_no + 1, lease_until = :until,
  attempts = least(submission.attempts, 32000) + 1
from heads where submission.case_id = heads.case_id and submission.verb = heads.verb
returning submission.case_id, submission.verb, submission.attempts, submission.lease_no,
  coalesce(submission.retried_at, submission.created_at) as since, submission.trace
""")  # noqa: S608  (a constant)
# The clock was set back: what was to be done by now does not wait for that time to come again, nor does what a killed worker held.
_SOON, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
_CLOCK_WENT_BACK = text("""
update submission set next_at = :now where state = 'due' and next_at > :now
  and (attempts = 0 and created_at > :soon or next_at > :latest and error_code is distinct from :closed)
""")
_LEASES = text("update submission set lease_until = :until where state = 'due' and lease_until > :longest")
_BREAKERS = text("""
update breaker set retry_at = case when retry_at > :opens then :now else retry_at end,
  probe_until = case when probe_until > :probed then :until else probe_until end
where opened_at is not null and (retry_at > :opens or probe_until > :probed)
""")
_SETTLE = text("""
update submission set state = :state, lease_until = null, next_at = :next_at, error_code = :error_code,
  settled_at = case when :state = 'due' then null else cast(:now as timestamptz) end
where case_id = :case_id and verb = :verb and lease_no = :lease
""")


class ErrandQueue:
    """Claims due errands, one per case at a time."""

    def __init__(
        self, store: PgStore, resolve: Resolve = lambda locus, agency: agency, in_flight: int = IN_FLIGHT
    ) -> None:
        self._store = store
        self._resolve = resolve
        self._in_flight = in_flight
        self._random = random.Random()  # noqa: S311 (only fairness depends on it)

    async def claim(self, n: int, now: datetime) -> list[Due]:
        """Up to ``n`` due errands, of every agency its share."""
        async with self._store.begin() as tx:
            await tx.run(_ALONE)
            desks: dict[str, list[Any]] = defaultdict(list)
            for row in await tx.run(_DESKS, {"now": now}):
                desks[self._resolve(row.locus, row.agency)].append(row)
            claimed: list[Due] = []
            names = [name for name, rows in desks.items() if any(row.waiting for row in rows)]
            self._random.shuffle(names)  # none is always first when there are more than n
            for name in names:
                claimed += await self._share(tx, name, desks[name], n - len(claimed), now)
            return claimed

    async def _share(self, tx: PgTx, name: str, rows: Sequence[Any], most: int, now: datetime) -> list[Due]:
        """What may begin at one agency: its share, one probe, or nothing."""
        breaker = await tx.breaker(name)
        way = breaker.way(now)
        room = 1 if way is Way.HALF_OPEN else self._in_flight - sum(row.flying for row in rows)
        if way is Way.OPEN or min(room, most) <= 0:
            return []
        taken = await _take(tx, name, rows, min(room, most), now)
        if taken and way is Way.HALF_OPEN:
            await tx.put_breaker(breaker.probing(now + LEASE))
        return taken

    async def sweep(self, now: datetime) -> None:
        """Mend what a clock that went back left in the future."""
        times = {"now": now, "soon": now + _SOON, "latest": now + _LONGEST_WAIT, "closed": AGENCY_CLOSED}
        until = now + LEASE
        opens, probed = now + LONGEST_OPEN + _SOON, now + LONGEST_PROBE + _SOON
        async with self._store.begin() as tx:
            await tx.run(_ALONE)
            await tx.run(_CLOCK_WENT_BACK, times)
            await tx.run(_LEASES, {"until": until, "longest": until + _SOON})
            await tx.run(_BREAKERS, {"now": now, "until": until, "opens": opens, "probed": probed})

    async def settle(
        self, due: Due, state: str, now: datetime, *, delay_s: float = 0, error_code: str | None = None
    ) -> None:
        """``done``, ``failed`` (a person has to look) or ``due`` again after ``delay_s``."""
        async with self._store.begin() as tx:
            await tx.run(
                _SETTLE,
                {
                    "case_id": due.case_id,
                    "verb": due.verb,
                    "lease": due.lease_no,
                    "state": state,
                    "now": now,
                    "next_at": now + timedelta(seconds=delay_s),
                    "error_code": error_code,
                },
            )


async def _take(tx: PgTx, name: str, rows: Sequence[Any], n: int, now: datetime) -> list[Due]:
    values: Mapping[str, Any] = {
        "now": now,
        "until": now + LEASE,
        "n": n,
        "loci": [row.locus for row in rows],
        "agencies": [row.agency for row in rows],
    }
    found = (await tx.run(_CLAIM, values)).all()
    return [Due(row.case_id, row.verb, row.attempts, row.lease_no, row.since, name, row.trace) for row in found]

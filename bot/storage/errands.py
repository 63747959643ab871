"""Errands to agencies as a queue: the due row is the truth, a job is only a poke."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from bot.domain.conversation import Due
from bot.storage.store import PgStore

_LEASE = timedelta(seconds=90)
# Attempts are counted before the call, so that a crash cannot make them endless (Open Forms, registrations/tasks.py).
_CLAIM = text("""
with heads as (
  select case_id, verb from submission s where s.state = 'due' and s.next_at <= :now
    and (s.lease_until is null or s.lease_until < :now)
    and not exists (select 1 from submission p where p.case_id = s.case_id and p.state = 'due' and p.created_at < s.created_at)
  order by s.next_at limit :n for update of s skip locked)
update submission set lease_no = submission.lease_no + 1, lease_until = :until, attempts = attempts + 1
from heads where submission.case_id = heads.case_id and submission.verb = heads.verb
returning submission.case_id, submission.verb, submission.attempts, submission.lease_no, submission.created_at
""")
_SETTLE = text("""
update submission set state = :state, lease_until = null, next_at = :next_at, error_code = :error_code
where case_id = :case_id and verb = :verb and lease_no = :lease
""")


class ErrandQueue:
    """Claims due errands, one per case at a time."""

    def __init__(self, store: PgStore) -> None:
        self._store = store

    async def claim(self, n: int, now: datetime) -> list[Due]:
        """Up to ``n`` due errands."""
        async with self._store.begin() as tx:
            rows = (await tx.run(_CLAIM, {"now": now, "until": now + _LEASE, "n": n})).all()
            return [Due(row.case_id, row.verb, row.attempts, row.lease_no, row.created_at) for row in rows]

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
                    "next_at": now + timedelta(seconds=delay_s),
                    "error_code": error_code,
                },
            )

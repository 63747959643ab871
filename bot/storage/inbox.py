"""The inbox as a queue: claim under a lease, one in flight per conversation, sweep, dead letters.

Rows are claimed straight from the table (no broker): the hot path is one UPDATE to claim and one to finish. A lease is given
back early when the database no longer sees the connection of the worker that holds it (``owner``), so a killed worker costs
about a second, not a whole lease.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import LiteralString

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import InboxRow
from bot.storage.store import PgStore
from bot.storage.tx_base import open_json

PRESENCE = "loket-inbox"
"""Application name of the connection that stands for a worker."""
MAX_FAILURES = 3
MAX_SWEEPS = 6  # a worker killed under it is mostly not the message's fault, but a message that kills workers must end

_CLAIM: LiteralString = """
with heads as (
  select i.id from inbox i
  where i.state = 'open' and i.not_before <= %(now)s and not exists (
    select 1 from inbox j
    where j.conversation_id = i.conversation_id and j.state in ('open', 'leased') and (j.state = 'leased' or j.id < i.id))
  order by i.id limit %(n)s for update of i skip locked)
update inbox set state = 'leased', lease_no = inbox.lease_no + 1, lease_until = %(until)s, owner = %(owner)s
from heads where inbox.id = heads.id
returning inbox.id, inbox.conversation_id, inbox.seq, inbox.lease_no, inbox.attempts, inbox.waits, inbox.received_at,
  inbox.account, inbox.external_id, inbox.body_sealed
"""
_SWEEP = text("""
update inbox set state = 'open', lease_until = null, owner = null, sweeps = sweeps + 1, reason = 'lease lost'
where state = 'leased' and (lease_until < :now or owner not in (
  select pid || '.' || extract(epoch from backend_start) from pg_stat_activity))
returning id, conversation_id, sweeps
""")
_RENEW = text("update inbox set lease_until = :until where id = any(:ids) and owner = :owner and state = 'leased'")
_RELEASE = text("""
update inbox set state = :state, lease_until = null, owner = null, not_before = :not_before, reason = :reason,
  attempts = attempts + :failed, waits = waits + :waited
where id = :id and lease_no = :lease and state = 'leased'
""")
_BURY = text("update inbox set state = 'dead' where id = :id and state = 'open' and sweeps >= :most")
_WHO = text("select pid || '.' || extract(epoch from backend_start) from pg_stat_activity where pid = pg_backend_pid()")
_COUNTS = text("select state, count(*) from inbox where state <> 'done' group by state")


class InboxQueue:
    """Claims rows for one worker process."""

    def __init__(self, store: PgStore, lease_s: float) -> None:
        self._store = store
        self._lease = timedelta(seconds=lease_s)
        self._owner = ""
        self._presence: AsyncConnection | None = None

    async def start(self) -> None:
        """Open the connection whose life stands for this worker's."""
        presence = await self._store.engine.connect()
        await presence.execution_options(isolation_level="AUTOCOMMIT")
        await presence.execute(text(f"set application_name = '{PRESENCE}'"))
        self._owner = (await presence.execute(_WHO)).scalar_one()
        self._presence = presence

    async def alive(self) -> bool:
        """Whether the presence connection still stands; otherwise a new one is opened, and until then nothing is claimed."""
        if self._presence is not None:
            try:
                await self._presence.execute(text("select 1"))
                return True
            except Exception:  # noqa: BLE001 - whatever broke it, the answer is a new connection
                lost, self._presence, self._owner = self._presence, None, ""
                await lost.invalidate()
                await lost.close()
        await self.start()
        return False

    async def stop(self) -> None:
        """Give the presence up; rows still leased are swept by others at once."""
        if self._presence is not None:
            await self._presence.close()

    async def claim(self, n: int, now: datetime) -> list[InboxRow]:
        """Up to ``n`` rows, each the oldest open one of a conversation that has none in flight."""
        if not self._owner:
            return []
        values = {"now": now, "until": now + self._lease, "n": n, "owner": self._owner}
        rows = await self._store.quick.run(_CLAIM, values)
        return [
            InboxRow(
                id=row.id,
                conversation_id=row.conversation_id,
                seq=row.seq,
                lease_no=row.lease_no,
                attempts=row.attempts,
                waits=row.waits,
                received_at=row.received_at,
                body=open_json(self._store.keys, row.body_sealed, f"inbox:{row.account}:{row.external_id}"),
            )
            for row in rows
        ]

    async def renew(self, ids: list[int], now: datetime) -> None:
        """Prolong the leases of turns still under way."""
        async with self._store.begin() as tx:
            await tx.run(_RENEW, {"ids": ids, "until": now + self._lease, "owner": self._owner})

    async def sweep(self, now: datetime) -> list[InboxRow]:
        """Take expired or orphaned leases back. Returns rows that are dead now (their citizens are to be told)."""
        async with self._store.begin() as tx:
            swept = (await tx.run(_SWEEP, {"now": now})).all()
            dead = [row for row in swept if row.sweeps >= MAX_SWEEPS]
            for row in dead:
                await tx.run(_BURY, {"id": row.id, "most": MAX_SWEEPS})
            if swept:
                await tx.notify("loket_inbox")
        return [InboxRow(row.id, row.conversation_id, 0, 0, 0, 0, now, {}) for row in dead]

    async def wait(self, row: InboxRow, reason: str, delay_s: float, now: datetime) -> bool:
        """Back into the queue without counting a failure (Rasa is away); False when the row is somebody else's by now."""
        return await self._release(row, "open", reason, now + timedelta(seconds=delay_s), failed=0, waited=1)

    async def fail(self, row: InboxRow, reason: str, now: datetime) -> bool:
        """Count a failure; True when the row is dead now (by this, not by another worker that has it meanwhile)."""
        dead = row.attempts + 1 >= MAX_FAILURES
        not_before = now + timedelta(seconds=2**row.attempts)
        ours = await self._release(row, "dead" if dead else "open", reason, not_before, failed=1, waited=0)
        return dead and ours

    async def _release(
        self, row: InboxRow, state: str, reason: str, not_before: datetime, *, failed: int, waited: int
    ) -> bool:
        async with self._store.begin() as tx:
            released = await tx.run(
                _RELEASE,
                {
                    "id": row.id,
                    "lease": row.lease_no,
                    "state": state,
                    "reason": reason,
                    "not_before": not_before,
                    "failed": failed,
                    "waited": waited,
                },
            )
            return released.rowcount == 1

    async def counts(self) -> dict[str, int]:
        """Rows per state that is not done, for metrics and health."""
        async with self._store.begin() as tx:
            return {state: count for state, count in await tx.run(_COUNTS)}

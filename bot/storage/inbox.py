"""The inbox as a queue: claim under a lease, one in flight per conversation, sweep, dead letters.

Rows are claimed straight from the table (no broker): the hot path is one UPDATE to claim and one to finish. A lease is given
back early when the database no longer sees the connection of the worker that holds it (``owner``), so a killed worker costs
about a second, not a whole lease.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import InboxRow
from bot.storage.store import PgStore, PgTx
from bot.storage.tx_base import open_json
from bot.storage.tx_turns import BEGUN, BEGUN_OF

Tell = Callable[[PgTx], Awaitable[None]]
"""Tells a citizen, inside the transaction."""
TellOf = Callable[[PgTx, InboxRow], Awaitable[None]]
"""The same for one of several messages."""
PRESENCE = "loket-inbox"
"""Application name of the connection that stands for a worker."""
MAX_FAILURES = 3
MAX_SWEEPS = 6  # a worker killed under it is mostly not the message's fault, but a message that kills workers must end

# A turn inside a form begins with what is found here: asking again would be a round trip of its own.
_CLAIM: LiteralString = f"""
with heads as (
  select i.id from inbox i
  where i.state = 'open' and i.not_before <= %(now)s and not exists (
    select 1 from inbox j
    where j.conversation_id = i.conversation_id and j.state in ('open', 'leased') and (j.state = 'leased' or j.id < i.id))
  order by i.id limit %(n)s for update of i skip locked),
claimed as (
  update inbox set state = 'leased', lease_no = inbox.lease_no + 1, lease_until = %(until)s, owner = %(owner)s
  from heads where inbox.id = heads.id
  returning inbox.id as i__id, inbox.conversation_id as i__conversation, inbox.seq as i__seq, inbox.lease_no as i__lease,
    inbox.attempts as i__attempts, inbox.waits as i__waits, inbox.received_at as i__received, inbox.account as i__account,
    inbox.external_id as i__external, inbox.body_sealed as i__body)
select claimed.*, {BEGUN} from claimed {BEGUN_OF.format(inbox="claimed.i__id", conversation="claimed.i__conversation")} order by i__id
"""  # noqa: S608
_SWEEP = text("""
update inbox set state = 'open', lease_until = null, owner = null, sweeps = sweeps + 1, reason = 'lease lost'
where state = 'leased' and (lease_until < :now or owner not in (
  select pid || '.' || extract(epoch from backend_start) from pg_stat_activity))
returning id, conversation_id, sweeps
""")
# The clock was set back, or the gateway's is ahead of the worker's: what came "later than now" is not to wait for that time to come.
_SOON, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
_CLOCK_WENT_BACK = text("""
update inbox set not_before = :now where state = 'open' and not_before > :now
  and (not_before > :latest or received_at > :soon and attempts = 0 and waits = 0) returning id
""")
_RENEW = text("update inbox set lease_until = :until where id = any(:ids) and owner = :owner and state = 'leased'")
_RELEASE = text("""
update inbox set state = :state, lease_until = null, owner = null, not_before = :not_before, reason = :reason,
  attempts = attempts + :failed, waits = waits + :waited
where id = :id and lease_no = :lease and state = 'leased'
""")
_BURY = text("update inbox set state = 'dead' where id = :id and state = 'open' and sweeps >= :most")
# What was part of a turn shares its fate, and comes back with it.
_BURY_JOINED = text("update inbox set state = 'dead' where joined_to = :id and state = 'joined'")
_WHO = text("select pid || '.' || extract(epoch from backend_start) from pg_stat_activity where pid = pg_backend_pid()")
_COUNTS = text("select state, count(*) from inbox where state not in ('done', 'joined') group by state")
_DEAD = text("""
select i.id, i.account, i.received_at, i.reason, i.attempts, i.sweeps, c.locus,
  (select count(*) from inbox j where j.joined_to = i.id and j.state = 'dead') as joined
from inbox i join conversation c on c.id = i.conversation_id
where i.state = 'dead' and i.joined_to is null order by i.id limit :limit
""")
# The head of a turn stands for all of it: the number of a message that was joined means the message it was joined to.
_RISE = text("""
update inbox set state = 'open', attempts = 0, sweeps = 0, waits = 0, not_before = :now, reason = null
where state = 'dead' and joined_to is null
  and (cast(:id as bigint) is null or id = (select coalesce(joined_to, id) from inbox where id = :id)) returning id
""")
_RISE_JOINED = text("update inbox set state = 'joined' where joined_to = any(:ids) and state = 'dead'")
_FORGET_STEPS = text("delete from turn_step where inbox_id = any(:ids)")
_DROP = text("""
with head as (select coalesce(joined_to, id) as id from inbox where id = :id)
update inbox set state = 'done', done_at = :now, reason = 'dropped: ' || coalesce(reason, '') from head
where inbox.state = 'dead' and head.id in (inbox.id, inbox.joined_to) returning inbox.id
""")


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up: numbers and the reason, nothing personal. ``joined``: others in the same turn."""

    id: int
    account: str
    locus: str
    received_at: datetime
    reason: str
    joined: int


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
                id=row.i__id,
                conversation_id=row.i__conversation,
                seq=row.i__seq,
                lease_no=row.i__lease,
                attempts=row.i__attempts,
                waits=row.i__waits,
                received_at=row.i__received,
                body=open_json(self._store.keys, row.i__body, f"inbox:{row.i__account}:{row.i__external}"),
                found=row,
            )
            for row in rows
        ]

    async def renew(self, ids: list[int], now: datetime) -> None:
        """Prolong the leases of turns still under way."""
        async with self._store.begin() as tx:
            await tx.run(_RENEW, {"ids": ids, "until": now + self._lease, "owner": self._owner})

    async def sweep(self, now: datetime, tell: TellOf | None = None) -> list[InboxRow]:
        """Take expired or orphaned leases back, and what a clock that went back left in the future.

        Returns rows that are dead now; each is given up in the transaction in which ``tell`` tells its citizen.
        """
        async with self._store.begin() as tx:
            swept = (await tx.run(_SWEEP, {"now": now})).all()
            at = {"now": now, "soon": now + _SOON, "latest": now + _LONGEST_WAIT}
            early = (await tx.run(_CLOCK_WENT_BACK, at)).all()
            if swept or early:
                await tx.notify("loket_inbox")
        spent = [
            InboxRow(row.id, row.conversation_id, 0, 0, 0, 0, now, {}) for row in swept if row.sweeps >= MAX_SWEEPS
        ]
        return [row for row in spent if await self._bury(row, tell)]

    async def _bury(self, row: InboxRow, tell: TellOf | None) -> bool:
        """False: another worker has it again; should it die of it, the message is back here."""
        async with self._store.begin() as tx:
            if (await tx.run(_BURY, {"id": row.id, "most": MAX_SWEEPS})).rowcount != 1:
                return False
            await tx.run(_BURY_JOINED, {"id": row.id})
            if tell is not None:
                await tell(tx, row)
            return True

    async def wait(self, row: InboxRow, reason: str, delay_s: float, now: datetime) -> bool:
        """Back into the queue without counting a failure (Rasa is away); False when the row is somebody else's by now."""
        return await self._release(row, "open", reason, now + timedelta(seconds=delay_s), failed=0, waited=1)

    async def fail(self, row: InboxRow, reason: str, now: datetime, tell: Tell | None = None) -> bool:
        """Count a failure; True when the row is dead now (by this, not by another worker that has it meanwhile).

        Then ``tell`` is called in the same transaction, so that nobody is left without a word.
        """
        dead = row.attempts + 1 >= MAX_FAILURES
        not_before = now + timedelta(seconds=2**row.attempts)
        state = "dead" if dead else "open"
        ours = await self._release(row, state, reason, not_before, failed=1, waited=0, tell=tell if dead else None)
        return dead and ours

    async def _release(
        self,
        row: InboxRow,
        state: str,
        reason: str,
        not_before: datetime,
        *,
        failed: int,
        waited: int,
        tell: Tell | None = None,
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
            ours = released.rowcount == 1
            if ours and state == "dead":
                await tx.run(_BURY_JOINED, {"id": row.id})
            if ours and tell is not None:
                await tell(tx)
            return ours

    # -- dead letters -----------------------------------------------------------------------------------------------

    async def dead(self, limit: int = 1000) -> list[DeadLetter]:
        """What was given up, oldest first."""
        async with self._store.begin() as tx:
            return [
                DeadLetter(row.id, row.account, row.locus, row.received_at, row.reason or "", row.joined)
                for row in await tx.run(_DEAD, {"limit": limit})
            ]

    async def replay(self, inbox_id: int | None, now: datetime) -> list[int]:
        """A dead letter (None: all) goes back to work as if it had come now, with those joined to it; their numbers."""
        async with self._store.begin() as tx:
            ids = list((await tx.run(_RISE, {"id": inbox_id, "now": now})).scalars())
            if ids:
                # What was planned and done half belongs to a conversation that has moved on since.
                await tx.run(_FORGET_STEPS, {"ids": ids})
                await tx.run(_RISE_JOINED, {"ids": ids})
                await tx.notify("loket_inbox")
            return ids

    async def drop(self, inbox_id: int, now: datetime) -> bool:
        """A dead letter needs no answer any more; False: there is none with that number."""
        async with self._store.begin() as tx:
            return bool((await tx.run(_DROP, {"id": inbox_id, "now": now})).all())

    async def counts(self) -> dict[str, int]:
        """Rows per state that is not done, for metrics and health."""
        async with self._store.begin() as tx:
            return {state: count for state, count in await tx.run(_COUNTS)}

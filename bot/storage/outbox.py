"""The outbox as a queue: messages of channels that push, in order per conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from bot.domain.messages import Reply
from bot.storage.store import PgStore

_LEASE = timedelta(seconds=60)

_CLAIM = text("""
with heads as (
  select o.id from outbox o
  where o.state = 'created' and o.next_at <= :now and not exists (
    select 1 from outbox p where p.conversation_id = o.conversation_id and p.state in ('created', 'sending')
      and p.seq < o.seq)
  order by o.id limit :n for update of o skip locked)
update outbox set state = 'sending', lease_no = outbox.lease_no + 1, lease_until = :until, attempts = attempts + 1
from heads, message m, conversation c
where outbox.id = heads.id and m.conversation_id = outbox.conversation_id and m.seq = outbox.seq
  and c.id = outbox.conversation_id
returning outbox.id, outbox.conversation_id, outbox.seq, outbox.account, outbox.lease_no, outbox.attempts,
  m.body_sealed, c.external_id, c.address_sealed
""")
# A send whose outcome a crash hid is repeated, and counted as such: at least once, said honestly.
_SWEEP = text("""
update outbox set state = 'created', lease_until = null, unknown = unknown + 1
where state = 'sending' and lease_until < :now returning id
""")
_SETTLE = text("""
update outbox set state = :state, lease_until = null, error_code = :error_code, next_at = :next_at
where id = :id and lease_no = :lease and state = 'sending'
""")
# Delivery only moves forward: a late "sent" never overwrites "delivered" (chatwoot#14529).
_RECEIPT = text("""
update outbox set state = :state, error_code = coalesce(:error_code, error_code)
where account = :account and external_id = :external_id
  and array_position(array['created', 'sending', 'sent', 'delivered', 'read'], state)
    < array_position(array['created', 'sending', 'sent', 'failed', 'delivered', 'read'], :state)
""")


@dataclass(frozen=True)
class OutboxRow:
    """One claimed outgoing message."""

    id: int
    conversation_id: UUID
    account: str
    recipient: str
    lease_no: int
    attempts: int
    reply: Reply


class OutboxQueue:
    """Claims messages to be sent."""

    def __init__(self, store: PgStore) -> None:
        self._store = store

    async def claim(self, n: int, now: datetime) -> list[OutboxRow]:
        """Up to ``n`` messages, each the oldest unsent one of its conversation."""
        async with self._store.begin() as tx:
            rows = (await tx.run(_CLAIM, {"now": now, "until": now + _LEASE, "n": n})).all()
            return [
                OutboxRow(
                    id=row.id,
                    conversation_id=row.conversation_id,
                    account=row.account,
                    recipient=row.external_id,
                    lease_no=row.lease_no,
                    attempts=row.attempts,
                    reply=Reply.from_json(tx.open_json(row.body_sealed, f"message:{row.conversation_id}:{row.seq}")),
                )
                for row in rows
            ]

    async def settle(
        self,
        row: OutboxRow,
        state: str,
        now: datetime,
        *,
        external_id: str | None = None,
        error_code: str | None = None,
        delay_s: float = 0,
    ) -> None:
        """``sent``, ``failed`` for good, or ``created`` to try again after ``delay_s``."""
        async with self._store.begin() as tx:
            await tx.run(
                _SETTLE,
                {
                    "id": row.id,
                    "lease": row.lease_no,
                    "state": state,
                    "external_id": external_id,
                    "error_code": error_code,
                    "next_at": now + timedelta(seconds=delay_s),
                },
            )

    async def sweep(self, now: datetime) -> int:
        """Take back messages whose sender died; returns how many."""
        async with self._store.begin() as tx:
            return len((await tx.run(_SWEEP, {"now": now})).all())

    async def receipt(self, account: str, external_id: str, state: str, error_code: str | None) -> None:
        """A provider's word about a sent message; unknown ids and steps backwards change nothing."""
        async with self._store.begin() as tx:
            await tx.run(
                _RECEIPT,
                {"account": account, "external_id": external_id, "state": state, "error_code": error_code},
            )

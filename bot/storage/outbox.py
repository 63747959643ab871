"""The outbox as a queue: messages of channels that push, in order per conversation, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from bot.domain.messages import Reply, Standing
from bot.errors import Fenced
from bot.storage.store import PgStore, PgTx

LEASE = timedelta(seconds=60)
"""Renewed with every part that is sent."""
NUDGE = -1
"""Number of the part that only asks the person to write."""

# A person who wrote again gets at once what waited for it.
_RELEASE = text("""
update outbox o set next_at = :now where o.state = 'created' and o.via = 'held:window' and o.next_at > :now and exists (
  select 1 from message m where m.conversation_id = o.conversation_id and m.seq > o.seq and m.sender = 'citizen'
    and m.created_at > o.lease_until)
""")
# What waits or is being sent blocks what was said later; only news that is held lets answers pass, and what is held until the
# person writes (who joined, say): the answer behind it may have a template that asks them to.
_CLAIM = text("""
with heads as (
  select o.id, o.lease_until as since from outbox o
  where o.state = 'created' and o.next_at <= :now and o.account <> all(:paused) and not exists (
    select 1 from outbox p where p.conversation_id = o.conversation_id and p.id <> o.id
      and (p.state = 'sending' or p.state = 'created' and p.seq < o.seq
        and not (not o.notice and p.next_at > :now
          and (coalesce(p.via, '') = 'held:window' or p.notice and coalesce(p.via, '') like 'held:%'))))
  order by o.id limit :n for update of o skip locked)
update outbox set state = 'sending', lease_no = outbox.lease_no + 1, lease_until = :until
from heads, message m, conversation c
where outbox.id = heads.id and m.conversation_id = outbox.conversation_id and m.seq = outbox.seq
  and c.id = outbox.conversation_id
returning outbox.id, outbox.conversation_id, outbox.seq, outbox.account, outbox.lease_no, outbox.attempts, outbox.notice,
  outbox.parts, outbox.via, outbox.error_code, outbox.created_at, outbox.trace, heads.since, m.body_sealed, m.dedupe_key,
  c.external_id, c.address_sealed, c.language, c.locus, c.standing, c.person_id, (
    select w.created_at from message w where w.conversation_id = c.id and w.sender = 'citizen' order by w.seq desc limit 1
  ) as written_at
""")
# A send whose outcome a crash hid is looked for, or repeated and counted: at least once, said honestly. The lease began
# when its last part was handed over.
_SWEEP = text("""
update outbox set state = case when attempts + 1 >= :most then 'failed' else 'created' end, attempts = attempts + 1,
  unknown = unknown + 1, error_code = 'outcome_unknown', lease_until = lease_until - :lease, next_at = :now
where state = 'sending' and lease_until < :now returning id
""")
# The clock was set back: what was never tried is not to wait for the time that it was written at to come again.
_CLOCK_WENT_BACK = text("""
update outbox set next_at = :now
where state = 'created' and next_at > :now and created_at > :soon and attempts = 0 and via is null
""")
_SOON = timedelta(seconds=5)
_SETTLE = text("""
update outbox set state = :state, lease_until = :since, error_code = :code, next_at = :next_at, via = :via,
  attempts = attempts + :failures, unknown = unknown + :unknown
where id = :id and lease_no = :lease and state = 'sending' returning id
""")
_RENEW = text("""
update outbox set lease_until = :until where id = :id and lease_no = :lease and state = 'sending' returning id
""")
_PROGRESS = text("""
update outbox set parts = greatest(parts, :parts), lease_until = :until, error_code = null
where id = :id and lease_no = :lease and state = 'sending' returning id
""")
_PART = text("""
insert into outbox_part (outbox_id, part, account, external_id, state, at)
values (:id, :part, :account, :external_id, 'sent', :now) on conflict do nothing
""")
_SENT_SINCE = text("""
select p.external_id from outbox_part p join outbox o on o.id = p.outbox_id
where o.conversation_id = :conversation and p.account = :account and p.at >= cast(:since as timestamptz) - interval '1 minute'
""")
_DONE = text("""
update outbox o set state = case
    when exists (select 1 from outbox_part p where p.outbox_id = o.id and p.part >= 0 and p.state = 'failed') then 'failed'
    when (select bool_and(p.state = 'read') from outbox_part p where p.outbox_id = o.id and p.part >= 0) then 'read'
    when (select bool_and(p.state in ('delivered', 'read')) from outbox_part p
          where p.outbox_id = o.id and p.part >= 0) then 'delivered'
    else 'sent' end
where o.id = :id and o.state = 'sent'
""")
_OTHERS = text("""
select c.id, c.account, c.standing, (
    select w.created_at from message w where w.conversation_id = c.id and w.sender = 'citizen' order by w.seq desc limit 1
  ) as written_at
from conversation c where c.person_id = :person and c.id <> :self and not exists (
  select 1 from message m where m.conversation_id = c.id and m.dedupe_key in (:key, :key || '#0'))
order by c.last_inbound_at desc nulls last, c.created_at desc
""")
# Whether the person was asked to write after they last wrote: by this message, or by one that waits with it.
_NUDGED = text("""
select 1 from outbox o join outbox_part p on p.outbox_id = o.id and p.part = -1
where o.conversation_id = :conversation and p.state <> 'failed'
  and p.at > coalesce(cast(:written_at as timestamptz), '-infinity') limit 1
""")
_APPROVED = text("""
select language from provider_template where account = :account and name = :name and approval = 'approved'
""")


@dataclass(frozen=True)
class OutboxRow:
    """One claimed outgoing message."""

    id: int
    conversation_id: UUID
    seq: int
    account: str
    recipient: str
    lease_no: int
    attempts: int
    """Failures so far."""
    reply: Reply
    notice: bool
    parts: int
    """Messages of the provider that are sent already."""
    via: str | None
    error_code: str | None
    since: datetime | None
    """When a try began whose outcome is unknown, or since when the message is held."""
    created_at: datetime
    language: str
    locus: str
    standing: Standing
    person_id: UUID
    written_at: datetime | None
    """When the person last wrote."""
    key: str
    """The same wherever this message goes."""
    trace: str | None = None
    """Where it was said (:mod:`bot.tracing`)."""


@dataclass(frozen=True)
class Other:
    """Another conversation of the person, where the message has not been yet."""

    conversation_id: UUID
    account: str
    standing: Standing
    written_at: datetime | None


class OutboxQueue:
    """Claims messages to be sent, and writes down what became of them."""

    def __init__(self, store: PgStore) -> None:
        self.store = store

    async def claim(self, n: int, now: datetime, paused: Sequence[str] = ()) -> list[OutboxRow]:
        """Up to ``n`` messages, each the next of its conversation; none of ``paused`` accounts."""
        async with self.store.begin() as tx:
            await tx.run(_RELEASE, {"now": now})
            values = {"now": now, "until": now + LEASE, "n": n, "paused": list(paused)}
            return [_row(tx, row) for row in (await tx.run(_CLAIM, values)).all()]

    async def renew(self, row: OutboxRow, now: datetime) -> None:
        """Another part is about to be handed over.

        :raises bot.errors.Fenced: another worker has the message.
        """
        async with self.store.begin() as tx:
            await self._held(tx, _RENEW, row, {"until": now + LEASE})

    async def sent(
        self, row: OutboxRow, part: int, account: str, external_id: str, now: datetime, log: Mapping[str, Any]
    ) -> None:
        """The provider took a part: a retry goes on behind it.

        :raises bot.errors.Fenced: another worker has the message.
        """
        async with self.store.begin() as tx:
            # The lock of the receipts comes first here and there, so that neither waits for the other in a circle.
            await tx.meet(account, external_id)
            await self._held(tx, _PROGRESS, row, {"parts": part + 1, "until": now + LEASE})
            values = {"id": row.id, "part": part, "account": account, "external_id": external_id, "now": now}
            await tx.run(_PART, values)
            await self._log(tx, row, now, log)
            await tx.came_early(account, external_id, now)

    async def sent_since(self, row: OutboxRow, account: str, since: datetime) -> frozenset[str]:
        """The provider's ids of what this conversation was sent since then: none of them is the try whose answer was lost."""
        async with self.store.begin() as tx:
            values = {"conversation": row.conversation_id, "account": account, "since": since}
            return frozenset((await tx.run(_SENT_SINCE, values)).scalars())

    async def settle(
        self,
        row: OutboxRow,
        state: str,
        now: datetime,
        *,
        code: str | None = None,
        next_at: datetime | None = None,
        via: str | None = None,
        since: datetime | None = None,
        failed: bool = False,
        unknown: bool = False,
        log: Mapping[str, Any] | None = None,
        standing: Standing | None = None,
    ) -> None:
        """``sent``, ``failed`` or ``dropped`` for good, or ``created`` again for ``next_at``.

        :raises bot.errors.Fenced: another worker has the message.
        """
        async with self.store.begin() as tx:
            values = {
                "state": state,
                "code": code,
                "next_at": next_at or now,
                "via": via,
                "since": since,
                "failures": int(failed),
                "unknown": int(unknown),
            }
            await self._held(tx, _SETTLE, row, values)
            await tx.tick(row.id)
            if state == "sent":
                await tx.run(_DONE, {"id": row.id})
                await tx.reopen(row.id)  # the receipt of a failure may have come in the meantime
            if log is not None:
                await self._log(tx, row, now, log)
            if standing is not None:
                await tx.set_standing(row.conversation_id, standing, now)

    async def relay(self, row: OutboxRow, to: UUID, reason: str, now: datetime) -> bool:
        """Say the message in another conversation of the person instead. False: it has been there already.

        :raises bot.errors.Fenced: another worker has the message.
        """
        async with self.store.begin() as tx:
            said = await tx.say(to, [row.reply], now, key=row.key, notice=True)
            values = {"state": "dropped", "code": reason, "next_at": now, "via": "elsewhere"}
            await self._held(tx, _SETTLE, row, values | {"since": None, "failures": 0, "unknown": 0})
        return bool(said)

    async def sweep(self, now: datetime, most: int) -> int:
        """Take back messages whose sender died; returns how many. ``most``: failures that are the end of one."""
        async with self.store.begin() as tx:
            await tx.run(_CLOCK_WENT_BACK, {"now": now, "soon": now + _SOON})
            return len((await tx.run(_SWEEP, {"now": now, "lease": LEASE, "most": most})).all())

    async def others(self, row: OutboxRow) -> list[Other]:
        """The person's other conversations where this message has not been, the last used first."""
        async with self.store.begin() as tx:
            values = {"person": row.person_id, "self": row.conversation_id, "key": row.key}
            return [Other(r.id, r.account, Standing(r.standing), r.written_at) for r in await tx.run(_OTHERS, values)]

    async def nudged(self, row: OutboxRow) -> bool:
        """Whether the person was already asked to write, and has not written since."""
        async with self.store.begin() as tx:
            values = {"conversation": row.conversation_id, "written_at": row.written_at}
            return (await tx.run(_NUDGED, values)).first() is not None

    async def approved(self, account: str, name: str) -> frozenset[str]:
        """The languages in which a template is approved."""
        async with self.store.begin() as tx:
            return frozenset((await tx.run(_APPROVED, {"account": account, "name": name})).scalars())

    async def files(self, reply: Reply) -> dict[str, tuple[str, str, bytes]]:
        """Name, type and content of a reply's attachments that still exist, by id."""
        if not reply.attachments:
            return {}
        async with self.store.begin() as tx:
            found = {file.id: await tx.blob(UUID(file.id)) for file in reply.attachments}
        return {id_: (blob[0].name, blob[0].type, blob[1]) for id_, blob in found.items() if blob is not None}

    @staticmethod
    async def _held(tx: PgTx, statement: Any, row: OutboxRow, values: Mapping[str, Any]) -> None:
        if (await tx.run(statement, {"id": row.id, "lease": row.lease_no, **values})).first() is None:
            raise Fenced("another worker has the message")

    @staticmethod
    async def _log(tx: PgTx, row: OutboxRow, now: datetime, log: Mapping[str, Any]) -> None:
        await tx.put_exchange(row.account, "out", at=now, conversation_id=row.conversation_id, outbox_id=row.id, **log)


def _row(tx: PgTx, row: Any) -> OutboxRow:
    recipient = row.external_id
    if row.address_sealed is not None:
        recipient = tx.open_text(row.address_sealed, f"address:{row.account}:{row.external_id}")
    return OutboxRow(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        account=row.account,
        recipient=recipient,
        lease_no=row.lease_no,
        attempts=row.attempts,
        reply=Reply.from_json(tx.open_json(row.body_sealed, f"message:{row.conversation_id}:{row.seq}")),
        notice=row.notice,
        parts=row.parts,
        via=row.via,
        error_code=row.error_code,
        since=row.since,
        created_at=row.created_at,
        language=row.language,
        locus=row.locus,
        standing=Standing(row.standing),
        person_id=row.person_id,
        written_at=row.written_at,
        key=(row.dedupe_key or f"relay:{row.conversation_id}:{row.seq}").removesuffix("#0"),
        trace=row.trace,
    )

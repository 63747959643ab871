"""What providers say about our messages, whom we may write to, approved templates, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.conversation import Case
from bot.domain.messages import Receipt, Standing, StandingChange
from bot.storage import tables as t
from bot.storage.columns import every
from bot.storage.exchanges import ExchangesTx
from bot.storage.tx_cases import case_of
from bot.usecases.store_delivery import Delivery, Reminder, TemplateState

# Delivery only moves forward: a late "sent" never overwrites "delivered" (chatwoot#14529).
_RANKS = {"sent": 1, "failed": 2, "delivered": 3, "read": 4}
_EARLY_FOR = timedelta(hours=1)

# The sender's record and the receipt about it wait for each other: none can slip between the other's look and write.
_MEET = text("select pg_advisory_xact_lock(hashtextextended(:name, 20261))")
_PART = text("""
select p.outbox_id, p.part, p.state, o.conversation_id
from outbox_part p join outbox o on o.id = p.outbox_id
where p.account = :account and p.external_id = :external_id for update of p, o
""")
_MOVE = text("""
update outbox_part set state = :state, error_code = coalesce(:code, error_code), at = :at
where outbox_id = :id and part = :part
""")
_AGGREGATE = text("""
update outbox o set state = s.state, error_code = case when s.state = 'failed' then s.code else o.error_code end
from (select case when bool_or(state = 'failed') then 'failed' when bool_and(state = 'read') then 'read'
        when bool_and(state in ('delivered', 'read')) then 'delivered' else 'sent' end as state,
      max(error_code) filter (where state = 'failed') as code
      from outbox_part where outbox_id = :id and part >= 0 having count(*) > 0) s
where o.id = :id and o.state in ('sent', 'delivered', 'failed', 'read')
""")
# A message that failed late goes round again: the sender knows what the provider's code means, and finds another way.
_REOPEN = text("""
with bad as (
  select p.part, p.error_code, p.at from outbox_part p join outbox o on o.id = p.outbox_id
  where o.id = :id and p.state = 'failed'
    and (o.state in ('sent', 'delivered', 'failed') or o.state = 'created' and p.part < 0)
  order by p.part limit 1),
gone as (delete from outbox_part p using bad where p.outbox_id = :id and p.part >= bad.part)
update outbox set state = 'created', parts = least(parts, greatest(bad.part, 0)), next_at = bad.at, lease_until = bad.at,
  error_code = bad.error_code, via = 'undelivered' from bad where id = :id
""")
# Of conversations with a person only: nobody looks at the others.
_TICK = text("""
select pg_notify('loket_staff', 'sent:' || o.conversation_id) from outbox o where o.id = :id and exists (
  select 1 from ticket t where t.conversation_id = o.conversation_id and t.state <> 'closed')
""")
_EARLY = text("""
select detail from exchange
where conversation_id is null and at > :since and outcome = 'early' and detail->>'receipt' = :mark order by id
""")
_KNOWN = text("select external_id from inbox where account = :account and external_id = any(:ids)")
_FORGET_EARLY = text("""
delete from exchange where conversation_id is null and outcome = 'early' and detail->>'receipt' = :mark
""")
_FIND = text("select conversation_id from conversation_alias where account = :account and alias_index = :alias")
_STAND = text("""
update conversation c set standing = :standing where c.id = :id and c.standing <> :standing
  and not (:standing = 'blocked' and exists (
    select 1 from message m where m.conversation_id = c.id and m.sender = 'citizen' and m.created_at > :at))
""")
_DELIVERIES = text("""
select o.seq, o.state, o.error_code, o.via, o.next_at, o.attempts, o.parts, o.unknown,
  (select max(p.at) from outbox_part p where p.outbox_id = o.id) as at
from outbox o where o.conversation_id = :conversation and o.seq = any(:seqs)
""")
_DUE = text("""
select r.case_id, r.kind, r.due_at, a.valid_until from reminder r join application a on a.id = r.case_id
where r.sent_at is null and r.due_at <= :now order by r.due_at limit 200
""")
_CLAIM_REMINDERS = text("""
select kind from reminder where case_id = :case and sent_at is null and due_at <= :now order by due_at desc for update
""")
_SETTLE_REMINDERS = text("update reminder set sent_at = :now where case_id = :case and kind = any(:kinds)")
_LATER = text(f"""
select {every(t.case, "a")} from application a, application mine join conversation home on home.id = mine.conversation_id
where mine.id = :case and a.id <> mine.id and a.service = mine.service and a.submitted_at > mine.submitted_at
  and (a.citizen_id = mine.citizen_id
    or a.conversation_id in (select id from conversation where person_id = home.person_id))
""")  # noqa: S608  (names of columns only)
_VALID = text("update application set valid_until = :until where id = :case")


class DeliveryTx(ExchangesTx):
    """See :class:`bot.usecases.store.Tx`."""

    # -- receipts -----------------------------------------------------------------------------------------------------

    async def put_receipt(self, receipt: Receipt) -> None:
        if receipt.state not in _RANKS:
            return
        await self.meet(receipt.account, receipt.external_id)
        names = {"account": receipt.account, "external_id": receipt.external_id}
        row = (await self.run(_PART, names)).one_or_none()
        if row is None:
            await self._keep_early(receipt)
            return
        if _RANKS[receipt.state] <= _RANKS[row.state]:
            return
        await self.put_exchange(
            receipt.account,
            "in",
            receipt.state,
            receipt.at,
            detail={"receipt": True, "part": row.part},
            conversation_id=row.conversation_id,
            outbox_id=row.outbox_id,
            provider_code=receipt.error_code,
        )
        await self._apply(row, receipt.state, receipt.error_code, receipt.at)

    async def _apply(self, row: Any, state: str, code: str | None, at: datetime) -> None:
        await self.run(_MOVE, {"id": row.outbox_id, "part": row.part, "state": state, "code": code, "at": at})
        await self.run(_AGGREGATE, {"id": row.outbox_id})
        await self.tick(row.outbox_id)
        if state == "failed":
            await self.reopen(row.outbox_id)

    async def tick(self, outbox_id: int) -> None:
        """How far a message has come changed: consoles that have its conversation open show it."""
        await self.run(_TICK, {"id": outbox_id})

    async def reopen(self, outbox_id: int) -> None:
        """A message of which a part failed after all is looked at again by the sender; one still in its hands comes later."""
        await self.run(_REOPEN, {"id": outbox_id})
        await self.notify("loket_outbox")

    async def _keep_early(self, receipt: Receipt) -> None:
        """It may be about a message whose sending is not written down yet: it waits in the log for an hour."""
        detail = {
            "receipt": self._mark(receipt.account, receipt.external_id),
            "state": receipt.state,
            "code": receipt.error_code,
            "at": receipt.at.isoformat(),
        }
        known = await self.run(_EARLY, {"mark": detail["receipt"], "since": receipt.at - _EARLY_FOR})
        if any(r.detail["state"] == receipt.state for r in known):
            return
        await self.put_exchange(receipt.account, "in", "early", receipt.at, detail=detail)

    async def came_early(self, account: str, external_id: str, now: datetime) -> None:
        """Apply receipts that came before our own record of the message, which this transaction has just written."""
        mark = self._mark(account, external_id)
        early = (await self.run(_EARLY, {"mark": mark, "since": now - _EARLY_FOR})).all()
        if not early:
            return
        await self.run(_FORGET_EARLY, {"mark": mark})
        for row in early:
            said = row.detail
            at = datetime.fromisoformat(said["at"])
            await self.put_receipt(Receipt(account, external_id, said["state"], at, said["code"]))

    async def meet(self, account: str, external_id: str) -> None:
        """Wait until nobody else writes about that message of the provider (to the end of this transaction)."""
        await self.run(_MEET, {"name": f"{account}|{external_id}"})

    def _mark(self, account: str, external_id: str) -> str:
        """An id of a provider may hold an address (a chat's number): the log keeps its blind index."""
        return self._keys.blind_index(external_id, f"receipt:{account}").hex()

    async def deliveries(self, conversation_id: UUID, seqs: Sequence[int]) -> dict[int, Delivery]:
        rows = await self.run(_DELIVERIES, {"conversation": conversation_id, "seqs": list(seqs)})
        return {
            r.seq: Delivery(r.state, r.error_code, r.via, r.next_at, r.attempts, r.parts, r.unknown, r.at) for r in rows
        }

    # -- standing -----------------------------------------------------------------------------------------------------

    async def put_standing(self, change: StandingChange) -> None:
        alias = self._keys.blind_index(change.sender, f"address:{change.account}").hex()
        found = (await self.run(_FIND, {"account": change.account, "alias": alias})).scalar_one_or_none()
        if found is not None:
            await self.set_standing(found, change.standing, change.at)

    async def set_standing(self, conversation_id: UUID, standing: Standing, at: datetime) -> None:
        await self.run(_STAND, {"id": conversation_id, "standing": standing.value, "at": at})

    def fetched(self, account: str) -> bool:
        return account in self._pull

    def open_text(self, sealed: bytes, context: str) -> str:
        """Decrypt a text."""
        return self._keys.open(bytes(sealed), context).decode()

    # -- templates ----------------------------------------------------------------------------------------------------

    async def known_inbound(self, account: str, external_ids: Sequence[str]) -> set[str]:
        found = await self.run(_KNOWN, {"account": account, "ids": list(external_ids)})
        return set(found.scalars())

    async def templates(self, account: str) -> list[TemplateState]:
        query = t.provider_template.select().where(t.provider_template.c.account == account)
        return [
            TemplateState(r.account, r.name, r.language, r.provider_id, r.approval, r.reason, r.checked_at)
            for r in await self.run(query.order_by(t.provider_template.c.name, t.provider_template.c.language))
        ]

    async def put_template(self, state: TemplateState) -> None:
        values = dict(vars(state))
        keys = ("account", "name", "language")
        await self.run(
            pg_insert(t.provider_template)
            .values(**values)
            .on_conflict_do_update(index_elements=keys, set_={k: v for k, v in values.items() if k not in keys})
        )

    # -- reminders ----------------------------------------------------------------------------------------------------

    async def put_validity(self, case_id: UUID, until: datetime, reminders: Iterable[tuple[str, datetime]]) -> None:
        await self.run(_VALID, {"case": case_id, "until": until})
        rows = [{"case_id": case_id, "kind": kind, "due_at": due_at} for kind, due_at in reminders]
        if rows:
            made = pg_insert(t.reminder).values(rows)
            # A date told anew moves what was not sent yet.
            await self.run(
                made.on_conflict_do_update(
                    index_elements=["case_id", "kind"],
                    set_={"due_at": made.excluded.due_at},
                    where=t.reminder.c.sent_at.is_(None),
                )
            )

    async def later_cases(self, case: Case) -> list[Case]:
        rows = await self.run(_LATER, {"case": case.id})
        return [case_of(self._keys, row) for row in rows]

    async def due_reminders(self, now: datetime) -> list[Reminder]:
        rows = await self.run(_DUE, {"now": now})
        return [Reminder(r.case_id, r.kind, r.due_at, r.valid_until) for r in rows]

    async def take_reminders(self, case_id: UUID, now: datetime) -> list[str]:
        kinds = list((await self.run(_CLAIM_REMINDERS, {"case": case_id, "now": now})).scalars())
        await self.run(_SETTLE_REMINDERS, {"case": case_id, "kinds": kinds, "now": now})
        return kinds

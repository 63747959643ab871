"""A turn in the database: the inbox row, the recorded steps, and how a turn is begun, held and settled.

What every turn asks is asked in as few statements as can be (see :mod:`bot.storage.quick`); each says in one place what
is locked: first the inbox row (the fence of the lease), then the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from bot import tracing
from bot.domain.conversation import Conversation, InboxRow
from bot.domain.messages import Inbound, Sender
from bot.errors import Fenced, NotFound
from bot.storage import tables as t
from bot.storage.columns import every
from bot.storage.crypto import KeyRing
from bot.storage.quick import Quick
from bot.storage.tx_base import TxBase, open_json, seal_json
from bot.storage.tx_cases import COLUMNS, case_of
from bot.storage.tx_conversations import ConversationsTx, conversation_of
from bot.usecases.plan import STEP
from bot.usecases.store import Begun

Steps = dict[str, dict[str, Any]]

# The counter's row lock makes a concurrent repeat of the same message wait here.
_TAKE_SEQ: LiteralString = """
update conversation set last_seq = last_seq + 1 where id = %(conversation)s and not exists (
  select 1 from inbox where account = %(account)s and external_id = %(external)s)
returning last_seq
"""
_KNOWN: LiteralString = "select seq from inbox where account = %(account)s and external_id = %(external)s"
_RECEIVE: LiteralString = """
with taken as (
  insert into inbox (account, external_id, conversation_id, seq, body_sealed, not_before, received_at)
  values (%(account)s, %(external)s, %(conversation)s, %(seq)s, %(inbox_body)s, %(now)s, %(now)s)
  on conflict (account, external_id) do nothing returning id),
line as (
  insert into message (conversation_id, seq, sender, body_sealed, inbox_id, created_at)
  select %(conversation)s, %(seq)s, %(sender)s::text, %(message_body)s, taken.id, %(now)s from taken)
select id, pg_notify('loket_inbox', '') as woken, pg_notify('loket_message', %(conversation)s::text) as told from taken
"""
_GIVE_SEQ_BACK: LiteralString = "update conversation set last_seq = last_seq - 1 where id = %(conversation)s"

# Held until the transaction ends: no worker claims them meanwhile.
_WAITING: LiteralString = """
select id, seq, account, external_id, body_sealed from inbox
where conversation_id = %(conversation)s and state = 'open' and id > %(after)s order by id limit %(limit)s for update
"""
_PUT_BODY: LiteralString = "update inbox set body_sealed = %(body)s where id = %(id)s"
_PUT_LINE: LiteralString = """
with line as (
  update message set body_sealed = %(body)s where conversation_id = %(conversation)s and seq = %(seq)s returning 1)
select pg_notify('loket_message', %(conversation)s::text) from line
"""
_PUT_JOINED: LiteralString = """
insert into inbox (account, external_id, conversation_id, seq, body_sealed, state, joined_to, not_before, received_at)
values (%(account)s, %(external)s, %(conversation)s, %(seq)s, %(body)s, 'joined', %(to)s, %(now)s, %(now)s)
on conflict (account, external_id) do nothing
"""
_JOIN: LiteralString = "update inbox set state = 'joined', joined_to = %(to)s where id = any(%(ids)s::bigint[])"
_HELD: LiteralString = """
select id, account, external_id from inbox where id = %(inbox)s and lease_no = %(lease)s and state = 'leased' for update
"""

_CASE_COLUMNS = ", ".join(f"a.{name} as case__{name}" for name in (*COLUMNS, "draft_sealed"))
_CONVERSATION = every(t.conversation, "c")
# Names of columns only, and a constant: nothing from outside is put into the texts.
BEGUN: LiteralString = f"{_CONVERSATION}, s.result_sealed as plan_sealed, w.id is not null as more, {_CASE_COLUMNS}"
"""What a turn begins with, out of :data:`BEGUN_OF`."""
BEGUN_OF: LiteralString = f"""
join conversation c on c.id = {{conversation}}
left join turn_step s on s.inbox_id = {{inbox}} and s.ref = '{STEP}'
left join application a on a.id = c.case_id and c.form_active and s.ref is null
left join lateral (
  select i.id from inbox i where i.conversation_id = c.id and i.state = 'open' and i.id > {{inbox}} limit 1) w on true
"""  # noqa: S608
_BEGIN: LiteralString = f"""
select {BEGUN} from (values (1)) as one {BEGUN_OF.format(inbox="%(inbox)s", conversation="%(conversation)s")}
"""  # noqa: S608
# What only this turn reads need not be on the disk by itself: the turn's own commit comes later and takes it along, and a turn that
# loses it in a crash of the database has not ended, so that it is run again from its beginning.
_PLAN: LiteralString = """
with held as materialized (
  select id from inbox where id = %(inbox)s and lease_no = %(lease)s and state = 'leased' for update)
insert into turn_step (inbox_id, ref, result_sealed, lease_no, created_at)
select id, %(ref)s::text, %(result)s, %(lease)s, %(now)s from held
returning case when %(lasting)s then '' else set_config('synchronous_commit', 'off', true) end
"""
_RECORD: LiteralString = """
with quick as materialized (select set_config('synchronous_commit', 'off', true))
insert into turn_step (inbox_id, ref, result_sealed, lease_no, created_at)
select %(inbox)s, r.ref, r.result, %(lease)s, %(now)s from quick, unnest(%(refs)s::text[], %(results)s::bytea[]) as r (ref, result)
"""
_HOLD: LiteralString = f"""
with held as materialized (
  select id from inbox where id = %(inbox)s and lease_no = %(lease)s and state = 'leased' for update)
select {_CONVERSATION}, s.refs, s.results
from held cross join conversation c cross join lateral (
  select array_agg(ref) as refs, array_agg(result_sealed) as results from turn_step where inbox_id = held.id) s
where c.id = %(conversation)s for update of c
"""  # noqa: S608
# Travels with _HOLD: nearly every step inside a form looks at its case first.
_FOCUS: LiteralString = f"""
select {every(t.case, "a")} from application a join conversation c on c.case_id = a.id
where c.id = %(conversation)s and c.form_active for update of a
"""  # noqa: S608
_SETTLE: LiteralString = f"""
with done as (
  update inbox set state = 'done', done_at = %(now)s, lease_until = null
  where id = %(inbox)s and lease_no = %(lease)s and state = 'leased' returning id, conversation_id),
gone as (
  delete from turn_step using done where turn_step.inbox_id = done.id returning ref, result_sealed)
select {_CONVERSATION}, s.refs, s.results
from done join conversation c on c.id = done.conversation_id cross join (
  select array_agg(ref) as refs, array_agg(result_sealed) as results from gone) s
for update of c
"""  # noqa: S608
_TURNED_OUT: LiteralString = "update inbox set outcome = %(outcome)s where id = %(inbox)s"

_MOST_WAITING = 20
"""Messages that are looked at behind one."""


class TurnsTx(ConversationsTx, TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    _lease: tuple[int, int] | None = None
    """Inbox row and lease that this transaction holds."""

    async def put_inbound(self, conversation_id: UUID, inbound: Inbound, now: datetime) -> tuple[int, bool]:
        names = {"account": inbound.account, "external": inbound.external_id, "conversation": conversation_id}
        taken = await (await self.fast(_TAKE_SEQ, names)).fetchone()
        if taken is None:
            return await self._known(names), False
        self._counters.pop(conversation_id, None)
        body = _body(inbound)
        values = {
            **names,
            "seq": taken.last_seq,
            "sender": Sender.CITIZEN.value,
            "inbox_body": self.seal_json(tracing.stamped(body), f"inbox:{inbound.account}:{inbound.external_id}"),
            "message_body": self.seal_json(body, f"message:{conversation_id}:{taken.last_seq}"),
            "now": now,
        }
        if await (await self.fast(_RECEIVE, values)).fetchone() is None:  # the first one came while we waited above
            await self.fast(_GIVE_SEQ_BACK, names)
            return await self._known(names), False
        return int(taken.last_seq), True

    async def replace_waiting(self, conversation_id: UUID, inbound: Inbound, now: datetime) -> bool:
        if await self._is_known(inbound):
            return True
        values = {"conversation": conversation_id, "after": 0, "limit": _MOST_WAITING}
        for row in reversed(await (await self.fast(_WAITING, values)).fetchall()):
            body = self.open_json(row.body_sealed, _context(row))
            if inbound.edits not in (row.external_id, body.get("mark")) or body.get("text") is None:
                continue
            await self._rewrite(row, conversation_id, row.seq, {**body, "text": inbound.text})
            edit = {
                "account": inbound.account,
                "external": inbound.external_id,
                "conversation": conversation_id,
                "seq": row.seq,
                "body": self.seal_json({"edits": inbound.edits}, f"inbox:{inbound.account}:{inbound.external_id}"),
                "to": row.id,
                "now": now,
            }
            await self.fast(_PUT_JOINED, edit)  # so that the same edit, delivered again, is known
            return True
        return False

    async def _is_known(self, inbound: Inbound) -> bool:
        names = {"account": inbound.account, "external": inbound.external_id}
        return await (await self.fast(_KNOWN, names)).fetchone() is not None

    async def _rewrite(self, row: Any, conversation_id: UUID, seq: int, body: dict[str, Any]) -> None:
        await self.fast(_PUT_BODY, {"id": row.id, "body": self.seal_json(body, _context(row))})
        line = self.seal_json(body, f"message:{conversation_id}:{seq}")
        await self.fast(_PUT_LINE, {"conversation": conversation_id, "seq": seq, "body": line})

    async def put_body(self, row: InboxRow, body: dict[str, Any]) -> InboxRow:
        await self._rewrite(await self._held(row), row.conversation_id, row.seq, body)
        return replace(row, body=body)

    async def _held(self, row: InboxRow) -> Any:
        held = await (await self.fast(_HELD, {"inbox": row.id, "lease": row.lease_no})).fetchone()
        if held is None:
            raise Fenced("the lease of the turn moved on")
        return held

    async def join(self, row: InboxRow, fits: Callable[[dict[str, Any], dict[str, Any]], bool]) -> InboxRow:
        held = await self._held(row)
        values = {"conversation": row.conversation_id, "after": row.id, "limit": _MOST_WAITING}
        body, ids = dict(row.body), []
        for waiting in await (await self.fast(_WAITING, values)).fetchall():
            more = self.open_json(waiting.body_sealed, _context(waiting))
            if not fits(body, more):
                break
            body |= {"text": f"{body['text']}\n{more['text']}", "mark": more.get("mark", body.get("mark"))}
            ids.append(waiting.id)
            tracing.link(more.get("trace"))
        if not ids:
            return row
        body["joined"] = [*body.get("joined", ()), *ids]
        await self.fast(_JOIN, {"to": row.id, "ids": ids})
        await self.fast(_PUT_BODY, {"id": row.id, "body": self.seal_json(body, _context(held))})
        return replace(row, body=body)

    async def _known(self, names: Mapping[str, Any]) -> int:
        row = await (await self.fast(_KNOWN, names)).fetchone()
        if row is None:
            raise NotFound("conversation")
        return int(row.seq)

    async def hold(self, inbox_id: int, lease_no: int, conversation_id: UUID) -> tuple[Conversation, Steps]:
        values = {"inbox": inbox_id, "lease": lease_no, "conversation": conversation_id}
        held, focus = await self._transaction.both(_HOLD, _FOCUS, values)
        row = await held.fetchone()
        if row is None:
            raise Fenced("the lease of the turn moved on")
        self._lease = (inbox_id, lease_no)
        self._focus = await focus.fetchone()
        return self.loaded(conversation_of(row), row.last_seq), _steps(self._keys, inbox_id, row)

    def put_steps(self, results: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        if self._lease is None:
            raise Fenced("no turn is held")
        inbox_id, lease_no = self._lease  # its row is locked: nobody can have taken it since
        values = {
            "inbox": inbox_id,
            "lease": lease_no,
            "refs": list(results),
            "results": [self.seal_json(result, f"step:{inbox_id}:{ref}") for ref, result in results.items()],
            "now": now,
        }
        self.later(_RECORD, values)

    async def settle(self, row: InboxRow, now: datetime) -> tuple[Conversation, Steps]:
        values = {"inbox": row.id, "lease": row.lease_no, "now": now}
        found = await (await self.fast(_SETTLE, values)).fetchone()
        if found is None:
            raise Fenced("the lease of the turn moved on")
        return self.loaded(conversation_of(found), found.last_seq), _steps(self._keys, row.id, found)

    def turned_out(self, row: InboxRow, outcome: str) -> None:
        self.later(_TURNED_OUT, {"inbox": row.id, "outcome": outcome})


async def begin_turn(quick: Quick, keys: KeyRing, row: InboxRow) -> Begun:
    """See :class:`bot.usecases.store.Store`."""
    found = row.found
    if found is None or not found.form_active or row.body.get("media"):
        # In free talk what came since the claim joins the turn.
        rows = await quick.run(_BEGIN, {"inbox": row.id, "conversation": row.conversation_id})
        if not rows:
            raise NotFound("conversation")
        found = rows[0]
    return Begun(
        conversation=conversation_of(found),
        case=None if found.case__id is None else case_of(keys, found, "case__"),
        plan=None if found.plan_sealed is None else open_json(keys, found.plan_sealed, f"step:{row.id}:{STEP}"),
        more=found.more,
        address=None if found.address_sealed is None else _address(keys, found),
    )


def _address(keys: KeyRing, row: Any) -> str:
    return keys.open(bytes(row.address_sealed), f"address:{row.account}:{row.external_id}").decode()


async def record_plan(
    quick: Quick, keys: KeyRing, row: InboxRow, plan: dict[str, Any], now: datetime, lasting: bool
) -> None:
    """See :class:`bot.usecases.store.Store`."""
    sealed = seal_json(keys, plan, f"step:{row.id}:{STEP}")
    values = {"inbox": row.id, "lease": row.lease_no, "ref": STEP, "result": sealed, "now": now, "lasting": lasting}
    if not await quick.run(_PLAN, values):
        raise Fenced("the lease of the turn moved on")


def _context(row: Any) -> str:
    return f"inbox:{row.account}:{row.external_id}"


def _body(inbound: Inbound) -> dict[str, Any]:
    """What is stored of a message; what it does not have is left out, but for what every reader asks for."""
    body: dict[str, Any] = {
        "text": inbound.text,
        "payload": inbound.payload,
        "title": inbound.title,
        "file": vars(inbound.file) if inbound.file else None,
        "file_kind": inbound.file_kind,
        "client_id": inbound.client_id,
    }
    more = {
        "media": vars(inbound.media) if inbound.media else None,
        "caption": inbound.caption,
        "location": inbound.location,
        "unread": inbound.unread.value if inbound.unread else None,
        "edits": inbound.edits,
        "start": inbound.start,
        "mark": inbound.mark,
        "name": inbound.name,
        "language": inbound.language,
    }
    return body | {key: value for key, value in more.items() if value is not None}


def _steps(keys: KeyRing, inbox_id: int, row: Any) -> Steps:
    pairs = zip(row.refs or (), row.results or (), strict=True)
    return {ref: open_json(keys, sealed, f"step:{inbox_id}:{ref}") for ref, sealed in pairs}

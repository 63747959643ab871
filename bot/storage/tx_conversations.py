"""Conversations, their thread, web sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot import tracing
from bot.domain.conversation import Conversation, Holder, ThreadEntry
from bot.domain.messages import Reply, Standing
from bot.errors import NotFound
from bot.storage import tables as t
from bot.storage.columns import every
from bot.storage.crypto import KeyRing
from bot.storage.lines import Transaction
from bot.storage.quick import Quick
from bot.storage.tx_base import TxBase, open_json
from bot.usecases.store import News

# Names of columns only: nothing from outside is put into the texts.
_GET: LiteralString = f"select {every(t.conversation)} from conversation where id = %(id)s"  # noqa: S608
_GET_LOCKED: LiteralString = f"{_GET} for update"
_SAVE: LiteralString = """
update conversation set language = %(language)s, citizen_id = %(citizen_id)s, assurance = %(assurance)s,
  assured_until = %(assured_until)s, state = %(state)s, form_active = %(form_active)s, case_id = %(case_id)s,
  topic = %(topic)s, misses = %(misses)s, turn_mark = %(turn_mark)s,
  last_inbound_at = %(last_inbound_at)s, language_set = %(language_set)s, memory = %(memory)s,
  person_id = %(person_id)s, standing = %(standing)s, returned_seq = %(returned_seq)s, trail = %(trail)s
where id = %(id)s
"""
_TAKE_SEQS: LiteralString = (
    "update conversation set last_seq = last_seq + %(n)s where id = %(id)s returning last_seq, account"
)
_SAID_NOW: LiteralString = """said as (
  insert into message (conversation_id, seq, sender, body_sealed, inbox_id, dedupe_key, created_at)
  select %(conversation)s, e.seq, e.sender, e.body, %(inbox)s::bigint, e.key, %(now)s
  from unnest(%(seqs)s::bigint[], %(senders)s::text[], %(bodies)s::bytea[], %(keys)s::text[])
    as e (seq, sender, body, key))
select pg_notify('loket_message', %(conversation)s::text)
"""
_SAY: LiteralString = f"with {_SAID_NOW}"
_COUNT_AND_SAY: LiteralString = f"""with counted as (
  update conversation set last_seq = last_seq + cardinality(%(seqs)s::bigint[]) where id = %(conversation)s),
{_SAID_NOW}"""  # noqa: S608
_SEND: LiteralString = """
with due as (
  insert into outbox (conversation_id, seq, account, next_at, created_at, notice, trace)
  select %(conversation)s, e.seq, %(account)s::text, %(now)s, %(now)s, %(notice)s, %(trace)s::text
  from unnest(%(seqs)s::bigint[]) as e (seq))
select pg_notify('loket_outbox', '')
"""
_SAID: LiteralString = "select 1 from message where conversation_id = %(id)s and dedupe_key = %(key)s"
_THREAD: LiteralString = """
select seq, created_at, sender, body_sealed, inbox_id from message
where conversation_id = %(id)s and seq > %(after)s order by seq limit %(limit)s
"""
_NEWS: LiteralString = """
select c.language, c.state, m.seq, m.created_at, m.sender, m.body_sealed, m.inbox_id,
  (select min(i.seq) from inbox i where i.conversation_id = c.id and i.state in ('open', 'leased')) as open_from
from conversation c left join message m on m.conversation_id = c.id and m.seq > %(after)s
where c.id = %(id)s order by m.seq limit %(limit)s
"""
_BY_ALIAS = text("""
select conversation_id from conversation_alias where account = :account and alias_index = any(:names)
order by array_position(cast(:names as text[]), alias_index) limit 1
""")
_PUT_ALIASES = text("""
insert into conversation_alias (account, alias_index, conversation_id)
select :account, name, :id from unnest(cast(:names as text[])) as name on conflict do nothing
""")
_OF_PERSON = text(f"""
select {every(t.conversation)} from conversation where person_id = :person
order by last_inbound_at desc nulls last, created_at desc
""")  # noqa: S608
_SAVED = (
    "id language citizen_id assurance assured_until form_active case_id topic misses turn_mark "
    "last_inbound_at language_set person_id returned_seq"
).split()


def conversation_of(row: Any) -> Conversation:
    """A conversation from its row."""
    return Conversation(
        id=row.id,
        account=row.account,
        external_id=row.external_id,
        locus=row.locus,
        language=row.language,
        created_at=row.created_at,
        citizen_id=row.citizen_id,
        assurance=row.assurance,
        assured_until=row.assured_until,
        state=Holder(row.state),
        form_active=row.form_active,
        case_id=row.case_id,
        topic=row.topic,
        misses=row.misses,
        turn_mark=row.turn_mark,
        last_inbound_at=row.last_inbound_at,
        language_set=row.language_set,
        memory=row.memory,
        person_id=row.person_id,
        origin=row.origin_index.hex() if row.origin_index else None,
        standing=Standing(row.standing),
        returned_seq=row.returned_seq,
        trail=row.trail,
    )


class _Counter(NamedTuple):
    """Number of the last line of a thread, and the account it belongs to."""

    last_seq: int
    account: str


class ConversationsTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    def __init__(self, transaction: Transaction, keys: KeyRing, pull_accounts: frozenset[str]) -> None:
        super().__init__(transaction, keys, pull_accounts)
        self._counters: dict[UUID, _Counter] = {}
        """Of conversations that this transaction locked."""

    async def conversation(self, conversation_id: UUID, lock: bool = False) -> Conversation:
        row = await (await self.fast(_GET_LOCKED if lock else _GET, {"id": conversation_id})).fetchone()
        if row is None:
            raise NotFound("conversation")
        conversation = conversation_of(row)
        return self.loaded(conversation, row.last_seq) if lock else conversation

    def loaded(self, conversation: Conversation, last_seq: int | None = None) -> Conversation:
        """Remember how it was, and the number of its last line, when its row was locked."""
        self._locked[conversation.id] = replace(conversation)
        if last_seq is not None:
            self._counters[conversation.id] = _Counter(last_seq, conversation.account)
        return conversation

    async def open_conversation(
        self,
        account: str,
        external_id: str,
        locus: str,
        language: str,
        now: datetime,
        aliases: Sequence[str] = (),
    ) -> Conversation:
        if account in self._pull:
            return await self._opened(account, external_id, locus, language, now, None)
        names = [self._keys.blind_index(name, f"address:{account}").hex() for name in (external_id, *aliases)]
        known = (await self.run(_BY_ALIAS, {"account": account, "names": names})).scalars().first()
        if known is not None:
            conversation = await self.conversation(known)
        else:
            sealed = self._keys.seal(external_id.encode(), f"address:{account}:{names[0]}")
            conversation = await self._opened(account, names[0], locus, language, now, sealed)
        await self.run(_PUT_ALIASES, {"account": account, "names": names, "id": conversation.id})
        return conversation

    async def _opened(
        self, account: str, external_id: str, locus: str, language: str, now: datetime, sealed: bytes | None
    ) -> Conversation:
        await self.run(
            pg_insert(t.conversation)
            .values(
                id=uuid4(),
                account=account,
                external_id=external_id,
                locus=locus,
                language=language,
                created_at=now,
                address_sealed=sealed,
            )
            .on_conflict_do_nothing()
        )
        query = select(t.conversation).where(
            t.conversation.c.account == account, t.conversation.c.external_id == external_id
        )
        return conversation_of((await self.run(query)).one())

    async def conversations_of(self, person_id: UUID) -> list[Conversation]:
        rows = (await self.run(_OF_PERSON, {"person": person_id})).all()
        return [conversation_of(row) for row in rows]

    async def save_conversation(self, conversation: Conversation) -> None:
        if self._locked.get(conversation.id) == conversation:
            return
        values = {name: getattr(conversation, name) for name in _SAVED}
        values |= {"state": conversation.state.value, "standing": conversation.standing.value}
        json = {"memory": Jsonb(conversation.memory), "trail": Jsonb(conversation.trail)}
        self.later(_SAVE, {**values, **json})

    # -- the thread -------------------------------------------------------------------------------------------------

    async def say(
        self,
        conversation_id: UUID,
        replies: Sequence[Reply],
        now: datetime,
        inbox_id: int | None = None,
        key: str | None = None,
        notice: bool = False,
    ) -> list[int]:
        if key is not None:
            # The lock comes first: two pushes of one status must not both find nothing.
            await self.fast(_GET_LOCKED, {"id": conversation_id})
            if await (await self.fast(_SAID, {"id": conversation_id, "key": f"{key}#0"})).fetchone() is not None:
                return []
        if not replies:
            return []
        counted = conversation_id in self._counters
        taken = await self._take_seqs(conversation_id, len(replies))
        seqs = list(range(taken.last_seq - len(replies) + 1, taken.last_seq + 1))
        values: dict[str, Any] = {
            "conversation": conversation_id,
            "seqs": seqs,
            "senders": [reply.sender.value for reply in replies],
            "bodies": [
                self.seal_json(reply.to_json(), f"message:{conversation_id}:{seq}")
                for seq, reply in zip(seqs, replies, strict=True)
            ],
            "keys": [f"{key}#{i}" if key else None for i in range(len(replies))],
            "inbox": inbox_id,
            "now": now,
        }
        self.later(_COUNT_AND_SAY if counted else _SAY, values)
        if taken.account not in self._pull:
            with tracing.send("outbox", conversation=conversation_id):
                due = {"account": taken.account, "notice": notice, "trace": tracing.carry()}
            self.later(_SEND, {"conversation": conversation_id, "seqs": seqs, "now": now, **due})
        return seqs

    async def _take_seqs(self, conversation_id: UUID, n: int) -> _Counter:
        """The counter after ``n`` more lines; that of a row which this transaction has locked is written with the lines."""
        values = {"id": conversation_id, "n": n}
        known = self._counters.get(conversation_id)
        if known is not None:
            # The row is locked by this transaction: nobody else has counted on.
            self._counters[conversation_id] = taken = _Counter(known.last_seq + n, known.account)
            return taken
        row = await (await self.fast(_TAKE_SEQS, values)).fetchone()
        if row is None:
            raise NotFound("conversation")
        return _Counter(row.last_seq, row.account)

    async def thread(self, conversation_id: UUID, after: int = 0, limit: int = 500) -> list[ThreadEntry]:
        cursor = await self.fast(_THREAD, {"id": conversation_id, "after": after, "limit": limit})
        return [_entry(self._keys, conversation_id, row) for row in await cursor.fetchall()]

    # -- web sessions -----------------------------------------------------------------------------------------------

    async def new_session(self, conversation_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
        await self.run(
            insert(t.chat_session).values(
                token_hash=token_hash, conversation_id=conversation_id, created_at=now, expires_at=expires_at
            )
        )

    async def session(self, token_hash: bytes, now: datetime) -> UUID | None:
        query = select(t.chat_session.c.conversation_id).where(
            t.chat_session.c.token_hash == token_hash, t.chat_session.c.expires_at > now
        )
        return (await self.run(query)).scalar_one_or_none()

    async def end_session(self, token_hash: bytes, now: datetime) -> None:
        ended = update(t.chat_session).where(
            t.chat_session.c.token_hash == token_hash, t.chat_session.c.expires_at > now
        )
        await self.run(ended.values(expires_at=now))


async def news(quick: Quick, keys: KeyRing, conversation_id: UUID, after: int, limit: int) -> News:
    """See :class:`bot.usecases.store.Store`."""
    rows = await quick.run(_NEWS, {"id": conversation_id, "after": after, "limit": limit})
    if not rows:
        raise NotFound("conversation")
    entries = [_entry(keys, conversation_id, row) for row in rows if row.seq is not None]
    return News(rows[0].language, Holder(rows[0].state), entries, rows[0].open_from)


def _entry(keys: KeyRing, conversation_id: UUID, row: Any) -> ThreadEntry:
    return ThreadEntry(
        seq=row.seq,
        at=row.created_at,
        sender=row.sender,
        body=open_json(keys, row.body_sealed, f"message:{conversation_id}:{row.seq}"),
        inbox_id=row.inbox_id,
    )

"""What was understood, and what editors did about it (:class:`bot.usecases.store_studio.StudioTx`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import TextClause, text

from bot.domain.understood import Became, Heard, Told, Turned
from bot.storage.columns import every
from bot.storage.tables_studio import understood
from bot.storage.tx_base import TxBase
from bot.usecases.store_studio import Period, TalkFilter, TalkRow

_PUT: LiteralString = """
insert into understood (inbox_id, conversation_id, seq, locus, at, intent, confidence, ranking, service, became, text_sealed)
values (%(inbox)s, %(conversation)s, %(seq)s, %(locus)s, %(at)s, %(intent)s, %(confidence)s, %(ranking)s, %(service)s,
  %(became)s, %(text)s)
on conflict (inbox_id) do nothing
"""
# Asking for a person is no misunderstanding by itself; what came last before it may be one.
_HANDED = """
u.intent not in ('talk_to_human', 'make_complaint') and exists (
  select 1 from ticket t where t.conversation_id = u.conversation_id and t.trigger not in ('staff', 'agency', 'identity')
    and t.created_at >= u.at - interval '5 seconds' and t.created_at < u.at + interval '15 minutes'
    and not exists (
      select 1 from understood v where v.conversation_id = u.conversation_id and v.seq > u.seq and v.at <= t.created_at
        and v.intent not in ('talk_to_human', 'make_complaint')))
"""
_LEFT = """
not exists (
  select 1 from message m where m.conversation_id = u.conversation_id and m.seq > u.seq and m.sender = 'citizen')
"""
_COLUMNS = f"{every(understood, 'u')}, c.account, c.language, ({_HANDED}) as handed, ({_LEFT}) as is_last"
_FROM = "from understood u join conversation c on c.id = u.conversation_id"
_PERIOD = "u.locus = :locus and u.at >= :since and u.at < :until"
# Constants and names of columns only: nothing from outside is put into the texts.
_MISSED = text(f"""
select * from (select {_COLUMNS} {_FROM} where {_PERIOD} and u.settled = '') f
where marked_by is not null or became in ('asked', 'missed', 'offered')
  or (confidence < :below and became not in ('faq', 'handoff')) or handed
order by inbox_id desc limit :most
""")  # noqa: S608
_SETTLED = text(f"""
select {_COLUMNS} {_FROM} where {_PERIOD} and u.settled <> '' order by u.settled_at desc, u.inbox_id desc limit :most
""")  # noqa: S608
_OF = text(f"select {_COLUMNS} {_FROM} where u.conversation_id = :id order by u.seq")  # noqa: S608
_ROWS = text(f"""
select {_COLUMNS} {_FROM} where u.inbox_id = any(:ids) and u.locus = :locus order by u.inbox_id
""")  # noqa: S608
_SETTLE = text("""
update understood set settled = :settled, settled_by = :by, settled_at = :now, settled_in = nullif(:commit, '')
where inbox_id = any(:ids) and locus = :locus and settled = ''
""")
_REOPEN = text("""
update understood set settled = '', settled_by = null, settled_at = null, settled_in = null
where locus = :locus and settled <> '' and (inbox_id = any(:ids) or settled_in = nullif(:commit, ''))
""")
_MARK = text("""
update understood set marked_by = :by, settled = case when cast(:by as text) is null then settled else '' end
where inbox_id = :id and locus = :locus
""")
_TALKS = text(f"""
with hit as (
  select conversation_id, max(at) as last_at, count(*) as turns, min(confidence) as lowest,
    count(*) filter (where became in ('asked', 'missed', 'offered')) as unsure,
    bool_or((:intent = '' or intent = :intent) and (cast(:below as float) is null or confidence < :below)
      and (:service = '' or service = :service)
      and (not :fallback or became in ('asked', 'missed', 'offered'))) as fits
  from understood u where {_PERIOD} group by conversation_id),
held as (
  select t.conversation_id, count(*) as handed, min(t.rating) as rating from ticket t join hit using (conversation_id)
  where t.locus = :locus and t.created_at >= :since and t.created_at < :until group by t.conversation_id)
select hit.*, c.account, c.language, coalesce(held.handed, 0) as handed, held.rating
from hit join conversation c on c.id = hit.conversation_id left join held on held.conversation_id = hit.conversation_id
where fits and (:channel = '' or split_part(c.account, ':', 1) = :channel)
  and (not :handoff or held.handed > 0) and (cast(:rating as int) is null or held.rating <= :rating)
  and (cast(:after_at as timestamptz) is null or (last_at, hit.conversation_id) < (:after_at, cast(:after_id as uuid)))
order by last_at desc, hit.conversation_id desc limit :most
""")  # noqa: S608
_TEXTS = text(f"""
select inbox_id, conversation_id, text_sealed from understood u where {_PERIOD} order by inbox_id desc limit :most
""")  # noqa: S608
_CITIZENS = text("""
select c.id as conversation_id, p.id, p.data_sealed from conversation c join citizen p on p.id = c.citizen_id
where c.id = any(:ids)
""")
_DRAFTS = text("""
select id, conversation_id, draft_sealed from application where conversation_id = any(:ids)
order by created_at desc limit 2000
""")


class StudioTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def put_understood(self, heard: Heard) -> None:
        told = heard.told.to_json()
        values = {
            "inbox": heard.inbox_id,
            "conversation": heard.conversation_id,
            "seq": heard.seq,
            "locus": heard.locus,
            "at": heard.at,
            "text": self.seal_json(heard.text, f"understood:{heard.inbox_id}"),
            **told,
            "ranking": Jsonb(told["ranking"]),
        }
        self.later(_PUT, values)

    async def misunderstood(self, period: Period, below: float, most: int) -> list[Turned]:
        return await self._turned(_MISSED, {**vars(period), "below": below, "most": most})

    async def settled(self, period: Period, most: int) -> list[Turned]:
        return await self._turned(_SETTLED, {**vars(period), "most": most})

    async def understood_of(self, conversation_id: UUID) -> list[Turned]:
        return await self._turned(_OF, {"id": conversation_id})

    async def understood_rows(self, inbox_ids: Collection[int], locus: str) -> list[Turned]:
        return await self._turned(_ROWS, {"ids": list(inbox_ids), "locus": locus})

    async def settle_understood(
        self, inbox_ids: Collection[int], locus: str, settled: str, by: str, now: datetime, commit: str = ""
    ) -> int:
        values = {"ids": list(inbox_ids), "locus": locus, "settled": settled, "by": by, "now": now, "commit": commit}
        return int((await self.run(_SETTLE, values)).rowcount)

    async def reopen_understood(self, locus: str, *, inbox_ids: Collection[int] = (), commit: str = "") -> int:
        values = {"ids": list(inbox_ids), "locus": locus, "commit": commit}
        return int((await self.run(_REOPEN, values)).rowcount)

    async def mark_understood(self, inbox_id: int, locus: str, by: str | None) -> bool:
        return bool((await self.run(_MARK, {"id": inbox_id, "locus": locus, "by": by})).rowcount)

    async def talks(
        self, period: Period, wanted: TalkFilter, most: int, after: tuple[datetime, UUID] | None = None
    ) -> list[TalkRow]:
        at, id_ = after or (None, None)
        values = {**vars(period), **vars(wanted), "most": most, "after_at": at, "after_id": id_}
        names = [name for name in TalkRow.__dataclass_fields__ if name != "id"]
        return [
            TalkRow(row.conversation_id, **{name: getattr(row, name) for name in names})
            for row in await self.run(_TALKS, values)
        ]

    async def heard_texts(self, period: Period, most: int) -> list[tuple[UUID, str]]:
        rows = await self.run(_TEXTS, {**vars(period), "most": most})
        return [(row.conversation_id, self._words(row)) for row in rows]

    async def names_in(self, conversation_ids: Sequence[UUID]) -> Mapping[UUID, tuple[str, ...]]:
        found: dict[UUID, set[str]] = defaultdict(set)
        values = {"ids": list(dict.fromkeys(conversation_ids))}
        for row in await self.run(_CITIZENS, values):
            person = self.open_json(row.data_sealed, f"citizen:{row.id}")
            found[row.conversation_id].update(_names(person), _names(person.get("data") or {}))
        for row in await self.run(_DRAFTS, values):
            draft = self.open_json(row.draft_sealed, f"application:{row.id}")
            found[row.conversation_id].update(_names(draft.get("answers") or {}), _names(draft.get("known") or {}))
        return {id_: tuple(sorted(names)) for id_, names in found.items()}

    async def _turned(self, statement: TextClause, values: Mapping[str, Any]) -> list[Turned]:
        return [self._kept(row) for row in await self.run(statement, values)]

    def _kept(self, row: Any) -> Turned:
        ranking = tuple((str(name), float(chance)) for name, chance in row.ranking)
        told = Told(row.intent, row.confidence, ranking, row.service, Became(row.became))
        heard = Heard(row.inbox_id, row.conversation_id, row.seq, row.locus, row.at, self._words(row), told)
        return Turned(heard, row.account, row.language, row.handed, row.is_last, row.marked_by is not None, row.settled)

    def _words(self, row: Any) -> str:
        return str(self.open_json(row.text_sealed, f"understood:{row.inbox_id}"))


_PERSONAL = ("nama", "name", "alamat")
_SHORTEST = 3


def _names(data: Mapping[str, Any]) -> set[str]:
    """What in a person's data or a form's answers names somebody or a place they live in."""
    return {
        value.strip()
        for key, value in data.items()
        if isinstance(value, str) and len(value.strip()) >= _SHORTEST and _is_personal(key)
    }


def _is_personal(key: str) -> bool:
    last = key.rpartition(".")[2]
    return any(last == name or last.startswith(f"{name}_") or last.endswith(f"_{name}") for name in _PERSONAL)

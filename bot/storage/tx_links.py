"""Codes that connect conversations, the history of connections, and locks over several conversations.

A row of ``link_code`` is one issued code. Its index is the HMAC of the code; once the code was typed elsewhere, it is that of
the conversation that typed it, and the row is the question "connect?" asked there: the code itself is gone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from bot.domain.conversation import Conversation
from bot.domain.linking import LIFE
from bot.errors import Fenced
from bot.storage import tables as t
from bot.storage.columns import every
from bot.storage.tx_conversations import ConversationsTx, conversation_of

_KEPT = timedelta(days=1)
"""How long a row is kept, to count the codes of an hour."""

_FENCE = text("select 1 from inbox where id = :inbox and lease_no = :lease and state = 'leased' for update")
_TOGETHER = text("""
select id from conversation where id = any(:ids) or person_id in (select person_id from conversation where id = any(:ids))
""")
_LOCK = text(f"select {every(t.conversation)} from conversation where id = any(:ids) order by id for update")  # noqa: S608
_ISSUED = text("select count(*) from link_code where conversation_id = :id and created_at > :since")
_VOID = text(
    "update link_code set expires_at = :now where conversation_id = :id and used_at is null and expires_at > :now"
)
_FORGET = text("delete from link_code where conversation_id = :id and created_at < :before")
_MINE = text(
    "select 1 from link_code where code_index = :code and conversation_id = :here and used_at is null and expires_at > :now"
)
_CLEAR = text("delete from link_code where code_index = :offer")
_OFFER = text("""
update link_code set code_index = :offer, expires_at = :until
where code_index = :code and conversation_id <> :here and used_at is null and expires_at > :now returning conversation_id
""")
_OFFERED = text(
    "select conversation_id from link_code where code_index = :offer and used_at is null and expires_at > :now"
)
_TAKE = text("""
update link_code set used_at = :now where code_index = :offer and used_at is null and expires_at > :now
returning conversation_id
""")
_UNDO = text("update link set undone_at = :now where conversation_id = any(:ids) and undone_at is null")
_MOVE_FILES = text("update blob set conversation_id = :to where id = any(:ids) and conversation_id = :origin")
_SAME = text("""
select 1 from conversation a join conversation b on a.person_id = b.person_id where a.id = :one and b.id = :other
""")


class LinksTx(ConversationsTx):
    """See :class:`bot.usecases.store.Tx`."""

    # -- locks ------------------------------------------------------------------------------------------------------

    async def fence(self, inbox_id: int, lease_no: int) -> None:
        found = await self.run(_FENCE, {"inbox": inbox_id, "lease": lease_no})
        if found.first() is None:
            raise Fenced("the lease of the turn moved on")

    async def lock_people(self, conversation_ids: Collection[UUID]) -> list[Conversation]:
        ids: set[UUID] = set(conversation_ids)
        locked: dict[UUID, Conversation] = {}
        while True:
            # Who else is of these people may change until all are locked: looked at again under the locks.
            ids |= set((await self.run(_TOGETHER, {"ids": list(ids)})).scalars())
            if ids <= locked.keys():
                return [locked[key] for key in sorted(locked)]
            rows = (await self.run(_LOCK, {"ids": sorted(ids - locked.keys())})).all()
            locked |= {row.id: self.loaded(conversation_of(row)) for row in rows}
            ids &= locked.keys()

    # -- codes ------------------------------------------------------------------------------------------------------

    async def codes_issued(self, conversation_id: UUID, since: datetime) -> int:
        return int((await self.run(_ISSUED, {"id": conversation_id, "since": since})).scalar_one())

    async def put_link_code(self, code: str, conversation_id: UUID, now: datetime) -> None:
        await self.run(_FORGET, {"id": conversation_id, "before": now - _KEPT})
        await self.run(_VOID, {"id": conversation_id, "now": now})
        values = {"conversation_id": conversation_id, "created_at": now, "expires_at": now + LIFE}
        await self.run(insert(t.link_code).values(code_index=self._code(code), **values))

    async def is_own_code(self, code: str, here: UUID, now: datetime) -> bool:
        found = await self.run(_MINE, {"code": self._code(code), "here": here, "now": now})
        return found.first() is not None

    async def offer_link(self, code: str, here: UUID, now: datetime) -> UUID | None:
        offer = self._offer(here)
        await self.run(_CLEAR, {"offer": offer})
        values = {"offer": offer, "code": self._code(code), "here": here, "now": now, "until": now + LIFE}
        return (await self.run(_OFFER, values)).scalar_one_or_none()

    async def offered_link(self, here: UUID, now: datetime) -> UUID | None:
        return (await self.run(_OFFERED, {"offer": self._offer(here), "now": now})).scalar_one_or_none()

    async def take_offer(self, here: UUID, now: datetime) -> UUID | None:
        return (await self.run(_TAKE, {"offer": self._offer(here), "now": now})).scalar_one_or_none()

    def _code(self, code: str) -> bytes:
        return self._keys.blind_index(code, "link_code")

    def _offer(self, here: UUID) -> bytes:
        return self._keys.blind_index(str(here), "link_offer")

    # -- connections ------------------------------------------------------------------------------------------------

    async def put_link(self, conversation_id: UUID, before: UUID, after: UUID, proof: str, now: datetime) -> UUID:
        link_id = uuid4()
        values = {"conversation_id": conversation_id, "person_before": before, "person_after": after}
        await self.run(insert(t.link).values(id=link_id, proof=proof, at=now, **values))
        return link_id

    async def undo_links(self, conversation_ids: Collection[UUID], now: datetime) -> None:
        await self.run(_UNDO, {"ids": list(conversation_ids), "now": now})

    async def same_person(self, one: UUID, other: UUID) -> bool:
        return (await self.run(_SAME, {"one": one, "other": other})).first() is not None

    async def move_files(self, blob_ids: Collection[UUID], origin: UUID, to: UUID) -> None:
        await self.run(_MOVE_FILES, {"ids": list(blob_ids), "origin": origin, "to": to})

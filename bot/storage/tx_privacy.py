"""Requests about personal data, links to it, consent receipts, breaches, what retention removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.data_rights import Breach, DataRequest, Kind, State
from bot.domain.document_link import DataLink
from bot.errors import NotFound
from bot.storage import tables as t
from bot.storage.tables_privacy import breach, data_link, data_request, removal
from bot.storage.tx_erase import EraseTx
from bot.usecases.store_privacy import ConsentReceipt, Removal


class PrivacyTx(EraseTx):
    """See :class:`bot.usecases.store_privacy.PrivacyTx`."""

    # -- requests ---------------------------------------------------------------------------------------------------

    async def put_data_request(self, request: DataRequest) -> None:
        values = {name: value for name, value in vars(request).items() if name != "words"}
        values |= {"kind": request.kind.value, "state": request.state.value}
        sealed = self._keys.seal(request.words.encode(), f"data_request:{request.id}") if request.words else None
        values["words_sealed"] = sealed
        rest = {name: value for name, value in values.items() if name != "id"}
        statement = pg_insert(data_request).values(**values)
        await self.run(statement.on_conflict_do_update(index_elements=["id"], set_=rest))

    async def data_request(self, request_id: UUID, lock: bool = False) -> DataRequest:
        query = select(data_request).where(data_request.c.id == request_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("data request")
        return self._request(row)

    async def asked_request(self, conversation_id: UUID, kind: str, since: datetime) -> DataRequest | None:
        return await self._newest(
            data_request.c.conversation_id == conversation_id,
            data_request.c.kind == kind,
            data_request.c.state == State.ASKED.value,
            data_request.c.asked_at >= since,
        )

    async def open_request(self, conversation_id: UUID, kind: str) -> DataRequest | None:
        return await self._newest(
            data_request.c.conversation_id == conversation_id,
            data_request.c.kind == kind,
            data_request.c.state == State.OPEN.value,
        )

    async def _newest(self, *conditions: Any) -> DataRequest | None:
        query = select(data_request).where(*conditions).order_by(data_request.c.asked_at.desc()).limit(1)
        row = (await self.run(query)).first()
        return None if row is None else self._request(row)

    async def drop_asked(self, conversation_id: UUID | None, before: datetime | None = None) -> None:
        query = delete(data_request).where(data_request.c.state == State.ASKED.value)
        if conversation_id is not None:
            query = query.where(data_request.c.conversation_id == conversation_id)
        if before is not None:
            query = query.where(data_request.c.asked_at < before)
        await self.run(query)

    async def data_requests(self, locus: str, *, settled: bool, most: int = 100) -> list[DataRequest]:
        counted = data_request.c.state != State.ASKED.value
        query = select(data_request).where(data_request.c.locus == locus, counted).limit(most)
        if settled:
            done = query.where(data_request.c.settled_at.is_not(None)).order_by(data_request.c.settled_at.desc())
            return [self._request(row) for row in await self.run(done)]
        waiting = query.where(data_request.c.settled_at.is_(None)).order_by(data_request.c.due_at)
        return [self._request(row) for row in await self.run(waiting)]

    async def unwarned_requests(self, before: datetime) -> list[DataRequest]:
        query = (
            select(data_request)
            .where(
                data_request.c.state == State.OPEN.value,
                data_request.c.warned_at.is_(None),
                data_request.c.due_at < before,
            )
            .order_by(data_request.c.due_at)
            .limit(100)
            .with_for_update(skip_locked=True)
        )
        return [self._request(row) for row in await self.run(query)]

    def _request(self, row: Row[Any]) -> DataRequest:
        names = [name for name in DataRequest.__dataclass_fields__ if name != "words"]
        values = {name: getattr(row, name) for name in names}
        values |= {"kind": Kind(row.kind), "state": State(row.state)}
        if row.words_sealed is not None:
            values["words"] = self._keys.open(bytes(row.words_sealed), f"data_request:{row.id}").decode()
        return DataRequest(**values)

    # -- links ------------------------------------------------------------------------------------------------------

    async def put_data_link(self, link: DataLink) -> None:
        values = dict(vars(link))
        rest = {name: value for name, value in values.items() if name != "token_hash"}
        statement = pg_insert(data_link).values(**values)
        await self.run(statement.on_conflict_do_update(index_elements=["token_hash"], set_=rest))

    async def data_link(self, token_hash: bytes, lock: bool = False) -> DataLink | None:
        query = select(data_link).where(data_link.c.token_hash == token_hash)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            return None
        values = {name: getattr(row, name) for name in DataLink.__dataclass_fields__}
        for name in ("token_hash", "code_hash", "key_hash"):
            values[name] = bytes(values[name]) if values[name] is not None else None
        return DataLink(**values)

    async def data_links_since(self, conversation_id: UUID, since: datetime) -> int:
        query = select(func.count()).where(
            data_link.c.conversation_id == conversation_id, data_link.c.created_at > since
        )
        return int((await self.run(query)).scalar_one())

    # -- consents ---------------------------------------------------------------------------------------------------

    async def consents_of(self, conversations: Collection[UUID]) -> list[ConsentReceipt]:
        query = _receipts().where(t.consent.c.conversation_id.in_(list(conversations))).order_by(t.consent.c.given_at)
        return [ConsentReceipt(**row._mapping) for row in await self.run(query)]

    async def find_consents(
        self, locus: str, citizen_id: UUID | None, before: datetime | None, most: int = 50
    ) -> list[ConsentReceipt]:
        query = _receipts().where(t.conversation.c.locus == locus)
        if citizen_id is not None:
            query = query.where(t.conversation.c.citizen_id == citizen_id)
        if before is not None:
            query = query.where(t.consent.c.given_at < before)
        rows = await self.run(query.order_by(t.consent.c.given_at.desc()).limit(most))
        return [ConsentReceipt(**row._mapping) for row in rows]

    async def withdraw_consents(self, conversations: Collection[UUID], now: datetime) -> int:
        holds = (t.consent.c.conversation_id.in_(list(conversations)), t.consent.c.withdrawn_at.is_(None))
        return (await self.run(update(t.consent).where(*holds).values(withdrawn_at=now))).rowcount

    # -- breaches ---------------------------------------------------------------------------------------------------

    async def put_breach(self, entry: Breach) -> None:
        values = {name: value for name, value in vars(entry).items() if name != "body"}
        values["body_sealed"] = self.seal_json(entry.body, f"breach:{entry.id}")
        rest = {name: value for name, value in values.items() if name != "id"}
        statement = pg_insert(breach).values(**values)
        await self.run(statement.on_conflict_do_update(index_elements=["id"], set_=rest))

    async def breach(self, breach_id: UUID, lock: bool = False) -> Breach:
        query = select(breach).where(breach.c.id == breach_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("breach")
        return self._breach(row)

    async def breaches(self, locus: str) -> list[Breach]:
        query = select(breach).where(breach.c.locus == locus).order_by(breach.c.found_at.desc()).limit(200)
        return [self._breach(row) for row in await self.run(query)]

    def _breach(self, row: Row[Any]) -> Breach:
        values = {name: getattr(row, name) for name in Breach.__dataclass_fields__ if name != "body"}
        return Breach(**values, body=self.open_json(row.body_sealed, f"breach:{row.id}"))

    # -- removals ---------------------------------------------------------------------------------------------------

    async def put_removals(self, removals: Sequence[Removal]) -> None:
        for one in removals:
            values = {"class": one.class_, "table_name": one.table, "rows": one.rows, "at": one.at}
            await self.run(insert(removal).values(values))

    async def removals(self, most: int = 200) -> list[Removal]:
        rows = await self.run(select(removal).order_by(removal.c.id.desc()).limit(most))
        return [Removal(row.at, row._mapping["class"], row.table_name, row.rows) for row in rows]


def _receipts() -> Any:
    columns = (
        t.consent.c.id,
        t.consent.c.conversation_id,
        t.conversation.c.citizen_id,
        t.consent.c.case_id,
        t.consent.c.purpose,
        t.consent.c.text_version,
        t.consent.c.text_hash,
        t.consent.c.account,
        t.consent.c.given_at,
        t.consent.c.withdrawn_at,
    )
    return select(*columns).join(t.conversation, t.conversation.c.id == t.consent.c.conversation_id)

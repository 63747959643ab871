"""Releases of content and their models (:class:`bot.usecases.store_content.ContentTx`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.storage.tables_content import content_model, content_release
from bot.storage.tx_base import TxBase
from bot.usecases.store_content import Release

CHANNEL = "loket_content"
"""NOTIFY of a new release or model."""
_TOLD = [column for column in content_release.c if column.name != "bundle"]


class ContentTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def put_release(self, release: Release, bundle: bytes) -> Release:
        values = {name: value for name, value in vars(release).items() if name != "id"}
        made = await self.run(insert(content_release).values(bundle=bundle, **values).returning(content_release.c.id))
        await self.notify(CHANNEL)
        return Release(**{**vars(release), "id": made.scalar_one()})

    async def live_release(self) -> Release | None:
        found = await self.releases(1)
        return found[0] if found else None

    async def releases(self, most: int = 50) -> list[Release]:
        query = select(*_TOLD).order_by(content_release.c.id.desc()).limit(most)
        return [_release(row) for row in await self.run(query)]

    async def was_released(self, commit: str) -> bool:
        query = select(content_release.c.id).where(content_release.c.commit == commit).limit(1)
        return (await self.run(query)).first() is not None

    async def bundle(self, release_id: int) -> bytes | None:
        query = select(content_release.c.bundle).where(content_release.c.id == release_id)
        found = (await self.run(query)).scalar_one_or_none()
        return None if found is None else bytes(found)

    async def put_model(self, hash_: str, data: bytes, now: datetime) -> None:
        values = {"hash": hash_, "data": data, "size": len(data), "created_at": now}
        await self.run(pg_insert(content_model).values(**values).on_conflict_do_nothing())
        await self.notify(CHANNEL)

    async def model(self, hash_: str) -> bytes | None:
        query = select(content_model.c.data).where(content_model.c.hash == hash_)
        found = (await self.run(query)).scalar_one_or_none()
        return None if found is None else bytes(found)

    async def has_model(self, hash_: str) -> bool:
        query = select(content_model.c.hash).where(content_model.c.hash == hash_)
        return (await self.run(query)).scalar_one_or_none() is not None

    async def forget_models(self, keep: int) -> int:
        named = select(content_release.c.model).order_by(content_release.c.id.desc()).limit(keep)
        gone = await self.run(delete(content_model).where(content_model.c.hash.not_in(named)))
        return int(gone.rowcount)


def _release(row: Row[Any]) -> Release:
    return Release(**{name: getattr(row, name) for name in Release.__dataclass_fields__})

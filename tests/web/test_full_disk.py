"""A disk that is full while somebody sends a file: a sentence, nothing half kept, and the same file is taken once there is room."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient
from sqlalchemy import text

from tests import pictures
from tests.usecases.conftest import World
from tests.web.test_chat_api import citizen, client, sentence

__all__ = ["client"]

# What PostgreSQL says when it cannot extend a table: SQLSTATE 53100.
_FULL = (
    "create function no_room() returns trigger language plpgsql as "
    "$$ begin raise exception 'could not extend file' using errcode = '53100'; end $$",
    "create trigger no_room before insert on blob execute function no_room()",
)


async def _rows(world: World) -> int:
    async with world.store.begin() as tx:
        return int(
            (await tx.run(text("select (select count(*) from blob) + (select count(*) from inbox)"))).scalar_one()
        )


async def test_an_upload_while_the_disk_is_full_is_asked_for_again_and_nothing_is_lost(
    client: TestClient[Any, Any], world: World
) -> None:
    me, picture = await citizen(client), pictures.jpeg()
    assert (await me.post(client_id="before", text="halo")).status == 202
    async with world.store.begin() as tx:
        for statement in _FULL:
            await tx.run(text(statement))
    refused = await me.upload(picture, client_id="up-9")
    assert refused.status == 503 and "Retry-After" in refused.headers
    said = await sentence(refused)
    assert "belum tersimpan" in said and "kirim lagi" in said and "53100" not in said
    assert await _rows(world) == 1, "neither a file without its message nor a message without its file"
    async with world.store.begin() as tx:
        await tx.run(text("drop trigger no_room on blob"))
    assert (await me.upload(picture, client_id="up-9")).status == 202
    assert (await me.upload(picture, client_id="up-9")).status == 200, "the same one again is no second file"
    assert await _rows(world) == 3
    async with world.store.begin() as tx:
        await tx.run(text("drop function no_room"))

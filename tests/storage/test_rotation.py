"""Keys change while citizens talk: nothing is lost, and the old key can go."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.domain.messages import Inbound
from bot.errors import LoketError, SettingsError
from bot.storage.crypto import INDEX, KeyRing, entries, new_key, rotated, without
from bot.storage.pg import engine
from bot.storage.sealed import keys_in_use, reseal_all, sealed_columns
from bot.storage.store import PgStore
from tests.fakes import FixedClock

NOW = FixedClock().now()


def put(file: Path, ring: str) -> None:
    """As the command does: whole, at once."""
    draft = file.with_suffix(".new")
    draft.write_text(ring)
    os.utime(draft, ns=(file.stat().st_mtime_ns + 1_000_000,) * 2 if file.exists() else None)
    draft.replace(file)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[PgStore]:
    (tmp_path / "keys").write_text(new_key("k1"))
    db = engine(database_url)
    yield PgStore(db, KeyRing(file=tmp_path / "keys"))
    await db.dispose()


def test_every_sealed_column_is_in_the_list() -> None:
    assert len(list(sealed_columns())) >= 27  # a column that is missing there raises


def test_a_ring_keeps_its_indexes_and_tokens_through_every_rotation() -> None:
    first = new_key("k1")
    second = rotated(first, "k2")
    third = rotated(without(second, "k1"), "k3")
    rings = [KeyRing(ring) for ring in (first, second, third)]
    assert len({ring.blind_index("3328", "nik") for ring in rings}) == 1
    assert len({ring.token_hash("token") for ring in rings}) == 1
    assert len({ring.secret("csrf") for ring in rings}) == 1
    assert [key for key, _ in entries(third)] == ["k3", "k2", INDEX]


@pytest.mark.parametrize("key", ["k2", "k9", INDEX])
def test_the_key_in_use_the_index_and_unknown_ones_cannot_be_taken_out(key: str) -> None:
    with pytest.raises(SettingsError):
        without(rotated(new_key("k1"), "k2"), key)


def test_another_process_opens_what_a_key_sealed_that_it_has_not_heard_of(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(new_key("k1"))
    slow, quick = KeyRing(file=file), KeyRing(file=file)
    put(file, rotated(file.read_text(), "k2"))
    quick._look(at_once=True)
    assert slow.open(quick.seal(b"x", "c"), "c") == b"x" and slow.ids == ("k2", "k1")
    put(file, "half a ring")
    slow._look(at_once=True)
    assert slow.open(quick.seal(b"x", "c"), "c") == b"x"  # a broken file changes nothing


async def test_rows_are_sealed_anew_while_people_write_and_none_is_lost(store: PgStore, tmp_path: Path) -> None:
    async with store.begin() as tx:
        talks = [await tx.open_conversation("telegram:1", uuid4().hex, "33.28", "id", NOW) for _ in range(4)]

    async def write(who: int, first: int, last: int) -> None:
        for number in range(first, last):
            async with store.begin() as tx:
                inbound = Inbound("telegram:1", f"{who}-{number}", "x", NOW, text=f"pesan {who} {number}")
                await tx.put_inbound(talks[who].id, inbound, NOW)
                if number % 5 == 0:  # and some rows change under the job's hands
                    await tx.put_blob(talks[who].id, "document", f"berkas {number}", "image/jpeg", b"isi" * 100, NOW)

    await asyncio.gather(*(write(who, 0, 40) for who in range(4)))
    assert set(await keys_in_use(store)) == {"k1"}
    put(tmp_path / "keys", rotated((tmp_path / "keys").read_text(), "k2"))
    store.keys._look(at_once=True)
    left, *_ = await asyncio.gather(reseal_all(store), *(write(who, 40, 80) for who in range(4)))
    assert left == 0 and set(await keys_in_use(store)) == {"k2"}
    put(tmp_path / "keys", without((tmp_path / "keys").read_text(), "k1"))
    store.keys._look(at_once=True)
    async with store.begin() as tx:
        for who, talk in enumerate(talks):
            said = [entry.body["text"] for entry in await tx.thread(talk.id)]
            assert sorted(said) == sorted(f"pesan {who} {number}" for number in range(80))
            assert len(await tx.files_of([talk.id])) == 16
            again = await tx.open_conversation("telegram:1", "x", "33.28", "id", NOW)
            assert again.id not in {one.id for one in talks}


async def test_a_value_changed_under_the_jobs_hands_is_left_as_it_is(store: PgStore, tmp_path: Path) -> None:
    async with store.begin() as tx:
        talk = await tx.open_conversation("telegram:1", "62800", "33.28", "id", NOW)
    old = store.keys.seal(b"{}", "c")
    put(tmp_path / "keys", rotated((tmp_path / "keys").read_text(), "k2"))
    store.keys._look(at_once=True)
    assert store.keys.open(old, "c") == b"{}" and store.keys.seal(b"{}", "c")[:3] == b"\x02k2"
    assert await reseal_all(store) == 0
    async with store.begin() as tx:
        assert (await tx.open_conversation("telegram:1", "62800", "33.28", "id", NOW)).id == talk.id
    with pytest.raises(LoketError):
        KeyRing(new_key("k2")).open(old, "c")

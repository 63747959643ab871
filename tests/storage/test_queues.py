"""The inbox as a queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.domain.conversation import InboxRow
from bot.domain.messages import Inbound
from bot.storage.crypto import KeyRing, new_key
from bot.storage.inbox import MAX_SWEEPS, InboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


@pytest.fixture
async def queue(store: PgStore) -> AsyncIterator[InboxQueue]:
    made = InboxQueue(store, 30)
    await made.start()
    yield made
    await made.stop()


async def message(store: PgStore, who: str, external_id: str, account: str = "web") -> UUID:
    async with store.begin() as tx:
        conversation = await tx.open_conversation(account, who, "33.28", "id", NOW)
        await tx.put_inbound(conversation.id, Inbound(account, external_id, who, NOW, text="halo"), NOW)
    return conversation.id


async def test_a_conversation_has_one_message_in_flight_and_the_oldest_goes_first(
    store: PgStore, queue: InboxQueue
) -> None:
    for number in range(3):
        await message(store, "a", f"a{number}")
        await message(store, "b", f"b{number}")
    first = await queue.claim(10, NOW)
    assert [row.seq for row in first] == [1, 1] and await queue.claim(10, NOW) == []
    async with store.begin() as tx:
        await tx.settle(first[0], NOW)
    (second,) = await queue.claim(10, NOW)
    assert second.conversation_id == first[0].conversation_id and second.seq == 2


async def test_the_message_of_a_worker_whose_connection_vanished_goes_back_at_once(
    store: PgStore, queue: InboxQueue
) -> None:
    await message(store, "a", "a1")
    dying = InboxQueue(store, 30)
    await dying.start()
    (row,) = await dying.claim(1, NOW)
    assert await queue.sweep(NOW) == [] and await queue.claim(1, NOW) == []
    await dying._presence.invalidate()  # type: ignore[union-attr]  # as SIGKILL does
    rows: list[InboxRow] = []
    while not rows:  # the server notices a moment later
        await asyncio.sleep(0.02)
        await queue.sweep(NOW)
        rows = await queue.claim(1, NOW)
    (again,) = rows
    assert again.id == row.id and again.lease_no == row.lease_no + 1 and again.attempts == 0


async def test_a_lease_that_ran_out_goes_back_and_one_that_is_renewed_does_not(
    store: PgStore, queue: InboxQueue
) -> None:
    await message(store, "a", "a1")
    await message(store, "b", "b1")
    kept, lost = await queue.claim(2, NOW)
    later = NOW + timedelta(seconds=29)
    await queue.renew([kept.id], later)
    await queue.sweep(NOW + timedelta(seconds=31))
    (again,) = await queue.claim(5, NOW + timedelta(seconds=31))
    assert again.id == lost.id


async def test_three_failures_bury_a_message_and_the_next_one_goes_on(store: PgStore, queue: InboxQueue) -> None:
    await message(store, "a", "poison")
    await message(store, "a", "next")
    now = NOW
    for last in (False, False, True):
        (row,) = await queue.claim(1, now)
        assert await queue.fail(row, "bad", now) is last
        now += timedelta(minutes=1)
    (following,) = await queue.claim(1, now)
    assert following.seq == 2 and (await queue.counts())["dead"] == 1


async def test_waiting_for_rasa_is_no_failure(store: PgStore, queue: InboxQueue) -> None:
    await message(store, "a", "a1")
    now = NOW
    for _ in range(10):
        (row,) = await queue.claim(1, now)
        await queue.wait(row, "dialogue_unavailable", 1, now)
        now += timedelta(seconds=2)
    (row,) = await queue.claim(1, now)
    assert row.attempts == 0 and row.waits == 10


async def test_a_message_that_kills_every_worker_ends(store: PgStore, queue: InboxQueue) -> None:
    conversation_id = await message(store, "a", "killer")
    for count in range(1, MAX_SWEEPS + 1):
        await queue.claim(1, NOW)
        dead = await queue.sweep(NOW + timedelta(minutes=1))
        assert bool(dead) is (count == MAX_SWEEPS)
    assert dead[0].conversation_id == conversation_id


async def test_a_message_is_not_given_up_before_its_citizen_is_told(store: PgStore, queue: InboxQueue) -> None:
    await message(store, "a", "killer")
    for _ in range(MAX_SWEEPS - 1):
        await queue.claim(1, NOW)
        await queue.sweep(NOW + timedelta(minutes=1))
    await queue.claim(1, NOW)

    async def dies(tx: object, row: object) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        await queue.sweep(NOW + timedelta(minutes=1), dies)
    assert await queue.dead() == []  # another worker has a go at it, and at telling
    await queue.claim(1, NOW)
    (dead,) = await queue.sweep(NOW + timedelta(minutes=1))
    assert [one.id for one in await queue.dead()] == [dead.id]

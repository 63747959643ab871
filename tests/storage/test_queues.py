"""Inbox and outbox as queues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.domain.conversation import InboxRow
from bot.domain.messages import Inbound, Reply
from bot.errors import ChannelUnavailable, RecipientBlocked, Throttled
from bot.ports import Sent
from bot.storage.crypto import KeyRing, new_key
from bot.storage.inbox import MAX_SWEEPS, InboxQueue
from bot.storage.outbox import OutboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.workers.outbox import OutboxWorker

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


# -- outbox -------------------------------------------------------------------------------------------------------------


class Phone:
    """A push channel with a scripted provider."""

    def __init__(self, *problems: Exception) -> None:
        self.problems = list(problems)
        self.got: list[tuple[str, str]] = []

    async def send(self, external_id: str, reply: Reply) -> Sent:
        if self.problems:
            raise self.problems.pop(0)
        self.got.append((external_id, reply.text))
        return Sent(f"SM{len(self.got)}")


class Still:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


async def replies(store: PgStore, *texts: str) -> None:
    async with store.begin() as tx:
        conversation = await tx.open_conversation("phone:1", "+62", "33.28", "id", NOW)
        for said in texts:
            await tx.say(conversation.id, [Reply(said)], NOW)


async def test_messages_of_a_push_channel_are_sent_once_and_in_order(store: PgStore) -> None:
    await replies(store, "satu", "dua", "tiga")
    phone = Phone()
    worker = OutboxWorker(OutboxQueue(store), {"phone": phone}, Still(), "")  # type: ignore[dict-item]
    while await worker.once():
        pass
    assert [said for _, said in phone.got] == ["satu", "dua", "tiga"]


async def test_a_provider_that_stumbles_gets_the_message_again_and_the_next_waits_behind_it(store: PgStore) -> None:
    await replies(store, "satu", "dua")
    clock, phone = Still(), Phone(ChannelUnavailable("503"), Throttled(7))
    worker = OutboxWorker(OutboxQueue(store), {"phone": phone}, clock, "")  # type: ignore[dict-item]
    for _ in range(3):
        while await worker.once():
            pass
        clock.at += timedelta(seconds=10)
    assert [said for _, said in phone.got] == ["satu", "dua"]


async def test_nothing_more_is_tried_for_somebody_who_blocked_us(store: PgStore) -> None:
    await replies(store, "satu")
    worker = OutboxWorker(OutboxQueue(store), {"phone": Phone(RecipientBlocked())}, Still(), "")  # type: ignore[dict-item]
    await worker.once()
    async with store.begin() as tx:
        row = (await tx.run(text("select state, error_code from outbox"))).one()
    assert tuple(row) == ("failed", "recipient_blocked")


async def test_delivery_only_moves_forward(store: PgStore) -> None:
    await replies(store, "satu")
    queue = OutboxQueue(store)
    worker = OutboxWorker(queue, {"phone": Phone()}, Still(), "")  # type: ignore[dict-item]
    await worker.once()
    states = []
    for state in ("delivered", "sent", "read", "delivered"):
        await queue.receipt("phone:1", "SM1", state, None)
        async with store.begin() as tx:
            states.append((await tx.run(text("select state from outbox"))).scalar_one())
    assert states == ["delivered", "delivered", "read", "read"]


async def test_the_web_has_no_outbox_because_it_fetches(store: PgStore) -> None:
    conversation_id = await message(store, "a", "a1")
    async with store.begin() as tx:
        await tx.say(conversation_id, [Reply("halo")], NOW)
        assert (await tx.run(text("select count(*) from outbox"))).scalar_one() == 0

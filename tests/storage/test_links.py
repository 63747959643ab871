"""Codes, locks over several conversations, and whose case it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bot.domain.conversation import Case, Conversation
from bot.domain.messages import Inbound
from bot.errors import Fenced
from bot.storage.crypto import KeyRing, new_key
from bot.storage.inbox import InboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
CODE = "K7F39QXM"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


async def somebody(store: PgStore, account: str = "web") -> Conversation:
    async with store.begin() as tx:
        return await tx.open_conversation(account, uuid4().hex, "33.28", "id", NOW)


async def connected(store: PgStore, *conversations: Conversation) -> UUID:
    person = uuid4()
    async with store.begin() as tx:
        for one in conversations:
            found = await tx.conversation(one.id, lock=True)
            found.person_id = person
            await tx.save_conversation(found)
    return person


async def test_a_code_is_good_once_and_not_in_its_own_conversation(store: PgStore) -> None:
    issuer, taker, late = [await somebody(store) for _ in range(3)]
    async with store.begin() as tx:
        await tx.put_link_code(CODE, issuer.id, NOW)
        assert await tx.is_own_code(CODE, issuer.id, SOON) and not await tx.is_own_code(CODE, taker.id, SOON)
        assert await tx.offer_link(CODE, issuer.id, SOON) is None
        assert await tx.offer_link(CODE, taker.id, SOON) == issuer.id
        assert await tx.offer_link(CODE, late.id, SOON) is None
        assert await tx.offered_link(taker.id, SOON) == issuer.id and await tx.offered_link(late.id, SOON) is None
        assert await tx.take_offer(taker.id, SOON) == issuer.id
        assert await tx.take_offer(taker.id, SOON) is None and await tx.offered_link(taker.id, SOON) is None
        assert await tx.codes_issued(issuer.id, NOW - timedelta(hours=1)) == 1


async def test_codes_and_offers_end(store: PgStore) -> None:
    issuer, taker = [await somebody(store) for _ in range(2)]
    late = NOW + timedelta(minutes=10)
    async with store.begin() as tx:
        await tx.put_link_code(CODE, issuer.id, NOW)
        assert await tx.offer_link(CODE, taker.id, late) is None
        assert await tx.offer_link(CODE, taker.id, SOON) == issuer.id
        assert await tx.take_offer(taker.id, SOON + timedelta(minutes=10)) is None


async def test_a_new_code_makes_the_old_one_void(store: PgStore) -> None:
    issuer, taker = [await somebody(store) for _ in range(2)]
    async with store.begin() as tx:
        await tx.put_link_code(CODE, issuer.id, NOW)
        await tx.put_link_code("0A0A0A0A", issuer.id, SOON)
        assert await tx.offer_link(CODE, taker.id, SOON) is None
        assert await tx.offer_link("0A0A0A0A", taker.id, SOON) == issuer.id


async def test_old_rows_are_swept_by_the_next_code(store: PgStore) -> None:
    issuer = await somebody(store)
    tomorrow = NOW + timedelta(days=2)
    async with store.begin() as tx:
        await tx.put_link_code(CODE, issuer.id, NOW)
        await tx.put_link_code("0A0A0A0A", issuer.id, tomorrow)
        assert await tx.codes_issued(issuer.id, NOW - timedelta(days=9)) == 1


async def test_all_conversations_of_all_people_named_are_locked_in_order(store: PgStore) -> None:
    one, two, three, stranger = [await somebody(store) for _ in range(4)]
    await connected(store, one, two)
    async with store.begin() as tx:
        locked = await tx.lock_people([three.id, one.id])
        assert [found.id for found in locked] == sorted([one.id, two.id, three.id])
        assert stranger.id not in {found.id for found in locked}
        assert await tx.lock_people([uuid4()]) == []


async def test_two_who_lock_each_other_do_not_wait_for_ever(store: PgStore) -> None:
    one, two = [await somebody(store) for _ in range(2)]

    async def lock(first: UUID, second: UUID) -> int:
        async with store.begin() as tx:
            return len(await tx.lock_people([first, second]))

    turns = [lock(one.id, two.id) if n % 2 else lock(two.id, one.id) for n in range(8)]
    assert await asyncio.gather(*turns) == [2] * 8


async def test_a_person_who_grew_while_one_waited_is_locked_whole(store: PgStore) -> None:
    one, two = [await somebody(store) for _ in range(2)]
    async with store.begin() as first:
        (held,) = await first.lock_people([one.id])
        waiting = asyncio.create_task(_lock_one(store, one.id))
        other = await first.conversation(two.id, lock=True)
        other.person_id = held.person_id
        await first.save_conversation(other)
        await asyncio.sleep(0.05)
    assert await waiting == 2


async def _lock_one(store: PgStore, conversation_id: UUID) -> int:
    async with store.begin() as tx:
        return len(await tx.lock_people([conversation_id]))


async def test_a_lease_that_moved_on_is_noticed_before_anything_is_locked(store: PgStore) -> None:
    who = await somebody(store)
    queue = InboxQueue(store, 30)
    await queue.start()
    async with store.begin() as tx:
        await tx.put_inbound(who.id, Inbound("web", "m1", "x", NOW, text="ya"), NOW)
    (row,) = await queue.claim(1, NOW)
    async with store.begin() as tx:
        await tx.fence(row.id, row.lease_no)
        with pytest.raises(Fenced):
            await tx.fence(row.id, row.lease_no + 1)
    await queue.stop()


async def test_cases_of_all_connected_conversations_are_the_persons(store: PgStore) -> None:
    one, two, stranger = [await somebody(store) for _ in range(3)]
    case = Case(uuid4(), "33.28", "ktp", one.id, "draft", {}, "dukcapil", NOW, NOW)
    async with store.begin() as tx:
        await tx.put_case(case)
        assert await tx.cases_of(two) == []
    await connected(store, one, two)
    async with store.begin() as tx:
        assert [found.id for found in await tx.cases_of(two)] == [case.id] and await tx.cases_of(stranger) == []
        assert await tx.same_person(one.id, two.id) and not await tx.same_person(one.id, stranger.id)


async def test_only_papers_of_the_conversation_they_leave_are_moved(store: PgStore) -> None:
    one, two, stranger = [await somebody(store) for _ in range(3)]
    async with store.begin() as tx:
        mine = UUID((await tx.put_blob(one.id, "document", "a.jpg", "image/jpeg", b"a", NOW)).id)
        theirs = UUID((await tx.put_blob(stranger.id, "document", "b.jpg", "image/jpeg", b"b", NOW)).id)
        await tx.move_files([mine, theirs], one.id, two.id)
        found = [await tx.blob(mine), await tx.blob(theirs)]
    assert [one_[2] for one_ in found if one_ is not None] == [two.id, stranger.id]


async def test_the_history_says_who_was_whom_and_what_was_undone(store: PgStore) -> None:
    who = await somebody(store)
    before, after = uuid4(), uuid4()
    async with store.begin() as tx:
        await tx.put_link(who.id, before, after, "code", NOW)
        await tx.undo_links([who.id], SOON)
        await tx.put_link(who.id, after, before, "identity", SOON)
        rows = (await tx.run(text("select * from link order by at"))).all()
    assert [(row.person_before, row.person_after, row.proof) for row in rows] == [
        (before, after, "code"),
        (after, before, "identity"),
    ]
    assert [row.undone_at for row in rows] == [SOON, None]

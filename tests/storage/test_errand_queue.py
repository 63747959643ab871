"""The errands as a queue: each agency its share, and none of them in another one's way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot.domain.conversation import Case, Due
from bot.storage.crypto import KeyRing, new_key
from bot.storage.errands import IN_FLIGHT, LEASE, ErrandQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


async def due(store: PgStore, agency: str, *verbs: str, locus: str = "33.28", at: datetime = NOW) -> UUID:
    """A case with errands, one after the other."""
    async with store.begin() as tx:
        home = await tx.open_conversation("web", uuid4().hex, locus, "id", at)
        case = Case(uuid4(), locus, "ktp", home.id, "diajukan", {}, agency, at, at)
        await tx.put_case(case)
        for n, verb in enumerate(verbs or ("submit",)):
            await tx.put_due(case.id, verb, at + timedelta(milliseconds=n))
    return case.id


def by_agency(claimed: list[Due]) -> dict[str, int]:
    return {name: sum(one.agency == name for one in claimed) for name in {one.agency for one in claimed}}


async def test_an_agency_has_its_share_of_calls_and_the_others_are_not_held_up(store: PgStore) -> None:
    for _ in range(IN_FLIGHT + 4):
        await due(store, "slow")
    await due(store, "quick")
    queue, other = ErrandQueue(store), ErrandQueue(store)
    assert by_agency(await queue.claim(50, NOW)) == {"slow": IN_FLIGHT, "quick": 1}
    assert await other.claim(50, NOW) == []  # the share is that of all workers together
    await due(store, "quick")
    assert by_agency(await other.claim(50, NOW)) == {"quick": 1}


async def test_a_finished_call_makes_room_for_the_next(store: PgStore) -> None:
    for _ in range(IN_FLIGHT + 1):
        await due(store, "slow")
    queue = ErrandQueue(store)
    first = await queue.claim(50, NOW)
    await queue.settle(first[0], "done", NOW)
    assert len(await queue.claim(50, NOW)) == 1


async def test_two_offices_with_one_integration_share_its_calls_and_two_integrations_do_not(store: PgStore) -> None:
    for locus in ("33.28", "33.29"):
        for _ in range(IN_FLIGHT):
            await due(store, "dukcapil", locus=locus)
    one = ErrandQueue(store, lambda locus, agency: "siak")
    assert by_agency(await one.claim(50, NOW)) == {"siak": IN_FLIGHT}
    later = NOW + LEASE + timedelta(seconds=1)
    two = ErrandQueue(store, lambda locus, agency: f"{agency}-{locus}")
    assert by_agency(await two.claim(50, later)) == {"dukcapil-33.28": IN_FLIGHT, "dukcapil-33.29": IN_FLIGHT}


async def test_errands_of_one_case_go_in_order_one_at_a_time(store: PgStore) -> None:
    await due(store, "dukcapil", "submit", "repair-1", "cancel")
    queue, seen = ErrandQueue(store), []
    for _ in range(3):
        (one,) = await queue.claim(50, NOW + timedelta(seconds=1))
        assert await queue.claim(50, NOW + timedelta(seconds=1)) == []
        seen.append(one.verb)
        await queue.settle(one, "done", NOW)
    assert seen == ["submit", "repair-1", "cancel"]


async def test_a_crash_counts_as_a_try_and_the_dead_one_settles_nothing(store: PgStore) -> None:
    case_id = await due(store, "dukcapil")
    queue = ErrandQueue(store)
    (dead,) = await queue.claim(5, NOW)
    (again,) = await queue.claim(5, NOW + LEASE + timedelta(seconds=1))
    assert (dead.attempts, again.attempts) == (1, 2)
    await queue.settle(dead, "failed", NOW)
    async with store.begin() as tx:
        assert (await tx.errand(case_id, "submit")).state == "due"

"""A clock that goes back by an hour: what is due at agencies and outside desks, and periodic jobs, do not wait for it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import procrastinate
import pytest
from sqlalchemy import text

from bot.domain.breaker import Breaker, Way
from bot.storage.errands import LEASE, ErrandQueue
from bot.storage.outside import POLL, OutsideQueue
from bot.storage.pg import plain_url
from bot.storage.store import PgStore
from bot.usecases.store_agencies import AGENCY_CLOSED
from bot.usecases.store_outside import OutsideCase
from bot.workers.ticking import Ticker
from tests.storage.test_errand_queue import NOW, due, store

__all__ = ["store"]

BACK = NOW - timedelta(hours=1)
SECOND = timedelta(seconds=1)


async def test_an_errand_of_before_the_clock_went_back_is_done_now(store: PgStore) -> None:
    new, tried = await due(store, "dukcapil"), await due(store, "sdmk")
    queue = ErrandQueue(store)
    (claimed,) = [one for one in await queue.claim(9, NOW) if one.case_id == tried]
    await queue.settle(claimed, "due", NOW, delay_s=60)
    assert await queue.claim(9, BACK) == []
    await queue.sweep(BACK)
    async with store.begin() as tx:
        await tx.run(text("update submission set lease_until = null where case_id = :c"), {"c": new})
    assert {one.case_id for one in await queue.claim(9, BACK)} == {new, tried}


@pytest.mark.parametrize(("delay_s", "code"), [(120, "agency_unavailable"), (60 * 3600, AGENCY_CLOSED)])
async def test_a_pause_that_was_meant_is_kept(store: PgStore, delay_s: int, code: str) -> None:
    await due(store, "dukcapil")
    queue = ErrandQueue(store)
    (claimed,) = await queue.claim(1, NOW)
    await queue.settle(claimed, "due", NOW, delay_s=delay_s, error_code=code)
    await queue.sweep(NOW)
    assert await queue.claim(1, NOW + timedelta(seconds=delay_s) - SECOND) == []
    assert len(await queue.claim(1, NOW + timedelta(seconds=delay_s))) == 1


async def test_what_a_killed_worker_held_is_free_after_one_lease_and_not_before(store: PgStore) -> None:
    await due(store, "dukcapil", at=BACK)
    queue = ErrandQueue(store)
    assert len(await queue.claim(1, NOW)) == 1
    await queue.sweep(BACK)
    assert await queue.claim(1, BACK + LEASE - SECOND) == [], "its worker may still be at it"
    assert len(await queue.claim(1, BACK + LEASE + SECOND)) == 1


async def test_an_agency_left_in_peace_is_tried_again_although_its_time_is_an_hour_off(store: PgStore) -> None:
    breaker = Breaker("dukcapil", 5, 1, NOW, NOW + timedelta(seconds=15), NOW + LEASE)
    unasked = Breaker("lapor", 5, 1, NOW, NOW + timedelta(seconds=15), None)
    quiet = Breaker("sdmk", 5, 5, BACK, BACK + timedelta(seconds=300), None)
    async with store.begin() as tx:
        await tx.put_breaker(breaker)
        await tx.put_breaker(unasked)
        await tx.put_breaker(quiet)
    await ErrandQueue(store).sweep(BACK)
    async with store.begin() as tx:
        assert (await tx.breaker("lapor")).way(BACK) is Way.HALF_OPEN
        assert (await tx.breaker("dukcapil")).way(BACK) is Way.OPEN, "a probe may still come back"
        assert (await tx.breaker("dukcapil")).way(BACK + LEASE) is Way.HALF_OPEN
        assert await tx.breaker("sdmk") == quiet


async def test_outside_desks_get_what_is_due_and_are_asked_for_news_at_once(store: PgStore) -> None:
    ticket = await handed_out(store)
    queue = OutsideQueue(store)
    assert await queue.claim(9, BACK) == [] and await queue.news(9, BACK) == []
    await queue.sweep(BACK)
    (claimed,) = await queue.claim(9, BACK)
    (news,) = await queue.news(9, BACK)
    assert claimed.ticket_id == news.ticket_id == ticket
    await queue.settle(claimed, "due", BACK, delay=POLL)
    await queue.sweep(BACK)
    assert await queue.claim(9, BACK + POLL - SECOND) == [], "a pause that was meant is kept"
    assert len(await queue.claim(9, BACK + POLL)) == 1


async def handed_out(store: PgStore) -> UUID:
    ticket = uuid4()
    async with store.begin() as tx:
        home = await tx.open_conversation("web", uuid4().hex, "33.28", "id", NOW)
        await tx.run(
            text(
                "insert into ticket (id, number, conversation_id, locus, reason, state, created_at) "
                "values (:id, 'T-1', :home, '33.28', 'asked', 'claimed', :now)"
            ),
            {"id": ticket, "home": home.id, "now": NOW},
        )
        case = OutsideCase(ticket, "chatwoot", NOW, ref="7")
        await tx.put_outside(case)
        await tx.run(text("update outside_case set hear_at = :now"), {"now": NOW})
        await tx.put_outside_due(ticket, "append", "1:1", {}, NOW)
    return ticket


async def test_jobs_that_come_by_themselves_come_again_at_once_when_the_clock_goes_back(database_url: str) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=plain_url(database_url)))

    @app.periodic(cron="* * * * *")
    @app.task(name="poll", queue="poll")
    async def poll(timestamp: int) -> None:
        done.append(timestamp)

    done: list[int] = []
    clock = [NOW.timestamp()]
    ticker = Ticker(app, lambda: clock[0])

    async def tick(at: float, by: Ticker = ticker) -> list[int]:
        done.clear()
        clock[0] = at + 0.5
        await by.tick()
        await app.run_worker_async(queues=["poll"], wait=False, install_signal_handlers=False, listen_notify=False)
        return list(done)

    now, back = NOW.timestamp(), BACK.timestamp()
    async with app.open_async():
        assert await tick(now) == [now]
        assert await tick(now + 1) == [], "a time is taken once"
        assert await tick(back) == [back]
        assert await tick(back + 60) == [back + 60]
        # Another worker takes each of these times too, after the clock went back once more, and only one of them gets it.
        app.periodic_registry = ticker.registry
        other = Ticker(app, lambda: clock[0])
        assert await tick(back + 60, other) == []
        assert await tick(back + 120, other) == [back + 120] and await tick(back + 120) == []

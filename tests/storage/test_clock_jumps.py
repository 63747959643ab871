"""A clock that jumps, a day forwards or an hour back: nothing is lost, done twice, or left waiting for a time to come again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.domain.messages import Inbound
from bot.storage.accounts import Accounts, Opened
from bot.storage.inbox import InboxQueue
from tests.storage.outbox_office import Office
from tests.storage.test_account_second import NOW, PASSWORD, accounts, code_of, with_app

__all__ = ["accounts"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def queue(office: Office) -> AsyncIterator[InboxQueue]:
    made = InboxQueue(office.store, 30)
    await made.start()
    yield made
    await made.stop()


async def test_a_message_that_came_before_the_clock_went_back_is_answered_now(
    office: Office, queue: InboxQueue
) -> None:
    await office.writes()
    now = office.clock.now() - HOUR
    assert await queue.claim(1, now) == []
    await queue.sweep(now)
    (row,) = await queue.claim(1, now)
    await queue.wait(row, "dialogue_unavailable", 2.0, now)
    await queue.sweep(now)
    assert await queue.claim(1, now) == [], "a pause that was meant is kept"
    assert len(await queue.claim(1, now + timedelta(seconds=2))) == 1


async def test_a_turn_under_way_when_the_clock_jumps_a_day_is_done_by_one_worker_only(
    office: Office, queue: InboxQueue
) -> None:
    await office.writes()
    now = office.clock.now()
    (first,) = await queue.claim(1, now)
    await queue.sweep(now + DAY)
    (second,) = await queue.claim(1, now + DAY)
    assert second.id == first.id and second.lease_no == first.lease_no + 1
    assert not await queue.wait(first, "late", 1.0, now + DAY), "the one whose lease went has no say any more"
    async with office.store.begin() as tx:
        assert (await tx.run(text("select state, attempts from inbox"))).one() == ("leased", 0)


async def test_an_answer_written_before_the_clock_went_back_is_sent_now_and_a_held_notice_is_not(
    office: Office,
) -> None:
    who = await office.writes()
    await office.say(who, "Jawaban")
    office.clock.at -= HOUR
    worker = office.worker()
    await worker._sweep()
    await office.work(worker)
    assert office.got() == ["Jawaban"]
    async with office.store.begin() as tx:
        await tx.run(
            text("update outbox set state = 'created', via = 'held:quiet', next_at = :at"), {"at": NOW + DAY * 900}
        )
    await worker._sender.queue.sweep(office.clock.now(), 9)
    async with office.store.begin() as tx:
        assert (await tx.run(text("select next_at from outbox"))).scalar_one() == NOW + DAY * 900


async def test_numbers_and_times_of_a_thread_grow_although_the_clock_went_back(office: Office) -> None:
    who = await office.writes(words="satu")
    office.clock.at -= HOUR
    await office.writes(words="dua")
    await office.say(who, "Jawaban")
    async with office.store.begin() as tx:
        thread = await tx.thread(who)
        repeat = Inbound("fake:1", "in1", "+62", office.clock.now(), text="satu")
        _, fresh = await tx.put_inbound(who, repeat, office.clock.now())
    assert [entry.body["text"] for entry in thread] == ["satu", "dua", "Jawaban"]
    assert [entry.seq for entry in thread] == sorted(entry.seq for entry in thread) and not fresh


async def signed_in(accounts: Accounts, at: datetime) -> Opened:
    opened = await accounts.sign_in("wati", PASSWORD, at)
    assert opened is not None
    return opened


async def test_staff_stay_signed_in_over_a_step_back_and_are_signed_out_by_a_day(accounts: Accounts) -> None:
    opened = await signed_in(accounts, NOW)
    assert await accounts.signed_in(opened.token, NOW - HOUR) is not None
    assert await accounts.signed_in(opened.token, NOW + timedelta(minutes=1)) is not None
    assert await accounts.signed_in(opened.token, NOW + DAY) is None
    again = await signed_in(accounts, NOW)
    assert await accounts.signed_in(again.token, NOW) is not None


async def test_a_code_taken_while_the_clock_was_a_day_ahead_does_not_lock_its_owner_out(accounts: Accounts) -> None:
    key, _ = await with_app(accounts)
    ahead = NOW + DAY
    opened = await signed_in(accounts, ahead)
    assert await accounts.second_step(opened.token, code_of(key, ahead), ahead) is not None
    later = NOW + timedelta(minutes=2)
    opened = await signed_in(accounts, later)
    assert await accounts.second_step(opened.token, code_of(key, later), later) is not None
    again = await signed_in(accounts, later)
    assert await accounts.second_step(again.token, code_of(key, later), later) is None, "and still works once only"

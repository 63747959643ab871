"""The outbox: once and in order, whatever the provider does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from bot.domain.delivery import MOST_TRIES
from bot.domain.messages import Button, Reply
from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    OutcomeUnknown,
    Throttled,
)
from bot.ports import Sent
from bot.storage.outbox import OutboxQueue
from tests.storage.outbox_office import Office, receipt


async def test_messages_are_sent_once_and_in_order(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu", "dua", "tiga")
    await office.work()
    await office.work()
    assert office.got() == ["satu", "dua", "tiga"]
    assert [(r.state, r.parts, r.via) for r in await office.rows()] == [("sent", 1, "text")] * 3
    assert {recipient for _, recipient, _ in office.channel.sent} == {"+62"}


async def test_a_long_message_goes_in_parts_and_a_retry_goes_on_behind_those_that_arrived(office: Office) -> None:
    who = await office.writes()
    long = "\n\n".join(f"Bagian {n}. " + "kata " * 150 for n in range(3))
    await office.say(who, Reply(long, buttons=(Button("Ya", "niat:affirm"),)), "sesudahnya")
    office.channel.outcomes = [None, ChannelUnavailable("503"), None, ChannelUnavailable("503")]
    for _ in range(4):
        await office.work()
        office.later(seconds=40)
    assert [words.split(".")[0] for words in office.got()] == ["Bagian 0", "Bagian 1", "Bagian 2", "sesudahnya"]
    assert [len(m.buttons) for _, _, m in office.channel.sent] == [0, 0, 1, 0]
    # A try of the same part always carries the same key.
    assert len({m.key for m in office.channel.tried}) == 4


async def test_the_first_retry_comes_at_once_and_the_next_message_waits_behind(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu", "dua")
    office.channel.outcomes = [ChannelUnavailable("503")]
    await office.work()
    assert office.got() == ["satu", "dua"]
    assert [r.attempts for r in await office.rows()] == [1, 0]


async def test_a_throttled_message_waits_as_told_and_counts_no_failure(office: Office) -> None:
    who, neighbour = await office.writes(), await office.writes("+63")
    await office.say(who, "satu")
    office.channel.outcomes = [Throttled(30)]
    worker = office.worker()
    await office.work(worker)
    await office.say(neighbour, "tetangga")
    office.later(seconds=29)
    await office.work(worker)
    assert office.got() == []  # the whole account waits: the provider asked for it
    office.later(seconds=2)
    await office.work(worker)
    assert sorted(office.got()) == ["satu", "tetangga"]
    assert (await office.rows())[0].attempts == 0


async def test_a_message_that_fails_for_a_day_is_given_up_and_the_next_one_goes(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu", "dua")
    office.channel.outcomes = [ChannelUnavailable("503")] * MOST_TRIES
    for _ in range(30):
        await office.work()
        office.later(hours=2)
    first, second = await office.rows()
    assert (first.state, first.error_code) == ("failed", "channel_unavailable") and first.attempts <= MOST_TRIES
    assert second.state == "sent"


async def test_a_refusal_for_good_is_not_repeated(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu", "dua")
    office.channel.outcomes = [ChannelError("bad", provider_code="21211")]
    await office.work()
    assert office.got() == ["dua"]
    assert [(r.state, r.error_code) for r in await office.rows()] == [("failed", "21211"), ("sent", None)]


async def test_wrong_settings_keep_every_message_until_they_are_mended(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    office.channel.outcomes = [ChannelMisconfigured("401")] * 40
    for _ in range(40):
        await office.work()
        office.later(hours=1)
    await office.work()
    assert office.got() == ["satu"] and (await office.rows())[0].attempts == 0


async def test_a_channel_that_is_switched_off_keeps_its_messages(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    accounts, office.channel.accounts = office.channel.accounts, {}
    await office.work()
    assert (await office.rows())[0].error_code == "no_channel"
    office.channel.accounts = accounts
    office.later(minutes=6)
    await office.work()
    assert office.got() == ["satu"]


# -- outcomes nobody knows -----------------------------------------------------------------------------------------------


async def test_a_send_whose_answer_was_lost_is_looked_for_before_it_is_repeated(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu", "dua")
    office.channel.outcomes = [OutcomeUnknown("reset")]
    office.channel.before = Sent("FM9999")
    await office.work()
    first, second = await office.rows()
    assert [m.text for m in office.channel.tried] == ["satu", "dua"]
    assert (first.state, first.unknown, second.unknown) == ("sent", 1, 0)


async def test_the_same_words_said_before_do_not_stand_for_the_send_whose_answer_was_lost(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "Berapa NIK Anda?", "Berapa NIK Anda?")
    office.channel.outcomes = [None, OutcomeUnknown("reset")]
    office.channel.before = Sent("FM0001")
    await office.work()
    assert [m.text for m in office.channel.tried] == ["Berapa NIK Anda?"] * 3
    assert [(row.state, row.unknown) for row in await office.rows()] == [("sent", 0), ("sent", 1)]


async def test_where_the_provider_cannot_say_the_send_is_repeated_and_counted(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    office.channel.outcomes = [OutcomeUnknown("reset")]
    await office.work()
    assert office.got() == ["satu"] and len(office.channel.tried) == 2
    (row,) = await office.rows()
    assert (row.state, row.unknown, row.error_code) == ("sent", 1, None)


async def test_a_row_whose_worker_died_is_taken_back_and_looked_for_since_the_try_began(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    queue = OutboxQueue(office.store)
    (lost,) = await queue.claim(5, office.clock.now())
    began = office.clock.now()
    assert await queue.sweep(began + timedelta(seconds=59), 12) == 0
    office.later(seconds=61)
    assert await queue.sweep(office.clock.now(), 12) == 1
    (again,) = await queue.claim(5, office.clock.now())
    assert again.error_code == "outcome_unknown" and again.since == began and again.lease_no == lost.lease_no + 1


async def test_a_message_that_kills_every_worker_ends(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    queue = OutboxQueue(office.store)
    for _ in range(MOST_TRIES):
        assert len(await queue.claim(5, office.clock.now())) == 1
        office.later(minutes=2)
        await queue.sweep(office.clock.now(), MOST_TRIES)
    (row,) = await office.rows()
    assert (row.state, row.unknown) == ("failed", MOST_TRIES)


async def test_a_worker_that_lost_its_lease_writes_nothing(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    worker, queue = office.worker(), OutboxQueue(office.store)
    (old,) = await queue.claim(5, office.clock.now())
    office.later(seconds=61)
    await queue.sweep(office.clock.now(), 12)
    await office.work()
    await worker._sender.deliver(old)  # wakes up at last
    assert office.got() == ["satu"] and (await office.rows())[0].state == "sent"


# -- the log ------------------------------------------------------------------------------------------------------------


async def test_the_log_holds_no_words_and_no_addresses(office: Office) -> None:
    who = await office.writes("+628000000001")
    await office.say(who, "Nama Anda Siti Aminah")
    office.channel.outcomes = [ChannelUnavailable("Siti", provider_code="503")]
    await office.work()
    await receipt(office, "chat-628000000001", "delivered")
    async with office.store.begin() as tx:
        log = await tx.exchanges(who)
        everything = str((await tx.run(text("select * from exchange"))).all())
    assert [(e.outcome, e.provider_code, e.seq) for e in reversed(log)] == [
        ("channel_unavailable", "503", 2),
        ("ok", None, 2),
    ]
    assert log[0].detail["characters"] == 21 and log[0].ms is not None
    assert "Siti" not in everything and "62800" not in everything


async def test_the_running_worker_is_woken_and_empties_the_outbox(office: Office, database_url: str) -> None:
    who = await office.writes()
    worker = office.worker(database_url)
    running = asyncio.create_task(worker.run())
    await office.say(who, *(f"pesan {n}" for n in range(5)))
    for _ in range(1000):
        if len(office.got()) == 5:
            break
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert office.got() == [f"pesan {n}" for n in range(5)]


async def test_two_workers_send_nothing_twice_and_keep_the_order(office: Office) -> None:
    people = [await office.writes(f"+62{n}") for n in range(6)]
    for n in range(4):
        for who in people:
            await office.say(who, f"{n}")
    one, two = office.worker(), office.worker()
    while sum(await asyncio.gather(one.once(), two.once())):
        pass
    assert len(office.channel.sent) == 24
    for n in range(6):
        assert [m.text for _, to, m in office.channel.sent if to == f"+62{n}"] == ["0", "1", "2", "3"]


async def test_the_web_has_no_outbox_because_it_fetches(office: Office) -> None:
    who: UUID = await office.writes("a", account="web")
    await office.say(who, "halo")
    assert await office.rows() == []

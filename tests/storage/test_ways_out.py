"""How a message leaves when the straight way is barred: the window, the night, people who want or get nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.messages import Reply, Standing, StandingChange
from bot.errors import (
    ChannelError,
    OptedOut,
    RecipientBlocked,
    TemplateRefused,
    WindowClosed,
)
from bot.ports import ChannelAccount
from tests.fakes import FakeChannel, fake_manifest
from tests.storage.outbox_office import NIGHT, STATUS, Office, second_channel


async def test_past_the_window_an_answer_waits_and_the_person_is_asked_once_to_write(office: Office) -> None:
    who = await office.windowed().writes()
    office.later(hours=30)
    await office.say(who, "jawaban satu")
    await office.say(who, "jawaban dua")
    await office.approve("loket_jawaban")
    await office.work()
    office.later(hours=2)
    await office.work()
    assert office.got() == ["<loket_jawaban >"]
    await office.writes(words="YA")
    await office.work()
    assert office.got() == ["<loket_jawaban >", "jawaban satu", "jawaban dua"]


async def test_without_an_approved_template_it_waits_for_the_person(office: Office) -> None:
    who = await office.windowed().writes()
    office.later(hours=24)
    await office.say(who, "jawaban")
    await office.approve("loket_jawaban", account="fake:2")
    await office.work()
    assert office.channel.tried == [] and (await office.rows())[0].via == "held:window"
    await office.writes()
    await office.work()
    assert office.got() == ["jawaban"]


async def test_when_the_provider_says_closed_it_is_believed(office: Office) -> None:
    who = await office.windowed().writes()
    await office.say(who, Reply("kabar", meta=STATUS), notice=True)
    await office.approve("loket_status")
    office.channel.outcomes = [WindowClosed("63016", provider_code="63016")]
    await office.work()
    assert office.got() == ["<loket_status KTP-el | LKT-1 | Sudah terbit.>"]


async def test_what_the_provider_refused_waits_until_the_person_writes_and_is_not_tried_before(office: Office) -> None:
    who = await office.windowed().writes()
    await office.say(who, "jawaban")
    office.channel.outcomes = [WindowClosed("63016")]
    await office.work()
    office.later(hours=3)
    await office.work()
    assert len(office.channel.tried) == 1
    await office.writes()
    await office.work()
    assert office.got() == ["jawaban"]


async def test_a_refused_template_leaves_the_message_waiting(office: Office) -> None:
    who = await office.windowed().writes()
    office.later(hours=30)
    await office.say(who, "jawaban")
    await office.approve("loket_jawaban")
    office.channel.outcomes = [TemplateRefused("63040")]
    await office.work()
    assert [(r.state, r.via, r.error_code) for r in await office.rows()] == [
        ("created", "held:window", "template_refused")
    ]


async def test_held_news_lets_answers_pass_and_comes_in_the_morning(office: Office) -> None:
    office.clock.at = NIGHT
    who = await office.writes()
    await office.say(who, "kabar", notice=True)
    await office.say(who, "jawaban")
    await office.work()
    assert office.got() == ["jawaban"]
    office.clock.at = NIGHT + timedelta(hours=8, minutes=29)
    await office.work()
    assert office.got() == ["jawaban"]
    office.later(minutes=2)
    await office.work()
    assert office.got() == ["jawaban", "kabar"]


async def test_news_that_was_held_too_long_is_dropped(office: Office) -> None:
    who = await office.windowed().writes()
    office.later(days=2)
    await office.say(who, "kabar", notice=True)
    await office.work()
    office.later(days=31)
    await office.writes()
    await office.work()
    assert office.got() == [] and (await office.rows())[0].error_code == "too_old"


# -- people who want or get nothing --------------------------------------------------------------------------------------


async def stand(office: Office, standing: Standing) -> None:
    async with office.store.begin() as tx:
        await tx.put_standing(StandingChange("fake:1", "+62", standing, office.clock.now()))


async def test_somebody_who_asked_for_silence_gets_answers_and_no_news(office: Office) -> None:
    who = await office.writes()
    await stand(office, Standing.STOPPED)
    await office.say(who, "kabar", notice=True)
    await office.say(who, "jawaban")
    await office.work()
    assert office.got() == ["jawaban"]
    assert [(r.state, r.error_code) for r in await office.rows()] == [("dropped", "opted_out"), ("sent", None)]
    await stand(office, Standing.OPEN)
    await office.say(who, "kabar lain", notice=True)
    await office.work()
    assert office.got() == ["jawaban", "kabar lain"]


@pytest.mark.parametrize("problem", [RecipientBlocked(), OptedOut()])
async def test_news_for_somebody_who_left_goes_to_their_other_channel_and_answers_end(
    office: Office, problem: Exception
) -> None:
    other = second_channel(office)
    first, second = await office.writes(), await office.writes(account="other:1")
    await office.link(first, second)
    await office.say(first, "kabar", notice=True, key="case:1")
    office.channel.outcomes = [problem]
    await office.work()
    assert office.got() == [] and office.got(other) == ["kabar"]
    await office.say(first, "kabar lagi", notice=True, key="case:2")
    await office.work()
    assert len(office.channel.tried) == 1 and office.got(other) == ["kabar", "kabar lagi"]


async def test_two_replies_of_one_notice_both_arrive_elsewhere(office: Office) -> None:
    other = second_channel(office)
    first, second = await office.writes(), await office.writes(account="other:1")
    await office.link(first, second)
    await stand(office, Standing.BLOCKED)
    await office.say(first, "satu", "dua", notice=True, key="case:1")
    await office.work()
    assert office.got(other) == ["satu", "dua"]


async def test_news_that_nobody_takes_never_goes_in_a_circle(office: Office) -> None:
    other = second_channel(office)
    first, second = await office.writes(), await office.writes(account="other:1")
    await office.link(first, second)
    office.channel.outcomes = [RecipientBlocked()]
    other.outcomes = [RecipientBlocked()]
    await office.say(first, "kabar", notice=True, key="case:1")
    await office.work()
    assert [r.state for r in await office.rows()] == ["dropped", "failed"]
    assert (len(office.channel.tried), len(other.tried)) == (1, 1)


async def test_the_web_thread_takes_news_that_no_channel_delivers(office: Office) -> None:
    web = FakeChannel(manifest=fake_manifest(id="web", pull=True))
    web.accounts = {"web": ChannelAccount("web", "33.28", "", "")}
    office.more["web"] = web
    first, second = await office.writes(), await office.writes("session", account="web")
    await office.link(first, second)
    office.channel.outcomes = [ChannelError("gone")]
    await office.say(first, "kabar", notice=True, key="case:1")
    await office.work()
    assert await office.thread(second) == ["kabar"] and web.tried == []


async def test_a_blocked_persons_later_message_is_stronger_than_an_old_block(office: Office) -> None:
    who = await office.writes()
    old = office.clock.now() - timedelta(minutes=5)
    async with office.store.begin() as tx:
        await tx.put_standing(StandingChange("fake:1", "+62", Standing.BLOCKED, old))
        await tx.put_standing(StandingChange("fake:1", "nobody", Standing.BLOCKED, old))
        assert (await tx.conversation(who)).standing is Standing.OPEN

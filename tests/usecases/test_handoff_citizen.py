"""The citizen's side of a handoff: what is promised, what is honest, the way back at any time, one mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot.domain.catalogue_desk import week
from bot.domain.conversation import Citizen, Conversation
from bot.domain.escalation import Escalation, Rule
from bot.domain.handoff import Holder, Priority, Trigger
from bot.usecases import handoff
from bot.usecases.handoff_sweep import sweep
from tests.usecases.channels import asked, texts
from tests.usecases.conftest import CATALOGUE, World
from tests.usecases.desk import ANI, BUDI, answers_to, asks, edges, events, sits_down, ticket_of
from tests.usecases.script import fill, prove


def pressed(said: list[dict[str, Any]], title: str) -> str:
    """Payload of the button with that title."""
    found = [b["payload"] for one in said for b in one["buttons"] if b["title"] == title]
    assert found, [b["title"] for one in said for b in one["buttons"]]
    return str(found[-1])


def with_hours(world: World, hours: Mapping[str, Any]) -> None:
    """The office's hours are known."""
    locus = replace(CATALOGUE.loci["33.28"], week=week(hours))
    catalogue = replace(CATALOGUE, loci={**CATALOGUE.loci, "33.28": locus})
    deps = replace(world.deps, catalogue=lambda: catalogue, holiday=lambda day: day == date(2026, 11, 4))
    world.deps = deps
    world.dialogue.steps._deps = deps  # type: ignore[union-attr]


OFFICE = {"week": {day: ["08.00-15.00"] for day in ("senin", "selasa", "rabu", "kamis", "jumat")}}


def wib(world: World, day: int, hour: int) -> None:
    """Move the clock to an hour of November 2026 in Tegal."""
    world.clock.at = datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:00:00+07:00")


# -- what is promised ---------------------------------------------------------------------------------------------------


async def test_without_known_hours_and_with_nobody_there_no_time_is_promised(world: World) -> None:
    said = texts(await world.say(await world.session(), "petugas"))
    assert "belum ada petugas" in said and "menit" not in said and "pukul" not in said


@pytest.mark.parametrize(
    ("day", "hour", "promise"),
    [
        (2, 20, "besok pukul 08.00"),
        (3, 6, "hari ini pukul 08.00"),
        (3, 16, "Kamis, 5 November 2026 pukul 08.00"),  # the 4th is a holiday
        (6, 16, "Senin, 9 November 2026 pukul 08.00"),
    ],
)
async def test_outside_office_hours_the_next_opening_is_promised(
    world: World, day: int, hour: int, promise: str
) -> None:
    with_hours(world, OFFICE)
    wib(world, day, hour)
    assert promise in texts(await world.say(await world.session(), "petugas"))


async def test_in_office_hours_with_nobody_at_the_desk_no_time_is_promised(world: World) -> None:
    with_hours(world, OFFICE)
    wib(world, 2, 10)
    said = texts(await world.say(await world.session(), "petugas"))
    assert "belum ada petugas" in said and "pukul" not in said


async def test_the_waiting_time_is_said_as_a_range_once_it_was_measured(world: World) -> None:
    await sits_down(world, ANI)
    first = texts(await world.say(await world.session(), "petugas"))
    assert "menit" not in first and "urutan ke-1" in first
    for _ in range(6):
        ticket = await asks(world, await world.session())
        world.clock.at += timedelta(minutes=3)
        await handoff.claim(world.deps, ticket.id, BUDI)
        await sits_down(world, ANI)
    async with world.store.begin() as tx:
        await tx.run(text("update ticket set state = 'closed' where agent is null"))
    said = texts(await world.say(await world.session(), "petugas"))
    assert "dalam 3 sampai 4 menit" in said


async def test_a_person_is_offered_as_present_only_when_somebody_is(world: World) -> None:
    who, other = await world.session(), await world.session()
    await world.say(who, "qwerty")
    assert "belum ada petugas" in texts(await world.say(who, "asdfgh"))
    await sits_down(world, ANI)
    await world.say(other, "qwerty")
    said = await world.say(other, "asdfgh")
    assert "belum ada petugas" not in texts(said) and "petugas" in texts(said)
    world.clock.at += timedelta(minutes=3)  # her pages are silent
    assert "belum ada petugas" in texts(await world.say(other, "zxcvbn"))


async def test_the_queue_is_told_of_its_place_when_it_gets_better_and_not_too_often(world: World) -> None:
    await sits_down(world, ANI)
    people = [await world.session() for _ in range(4)]
    tickets = [await asks(world, one) for one in people]
    last = people[-1]
    await sweep(world.deps)
    assert await world.news(last) == []
    for ticket in tickets[:2]:
        await handoff.claim(world.deps, ticket.id, ANI)
        await sweep(world.deps)
    assert await world.news(last) == []  # too soon
    await _time_passes(world, 6)
    (news,) = await world.news(last)
    assert "urutan ke-2" in news["text"] and news["buttons"]
    await _time_passes(world, 6)
    assert await world.news(last) == []  # still the second
    await handoff.claim(world.deps, tickets[2].id, ANI)
    await _time_passes(world, 6)
    assert "urutan ke-1" in texts(await world.news(last))


async def _time_passes(world: World, minutes: int) -> None:
    """Ani is there all the time; somebody sweeps every half minute."""
    for _ in range(minutes * 2):
        world.clock.at += timedelta(seconds=30)
        await sits_down(world, ANI)
        await handoff.renew_all(world.deps, ANI)
        await sweep(world.deps)


async def test_the_bot_goes_on_helping_who_waits(world: World) -> None:
    who = await world.session()
    await asks(world, who)
    assert "Gratis" in texts(await world.say(who, "berapa biaya akta?"))
    assert (await world.conversation(who)).state is Holder.QUEUED


# -- back to the bot ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["button", "words"])
async def test_who_waits_may_leave_the_line(world: World, way: str) -> None:
    who = await world.session()
    said = await world.say(who, "petugas")
    left = await (
        world.say(who, payload=pressed(said, "Tidak jadi")) if way == "button" else world.say(who, "kembali ke bot")
    )
    assert "batalkan" in texts(left)
    assert (await world.conversation(who)).state is Holder.BOT
    assert (await ticket_of(world, who)).state == "closed"
    assert (await edges(world, who))[-1] == ("left", "queued", "bot")


@pytest.mark.parametrize("way", ["button", "words"])
async def test_who_talks_with_a_person_may_go_back_at_any_time(world: World, way: str) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, "ya")
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    joined = await world.news(who)
    said = await (
        world.say(who, payload=pressed(joined, "Kembali ke Loket"))
        if way == "button"
        else world.say(who, "Kembali ke bot!")
    )
    assert asked(said) == "pelapor.hubungan"
    assert (await world.conversation(who)).state is Holder.BOT
    assert [(e.event, e.after) for e in await events(world, who)][-2:] == [("left", "returning"), ("returned", "bot")]
    assert asked(await world.say(who, "ayah")) == "pelapor.telepon"


async def test_a_button_of_an_old_ticket_takes_nobody_out_of_the_line(world: World) -> None:
    who, other = await world.session(), await world.session()
    foreign = pressed(await world.say(other, "petugas"), "Tidak jadi")
    await asks(world, who)
    await world.say(who, payload=foreign)
    assert (await world.conversation(who)).state is Holder.QUEUED
    assert (await world.conversation(other)).state is Holder.QUEUED
    await world.say(who, payload=f"perintah:bot-{uuid4()}")
    await world.say(who, payload="perintah:bot-tidak-ada")
    assert (await world.conversation(who)).state is Holder.QUEUED


# -- the mark -----------------------------------------------------------------------------------------------------------


async def helped(world: World) -> tuple[Conversation, list[dict[str, Any]]]:
    """Somebody who was helped, and what was said at the end."""
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.news(who)
    await handoff.return_to_bot(world.deps, ticket.id, ANI)
    return who, await world.news(who)


async def test_the_help_is_marked_in_one_tap_and_once(world: World) -> None:
    who, said = await helped(world)
    assert [b["title"] for b in said[0]["buttons"]] == ["Sangat kurang", "Kurang", "Cukup", "Baik", "Sangat baik"]
    assert "Terima kasih" in texts(await world.say(who, payload=pressed(said, "Baik")))
    assert (await ticket_of(world, who)).rating == 4
    assert "sudah kami terima" in texts(await world.say(who, payload=pressed(said, "Sangat kurang")))
    assert (await ticket_of(world, who)).rating == 4


async def test_a_typed_number_is_a_mark(world: World) -> None:
    who, _ = await helped(world)
    await world.say(who, "5")
    assert (await ticket_of(world, who)).rating == 5


async def test_a_poor_mark_offers_help_again(world: World) -> None:
    who, said = await helped(world)
    answer = await world.say(who, payload=pressed(said, "Sangat kurang"))
    assert "maaf" in texts(answer).lower() and answer[-1]["buttons"]


async def test_nobody_marks_another_persons_help_or_a_week_late(world: World) -> None:
    who, said = await helped(world)
    other = await world.session()
    await world.say(other, payload=pressed(said, "Baik"))
    await world.say(other, payload=f"perintah:nilai3-{uuid4()}")
    assert (await ticket_of(world, who)).rating is None
    world.clock.at += timedelta(days=8)
    await world.say(who, payload=pressed(said, "Baik"))
    assert (await ticket_of(world, who)).rating is None


# -- why a person is called ---------------------------------------------------------------------------------------------


async def test_danger_is_told_where_help_is_at_once_and_comes_first(world: World) -> None:
    who, calm = await world.session(), await world.session()
    await asks(world, calm)
    said = await world.say(who, "saya ingin bunuh diri")
    assert "119" in said[0]["text"] and said[0]["meta"]["kind"] == "handoff"
    ticket = await ticket_of(world, who)
    assert (ticket.trigger, ticket.priority) == (Trigger.EMERGENCY, Priority.EMERGENCY)
    assert (await handoff.claim_next(world.deps, ANI)).conversation_id == who.id  # type: ignore[union-attr]


async def test_danger_raises_a_ticket_that_is_there_already(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    said = await world.say(who, "saya dipukuli suami")
    assert "129" in said[0]["text"]
    assert (await ticket_of(world, who)).id == ticket.id
    assert (await ticket_of(world, who)).priority == Priority.EMERGENCY
    assert "raised" in [e.event for e in await events(world, who)]


async def test_distress_is_queued_before_others_and_still_answered_by_the_bot(world: World) -> None:
    who = await world.session()
    said = await world.say(who, "saya putus asa, berapa biaya akta?")
    assert "Gratis" in texts(said) and "tiket" in texts(said).lower()
    assert (await ticket_of(world, who)).priority == Priority.DISTRESS


async def test_anger_is_offered_a_person_and_the_ticket_knows_why(world: World) -> None:
    await sits_down(world, ANI)
    who = await world.session()
    said = await world.say(who, "goblok, berapa biaya akta?")
    assert "Maaf" in said[0]["text"] and said[0]["buttons"] and "Gratis" in texts(said)
    assert (await world.conversation(who)).state is Holder.BOT
    await world.say(who, payload=said[0]["buttons"][0]["payload"])
    assert (await ticket_of(world, who)).trigger == Trigger.ANGER


async def test_an_answer_of_the_form_is_no_cry_for_help(world: World) -> None:
    """A street called after an insult, a cause of death: what the form takes as its answer calls nobody."""
    who = await world.session()
    await prove(world, who)
    for answer in ("ya", "ayah", "0812 3456 7890", "lewati"):
        said = await world.say(who, answer)
    assert asked(said) == "anak.nama"
    assert asked(await world.say(who, "Marah Rusli")) == "anak.jenis_kelamin"
    assert (await world.conversation(who)).state is Holder.BOT and await events(world, who) == []


async def test_old_people_are_known_by_the_register_and_served_first(world: World) -> None:
    old, young = await world.session(), await world.session()
    async with world.store.begin() as tx:
        citizen = Citizen(uuid4(), "3328990101500001", "Mbah Karto", date(1950, 1, 1))
        await tx.save_citizen(citizen, world.clock.now())
        conversation = await tx.conversation(old.id, lock=True)
        conversation.citizen_id = citizen.id
        await tx.save_conversation(conversation)
    await asks(world, young)
    ticket = await asks(world, old)
    assert (ticket.priority, ticket.vulnerable) == (Priority.VULNERABLE, "age")
    assert (await handoff.claim_next(world.deps, ANI)).conversation_id == old.id  # type: ignore[union-attr]


async def test_who_says_they_are_ill_or_pregnant_is_served_first(world: World) -> None:
    who = await world.session()
    await world.say(who, "istri saya hamil, berapa biaya akta?")
    assert (await asks(world, who)).vulnerable == "pregnancy"


async def test_a_rule_of_the_content_staff_calls_a_person(world: World) -> None:
    rule = Rule("ask_cost", "akta-kelahiran", {"id": "Petugas akan mendampingi."}, "kependudukan")
    catalogue = replace(CATALOGUE, escalation=Escalation((), (rule,)))
    world.deps = replace(world.deps, catalogue=lambda: catalogue)
    who = await world.session()
    said = texts(await world.say(who, "berapa biaya akta?"))
    assert "Gratis" in said and "mendampingi" in said and "tiket" in said.lower()
    ticket = await ticket_of(world, who)
    assert (ticket.trigger, ticket.team) == (Trigger.RULE, "kependudukan")
    assert len(await answers_to(world, who, "berapa biaya akta?")) == 3
    assert "mendampingi" not in texts(await world.say(who, "berapa biaya akta?"))  # queued already


async def test_a_request_goes_to_the_team_of_its_service(world: World) -> None:
    who = await world.session()
    await fill(world, who)
    ticket = await asks(world, who)
    assert (ticket.service, ticket.team) == ("akta-kelahiran", "kependudukan")
    assert ticket.case_id is not None


async def test_who_can_prove_themselves_no_more_is_brought_to_a_person(world: World) -> None:
    who = await world.session()
    for said in ("mau buat akta kelahiran", "ya"):
        await world.say(who, said)
    for _ in range(7):
        await world.say(who, "3328991708900001")
        await world.say(who, "1 januari 1980")
        world.clock.at += timedelta(hours=2)
    ticket = await ticket_of(world, who)
    assert (ticket.trigger, ticket.service) == (Trigger.IDENTITY, "akta-kelahiran")
    assert (await world.conversation(who)).state is Holder.QUEUED


async def test_an_adapter_that_gives_up_calls_a_person_once(world: World) -> None:
    from bot.usecases.handoff_request import adapter_gave_up
    from tests.usecases.script import apply

    who = await world.session()
    await apply(world, who)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
    for _ in range(2):
        async with world.store.begin() as tx:
            await adapter_gave_up(world.deps, tx, case, "submit")
    ticket = await ticket_of(world, who)
    assert (ticket.trigger, ticket.case_id, ticket.service) == (Trigger.AGENCY, case.id, "akta-kelahiran")
    assert texts(await world.news(who)).count(ticket.number) == 1

"""Why a person is called, reason by reason: each makes one ticket that says why, and none makes two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.conversation import Conversation
from bot.domain.escalation import Escalation, Rule
from bot.domain.handoff import Holder, TicketState, Trigger
from bot.usecases import handoff
from bot.usecases.handoff_request import UNSURE, adapter_gave_up
from bot.usecases.identity import decide
from tests.usecases.channels import asked, texts
from tests.usecases.conftest import CATALOGUE, World
from tests.usecases.desk import ANI, asks, edges, sits_down, ticket_of
from tests.usecases.script import IDENTITY, apply
from tests.usecases.test_capture import Phone, at_the_link
from tests.usecases.test_proof import at_the_challenge

Cause = Callable[[World], Awaitable[Conversation]]


async def the_citizen_asks(world: World) -> Conversation:
    who = await world.session()
    for words in ("petugas", "mau bicara dengan petugas", "petugas"):
        await world.say(who, words)
    return who


async def understanding_fails_twice(world: World) -> Conversation:
    who = await world.session()
    for words in ("qwxz plorp", "blarg zzz"):
        said = await world.say(who, words)
    for _ in range(2):
        await world.say(who, payload=said[-1]["buttons"][0]["payload"])
    return who


async def anger(world: World) -> Conversation:
    await sits_down(world, ANI)
    who = await world.session()
    said = await world.say(who, "goblok, berapa biaya akta?")
    for _ in range(2):
        await world.say(who, payload=said[0]["buttons"][0]["payload"])
    await world.say(who, "dasar goblok")
    return who


async def distress(world: World) -> Conversation:
    who = await world.session()
    for _ in range(2):
        await world.say(who, "saya putus asa, berapa biaya akta?")
    return who


async def danger(world: World) -> Conversation:
    who = await world.session()
    for _ in range(2):
        await world.say(who, "saya ingin bunuh diri")
    return who


async def the_register_says_no_too_often(world: World) -> Conversation:
    who = await world.session()
    for words in IDENTITY[:2]:
        await world.say(who, words)
    for _ in range(8):
        await world.say(who, IDENTITY[2])
        await world.say(who, "1 januari 1980")
        world.clock.at += timedelta(hours=2)
    return who


async def the_face_fails_too_often_on_the_page(world: World) -> Conversation:
    who, phone = await at_the_link(world)
    for _ in range(9):
        await (await phone.start()).shows(b"no_match")
        if (await world.conversation(who)).state is Holder.QUEUED:
            break
        world.clock.at += timedelta(hours=6)
        said = await world.say(who, "ulang")
        phone = Phone(world, said[-1]["meta"]["capture"].rpartition("/")[2])
    return who


async def nobody_is_enrolled_for_the_page(world: World) -> Conversation:
    who, phone = await at_the_link(world)

    async def none(nik: str) -> list[bytes]:
        return []

    world.agency.faces = none  # type: ignore[method-assign]
    await (await phone.start()).shows()
    return who


async def a_face_is_borderline_in_the_chat(world: World) -> Conversation:
    who, said = await at_the_challenge(world)
    await world.send(who, "selfie", world.posed(said, b"officer"))
    return who


async def a_face_is_borderline_on_the_page(world: World) -> Conversation:
    who, phone = await at_the_link(world)
    await (await phone.start()).shows(b"officer")
    return who


async def an_adapter_gives_up(world: World) -> Conversation:
    who = await world.session()
    await apply(world, who)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
    for _ in range(2):
        async with world.store.begin() as tx:
            await adapter_gave_up(world.deps, tx, case, "submit")
    return who


async def a_rule_of_the_content_staff(world: World) -> Conversation:
    catalogue = replace(CATALOGUE, escalation=Escalation((), (Rule("ask_cost", "akta-kelahiran"),)))
    world.deps = replace(world.deps, catalogue=lambda: catalogue)
    who = await world.session()
    for _ in range(2):
        await world.say(who, "berapa biaya akta?")
    return who


CAUSES: list[tuple[Cause, Trigger]] = [
    (the_citizen_asks, Trigger.ASKED),
    (understanding_fails_twice, Trigger.NOT_UNDERSTOOD),
    (anger, Trigger.ANGER),
    (distress, Trigger.DISTRESS),
    (danger, Trigger.EMERGENCY),
    (the_register_says_no_too_often, Trigger.IDENTITY),
    (the_face_fails_too_often_on_the_page, Trigger.IDENTITY),
    (nobody_is_enrolled_for_the_page, Trigger.IDENTITY),
    (a_face_is_borderline_in_the_chat, Trigger.IDENTITY),
    (a_face_is_borderline_on_the_page, Trigger.IDENTITY),
    (an_adapter_gives_up, Trigger.AGENCY),
    (a_rule_of_the_content_staff, Trigger.RULE),
]


@pytest.mark.parametrize(("cause", "trigger"), CAUSES, ids=lambda one: getattr(one, "__name__", str(one)))
async def test_it_makes_one_ticket_that_says_why(world: World, cause: Cause, trigger: Trigger) -> None:
    who = await cause(world)
    async with world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from ticket"))).scalar_one() == 1
    ticket = await ticket_of(world, who)
    assert ticket.trigger == trigger and ticket.state == TicketState.QUEUED
    assert (await world.conversation(who)).state is Holder.QUEUED


async def test_what_is_only_about_a_face_ends_with_the_officers_word_and_the_form_goes_on(world: World) -> None:
    who = await a_face_is_borderline_in_the_chat(world)
    ticket = await ticket_of(world, who)
    assert ticket.reason == UNSURE and ticket.number not in texts(await world.news(who))
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    await decide(world.deps, check.id, True, "wati")
    assert asked(await world.news(who)) == "pelapor.*"
    assert (await ticket_of(world, who)).state == TicketState.CLOSED
    assert (await world.conversation(who)).state is Holder.BOT
    assert [edge[0] for edge in await edges(world, who)] == ["queued", "returned"]
    assert (await asks(world, who)).id != ticket.id


@pytest.mark.parametrize("taken", [True, False])
async def test_who_asked_for_a_person_meanwhile_still_gets_one(world: World, taken: bool) -> None:
    who = await a_face_is_borderline_in_the_chat(world)
    if taken:
        await handoff.claim(world.deps, (await ticket_of(world, who)).id, ANI)
    else:
        await world.say(who, "petugas")
        assert (await ticket_of(world, who)).trigger == Trigger.ASKED
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    await decide(world.deps, check.id, True, "wati")
    assert (await ticket_of(world, who)).state != TicketState.CLOSED

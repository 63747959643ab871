"""A handoff that another house's Chatwoot answers, when the account is away, refuses or is not set up any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.handoff import Holder, TicketState
from bot.usecases import handoff
from tests.usecases.channels import texts
from tests.usecases.conftest import World
from tests.usecases.desk import ANI, asks, ticket_of
from tests.usecases.outside_office import Outside, outside_office
from tests.usecases.test_handoff_citizen import OFFICE, wib, with_hours


@pytest.fixture
async def outside(world: World) -> AsyncIterator[Outside]:
    async with outside_office(world) as made:
        yield made


async def test_an_account_that_is_away_is_tried_for_minutes_and_then_our_own_desk_has_it(
    world: World, outside: Outside
) -> None:
    with_hours(world, OFFICE)
    wib(world, 2, 20)
    who = await world.session()
    outside.server.faults = ["500"] * 100
    await asks(world, who)
    await outside.settle()
    calls = len(outside.server.calls)
    for _ in range(6):
        await outside.settle(30)
    assert (await ticket_of(world, who)).desk == "chatwoot" and calls < len(outside.server.calls) < calls + 10
    await outside.settle(200)
    ticket = await ticket_of(world, who)
    assert ticket.desk is None and ticket.state == TicketState.QUEUED
    said = texts(await world.news(who))
    assert "alihkan" in said
    assert ticket.number in said and "besok pukul 08.00" in said  # what happens next
    claimed = await handoff.claim(world.deps, ticket.id, ANI)
    assert claimed.agent == "ani"
    outside.server.faults = []
    await outside.settle(120)
    assert outside.server.conversations == {}  # nothing is left there to be answered twice


async def test_while_an_account_is_known_to_be_away_whoever_asks_gets_our_own_desk_at_once(
    world: World, outside: Outside
) -> None:
    first, second, third = [await world.session() for _ in range(3)]
    outside.server.faults = ["500"] * 100
    await asks(world, first)
    for _ in range(5):
        await outside.settle(35)
    assert (await ticket_of(world, first)).desk == "chatwoot", "what it has already keeps its patience"
    said = texts(await world.say(second, "petugas"))
    ticket = await ticket_of(world, second)
    assert ticket.desk is None and ticket.number in said and "urutan" in said
    assert (await handoff.claim(world.deps, ticket.id, ANI)).agent == "ani"
    async with world.store.begin() as tx:
        assert [(one.kind, one.agency) for one in await tx.alarms("33.28")] == [("away", "desk:chatwoot")]
    # Later one ticket goes there to see, and comes back at its first try.
    await outside.settle(400)
    assert (await ticket_of(world, first)).desk is None
    world.clock.at += timedelta(minutes=10)
    await asks(world, third)
    assert (await ticket_of(world, third)).desk == "chatwoot"
    await outside.settle()
    assert (await ticket_of(world, third)).desk is None
    # The next one finds it back, and from then on all do.
    outside.server.faults = []
    await outside.settle(400)
    fourth, fifth = await world.session(), await world.session()
    await outside.handed(fourth)
    await asks(world, fifth)
    assert (await ticket_of(world, fifth)).desk == "chatwoot"
    async with world.store.begin() as tx:
        assert await tx.alarms("33.28") == []


async def test_an_account_that_goes_away_in_the_middle_loses_the_conversation_and_keeps_nothing_open(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    ticket, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Ya?"))
    await world.say(who, "apakah masih ada orang?")
    outside.server.faults = ["500"] * 60
    for _ in range(8):
        await outside.settle(60)
    now = await ticket_of(world, who)
    assert now.desk is None and (await world.conversation(who)).state is Holder.QUEUED
    await handoff.claim(world.deps, ticket.id, ANI)
    outside.server.faults = []
    await outside.settle(120)
    assert outside.server.conversations[int(ref)]["status"] == "resolved"
    assert sum("tidak bisa dihubungi" in one["text"] for one in await world.news(who)) == 1


async def test_silence_of_the_account_harms_nobody_who_owes_an_answer_themselves(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Ya?"))
    outside.server.faults = ["500"] * 8
    for _ in range(8):
        await outside.settle(70)
    assert (await ticket_of(world, who)).desk == "chatwoot"
    await outside.settle(70)
    await outside.tells(outside.server.agent_says(ref, "Masih di sana?"))
    assert [one["text"] for one in await world.news(who)][-1] == "Masih di sana?"


@pytest.mark.parametrize("fault", ["401", "422", "404"])
async def test_an_account_that_refuses_loses_the_conversation_at_once(
    world: World, outside: Outside, fault: str
) -> None:
    who = await world.session()
    outside.server.faults = [fault] * 5
    await asks(world, who)
    await outside.settle()
    assert (await ticket_of(world, who)).desk is None
    assert "alihkan" in texts(await world.news(who))


async def test_a_conversation_opened_while_it_went_elsewhere_is_closed_again(world: World, outside: Outside) -> None:
    """The account took it, its answer was lost, and meanwhile the citizen changed their mind."""
    who = await world.session()
    outside.server.faults = ["", "", "lost"]
    await world.say(who, "petugas")
    await outside.settle()
    assert len(outside.server.conversations) == 1
    await world.say(who, "kembali ke bot")
    await outside.settle(120)
    (there,) = outside.server.conversations.values()
    assert there["status"] == "resolved"


async def test_a_desk_that_is_not_set_up_any_more_keeps_nobody(world: World, outside: Outside) -> None:
    talking, fresh = await world.session(), await world.session()
    await outside.handed(talking)
    await asks(world, fresh)
    world.deps = replace(world.deps, desks={})
    await outside.settle(61)
    for who in (talking, fresh):
        assert (await ticket_of(world, who)).desk is None and "alihkan" in texts(await world.news(who))

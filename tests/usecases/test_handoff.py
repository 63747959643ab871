"""A person takes over, and gives back: who speaks, who is told, what is never lost or said twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.handoff import Holder, TicketConflict, Trigger
from bot.errors import NotFound
from bot.usecases import handoff
from bot.usecases.converse import Converse
from bot.usecases.handoff import To
from bot.usecases.handoff_sweep import sweep
from tests.usecases.channels import asked, texts
from tests.usecases.conftest import World
from tests.usecases.desk import (
    ANI,
    BUDI,
    ELSEWHERE,
    SITI,
    answers_to,
    asks,
    edges,
    events,
    inbox_states,
    last_seq,
    ticket_of,
)
from tests.usecases.script import prove

LEASE = timedelta(seconds=90)


async def test_both_ends_of_the_human_stretch_are_recorded(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    claimed = await handoff.claim(world.deps, ticket.id, ANI)
    assert claimed.lease_no == 1 and claimed.claimed_at is not None
    await handoff.reply(world.deps, ticket.id, ANI, "Ada yang bisa dibantu?", "k1", lease_no=1)
    await handoff.return_to_bot(world.deps, ticket.id, ANI, lease_no=1)
    assert await edges(world, who) == [
        ("queued", "bot", "queued"),
        ("claimed", "queued", "agent"),
        ("returning", "agent", "returning"),
        ("returned", "returning", "bot"),
    ]
    assert (await world.conversation(who)).state is Holder.BOT
    assert [e.actor for e in await events(world, who)] == ["citizen", "ani", "ani", "bot"]


async def test_the_citizen_knows_who_speaks_and_the_bot_is_silent(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    (joined,) = await world.news(who)
    assert "Ani" in joined["text"] and joined["meta"]["agent"] == "Ani" and joined["buttons"]
    assert await world.say(who, "berapa biaya akta?") == []
    assert (await ticket_of(world, who)).waiting_for == "agent"


async def test_a_second_claim_is_stopped_and_told_who_has_it(world: World) -> None:
    ticket = await asks(world, await world.session())
    await handoff.claim(world.deps, ticket.id, ANI)
    with pytest.raises(TicketConflict) as stopped:
        await handoff.claim(world.deps, ticket.id, BUDI)
    assert (stopped.value.why, stopped.value.holder) == ("held", "ani")
    again = await handoff.claim(world.deps, ticket.id, ANI)
    assert again.lease_no == 1  # one's own claim is renewed, not taken anew


async def test_an_agent_of_another_office_finds_nothing(world: World) -> None:
    ticket = await asks(world, await world.session())
    with pytest.raises(NotFound):
        await handoff.claim(world.deps, ticket.id, ELSEWHERE)
    with pytest.raises(NotFound):
        await handoff.reply(world.deps, ticket.id, ELSEWHERE, "halo", "k")
    assert await handoff.claim_next(world.deps, ELSEWHERE) is None


async def test_a_double_click_says_it_once_and_a_repeat_is_known_even_after_the_lease(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.news(who)
    await handoff.reply(world.deps, ticket.id, ANI, "Selamat pagi", "k1")
    await handoff.reply(world.deps, ticket.id, ANI, "Selamat pagi", "k1")
    world.clock.at += LEASE * 2
    await handoff.reply(world.deps, ticket.id, ANI, "Selamat pagi", "k1")
    assert [one["text"] for one in await world.news(who)] == ["Selamat pagi"]


async def test_nothing_is_said_after_a_lost_lease(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.news(who)
    world.clock.at += LEASE * 2
    with pytest.raises(TicketConflict) as stopped:  # asleep, and the sweep has not even come by
        await handoff.reply(world.deps, ticket.id, ANI, "terlambat", "k1", lease_no=1)
    assert stopped.value.why == "lost"
    await handoff.claim(world.deps, ticket.id, BUDI)
    with pytest.raises(TicketConflict) as stopped:
        await handoff.reply(world.deps, ticket.id, ANI, "terlambat", "k2", lease_no=1)
    assert (stopped.value.why, stopped.value.holder) == ("held", "budi")
    assert not any(one["from"] == "agent" for one in await world.news(who))


async def test_a_lease_number_of_before_is_void_even_for_the_same_agent(world: World) -> None:
    ticket = await asks(world, await world.session())
    await handoff.claim(world.deps, ticket.id, ANI)
    await handoff.release(world.deps, ticket.id, ANI)
    assert (await handoff.claim(world.deps, ticket.id, ANI)).lease_no == 2
    with pytest.raises(TicketConflict):
        await handoff.reply(world.deps, ticket.id, ANI, "dari laptop lama", "k1", lease_no=1)


async def test_a_sign_of_life_keeps_the_lease(world: World) -> None:
    ticket = await asks(world, await world.session())
    await handoff.claim(world.deps, ticket.id, ANI)
    for _ in range(4):
        world.clock.at += timedelta(seconds=60)
        await handoff.renew(world.deps, ticket.id, ANI, 1)
        assert await handoff.renew_all(world.deps, ANI) == 1
        assert not await sweep(world.deps)
    world.clock.at += LEASE * 2
    assert await handoff.renew_all(world.deps, ANI) == 0
    with pytest.raises(TicketConflict):
        await handoff.renew(world.deps, ticket.id, ANI, 1)


async def test_a_vanished_agent_gives_the_conversation_back_to_the_queue_and_the_citizen_hears_it_once(
    world: World,
) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.news(who)
    for _ in range(2):
        world.clock.at += LEASE * 2
        await sweep(world.deps)
        await sweep(world.deps)
        assert (await world.conversation(who)).state is Holder.QUEUED
        await handoff.claim(world.deps, ticket.id, ANI)
    said = [one["text"] for one in await world.news(who)]
    assert sum("terputus" in one for one in said) == 1
    assert (await ticket_of(world, who)).lost == 2
    assert ("lost", "agent", "queued") in await edges(world, who)


async def test_a_reply_on_top_of_a_colleagues_is_stopped(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    seen = await last_seq(world, who.id)
    await handoff.take_over(world.deps, ticket.id, SITI)
    await handoff.reply(world.deps, ticket.id, SITI, "Saya bantu", "s1", expected_last_seq=seen)
    with pytest.raises(TicketConflict) as stopped:
        await handoff.reply(world.deps, ticket.id, SITI, "Saya bantu juga", "s2", expected_last_seq=seen)
    assert (stopped.value.why, stopped.value.holder) == ("answered", "Siti")
    now = await last_seq(world, who.id)
    await world.say(who, "terima kasih")  # the citizen's own words stop nobody
    await handoff.reply(world.deps, ticket.id, SITI, "Sama-sama", "s3", expected_last_seq=now)


async def test_only_supervisors_take_over(world: World) -> None:
    ticket = await asks(world, await world.session())
    await handoff.claim(world.deps, ticket.id, ANI)
    with pytest.raises(NotFound):
        await handoff.take_over(world.deps, ticket.id, BUDI)
    taken = await handoff.take_over(world.deps, ticket.id, SITI)
    assert (taken.agent, taken.lease_no) == ("siti", 2)
    with pytest.raises(TicketConflict):
        await handoff.reply(world.deps, ticket.id, ANI, "masih saya", "k", lease_no=1)


async def test_a_transfer_is_queued_there_and_routing_keeps_it_for_the_colleague_who_is_there(world: World) -> None:
    from tests.usecases.desk import sits_down

    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await sits_down(world, BUDI)
    await handoff.transfer(world.deps, ticket.id, ANI, To(agent="budi"))
    assert (await world.conversation(who)).state is Holder.QUEUED
    assert await handoff.claim_next(world.deps, SITI) is None
    found = await handoff.claim_next(world.deps, BUDI)
    assert found is not None and found.id == ticket.id and found.assigned is None


async def test_what_was_kept_for_a_colleague_who_left_is_anybodys(world: World) -> None:
    ticket = await asks(world, await world.session())
    await handoff.claim(world.deps, ticket.id, ANI)
    await handoff.transfer(world.deps, ticket.id, ANI, To(agent="budi"))  # nobody of that name is there
    assert await handoff.claim_next(world.deps, SITI) is not None


async def test_a_transfer_to_a_team_that_does_not_exist_is_refused_and_changes_nothing(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    with pytest.raises(NotFound):
        await handoff.transfer(world.deps, ticket.id, ANI, To(team="tidak-ada"))
    assert (await world.conversation(who)).state is Holder.AGENT
    moved = await handoff.transfer(world.deps, ticket.id, ANI, To(team="nakes"))
    assert moved.team == "nakes" and "tenaga kesehatan" in texts(await world.news(who))


async def test_supervisors_assign_in_bulk_what_others_hold(world: World) -> None:
    tickets = [await asks(world, await world.session()) for _ in range(3)]
    for ticket in tickets[:2]:
        await handoff.claim(world.deps, ticket.id, ANI)
    with pytest.raises(NotFound):
        await handoff.assign(world.deps, tickets[0].id, BUDI, To(agent="budi"))
    for ticket in tickets:
        assert (await handoff.assign(world.deps, ticket.id, SITI, To(agent="budi"))).assigned == "budi"


async def test_a_sleeping_ticket_wakes_by_time_and_by_the_citizen(world: World) -> None:
    who, other = await world.session(), await world.session()
    for one in (who, other):
        ticket = await asks(world, one)
        await handoff.claim(world.deps, ticket.id, ANI)
        await handoff.snooze(world.deps, ticket.id, ANI, world.clock.now() + timedelta(hours=2))
        assert (await world.conversation(one)).state is Holder.QUEUED
    assert await handoff.claim_next(world.deps, BUDI) is None
    assert await world.say(who, "berapa biaya akta?")  # the bot helps, and the ticket wakes
    assert (await ticket_of(world, who)).snoozed_until is None
    found = await handoff.claim_next(world.deps, BUDI)
    assert found is not None and found.conversation_id == who.id
    world.clock.at += timedelta(hours=3)
    await sweep(world.deps)
    woken = await ticket_of(world, other)
    assert woken.snoozed_until is None and woken.assigned == "ani"


async def test_a_silent_conversation_is_closed_with_a_word_and_the_form_goes_on(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, "ya")
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await handoff.reply(world.deps, ticket.id, ANI, "Siapa nama ibunya?", "k1")
    await world.news(who)
    for _ in range(24 * 60):
        world.clock.at += timedelta(minutes=1)
        await handoff.renew_all(world.deps, ANI)
    await sweep(world.deps)
    said = await world.news(who)
    assert "tutup" in said[0]["text"] and asked(said) == "pelapor.hubungan"
    assert (await world.conversation(who)).state is Holder.BOT
    assert (await ticket_of(world, who)).state == "closed"


# -- the way back -------------------------------------------------------------------------------------------------------


async def test_a_message_the_agent_had_not_seen_is_answered_by_the_bot_once(world: World) -> None:
    """It was put before the agent, who gave back a moment before reading it."""
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    seen = await last_seq(world, who.id)
    await world.news(who)
    assert await world.say(who, "berapa biaya akta?") == []
    await handoff.return_to_bot(world.deps, ticket.id, ANI, seen_seq=seen)
    assert (await world.conversation(who)).state is Holder.RETURNING
    while await world.work():
        pass
    assert len(await answers_to(world, who, "berapa biaya akta?")) == 1
    assert (await world.conversation(who)).state is Holder.BOT
    assert (await edges(world, who))[-1] == ("returned", "returning", "bot")
    assert set(await inbox_states(world, who)) == {"done"}


async def test_what_the_agent_had_seen_is_answered_by_nobody_twice(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.say(who, "berapa biaya akta?")
    await handoff.reply(world.deps, ticket.id, ANI, "Gratis, Bu", "k1")
    await handoff.return_to_bot(world.deps, ticket.id, ANI, seen_seq=await last_seq(world, who.id))
    assert (await world.conversation(who)).state is Holder.BOT
    assert not await world.work()
    assert await answers_to(world, who, "berapa biaya akta?") == []


async def test_a_message_still_in_the_inbox_when_the_agent_gives_back_is_the_bots(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.put(who, "berapa biaya akta?")
    await handoff.return_to_bot(world.deps, ticket.id, ANI, seen_seq=await last_seq(world, who.id))
    assert (await world.conversation(who)).state is Holder.RETURNING
    while await world.work():
        pass
    assert len(await answers_to(world, who, "berapa biaya akta?")) == 1
    assert (await world.conversation(who)).state is Holder.BOT


async def test_a_worker_that_found_the_agent_in_charge_looks_again_before_it_is_silent(world: World) -> None:
    """The message is claimed and read as the agent's; the agent gives back before that is settled."""
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.put(who, "berapa biaya akta?")
    (row,) = await world.queue.claim(1, world.clock.now())
    begin_turn, given_back = world.store.begin_turn, []

    async def and_then_it_is_given_back(row_):  # type: ignore[no-untyped-def]
        begun = await begin_turn(row_)
        if not given_back:
            given_back.append(await handoff.return_to_bot(world.deps, ticket.id, ANI))
        return begun

    world.store.begin_turn = and_then_it_is_given_back  # type: ignore[method-assign]
    await Converse(world.deps).run(row)
    assert given_back and len(await answers_to(world, who, "berapa biaya akta?")) == 1
    assert (await world.conversation(who)).state is Holder.BOT


async def test_an_agent_who_comes_while_the_bot_thinks_is_not_talked_over(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    turn = world.dialogue.turn

    async def and_meanwhile_somebody_comes(request):  # type: ignore[no-untyped-def]
        refs = await turn(request)
        await handoff.claim(world.deps, ticket.id, ANI)
        return refs

    world.dialogue.turn = and_meanwhile_somebody_comes  # type: ignore[method-assign]
    said = await world.say(who, "berapa biaya akta?")
    assert [one["from"] for one in said] == ["system"] and "Ani" in said[0]["text"]
    assert (await world.conversation(who)).state is Holder.AGENT


async def test_words_to_a_person_do_not_become_an_answer_of_the_form(world: World) -> None:
    """ "Saya tunggu ya Bu" written to the agent is not the mother's name that the form had asked for."""
    who = await world.session()
    await prove(world, who)
    for answer in ("ya", "ayah", "0812 3456 7890", "lewati"):
        before = await world.say(who, answer)
    assert asked(before) == "anak.nama"
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    seen = await last_seq(world, who.id)
    await world.say(who, "saya tunggu ya bu")
    await handoff.return_to_bot(world.deps, ticket.id, ANI, seen_seq=seen)
    while await world.work():
        pass
    assert asked(await world.news(who)) == "anak.nama"
    assert asked(await world.say(who, "Siti Aminah")) == "anak.jenis_kelamin"


async def test_what_a_ticket_that_nobody_claimed_was_about_can_be_closed(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.return_to_bot(world.deps, ticket.id, ANI, why="spam")
    assert (await world.conversation(who)).state is Holder.BOT
    assert "ditutup" in texts(await world.news(who))
    with pytest.raises(TicketConflict) as stopped:
        await handoff.claim(world.deps, ticket.id, BUDI)
    assert stopped.value.why == "closed"


async def test_the_ticket_tells_what_the_citizen_wanted_and_what_the_bot_tried(world: World) -> None:
    from bot.domain.handoff import Summary
    from bot.usecases.handoff_summary import lines

    who = await world.session()
    await world.say(who, "berapa biaya akta?")
    await world.say(who, "qwerty")
    await world.say(who, "asdfgh")
    ticket = await asks(world, who)
    assert ticket.trigger == Trigger.NOT_UNDERSTOOD  # the person was offered for that reason
    summary = Summary.from_json(ticket.summary)
    assert ("ask_cost", "akta-kelahiran") in summary.wishes
    assert [outcome for _, _, outcome in summary.tried].count("missed") == 2
    assert summary.last_words == ("qwerty", "asdfgh", "petugas")
    said = lines(world.deps, summary, "id")
    assert any("2 pesan" in one for one in said) and any("Akta" in one or "akta" in one for one in said)
    async with world.store.begin() as tx:
        from sqlalchemy import text

        (sealed,) = (await tx.run(text("select summary_sealed from ticket"))).scalars()
        trail = (await tx.run(text("select trail::text from conversation where id = :id"), {"id": who.id})).scalar_one()
    assert b"asdfgh" not in bytes(sealed) and "asdfgh" not in trail

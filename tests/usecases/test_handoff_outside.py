"""A handoff that another house's Chatwoot answers: there and back, each word once. When it is away: test_handoff_outside_away.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.domain.handoff import Holder, TicketConflict, TicketState
from bot.errors import NotFound
from bot.usecases import handoff
from bot.usecases.handoff import To
from bot.usecases.handoff_sweep import sweep
from tests.usecases.channels import asked, draft_of, texts
from tests.usecases.conftest import World
from tests.usecases.desk import ANI, SITI, answers_to, edges, ticket_of
from tests.usecases.outside_office import Outside, outside_office
from tests.usecases.test_handoff_citizen import pressed
from tests.usecases.test_handoff_form import half_way


@pytest.fixture
async def outside(world: World) -> AsyncIterator[Outside]:
    async with outside_office(world) as made:
        yield made


# -- there ------------------------------------------------------------------------------------------------------------------


async def test_the_citizen_hears_that_it_went_to_staff_and_agents_read_what_was_wanted_and_tried(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    await world.say(who, "berapa biaya akta?")
    said = await world.say(who, "petugas")
    ticket = await ticket_of(world, who)
    assert ticket.desk == "chatwoot" and ticket.number in texts(said) and "urutan" not in texts(said)
    await outside.settle()
    ref = (await outside.case(ticket)).ref
    assert ref is not None
    (note,) = outside.read(ref, private=True)
    assert ticket.number in note and "biaya" in note.casefold()
    assert outside.read(ref) == ["petugas"]
    (contact,) = outside.server.contacts.values()
    assert ticket.number in contact["name"]
    with pytest.raises(TicketConflict) as busy:
        await handoff.claim(world.deps, ticket.id, ANI)
    assert busy.value.why == "busy"
    assert await handoff.claim_next(world.deps, ANI) is None


async def test_until_an_agent_answers_the_bot_helps_and_what_is_asked_stands_there_too(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    assert await world.say(who, "berapa biaya akta?")
    await outside.settle()
    assert outside.read(ref) == ["petugas", "berapa biaya akta?"]


async def test_answers_to_the_bots_form_and_pictures_of_faces_never_leave(world: World, outside: Outside) -> None:
    who = await world.session()
    await half_way(world, who, 2)
    ticket, ref = await outside.handed(who)
    await world.say(who, "laki-laki")
    await outside.settle()
    assert outside.read(ref) == []
    (note,) = outside.read(ref, private=True)
    answers = [str(value) for value in (await draft_of(world, who))["answers"].values() if isinstance(value, str)]
    assert answers and not any(value in note for value in answers if len(value) > 3)
    outside.server.agent_says(ref, "Ada yang bisa dibantu?")
    await outside.settle(61)
    await world.send(who, "selfie", b"wajah")
    await world.send(who, "document", b"%PDF surat")
    await world.say(who, "itu suratnya")
    await outside.settle()
    selfie, paper, words = outside.server.conversations[int(ref)]["messages"][-3:]
    assert "tidak diteruskan" in selfie["content"] and selfie["attachments"] == []
    assert words["content"] == "itu suratnya" and paper["attachments"][0]["size"] == len(b"%PDF surat")
    assert (await ticket_of(world, who)).waiting_for == "agent" and ticket.number


async def test_lines_keep_their_order_however_the_account_stumbles(world: World, outside: Outside) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    outside.server.agent_says(ref, "Ya?")
    await outside.settle(61)
    outside.server.faults = ["500", "lost", "429", "html", "slow", "500"]
    for number in range(4):
        await world.say(who, f"baris {number}")
    for _ in range(8):
        await outside.settle(70)
    assert outside.read(ref)[1:] == [f"baris {number}" for number in range(4)]


# -- and back ---------------------------------------------------------------------------------------------------------------


async def test_an_agents_words_are_said_once_and_in_order_however_webhooks_come(world: World, outside: Outside) -> None:
    who = await world.session()
    ticket, ref = await outside.handed(who)
    await world.news(who)
    one = outside.server.agent_says(ref, "Selamat pagi")
    two = outside.server.agent_says(ref, "Ada yang bisa dibantu?")
    outside.server.agent_says(ref, "catatan sendiri", private=True)
    await outside.tells(two, one)
    await outside.tells(one, two, two)
    joined, *said = await world.news(who)
    assert "Rina" in joined["text"] and joined["meta"]["kind"] == "handoff"
    assert [(x["from"], x["text"], x["meta"]["agent"]) for x in said] == [
        ("agent", "Selamat pagi", "Rina"),
        ("agent", "Ada yang bisa dibantu?", "Rina"),
    ]
    assert (await world.conversation(who)).state is Holder.AGENT
    assert await world.say(who, "akta saya salah nama") == []
    await outside.settle()
    assert outside.read(ref)[-1] == "akta saya salah nama"
    now = await ticket_of(world, who)
    assert (now.state, now.agent, now.waiting_for) == (TicketState.CLAIMED, None, "agent")
    assert now.first_reply_at is not None and now.id == ticket.id


async def test_a_lost_webhook_costs_a_minute_and_nothing_else(world: World, outside: Outside) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await world.news(who)
    outside.server.agent_says(ref, "Halo")
    await outside.settle(5)
    assert await world.news(who) == []
    await outside.settle(61)
    assert [one["text"] for one in await world.news(who)][-1] == "Halo"


async def test_an_agents_file_reaches_the_citizen_and_a_broken_one_is_said_to_be(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Contoh suratnya", files={"contoh.pdf": b"%PDF"}))
    await outside.tells(outside.server.agent_says(ref, None, files={"b.pdf": b"bad"}))
    good, bad = [one for one in await world.news(who) if one["from"] == "agent"]
    assert [file["name"] for file in good["attachments"]] == ["contoh.pdf"]
    assert bad["attachments"] == [] and "tidak bisa" in bad["text"]


async def test_resolving_there_gives_back_and_the_frozen_form_goes_on_where_it_was(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    question = asked(await half_way(world, who, 3))
    ticket, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Saya bantu ya"))
    before = await draft_of(world, who)
    await world.news(who)
    assert await world.say(who, "apa saja") == []
    await outside.settle()
    await world.news(who)
    last = outside.server.agent_says(ref, "Sudah jelas?")
    end = outside.server.agent_sets(ref, "resolved")
    await outside.tells(end, last, end)  # the end overtook the last words
    said = await world.news(who)
    assert [one["from"] for one in said][0] == "agent" and said[0]["text"] == "Sudah jelas?"
    assert asked(said) == question and await draft_of(world, who) == before
    assert (await world.conversation(who)).state is Holder.BOT
    now = await ticket_of(world, who)
    assert now.state == TicketState.CLOSED and now.resolved_at is not None
    assert await edges(world, who) == [
        ("queued", "bot", "queued"),
        ("claimed", "queued", "agent"),
        ("returning", "agent", "returning"),
        ("returned", "returning", "bot"),
    ]
    said = await world.say(who, "lewati")
    assert asked(said) != question and ticket.id == now.id


async def test_what_never_reached_the_desk_before_it_resolved_is_answered_by_the_bot(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Ya?"))
    await world.say(who, "berapa biaya akta?")
    outside.server.faults = ["500"]
    await outside.settle()  # the line is tried and lost
    await outside.tells(outside.server.agent_sets(ref, "resolved"))
    while await world.work():
        pass
    assert len(await answers_to(world, who, "berapa biaya akta?")) == 1
    assert (await world.conversation(who)).state is Holder.BOT
    await outside.settle(120)
    assert outside.read(ref) == ["petugas"]


async def test_words_after_the_end_are_said_and_the_bot_keeps_the_conversation(world: World, outside: Outside) -> None:
    who = await world.session()
    question = asked(await half_way(world, who, 3))
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Baik"), outside.server.agent_sets(ref, "resolved"))
    await world.news(who)
    late = outside.server.agent_says(ref, "Oh ya, bawa KK")
    await outside.tells(late, late)
    said = await world.news(who)
    assert (said[0]["from"], said[0]["text"]) == ("agent", "Oh ya, bawa KK") and asked(said) == question
    assert (await world.conversation(who)).state is Holder.BOT


async def test_an_agent_who_opens_it_again_has_the_citizen_again(world: World, outside: Outside) -> None:
    who = await world.session()
    ticket, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Baik"), outside.server.agent_sets(ref, "resolved"))
    await world.news(who)
    await outside.tells(outside.server.agent_sets(ref, "open"))
    assert (await world.conversation(who)).state is Holder.QUEUED  # the bot helps until they speak
    await outside.tells(outside.server.agent_says(ref, "Satu hal lagi"))
    assert [one["text"] for one in await world.news(who)][-1] == "Satu hal lagi"
    assert (await world.conversation(who)).state is Holder.AGENT
    assert (await ticket_of(world, who)).id == ticket.id
    await world.say(who, "ya?")
    await outside.settle()
    assert outside.read(ref)[-1] == "ya?"
    await outside.tells(outside.server.agent_sets(ref, "resolved"))
    assert (await world.conversation(who)).state is Holder.BOT


async def test_who_asks_again_later_gets_a_conversation_of_their_own(world: World, outside: Outside) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Baik"), outside.server.agent_sets(ref, "resolved"))
    _, again = await outside.handed(who)
    assert again != ref and outside.server.conversations[int(again)]["status"] == "open"


async def test_who_goes_back_to_the_bot_is_closed_there_with_a_word(world: World, outside: Outside) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Ya?"))
    said = await world.news(who)
    back = await world.say(who, payload=pressed(said, "Kembali ke Loket"))
    assert back and (await world.conversation(who)).state is Holder.BOT
    await outside.settle()
    assert outside.server.conversations[int(ref)]["status"] == "resolved"
    assert "kembali ke bot" in outside.read(ref, private=True)[-1]


async def test_a_citizen_who_is_silent_for_a_day_is_closed_there_too(world: World, outside: Outside) -> None:
    who = await world.session()
    _, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Sudah jelas?"))
    world.clock.at += world.deps.policy.desk.silent * 1.1
    await sweep(world.deps)
    await outside.settle()
    assert (await world.conversation(who)).state is Holder.BOT
    assert outside.server.conversations[int(ref)]["status"] == "resolved"


# -- between the desks ------------------------------------------------------------------------------------------------------


async def test_a_supervisor_takes_over_and_late_words_become_a_note_for_them(world: World, outside: Outside) -> None:
    who = await world.session()
    ticket, ref = await outside.handed(who)
    await outside.tells(outside.server.agent_says(ref, "Ya?"))
    await handoff.take_over(world.deps, ticket.id, SITI)
    await world.news(who)
    await outside.settle()
    assert outside.server.conversations[int(ref)]["status"] == "resolved"
    await outside.tells(outside.server.agent_says(ref, "Saya juga masih di sini"))
    assert await world.news(who) == []
    async with world.store.begin() as tx:
        (note,) = await tx.notes(ticket.conversation_id)
    assert "Saya juga masih di sini" in note.text and note.author == "chatwoot"


async def test_an_agent_hands_a_conversation_on_to_the_desk_and_it_goes_there_anew(
    world: World, outside: Outside
) -> None:
    who = await world.session()
    ticket, first = await outside.handed(who)
    await handoff.take_over(world.deps, ticket.id, SITI)
    await outside.settle()
    with pytest.raises(NotFound):
        await handoff.transfer(world.deps, ticket.id, SITI, To(desk="elsewhere"))
    await handoff.transfer(world.deps, ticket.id, SITI, To(desk="chatwoot"))
    await outside.settle()
    second = (await outside.case(ticket)).ref
    assert second not in (None, first) and (await ticket_of(world, who)).desk == "chatwoot"
    await outside.tells(outside.server.agent_says(str(second), "Lanjut di sini"))
    assert [one["text"] for one in await world.news(who)][-1] == "Lanjut di sini"

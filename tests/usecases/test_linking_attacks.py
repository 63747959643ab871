"""Who is not the same person does not become it: guessing, replay, races, other people's faces."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.conversation import Conversation
from bot.domain.messages import Inbound, Unread
from bot.domain.payloads import command
from bot.errors import Fenced
from bot.usecases.converse import Converse
from bot.usecases.receive import receive
from tests.usecases.channels import (
    TELEGRAM,
    WHATSAPP,
    asked,
    audited,
    code_in,
    connect,
    half_filled,
    on,
    several_channels,
    texts,
    verified,
)
from tests.usecases.conftest import NIK, World

OTHER_NIK = "3328995203920002"
NO_CODE = "tidak berlaku"


@pytest.fixture(autouse=True)
def channels(world: World) -> None:
    several_channels(world)
    world.agency.people[OTHER_NIK] = replace(
        world.agency.people[NIK], nik=OTHER_NIK, name="Sri Lestari", birth_date=date(1992, 3, 12)
    )


async def same_person(world: World, one: Conversation, other: Conversation) -> bool:
    async with world.store.begin() as tx:
        return await tx.same_person(one.id, other.id)


# -- the code -----------------------------------------------------------------------------------------------------------


async def test_unknown_used_void_and_old_codes_are_refused_in_the_same_words(world: World) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    refusals = [texts(await world.say(new, "sambung 0A0A-0A0A"))]
    used = await code_in(world, old)
    await world.say(new, used)
    await world.say(new, "tidak")
    refusals.append(texts(await world.say(new, used)))
    void = await code_in(world, old)
    current = await code_in(world, old)
    world.clock.at += timedelta(minutes=2)
    refusals.append(texts(await world.say(new, void)))
    world.clock.at += timedelta(minutes=10)
    refusals.append(texts(await world.say(await world.session(), current)))
    assert len(set(refusals)) == 1 and NO_CODE in refusals[0]


async def test_the_question_whether_to_connect_lasts_no_longer_than_a_code(world: World) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    await world.say(new, await code_in(world, old))
    world.clock.at += timedelta(minutes=11)
    assert "Tidak ada obrolan yang menunggu" in texts(await world.say(new, payload=command("sambung-ya")))
    assert not await same_person(world, old, new)


async def test_guessing_is_slowed_down_and_then_stopped_for_a_right_code_too(world: World) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    for _ in range(3):
        assert NO_CODE in texts(await world.say(new, "sambung 0A0A-0A0A"))
    code = await code_in(world, old)
    assert "tunggu kira-kira 1 menit" in texts(await world.say(new, code))
    for minutes in (2, 6, 61):
        world.clock.at += timedelta(minutes=minutes)
        assert NO_CODE in texts(await world.say(new, "sambung 0A0A-0A0A"))
    world.clock.at += timedelta(days=1)
    said = await world.say(new, await code_in(world, old))
    assert "kami hentikan" in texts(said) and said[-1]["buttons"]
    assert len([a for a in await audited(world, "link.refused") if a["reason"] == "code"]) == 6


async def test_many_new_browsers_guess_no_faster_than_the_account_allows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.domain.linking.WRONG_PER_HOUR", 3)
    old = await on(world, TELEGRAM)
    for _ in range(3):
        assert NO_CODE in texts(await world.say(await world.session(), "sambung 0A0A-0A0A"))
    code = await code_in(world, old)
    assert "tunggu" in texts(await world.say(await world.session(), code))
    assert "Sambungkan" in texts(await world.say(await on(world, WHATSAPP), code))  # other accounts are not held up


async def test_no_more_than_five_codes_an_hour(world: World) -> None:
    who = await on(world, TELEGRAM)
    for _ in range(5):
        await code_in(world, who)
    assert "coba lagi nanti" in texts(await world.say(who, "kode sambung"))
    world.clock.at += timedelta(minutes=61)
    await code_in(world, who)


async def test_a_code_typed_where_it_was_given_is_not_used_up(world: World) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    code = await code_in(world, old)
    assert "bukan di sini" in texts(await world.say(old, code))
    assert "Sambungkan" in texts(await world.say(new, code))


async def test_a_code_pasted_into_a_group_is_not_read(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    code = await code_in(world, old)
    account = world.deps.channels[TELEGRAM]
    told = Inbound(TELEGRAM, "u7", "-100200300", world.clock.now(), unread=Unread.GROUP, name=f"sambung {code}")
    assert await receive(world.deps, account, [told]) == 1
    while await world.work():
        pass
    assert "Sambungkan" in texts(await world.say(new, code))  # still good, for the person


async def test_of_two_who_type_one_code_at_once_one_is_asked(world: World) -> None:
    old = await on(world, TELEGRAM)
    code = await code_in(world, old)
    rivals = [await world.session() for _ in range(4)]
    for rival in rivals:
        await world.put(rival, code)
    rows = await world.queue.claim(16, world.clock.now())
    await asyncio.gather(*(Converse(world.deps).run(row) for row in rows))
    said = [texts(await world.news(rival)) for rival in rivals]
    assert sum("Sambungkan" in one for one in said) == 1 and sum(NO_CODE in one for one in said) == 3


async def test_two_who_agree_to_join_each_other_at_once_become_one_without_a_deadlock(world: World) -> None:
    for _ in range(3):
        one, other = await on(world, TELEGRAM), await on(world, WHATSAPP)
        for code, there in ((await code_in(world, one), other), (await code_in(world, other), one)):
            await world.say(there, code)
        for who in (one, other):
            await world.put(who, "ya")
        rows = await world.queue.claim(16, world.clock.now())
        await asyncio.gather(*(Converse(world.deps).run(row) for row in rows))
        assert await same_person(world, one, other)
        for who in (one, other):
            assert "tersambung" in texts(await world.news(who))


async def test_a_worker_whose_lease_moved_on_connects_nobody(world: World) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    await world.say(new, await code_in(world, old))
    await world.put(new, "ya")
    (stale,) = await world.queue.claim(1, world.clock.now())
    await world.queue.wait(stale, "lost", 0, world.clock.now())
    (fresh,) = await world.queue.claim(1, world.clock.now())
    with pytest.raises(Fenced):
        await Converse(world.deps).run(stale)
    assert not await same_person(world, old, new)
    await Converse(world.deps).run(fresh)
    assert await same_person(world, old, new)


# -- other people -------------------------------------------------------------------------------------------------------


async def test_two_people_whose_faces_were_verified_are_never_connected(world: World) -> None:
    old, new = await on(world, TELEGRAM), await on(world, WHATSAPP)
    await verified(world, old)
    await verified(world, new, OTHER_NIK)
    said = await world.say(new, await code_in(world, old))
    assert "orang yang berbeda" in texts(said)
    assert not await same_person(world, old, new)
    (refused,) = await audited(world, "link.refused")
    assert refused["reason"] == "other_citizen" and refused["with"] == str(old.id)


async def test_that_holds_after_the_proof_ran_out_and_along_a_chain(world: World) -> None:
    old, middle, new = await on(world, TELEGRAM), await world.session(), await on(world, WHATSAPP)
    await verified(world, old)
    await verified(world, new, OTHER_NIK)
    await connect(world, old, middle)
    async with world.store.begin() as tx:
        conversation = await tx.conversation(new.id, lock=True)
        conversation.assurance = 1
        await tx.save_conversation(conversation)
    assert "orang yang berbeda" in texts(await world.say(new, await code_in(world, middle)))


async def test_an_equal_face_is_offered_only_to_level_3_and_never_connects_by_itself(world: World) -> None:
    old, new = await on(world, TELEGRAM), await on(world, WHATSAPP)
    await verified(world, old)
    await half_filled(world, new, 1)
    assert not await same_person(world, old, new)
    async with world.store.begin() as tx:
        conversation = await tx.conversation(new.id, lock=True)
        conversation.assurance = 2
        await tx.save_conversation(conversation)
    assert "Tidak ada obrolan yang menunggu" in texts(await world.say(new, "ya sambungkan"))
    assert not await same_person(world, old, new)


async def test_no_more_conversations_than_a_person_can_have(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.domain.linking.MOST", 2)
    one, two, three = await on(world, TELEGRAM), await on(world, WHATSAPP), await world.session()
    await connect(world, one, two)
    assert "terlalu banyak" in texts(await world.say(three, await code_in(world, one)))


# -- answers stay answers -----------------------------------------------------------------------------------------------


async def test_words_of_the_connection_that_answer_a_question_are_answers(world: World) -> None:
    who = await on(world, TELEGRAM)
    await half_filled(world, who, 4)
    said = await world.say(who, "Lepas")  # a child's name, as far as a form can know
    assert asked(said) != "anak.nama" and "tersambung" not in texts(said)


async def test_lepas_is_heard_inside_a_form_of_a_connected_conversation(world: World) -> None:
    one, two = await on(world, TELEGRAM), await on(world, WHATSAPP)
    await connect(world, one, two)
    await half_filled(world, two, 4)
    said = await world.say(two, "lepas")
    assert "sudah dilepas" in texts(said) and asked(said) == "anak.nama"
    assert not await same_person(world, one, two)


async def test_a_wrong_code_inside_a_form_leaves_the_form_open(world: World) -> None:
    who = await on(world, TELEGRAM)
    await half_filled(world, who, 4)
    said = await world.say(who, "sambung 0A0A-0A0A")
    assert NO_CODE in texts(said) and asked(said) == "anak.nama"


async def test_forged_buttons_do_no_more_than_typing(world: World) -> None:
    who = await world.session()
    for forged in ("perintah:code", "perintah:yes", "perintah:sambung-ya-x", "perintah:link_code"):
        assert "tidak berlaku" in texts(await world.say(who, payload=forged))

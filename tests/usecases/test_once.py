"""Nothing twice, nothing lost: repeated deliveries, broken turns, stale workers."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import DialogueUnavailable, Fenced
from bot.ports import TurnRequest
from bot.usecases.converse import Converse
from bot.usecases.receive import receive_web
from tests.usecases.conftest import World
from tests.usecases.script import FIELDS, prove


async def test_the_same_message_ten_times_at_once_is_one_turn(world: World) -> None:
    who = await world.session()
    got = await asyncio.gather(*(receive_web(world.deps, who.id, "same", text="halo") for _ in range(10)))
    assert len({seq for seq, _ in got}) == 1 and sum(fresh for _, fresh in got) == 1
    while await world.work():
        pass
    assert len(await world.news(who)) == 1


class Broken(Exception):
    """The worker dies here."""


async def test_a_turn_that_broke_after_its_effect_is_repeated_without_a_second_effect(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, FIELDS[0])
    turn = world.dialogue.turn

    async def dies_after_the_steps(request: TurnRequest) -> list[str]:
        await turn(request)
        raise Broken

    world.dialogue.turn = dies_after_the_steps  # type: ignore[method-assign]
    await world.put(who, "ayah")
    (row,) = await world.queue.claim(1, world.clock.now())
    with pytest.raises(Broken):
        await Converse(world.deps).run(row)
    world.dialogue.turn = turn  # type: ignore[method-assign]
    await world.queue.fail(row, "broken", world.clock.now())
    world.clock.at += __import__("datetime").timedelta(seconds=5)
    while await world.work():
        pass
    answers = await world.news(who)
    assert [a["meta"].get("field") for a in answers if a["meta"].get("field")] == ["pelapor.telepon"]


async def test_a_worker_whose_lease_moved_on_can_write_nothing(world: World) -> None:
    who = await world.session()
    await world.put(who, "halo")
    (old,) = await world.queue.claim(1, world.clock.now())
    await world.queue.wait(old, "lost", 0, world.clock.now())
    (new,) = await world.queue.claim(1, world.clock.now())
    with pytest.raises(Fenced):
        await Converse(world.deps).run(old)
    await Converse(world.deps).run(new)
    assert len(await world.news(who)) == 1


async def test_while_rasa_is_away_messages_wait_and_keep_their_order(world: World) -> None:
    who = await world.session()
    turn = world.dialogue.turn

    async def away(request: TurnRequest) -> list[str]:
        raise DialogueUnavailable

    world.dialogue.turn = away  # type: ignore[method-assign]
    await world.put(who, "mau buat akta kelahiran")
    await world.put(who, "ya")
    (row,) = await world.queue.claim(16, world.clock.now())  # the second waits behind the first
    with pytest.raises(DialogueUnavailable):
        await Converse(world.deps).run(row)
    await world.queue.wait(row, "dialogue_unavailable", 0, world.clock.now())
    world.dialogue.turn = turn  # type: ignore[method-assign]
    while await world.work():
        pass
    fields = [a["meta"].get("field") for a in await world.news(who) if a["meta"].get("field")]
    assert fields == ["persetujuan.setuju", "identitas.nik"]


async def test_answers_of_one_conversation_never_overtake_each_other(world: World) -> None:
    people = [await world.session() for _ in range(5)]
    for number in range(4):
        for who in people:
            await world.put(who, ["mau buat akta kelahiran", "ya", "ulang", "sampai mana"][number])
    while True:
        rows = await world.queue.claim(16, world.clock.now())
        if not rows:
            break
        assert len({row.conversation_id for row in rows}) == len(rows)
        await asyncio.gather(*(Converse(world.deps).run(row) for row in rows))
    for who in people:
        async with world.store.begin() as tx:
            thread = await tx.thread(who.id)
        assert [entry.seq for entry in thread] == list(range(1, len(thread) + 1))

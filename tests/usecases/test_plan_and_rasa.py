"""The plan of a turn is recorded while Rasa reads: whoever is quicker, nothing is said twice or without it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.domain.conversation import InboxRow
from bot.errors import EmptyTurn, Fenced
from bot.ports import TurnRequest
from bot.storage.store import PgStore
from bot.usecases.converse import Converse
from tests.usecases.conftest import World


async def test_a_step_that_comes_before_the_plan_is_recorded_waits_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = PgStore.record_plan

    async def slowly(self: PgStore, row: InboxRow, plan: dict[str, Any], now: datetime, lasting: bool) -> None:
        await asyncio.sleep(0.08)
        await record(self, row, plan, now, lasting)

    monkeypatch.setattr(PgStore, "record_plan", slowly)
    said = await world.say(await world.session(), "halo")
    assert len(said) == 1 and said[0]["text"]


async def test_a_turn_whose_lease_was_lost_while_its_plan_was_recorded_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(self: PgStore, row: InboxRow, plan: dict[str, Any], now: datetime, lasting: bool) -> None:
        raise Fenced("the lease of the turn moved on")

    monkeypatch.setattr(PgStore, "record_plan", lost)
    monkeypatch.setattr("bot.usecases.dialogue_steps._PLAN_PAUSES_S", (0.001,))
    who = await world.session()
    await world.put(who, "halo")
    (row,) = await world.queue.claim(1, world.clock.now())
    with pytest.raises(Fenced):
        await Converse(world.deps).run(row)
    assert await world.news(who) == []


async def test_a_turn_whose_steps_a_crash_of_the_database_took_is_run_again_from_its_beginning(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps need not be on the disk before the turn's own commit (``put_steps``)."""
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran baru")

    async def crashed(request: TurnRequest) -> list[str]:
        return ["0.validate_service_form", "1.action_ask_service_form_service_answer"]

    await world.put(who, "ya")
    (row,) = await world.queue.claim(1, world.clock.now())
    monkeypatch.setattr(world.dialogue, "turn", crashed)
    with pytest.raises(EmptyTurn):
        await Converse(world.deps).run(row)
    monkeypatch.undo()
    await world.news(who)
    await Converse(world.deps).run(replace(row, found=None))
    said = await world.news(who)
    assert said[-1]["meta"]["field"] == "identitas.nik"

"""The plan of a turn is recorded while Rasa reads: whoever is quicker, nothing is said twice or without it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from bot.domain.conversation import InboxRow
from bot.errors import Fenced
from bot.storage.store import PgStore
from bot.usecases.converse import Converse
from tests.usecases.conftest import World


async def test_a_step_that_comes_before_the_plan_is_recorded_waits_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = PgStore.record_plan

    async def slowly(self: PgStore, row: InboxRow, plan: dict[str, Any], now: datetime) -> None:
        await asyncio.sleep(0.08)
        await record(self, row, plan, now)

    monkeypatch.setattr(PgStore, "record_plan", slowly)
    said = await world.say(await world.session(), "halo")
    assert len(said) == 1 and said[0]["text"]


async def test_a_turn_whose_lease_was_lost_while_its_plan_was_recorded_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(self: PgStore, row: InboxRow, plan: dict[str, Any], now: datetime) -> None:
        raise Fenced("the lease of the turn moved on")

    monkeypatch.setattr(PgStore, "record_plan", lost)
    monkeypatch.setattr("bot.usecases.dialogue_steps._PLAN_PAUSES_S", (0.001,))
    who = await world.session()
    await world.put(who, "halo")
    (row,) = await world.queue.claim(1, world.clock.now())
    with pytest.raises(Fenced):
        await Converse(world.deps).run(row)
    assert await world.news(who) == []

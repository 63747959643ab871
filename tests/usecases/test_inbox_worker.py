"""The inbox worker at work: files that cannot be fetched wait, what fails three times is given up and said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bot.domain.messages import Inbound, MediaRef
from bot.errors import ChannelUnavailable, Throttled
from bot.ports import CleanFile, TurnRequest
from bot.storage.inbox import InboxQueue
from bot.usecases.attachments import Attachments, Channels
from bot.usecases.receive import receive
from bot.workers import inbox as worker_module
from bot.workers.inbox import InboxWorker
from tests.fakes import FakeChannel
from tests.usecases.conftest import World


class PlainMedia:
    async def clean(self, data: bytes) -> CleanFile:
        return CleanFile(data, "image/jpeg")


@asynccontextmanager
async def working(world: World, database_url: str, channel: FakeChannel) -> AsyncIterator[InboxWorker]:
    channels = Channels({"fake": channel})
    files = Attachments(world.deps, channels, PlainMedia(), 1000)
    worker = InboxWorker(world.deps, InboxQueue(world.store, 30), database_url, 4, 10, files, channels)
    task = asyncio.create_task(worker.run())
    yield worker
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def put(world: World, channel: FakeChannel, external_id: str, **more: Any) -> None:
    now = world.clock.now()
    await receive(world.deps, channel.accounts["fake:1"], [Inbound("fake:1", external_id, "citizen-1", now, **more)])


async def states(world: World) -> list[tuple[str, str | None]]:
    async with world.store.begin() as tx:
        return [tuple(row) for row in await tx.run(text("select state, reason from inbox order by id"))]


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not await true():  # noqa: ASYNC110 - looks at the tables
            await asyncio.sleep(0.05)


async def test_a_file_that_a_provider_gives_late_is_waited_for_and_later_messages_stay_behind_it(
    world: World, database_url: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(worker_module, "_MEDIA_WAIT_S", (0.05,))
    channel = FakeChannel(files={"f1": b"foto"})
    problems: list[Exception] = [ChannelUnavailable(), Throttled(0.05)]
    fetch = channel.fetch

    async def late(*args: Any) -> bytes:
        if problems:
            raise problems.pop(0)
        return await fetch(*args)

    channel.fetch = late  # type: ignore[method-assign, assignment]
    await put(world, channel, "u1", media=MediaRef("f1"))
    await put(world, channel, "u2", text="syarat akta")
    async with working(world, database_url, channel):

        async def done() -> bool:
            world.clock.at += timedelta(seconds=0.3)
            return {state for state, _ in await states(world)} == {"done"}

        await until(done)
    async with world.store.begin() as tx:
        answers = (await tx.run(text("select inbox_id from message where sender = 'bot' order by seq"))).scalars().all()
    assert answers == sorted(answers) and len(set(answers)) == 2
    assert [mark for mark, *_ in channel.acknowledged] == ["citizen-1", "citizen-1"]  # once each, not once a try


async def test_what_fails_three_times_is_given_up_in_one_piece_with_the_word_to_the_citizen(
    world: World, database_url: str
) -> None:
    channel = FakeChannel()
    turn = world.dialogue.turn

    async def poisoned(request: TurnRequest) -> list[str]:
        if "racun" in request.message:
            raise RuntimeError
        return await turn(request)

    world.dialogue.turn = poisoned  # type: ignore[method-assign]
    await put(world, channel, "u1", text="racun")
    await put(world, channel, "u2", payload="niat:greet")
    async with working(world, database_url, channel):

        async def done() -> bool:
            world.clock.at += timedelta(seconds=0.3)
            return [state for state, _ in await states(world)] == ["dead", "done"]

        await until(done)
    assert (await states(world))[0] == ("dead", "RuntimeError")
    async with world.store.begin() as tx:
        told = await tx.run(text("select dedupe_key from message where sender = 'bot' order by seq limit 1"))
        assert str(told.scalar_one()).startswith("error.turn_failed:")

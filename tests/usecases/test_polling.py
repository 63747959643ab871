"""Asking providers for messages: one poller per account, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import text

from bot.domain.messages import Event, Inbound
from bot.errors import ChannelUnavailable, Throttled
from bot.ports import ChannelAccount
from bot.storage.pg import plain_url
from bot.usecases.attachments import Channels
from bot.workers.polling import PollingWorker
from tests.fakes import FakeChannel
from tests.usecases.conftest import World


class Provider(FakeChannel):
    """Counts who asks at the same time; ``problems`` come first."""

    def __init__(self, *batches: Sequence[Event]) -> None:
        super().__init__(polls=True, waiting=list(batches))
        self.problems: list[Exception] = []
        self.asking = self.most = self.asked = 0

    async def poll(self, account: ChannelAccount, at: Any) -> Any:
        self.asked += 1
        self.asking += 1
        self.most = max(self.most, self.asking)
        try:
            if self.problems:
                raise self.problems.pop(0)
            return await super().poll(account, at)
        finally:
            self.asking -= 1


def message(world: World, number: int) -> Inbound:
    return Inbound("fake:1", f"u{number}", f"citizen-{number % 3}", world.clock.now(), text="halo")


async def rows(world: World) -> list[str]:
    async with world.store.begin() as tx:
        return list((await tx.run(text("select external_id from inbox order by id"))).scalars())


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - looks at the fake provider
            await asyncio.sleep(0.02)


@asynccontextmanager
async def polling(world: World, database_url: str, *channels: FakeChannel) -> AsyncIterator[list[asyncio.Task[None]]]:
    """A worker process per channel object."""
    workers = [PollingWorker(world.deps, Channels({"fake": c}), database_url, pause_s=0.05) for c in channels]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_a_provider_has_is_stored_in_order_and_then_forgotten_there(world: World, database_url: str) -> None:
    provider = Provider(*([message(world, 2 * n), message(world, 2 * n + 1)] for n in range(5)))
    async with polling(world, database_url, provider):
        await until(lambda: not provider.waiting)
    found = await rows(world)
    assert sorted(found) == sorted(f"u{n}" for n in range(10))
    for citizen in range(3):  # of one person in the order they were written
        theirs = [name for name in found if int(name[1:]) % 3 == citizen]
        assert theirs == sorted(theirs, key=lambda name: int(name[1:]))


async def test_two_workers_never_ask_at_the_same_time_and_one_takes_over_from_the_other(
    world: World, database_url: str
) -> None:
    provider = Provider()
    async with polling(world, database_url, provider, provider) as tasks:
        await until(lambda: provider.asked > 5)
        assert provider.most == 1
        for task in tasks:  # whichever holds it: the other goes on
            asked = provider.asked
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if task is not tasks[-1]:
                await until(lambda asked=asked: provider.asked > asked + 3)  # type: ignore[misc]
    assert provider.most == 1


async def test_a_provider_that_is_away_or_asks_for_patience_is_asked_again(world: World, database_url: str) -> None:
    provider = Provider([message(world, 1)])
    provider.problems = [Throttled(0.05), Throttled(0.05), RuntimeError("odd")]
    async with polling(world, database_url, provider):
        await until(lambda: not provider.waiting)
    assert await rows(world) == ["u1"]


async def test_when_storing_fails_the_provider_keeps_the_messages(world: World, database_url: str) -> None:
    provider = Provider([message(world, 1)])
    begin = world.store.begin
    problems = [psycopg.OperationalError("gone")]

    def shaky() -> Any:
        if problems:
            raise problems.pop()
        return begin()

    world.store.begin = shaky  # type: ignore[method-assign]
    async with polling(world, database_url, provider):
        await until(lambda: not provider.waiting)
    assert not problems and await rows(world) == ["u1"]


async def test_one_message_that_cannot_be_stored_does_not_hold_up_those_behind_it(
    world: World, database_url: str
) -> None:
    broken = Inbound("fake:1", "bad", "citizen-1", world.clock.now(), text=7)  # type: ignore[arg-type]
    provider = Provider([message(world, 1), broken, message(world, 2)])
    async with polling(world, database_url, provider):
        await until(lambda: not provider.waiting)
    assert sorted(await rows(world)) == ["u1", "u2"]


async def test_a_poller_whose_connection_was_cut_asks_for_the_lock_again(world: World, database_url: str) -> None:
    provider = Provider()
    async with polling(world, database_url, provider):
        await until(lambda: provider.asked > 2)
        async with await psycopg.AsyncConnection.connect(plain_url(database_url), autocommit=True) as admin:
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = "
                "(select oid from pg_database where datname = current_database())"
            )
        asked = provider.asked
        await until(lambda: provider.asked > asked + 3)
    assert provider.most == 1


async def test_a_channel_that_does_not_want_to_be_asked_is_not(world: World, database_url: str) -> None:
    silent = Provider([message(world, 1)])
    silent.polls = False
    async with polling(world, database_url, silent) as (task,):
        await asyncio.sleep(0.1)
        assert not task.done() and silent.asked == 0


async def test_a_failure_of_the_provider_is_no_end_of_the_worker(world: World, database_url: str) -> None:
    provider = Provider()
    provider.problems = [ChannelUnavailable()]
    async with polling(world, database_url, provider) as (task,):
        await until(lambda: not provider.problems)
        assert not task.done()

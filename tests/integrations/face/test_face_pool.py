"""The engine's processes: bounded waiting, bounded memory."""

from __future__ import annotations

import asyncio

import pytest

from integrations.face import pool, thresholds
from integrations.face.described import Described
from integrations.face.pool import EnginePool, FaceBusy

POLICY = thresholds.load()


class Held:
    """Stands in for the children: every picture takes until it is let go."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.asked = 0

    async def run(self, function: object, *args: object) -> Described:
        self.asked += 1
        await self.free.wait()
        return Described(problem="face.none")

    async def close(self) -> None: ...


async def test_one_picture_too_many_is_told_to_come_again_and_the_others_are_served(monkeypatch):
    engine, held = EnginePool(POLICY, processes=1, waiting=2), Held()
    await engine.close()
    monkeypatch.setattr(engine, "_pool", held)
    waiting = [asyncio.create_task(engine.describe([b"picture"])) for _ in range(3)]
    for _ in range(3):  # each call starts a task of its own
        await asyncio.sleep(0)
    with pytest.raises(FaceBusy) as busy:
        await engine.describe([b"picture"])
    assert busy.value.retryable and not busy.value.alert and busy.value.text_key == "face.busy"
    assert held.asked == 3, "the fourth was not even looked at"
    held.free.set()
    assert len(await asyncio.gather(*waiting)) == 3
    assert len(await engine.describe([b"a", b"b"])) == 2, "there is room again"


async def test_room_is_given_back_when_the_caller_gives_up(monkeypatch):
    engine, held = EnginePool(POLICY, processes=1, waiting=0), Held()
    await engine.close()
    monkeypatch.setattr(engine, "_pool", held)
    task = asyncio.create_task(engine.describe([b"picture"]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    held.free.set()
    assert len(await engine.describe([b"picture"])) == 1


def _wants(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


async def test_a_child_that_wants_more_memory_than_stated_gets_an_error_and_lives_on():
    engine = EnginePool(POLICY, memory_mib=1024)
    try:
        await engine.warm()
        (pid,) = engine.pids
        with pytest.raises(pool.ChildRaised, match="MemoryError"):
            await engine._pool.run(_wants, 1024)
        assert engine.pids == [pid]
        assert await engine._pool.run(_wants, 64) == 64 * 1024 * 1024
    finally:
        await engine.close()

"""Children that crash, hang or grow harm nobody else. Real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.childpool import ChildCannotStart, ChildDied, ChildPool, ChildRaised, ChildTimedOut

_ready = False


def get_ready() -> None:
    global _ready
    _ready = True


def refuse_to_start() -> None:
    raise FileNotFoundError("no models")


def echo(value: object) -> object:
    assert _ready
    return value


def pid() -> int:
    return os.getpid()


def threads_of_numpy() -> str:
    return os.environ["OPENBLAS_NUM_THREADS"]


def hang(_: object = None) -> None:
    time.sleep(600)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def crash_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "second try"


def grow() -> int:
    return len(bytearray(4 * 1024**3))


def complain() -> None:
    raise ValueError("NIK 3328990101900001")


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ChildPool]:
    made = ChildPool(get_ready, processes=1, timeout_s=2.0, memory_mib=1024)
    yield made
    await made.close()


async def test_large_values_travel_both_ways(pool):
    value = os.urandom(20_000_000)
    assert await pool.run(echo, value) == value


async def test_one_child_serves_many_calls(pool):
    assert len({await pool.run(pid) for _ in range(3)} | {os.getpid()}) == 2


async def test_a_hanging_call_times_out_and_the_next_one_is_served(pool):
    with pytest.raises(ChildTimedOut):
        await pool.run(hang)
    assert await pool.run(echo, 1) == 1


async def test_a_child_that_does_not_read_times_out_too(pool):
    await pool.warm()
    os.kill(pool.pids[0], signal.SIGSTOP)
    with pytest.raises(ChildTimedOut):
        await pool.run(echo, b"x" * 20_000_000)
    assert await pool.run(echo, 1) == 1


async def test_a_call_whose_child_was_killed_is_tried_once_more(pool, tmp_path):
    assert await pool.run(crash_once, tmp_path / "mark") == "second try"


async def test_a_call_that_always_crashes_is_given_up_and_the_next_one_is_served(pool):
    with pytest.raises(ChildDied):
        await pool.run(crash)
    assert await pool.run(echo, 1) == 1


async def test_a_child_cannot_take_more_memory_than_allowed(pool):
    with pytest.raises(ChildRaised, match="MemoryError"):
        await pool.run(grow)
    assert await pool.run(echo, 1) == 1


async def test_an_error_tells_its_type_and_nothing_of_the_content(pool):
    with pytest.raises(ChildRaised) as error:
        await pool.run(complain)
    assert str(error.value) == "ValueError"


async def test_a_failing_initializer_is_the_installations_fault():
    broken = ChildPool(refuse_to_start)
    with pytest.raises(ChildCannotStart, match="FileNotFoundError"):
        await broken.run(echo, 1)
    with pytest.raises(ChildCannotStart):
        await broken.warm()
    await broken.close()


async def test_closing_ends_the_children_and_the_calls_in_flight():
    pool = ChildPool(get_ready, processes=2, timeout_s=60)
    await pool.warm()
    pids = pool.pids
    assert len(pids) == 2
    running = asyncio.create_task(pool.run(hang))
    await asyncio.sleep(0.2)
    await pool.close()
    with pytest.raises(ChildDied):
        await running
    for one in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)
    with pytest.raises(ChildDied):
        await pool.run(echo, 1)


async def test_calls_wait_for_a_free_child_and_all_are_served(pool):
    assert await asyncio.gather(*(pool.run(echo, number) for number in range(20))) == list(range(20))


async def test_children_compute_with_one_thread(pool):
    assert await pool.run(threads_of_numpy) == "1"

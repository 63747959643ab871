"""The supervisor and the processes below it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.launch.process import Program
from bot.launch.supervisor import BackOff, Supervisor
from tests.launch.runner import alive, wait_for

STANDIN = Path(__file__).with_name("standin.py")
STAY = "import time; time.sleep(600)"
QUICK = BackOff(first=0.01, most=0.05, steady=60)


def program(name: str, *args: str, foreign: bool = False, grace_s: float = 5) -> Program:
    return Program(name, (sys.executable, str(STANDIN), *args), os.environ, Path(), foreign=foreign, grace_s=grace_s)


def python(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code), os.environ, Path(), foreign=True)


async def until(condition: object, what: str) -> None:
    await asyncio.to_thread(wait_for, condition, what)  # type: ignore[arg-type]


def test_pauses_grow_up_to_a_limit() -> None:
    backoff = BackOff(first=0.5, most=30)
    assert [backoff.after(n) for n in (1, 2, 3, 7, 8, 1000)] == [0.5, 1, 2, 30, 30, 30]


async def test_a_program_that_dies_again_and_again_is_counted() -> None:
    supervisor = Supervisor(QUICK)
    child = supervisor.start(program("short", "die", foreign=True))
    await until(lambda: child.failures >= 3, "three failures")
    await supervisor.stop()
    assert child.last_line == "ERROR: this is why"


async def test_a_program_that_does_not_exist_is_a_failure_like_others() -> None:
    supervisor = Supervisor(QUICK)
    child = supervisor.start(Program("none", ("/no/such/program",), {}, Path()))
    await until(lambda: child.failures >= 2, "two failures")
    await supervisor.stop()


async def test_a_program_that_ran_long_enough_starts_over_with_the_first_pause() -> None:
    supervisor = Supervisor(BackOff(first=0.01, most=0.05, steady=0))
    starts: list[int] = []
    child = supervisor.start(program("short", "die", foreign=True))
    child._changed = lambda: starts.append(child.failures)
    await until(lambda: len(starts) >= 6, "some starts")
    await supervisor.stop()
    assert max(starts) <= 1


async def test_one_that_ignores_the_signal_is_killed_after_its_grace() -> None:
    supervisor = Supervisor(QUICK)
    child = supervisor.start(program("stubborn", "stubborn", foreign=True, grace_s=0.2))
    await until(lambda: child.last_line.startswith("ready"), "it ignores signals by now")
    pid = child.pid
    assert pid is not None
    await supervisor.stop()
    assert not alive(pid)


async def test_what_a_dead_program_leaves_in_its_group_is_ended(tmp_path: Path) -> None:
    supervisor = Supervisor(QUICK)
    child = supervisor.start(program("parent", "parent", str(tmp_path / "pid")))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "it has a child")
    grandchild = int((tmp_path / "pid").read_text())
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    await until(lambda: not alive(grandchild), "the grandchild is gone")
    await supervisor.stop()


async def test_the_base_is_stopped_after_all_others(tmp_path: Path) -> None:
    note = f"""
import signal, sys, time
from pathlib import Path
def end(*_):
    with open({str(tmp_path / "order")!r}, "a") as out: out.write(sys.argv[0] and NAME + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""
    supervisor = Supervisor(QUICK)
    children = [supervisor.start(python("base", "NAME='base'" + note), base=True)]
    children += [supervisor.start(python(name, f"NAME={name!r}" + note)) for name in ("one", "two")]
    await until(lambda: all(child.last_line == "up" for child in children), "all up")
    await supervisor.stop()
    assert (tmp_path / "order").read_text().split()[-1] == "base"
    assert len((tmp_path / "order").read_text().split()) == 3


async def test_lines_of_a_foreign_program_come_through_our_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot.launch.supervisor")
    long = 300_000
    supervisor = Supervisor(QUICK)
    code = (
        f"print('hello', flush=True); print('WARNING x'); print('y' * {long}); print('ERROR last', flush=True); {STAY}"
    )
    child = supervisor.start(python("talker", code))
    await until(lambda: child.last_line == "ERROR last", "all said")
    await supervisor.stop()
    said = {record.getMessage(): record for record in caplog.records if getattr(record, "component", "") == "talker"}
    assert said["hello"].levelno == logging.DEBUG
    assert said["WARNING x"].levelno == logging.WARNING
    assert said["ERROR last"].levelno == logging.ERROR
    assert max(len(message) for message in said) <= 2000


async def test_stopping_twice_and_stopping_what_never_ran_are_no_errors() -> None:
    supervisor = Supervisor(QUICK)
    supervisor.start(program("idle", "idle"))
    await supervisor.stop()
    await supervisor.stop()
    await Supervisor(QUICK).stop()

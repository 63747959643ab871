"""``./loket run``: comes up, keeps up, goes down, refuses with a sentence. PostgreSQL and the migrations are real."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.launch.health import http_status
from tests.launch.runner import Run, alive, free_port, wait_for

Start = Callable[..., Run]
PARTS = {"postgres", "rasa", "gateway", "worker", "sandbox"}


def all_up(run: Run) -> dict[str, int]:
    return wait_for(lambda: run.pids() if set(run.pids()) == PARTS else None, "all parts run")  # type: ignore[no-any-return]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_on_one_line_that_it_is_ready_and_a_signal_stops_all_of_it(
    start: Start, number: signal.Signals
) -> None:
    run = start()
    assert run.ready() == f"Loket siap: http://127.0.0.1:{run.port}"
    all_up(run)
    grandchild = run.grandchild()
    family = run.family()
    assert grandchild in family
    assert run.end(number) == 0
    assert [pid for pid in family if alive(pid)] == []
    assert run.out.empty(), "nothing else on standard output"
    assert not (run.var / "postgres" / "postmaster.pid").exists(), "PostgreSQL was stopped cleanly"
    assert not (run.var / "run" / "state.json").exists()


async def test_each_part_that_is_killed_comes_back(start: Start) -> None:
    run = start()
    run.ready()
    before = all_up(run)
    grandchild = run.grandchild()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    after = wait_for(lambda: run.pids() if _replaced(before, run.pids()) else None, "all parts run again")
    assert set(after) == PARTS
    wait_for(lambda: not alive(grandchild), "a killed worker's child is gone")
    wait_for(lambda: (run.var / "postgres" / "postmaster.pid").exists(), "PostgreSQL is back")
    while await http_status(run.port, "/healthz/ready") != 200:
        pass
    assert run.end() == 0


def _replaced(before: dict[str, int], now: dict[str, int]) -> bool:
    return set(now) == PARTS and all(now[name] != before[name] for name in PARTS)


def test_when_the_supervisor_is_killed_its_children_die_and_the_next_run_starts_on_the_same_data(start: Start) -> None:
    run = start()
    run.ready()
    children = all_up(run).values()
    grandchild = run.grandchild()
    keys = (run.var / "keys").read_text()
    run.end(signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in children), "children die with it, the stubborn one too")
    assert alive(grandchild)
    again = start(port=run.port)
    assert again.ready() == f"Loket siap: http://127.0.0.1:{run.port}"
    assert not alive(grandchild), "the next run ends what was left behind"
    assert (run.var / "keys").read_text() == keys
    assert again.end() == 0


def test_a_process_that_got_the_number_of_the_old_database_server_is_left_alone(start: Start) -> None:
    first = start()
    first.ready()
    first.end()
    pidfile = first.var / "postgres" / "postmaster.pid"
    pidfile.write_text(f"{os.getpid()}\n{first.var / 'postgres'}\n0\n5432\n\n\n\nready\n")  # as after a power cut
    second = start()
    assert second.ready().startswith("Loket siap: ")
    assert second.end() == 0


def test_a_second_run_in_the_same_folder_is_refused(start: Start) -> None:
    first = start()
    first.ready()
    second = start()
    assert second.process.wait(60) == 2
    assert "sudah berjalan" in second.said()
    assert "already runs" in second.said()
    assert f"(proses {first.process.pid})" in second.said()
    assert first.process.poll() is None


@pytest.mark.parametrize("setting", ["LOKET_PORT", "LOKET_INTERNAL_PORT", "LOKET_RASA_PORT", "LOKET_SANDBOX_PORT"])
def test_a_busy_port_is_refused_before_anything_starts(start: Start, setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        run = start(**{setting: str(busy)})
        assert run.process.wait(60) == 2
    assert f"Port {busy} di 127.0.0.1 sudah dipakai" in run.said()
    assert f"Port {busy} on 127.0.0.1 is in use" in run.said()
    assert setting in run.said()
    assert not (run.var / "postgres").exists()


def test_the_same_port_twice_is_refused(start: Start) -> None:
    port = free_port()
    run = start(LOKET_RASA_PORT=str(port), LOKET_INTERNAL_PORT=str(port))
    assert run.process.wait(60) == 2
    assert "configured twice" in run.said()


def test_a_part_that_never_starts_ends_the_start_with_a_sentence_and_leaves_nothing(start: Start) -> None:
    run = start(STANDIN_GATEWAY="die")
    assert run.process.wait(60) == 2
    assert "'gateway' failed to start again and again" in run.said()
    assert "doctor" in run.said()
    assert run.out.empty()
    assert not (run.var / "postgres" / "postmaster.pid").exists()


def test_stopping_in_the_middle_of_the_start_is_clean(start: Start) -> None:
    run = start(STANDIN_GATEWAY="idle")
    all_up(run)
    family = run.family()
    assert run.end() == 0
    assert [pid for pid in family if alive(pid)] == []
    assert run.out.empty()


def test_secrets_are_for_this_account_only(start: Start) -> None:
    run = start()
    run.ready()
    all_up(run)
    for name in ("keys", "sandbox.secret", "run/state.json", "run/lock"):
        assert stat.S_IMODE((run.var / name).stat().st_mode) == 0o600, name
    run.end()


def test_lost_keys_are_not_replaced_while_there_is_data_under_them(start: Start) -> None:
    run = start()
    run.ready()
    run.end()
    (run.var / "keys").unlink()
    again = start()
    assert again.process.wait(60) == 2
    assert "backup" in again.said()
    assert not (run.var / "keys").exists()


def test_a_folder_too_deep_for_a_socket_works_all_the_same(start: Start, folder: Path) -> None:
    deep = folder / ("x" * 90)
    (deep / "demo").mkdir(parents=True)
    for picture in (folder / "var" / "demo").iterdir():
        (deep / "demo" / picture.name).write_bytes(b"")
    run = start(var=deep)
    assert run.ready().startswith("Loket siap: ")
    assert run.end() == 0


def test_logs_are_json_when_nobody_watches(start: Start) -> None:
    import json

    run = start()
    run.ready()
    run.end()
    ours = [line for line in run.err if line.startswith("{")]
    assert {json.loads(line)["component"] for line in ours} >= {"loket"}
    assert any(json.loads(line)["message"] == "siap / ready" for line in ours)

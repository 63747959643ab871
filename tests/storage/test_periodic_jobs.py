"""How often the background jobs come, and what becomes of pokes whose worker died."""

from __future__ import annotations

from typing import Any, cast

import procrastinate
import pytest

from bot.storage.pg import plain_url
from bot.workers.jobs import BEFORE_QUEUES, clear_up, job_app, queues_of

POKED = """
with w as (insert into procrastinate_workers (last_heartbeat) values (now() - %(beat)s::interval) returning id)
insert into procrastinate_jobs (queue_name, task_name, status, worker_id) select 'default', 'errands', 'doing', id from w
"""
MONDAY = 1_793_000_000.0


@pytest.mark.parametrize(("name", "seconds"), [("errands", 5), ("stuck", 15), ("missed", 30), ("surveys", 60)])
def test_a_job_comes_as_often_as_it_says_and_not_only_in_some_minutes(name: str, seconds: int) -> None:
    app = job_app("postgresql:///nowhere", cast(Any, None), cast(Any, None))
    (found,) = [one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == name]
    times = [found.croniter.get_next(float, start_time=MONDAY)]
    times += [found.croniter.get_next(float) for _ in range(200)]
    assert {later - earlier for earlier, later in zip(times, times[1:], strict=False)} == {seconds}


async def test_a_poke_whose_worker_was_killed_goes_and_one_that_runs_stays(database_url: str) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=plain_url(database_url)))
    async with app.open_async():
        ask = app.connector.execute_query_async
        for beat in ("10 minutes", "1 second"):
            await ask(POKED, beat=beat)
        assert await clear_up(app) == 1
        (left,) = await app.connector.execute_query_all_async("select count(*) as n from procrastinate_jobs")
        assert left["n"] == 1
        assert await clear_up(app) == 0


def app_of(database_url: str, names: dict[str, str], done: list[str]) -> procrastinate.App:
    """A worker's app with these tasks, each in a queue."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=plain_url(database_url)))
    for name, queue in names.items():

        async def work(name: str = name) -> None:
            done.append(name)

        app.task(name=name, queue=queue, queueing_lock=name)(work)
    return app


async def test_a_worker_of_an_older_version_leaves_what_it_does_not_know_to_newer_ones(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    newer = app_of(database_url, {"poll": "poll", "new": "new"}, done)
    older = app_of(database_url, {"poll": "poll"}, done)
    oldest = app_of(database_url, {"poll": BEFORE_QUEUES}, done)
    for app, name in ((newer, "new"), (oldest, "poll")):
        async with app.open_async():
            await app.configure_task(name).defer_async()
    for app, expected in ((older, ["poll"]), (older, ["poll"]), (newer, ["poll", "new"])):
        async with app.open_async():
            await app.run_worker_async(
                queues=queues_of(app), wait=False, install_signal_handlers=False, listen_notify=False
            )
        assert done == expected
    assert "Task was not found" not in caplog.text


def test_every_job_has_a_queue_of_its_own_and_a_worker_works_on_all_of_them() -> None:
    app = job_app("postgresql:///nowhere", cast(Any, None), cast(Any, None))
    ours = {one.task.name: one.task.queue for one in app.periodic_registry.periodic_tasks.values()}
    assert len(ours) > 10 and all(name == queue for name, queue in ours.items())
    assert {*ours, BEFORE_QUEUES} <= set(queues_of(app))

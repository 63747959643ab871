"""How often the background jobs come, and what becomes of pokes whose worker died."""

from __future__ import annotations

from typing import Any, cast

import procrastinate
import pytest

from bot.storage.pg import plain_url
from bot.workers.jobs import clear_up, job_app

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

"""Transactions with few round trips: what waits is done in its order and with the commit, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.lines import Lines
from bot.storage.pg import engine
from tests.conftest import KEEPER

_PUT = "insert into kv (k, v) values (%(k)s, %(v)s)"
_GET = "select v from kv where k = %(k)s"


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = engine(database_url)
    async with made.begin() as connection:
        await connection.execute(text("create table kv (k text primary key, v text not null)"))
    yield made
    await made.dispose()


@pytest.fixture
def lines(db: AsyncEngine) -> Lines:
    return Lines(db, most=2)


async def value(lines: Lines, k: str) -> str | None:
    async with lines.transaction() as tx:
        row = await (await tx.now(_GET, {"k": k})).fetchone()
    return None if row is None else str(row.v)


async def test_what_waits_is_seen_by_the_next_statement_of_either_kind_and_committed(lines: Lines) -> None:
    async with lines.transaction() as tx:
        tx.later(_PUT, {"k": "a", "v": "1"})
        tx.later("update kv set v = v || '2' where k = %(k)s", {"k": "a"})
        assert (await tx.run(text("select v from kv"))).scalar_one() == "12"
        tx.later("update kv set v = v || '3' where k = %(k)s", {"k": "a"})
        row = await (await tx.now(_GET, {"k": "a"})).fetchone()
        assert row is not None and row.v == "123"
        tx.later("update kv set v = v || '4' where k = %(k)s", {"k": "a"})
    assert await value(lines, "a") == "1234"


async def test_a_transaction_of_waiting_statements_alone_is_committed_whole_or_not_at_all(lines: Lines) -> None:
    async with lines.transaction() as tx:
        tx.later(_PUT, {"k": "a", "v": "1"})
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with lines.transaction() as tx:
            tx.later(_PUT, {"k": "b", "v": "1"})
            tx.later(_PUT, {"k": "a", "v": "2"})
            tx.later(_PUT, {"k": "c", "v": "3"})
    assert [await value(lines, k) for k in "abc"] == ["1", None, None]


async def test_an_exception_rolls_back_and_the_connection_is_used_again(lines: Lines) -> None:
    pids = set()
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with lines.transaction() as tx:
                row = await (await tx.now("select pg_backend_pid() as pid", {})).fetchone()
                assert row is not None
                pids.add(row.pid)
                await tx.now(_PUT, {"k": "a", "v": "1"})
                tx.later(_PUT, {"k": "b", "v": "1"})
                raise RuntimeError
    assert len(pids) == 1
    assert [await value(lines, k) for k in "ab"] == [None, None]


async def test_a_statement_of_sqlalchemys_alone_begins_and_ends_a_transaction(lines: Lines) -> None:
    for number in range(3):
        async with lines.transaction() as tx:
            await tx.run(text("insert into kv values (:k, 'x')"), {"k": str(number)})
        with pytest.raises(RuntimeError):
            async with lines.transaction() as tx:
                await tx.run(text("delete from kv"))
                raise RuntimeError
    async with lines.transaction() as tx:
        assert (await tx.run(text("select count(*) from kv"))).scalar_one() == 3


async def test_a_failed_statement_leaves_its_transaction_to_be_rolled_back(lines: Lines) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with lines.transaction() as tx:
            await tx.now(_PUT, {"k": "a", "v": "1"})
            await tx.now("select 1 from nowhere", {})
    assert await value(lines, "a") is None


async def test_a_transaction_that_is_cancelled_in_the_middle_of_a_statement_changes_nothing(lines: Lines) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), lines.transaction() as tx:
            await tx.now(_PUT, {"k": "a", "v": "1"})
            await tx.now("select pg_sleep(30)", {})
    assert await value(lines, "a") is None


async def test_a_lost_connection_is_told_and_the_next_transaction_gets_a_new_one(lines: Lines, db: AsyncEngine) -> None:
    assert await value(lines, "a") is None
    async with db.connect() as other:
        await other.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    with pytest.raises(psycopg.OperationalError):
        await value(lines, "a")
    assert await value(lines, "a") is None


async def test_a_row_that_is_locked_stays_locked_until_the_commit(lines: Lines) -> None:
    async with lines.transaction() as tx:
        tx.later(_PUT, {"k": "a", "v": ""})

    async def append(letter: str) -> None:
        async with lines.transaction() as tx:
            row = await (await tx.now(_GET + " for update", {"k": "a"})).fetchone()
            assert row is not None
            await asyncio.sleep(0.01)
            tx.later("update kv set v = %(v)s where k = %(k)s", {"k": "a", "v": row.v + letter})

    await asyncio.gather(*(append(letter) for letter in "abcdefgh"))
    assert sorted(await value(lines, "a") or "") == list("abcdefgh")


async def test_no_connection_is_left_behind_when_the_engine_is_disposed_of(lines: Lines, db: AsyncEngine) -> None:
    assert await value(lines, "a") is None
    await db.dispose()
    async with db.connect() as other:
        left = await other.execute(
            text(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and pid <> pg_backend_pid() and application_name <> :keeper"
            ),
            {"keeper": KEEPER},
        )
        assert left.scalar_one() == 0


async def test_what_is_written_after_a_cancelled_statement_is_committed(lines: Lines, db: AsyncEngine) -> None:
    for n in range(4):

        async def slow() -> None:
            async with lines.transaction() as tx:
                await tx.run(text("select pg_sleep(5)"))

        task = asyncio.create_task(slow())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with lines.transaction() as tx:
            await tx.run(text(f"insert into kv (k, v) values ('{n}', 'kept')"))
            tx.later("select pg_notify('x', '')", {})
        async with db.connect() as other:
            assert (await other.execute(text("select v from kv where k = :k"), {"k": str(n)})).scalar() == "kept"


async def test_what_waits_after_a_cancelled_statement_of_the_driver_is_committed(lines: Lines) -> None:
    async def slow() -> None:
        async with lines.transaction() as tx:
            await tx.now("select pg_sleep(5)", {})

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with lines.transaction() as tx:
        await tx.run(text("select 1"))
        tx.later(_PUT, {"k": "a", "v": "kept"})
    assert await value(lines, "a") == "kept"

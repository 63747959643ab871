"""Fixtures for all tests: a real PostgreSQL, a database per test, the browser."""

from __future__ import annotations

import gc
import importlib.util
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from bot.launch.postgres import EmbeddedPostgres
from tests.browsers import _function_scoped_runner, chromium, launched, shared_browser
from tests.statements import share_statements
from tests.templates import keep_compiled

__all__ = ["_function_scoped_runner", "chromium", "launched", "shared_browser"]

_TEMPLATE = "template_loket"
_numbers = itertools.count(1)
_clean: list[str] = []
"""Databases that were used and are empty again."""
_keepers: dict[str, psycopg.Connection[tuple[object, ...]]] = {}
"""By database: the connection that empties it. A new one would first have to learn all its tables, which takes longer than the emptying."""
KEEPER = "loket-test-keeper"
"""Application name of those connections, for a test that counts who is connected."""
_shape: dict[str, object] = {}
_ALONE = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
_SHAPE = """
select count(distinct c.oid), count(a.attnum), sum(a.attrelid::bigint * a.attnum), sum(a.atttypid::bigint)
from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
where c.relnamespace = 'public'::regnamespace
"""
# Deleting a test's few rows takes a millisecond, truncating (which also takes the tables that point there) a hundred.
# A table that grew is truncated: what is deleted stays in its file, as nothing vacuums here.
_EMPTY = """
set session_replication_role = replica;
do $$
declare one record; grown text[] := '{}';
begin
  for one in select format('%I', relname) as name, pg_relation_size(oid) as size from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version' loop
    if one.size > 262144 then grown := grown || one.name;
    elsif one.size > 0 then execute 'delete from ' || one.name; end if;
  end loop;
  if cardinality(grown) > 0 then execute 'truncate ' || array_to_string(grown, ', ') || ' cascade'; end if;
  perform setval(oid::regclass, 1, false) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S';
end $$
"""
# A test's data may vanish with the machine: nothing waits for the disk.
_FAST = (
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
)


# What is collected stays until the end: nobody need look for garbage among it.
gc.disable()
keep_compiled()
share_statements()
# Property tests without deadlines: the machine is shared, and a slow moment is no fault.
settings.register_profile("loket", deadline=None)
settings.load_profile("loket")


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    from tests.two_hands import TwoHands

    return TwoHands(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--checks", default="", help="where `./loket test` notes what fails beside the tests; named at the end"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    noted = config.getoption("--checks")
    if not noted:
        return
    if Path(noted).exists():
        terminalreporter.section("checks that failed beside the tests (see above)", red=True)
        terminalreporter.line(Path(noted).read_text("utf-8"))
    if not Path(f"{noted}.done").exists():
        terminalreporter.section("the checks beside the tests still run")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the whole session, with a migrated template database.

    Not below pytest's own folder: that is closed to other accounts, and root's PostgreSQL runs under another one.
    """
    with tempfile.TemporaryDirectory(prefix="loket-test-", ignore_cleanup_errors=True) as folder:
        yield from _server(Path(folder) / "postgres")


def _server(data: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data, options=_FAST)
    with server.running():
        with _admin(server) as admin:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(_TEMPLATE)))
        if importlib.util.find_spec("bot.storage.migrate") is not None:
            from bot.storage.migrate import migrate

            migrate(server.url(_TEMPLATE))
        with _admin(server, _TEMPLATE) as admin:
            _shape["template"] = admin.execute(_SHAPE).fetchone()
        yield server
        for name in list(_keepers):
            _keepers.pop(name).close()
        _clean.clear()


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A migrated, empty database for one test, as ``postgresql+psycopg://…``."""
    name = _clean.pop() if _clean else _made(postgres)
    yield postgres.url(name)
    if _emptied(postgres, name):
        _clean.append(name)
    else:
        with _admin(postgres) as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _made(server: EmbeddedPostgres) -> str:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with _admin(server) as admin:
        admin.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(_TEMPLATE)
            )
        )
    return name


def _emptied(server: EmbeddedPostgres, name: str) -> bool:
    """Make a used database as good as new, which is ten times as fast as a new one; False: a test changed its tables."""
    try:
        keeper = _keeper(server, name)
        keeper.execute(_ALONE)
        if keeper.execute(_SHAPE).fetchone() == _shape["template"]:
            keeper.execute(_EMPTY)
            return True
    except psycopg.Error:
        pass  # a test that ends all connections, or drops its database, is in its right
    if name in _keepers:
        _keepers.pop(name).close()
    return False


def _keeper(server: EmbeddedPostgres, name: str) -> psycopg.Connection[tuple[object, ...]]:
    if name not in _keepers:
        _keepers[name] = _admin(server, name, application_name=KEEPER)
    return _keepers[name]


def _admin(
    server: EmbeddedPostgres, database: str = "postgres", **options: str
) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url(database).replace("+psycopg", ""), autocommit=True, **options)  # type: ignore[arg-type]

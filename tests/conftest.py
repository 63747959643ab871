"""Fixtures for all tests: a real PostgreSQL, a database per test, the browser."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import expect
from psycopg import sql

from bot.launch.postgres import EmbeddedPostgres

_TEMPLATE = "template_loket"
_numbers = itertools.count(1)
# A test's data may vanish with the machine: nothing waits for the disk.
_FAST = (
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--failed-checks", default="", help="checks that `./loket test` saw fail before; named at the end")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    failed = config.getoption("--failed-checks")
    if failed:
        terminalreporter.section("checks that failed before the tests (see above)", red=True)
        terminalreporter.line(str(failed))


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
        yield server


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A migrated, empty database for one test, as ``postgresql+psycopg://…``."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with _admin(postgres) as admin:
        admin.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(_TEMPLATE)
            )
        )
    yield postgres.url(name)
    with _admin(postgres) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program; a machine without one skips the test and says so."""
    # Five seconds, the default, is little on two busy cores. Nothing here waits longer than it has to.
    expect.set_options(timeout=20_000)
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: install it with `apt-get install chromium`")
    return Path(found)


def _admin(server: EmbeddedPostgres) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True)

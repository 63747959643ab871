"""The fixtures themselves."""

from __future__ import annotations

import psycopg


def test_a_test_gets_a_migrated_database_of_its_own(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        tables = connection.execute(
            "select count(*) from information_schema.tables where table_schema = 'public'"
        ).fetchone()
        assert tables is not None
        assert tables[0] > 3
        connection.execute("create table only_here ()")


def test_what_one_test_writes_the_next_does_not_see(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        assert connection.execute("select to_regclass('only_here')").fetchone() == (None,)

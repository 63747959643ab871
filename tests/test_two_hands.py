"""How the tests of a whole run are shared out, and that a used database is as good as new."""

from __future__ import annotations

import psycopg
import pytest

from bot.launch.postgres import EmbeddedPostgres
from tests import conftest
from tests.two_hands import place, together

FILES = (
    "tests/domain/test_form.py",
    "tests/e2e/test_chaos.py",
    "tests/usecases/test_talk.py",
    "tests/web/staff/test_in_a_browser.py",
    "tests/dialogue/test_train.py",
    "tests/dialogue/nlu/test_normalise.py",
    "tests/e2e/test_phones.py",
)


def test_what_shares_a_service_stays_together_and_all_else_goes_file_by_file() -> None:
    scopes = {file: together(f"{file}::test_it[a::b]") for file in FILES}
    assert scopes["tests/e2e/test_chaos.py"] == scopes["tests/e2e/test_phones.py"] == "tests/e2e/"
    assert scopes["tests/dialogue/test_train.py"] == "tests/dialogue/"
    alone = {file for file, scope in scopes.items() if scope == file}
    assert alone == set(FILES) - {"tests/e2e/test_chaos.py", "tests/e2e/test_phones.py", "tests/dialogue/test_train.py"}


def test_the_heavy_end_needs_a_whole_service_and_the_light_end_nothing() -> None:
    order = sorted({together(file) for file in FILES}, key=place)
    assert order[:3] == ["tests/e2e/", "tests/dialogue/", "tests/web/staff/test_in_a_browser.py"]
    assert order[3] == "tests/usecases/test_talk.py"


@pytest.mark.parametrize("rows", [1, 3000])  # deleted, and truncated
def test_a_used_database_is_emptied_and_a_changed_one_is_given_up(postgres: EmbeddedPostgres, rows: int) -> None:
    name = conftest._made(postgres)
    address = postgres.url(name).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as one:
        add = (
            "insert into audit (at, actor, action, object, detail, previous, hash) "
            "select now(), %s, '', '', '{}', '', '' from generate_series(1, %s)"
        )
        one.execute(add, ["x" * 200, rows])
    assert conftest._emptied(postgres, name)
    with psycopg.connect(address, autocommit=True) as one:
        tables = one.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        for (table,) in tables.fetchall():
            if table != "alembic_version":
                assert one.execute(f"select count(*) from {table}").fetchone() == (0,), table  # noqa: S608 (our own names)
        one.execute(add, ["x", 1])
        assert one.execute("select id from audit").fetchone() == (1,)
        one.execute("create table another (n int)")
    assert not conftest._emptied(postgres, name)

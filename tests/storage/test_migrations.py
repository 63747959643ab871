"""Old and new versions work side by side on one database: what a migration may do, and what a program does with another's schema."""

from __future__ import annotations

import re
import shutil
import threading
from argparse import Namespace
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, create_engine, event

from bot.domain.messages import Inbound
from bot.errors import NotFound
from bot.launch import commands
from bot.launch.postgres import EmbeddedPostgres
from bot.settings import ROOT, Settings
from bot.storage import migrate as migrating
from bot.storage import schema
from bot.storage.crypto import KeyRing, new_key
from bot.storage.inbox import InboxQueue
from bot.storage.migrate import config, migrate
from bot.storage.pg import engine, plain_url
from bot.storage.schema import Fit, SchemaMisfit
from bot.storage.store import PgStore
from tests.fakes import FixedClock
from tests.storage.migration_rules import faults

BEFORE_THE_FIRST_RELEASE = {
    "0002": "runs procrastinate's own script past SQLAlchemy: it makes tables of its own only",
    "0004": "drops the outbox's external ids, which no channel had used; person_id gets a random default, which writes the table anew",
    "0007": "renames a state of cases and makes a unique index anew",
    "0009": "gives claimed tickets a lease; its indexes stop writers while they are made",
    "0010": "moves roles into a table of their own and drops their column; everybody signs in again",
    "0014": "its indexes stop writers while they are made",
    "0015": "an index on messages stops writers while it is made",
    "0016": "an index stops writers while it is made",
}
"""What was not done as the rule says, and why that was no harm: nobody ran Loket yet. Nothing is ever added here."""
NOW = FixedClock().now()
_numbers = count()


def scripts() -> list[tuple[str, ModuleType]]:
    walked = ScriptDirectory.from_config(config()).walk_revisions()
    return sorted((one.revision, one.module) for one in walked)


@pytest.fixture
def blank(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database without anything in it."""
    name = f"blank_{next(_numbers)}"
    admin = psycopg.connect(plain_url(postgres.url("postgres")), autocommit=True)
    admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield postgres.url(name)
    admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    admin.close()


def up_to(database_url: str, revision: str) -> list[str]:
    """Migrate to a revision; the statements that took."""
    engine, said = create_engine(database_url), []
    event.listen(engine, "before_cursor_execute", lambda c, cursor, statement, *_: said.append(statement))
    with engine.connect() as connection:
        command.upgrade(config(connection), revision)
        connection.commit()
    engine.dispose()
    return said


def run(database_url: str, statement: str) -> None:
    with psycopg.connect(plain_url(database_url), autocommit=True) as connection:
        connection.execute(statement)


# -- the rule -------------------------------------------------------------------------------------------------------------


def test_every_migration_says_whether_it_only_adds() -> None:
    revisions = scripts()
    assert tuple(name for name, _ in revisions) == schema.known()
    for name, module in revisions:
        if module.PHASE == "both":
            assert name in BEFORE_THE_FIRST_RELEASE and name <= "0016"
        elif module.PHASE == "contract":
            # What is dropped was not used any more by the release before: it knows the migration that is named.
            assert module.UNUSED_SINCE in schema.known() and module.UNUSED_SINCE < name
        else:
            assert module.PHASE == "expand"
    assert max(BEFORE_THE_FIRST_RELEASE) <= "0016"


def test_a_migration_that_expands_only_adds(blank: str) -> None:
    found = {}
    for name, module in scripts():
        statements = up_to(blank, name)
        assert statements
        if module.PHASE != "contract":
            found[name] = faults(statements)
    assert {name: why for name, why in found.items() if why and name not in BEFORE_THE_FIRST_RELEASE} == {}
    assert all(found[name] for name in BEFORE_THE_FIRST_RELEASE if name != "0002")  # no entry is left over


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE a (id BIGINT NOT NULL)",
        "ALTER TABLE case_ ADD COLUMN note TEXT",
        "ALTER TABLE case_ ADD COLUMN n SMALLINT DEFAULT '0' NOT NULL",
        "ALTER TABLE case_ ADD COLUMN memory JSONB DEFAULT '{}'::jsonb NOT NULL",
        "CREATE INDEX CONCURRENTLY ix_n ON case_ (n)",
        "ALTER TABLE case_ ADD CONSTRAINT c CHECK (n > 0) NOT VALID",
    ],
)
def test_adding_is_allowed(statement: str) -> None:
    assert faults([statement]) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE case_",
        "ALTER TABLE case_ DROP COLUMN n",
        "ALTER TABLE case_ RENAME COLUMN n TO m",
        "ALTER TABLE case_ ALTER COLUMN n TYPE SMALLINT",
        "ALTER TABLE case_ ALTER COLUMN n SET NOT NULL",
        "ALTER TABLE case_ ADD COLUMN n SMALLINT NOT NULL",
        "ALTER TABLE case_ ADD COLUMN n UUID DEFAULT gen_random_uuid()",
        "ALTER TABLE case_ ADD CONSTRAINT c CHECK (n > 0)",
        "CREATE INDEX ix_n ON case_ (n)",
        "CREATE UNIQUE INDEX CONCURRENTLY uq_n ON case_ (n)",
        "DROP INDEX ix_n",
        "UPDATE case_ SET n = 1",
        "DELETE FROM case_",
        "INSERT INTO case_ VALUES (1)",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'",
    ],
)
def test_anything_else_is_not(statement: str) -> None:
    assert len(faults([statement, "CREATE TABLE other (n INT)"])) == 1


def test_an_index_is_made_beside_before_what_can_be_taken_back() -> None:
    beside, table = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON case_ (n)", "CREATE TABLE a (id INT)"
    assert faults([beside, table]) == [] and len(faults([table, beside])) == 1


def test_an_index_that_broke_off_is_made_anew(blank: str) -> None:
    up_to(blank, "0017")
    run(blank, "create index ix_application_event_first on application_event (id)")
    run(blank, "update pg_index set indisvalid = false where indexrelid = 'ix_application_event_first'::regclass")
    migrate(blank)
    with psycopg.connect(plain_url(blank)) as connection:
        made = connection.execute("select indexdef from pg_indexes where indexname = 'ix_application_event_first'")
        assert "case_id" in str(made.fetchone())


# -- a service that goes on -----------------------------------------------------------------------------------------------


def test_a_migration_waits_for_a_table_in_use_without_anybody_waiting_behind_it(
    blank: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    up_to(blank, "0015")
    tried = threading.Semaphore(0)
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 20)
    monkeypatch.setattr("bot.storage.migrate.time.sleep", lambda _: tried.release())
    with psycopg.connect(plain_url(blank)) as user, psycopg.connect(plain_url(blank), autocommit=True) as other:
        user.execute("lock table outside_case in access share mode")
        thread = threading.Thread(target=migrate, args=(blank,))
        thread.start()
        assert tried.acquire(timeout=30) and tried.acquire(timeout=30)
        other.execute(
            "insert into outbox select * from outbox"
        )  # the migrations before it did not hold anything either
        other.execute("select * from outside_case")
        user.rollback()
        thread.join(30)
    assert schema.look(blank) is Fit.SAME


def test_a_table_that_stays_in_use_is_said(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    up_to(blank, "0015")
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 20)
    with psycopg.connect(plain_url(blank)) as user:
        user.execute("lock table outside_case in access share mode")
        with pytest.raises(SchemaMisfit, match="terus dipakai"):
            migrate(blank, patience_s=0)
    assert schema.look(blank) is Fit.OLDER


def test_two_at_once_migrate_once(blank: str) -> None:
    threads = [threading.Thread(target=migrate, args=(blank,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert schema.look(blank) is Fit.SAME


async def test_a_column_that_a_newer_version_adds_disturbs_no_connection(database_url: str) -> None:
    db = engine(database_url, pool=1)
    store = PgStore(db, KeyRing(new_key("k1")))
    queue = InboxQueue(store, 60)
    await queue.start()
    async with store.begin() as tx:
        talk = await tx.open_conversation("telegram:1", "62800", "33.28", "id", NOW)
    for number in range(16):  # a statement that is asked often is prepared on its connection
        if number == 12:
            run(database_url, "alter table conversation add column fresh int, add column other text default 'x'")
            run(database_url, "alter table application add column fresh int")
        inbound = Inbound("telegram:1", str(number), "62800", NOW, text="halo")
        async with store.begin() as tx:
            await tx.put_inbound(talk.id, inbound, NOW)
        (row,) = await queue.claim(1, NOW)
        assert not (await store.begin_turn(row)).conversation.form_active
        async with store.begin() as tx:
            await tx.conversation(talk.id, lock=True)
            await tx.hold(row.id, row.lease_no, talk.id)
            with pytest.raises(NotFound):
                await tx.case(talk.id, lock=True)
        async with store.begin() as tx:
            await tx.settle(row, NOW)
    await queue.stop()
    await db.dispose()


def test_no_statement_asks_for_all_columns_of_a_table() -> None:
    files = [file for file in (ROOT / "bot").rglob("*.py") if "bench" not in file.parts]
    star = re.compile(
        r"\bselect (?:\w+\.)?\* from (?!\(|unnest\b)|\breturning (?:\w+\.)?\*|\b([a-z])\.\*, ", re.IGNORECASE
    )
    assert {file.name: found[0] for file in files if (found := star.search(file.read_text("utf-8")))} == {}


# -- a program and another's schema ---------------------------------------------------------------------------------------


@pytest.fixture
def program(blank: str, tmp_path: Path) -> Settings:
    return Settings(
        var_dir=tmp_path, database_url=blank, keys=new_key("k1"), internal_port=1, rasa_url="http://127.0.0.1:1"
    )


def starts(program: Settings, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether ``./loket worker`` comes to its work."""
    came: list[object] = []
    monkeypatch.setattr("uvloop.run", lambda work: came.append(work.close()))
    commands.worker(Namespace(), program)
    return bool(came)


def test_a_program_works_on_a_schema_that_is_newer_than_itself(
    blank: str, program: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    up_to(blank, "head")
    assert starts(program, monkeypatch)
    run(blank, "update alembic_version set version_num = '9998'")
    assert starts(program, monkeypatch)
    assert migrate(blank) is Fit.NEWER  # and `./loket run` of the old version starts again


def test_a_program_that_has_been_passed_says_so(blank: str, program: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    up_to(blank, "head")
    run(blank, schema.floor_statement(schema.known()[-1]))
    assert schema.look(blank) is Fit.SAME and starts(program, monkeypatch)
    run(blank, "update alembic_version set version_num = '9999'")
    run(blank, schema.floor_statement("9998"))
    with pytest.raises(SchemaMisfit, match="lebih baru"):
        starts(program, monkeypatch)
    with pytest.raises(SchemaMisfit, match="newer Loket"):
        migrate(blank)


def test_a_contract_tells_the_programs_that_used_what_is_gone(
    blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(schema.VERSIONS.parent, tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / "9999_contract.py").write_text(
        f'revision, down_revision, branch_labels, depends_on = "9999", "{schema.known()[-1]}", None, None\n'
        'PHASE, UNUSED_SINCE = "contract", "9998"\n'
        "def upgrade():\n    pass\n"
    )

    def newer(connection: Connection | None = None) -> Config:
        made = config(connection)
        made.set_main_option("script_location", str(tmp_path / "migrations"))
        return made

    monkeypatch.setattr(migrating, "config", newer)
    migrate(blank)
    assert schema.look(blank) is Fit.PASSED


def test_a_program_newer_than_the_schema_asks_for_the_migration(
    blank: str, program: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SchemaMisfit, match="loket migrate"):
        starts(program, monkeypatch)
    up_to(blank, "0015")
    with pytest.raises(SchemaMisfit, match="loket migrate"):
        starts(program, monkeypatch)

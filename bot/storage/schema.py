"""Whether this program and a database fit together, where old and new versions work side by side.

Migrations come in two phases (``PHASE`` in each). *Expand* only adds: a program that has never heard of it goes on working.
*Contract* removes what no program needs any more, and names the newest migration of the first release that does without it
(``UNUSED_SINCE``). The database remembers that name as its *floor*: a program that does not know the migration is too old for it.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path

import psycopg

from bot.errors import LoketError
from bot.storage.pg import plain_url

VERSIONS = Path(__file__).parent / "migrations" / "versions"
_FLOOR = "loket: oldest="
"""Before the floor in the comment on Alembic's table: it travels with every backup."""
STANDS = "select (select max(version_num) from alembic_version), obj_description('public.alembic_version'::regclass)"
"""The newest migration and the comment."""


class Fit(Enum):
    """How a database stands to this program."""

    EMPTY = "empty"
    OLDER = "older"
    SAME = "same"
    NEWER = "newer"
    """Migrated by a newer version that left what this one needs: work as usual."""
    PASSED = "passed"
    """Migrated by a newer version that took away what this one needs."""


class SchemaMisfit(LoketError):
    """This program cannot work on that database; the message says what to do."""

    code = "schema"
    alert = True


@cache
def known() -> tuple[str, ...]:
    """The migrations that this program knows, in order."""
    return tuple(sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*_*.py")))


def fit(current: str | None, comment: str | None) -> Fit:
    """By the database's newest migration and the comment on Alembic's table."""
    if current is None:
        return Fit.EMPTY
    floor = comment.removeprefix(_FLOOR) if comment and comment.startswith(_FLOOR) else ""
    if floor and floor not in known():
        return Fit.PASSED
    if current not in known():
        return Fit.NEWER
    return Fit.SAME if current == known()[-1] else Fit.OLDER


def floor_statement(revision: str) -> str:
    """The statement that makes a known revision the floor."""
    if not revision.isalnum():
        raise ValueError(revision)
    return f"comment on table alembic_version is '{_FLOOR}{revision}'"


def look(database_url: str) -> Fit:
    """How the database stands to this program.

    :raises psycopg.OperationalError: it does not answer.
    """
    with psycopg.connect(plain_url(database_url), connect_timeout=10, autocommit=True) as connection:
        there = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if there is None or there[0] is None:
            return Fit.EMPTY
        row = connection.execute(STANDS).fetchone()
        return fit(*row) if row is not None else Fit.EMPTY


def refuse(found: Fit) -> None:
    """:raises SchemaMisfit: the program cannot work on such a database."""
    if found in (Fit.EMPTY, Fit.OLDER):
        raise SchemaMisfit(
            "Skema basis data lebih lama dari program ini: jalankan dulu ./loket migrate. / "
            "The database's schema is older than this program: run ./loket migrate first."
        )
    if found is Fit.PASSED:
        raise SchemaMisfit(
            "Basis data ini sudah melewati versi program ini, yang memakai bagian yang sudah dihapus: pakai Loket yang lebih baru. / "
            "This database has gone past this program, which uses what is removed from it: use a newer Loket."
        )


def refuse_misfit(database_url: str) -> None:
    """Before a gateway or a worker starts.

    :raises SchemaMisfit: it cannot work there, or the database does not answer.
    """
    try:
        found = look(database_url)
    except (psycopg.Error, ValueError) as error:
        raise SchemaMisfit(
            "Basis data tidak menjawab. Periksa LOKET_DATABASE_URL dan PostgreSQL-nya, lalu ./loket doctor. / "
            "The database does not answer. Check LOKET_DATABASE_URL and its PostgreSQL, then ./loket doctor."
        ) from error
    refuse(found)

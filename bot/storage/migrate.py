"""Bring a database to the newest schema while programs, also older ones, work on it (:mod:`bot.storage.schema`)."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from bot.storage.schema import STANDS, Fit, SchemaMisfit, fit, refuse

log = logging.getLogger(__name__)

# Any 64-bit number nobody else on the database uses: two processes must not migrate at once.
_LOCK = 0x4C4F4B4554
_ASK_AGAIN_S = 0.1
LOCK_TIMEOUT_MS = 500
"""So long a migration waits for a table that is in use: everybody who comes after it waits behind it. Below ``deadlock_timeout``, so that
of two who wait for each other the migration gives way."""
PATIENCE_S = 300.0
"""So long a migration is tried again before it gives up."""
_PAUSES_S = (0.1, 0.3, 1.0, 2.0)
_IN_USE = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    result = Config()
    result.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        result.attributes["connection"] = connection
    return result


def migrate(database_url: str, patience_s: float = PATIENCE_S) -> Fit:
    """Run every missing migration, each in its own transaction, one process at a time; how the database stood before.

    A table in use is waited for only briefly, so that nobody queues up behind the migration, and the migration is tried again. A database
    that a newer version has migrated is left as it is.

    :raises SchemaMisfit: a newer version has removed what this one needs, or a table stayed in use.
    """
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection, _alone(connection):
            found = standing(connection)
            if found is Fit.PASSED:
                refuse(found)
            if found in (Fit.EMPTY, Fit.OLDER):
                _upgrade(connection, patience_s)
            return found
    finally:
        engine.dispose()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Asked for again and again, never waited for: ``create index concurrently`` waits for every open statement, also for one that waits
    for this lock.
    """
    while not _asked(connection, "select pg_try_advisory_lock(:n)"):
        time.sleep(_ASK_AGAIN_S)
    try:
        yield
    finally:
        connection.rollback()
        _asked(connection, "select pg_advisory_unlock(:n)")


def _asked(connection: Connection, question: str) -> bool:
    said = bool(connection.execute(text(question), {"n": _LOCK}).scalar_one())
    connection.commit()
    return said


def _upgrade(connection: Connection, patience_s: float) -> None:
    end, tries = time.monotonic() + patience_s, 0
    connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT_MS}ms'"))
    connection.commit()
    while True:
        try:
            command.upgrade(config(connection), "head")
            connection.commit()
            return
        except OperationalError as error:
            connection.rollback()
            if not isinstance(error.orig, _IN_USE):
                raise
            if time.monotonic() > end:
                raise SchemaMisfit(
                    "Tabel terus dipakai, skema belum diperbarui: tunggu sampai cadangan atau laporan yang lama selesai, lalu ulangi. / "
                    "A table stayed in use, the schema is not up to date: wait for a long backup or report to end, and try again."
                ) from error
            log.info("a table is in use, the migration is tried again", extra={"attempt": tries + 1})
            time.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
            tries += 1


def standing(connection: Connection) -> Fit:
    """How the database stands to this program."""
    if connection.execute(text("select to_regclass('public.alembic_version')")).scalar_one() is None:
        return Fit.EMPTY
    return fit(*connection.execute(text(STANDS)).one())


def main(args: argparse.Namespace, settings: Any) -> int:
    """``./loket migrate``."""
    if not settings.database_url:
        print("LOKET_DATABASE_URL belum diatur. / LOKET_DATABASE_URL is not set.", file=sys.stderr)
        return 2
    if migrate(settings.database_url) is Fit.NEWER:
        print(
            "Skema basis data lebih baru dari program ini; dibiarkan. / The schema is newer than this program; left as it is."
        )
    else:
        print("Skema basis data sudah yang terbaru. / The schema is up to date.")
    return 0

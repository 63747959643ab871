"""Bring a database to the newest schema."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

# Any 64-bit number nobody else on the database uses: two processes must not migrate at once.
_LOCK = 0x4C4F4B4554


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    result = Config()
    result.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        result.attributes["connection"] = connection
    return result


def migrate(database_url: str) -> None:
    """Run every missing migration, under a lock that other starters wait for."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:n)"), {"n": _LOCK})
            connection.commit()
            try:
                command.upgrade(config(connection), "head")
                connection.commit()
            finally:
                connection.execute(text("select pg_advisory_unlock(:n)"), {"n": _LOCK})
                connection.commit()
    finally:
        engine.dispose()


def pending(connection: Connection) -> bool:
    """Whether the schema is older than the code."""
    current = MigrationContext.configure(connection).get_current_revision()
    return current != ScriptDirectory.from_config(config()).get_current_head()


def main(args: argparse.Namespace, settings: Any) -> int:
    """``./loket migrate``."""
    if not settings.database_url:
        print("LOKET_DATABASE_URL belum diatur. / LOKET_DATABASE_URL is not set.", file=sys.stderr)
        return 2
    migrate(settings.database_url)
    print("Skema basis data sudah yang terbaru.")
    return 0

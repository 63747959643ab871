"""The engine, and one connection that listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

log = logging.getLogger(__name__)

DatabaseAway = (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError)
"""The database restarts, is out of reach or overloaded: nothing was done, the same may be tried again."""


def engine(database_url: str, pool: int = 12) -> AsyncEngine:
    """An async engine on ``postgresql+psycopg://…``."""
    # hide_parameters: an error of a statement must not carry a person's values into the logs.
    return create_async_engine(
        database_url, hide_parameters=True, pool_size=pool, max_overflow=8, pool_timeout=10, pool_pre_ping=False
    )


def plain_url(database_url: str) -> str:
    """The same address without SQLAlchemy's driver name, for psycopg itself."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


@asynccontextmanager
async def raw(connection: AsyncConnection) -> AsyncIterator[psycopg.AsyncConnection]:
    """psycopg's own connection below a SQLAlchemy one."""
    fairy = await connection.get_raw_connection()
    driver = fairy.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    yield driver


async def listen(
    database_url: str,
    channels: tuple[str, ...],
    heard: Callable[[str, str], Awaitable[None] | None],
    connected: Callable[[], None] | None = None,
) -> None:
    """Call ``heard(channel, payload)`` for every NOTIFY, for ever; a lost connection is made again.

    ``connected`` is called after each (re)connection: whoever listens looks at the tables then, since a NOTIFY sent while
    nobody listened is gone.
    """
    delay = 0.2
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(plain_url(database_url), autocommit=True) as connection:
                for channel in channels:
                    await connection.execute(psycopg.sql.SQL("listen {}").format(psycopg.sql.Identifier(channel)))
                delay = 0.2
                if connected is not None:
                    connected()
                async for note in connection.notifies():
                    outcome = heard(note.channel, note.payload)
                    if outcome is not None:
                        await outcome
        except psycopg.Error:
            log.warning("listening connection lost, connecting again", extra={"delay_s": delay})
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)

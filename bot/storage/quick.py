"""Single statements on connections of their own, without SQLAlchemy and without BEGIN and COMMIT around them.

A turn asks the database some twenty times. Through SQLAlchemy's asyncio layer each question costs three times the CPU time it
costs here; what is asked in every turn is asked here, everything else stays readable there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.pg import plain_url

Row = Any
"""A named tuple of the statement's columns."""


class Quick:
    """Up to ``most`` connections to the database of ``engine``; they are closed when the engine is disposed of."""

    def __init__(self, engine: AsyncEngine, most: int = 8) -> None:
        self._url = plain_url(engine.url.render_as_string(hide_password=False))
        self._idle: list[psycopg.AsyncConnection] = []
        self._slots = asyncio.Semaphore(most)
        event.listen(engine.sync_engine, "engine_disposed", lambda _: self._drop_idle())

    async def run(self, statement: LiteralString, values: Mapping[str, Any]) -> Sequence[Row]:
        """Execute one statement, which commits by itself; its rows.

        :raises psycopg.OperationalError: the database is away; whether the statement was done is not known.
        """
        async with self._slots:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                async with connection.cursor(binary=True, row_factory=namedtuple_row) as cursor:
                    await cursor.execute(statement, values)
                    rows = await cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                connection.pgconn.finish()
                self._drop_idle()  # when one is broken, so are the others: the server was restarted
                raise
            except psycopg.Error:
                self._idle.append(connection)
                raise
            except BaseException:  # cancelled in the middle: in which state the connection is cannot be known
                connection.pgconn.finish()
                raise
            self._idle.append(connection)
            return rows

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self._url, autocommit=True)

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().pgconn.finish()

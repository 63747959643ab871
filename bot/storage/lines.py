"""Transactions on connections of their own, as few round trips as can be.

The statements of every turn are written to psycopg itself (:meth:`Transaction.now`, :meth:`Transaction.later`), everything else
through SQLAlchemy's view of the same connection. BEGIN travels with the first statement; what nobody waits for is kept and
travels with the next statement that somebody does wait for, or with COMMIT, in one pipeline: a transaction of a turn
takes two or three round trips in place of eight. When one statement of a pipeline fails, the server does none after it, COMMIT included.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import namedtuple_row
from sqlalchemy import Executable, event
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_LAST_STATEMENT_S = 2.0
"""So long the statement of somebody who was cancelled may go on."""
_WAIT_S = 10.0
"""Longest wait for a free connection."""


@dataclass
class Line:
    """One connection: the driver's, and SQLAlchemy's view of it. The driver sends no BEGIN by itself."""

    connection: AsyncConnection
    driver: psycopg.AsyncConnection[Any]

    @property
    def whole(self) -> bool:
        """Whether both are the same connection still. A statement that was cancelled in the middle makes SQLAlchemy give its own up and
        open another one at the next: what was written there would never be committed.
        """
        view = self.connection.sync_connection
        return view is not None and not view.closed and not view.invalidated and not self.driver.closed


class Transaction:
    """One transaction on a line. It begins with its first statement."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._driver = line.driver
        self._begun = False
        self._viewed = False
        self._waiting: list[tuple[LiteralString, Mapping[str, Any]]] = []

    async def run(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Execute one statement of SQLAlchemy's."""
        if self._waiting or not self._begun:
            async with self._driver.pipeline():
                await self._send()
        if not self._line.whole:
            raise psycopg.OperationalError("the connection was given up")
        self._viewed = True
        # Not cancelled in the middle: SQLAlchemy would give its connection up, and open another one at the next statement.
        asked = asyncio.ensure_future(self._line.connection.execute(statement, parameters))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            await asyncio.wait({asked}, timeout=_LAST_STATEMENT_S)
            asked.cancel()
            raise

    async def now(self, statement: LiteralString, values: Mapping[str, Any]) -> psycopg.AsyncCursor[Any]:
        """Execute one statement, after those that wait."""
        cursor = self._driver.cursor(binary=True, row_factory=namedtuple_row)
        if self._begun and not self._waiting:
            return await cursor.execute(statement, values)
        async with self._driver.pipeline():
            await self._send()
            await cursor.execute(statement, values)
        return cursor

    async def both(
        self, first: LiteralString, second: LiteralString, values: Mapping[str, Any]
    ) -> tuple[psycopg.AsyncCursor[Any], psycopg.AsyncCursor[Any]]:
        """Execute two statements in one round trip, after those that wait."""
        cursors = tuple(self._driver.cursor(binary=True, row_factory=namedtuple_row) for _ in range(2))
        async with self._driver.pipeline():
            await self._send()
            await cursors[0].execute(first, values)
            await cursors[1].execute(second, values)
        return cursors[0], cursors[1]

    def later(self, statement: LiteralString, values: Mapping[str, Any]) -> None:
        """Execute one statement whose result nobody needs, at the latest with the commit, which fails if it does."""
        self._waiting.append((statement, values))

    async def _send(self) -> None:
        """Put BEGIN and the statements that wait into the pipeline."""
        if not self._begun:
            self._begun = True
            await self._driver.execute("begin", prepare=False)
        waiting, self._waiting = self._waiting, []
        for statement, values in waiting:
            await self._driver.cursor(binary=True).execute(statement, values)

    async def commit(self) -> None:
        """End it."""
        if self._waiting:
            async with self._driver.pipeline():
                await self._send()
                await self._driver.execute("commit", prepare=False)
        elif self._begun:
            await self._driver.execute("commit", prepare=False)
        await self._close_view()

    async def rollback(self) -> None:
        """Undo it."""
        self._waiting.clear()
        if self._driver.pgconn.transaction_status != TransactionStatus.IDLE:
            await self._driver.execute("rollback", prepare=False)
        await self._close_view()

    async def _close_view(self) -> None:
        if self._viewed:  # SQLAlchemy believes that it has begun something; there is nothing left to undo
            await self._line.connection.rollback()


class Lines:
    """Up to ``most`` connections to the database of ``engine``; they are closed when the engine is disposed of."""

    def __init__(self, engine: AsyncEngine, most: int = 16) -> None:
        self._engine = engine
        self._idle: list[Line] = []
        self._slots = asyncio.Semaphore(most)
        event.listen(engine.sync_engine, "engine_disposed", lambda _: self._drop_idle())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that commits on leaving, rolls back on an exception.

        :raises psycopg.OperationalError: the database is away.
        """
        await self._slot()
        try:
            line = self._idle.pop() if self._idle else await self._connect()
            while not line.whole:
                line.driver.pgconn.finish()
                line = self._idle.pop() if self._idle else await self._connect()
            transaction = Transaction(line)
            try:
                yield transaction
                await transaction.commit()
            except BaseException:
                await self._broken(line, transaction)
                raise
            self._idle.append(line)
        finally:
            self._slots.release()

    async def _slot(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._slots.acquire()
        except TimeoutError:
            raise PoolTimeout("all connections are in use") from None

    async def _broken(self, line: Line, transaction: Transaction) -> None:
        """Roll back and keep the connection, if it is fit for that."""
        pgconn = line.driver.pgconn
        known = pgconn.transaction_status in _KNOWN and pgconn.pipeline_status == PipelineStatus.OFF
        if known and line.whole:
            try:
                await transaction.rollback()
                if line.whole:
                    self._idle.append(line)
                    return
            except psycopg.Error:
                pass
        lost = pgconn.transaction_status == TransactionStatus.UNKNOWN
        pgconn.finish()
        if lost:
            self._drop_idle()  # when one is broken, so are the others: the server was restarted

    async def _connect(self) -> Line:
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, psycopg.AsyncConnection)
        await driver.rollback()
        await driver.set_autocommit(True)
        assert connection.sync_connection is not None
        connection.sync_connection.detach()  # ours now: the pool neither counts nor resets it
        return Line(connection, driver)

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().driver.pgconn.finish()


_KNOWN = (TransactionStatus.IDLE, TransactionStatus.INTRANS, TransactionStatus.INERROR)

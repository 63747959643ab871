"""What every part of a transaction shares: the connection and sealing of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Executable, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation
from bot.storage.crypto import KeyRing


def seal_json(keys: KeyRing, value: Any, context: str) -> bytes:
    """Encrypt a JSON value."""
    return keys.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), context)


def open_json(keys: KeyRing, sealed: bytes, context: str) -> Any:
    """Decrypt a JSON value."""
    return json.loads(keys.open(bytes(sealed), context))


class TxBase:
    """A connection inside a transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, pull_accounts: frozenset[str]) -> None:
        self.connection = connection
        self._keys = keys
        self._pull = pull_accounts
        self._driver: psycopg.AsyncConnection | None = None
        self._locked: dict[UUID, Conversation] = {}
        """Conversations as they were when this transaction locked them."""

    async def run(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Execute one statement."""
        return await self.connection.execute(statement, parameters)

    async def fast(self, statement: LiteralString, values: Mapping[str, Any]) -> psycopg.AsyncCursor[Any]:
        """Execute one statement of every turn in this same transaction, past SQLAlchemy (see :mod:`bot.storage.quick`)."""
        if self._driver is None:
            raw = await self.connection.get_raw_connection()
            assert isinstance(raw.driver_connection, psycopg.AsyncConnection)
            self._driver = raw.driver_connection
        cursor = self._driver.cursor(binary=True, row_factory=namedtuple_row)
        try:
            return await cursor.execute(statement, values)
        except psycopg.OperationalError:
            if self._driver.closed:
                await self.run(_PING)  # SQLAlchemy finds out, too, and forgets its other connections to the lost server
            raise

    def seal_json(self, value: Any, context: str) -> bytes:
        """Encrypt a JSON value."""
        return seal_json(self._keys, value, context)

    def open_json(self, sealed: bytes, context: str) -> Any:
        """Decrypt a JSON value."""
        return open_json(self._keys, sealed, context)

    async def notify(self, channel: str, payload: str = "") -> None:
        """Wake listeners when (and only when) this transaction commits."""
        await self.run(_NOTIFY, {"channel": channel, "payload": payload})


_PING = text("select 1")
_NOTIFY = text("select pg_notify(:channel, :payload)")

"""What every part of a transaction shares: the connection and sealing of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult

from bot.domain.conversation import Conversation
from bot.storage.crypto import KeyRing
from bot.storage.lines import Transaction


def seal_json(keys: KeyRing, value: Any, context: str) -> bytes:
    """Encrypt a JSON value."""
    return keys.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), context)


def open_json(keys: KeyRing, sealed: bytes, context: str) -> Any:
    """Decrypt a JSON value."""
    return json.loads(keys.open(bytes(sealed), context))


class TxBase:
    """A connection inside a transaction."""

    def __init__(self, transaction: Transaction, keys: KeyRing, pull_accounts: frozenset[str]) -> None:
        self._transaction = transaction
        self._keys = keys
        self._pull = pull_accounts
        self._locked: dict[UUID, Conversation] = {}
        """Conversations as they were when this transaction locked them."""
        self._focus: Any = None
        """The row of the case in focus, locked a moment ago; gone with the next statement."""

    async def run(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Execute one statement."""
        self._focus = None
        return await self._transaction.run(statement, parameters)

    async def fast(self, statement: LiteralString, values: Mapping[str, Any]) -> psycopg.AsyncCursor[Any]:
        """Execute one statement of every turn in this same transaction, past SQLAlchemy (see :mod:`bot.storage.lines`)."""
        self._focus = None
        return await self._transaction.now(statement, values)

    def later(self, statement: LiteralString, values: Mapping[str, Any]) -> None:
        """The same for a statement whose result nobody needs: it travels with the next one, or with the commit."""
        self._focus = None
        self._transaction.later(statement, values)

    def seal_json(self, value: Any, context: str) -> bytes:
        """Encrypt a JSON value."""
        return seal_json(self._keys, value, context)

    def open_json(self, sealed: bytes, context: str) -> Any:
        """Decrypt a JSON value."""
        return open_json(self._keys, sealed, context)

    async def notify(self, channel: str, payload: str = "") -> None:
        """Wake listeners when (and only when) this transaction commits."""
        self.later(_NOTIFY, {"channel": channel, "payload": payload})


_NOTIFY: LiteralString = "select pg_notify(%(channel)s::text, %(payload)s::text)"

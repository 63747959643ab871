"""What every part of a transaction shares: the connection and sealing of JSON."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.crypto import KeyRing


class TxBase:
    """A connection inside a transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing, pull_accounts: frozenset[str]) -> None:
        self.connection = connection
        self._keys = keys
        self._pull = pull_accounts

    async def run(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Execute one statement."""
        return await self.connection.execute(statement, parameters)

    def seal_json(self, value: Any, context: str) -> bytes:
        """Encrypt a JSON value."""
        return self._keys.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), context)

    def open_json(self, sealed: bytes, context: str) -> Any:
        """Decrypt a JSON value."""
        return json.loads(self._keys.open(bytes(sealed), context))

    async def notify(self, channel: str, payload: str = "") -> None:
        """Wake listeners when (and only when) this transaction commits."""
        await self.run(_NOTIFY, {"channel": channel, "payload": payload})


_NOTIFY = text("select pg_notify(:channel, :payload)")

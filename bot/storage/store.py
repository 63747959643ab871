"""Transactions on PostgreSQL (the port :class:`bot.usecases.store.Store`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.crypto import KeyRing
from bot.storage.tx_base import TxBase
from bot.storage.tx_cases import CasesTx
from bot.storage.tx_conversations import ConversationsTx
from bot.storage.tx_people import PeopleTx
from bot.storage.tx_staff import StaffTx


class PgTx(ConversationsTx, PeopleTx, CasesTx, StaffTx, TxBase):
    """One transaction with everything the use cases ask of it."""


class PgStore:
    """Opens transactions. ``pull_accounts``: accounts whose channel is fetched by the person, so that nothing is sent."""

    def __init__(self, engine: AsyncEngine, keys: KeyRing, pull_accounts: frozenset[str] = frozenset({"web"})) -> None:
        self.engine = engine
        self.keys = keys
        self._pull = pull_accounts

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PgTx]:
        """A transaction that commits on leaving, rolls back on an exception."""
        async with self.engine.begin() as connection:
            yield PgTx(connection, self.keys, self._pull)

"""Transactions on PostgreSQL (the port :class:`bot.usecases.store.Store`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.conversation import InboxRow
from bot.storage.crypto import KeyRing
from bot.storage.lines import Lines
from bot.storage.quick import Quick
from bot.storage.tx_agencies import AgenciesTx
from bot.storage.tx_base import TxBase
from bot.storage.tx_board import BoardTx
from bot.storage.tx_cases import CasesTx
from bot.storage.tx_complaints import ComplaintsTx
from bot.storage.tx_console import ConsoleTx
from bot.storage.tx_content import ContentTx
from bot.storage.tx_conversations import news
from bot.storage.tx_delivery import DeliveryTx
from bot.storage.tx_desk import DeskTx
from bot.storage.tx_links import LinksTx
from bot.storage.tx_notes import NotesTx
from bot.storage.tx_outside import OutsideTx
from bot.storage.tx_people import PeopleTx
from bot.storage.tx_personal import PersonalTx
from bot.storage.tx_presence import PresenceTx
from bot.storage.tx_privacy import PrivacyTx
from bot.storage.tx_proof import ProofTx
from bot.storage.tx_staff import StaffTx
from bot.storage.tx_studio import StudioTx
from bot.storage.tx_survey import SurveyTx
from bot.storage.tx_training import TrainingTx
from bot.storage.tx_turns import TurnsTx, begin_turn, record_plan
from bot.usecases.store import Begun, News


class PgTx(
    TurnsTx,
    LinksTx,
    PrivacyTx,
    PeopleTx,
    PersonalTx,
    ProofTx,
    ComplaintsTx,
    CasesTx,
    AgenciesTx,
    DeliveryTx,
    DeskTx,
    PresenceTx,
    ConsoleTx,
    NotesTx,
    OutsideTx,
    BoardTx,
    StaffTx,
    StudioTx,
    ContentTx,
    TrainingTx,
    SurveyTx,
    TxBase,
):
    """One transaction with everything the use cases ask of it."""


class PgStore:
    """Opens transactions. ``pull_accounts``: accounts whose channel is fetched by the person, so that nothing is sent."""

    def __init__(self, engine: AsyncEngine, keys: KeyRing, pull_accounts: frozenset[str] = frozenset({"web"})) -> None:
        self.engine = engine
        self.quick = Quick(engine)
        self._lines = Lines(engine)
        self.keys = keys
        self._pull = pull_accounts

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PgTx]:
        """A transaction that commits on leaving, rolls back on an exception."""
        async with self._lines.transaction() as transaction:
            yield PgTx(transaction, self.keys, self._pull)

    async def begin_turn(self, row: InboxRow) -> Begun:
        """See :class:`bot.usecases.store.Store`."""
        return await begin_turn(self.quick, self.keys, row)

    async def record_plan(self, row: InboxRow, plan: dict[str, Any], now: datetime, lasting: bool = True) -> None:
        """See :class:`bot.usecases.store.Store`."""
        await record_plan(self.quick, self.keys, row, plan, now, lasting)

    async def news(self, conversation_id: UUID, after: int, limit: int) -> News:
        """See :class:`bot.usecases.store.Store`."""
        return await news(self.quick, self.keys, conversation_id, after, limit)

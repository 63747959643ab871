"""An office whose outbox is looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.storage.crypto import KeyRing, new_key
from bot.storage.pg import engine
from bot.storage.store import PgStore
from tests.storage.outbox_office import Office


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    db = engine(database_url)
    yield Office(PgStore(db, KeyRing(new_key("test"))))
    await db.dispose()

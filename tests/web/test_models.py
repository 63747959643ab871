"""The door through which Rasa gets its model."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.storage.crypto import KeyRing, new_key
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.web.models import models_app


@pytest.fixture
async def without_a_database() -> AsyncIterator[PgStore]:
    db = engine("postgresql+psycopg://nobody@127.0.0.1:1/none", pool=1)
    yield PgStore(db, KeyRing(new_key("a")))
    await db.dispose()


async def test_while_the_database_is_away_rasa_is_asked_to_come_again(
    without_a_database: PgStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with TestClient(TestServer(models_app(without_a_database))) as client:
        answer = await client.get("/live", headers={"If-None-Match": '"x"'})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert not any(record.exc_info for record in caplog.records)

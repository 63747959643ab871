"""The adapter of two bots, built as the service builds it, against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.clock import SystemClock
from bot.ports import ChannelAccount
from channels.telegram.adapter import TelegramChannel, build
from tests.servers.telegram import OTHER_TOKEN, TOKEN, TelegramServer, telegram_server

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHAT = 9_000_000_042
"""An invented person."""


def channel_of(api: str, **settings: str) -> TelegramChannel:
    """The channel as ``bootstrap`` builds it."""
    config = {"LOKET_TELEGRAM_BOTS": f"33.28={TOKEN},33.29={OTHER_TOKEN}", "LOKET_TELEGRAM_API": api, **settings}
    return build(config, SystemClock(None))


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as running:
        yield running


@pytest.fixture
async def channel(server: TelegramServer) -> AsyncIterator[TelegramChannel]:
    made = channel_of(server.url)
    yield made
    await made.close()


@pytest.fixture
def account(channel: TelegramChannel) -> ChannelAccount:
    return channel.accounts[f"telegram:{TOKEN.partition(':')[0]}"]

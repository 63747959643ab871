"""Telegram's stand-in, started for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from channels.telegram.sandbox import TelegramSandbox, app

TOKEN = "3328000001:TEST-invented-token-of-no-bot-0000"  # noqa: S105
OTHER_TOKEN = "3328000002:TEST-invented-token-of-no-bot-0002"  # noqa: S105


@dataclass
class TelegramServer:
    """The running stand-in, and a hand for its phones and its fault panel."""

    url: str
    http: aiohttp.ClientSession

    async def phone(self, chat: int, **what: Any) -> dict[str, Any]:
        """The person ``chat`` does something, see :class:`channels.telegram.standin.phone.Phone`."""
        async with self.http.post(f"{self.url}/phone/send", json={"chat": chat, **what}) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def screen(self, chat: int, bot: str = "") -> dict[str, Any]:
        """What the person's phone shows."""
        async with self.http.get(f"{self.url}/phone/messages", params={"chat": chat, "bot": bot}) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def heard(self, chat: int) -> list[dict[str, Any]]:
        """The bot's messages on the person's phone."""
        return [message for message in (await self.screen(chat))["messages"] if message["from"] == "bot"]

    async def faults(self, **kinds: float) -> dict[str, Any]:
        """Set faults; what is set and what happened so far."""
        async with self.http.post(f"{self.url}/faults", json=kinds) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def api(self, method: str, token: str = TOKEN, **parameters: Any) -> tuple[int, dict[str, Any]]:
        """A call of the Bot API without the library."""
        async with self.http.post(f"{self.url}/bot{token}/{method}", json=parameters) as response:
            return response.status, await response.json()


@asynccontextmanager
async def telegram_server(**config: Any) -> AsyncIterator[TelegramServer]:
    """The stand-in on a free port of this machine."""
    settings = TelegramSandbox(**{"tokens": (TOKEN, OTHER_TOKEN), "retry_first_s": 0.05, **config})
    runner = web.AppRunner(app(settings), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession() as http:
            yield TelegramServer(f"http://127.0.0.1:{port}", http)
    finally:
        await runner.cleanup()

"""A small client of the web chat API (docs/openapi.yaml): one citizen, one event stream."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any
from uuid import uuid4

import aiohttp

Message = dict[str, Any]


class ChatError(Exception):
    """The service refused, or did not answer in time."""


class ChatSession:
    """One conversation. ``inbox`` holds messages of the bot not yet looked at, in order."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._headers: dict[str, str] = {}
        self._stream: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.inbox: deque[Message] = deque()

    async def open(self, language: str = "id") -> ChatSession:
        """Begin the conversation and listen to its events."""
        async with self._http.post(f"{self._url}/chat/v1/sessions", json={"language": language}) as response:
            if response.status != 201:
                raise ChatError(f"no session: {response.status}")
            self._headers = {"Authorization": f"Bearer {(await response.json())['token']}"}
        self._stream = asyncio.create_task(self._listen())
        return self

    async def close(self) -> None:
        """Hang up."""
        if self._stream is not None:
            self._stream.cancel()
            await asyncio.gather(self._stream, return_exceptions=True)

    async def send(self, text: str) -> str:
        """Post a text; returns its id."""
        body = {"client_id": str(uuid4()), "text": text}
        async with self._http.post(f"{self._url}/chat/v1/messages", json=body, headers=self._headers) as response:
            if response.status != 202:
                raise ChatError(f"not accepted: {response.status}")
            return str((await response.json())["id"])

    async def next(self) -> Message:
        """The next message of the bot."""
        while not self.inbox:
            if self._stream is not None and self._stream.done():
                raise ChatError("the event stream ended")
            self._news.clear()
            await self._news.wait()
        return self.inbox.popleft()

    async def _listen(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
        try:
            async with self._http.get(
                f"{self._url}/chat/v1/events", headers=self._headers, timeout=timeout
            ) as response:
                if response.status != 200:
                    raise ChatError(f"no events: {response.status}")
                rest = b""
                async for chunk in response.content.iter_any():
                    *events, rest = (rest + chunk).split(b"\n\n")
                    for event in events:
                        self._take(event)
        finally:
            self._news.set()

    def _take(self, event: bytes) -> None:
        if b"event: message\n" in event:
            self.inbox.append(json.loads(event.partition(b"data: ")[2]))
            self._news.set()

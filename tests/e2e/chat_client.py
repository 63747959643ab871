"""A client of the web chat API as a browser would be one: it repeats what got lost and resumes its event stream."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp

Message = dict[str, Any]

ANSWER_LIMIT_S = 120.0
"""Only there to end a broken test."""


class ChatClient:
    """One citizen in one conversation. Survives a gateway that is killed under it.

    ``streamed``: messages of the bot in the order the event stream brought them, over all connections.
    """

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._headers: dict[str, str] = {}
        self._stream: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.session_id = ""
        self.streamed: list[Message] = []
        self.connections = 0
        self.repeats = 0
        """POSTs sent again because no answer came."""

    async def open(self, **wanted: Any) -> ChatClient:
        """A new conversation, listening."""
        session = await self._call("POST", "/chat/v1/sessions", json=wanted)
        self.session_id = session["session_id"]
        self._headers = {"Authorization": f"Bearer {session['token']}"}
        self._stream = asyncio.create_task(self._listen())
        return self

    async def close(self) -> None:
        """Hang up."""
        if self._stream is not None:
            self._stream.cancel()
            await asyncio.gather(self._stream, return_exceptions=True)

    # -- speaking ---------------------------------------------------------------------------------------------------

    async def send(self, text: str | None = None, payload: str | None = None) -> str:
        """Send once, however often it takes; returns the message's id."""
        body = {"client_id": str(uuid4()), **({"payload": payload} if payload else {"text": text})}
        return str((await self._call("POST", "/chat/v1/messages", json=body))["id"])

    async def say(self, text: str, asks: str = "", kind: str = "answer") -> Message:
        """Send a text and wait for the answer that ends with the question for ``asks``, or with a message of ``kind``."""
        sent = await self.send(text)

        def right(message: Message) -> bool:
            meta = message["meta"]
            wanted = meta.get("field") == asks if asks else meta["kind"] == kind and not meta.get("field")
            return bool(message["id"] > sent and wanted)

        return await self.wait(right, f"an answer to {text!r} with {asks or kind}")

    async def wait(self, right: Callable[[Message], bool], what: str) -> Message:
        """The first message of the stream that is ``right``, also if it came before."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S), self._news:
                while True:
                    found = next((message for message in self.streamed if right(message)), None)
                    if found is not None:
                        return found
                    await self._news.wait()
                    if self._stream is not None and self._stream.done():
                        self._stream.result()
        except TimeoutError:
            last = [(m["id"], m["meta"], m["text"][:60]) for m in self.streamed[-4:]]
            raise AssertionError(f"never came: {what}; the last messages: {last}") from None

    async def thread(self, *, own: bool = True) -> list[Message]:
        """The whole conversation, by GET."""
        found = await self._call("GET", f"/chat/v1/messages?own={int(own)}")
        return list(found["messages"])

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        """The JSON answer; repeated with a growing, random pause while the connection breaks or the server is not itself."""
        pause = 0.1
        while True:
            try:
                async with self._http.request(method, self._url + path, headers=self._headers, **more) as response:
                    if response.status < 300:
                        return await response.json()
                    assert response.status >= 500, f"{method} {path}: {response.status} {await response.text()}"
            except (aiohttp.ClientError, TimeoutError, ConnectionError):
                pass
            self.repeats += 1
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 1.7, 1.0)

    # -- listening --------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            while True:
                try:
                    await self._listen_once()
                except (aiohttp.ClientError, TimeoutError, ConnectionError):
                    pass
                await asyncio.sleep(random.uniform(0.05, 0.4))
        finally:
            asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self._tell()))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _listen_once(self) -> None:
        headers = {**self._headers, **({"Last-Event-ID": self.streamed[-1]["id"]} if self.streamed else {})}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=45)
        async with self._http.get(f"{self._url}/chat/v1/events", headers=headers, timeout=timeout) as response:
            assert response.status == 200 or response.status >= 500, f"events: {response.status}"
            if response.status != 200:
                return
            self.connections += 1
            rest = b""
            async for chunk in response.content.iter_any():
                *events, rest = (rest + chunk).split(b"\n\n")  # a half event of a broken connection is dropped
                for event in events:
                    await self._take(event.decode())

    async def _take(self, event: str) -> None:
        fields = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line and not line.startswith(":"))
        if fields.get("event") == "message":
            message = json.loads(fields["data"])
            assert message["id"] == fields["id"]
            async with self._news:
                self.streamed.append(message)
                self._news.notify_all()

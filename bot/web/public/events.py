"""The event stream of a conversation."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.storage.pg import DatabaseAway
from bot.web.hub import Wake
from bot.web.public.gateway import GATEWAY, Gateway, message_id, origin_of, seq_of, shown
from bot.web.public.streams import STREAMS

log = logging.getLogger(__name__)

routes = web.RouteTableDef()

_HEARTBEAT_S = 15.0
_AWAY_S = 1.0
"""Between two looks into a database that is away; the stream stays open meanwhile."""


@routes.get("/chat/v1/events")
async def stream_events(request: web.Request) -> web.StreamResponse:
    """Messages after ``Last-Event-ID`` (from the start without it), then everything as it happens."""
    gateway = request.app[GATEWAY]
    conversation_id = await gateway.authenticate(request)
    after = seq_of(request.headers.get("Last-Event-ID") or request.query.get("after"))
    with request.app[STREAMS].one(str(conversation_id), origin_of(request, gateway.settings.proxies)):
        return await _stream(request, gateway, conversation_id, after)


async def _stream(request: web.Request, gateway: Gateway, conversation_id: UUID, after: int) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            **request.get(CORS, {}),
        }
    )
    await response.prepare(request)
    stream = _Stream(gateway, conversation_id, response, after)
    try:
        async with gateway.hub.subscribe(str(conversation_id)) as wake:
            await stream.run(wake)
    except (ConnectionResetError, asyncio.CancelledError):
        pass  # the client left, or the gateway stops: the client comes back with its Last-Event-ID
    except Exception:  # too late for an error response: the stream ends, and the client comes back
        log.exception("event stream broke off")
    return response


class _Stream:
    def __init__(self, gateway: Gateway, conversation_id: UUID, response: web.StreamResponse, after: int) -> None:
        self._gateway = gateway
        self._id = conversation_id
        self._response = response
        self._after = after
        self._session: dict[str, Any] | None = None
        self._under_way: dict[int, str | None] = {}
        """Messages this stream told of whose turn had not ended: place and ``client_id``."""

    async def run(self, wake: Wake) -> None:
        """Until the client leaves."""
        wake.set()
        while True:
            if not await wake.wait(_HEARTBEAT_S):
                await self._response.write(b": ping\n\n")
                wake.news = bool(self._under_way)  # a turn may end without a word
            if wake.agent_types:
                wake.agent_types = False
                await self._response.write(_AGENT_TYPING)
            if wake.news:
                wake.news = False
                typing, wake.typing = wake.typing, False
                try:
                    await self._news(_TYPING if typing else b"")
                except DatabaseAway:
                    await asyncio.sleep(_AWAY_S)
                    wake.set()

    async def _news(self, first: bytes) -> None:
        news = await self._gateway.deps.store.news(self._id, self._after, limit=2000)
        self._gateway.speaks(self._id, news.language)
        session = {"session_id": str(self._id), "language": news.language, "held_by": news.holder.value}
        events = [first] if first else []
        if session != self._session:
            self._session = session
            events.append(_event("session", session))
        for entry in news.entries:
            self._after = entry.seq
            if entry.sender == "citizen":
                self._under_way[entry.seq] = entry.body.get("client_id")
                events.append(self._status(entry.seq, "received"))
            else:
                events.append(_event("message", shown(entry), message_id(entry.seq)))
        for seq in [seq for seq in self._under_way if news.open_from is None or seq < news.open_from]:
            events.append(self._status(seq, "processed"))
            del self._under_way[seq]
        if events:
            await self._response.write(b"".join(events))

    def _status(self, seq: int, state: str) -> bytes:
        return _event("status", {"id": message_id(seq), "client_id": self._under_way[seq], "state": state})


def _event(name: str, data: dict[str, Any], id_: str | None = None) -> bytes:
    head = f"id: {id_}\n" if id_ else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


_TYPING = _event("typing", {"on": True, "from": "bot"})
_AGENT_TYPING = _event("typing", {"on": True, "from": "agent"})

CORS: web.RequestKey[dict[str, str]] = web.RequestKey("cors")
"""Headers for the origin of a request, for answers that are written as a stream."""

"""Server-sent events: tells an open page that there is something new; the page then fetches what it may see."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.web.staff.auth import COOKIE
from bot.web.staff.desk import cookie, desk_of

PING_S = 20.0
"""A silent connection is cut by proxies; and a reader who was signed out meanwhile is noticed."""

# Whatever happened before the connection is looked at, too.
_READY = b"retry: 3000\nevent: changed\ndata: connected\n\n"
_CHANGED = b"event: changed\ndata: news\n\n"
_PING = b": ping\n\n"

STREAMS = web.AppKey("streams", weakref.WeakSet[asyncio.Task[Any]])


async def stream(
    request: web.Request, key: str, gap_s: float, fingerprint: Callable[[], Awaitable[object]] | None = None
) -> web.StreamResponse:
    """Send ``changed`` when ``key`` is woken and ``fingerprint`` differs, at most every ``gap_s`` seconds."""
    desk, token = desk_of(request), cookie(request, COOKIE)
    task = asyncio.current_task()
    if task is not None:
        request.config_dict[STREAMS].add(task)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    try:
        async with desk.hub.subscribe(key) as wake:
            before = await fingerprint() if fingerprint else None
            await response.prepare(request)
            await response.write(_READY)
            while True:
                woken = await wake.wait(PING_S)
                if await desk.accounts.signed_in(token, desk.deps.now(), renew=False) is None:
                    break
                if woken and fingerprint:
                    now = await fingerprint()
                    woken, before = now != before, now
                await response.write(_CHANGED if woken else _PING)
                if woken:
                    await asyncio.sleep(gap_s)
    except ConnectionResetError:
        pass  # the page was closed; there is nobody left to tell
    finally:
        if task is not None:
            request.config_dict[STREAMS].discard(task)
    return response


async def end_streams(app: web.Application) -> None:
    """Streams never end by themselves: at shutdown nobody waits for them."""
    streams = app[STREAMS]
    for task in list(streams):
        task.cancel()

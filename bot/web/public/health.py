"""Health: live says the process runs, ready says a message can be answered, the whole says which part is how."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.web.public.gateway import GATEWAY

routes = web.RouteTableDef()

Probe = Callable[[], Awaitable[bool]]
PROBES: web.AppKey[dict[str, Asking]] = web.AppKey("probes")
NEEDED = ("database", "dialogue", "worker")
"""Without these no message is answered. Agencies are not among them: an application waits for them."""

_TIMEOUT_S = 3.0


@routes.get("/healthz/live")
async def live(_: web.Request) -> web.Response:
    """Never depends on anything else."""
    return web.json_response({"state": "ok"})


@routes.get("/healthz/ready")
async def ready(request: web.Request) -> web.Response:
    """200 once a first message can be answered."""
    states = await _states(request, NEEDED)
    fine = all(state == "ok" for state in states.values())
    return web.json_response({"state": "ok" if fine else "starting", "parts": states}, status=200 if fine else 503)


@routes.get("/healthz")
async def whole(request: web.Request) -> web.Response:
    """Every part with its own state."""
    probes = request.app[PROBES]
    states = await _states(request, tuple(probes))
    fine = all(states[part] == "ok" for part in NEEDED if part in states)
    told: dict[str, object] = {"state": "ok" if fine else "degraded", "parts": states}
    spool = request.app[GATEWAY].spool
    if spool is not None:
        told["spool"] = {"waiting": spool.waiting, "aside": spool.set_aside}
    return web.json_response(told, status=200 if fine else 503)


async def _states(request: web.Request, parts: tuple[str, ...]) -> dict[str, str]:
    probes = request.app[PROBES]
    found = await asyncio.gather(*(probes[part].state() for part in parts if part in probes))
    return dict(zip([part for part in parts if part in probes], found, strict=True))


class Asking:
    """Who asks while a part is being asked gets that answer: a crowd at the door is one question to the database."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._running: asyncio.Task[str] | None = None

    async def state(self) -> str:
        """``ok`` or ``down``."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(_ask(self._probe))
        return await asyncio.shield(self._running)


async def _ask(probe: Probe) -> str:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return "ok" if await probe() else "down"
    except Exception:  # a probe that breaks says the part is down
        return "down"

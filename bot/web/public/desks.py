"""Outside desks tell here that something is new: verified, noted, answered. What it is the desk is asked by a worker, so a webhook
that comes twice, late or in the wrong order changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from aiohttp import web

from bot.ports_desk import OutsideDesk, Told
from bot.web.metrics import DESK_WEBHOOKS
from bot.web.public.gateway import GATEWAY

log = logging.getLogger(__name__)
routes = web.RouteTableDef()


@routes.post("/desks/{desk}")
@routes.post("/desks/{desk}/{token}")
async def webhook(request: web.Request) -> web.Response:
    """200 noted, known, or nothing of interest; 403 without a word more: not from the desk, or no such desk; 400 not to be read."""
    deps = request.app[GATEWAY].deps
    name = request.match_info["desk"]
    desk = deps.desks.get(name)
    body = await request.read()
    if desk is None:
        return web.Response(status=403)
    try:
        told = _told(desk, body, request.headers, request.match_info.get("token", ""))
    except PermissionError as error:
        log.warning("a webhook is not from the outside desk", extra={"desk": name, "code": str(error)})
        return _answer(name, "forged", 403)
    except ValueError:
        return _answer(name, "unreadable", 400)
    if told is None:
        return _answer(name, "nothing", 200)
    async with deps.store.begin() as tx:
        known = await tx.hear_outside(name, told.ref, deps.now())
    return _answer(name, told.change.value if known else "foreign", 200)


def _told(desk: OutsideDesk, body: bytes, headers: Mapping[str, str], token: str) -> Told | None:
    try:
        return desk.parse_webhook(body, headers, token)
    except (PermissionError, ValueError):
        raise
    except Exception as error:  # an odd request is no reason to let it in, nor to fall over
        log.exception("a webhook broke its adapter", extra={"desk": desk.id, "bytes": len(body)})
        raise ValueError("broke its adapter") from error


def _answer(desk: str, outcome: str, status: int) -> web.Response:
    DESK_WEBHOOKS.labels(desk, outcome).inc()
    return web.Response(status=status)

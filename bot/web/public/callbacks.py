"""Agencies push changes of state here; verified, then taken in one transaction."""

from __future__ import annotations

from aiohttp import web

from bot.errors import NotFound
from bot.usecases.track import apply_status
from bot.web.public.gateway import GATEWAY

routes = web.RouteTableDef()


@routes.post("/callbacks/{agency}")
async def callback(request: web.Request) -> web.Response:
    """204 taken (or known already); 403 not signed by the agency; 404 no such case yet: push again."""
    gateway = request.app[GATEWAY]
    agency = gateway.deps.agencies.get(request.match_info["agency"])
    if agency is None:
        raise NotFound("agency")
    body = await request.read()
    if not agency.verify_callback(body, request.headers, gateway.deps.now()):
        return web.json_response({"error": {"code": "signature"}}, status=403)
    known = await apply_status(gateway.deps, request.match_info["agency"], agency.parse_callback(body))
    return web.Response(status=204 if known else 404)

"""``GET /media/{token}``: one file for an hour, for providers that fetch what they deliver. Nothing else is reachable here."""

from __future__ import annotations

from aiohttp import web

from bot.errors import NotFound
from bot.storage.media_links import MediaLinks
from bot.web.public.gateway import GATEWAY
from bot.web.saved_as import saved_as

routes = web.RouteTableDef()


@routes.get("/media/{token}")
async def media(request: web.Request) -> web.Response:
    """The file that the signed token names; 404 without a reason for anything else."""
    gateway = request.app[GATEWAY]
    blob_id = MediaLinks(gateway.keys).opened(request.match_info["token"], gateway.deps.now())
    if blob_id is None:
        raise NotFound("file")
    async with gateway.deps.store.begin() as tx:
        found = await tx.blob(blob_id)
    if found is None:
        raise NotFound("file")
    file, data, _ = found
    headers = {
        "Content-Disposition": saved_as(file.name, inline=True),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex",
    }
    return web.Response(body=data, content_type=file.type, headers=headers)

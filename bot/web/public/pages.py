"""The page at ``/`` (the chat, and under ``./loket run`` the invented citizens to play), and the API's description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.domain.texts import word
from bot.web.public.gateway import GATEWAY, Gateway

routes = web.RouteTableDef()

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=select_autoescape(),
    enable_async=True,
)
_OPENAPI = Path(__file__).parents[3] / "docs" / "openapi.yaml"

DEMO: web.AppKey[Any] = web.AppKey("demo", object)
"""An async function that gives the invented citizens (only under ``./loket run``)."""


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """The chat."""
    gateway = request.app[GATEWAY]
    text = await TEMPLATES.get_template("home.html").render_async(**await _context(request, gateway))
    return web.Response(text=text, content_type="text/html")


async def _context(request: web.Request, gateway: Gateway) -> dict[str, Any]:
    settings = gateway.settings
    locus = gateway.deps.catalogue().loci.get(settings.locus)
    context: dict[str, Any] = {
        "demo": settings.demo,
        "citizens": [],
        "office_name": word(locus.name, "id") if locus else "",
        "chat_server": "",
        "locus": settings.locus,
        "staff_url": f"{settings.staff_url.rstrip('/')}/staff",
    }
    demo = request.app.get(DEMO)
    if settings.demo and demo is not None:
        context |= {
            "citizens": await demo(),
            "register_url": f"{settings.sandbox_url}/register",
            "officer_url": f"{settings.sandbox_url}/petugas",
        }
    return context


@routes.get("/openapi.yaml")
async def openapi(_: web.Request) -> web.FileResponse:
    """The chat API's description."""
    return web.FileResponse(_OPENAPI, headers={"Content-Type": "application/yaml; charset=utf-8"})

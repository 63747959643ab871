"""``/dokumen/<token>``: a finished document for who has the link, the chat it was sent in, and the applicant's birth date
(:mod:`bot.usecases.documents`). Works without script.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.domain.fields import TYPES
from bot.domain.fields.base import Context
from bot.domain.form_model import Field
from bot.usecases import documents
from bot.usecases.coded_link import NoMoreCodes
from bot.usecases.documents import LinkClosed, WrongAnswer
from bot.web.public.check import HEADERS, page_language, render
from bot.web.public.gateway import GATEWAY
from bot.web.saved_as import saved_as

routes = web.RouteTableDef()

_BORN = Field(
    "tanggal_lahir", "date", {"id": ""}, {"id": ""}, options={"min": "-120y", "max": "today", "usual": "-100y"}
)
NEW_LINK_S = "86400"
"""A link that has sent all its codes sends no more; the chat gives so many links a day."""
_LONGEST = 60
"""Characters of a code or a date."""


@routes.get("/dokumen/{token}")
async def page(request: web.Request) -> web.Response:
    """What to do. Looking at it uses nothing up."""
    return await _page(request)


async def _page(request: web.Request, status: int = 200, *, key: str = "", left: int = 0) -> web.Response:
    """The page as the link stands now; ``key``: the sentence of what went wrong."""
    gateway, token = request.app[GATEWAY], request.match_info["token"]
    try:
        shown = await documents.look(gateway.deps, token)
    except LinkClosed:
        return await render(gateway, "document.html", page_language(request), 410, shown=None, token="", problem=None)
    problem = gateway.deps.texts.say(key, shown.language, left=left) if key else None
    return await render(gateway, "document.html", shown.language, status, shown=shown, token=token, problem=problem)


@routes.post("/dokumen/{token}/kode")
async def code(request: web.Request) -> web.Response:
    """Send a code into the chat."""
    gateway, token = request.app[GATEWAY], request.match_info["token"]
    try:
        await documents.send_code(gateway.deps, token)
    except NoMoreCodes as refused:
        page = await _page(request, 429, key=refused.text_key)
        page.headers["Retry-After"] = NEW_LINK_S
        return page
    except LinkClosed:
        return await _page(request)
    raise web.HTTPSeeOther(f"/dokumen/{quote(token, safe='')}#buka", headers={"Cache-Control": "no-store"})


@routes.post("/dokumen/{token}")
async def open_(request: web.Request) -> web.Response:
    """The document, for the right code and birth date."""
    gateway, token = request.app[GATEWAY], request.match_info["token"]
    form = await request.post()
    typed, born = (
        str(form.get("kode", ""))[:_LONGEST],
        _date(str(form.get("lahir", ""))[:_LONGEST], gateway.deps.now().date()),
    )
    try:
        file, data = await documents.open_link(gateway.deps, token, typed, born)
    except WrongAnswer as wrong:
        return await _page(request, 403, key=wrong.text_key, left=wrong.left)
    except LinkClosed:
        return await _page(request)
    headers: dict[str, Any] = {
        "Content-Disposition": saved_as(file.name, "dokumen.pdf"),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
        "X-Robots-Tag": HEADERS["X-Robots-Tag"],
    }
    return web.Response(body=data, content_type=file.type, headers=headers)


def _date(text: str, today: date) -> date | None:
    """A birth date in any of the ways people write one."""
    parsed = TYPES["date"].parse(text, _BORN, Context(today))
    return date.fromisoformat(parsed.value) if parsed.ok else None

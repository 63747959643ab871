"""``/data-saya/<token>``: what is stored about a person, for whoever has the link and the chat it was sent in
(:mod:`bot.usecases.my_data`). Works without script. The key of a browser is a cookie of this one path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.domain.data_rights import LINK_LIFE
from bot.domain.texts import word
from bot.records import load_records
from bot.usecases import my_data
from bot.usecases.coded_link import NoMoreCodes
from bot.usecases.documents import LinkClosed, WrongAnswer
from bot.usecases.my_data import Mine, Shown
from bot.usecases.my_data_export import FORMATS
from bot.usecases.submit import spoken_date
from bot.web.public.check import HEADERS, page_language, render
from bot.web.public.documents import NEW_LINK_S
from bot.web.public.gateway import GATEWAY, Gateway

routes = web.RouteTableDef()

_COOKIE = "data_saya"
"""Over https it is called ``__Secure-…``. Not ``__Host-``: each link has a cookie of its own path."""
_LONGEST = 60
_HELD = ("message", "blob", "ticket", "survey", "identity_check", "contact", "face", "citizen")


def _closed(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A link that is none, or over, gets one page whatever was asked of it."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except LinkClosed:
            return await _over(request, "closed", 410)

    return guarded


async def _over(request: web.Request, what: str, status: int = 200, language: str = "") -> web.Response:
    language = language or page_language(request)
    return await render(request.app[GATEWAY], "my_data_over.html", language, status, what=what)


def _token(request: web.Request) -> str:
    return request.match_info["token"]


def _key(request: web.Request) -> str:
    return request.cookies.get(_name(request), "")[:_LONGEST]


def _name(request: web.Request) -> str:
    return f"__Secure-{_COOKIE}" if _https(request) else _COOKIE


def _https(request: web.Request) -> bool:
    return request.app[GATEWAY].settings.public_url.startswith("https://")


@routes.get("/data-saya/{token}")
@_closed
async def page(request: web.Request) -> web.StreamResponse:
    """What to do; after the code, what is stored. Looking at it uses nothing up."""
    return await _page(request)


async def _page(
    request: web.Request, status: int = 200, problem: str = "", notice: str = "", **params: Any
) -> web.Response:
    gateway, token = request.app[GATEWAY], _token(request)
    shown = await my_data.look(gateway.deps, token, _key(request))
    said = {"problem": _said(gateway, shown, problem, params), "notice": _said(gateway, shown, notice, params)}
    if not shown.open:
        return await render(gateway, "my_data_code.html", shown.language, status, shown=shown, token=token, **said)
    mine = await my_data.view(gateway.deps, token, _key(request))
    return await render(gateway, "my_data.html", mine.language, status, token=token, **said, **_shown(gateway, mine))


def _said(gateway: Gateway, shown: Shown, key: str, params: dict[str, Any]) -> str:
    return gateway.deps.texts.say(key, shown.language, **params).replace("*", "") if key else ""


def _shown(gateway: Gateway, mine: Mine) -> dict[str, Any]:
    deps, language = gateway.deps, mine.language

    def day(at: datetime) -> str:
        return spoken_date(at.astimezone(deps.zone(mine.here)).date(), language)

    cases = [
        {
            "service": deps.service_name(case.service, language),
            "reference": case.reference,
            "state": deps.say(deps.words_for(case.service, f"state.{case.state}"), mine.here) if case.reference else "",
        }
        for case in (*mine.cases.stays, *mine.cases.goes)
    ]
    consents = [
        {
            "purpose": deps.service_name(one.purpose, language),
            "date": day(one.given_at),
            "channel": deps.channel_name(one.account, language),
            "ended": day(one.withdrawn_at) if one.withdrawn_at else "",
        }
        for one in mine.consents
    ]
    held = [deps.texts.say(f"privacy.held.{name}", language, n=mine.held[name]) for name in _HELD if name in mine.held]
    why = [
        (word(one.name, language), word(one.purpose, language), word(one.keep, language))
        for one in load_records().activities
        if one.id != "akun-petugas"
    ]
    lists = {"goes": _lines(mine.goes), "stays": _lines(mine.stays)}
    return {"name": mine.name, "held": held, "cases": cases, "consents": consents, "why": why, **lists}


def _lines(text: str) -> list[str]:
    return [line.removeprefix("• ").replace("*", "") for line in text.splitlines()]


@routes.post("/data-saya/{token}/kode")
@_closed
async def code(request: web.Request) -> web.StreamResponse:
    """Send a code into the chat."""
    try:
        await my_data.send_code(request.app[GATEWAY].deps, _token(request))
    except NoMoreCodes:
        page = await _page(request, 429, "mydata.no_more_codes")
        page.headers["Retry-After"] = NEW_LINK_S
        return page
    raise _back(request, "#buka")


@routes.post("/data-saya/{token}")
@_closed
async def open_(request: web.Request) -> web.StreamResponse:
    """The code: from now on this browser may see."""
    gateway, token = request.app[GATEWAY], _token(request)
    typed = str((await request.post()).get("kode", ""))[:_LONGEST]
    try:
        key = await my_data.open_(gateway.deps, token, typed)
    except WrongAnswer as wrong:
        return await _page(request, 403, "mydata.wrong", left=wrong.left)
    answer = _back(request)
    answer.set_cookie(
        _name(request),
        key,
        max_age=int(LINK_LIFE.total_seconds()),
        path=f"/data-saya/{quote(token, safe='')}",
        httponly=True,
        samesite="Strict",
        secure=_https(request),
    )
    raise answer


def _back(request: web.Request, at: str = "") -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/data-saya/{quote(_token(request), safe='')}{at}", headers={"Cache-Control": "no-store"})


@routes.post("/data-saya/{token}/unduh")
@_closed
async def download(request: web.Request) -> web.StreamResponse:
    """Everything in one file."""
    wanted = str((await request.post()).get("bentuk", ""))
    if wanted not in FORMATS:
        raise web.HTTPBadRequest
    made = await my_data.download(request.app[GATEWAY].deps, _token(request), _key(request), wanted)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
        "X-Robots-Tag": HEADERS["X-Robots-Tag"],
    }
    return web.Response(body=made.content, content_type=made.type, headers=headers)


@routes.post("/data-saya/{token}/keberatan")
@_closed
async def object_(request: web.Request) -> web.StreamResponse:
    """An objection, in the person's own words."""
    words = str((await request.post()).get("keberatan", ""))
    if not words.strip():
        raise _back(request, "#keberatan")
    number = await my_data.object_(request.app[GATEWAY].deps, _token(request), _key(request), words)
    return await _page(request, notice="mydata.object_done", number=number)


@routes.post("/data-saya/{token}/cabut")
@_closed
async def withdraw(request: web.Request) -> web.StreamResponse:
    """Every consent."""
    if not await _sure(request):
        return await _page(request, 422, "mydata.sure_missing")
    language = await my_data.withdraw(request.app[GATEWAY].deps, _token(request), _key(request))
    return await _over(request, "withdrawn", language=language)


@routes.post("/data-saya/{token}/hapus")
@_closed
async def erase(request: web.Request) -> web.StreamResponse:
    """Everything but what has to stay."""
    if not await _sure(request):
        return await _page(request, 422, "mydata.sure_missing")
    language = await my_data.erase(request.app[GATEWAY].deps, _token(request), _key(request))
    return await _over(request, "erased", language=language)


async def _sure(request: web.Request) -> bool:
    """Whether the box was ticked."""
    return (await request.post()).get("yakin") == "1"

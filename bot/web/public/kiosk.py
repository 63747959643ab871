"""Self-service at the building: ``GET /kios`` (the chat with large targets, and "I am here" for a ticket), ``POST /kios/hadir``,
``POST /kios/qr`` (an address of ours as a QR code), and the page of a ticket, ``GET /antrean/<number>``.

Nothing stays on the device: the widget keeps its session in memory only, the pages are never stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.domain.catalogue import Locus
from bot.ports import Place
from bot.usecases.queue_arrive import LONGEST, Arrival, Came, Found, arrive, find_ticket
from bot.usecases.queue_words import served_for, service_name, spoken_time, time_in_words
from bot.web.public import guesses
from bot.web.public.check import page_language, render
from bot.web.public.gateway import GATEWAY, Gateway
from bot.web.public.guesses import MOST_WRONG
from bot.web.qr import qr_svg

routes = web.RouteTableDef()

_QR_HOSTS = frozenset({"t.me", "wa.me"})
"""Where our links to other channels lead (:func:`bot.domain.linking.link_to`), besides ourselves."""
_MOST_ADDRESS = 500
_PAGE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
_GOOD = frozenset({Came.HERE, Came.CALLED})


def _locus(gateway: Gateway) -> Locus:
    loci = gateway.deps.catalogue().loci
    return loci.get(gateway.settings.locus) or next(iter(loci.values()))


@routes.get("/kios")
async def kiosk(request: web.Request) -> web.Response:
    """The whole screen of a self-service point."""
    return await _kiosk(request)


async def _kiosk(request: web.Request, status: int = 200, arrival: Arrival | None = None) -> web.Response:
    gateway, language = request.app[GATEWAY], page_language(request)
    values = _told(gateway, language, arrival)
    chat = {"chat_server": "", "locus": gateway.settings.locus}
    page = await render(gateway, "kiosk.html", language, status, **chat, **values)
    # With the widget's script, unlike the other public pages; the application's own policy holds.
    del page.headers["Content-Security-Policy"]
    page.headers.update(_PAGE)
    return page


def _told(gateway: Gateway, language: str, arrival: Arrival | None) -> dict[str, Any]:
    if arrival is None:
        return {"came": "", "good": False, "number": "", "counter": "", "waits": ""}
    place = arrival.place
    waits = ""
    if arrival.ticket is not None:
        when = time_in_words(arrival.ticket.starts_at, ZoneInfo(_locus(gateway).time_zone), language)
        waits = gateway.deps.texts.say("kiosk.yours", language, number=arrival.ticket.number, time=when)
    if place is not None and arrival.came is Came.HERE and place.expected_at is not None:
        waits = _waits(gateway, language, place.ahead, place.expected_at)
    return {
        "came": arrival.came.value,
        "good": arrival.came in _GOOD,
        "number": place.number if place is not None else "",
        "counter": place.counter if place is not None else "",
        "waits": waits,
    }


def _waits(gateway: Gateway, language: str, ahead: int, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(_locus(gateway).time_zone))
    if not ahead:
        return gateway.deps.texts.say("kiosk.first", language, time=f"{local:%H.%M}")
    return gateway.deps.texts.say("kiosk.ahead", language, n=ahead, time=f"{local:%H.%M}")


@routes.get("/kios/hadir")
async def again(_: web.Request) -> web.Response:
    """The answer's address, opened by itself (another language chosen without script)."""
    raise web.HTTPSeeOther("/kios", headers={"Cache-Control": "no-store"})


@routes.post("/kios/hadir")
async def here(request: web.Request) -> web.Response:
    """ "I am here": a code that was typed, or read by a scanner. Wrong ones are counted."""
    gateway, form = request.app[GATEWAY], await request.post()
    deps, now = gateway.deps, gateway.deps.now()
    code = str(form.get("kode", ""))[:LONGEST]
    subject = guesses.subject(request, "hadir", now)
    async with deps.store.begin() as tx:
        if (await tx.attempts(subject)).failures >= MOST_WRONG:
            return guesses.held(await _kiosk(request, 429, Arrival(Came.BUSY)), now)
    arrival = await arrive(deps, _locus(gateway), code)
    if arrival.came is Came.UNKNOWN:
        async with deps.store.begin() as tx:
            await tx.failed(subject, now)
    status = {Came.UNKNOWN: 404, Came.AWAY: 503}.get(arrival.came, 200 if arrival.came in _GOOD else 409)
    return await _kiosk(request, status, arrival)


@routes.post("/kios/qr")
async def qr(request: web.Request) -> web.Response:
    """``{url, label?}``: the code as SVG, for addresses of our own channels only. By POST: a code in it stays out of every log."""
    try:
        body = await request.json()
        url, label = str(body["url"]), str(body.get("label", ""))[:200]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    if len(url) > _MOST_ADDRESS or not _ours(request.app[GATEWAY], url):
        raise web.HTTPBadRequest
    return web.Response(text=qr_svg(url, label), content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _ours(gateway: Gateway, url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    own = {origin for origin in (gateway.settings.public_url, gateway.settings.local_url) if origin}
    if parts.username or parts.password:
        return False
    return (parts.scheme == "https" and parts.netloc in _QR_HOSTS) or f"{parts.scheme}://{parts.netloc}" in own


def _today(gateway: Gateway, place: Place) -> bool:
    zone = ZoneInfo(_locus(gateway).time_zone)
    return place.starts_at.astimezone(zone).date() <= gateway.deps.now().astimezone(zone).date()


@routes.get("/antrean/{number}")
async def ticket(request: web.Request) -> web.Response:
    """A ticket for a phone's screen: number, counter, time, place in the line, and the code that the self-service point reads."""
    gateway, language = request.app[GATEWAY], page_language(request)
    deps, now = gateway.deps, gateway.deps.now()
    subject = guesses.subject(request, "antrean", now)
    async with deps.store.begin() as tx:
        if (await tx.attempts(subject)).failures >= MOST_WRONG:
            return guesses.held(await render(gateway, "ticket.html", language, 429, found=None, busy=True), now)
    found = await find_ticket(deps, request.match_info["number"][:LONGEST])
    if found is None:
        async with deps.store.begin() as tx:
            await tx.failed(subject, now)
        return await render(gateway, "ticket.html", language, 404, found=None, busy=False)
    return await render(gateway, "ticket.html", language, 200, found=_ticket(gateway, language, found), busy=False)


def _ticket(gateway: Gateway, language: str, found: Found) -> dict[str, Any]:
    deps, reader = gateway.deps, replace(found.home, language=language)
    place, ticket = found.place, found.ticket
    waits, state = "", place.state if place is not None else ""
    # Before its day nobody can say who will stand in front.
    if place is not None and state in ("waiting", "soon") and place.expected_at is not None and _today(gateway, place):
        waits = _waits(gateway, language, place.ahead, place.expected_at)
    starts = place.starts_at if place is not None else ticket.starts_at if ticket is not None else None
    address = f"{gateway.settings.public_url or gateway.settings.local_url}/antrean/{found.case.reference}"
    number = place.number if place is not None else ticket.number if ticket is not None else ""
    return {
        "number": number,
        "counter": place.counter if place is not None else ticket.counter if ticket is not None else "",
        "time": spoken_time(deps, reader, starts) if starts is not None else "",
        "service": service_name(deps, reader, served_for(found.case)),
        "reference": found.case.reference,
        "waits": waits,
        "known": place is not None,
        "called": state == "called",
        "over": state in ("served", "missed", "cancelled"),
        "qr": qr_svg(address, deps.texts.say("kiosk.qr", language, what=number or str(found.case.reference))),
    }

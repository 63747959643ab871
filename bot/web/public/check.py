"""``GET /cek``, ``GET /cek/<number>``: how an application stands, for whoever has its number: state and date, nothing else.

Wrong numbers are counted per network address (:mod:`bot.web.public.guesses`). An unknown number, one that cannot
be one and one that belongs to a draft get the same page.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.domain.conversation import Case
from bot.domain.reference import parse_reference
from bot.domain.texts import word
from bot.usecases.submit import spoken_date
from bot.web.public import guesses
from bot.web.public.gateway import GATEWAY, LANGUAGES, Gateway, language_of
from bot.web.public.guesses import MOST_WRONG
from bot.web.public.pages import TEMPLATES

routes = web.RouteTableDef()

HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
"""Also of the page of a document: no script, no frame, no trace in caches and search engines."""


def page_language(request: web.Request) -> str:
    """The one asked for by the links on the page, else the browser's."""
    wanted = request.query.get("bahasa", "")
    return wanted if wanted in LANGUAGES else language_of(request)


async def render(gateway: Gateway, template: str, language: str, status: int, **context: Any) -> web.Response:
    """A public page without script. ``say`` gives its sentences without the marks of chat."""
    locus = gateway.deps.catalogue().loci.get(gateway.settings.locus)

    def say(key: str, **params: object) -> str:
        return gateway.deps.texts.say(key, language, **params).replace("*", "")

    shared = {"language": language, "demo": gateway.settings.demo, "say": say, "languages": LANGUAGES}
    shared |= {"office_name": word(locus.name, language) if locus else ""}
    text = await TEMPLATES.get_template(template).render_async(**shared, **context)
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


@routes.get("/cek")
async def ask(request: web.Request) -> web.Response:
    """The field for a number; a filled-in one leads to its page."""
    language = page_language(request)
    typed = request.query.get("nomor", "").strip()
    if typed:
        number = parse_reference(typed) or "-"
        raise web.HTTPSeeOther(f"/cek/{number}?bahasa={language}", headers={"Cache-Control": "no-store"})
    return await render(request.app[GATEWAY], "check.html", language, 200, number="", found=None)


@routes.get("/cek/{number}")
async def check(request: web.Request) -> web.Response:
    """One application."""
    gateway, language = request.app[GATEWAY], page_language(request)
    deps, now = gateway.deps, gateway.deps.now()
    subject = guesses.subject(request, "cek", now)
    number = parse_reference(request.match_info["number"])
    async with deps.store.begin() as tx:
        if (await tx.attempts(subject)).failures >= MOST_WRONG:
            page = await render(gateway, "check.html", language, 429, number="", found="busy")
            return guesses.held(page, now)
        case = await tx.case_by_reference(number) if number is not None else None
        events = await tx.events(case.id) if case is not None else []
        if case is None:
            await tx.failed(subject, now)
        else:
            conversation = await tx.conversation(case.conversation_id)
    if case is None:
        return await render(gateway, "check.html", language, 404, number="", found="unknown")
    at = next((event.at for event in reversed(events) if event.state == case.state), case.updated_at)
    since = spoken_date(at.astimezone(deps.zone(conversation)).date(), language)
    return await render(gateway, "check.html", language, 200, **_shown(case, since))


def _shown(case: Case, since: str) -> dict[str, Any]:
    return {"number": case.reference, "found": "case", "state": case.state, "since": since}

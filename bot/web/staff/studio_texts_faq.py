"""The studio's pages of frequent questions: live the moment they are published, found by likeness, no training."""

from __future__ import annotations

from aiohttp import web

from bot.domain.staff import Right
from bot.web.staff.rights import needs
from bot.web.staff.studio import studio_page
from bot.web.staff.studio_entry import Area, desk_of, routes_of
from bot.web.staff.studio_services import suggested
from bot.web.staff.studio_services_shown import faq as shown_faq

BASE = "/staff/studio/texts/faq"
FAQ = Area("faq", "faq", BASE, "_studio_texts_preview.html", shown_faq, suggested, BASE)


@needs(Right.EDIT)
async def _list(request: web.Request) -> web.Response:
    """All questions by file, or those that hold what is looked for."""
    desk = desk_of(request)
    held = await desk.held(await desk.studio.draft(), "faq")
    wanted = request.query.get("q", "").strip()[:80]
    files = []
    for path, value in held.items():
        stem = path.rpartition("/")[2].removesuffix(".yml")
        entries = [one for one in value.get("faq", ()) if _holds(one, wanted.casefold())]
        if entries or not wanted:
            files.append((stem, entries))
    return studio_page(
        request, "studio_texts_faq.html", files=files, q=wanted, base=BASE, done=request.query.get("done", "")
    )


def _holds(entry: dict[str, object], wanted: str) -> bool:
    return not wanted or wanted in str([entry.get(key) for key in ("id", "questions", "answer", "service")]).casefold()


@needs(Right.EDIT)
async def _file(request: web.Request) -> web.Response:
    """A file has no page of its own: its questions stand in the list."""
    query = f"?done={request.query['done']}" if request.query.get("done", "").isalpha() else ""
    raise web.HTTPSeeOther(f"{BASE}{query}#{request.match_info['stem']}")


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/texts/faq", _list),
        web.get("/studio/texts/faq/{stem:[a-z0-9_-]+}", _file),
        web.get("/studio/texts/faq/{stem:[a-z0-9_-]+}/entry/faq", _file),
        *routes_of(FAQ),
    ]

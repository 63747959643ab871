"""The content studio below ``/staff/studio``: what its pages share, and the list of their routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.domain.staff import Right
from bot.ports_studio import Publishing, Training, Workbench
from bot.usecases.studio import Clash, Editor, Studio
from bot.web.staff.desk import ACCOUNT, page, sentences
from bot.web.staff.rights import needs

Scores = Callable[[], Awaitable[Mapping[str, float]]]
"""F1 by intent, of the last training that measured it."""


@dataclass(frozen=True)
class StudioParts:
    """``studio`` None: the content repository is on another machine."""

    studio: Studio | None = None
    workbench: Workbench | None = None
    training: Training | None = None
    publishing: Publishing | None = None
    scores: Scores | None = None


STUDIO = web.AppKey("studio", StudioParts)

# Path below /staff/studio, key of the name.
_SECTIONS = (
    ("/staff/studio/", "studio_home"),
    ("/staff/studio/inbox", "studio_inbox"),
    ("/staff/studio/intents", "studio_intents"),
    ("/staff/studio/texts", "studio_texts"),
    ("/staff/studio/services", "studio_services"),
    ("/staff/studio/offices", "studio_offices"),
    ("/staff/studio/talks", "studio_talks"),
    ("/staff/studio/try", "studio_try"),
    ("/staff/studio/train", "studio_train"),
    ("/staff/studio/releases", "studio_releases"),
)


class NoStudio(web.HTTPException):
    """This machine has no content repository."""

    status_code = 503


def studio_of(request: web.Request) -> Studio:
    """The studio of this installation.

    :raises NoStudio: it is on another machine; the page says so.
    """
    studio = request.config_dict[STUDIO].studio
    if studio is None:
        raise NoStudio
    return studio


def editor_of(request: web.Request) -> Editor:
    """Who is signed in, as the history knows them."""
    account = request[ACCOUNT]
    return Editor(account.username, account.name)


def studio_page(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page of the studio, with its sub-navigation; ``template`` extends ``studio_base.html``."""
    return page(request, template, status, sections=_SECTIONS, **values)


def clash_page(request: web.Request, clash: Clash, mine: Mapping[str, str | None]) -> web.Response:
    """Somebody else was quicker: both versions side by side, nothing is lost. ``mine``: what was to be saved, by path."""
    both = [
        (path, mine.get(path) or "", (theirs or b"").decode(errors="replace"))
        for path, theirs in sorted(clash.theirs.items())
    ]
    return studio_page(request, "studio_clash.html", 409, both=both, back=request.path)


@needs(Right.EDIT)
async def _home(request: web.Request) -> web.Response:
    studio = request.config_dict[STUDIO].studio
    if studio is None:
        return studio_page(request, "studio_missing.html")
    changed = [change.path for change in await studio.pending()]
    return studio_page(
        request, "studio_home.html", changed=changed, log=await studio.log(20), done=request.query.get("done", "")
    )


@needs(Right.EDIT)
async def _undo(request: web.Request) -> web.Response:
    studio = studio_of(request)
    form = await request.post()
    try:
        await studio.undo(editor_of(request), str(form.get("revision", "")))
    except Clash:
        changed = [change.path for change in await studio.pending()]
        sentence = sentences(request)("studio_undo_late")
        return studio_page(
            request, "studio_home.html", 409, changed=changed, log=await studio.log(20), done="", sorry=sentence
        )
    raise web.HTTPSeeOther("/staff/studio/?done=undone")


def routes() -> list[web.RouteDef]:
    """Of all areas."""
    # Imported here: the areas need what is above.
    from bot.web.staff import (
        studio_inbox,
        studio_intents,
        studio_releases,
        studio_services,
        studio_talks,
        studio_texts,
        studio_train,
        studio_try,
    )

    areas = (
        studio_inbox,
        studio_intents,
        studio_texts,
        studio_services,
        studio_talks,
        studio_try,
        studio_train,
        studio_releases,
    )
    return [
        web.get("/studio/", _home),
        web.post("/studio/undo", _undo),
        *(route for area in areas for route in area.routes()),
    ]

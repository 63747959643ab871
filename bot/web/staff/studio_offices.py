"""The studio's pages of offices: hours, holidays, counters, closures and notices with their dates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from bot.domain.staff import Right
from bot.usecases.studio import Draft
from bot.usecases.studio_yaml import YamlDesk
from bot.web.staff.rights import needs
from bot.web.staff.studio import studio_page
from bot.web.staff.studio_entry import Area, desk_of, labelled, routes_of
from bot.web.staff.studio_services_shown import office as shown_office
from bot.web.staff.studio_services_shown import today

BASE = "/staff/studio/offices"
FilePage = Callable[[web.Request, Area], Awaitable[web.Response]]


async def _suggested(desk: YamlDesk, draft: Draft) -> Mapping[str, Sequence[str]]:
    return {}


OFFICES = Area("loci", "locus", BASE, "_studio_office_preview.html", shown_office, _suggested)


@needs(Right.EDIT)
async def _list(request: web.Request) -> web.Response:
    """Every office with what holds there now."""
    desk = desk_of(request)
    draft = await desk.studio.draft()
    found = (await desk.state(draft)).found
    day = today(request)
    offices = [
        {
            "code": code,
            "name": office.name["id"],
            "hours": office.hours is not None,
            "services": len(office.services),
            "closures": [one for one in office.closures if one.end >= day],
            "notices": [one for one in office.notices if one.end.date() >= day],
        }
        for code, office in sorted(found.catalogue.loci.items())
    ]
    return studio_page(request, "studio_offices.html", offices=offices, named=labelled(request), base=BASE)


def routes(file_page: FilePage) -> list[web.RouteDef]:
    """To be added to the application; ``file_page``: shows one file."""

    @needs(Right.EDIT)
    async def office(request: web.Request) -> web.Response:
        return await file_page(request, OFFICES)

    return [
        web.get("/studio/offices", _list),
        web.get("/studio/offices/{stem:[0-9.]+}", office),
        *routes_of(OFFICES),
    ]

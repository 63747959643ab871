"""The managers' dashboard: an overview with today's figures, a page for each section, and what stands behind every number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.domain.figures import EVERYWHERE, FIGURES
from bot.domain.figures_period import Period, Span, period_of
from bot.domain.staff import Right
from bot.web.staff import figures_chart, figures_export, figures_lists, figures_open
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, sentences
from bot.web.staff.figures_overview import FLOWS, days_of, offices_table, overview, today
from bot.web.staff.figures_view import Chart, Section, View
from bot.web.staff.figures_works import SECTIONS
from bot.web.staff.rights import needs

_PATH = "/staff/figures"
_SPANS = tuple(span.value for span in Span if span is not Span.OWN)


def view_of(request: web.Request, period: Period | None = None) -> View:
    """What the reader of a page may see, and wants to.

    :raises aiohttp.web.HTTPNotFound: another's office.
    """
    desk, account = desk_of(request), request[ACCOUNT]
    known, wanted = desk.deps.catalogue().loci, request.query.get("office", "")
    everywhere = account.locus == EVERYWHERE
    if wanted and wanted not in (known if everywhere else (account.locus,)):
        raise web.HTTPNotFound
    codes = [wanted] if wanted else sorted(known) if everywhere else [account.locus]
    now = desk.deps.now()
    offices = {code: known[code].time_zone if code in known else "Asia/Jakarta" for code in codes}
    days = days_of(offices, now)
    period = period or period_of(request.query, min(days.values()), days)
    query = period.query() | ({"office": wanted} if wanted and everywhere else {})
    return View(desk, language(request), offices, period, now, query)


def shown(request: web.Request, template: str, view: View, **values: Any) -> web.Response:
    """A page of the dashboard, with its navigation and the period picker."""
    desk, account = desk_of(request), request[ACCOUNT]
    everywhere = account.locus == EVERYWHERE
    offices = [(code, desk.office_name(code, view.language)) for code in sorted(desk.deps.catalogue().loci)]
    picked = view.query.get("office", "")
    return page(
        request,
        template,
        sections=[(f"{_PATH}/{key}", key) for key in (*SECTIONS, "satisfaction")],
        view=view,
        period=view.period,
        spans=_SPANS,
        since=view.day(view.period.since),
        until=view.day(view.period.until),
        query=view.query,
        offices=offices if everywhere else [],
        picked=picked,
        of_office=desk.office_name(picked or account.locus, view.language),
        at=sentences(request)("super_at", time=local_time(request, view.now)),
        zone=_zone(view),
        **_TOOLS,
        **values,
    )


def _zone(view: View) -> str:
    """Whose midnight cuts the days."""
    names = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
    return ", ".join(sorted({names.get(zone, zone) for zone in view.offices.values()}))


_TOOLS: Mapping[str, Any] = {
    "over_time": figures_chart.over_time,
    "bar": figures_chart.bar,
    "widest": figures_chart.widest,
    "swatch": figures_chart.swatch,
    "TIME": Chart.TIME,
    "BARS": Chart.BARS,
}


@needs(Right.FIGURES)
async def home(request: web.Request) -> web.Response:
    """The figures that matter most, today's and the period's; of all offices also one line each."""
    view = view_of(request)
    await view.read(FLOWS, ("open_now", "waiting_now"))
    section = await overview(view)
    several = await offices_table(view) if len(view.offices) > 1 else None
    return shown(request, "figures.html", view, section=section, today=await today(view), several=several)


@needs(Right.FIGURES)
async def live(request: web.Request) -> web.Response:
    """Today's figures only, as the page asks for them again and again."""
    view = view_of(request)
    at = sentences(request)("super_at", time=local_time(request, view.now))
    return page(request, "_figures_today.html", today=await today(view), at=at, view=view)


@needs(Right.FIGURES)
async def section(request: web.Request) -> web.Response:
    """One section."""
    view = view_of(request)
    return shown(request, "figures_section.html", view, section=await section_of(request, view))


async def section_of(request: web.Request, view: View) -> Section:
    """The section of an address.

    :raises aiohttp.web.HTTPNotFound: there is none of that name.
    """
    build = SECTIONS.get(request.match_info["section"])
    if build is None:
        raise web.HTTPNotFound
    return await build(view)


@needs(Right.FIGURES)
async def meanings(request: web.Request) -> web.Response:
    """What every figure means."""
    tongue = language(request)
    known = [(one.name[tongue], one.means[tongue]) for one in FIGURES.values()]
    return shown(request, "figures_meanings.html", view_of(request), meanings=known, settled=_SETTLED)


_SETTLED = timedelta(days=7).days


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/figures", home),
        web.get("/figures/today", live),
        web.get("/figures/meanings", meanings),
        *figures_lists.routes(view_of, shown),
        *figures_export.routes(view_of, section_of),
        *figures_open.routes(view_of, shown),
        web.get(r"/figures/{section:[a-z]+}", section),
    ]

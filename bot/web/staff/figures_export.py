"""The dashboard's tables for spreadsheets, a section as PDF, and the monthly report. Every download is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from aiohttp import web

from bot.domain.figures_period import Period, month_of
from bot.domain.staff import Right
from bot.storage.figures_rows import NOW, ROWS, TALK_FIGURES
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of
from bot.web.staff.figures_overview import overview
from bot.web.staff.figures_pdf import draw
from bot.web.staff.figures_view import Section, Table, View
from bot.web.staff.figures_works import SECTIONS
from bot.web.staff.rights import needs
from bot.web.staff.satisfaction_section import satisfaction
from bot.web.staff.supervise_sheet import Cell, to_csv, to_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ViewOf(Protocol):
    """Makes the view of a request."""

    def __call__(self, request: web.Request, period: Period | None = None) -> View:
        """``period``: another than the address names."""
        ...


SectionOf = Callable[[web.Request, View], Awaitable[Section]]


def routes(view_of: ViewOf, section_of: SectionOf) -> list[web.RouteDef]:
    """Downloads."""

    @needs(Right.FIGURES)
    async def table(request: web.Request) -> web.Response:
        """One table as CSV or XLSX."""
        view, kind = view_of(request), request.query.get("as", "csv")
        section = await section_of(request, view)
        found = next((one for one in section.tables if one.key == request.query.get("table")), None)
        if found is None or kind not in ("csv", "xlsx"):
            raise web.HTTPNotFound
        rows = [
            (row.label, *(one.text if one.number is None else one.number for one in row.cells)) for row in found.rows
        ]
        return await sent(request, view, f"{section.key}-{found.key}", kind, sheet(found.title, found.head, rows, kind))

    @needs(Right.FIGURES)
    async def whole(request: web.Request) -> web.Response:
        """One section as PDF."""
        view = replace(view_of(request), links=False)
        section = await section_of(request, view)
        return await sent(request, view, section.key, "pdf", await drawn(request, view, section.title, [section]))

    @needs(Right.FIGURES)
    async def report(request: web.Request) -> web.Response:
        """The monthly report: every section of one calendar month."""
        desk, account = desk_of(request), request[ACCOUNT]
        today = desk.deps.now().astimezone(desk.zone(account.locus)).date()
        view = replace(view_of(request, month_of(request.query.get("month", ""), today)), links=False)
        await view.read((*ROWS, *TALK_FIGURES), NOW)  # all at once: most are on two pages
        made = []
        for build in (overview, *SECTIONS.values(), satisfaction):
            made.append(await build(view))
            await asyncio.sleep(0)  # reckoning alone: others have their turn between two sections
        title = view.say("figures_report_of", month=view.period.since.strftime("%m/%Y"))
        return await sent(request, view, "report", "pdf", await drawn(request, view, title, made))

    return [
        web.get("/figures/report", report),
        web.get(r"/figures/{section:[a-z]+}/table", table),
        web.get(r"/figures/{section:[a-z]+}/pdf", whole),
    ]


async def drawn(request: web.Request, view: View, title: str, sections: Sequence[Section]) -> bytes:
    """The PDF; drawn beside the loop, which has messages to take in."""
    return await asyncio.to_thread(draw, view, title, _for(request, view), sections)


def _for(request: web.Request, view: View) -> str:
    return desk_of(request).office_name(view.query.get("office", "") or request[ACCOUNT].locus, view.language)


def sheet(title: str, head: tuple[str, ...], rows: Sequence[Sequence[Cell]], kind: str) -> bytes:
    """The table as a file."""
    return to_csv(head, rows) if kind == "csv" else to_xlsx(title, head, rows)


async def sent(request: web.Request, view: View, what: str, kind: str, body: bytes) -> web.Response:
    """The download, on record."""
    since, until = view.period.since, view.period.until
    await audit_view(
        request, f"figures.{what}", "export", period=f"{since}/{until}", kind=kind, offices=sorted(view.offices)
    )
    office = next(iter(view.offices)) if len(view.offices) == 1 else "semua"
    name = f"loket-{office}-{what}-{since:%Y%m%d}-{until:%Y%m%d}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    types = {"csv": "text/csv", "xlsx": _XLSX, "pdf": "application/pdf", "json": "application/json"}
    charset = "utf-8" if kind == "csv" else None
    return web.Response(body=body, content_type=types[kind], charset=charset, headers=headers)


__all__ = ["Table", "routes", "sent", "sheet"]

"""Figures for the public: one finished month at a time, so that no two downloads can be set off against each other; nothing personal, and
small counts left out (:mod:`bot.domain.figures_open`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

from aiohttp import web

from bot.domain.figures import FIGURES, FORMS, SETTLED
from bot.domain.figures_open import SMALL, Open, opened
from bot.domain.figures_period import Period, month_of
from bot.domain.staff import Right
from bot.storage.figures_rows import PARTS
from bot.storage.figures_sums import Counted
from bot.web.staff.desk import desk_of
from bot.web.staff.figures_export import ViewOf, sent
from bot.web.staff.figures_view import View
from bot.web.staff.rights import needs
from bot.web.staff.supervise_sheet import Cell, to_csv

DATA: Mapping[str, tuple[str, str, str]] = {
    "submitted": ("submitted", "service", "channel"),
    "decided": ("decided", "service", "outcome"),
    "promises": ("promises", "service", "kept"),
    "complaints": ("submitted", "variant", "channel"),
    "handoffs": ("handoffs", "trigger", "answer"),
}
"""Name of a set -> figure, class of its rows, class of its columns."""


def routes(view_of: ViewOf, shown: Callable[..., web.Response]) -> list[web.RouteDef]:
    """The page that offers them, and the files."""

    def month(request: web.Request) -> tuple[View, bool]:
        """The month, and whether its numbers are final."""
        desk = desk_of(request)
        view = view_of(request)
        today = desk.deps.now().astimezone(desk.zone(next(iter(view.offices)))).date()
        wanted = month_of(request.query.get("month", "") or last_settled(view), today)
        return view_of(request, wanted), wanted.until + SETTLED < today and is_whole(wanted)

    @needs(Right.FIGURES)
    async def offer(request: web.Request) -> web.Response:
        """What there is."""
        view, final = month(request)
        tables = [(name, await table(view, name)) for name in DATA] if final else []
        return shown(request, "figures_open.html", view, tables=tables, month=f"{view.period.since:%Y-%m}", small=SMALL)

    @needs(Right.FIGURES)
    async def file(request: web.Request) -> web.Response:
        """One set as CSV or JSON."""
        view, final = month(request)
        name, kind = request.query.get("data", ""), request.query.get("as", "csv")
        if not final or name not in DATA or kind not in ("csv", "json"):
            raise web.HTTPNotFound
        made = await table(view, name)
        body = as_csv(view, name, made) if kind == "csv" else as_json(view, name, made)
        return await sent(request, view, f"open-{name}", kind, body)

    return [web.get("/figures/open", offer), web.get("/figures/open/file", file)]


def last_settled(view: View) -> str:
    """The last month whose numbers are final."""
    first = (view.now - SETTLED).date().replace(day=1)
    return (first - timedelta(days=1)).strftime("%Y-%m")


def is_whole(period: Period) -> bool:
    """Whether the period is a month to its end."""
    return (period.until + timedelta(days=1)).day == 1


async def table(view: View, name: str) -> Open:
    """One set of a month. Rows and columns are those that occur, in a fixed order."""
    figure, by_row, by_column = DATA[name]
    rows = (await view.flows(figure))[figure]
    counts = Counter[tuple[str, str]]()
    for row in rows:
        if fits(name, row):
            counts[row.parts[PARTS[figure].index(by_row)], row.parts[PARTS[figure].index(by_column)]] += row.n
    return opened(counts, sorted({one for one, _ in counts}), sorted({one for _, one in counts}))


def fits(name: str, row: Counted) -> bool:
    """Whether a row belongs to a set: complaints have one of their own."""
    return (
        name == "handoffs"
        or (row.parts[0] == "pengaduan") == (name == "complaints")
        and (name == "complaints" or row.parts[0] not in FORMS)
    )


def as_csv(view: View, name: str, made: Open) -> bytes:
    """A line per cell; ``*`` stands for all; an empty number was left out."""
    _, by_row, by_column = DATA[name]
    head = ["month", "offices", by_row, by_column, "count", "suppressed"]
    return to_csv(head, [_cells(view, line) for line in _lines(made)])


def _cells(view: View, line: tuple[str, str, int | None]) -> list[Cell]:
    row, column, count = line
    offices = " ".join(sorted(view.offices))
    return [f"{view.period.since:%Y-%m}", offices, row, column, count, 1 if count is None else 0]


def as_json(view: View, name: str, made: Open) -> bytes:
    """The same as JSON, with what it means."""
    figure, by_row, by_column = DATA[name]
    return json.dumps(
        {
            "dataset": name,
            "month": f"{view.period.since:%Y-%m}",
            "offices": sorted(view.offices),
            "means": {language: text for language, text in _means(figure).items()},
            "smallest_count_told": SMALL,
            "cells": [{by_row: row, by_column: column, "count": count} for row, column, count in _lines(made)],
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def _means(figure: str) -> Mapping[str, str]:
    return FIGURES[figure].means


def _lines(made: Open) -> list[tuple[str, str, int | None]]:
    return [
        (row or "*", column or "*", made.cells[r][c])
        for r, row in enumerate(made.rows)
        for c, column in enumerate(made.columns)
    ]

"""Figures for the public: one finished month at a time, so that no two downloads can be set off against each other; nothing personal, and
small counts left out (:mod:`bot.domain.figures_open`). Neither can two tables: no number of one is a sum of another's; so there is
no table of all MPPs beside those of each, and what was decided and what was promised are one table.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from aiohttp import web

from bot.domain.figures import FIGURES, FORMS, SETTLED
from bot.domain.figures_open import SMALL, Open, opened
from bot.domain.figures_period import Period, month_of
from bot.domain.staff import Right
from bot.storage.figures_rows import PARTS
from bot.web.staff.desk import desk_of
from bot.web.staff.figures_export import ViewOf, sent
from bot.web.staff.figures_view import Sum, View
from bot.web.staff.rights import needs
from bot.web.staff.supervise_sheet import Cell, to_csv

DATA: Mapping[str, tuple[str, str, str]] = {
    "submitted": ("submitted", "service", "channel"),
    "decided": ("decided", "service", "outcome"),
    "complaints": ("submitted", "variant", "channel"),
    "handoffs": ("handoffs", "trigger", "answer"),
}
"""Name of a set -> figure, class of its rows, class of its columns."""
_FINAL = ("terbit", "ditolak")
UNDATED = "undated"
"""Column of what was issued or refused without a promised date; with one it is ``kept`` or ``missed``."""


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
        one = len(view.offices) == 1
        tables = [(name, await table(view, name)) for name in DATA] if final and one else []
        chosen = f"{view.period.since:%Y-%m}"
        return shown(request, "figures_open.html", view, tables=tables, month=chosen, small=SMALL, one=one)

    @needs(Right.FIGURES)
    async def file(request: web.Request) -> web.Response:
        """One set as CSV or JSON."""
        view, final = month(request)
        name, kind = request.query.get("data", ""), request.query.get("as", "csv")
        if not final or len(view.offices) > 1 or name not in DATA or kind not in ("csv", "json"):
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
    if name == "decided":
        counts = promised(counts, (await view.flows("promises"))["promises"])
    return opened(counts, sorted({one for one, _ in counts}), sorted({one for _, one in counts}))


def promised(decided: Mapping[tuple[str, str], int], promises: Iterable[Sum]) -> Counter[tuple[str, str]]:
    """(Service, outcome) with what was issued or refused sorted by its promise: told beside it, their sums would give away what is
    left out here.
    """
    found = Counter[tuple[str, str]]()
    for (service, outcome), n in decided.items():
        found[service, UNDATED if outcome in _FINAL else outcome] += n
    for row in promises:
        service, kept = row.parts
        if service not in FORMS:
            found[service, kept] += row.n
            found[service, UNDATED] -= row.n
    return Counter({cell: n for cell, n in found.items() if n})


def fits(name: str, row: Sum) -> bool:
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
    _, by_row, by_column = DATA[name]
    return json.dumps(
        {
            "dataset": name,
            "month": f"{view.period.since:%Y-%m}",
            "offices": sorted(view.offices),
            "means": _means(name),
            "smallest_count_told": SMALL,
            "cells": [{by_row: row, by_column: column, "count": count} for row, column, count in _lines(made)],
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def _means(name: str) -> Mapping[str, str]:
    figures = [FIGURES[DATA[name][0]], *([FIGURES["promises"]] if name == "decided" else [])]
    return {language: " ".join(one.means[language] for one in figures) for language in figures[0].means}


def _lines(made: Open) -> list[tuple[str, str, int | None]]:
    return [
        (row or "*", column or "*", made.cells[r][c])
        for r, row in enumerate(made.rows)
        for c, column in enumerate(made.columns)
    ]

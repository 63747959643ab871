"""Sections of the dashboard on paper: A4, plain fonts, tables with a bar that needs no colour."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm

from bot.web.staff.figures_chart import widest
from bot.web.staff.figures_paper import BOLD, HEAD, LEFT, PLAIN, SMALL, TABLE, TITLE, WIDE, Column, Line, Paper, height
from bot.web.staff.figures_view import Chart, Row, Section, Table, Tile, View

_BAR, _SHORT_BAR = 28 * mm, 16 * mm
_EACH = 30 * mm
"""Widest column of numbers: further away a number stands alone."""
_TOGETHER = 2
"""Lines that stand below the head of a table on the same sheet."""
_TILES = (
    Column(LEFT, 46 * mm, BOLD),
    Column(LEFT + 46 * mm, 24 * mm, PLAIN, right=True),
    Column(LEFT + 70 * mm, 28 * mm, PLAIN),
    Column(LEFT + 98 * mm, WIDE - 98 * mm, SMALL),
)


def draw(view: View, title: str, office: str, sections: Sequence[Section]) -> bytes:
    """The PDF of some sections; the same figures give the same bytes."""
    period = f"{view.day(view.period.since)} – {view.day(view.period.until)}"
    paper = Paper(f"{title} · {office}", office, view.language, f"Loket · {office} · {period}")
    paper.words(title, TITLE)
    paper.space(4)
    paper.words(f"{office} · {period}")
    paper.space(4 * mm)
    for place, section in enumerate(sections):
        if place:
            paper.sheet()
        _section(view, paper, section, heading=len(sections) > 1)
    return paper.done()


def _section(view: View, paper: Paper, section: Section, *, heading: bool) -> None:
    if heading:
        paper.mark(section.title)
        paper.space(6)
        paper.words(section.title, HEAD)
        paper.space(4)
    if section.empty:
        paper.words(view.say("figures_empty"))
        return
    _tiles(paper, section.tiles)
    for table in section.tables:
        _table(view, paper, table)


def _tiles(paper: Paper, tiles: Sequence[Tile]) -> None:
    paper.table(_TILES, [Line((one.name, one.cell.text, one.note, one.means), top=True) for one in tiles])


def _table(view: View, paper: Paper, table: Table) -> None:
    """A table below its name; neither stands at the foot of a sheet without the beginning of the other."""
    columns, bar_x, bar = _columns(table)
    head, lines = Line(table.head), _lines(table, bar_x, bar)
    below = [] if table.empty else [head, *lines[:_TOGETHER]]
    if not paper.room(8 + TABLE.leading + 3 + (height(columns, below) or PLAIN.leading)):
        paper.sheet()
    paper.space(8)
    paper.words(table.title, TABLE)
    paper.space(3)
    if table.empty:
        paper.words(view.say("figures_none"))
    else:
        paper.table(columns, lines, head)


def _columns(table: Table) -> tuple[list[Column], float, float]:
    """The columns of a table; where its bars begin, after the first number, and how long the longest is."""
    count = len(table.head) - 1
    least, bar = (52 * mm, _BAR) if count < 6 else (38 * mm, _SHORT_BAR)
    each = min(_EACH, (WIDE - least - bar) / max(1, count))
    first = WIDE - bar - each * count
    bar_x = LEFT + first + each
    places = [LEFT + first, *(bar_x + bar + each * n for n in range(count - 1))][:count]
    return [Column(LEFT, first), *(Column(x, each, right=True) for x in places)], bar_x + 2, bar - 8


def _lines(table: Table, bar_x: float, bar: float) -> list[Line]:
    bars = table.chart is Chart.BARS
    most = widest(table.rows) if bars else max((_sum(row, table) for row in table.rows), default=0)
    found = []
    for row in table.rows:
        value = (row.cells[0].number or 0) if bars else _sum(row, table)
        wide = bar * value / most if most else 0
        found.append(Line((row.label, *(one.text for one in row.cells)), wide, bar_x))
    return found


def _sum(row: Row, table: Table) -> float:
    return sum(row.cells[index].number or 0 for index in table.series)

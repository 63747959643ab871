"""Sections of the dashboard on paper: A4, plain fonts, tables with a bar that needs no colour."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from bot.web.staff.figures_chart import widest
from bot.web.staff.figures_view import Chart, Row, Section, Table, Tile, View

_WIDE = A4[0] - 30 * mm
_BAR = 28 * mm
_DARK = colors.HexColor("#3c3c3c")
_PLAIN = ParagraphStyle("plain", fontName="Helvetica", fontSize=8.5, leading=11)
_SMALL = ParagraphStyle("small", parent=_PLAIN, fontSize=7.5, leading=9.5, textColor=colors.HexColor("#333333"))
_BOLD = ParagraphStyle("bold", parent=_PLAIN, fontName="Helvetica-Bold")
_RIGHT = ParagraphStyle("right", parent=_PLAIN, alignment=2)
_TITLE = ParagraphStyle("title", parent=_BOLD, fontSize=16, leading=20, spaceAfter=4)
_HEAD = ParagraphStyle("head", parent=_BOLD, fontSize=13, leading=16, spaceBefore=6, spaceAfter=4)
_TABLE = ParagraphStyle("table", parent=_BOLD, fontSize=10, leading=13, spaceBefore=8, spaceAfter=3)
_LINES: list[tuple[Any, ...]] = [
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.grey),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("FONT", (0, 1), (-1, -1), "Helvetica", 8.5, 11),  # what fits its column: no paragraph is set for each of thousands
    ("ALIGN", (1, 1), (-1, -1), "RIGHT"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
]


def draw(view: View, title: str, office: str, sections: Sequence[Section]) -> bytes:
    """The PDF of some sections; the same figures give the same bytes."""
    out = io.BytesIO()
    paper = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=16 * mm,
        title=f"{title} · {office}",
        author=office,
        lang=view.language,
        invariant=1,
    )
    period = f"{view.day(view.period.since)} – {view.day(view.period.until)}"
    story: list[Any] = [
        Paragraph(escape(title), _TITLE),
        Paragraph(escape(f"{office} · {period}"), _PLAIN),
        Spacer(1, 4 * mm),
    ]
    for place, section in enumerate(sections):
        if place:
            story.append(PageBreak())
        story += _section(view, section, heading=len(sections) > 1)
    foot = f"Loket · {office} · {period}"
    paper.build(story, onFirstPage=_foot(foot), onLaterPages=_foot(foot))
    return out.getvalue()


def _foot(text: str) -> Any:
    def write(page: Canvas, paper: SimpleDocTemplate) -> None:
        page.setFont("Helvetica", 7.5)
        page.drawString(15 * mm, 9 * mm, text)
        page.drawRightString(A4[0] - 15 * mm, 9 * mm, str(paper.page))

    return write


def _section(view: View, section: Section, *, heading: bool) -> list[Any]:
    found: list[Any] = [Paragraph(escape(section.title), _HEAD)] if heading else []
    if section.empty:
        return [*found, Paragraph(escape(view.say("figures_empty")), _PLAIN)]
    found.append(_tiles(section.tiles))
    for table in section.tables:
        head = Paragraph(escape(table.title), _TABLE)
        if table.empty:
            found.append(KeepTogether([head, Paragraph(escape(view.say("figures_none")), _PLAIN)]))
        else:
            found += [head, _table(table)]
    return found


def _tiles(tiles: Sequence[Tile]) -> Grid:
    rows = [
        [
            Paragraph(escape(one.name), _BOLD),
            Paragraph(escape(one.cell.text), _RIGHT),
            Paragraph(escape(one.note), _PLAIN),
            Paragraph(escape(one.means), _SMALL),
        ]
        for one in tiles
    ]
    wide = [46 * mm, 24 * mm, 28 * mm, _WIDE - 98 * mm]
    return Grid(rows, colWidths=wide, style=[*_LINES[1:], ("VALIGN", (0, 0), (-1, -1), "TOP")])


def _table(table: Table) -> Grid:
    columns = len(table.head) - 1
    first = 52 * mm if columns < 6 else 40 * mm
    each = (_WIDE - first - _BAR) / max(1, columns)
    most = widest(table.rows) if table.chart is Chart.BARS else max((_sum(row, table) for row in table.rows), default=0)
    rows = [[*(Paragraph(escape(name), _SMALL) for name in table.head[:2]), "", *_small(table.head[2:])]]
    for row in table.rows:
        value = (row.cells[0].number or 0) if table.chart is Chart.BARS else _sum(row, table)
        numbers = [Paragraph(escape(one.text), _RIGHT) if one.number is None else one.text for one in row.cells]
        fits = stringWidth(row.label, "Helvetica", 8.5) < first - 8
        label = row.label if fits else Paragraph(escape(row.label), _PLAIN)
        rows.append([label, numbers[0], _bar(value, most), *numbers[1:]])
    wide = [first, each, _BAR, *([each] * (columns - 1))]
    return Grid(rows, colWidths=wide, repeatRows=1, style=_LINES)


def _small(names: Sequence[str]) -> list[Paragraph]:
    return [Paragraph(escape(name), _SMALL) for name in names]


def _sum(row: Row, table: Table) -> float:
    return sum(row.cells[index].number or 0 for index in table.series)


class _Bar(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A dark bar of some points."""

    def __init__(self, wide: float) -> None:
        super().__init__()
        self._wide = wide

    def wrap(self, *_: float) -> tuple[float, float]:
        """Its size."""
        return _BAR - 6, 7

    def draw(self) -> None:
        """Onto the page."""
        self.canv.setFillColor(_DARK)
        self.canv.rect(0, 1, self._wide, 5, stroke=0, fill=1)


def _bar(value: float, most: float) -> _Bar:
    return _Bar((_BAR - 8) * value / most if most else 0)

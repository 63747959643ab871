"""Charts as SVG, drawn on the server: series differ by pattern and are named, so that they are readable without colour; the table with
the same numbers always stands beside. No style attributes: the pages allow none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.web.staff.figures_view import Row, Table

WIDTH, HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 354, 8, 162
_STEPS = (1, 2, 2.5, 5, 10)
_MOST_LABELS = 6
PATTERNS = ("a", "b", "c")


@dataclass(frozen=True)
class Scale:
    """From 0 to ``top`` in ``step``."""

    top: float
    step: float


def scale(most: float) -> Scale:
    """Round numbers that hold ``most`` in two to five steps."""
    if most <= 0:
        return Scale(1, 1)
    power = 10 ** (len(str(int(most))) - 1)
    step = next(power * one / 2 for one in _STEPS if power * one / 2 * 5 >= most)
    step = max(step, 1)
    count = -(-most // step)
    return Scale(step * count, step)


def over_time(table: Table, say: Callable[[float], str]) -> Markup:
    """Columns of time, the series side by side; ``say``: how a number of the axis is written."""
    rows, series = table.rows, table.series
    most = max((cell.number or 0 for row in rows for cell in row.cells), default=0)
    axis = scale(most)
    parts = [_patterns(table.key, len(series)), *_grid(axis, say)]
    slot = (_RIGHT - _LEFT) / max(1, len(rows))
    wide = min(26.0, slot * (0.8 if len(rows) <= 60 else 1.0)) / max(1, len(series))
    for place, row in enumerate(rows):
        middle = _LEFT + slot * (place + 0.5)
        for at, index in enumerate(series):
            value = row.cells[index].number or 0
            tall = (_BOTTOM - _TOP) * value / axis.top
            x = middle + wide * (at - len(series) / 2)
            if tall:
                parts.append(_column(table.key, at, x, wide, tall, f"{row.label}: {row.cells[index].text}"))
        if _labelled(place, len(rows)):
            parts.append(_text(middle, _BOTTOM + 14, row.label, "middle"))
    title = f"{table.title}. {_summary(table)}"
    return _svg(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def bar(value: float | None, most: float) -> Markup:
    """One bar of a row; the number stands beside it."""
    share = 0 if not most or not value else max(0.5, 100 * value / most)
    return _svg(
        f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="s0" x="0" y="0" width="{share:.1f}" height="10"/></svg>'
    )


def widest(rows: Sequence[Row]) -> float:
    """The largest number of the first column."""
    return max((row.cells[0].number or 0 for row in rows if row.cells), default=0)


def swatch(place: int) -> Markup:
    """The sample of a series' pattern in the legend."""
    key = f"swatch{place}"
    return _svg(
        f'<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{_patterns(key, place + 1)}'
        f'<rect class="edge" x="1" y="1" width="14" height="14" fill="url(#{key}-{PATTERNS[place]})"/></svg>'
    )


def _svg(made: str) -> Markup:
    """Ready for a page: every label in it was escaped where it was put in."""
    return Markup(made)  # noqa: S704


def _summary(table: Table) -> str:
    """What a reader who does not see the picture hears: the sums."""
    sums = (sum(row.cells[index].number or 0 for row in table.rows) for index in table.series)
    return "; ".join(f"{table.head[index + 1]}: {value:g}" for index, value in zip(table.series, sums, strict=True))


def _labelled(place: int, count: int) -> bool:
    every = max(1, -(-count // _MOST_LABELS))
    return place % every == every // 2 if count > _MOST_LABELS else True


def _grid(axis: Scale, say: Callable[[float], str]) -> list[str]:
    found, value = [], 0.0
    while value <= axis.top + 1e-9:
        y = _BOTTOM - (_BOTTOM - _TOP) * value / axis.top
        found.append(f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        found.append(_text(_LEFT - 4, y + 3.5, say(value), "end"))
        value += axis.step
    return found


def _column(key: str, place: int, x: float, wide: float, tall: float, title: str) -> str:
    return (
        f'<rect class="edge" x="{x:.1f}" y="{_BOTTOM - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
        f'fill="url(#{key}-{PATTERNS[place]})"><title>{escape(title)}</title></rect>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _patterns(key: str, count: int) -> str:
    """Full, hatched, dotted."""
    inner = (
        '<rect class="s0" width="6" height="6"/>',
        '<rect class="ground" width="6" height="6"/><path class="line" d="M0 6L6 0M-1 1L1 -1M5 7L7 5"/>',
        '<rect class="ground" width="6" height="6"/><circle class="s0" cx="3" cy="3" r="1.4"/>',
    )
    made = (
        f'<pattern id="{key}-{name}" width="6" height="6" patternUnits="userSpaceOnUse">{content}</pattern>'
        for name, content in zip(PATTERNS[:count], inner, strict=False)
    )
    return f"<defs>{''.join(made)}</defs>"

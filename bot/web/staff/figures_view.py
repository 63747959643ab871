"""What the dashboard's pages are made of: tiles, tables with charts, sections; and the view that they are made for."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from bot.domain.figures import FIGURES, FORMS, Unit
from bot.domain.figures_period import Bucket, Period, Span
from bot.storage.figures_rows import PARTS
from bot.storage.figures_sums import Offices
from bot.storage.figures_together import Standing, Summed
from bot.web.staff import strings
from bot.web.staff.desk import Desk

APPLICATIONS = {"only": "applications"}
"""Of an address: without those forms."""
COMPLAINT, QUEUE, VISIT = FORMS
_MONTHS = {
    "id": "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
}
_UNITS = {
    Unit.MINUTES: {"id": "menit", "en": "min"},
    Unit.DAYS: {"id": "hari", "en": "days"},
    Unit.MILLISECONDS: {"id": "ms", "en": "ms"},
}


class Chart(StrEnum):
    """How a table is drawn."""

    NONE = "none"
    BARS = "bars"
    """A bar in every row, of the first column of numbers."""
    TIME = "time"
    """Columns of time; ``Table.series`` are piled up."""


@dataclass(frozen=True)
class Cell:
    """One number as shown, and what stands behind it."""

    text: str
    number: float | None = None
    href: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """``head`` names the first column, then those of ``cells``. ``means``: keys of the figures it shows."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    means: tuple[str, ...] = ()
    chart: Chart = Chart.NONE
    series: tuple[int, ...] = (0,)
    note: str = ""

    @property
    def empty(self) -> bool:
        """Nothing but zeros."""
        return not any(cell.number for row in self.rows for cell in row.cells)


@dataclass(frozen=True)
class Tile:
    """One figure, large."""

    key: str
    name: str
    cell: Cell
    means: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One page."""

    key: str
    title: str
    tiles: tuple[Tile, ...]
    tables: tuple[Table, ...]

    @property
    def empty(self) -> bool:
        """There is nothing to show for the period."""
        return not any(tile.cell.number for tile in self.tiles) and all(table.empty for table in self.tables)


@dataclass(frozen=True)
class Column:
    """One series over time: its name, the figure behind it, its number in the column of time that begins on a day."""

    name: str
    figure: str
    number: Callable[[date], int]
    wanted: Mapping[str, str] = field(default_factory=dict)
    """Classes of the rows behind it."""


@dataclass(frozen=True)
class View:
    """Who looks at what: offices, period, language."""

    desk: Desk
    language: str
    offices: Offices
    period: Period
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    """Kept in every link: the period, and the one office that a reader of all picked."""
    links: bool = True
    """Whether numbers lead to their rows; not on paper."""
    _read: dict[str, list[Summed]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _stands: dict[str, list[Standing]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _more: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was asked for already: sections of one report share their figures."""

    @property
    def say(self) -> strings.Say:
        """Sentences."""
        return strings.say_in(self.language)

    async def flows(self, *figures: str) -> dict[str, list[Summed]]:
        """Figures of the period."""
        if new := [figure for figure in figures if figure not in self._read]:
            self._read.update(await self.desk.figures.days.together(new, self.offices, self.period, self.now))
        return {figure: self._read[figure] for figure in figures}

    async def standing(self, *figures: str) -> dict[str, list[Standing]]:
        """Figures of how things stand now."""
        if new := [figure for figure in figures if figure not in self._stands]:
            self._stands.update(await self.desk.figures.days.standing(new, self.offices, self.now))
        return {figure: self._stands[figure] for figure in figures}

    async def waits(self) -> tuple[float | None, float | None]:
        """Minutes to the first answer of a person: median, and what nine of ten did not exceed."""
        if "waits" not in self._more:
            self._more["waits"] = await self.desk.figures.lists.waits(self.offices, self.period)
        found: tuple[float | None, float | None] = self._more["waits"]
        return found

    async def spared(self) -> dict[str, datetime | None]:
        """Agency -> since when it is spared."""
        if "spared" not in self._more:
            self._more["spared"] = await self.desk.figures.lists.breakers()
        found: dict[str, datetime | None] = self._more["spared"]
        return found

    async def read(self, flows: Iterable[str] = (), standing: Iterable[str] = ()) -> None:
        """Read what several sections need at one time, on connections of their own."""
        await asyncio.gather(self.flows(*flows), self.standing(*standing), self.waits(), self.spared())

    # -- words ----------------------------------------------------------------------------------------------------------

    def service(self, slug: str) -> str:
        """Its name."""
        return self.desk.deps.service_name(slug, self.language)

    def variant(self, slug: str, variant: str) -> str:
        """The name of a service's variant."""
        service = self.desk.deps.service(slug)
        found = next((v for v in service.variants if v.id == variant), None) if service is not None else None
        return variant or "–" if found is None else found.name.get(self.language) or found.name["id"]

    def word(self, key: str, other: str) -> str:
        """The sentence ``key``; ``other`` where there is none."""
        return self.say(key) if strings.known(key) else other or "–"

    def state(self, state: str) -> str:
        """A case's state as citizens read it."""
        texts = self.desk.deps.texts
        return texts.say(f"state.{state}", self.language) if texts.has(f"state.{state}") else state

    def means(self, figure: str) -> str:
        """The figure's sentence."""
        return FIGURES[figure].means[self.language]

    def called(self, figure: str) -> str:
        """The figure's name."""
        return FIGURES[figure].name[self.language]

    def bucket(self, day: date) -> str:
        """The head of one column of time."""
        if self.period.own:
            return "/".join(self.bucket_of(one) for one in (self.period.since, self.period.until))
        return self.bucket_of(day)

    def bucket_of(self, day: date) -> str:
        """The same of a day."""
        if self.period.bucket is Bucket.MONTH:
            return f"{_MONTHS[self.language][day.month - 1]} {day.year}"
        return f"{day.day} {_MONTHS[self.language][day.month - 1]}"

    def day(self, day: date) -> str:
        """A day in full."""
        return f"{day.day} {_MONTHS[self.language][day.month - 1]} {day.year}"

    def number(self, value: float | None, unit: Unit = Unit.COUNT) -> str:
        """As people of that language write it; a dash where there is none."""
        if value is None:
            return "–"
        digits = 0 if unit in (Unit.COUNT, Unit.MILLISECONDS) else 1
        text = f"{value:,.{digits}f}"
        if self.language == "id":
            text = text.translate(str.maketrans(",.", ".,"))
        if unit is Unit.SHARE:
            return f"{text}%" if self.language == "en" else f"{text} %"
        return f"{text} {_UNITS[unit][self.language]}" if unit in _UNITS else text

    # -- cells -----------------------------------------------------------------------------------------------------------

    def drill(self, figure: str, period: Period | None = None, /, **wanted: str) -> str:
        """The address of what stands behind a number."""
        if not self.links:
            return ""
        query = {**self.query, **(period.query() if period is not None else {}), "figure": figure, **wanted}
        return f"/staff/figures/list?{urlencode(query)}"

    def count(self, figure: str, n: int, period: Period | None = None, /, **wanted: str) -> Cell:
        """A count with the way to its rows."""
        return Cell(self.number(n), n, self.drill(figure, period, **wanted) if n else "")

    def tile(self, figure: str, value: float | None, href: str = "", note: str = "", unit: Unit | None = None) -> Tile:
        """One figure, large."""
        known = FIGURES[figure]
        cell = Cell(self.number(value, unit or known.unit), value, href if value else "")
        return Tile(figure, self.called(figure), cell, self.means(figure), note)

    def counted(self, figure: str, n: int, note: str = "", /, **wanted: str) -> Tile:
        """A count, large, with the way to its rows."""
        return self.tile(figure, n, self.drill(figure, **wanted), note)

    def over_time(self, key: str, title: str, *columns: Column) -> Table:
        """A table by columns of time."""
        rows = []
        for first in self.period.buckets():
            here = self._within(first)
            cells = (self.count(one.figure, one.number(first), here, **one.wanted) for one in columns)
            rows.append(Row(self.bucket(first), tuple(cells)))
        head = (self.say(f"figures_by_{self.period.bucket}"), *(one.name for one in columns))
        series = tuple(range(len(columns)))
        return Table(key, title, head, tuple(rows), chart=Chart.TIME, series=series)

    def _within(self, first: date) -> Period:
        """The part of the period that one column stands for."""
        if self.period.own:
            return self.period
        end = {Bucket.DAY: first, Bucket.WEEK: first + timedelta(days=6)}.get(self.period.bucket) or (
            (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        )
        return Period(Span.OWN, max(first, self.period.since), min(end, self.period.until))


# -- sums ------------------------------------------------------------------------------------------------------------------


class Sum(Protocol):
    """So many rows of one class."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Its classes."""
        ...

    @property
    def n(self) -> int:
        """How many."""
        ...

    @property
    def amount(self) -> float:
        """The sum of their amounts."""
        ...


AnySum = TypeVar("AnySum", bound=Sum)


def total(rows: Iterable[Sum]) -> int:
    """All of them."""
    return sum(row.n for row in rows)


def amount(rows: Iterable[Sum]) -> float:
    """The sum of their amounts."""
    return sum(row.amount for row in rows)


def where(figure: str, rows: Iterable[AnySum], **wanted: str | Iterable[str]) -> list[AnySum]:
    """Those of some classes."""
    places = {
        PARTS[figure].index(name): {value} if isinstance(value, str) else set(value) for name, value in wanted.items()
    }
    return [row for row in rows if all(row.parts[place] in values for place, values in places.items())]


def by(figure: str, rows: Iterable[Sum], name: str) -> Counter[str]:
    """How many of each class."""
    place, found = PARTS[figure].index(name), Counter[str]()
    for row in rows:
        found[row.parts[place]] += row.n
    return found


def split(figure: str, rows: Iterable[AnySum], name: str) -> dict[str, list[AnySum]]:
    """The rows of each class."""
    place = PARTS[figure].index(name)
    found = defaultdict[str, list[AnySum]](list)
    for row in rows:
        found[row.parts[place]].append(row)
    return found


def at(rows: Iterable[Summed]) -> Callable[[date], int]:
    """How many in a column of time."""
    found = Counter[int]()
    for row in rows:
        for day, n in zip(row.days, row.each, strict=True):
            found[day] += n
    return lambda day: found[day.toordinal()]

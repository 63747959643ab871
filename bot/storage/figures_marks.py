"""What surveys say together: marks by service, channel, counter, kind and office. Months whose surveys cannot change any more are
summed in advance (rows of ``figure_month``); the others, and everything that is narrowed, is counted from the surveys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from bot.domain.figures import MARKS_SETTLED
from bot.domain.figures_period import Bucket, Period, trunc
from bot.domain.survey import COUNT, MARKS, Score, Tally
from bot.storage.figures_days import FigureDays, midnight
from bot.storage.figures_sums import ALONE, MARKED, Offices, next_month, zones
from bot.storage.store import PgTx

_MARKS, _, _ASKED = MARKED
_WITHIN: LiteralString = """
where s.locus = any(%(loci)s) and s.due_at >= %(since)s and s.due_at < %(until)s
  and (%(service)s::text is null or s.service = %(service)s or starts_with(s.service, %(service)s::text || '-'))
  and (%(channel)s::text is null or s.channel = %(channel)s) and (%(counter)s::text is null or s.counter = %(counter)s)
  and (%(kind)s::text is null or s.kind = %(kind)s)
"""
_ASKED_THEM: LiteralString = """
with s as materialized (
  select s.id, s.locus, coalesce(s.service, '') as service, s.channel, s.counter, s.kind from survey s
"""
_GAVE: LiteralString = """
), j as materialized (
  select s.id, s.locus, s.service, s.channel, s.counter, s.kind, a.unsur, a.mark
  from s join survey_answer a on a.survey_id = s.id and a.mark is not null
)
select 'survey_marks' as figure, k.locus, k.unsur || '|' || k.mark || '|' ||
"""
# The class comes last: the name of a counter is anybody's.
_CLASS: LiteralString = """
case when grouping(k.service) = 0 then 'service|' || k.service when grouping(k.channel) = 0 then 'channel|' || k.channel
  when grouping(k.counter) = 0 then 'counter|' || k.counter when grouping(k.kind) = 0 then 'kind|' || k.kind else '|' end as part,
"""
# Marks are added up by all classes at once before they are by each: there are far fewer sums than marks.
_MARKS_BY: LiteralString = """
  sum(k.n)::int8 as n from (
  select locus, service, channel, counter, kind, unsur, mark, count(*) as n from j group by 1, 2, 3, 4, 5, 6, 7) k
group by grouping sets ((k.locus, k.unsur, k.mark), (k.locus, k.unsur, k.mark, k.service), (k.locus, k.unsur, k.mark, k.channel),
  (k.locus, k.unsur, k.mark, k.counter), (k.locus, k.unsur, k.mark, k.kind))
union all select 'survey_people', k.locus,
"""
_PEOPLE_BY: LiteralString = """
  count(*) from s k where k.id in (select j.id from j)
group by grouping sets ((k.locus), (k.locus, k.service), (k.locus, k.channel), (k.locus, k.counter), (k.locus, k.kind))
union all select 'survey_asked', s.locus, '', count(*) from s group by s.locus
"""
_COUNT: LiteralString = _ASKED_THEM + _WITHIN + _GAVE + _CLASS + _MARKS_BY + _CLASS + _PEOPLE_BY
_TOTAL: LiteralString = """
select 'survey_marks' as figure, s.locus, a.unsur || '|' || a.mark || '||' as part, count(*) as n
from survey s join survey_answer a on a.survey_id = s.id and a.mark is not null
"""
_TOTALS: LiteralString = _TOTAL + _WITHIN + " group by s.locus, a.unsur, a.mark"
_OCCUR: LiteralString = "select distinct coalesce(s.service, '') as service, s.channel, s.counter, s.kind from survey s"
_MARKED: LiteralString = " and exists (select 1 from survey_answer a where a.survey_id = s.id and a.mark is not null)"
_OCCURRING: LiteralString = _OCCUR + _WITHIN + _MARKED
_KEEP: LiteralString = "insert into figure_month (figure, locus, month, part, n, amount) select figure, locus, %(month)s, part, n, 0 from ("
_KEPT: LiteralString = ") m"
_STORED: LiteralString = """
select figure, locus, part, sum(n) as n from figure_month
where figure = any(%(figures)s) and locus = any(%(loci)s) and month >= %(first)s and month < %(last)s
  and (%(parts)s::text[] is null or part = any(%(parts)s)) group by 1, 2, 3
"""
_STORED_CLASSES: LiteralString = """
select distinct part from figure_month
where figure = 'survey_people' and locus = any(%(loci)s) and month >= %(first)s and month < %(last)s
"""
_THROUGH: LiteralString = "select locus, marked from figure_through where locus = any(%(loci)s)"
_FIRST: LiteralString = "select min(due_at) as at from survey where locus = any(%(loci)s)"
_FORGET: LiteralString = (
    "delete from figure_month where figure = any(%(figures)s) and locus = any(%(loci)s) and month = %(month)s"
)
_REACHED: LiteralString = "update figure_through set marked = %(to)s where locus = any(%(loci)s)"
DIMENSIONS = ("service", "channel", "counter", "kind", "locus")
_NARROWING = DIMENSIONS[:4]
_ALL_PARTS = [f"{unsur}|{mark}||" for unsur in range(1, COUNT + 1) for mark in MARKS]
"""The marks of all surveys, of whatever class."""


@dataclass
class Marks:
    """The scores of a set of surveys: all of them, and by the classes of each dimension."""

    asked: int = 0
    _tallies: dict[tuple[str, str], list[Tally]] = field(default_factory=dict)
    _people: dict[tuple[str, str], int] = field(default_factory=dict)

    def by(self, dimension: str) -> dict[str, Score]:
        """Class -> its score; classes without any mark are left out."""
        return {key: self._score(name, key) for name, key in sorted(self._tallies) if name == dimension}

    def classes(self) -> dict[str, set[str]]:
        """Dimension that may be chosen from -> its classes with any mark."""
        return {name: {key for one, key in self._tallies if one == name} for name in _NARROWING}

    @property
    def score(self) -> Score:
        """Of all."""
        return self._score("", "")

    def _score(self, dimension: str, key: str) -> Score:
        tallies = self._tallies.get((dimension, key))
        return Score() if tallies is None else Score(tuple(tallies), self._people.get((dimension, key), 0))

    def add(self, rows: Iterable[Any]) -> None:
        """Rows of a figure with its class in ``part``, kept or counted now."""
        for row in rows:
            if row.figure == _ASKED:
                self.asked += int(row.n)
                continue
            *marked, name, key = row.part.split("|", 3 if row.figure == _MARKS else 1)
            for class_ in ((name, key), ("locus", row.locus))[: 1 if name else 2]:
                if marked:
                    tallies = self._tallies.setdefault(class_, [Tally()] * COUNT)
                    unsur = int(marked[0]) - 1
                    tallies[unsur] = tallies[unsur].plus(int(marked[1]), int(row.n))
                else:
                    self._people[class_] = self._people.get(class_, 0) + int(row.n)


@dataclass(frozen=True)
class _Part:
    """Offices of one time zone: whole months whose sums are read (``first`` to ``last``, excluded), and the days around them."""

    zone: str
    loci: list[str]
    first: date
    last: date
    days: list[tuple[date, date]]

    @property
    def months(self) -> dict[str, Any]:
        """Of a statement."""
        return {"loci": self.loci, "first": self.first, "last": self.last}

    @property
    def bounds(self) -> list[dict[str, Any]]:
        """Of a statement, one for each stretch of days."""
        return [
            {"loci": self.loci, "since": midnight(since, self.zone), "until": midnight(until, self.zone)}
            for since, until in self.days
        ]


def _only(narrowed: Mapping[str, str] | None) -> dict[str, str | None]:
    return {name: (narrowed or {}).get(name) or None for name in _NARROWING}


async def _rows(tx: PgTx, statement: LiteralString, values: Mapping[str, Any]) -> list[Any]:
    return list(await (await tx.fast(statement, values)).fetchall())


class FigureMarks:
    """Reads and keeps."""

    def __init__(self, days: FigureDays) -> None:
        self._days = days

    async def read(self, offices: Offices, period: Period, narrowed: Mapping[str, str] | None = None) -> Marks:
        """The surveys offered in a period, cut at each office's midnight. ``narrowed``: dimension -> class (a ``service`` stands also
        for those whose name begins with it and a dash).
        """
        found, only = Marks(), _only(narrowed)
        async with self._days.reading() as tx:
            for part in await self._parts(tx, offices, period, summed=not any(only.values())):
                if part.first < part.last:
                    found.add(await _rows(tx, _STORED, {**part.months, "figures": list(MARKED), "parts": None}))
                for bounds in part.bounds:
                    found.add(await _rows(tx, _COUNT, {**only, **bounds}))
        return found

    async def score(self, offices: Offices, period: Period, narrowed: Mapping[str, str] | None = None) -> Score:
        """The score of all of them alone; without its people."""
        found, only = Marks(), _only(narrowed)
        async with self._days.reading() as tx:
            for part in await self._parts(tx, offices, period, summed=not any(only.values())):
                if part.first < part.last:
                    found.add(await _rows(tx, _STORED, {**part.months, "figures": [_MARKS], "parts": _ALL_PARTS}))
                for bounds in part.bounds:
                    found.add(await _rows(tx, _TOTALS, {**only, **bounds}))
        return found.score

    async def classes(self, offices: Offices, period: Period) -> dict[str, set[str]]:
        """Dimension that may be chosen from -> classes of which there are marks in a period."""
        found: dict[str, set[str]] = {name: set() for name in _NARROWING}
        async with self._days.reading() as tx:
            for part in await self._parts(tx, offices, period, summed=True):
                stored = await _rows(tx, _STORED_CLASSES, part.months) if part.first < part.last else []
                for name, _, key in (row.part.partition("|") for row in stored):
                    if name:
                        found[name].add(key)
                for bounds in part.bounds:
                    for row in await _rows(tx, _OCCURRING, {**_only(None), **bounds}):
                        for name in _NARROWING:
                            found[name].add(getattr(row, name))
        return found

    async def _parts(self, tx: PgTx, offices: Offices, period: Period, *, summed: bool) -> list[_Part]:
        """``summed``: whole months may be read from their sums."""
        found = []
        for zone, loci, marked in await self._groups(tx, offices):
            here = period.at(zone)
            first = last = end = here.until + timedelta(days=1)
            if marked is not None and summed:
                first, last = next_month(here.since - timedelta(days=1)), trunc(min(end, marked), Bucket.MONTH)
            first, last = (first, last) if first < last else (end, end)
            days = [(since, until) for since, until in ((here.since, first), (last, end)) if since < until]
            found.append(_Part(zone, loci, first, last, days))
        return found

    async def _groups(self, tx: PgTx, offices: Offices) -> list[tuple[str, list[str], date | None]]:
        rows = await (await tx.fast(_THROUGH, {"loci": sorted(offices)})).fetchall()
        known = {row.locus: row.marked for row in rows}
        found: dict[tuple[str, date | None], list[str]] = {}
        for zone, loci in zones(offices):
            for locus in loci:
                found.setdefault((zone, known.get(locus)), []).append(locus)
        return [(zone, loci, marked) for (zone, marked), loci in found.items()]

    # -- keep ---------------------------------------------------------------------------------------------------------------

    async def settle(self, offices: Offices, now: datetime) -> int:
        """Sum the months whose surveys are closed by now and not summed yet; how many (office, month) pairs. Safe to run twice."""
        done = 0
        async with self._days.reading() as tx:
            todo = await self._groups(tx, offices)
        for zone, loci, marked in todo:
            end = trunc((now - MARKS_SETTLED).astimezone(ZoneInfo(zone)).date(), Bucket.MONTH)
            month = marked or await self._first_month(zone, loci) or end
            while month < end:
                await self._keep(zone, loci, month)
                done, month = done + len(loci), next_month(month)
        return done

    async def _first_month(self, zone: str, loci: list[str]) -> date | None:
        async with self._days.reading() as tx:
            row = await (await tx.fast(_FIRST, {"loci": loci})).fetchone()
        return None if row is None or row.at is None else trunc(row.at.astimezone(ZoneInfo(zone)).date(), Bucket.MONTH)

    async def _keep(self, zone: str, loci: list[str], month: date) -> None:
        bounds = {"since": midnight(month, zone), "until": midnight(next_month(month), zone)}
        values = {**_only(None), **bounds, "loci": loci, "month": month}
        async with self._days.reading(most="10min") as tx:
            await tx.fast(ALONE, {})
            await tx.fast(_FORGET, {"figures": list(MARKED), "loci": loci, "month": month})
            await tx.fast(_KEEP + _COUNT + _KEPT, values)
            await tx.fast(_REACHED, {"loci": loci, "to": next_month(month)})

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
from bot.domain.survey import COUNT, Score, Tally
from bot.storage.figures_days import FigureDays, midnight
from bot.storage.figures_sums import ALONE, MARKED, Offices, next_month, zones
from bot.storage.store import PgTx

_MARKS, _PEOPLE, _ASKED = MARKED
_WITHIN: LiteralString = """
where s.locus = any(%(loci)s) and s.due_at >= %(since)s and s.due_at < %(until)s
  and (%(service)s::text is null or s.service = %(service)s or starts_with(s.service, %(service)s::text || '-'))
  and (%(channel)s::text is null or s.channel = %(channel)s) and (%(counter)s::text is null or s.counter = %(counter)s)
  and (%(kind)s::text is null or s.kind = %(kind)s)
"""
# The class comes last: the name of a counter is anybody's.
_CLASS: LiteralString = """
case when grouping(k.service) = 0 then 'service|' || k.service when grouping(k.channel) = 0 then 'channel|' || k.channel
  when grouping(k.counter) = 0 then 'counter|' || k.counter when grouping(k.kind) = 0 then 'kind|' || k.kind else '|' end as part
"""
_MARK: LiteralString = "select %(figure)s::text as figure, k.locus, k.unsur || '|' || k.mark || '|' ||"
_OF_MARKS: LiteralString = """, count(*) as n from (
  select s.locus, coalesce(s.service, '') as service, s.channel, s.counter, s.kind, a.unsur, a.mark
  from survey s join survey_answer a on a.survey_id = s.id and a.mark is not null
"""
_MARK_SETS: LiteralString = """) k group by grouping sets ((k.locus, k.unsur, k.mark), (k.locus, k.unsur, k.mark, k.service),
  (k.locus, k.unsur, k.mark, k.channel), (k.locus, k.unsur, k.mark, k.counter), (k.locus, k.unsur, k.mark, k.kind))
"""
_PERSON: LiteralString = "select %(figure)s::text as figure, k.locus, "
_OF_PEOPLE: LiteralString = """, count(*) as n from (
  select s.locus, coalesce(s.service, '') as service, s.channel, s.counter, s.kind from survey s
"""
_PEOPLE_SETS: LiteralString = """ and exists (select 1 from survey_answer a where a.survey_id = s.id and a.mark is not null)
) k group by grouping sets ((k.locus), (k.locus, k.service), (k.locus, k.channel), (k.locus, k.counter), (k.locus, k.kind))
"""
_SURVEY: LiteralString = "select %(figure)s::text as figure, s.locus, '' as part, count(*) as n from survey s"
_BY_OFFICE: LiteralString = " group by 2"
_COUNT: Mapping[str, LiteralString] = {
    _MARKS: _MARK + _CLASS + _OF_MARKS + _WITHIN + _MARK_SETS,
    _PEOPLE: _PERSON + _CLASS + _OF_PEOPLE + _WITHIN + _PEOPLE_SETS,
    _ASKED: _SURVEY + _WITHIN + _BY_OFFICE,
}
_KEEP: LiteralString = "insert into figure_month (figure, locus, month, part, n, amount) select figure, locus, %(month)s, part, n, 0 from ("
_KEPT: LiteralString = ") m"
_STORED: LiteralString = """
select figure, locus, part, sum(n) as n from figure_month
where figure = any(%(figures)s) and locus = any(%(loci)s) and month >= %(first)s and month < %(last)s group by 1, 2, 3
"""
_THROUGH: LiteralString = "select locus, marked from figure_through where locus = any(%(loci)s)"
_FIRST: LiteralString = "select min(due_at) as at from survey where locus = any(%(loci)s)"
_FORGET: LiteralString = (
    "delete from figure_month where figure = any(%(figures)s) and locus = any(%(loci)s) and month = %(month)s"
)
_REACHED: LiteralString = "update figure_through set marked = %(to)s where locus = any(%(loci)s)"
DIMENSIONS = ("service", "channel", "counter", "kind", "locus")


@dataclass
class Marks:
    """The scores of a set of surveys: all of them, and by the classes of each dimension."""

    asked: int = 0
    _tallies: dict[tuple[str, str], list[Tally]] = field(default_factory=dict)
    _people: dict[tuple[str, str], int] = field(default_factory=dict)

    def by(self, dimension: str) -> dict[str, Score]:
        """Class -> its score; classes without any mark are left out."""
        return {key: self._score(name, key) for name, key in sorted(self._tallies) if name == dimension}

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


class FigureMarks:
    """Reads and keeps."""

    def __init__(self, days: FigureDays) -> None:
        self._days = days

    async def read(self, offices: Offices, period: Period, narrowed: Mapping[str, str] | None = None) -> Marks:
        """The surveys offered in a period, cut at each office's midnight. ``narrowed``: dimension -> class (a ``service`` stands also
        for those whose name begins with it and a dash).
        """
        found, only = Marks(), {name: (narrowed or {}).get(name) or None for name in DIMENSIONS[:4]}
        async with self._days.reading() as tx:
            for zone, loci, marked in await self._groups(tx, offices):
                first = last = end = period.until + timedelta(days=1)
                if marked is not None and not any(only.values()):
                    first, last = next_month(period.since - timedelta(days=1)), trunc(min(end, marked), Bucket.MONTH)
                    await self._stored(tx, found, loci, first, last)
                first, last = (first, last) if first < last else (end, end)
                for since, until in ((period.since, first), (last, end)):
                    if since < until:
                        days = {"since": midnight(since, zone), "until": midnight(until, zone)}
                        await self._count(tx, found, {**only, "loci": loci, **days})
        return found

    async def _groups(self, tx: PgTx, offices: Offices) -> list[tuple[str, list[str], date | None]]:
        rows = await (await tx.fast(_THROUGH, {"loci": sorted(offices)})).fetchall()
        known = {row.locus: row.marked for row in rows}
        found: dict[tuple[str, date | None], list[str]] = {}
        for zone, loci in zones(offices):
            for locus in loci:
                found.setdefault((zone, known.get(locus)), []).append(locus)
        return [(zone, loci, marked) for (zone, marked), loci in found.items()]

    async def _stored(self, tx: PgTx, found: Marks, loci: list[str], first: date, last: date) -> None:
        if first < last:
            values = {"figures": list(MARKED), "loci": loci, "first": first, "last": last}
            found.add(await (await tx.fast(_STORED, values)).fetchall())

    async def _count(self, tx: PgTx, found: Marks, values: Mapping[str, Any]) -> None:
        for figure, statement in _COUNT.items():
            found.add(await (await tx.fast(statement, {**values, "figure": figure})).fetchall())

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
        values = {**dict.fromkeys(DIMENSIONS[:4]), **bounds, "loci": loci, "month": month}
        async with self._days.reading(most="10min") as tx:
            await tx.fast(ALONE, {})
            await tx.fast(_FORGET, {"figures": list(MARKED), "loci": loci, "month": month})
            for figure, statement in _COUNT.items():
                await tx.fast(_KEEP + statement + _KEPT, {**values, "figure": figure})
            await tx.fast(_REACHED, {"loci": loci, "to": next_month(month)})

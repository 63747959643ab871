"""Sums of kept days, made in advance: by month, and of all offices together; so that a year of 272 offices is as few rows as one of one.

Sums are made of days that are settled (:mod:`bot.storage.figures_days`), after them and by the same job. ``figure_through.summed`` says
how far they go: what lies behind it is added up from the days. So a sum is never newer or older than its days, and days that are
counted again (``reopen``) take their sums back with them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, ItemsView, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, LiteralString

from bot.domain.figures import EVERYWHERE, FORMS, LINE
from bot.domain.figures_period import Bucket, trunc
from bot.storage.store import PgTx

Offices = Mapping[str, str]
"""Locus -> name of its time zone."""
LINES = "line"
"""Stands as a figure in both tables: the few numbers of an office's line, without their classes."""
MARKED = ("survey_marks", "survey_people", "survey_asked")
"""Months of surveys, which are summed for themselves (:mod:`bot.storage.figures_marks`)."""
_NEVER = date(1, 1, 1)

ALONE: LiteralString = "select pg_advisory_xact_lock(20260014)"
"""One at a time counts, sums or takes back."""
_THROUGH: LiteralString = "select locus, day, summed from figure_through where locus = any(%(loci)s)"
_EVERYWHERE: LiteralString = "select summed, offices from figure_through where locus = %(all)s"
_STORED: LiteralString = """
select figure, locus, day, part, sum(n) as n, sum(amount) as amount from (
  select figure, locus, month as day, part, n, amount from figure_month
  where figure = any(%(figures)s) and locus = any(%(loci)s) and month >= %(first)s and month < %(last)s
  union all
  select figure, locus, date_trunc(%(bucket)s, day)::date, part, n, amount from figure_day
  where figure = any(%(figures)s) and locus = any(%(loci)s) and day >= %(from)s and day < %(first)s
  union all
  select figure, locus, date_trunc(%(bucket)s, day)::date, part, n, amount from figure_day
  where figure = any(%(figures)s) and locus = any(%(loci)s) and day >= %(last)s and day <= %(to)s) k
group by 1, 2, 3, 4
"""
_FIRST_DAY: LiteralString = "select min(day) as day from figure_day where locus = any(%(loci)s)"
_HAS_DAYS: LiteralString = (
    "select exists (select 1 from figure_day where locus = any(%(loci)s) and day < %(to)s) as there"
)
_LINES: LiteralString = """
insert into figure_day (figure, locus, day, part, n, amount)
select %(line)s::text, locus, day, case when figure = 'promises' then split_part(part, '|', 2) else figure end, sum(n), 0 from figure_day
where figure = any(%(figures)s) and locus = any(%(loci)s) and day >= %(from)s and day < %(to)s
  and (figure not in ('submitted', 'promises') or split_part(part, '|', 1) <> all(%(forms)s))
group by 1, 2, 3, 4
"""
_FORGET_LINES: LiteralString = """
delete from figure_day where figure = %(line)s and locus = any(%(loci)s) and day >= %(from)s and day < %(to)s
"""
_FORGET_DAYS: LiteralString = "delete from figure_day where locus = %(all)s and day >= %(from)s and day < %(to)s"
_DAYS_TOGETHER: LiteralString = """
insert into figure_day (figure, locus, day, part, n, amount)
select figure, %(all)s::text, day, part, sum(n), sum(amount) from figure_day
where figure <> %(line)s and locus = any(%(loci)s) and day >= %(from)s and day < %(to)s group by 1, 3, 4
"""
_FORGET_MONTHS: LiteralString = """
delete from figure_month where figure <> all(%(but)s) and locus = any(%(loci)s) and month >= %(from)s and month < %(to)s
"""
_MONTHS: LiteralString = """
insert into figure_month (figure, locus, month, part, n, amount)
select figure, locus, date_trunc('month', day)::date, part, sum(n), sum(amount) from figure_day
where locus = any(%(loci)s) and day >= %(from)s and day < %(to)s group by 1, 2, 3, 4
"""
_SUMMED: LiteralString = "update figure_through set summed = %(to)s where locus = any(%(loci)s) and day >= %(to)s"
_BEGIN_ALL: LiteralString = """
insert into figure_through (locus, day, summed, offices) values (%(all)s, %(day)s, %(day)s, %(offices)s)
on conflict (locus) do update set day = excluded.day, summed = excluded.summed, offices = excluded.offices
"""
_REACHED_ALL: LiteralString = "update figure_through set day = %(to)s, summed = %(to)s where locus = %(all)s"


@lru_cache(maxsize=20_000)
def classes(part: str) -> tuple[str, ...]:
    """The names between the bars: there are few, and each stands in thousands of rows."""
    return tuple(part.split("|"))


@dataclass(frozen=True)
class Counted:
    """``n`` rows of a figure in one column of time, one class and one office; ``amount``: their sum."""

    locus: str
    day: date
    part: str
    n: int
    amount: float = 0.0

    @property
    def parts(self) -> tuple[str, ...]:
        """The classes, see :data:`bot.storage.figures_rows.PARTS`."""
        return classes(self.part)


@dataclass(frozen=True)
class Group:
    """Offices of one time zone whose days are kept up to the same day (``through``, excluded; ``summed``: and their sums).

    ``begin``: what lies before it is known from elsewhere.
    """

    zone: str
    through: date
    summed: date | None
    loci: list[str]
    begin: date = _NEVER

    def since(self, day: date) -> Group:
        """What lies before is known."""
        return replace(self, begin=max(self.begin, day))

    def only(self, loci: Collection[str], begin: date) -> Group:
        """Those of them, from a day on."""
        return replace(self, loci=[one for one in self.loci if one in loci], begin=begin)

    def but(self, loci: Collection[str]) -> Group:
        """The others."""
        return replace(self, loci=[one for one in self.loci if one not in loci])


Reading = Callable[..., AbstractAsyncContextManager[PgTx]]
"""Opens a transaction for large questions; ``most``: how long one may take."""


def zones(offices: Offices) -> ItemsView[str, list[str]]:
    """(time zone, its offices): one question each."""
    found: dict[str, list[str]] = {}
    for locus, zone in sorted(offices.items()):
        found.setdefault(zone, []).append(locus)
    return found.items()


# -- read ----------------------------------------------------------------------------------------------------------------------


async def groups(tx: PgTx, offices: Offices) -> list[Group]:
    """The offices, by what of them is kept; where nothing is, ``through`` lies before all days."""
    rows = {row.locus: row for row in await (await tx.fast(_THROUGH, {"loci": sorted(offices)})).fetchall()}
    found: dict[tuple[str, date, date | None], list[str]] = {}
    for zone, loci in zones(offices):
        for locus in loci:
            row = rows.get(locus)
            key = (zone, _NEVER, None) if row is None else (zone, row.day, row.summed)
            found.setdefault(key, []).append(locus)
    return [Group(*key, loci) for key, loci in found.items()]


async def everywhere(tx: PgTx) -> Everywhere | None:
    """The sums of all offices, if there are any."""
    row = await (await tx.fast(_EVERYWHERE, {"all": EVERYWHERE})).fetchone()
    return None if row is None else Everywhere(row.summed, frozenset(row.offices))


@dataclass(frozen=True)
class Everywhere:
    """How far the sums of all offices go, and of which they are."""

    through: date
    offices: frozenset[str]


async def stored(
    tx: PgTx, figures: Sequence[str], loci: Sequence[str], summed: date | None, since: date, until: date, bucket: Bucket
) -> list[tuple[str, Counted]]:
    """Kept days, ``since`` to ``until`` (both included), by column of time; whole months that are summed from their sums."""
    values = {"figures": list(figures), "loci": list(loci), "bucket": bucket.value}
    rows = await (await tx.fast(_STORED, values | kept_bounds(summed, since, until, bucket))).fetchall()
    return [(row.figure, Counted(row.locus, row.day, row.part, int(row.n), row.amount)) for row in rows]


def kept_bounds(summed: date | None, since: date, until: date, bucket: Bucket) -> dict[str, Any]:
    """``from`` and ``to`` (included), and between them whole months that are read from their sums: ``first`` to ``last`` (excluded)."""
    first = last = until + timedelta(days=1)
    if bucket is Bucket.MONTH and summed is not None:
        last = trunc(min(last, summed), bucket)
        first = since if since == trunc(since, bucket) else next_month(since)
    if first >= last:
        first = last = until + timedelta(days=1)
    return {"from": since, "first": first, "last": last, "to": until}


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# -- keep ----------------------------------------------------------------------------------------------------------------------


async def sum_up(reading: Reading, offices: Offices) -> None:
    """Make the sums of all days that are kept and not summed yet, of each office and then of all together. Safe to run twice."""
    async with reading() as tx:
        rows = await (await tx.fast(_THROUGH, {"loci": sorted(offices)})).fetchall()
        todo: dict[tuple[date | None, date], list[str]] = {}
        for row in rows:
            if row.summed is None or row.summed < row.day:
                todo.setdefault((row.summed, row.day), []).append(row.locus)
        begins = {key: key[0] or await _first_day(tx, loci) or key[1] for key, loci in todo.items()}
    for key, loci in todo.items():
        await _sum_offices(reading, loci, begins[key], key[1])
    if len(offices) > 1 and len(rows) == len(offices):
        await _sum_all(reading, sorted(offices), min(row.day for row in rows))


async def _first_day(tx: PgTx, loci: list[str]) -> date | None:
    row = await (await tx.fast(_FIRST_DAY, {"loci": loci})).fetchone()
    return row.day if row is not None else None


async def _sum_offices(reading: Reading, loci: list[str], start: date, end: date) -> None:
    for since, until in _months(start, end):
        async with reading(most="10min") as tx:
            await tx.fast(ALONE, {})
            values = {"line": LINES, "loci": loci, "from": since, "to": until}
            await tx.fast(_FORGET_LINES, values)
            await tx.fast(_LINES, {**values, "figures": list(LINE), "forms": list(FORMS)})
            await _sum_months(tx, loci, since, until)
            await tx.fast(_SUMMED, {"loci": loci, "to": until})


async def _sum_months(tx: PgTx, loci: list[str], since: date, until: date) -> None:
    """Of the months that end in these days."""
    first, last = trunc(since, Bucket.MONTH), trunc(until, Bucket.MONTH)
    if first < last:
        months = {"loci": loci, "from": first, "to": last}
        await tx.fast(_FORGET_MONTHS, {**months, "but": list(MARKED)})
        await tx.fast(_MONTHS, months)


async def _sum_all(reading: Reading, loci: list[str], end: date) -> None:
    """All offices together. Another set of offices than before begins from the first day, unless the new ones have no days yet."""
    async with reading() as tx:
        await tx.fast(ALONE, {})
        known = await everywhere(tx)
        start = known.through if known is not None else None
        if known is None or known.offices != set(loci):
            new = sorted(set(loci) - known.offices) if known is not None and known.offices <= set(loci) else loci
            there = await (await tx.fast(_HAS_DAYS, {"loci": new, "to": start or end})).fetchone()
            if start is None or there is None or there.there:
                start = await _first_day(tx, loci) or end
                await tx.fast(_FORGET_DAYS, {"all": EVERYWHERE, "from": _NEVER, "to": start})
                await tx.fast(_FORGET_MONTHS, {"loci": [EVERYWHERE], "but": [], "from": _NEVER, "to": start})
            await tx.fast(_BEGIN_ALL, {"all": EVERYWHERE, "day": min(start, end), "offices": loci})
    assert start is not None
    for since, until in _months(start, end):
        async with reading(most="10min") as tx:
            await tx.fast(ALONE, {})
            values = {"all": EVERYWHERE, "line": LINES, "loci": loci, "from": since, "to": until}
            await tx.fast(_FORGET_DAYS, values)
            await tx.fast(_DAYS_TOGETHER, values)
            await _sum_months(tx, [EVERYWHERE], since, until)
            await tx.fast(_REACHED_ALL, {"all": EVERYWHERE, "to": until})


def _months(start: date, end: date) -> list[tuple[date, date]]:
    """From ``start`` up to ``end`` (excluded), cut at the ends of months."""
    found = []
    while start < end:
        until = min(next_month(start), end)
        found.append((start, until))
        start = until
    return found

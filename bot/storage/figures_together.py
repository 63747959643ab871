"""Figures as the pages want them: one row for each class, with its columns of time inside it, so that a month of a large office is a few
hundred rows and not ten thousand. What is asked of one office in one time zone is one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any, LiteralString, NamedTuple

from bot.domain.figures_period import Bucket
from bot.storage.figures_rows import NOW, ROWS, TALK_FIGURES, TALKS
from bot.storage.figures_sums import classes, kept_bounds
from bot.storage.store import PgTx


class Summed(NamedTuple):
    """``n`` rows of a figure in one class, over all columns of time and all offices; ``amount``: their sum."""

    part: str
    n: int
    amount: float
    days: Sequence[int]
    """First days of its columns of time, as ordinals; one may stand there twice."""
    each: Sequence[int]
    """How many in each of them."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The classes, see :data:`bot.storage.figures_rows.PARTS`."""
        return classes(self.part)

    def in_one(self, day: date) -> Summed:
        """All of it in one column."""
        return self._replace(days=(day.toordinal(),), each=(self.n,))


class Standing(NamedTuple):
    """``n`` rows of a figure of one class and one office as they stand now; ``most``: the largest of their amounts."""

    locus: str
    part: str
    n: int
    amount: float
    most: float

    @property
    def parts(self) -> tuple[str, ...]:
        """The classes, see :data:`bot.storage.figures_rows.PARTS`."""
        return classes(self.part)


_SUMMED: LiteralString = """
select figure, part, sum(n)::int8 as n, sum(amount)::float8 as amount, array_agg(at) as days, array_agg(n) as each from (
"""
_BY_CLASS: LiteralString = ") t group by 1, 2 order by 1, 2"
_KEPT: LiteralString = """
select figure, date_trunc(%(bucket)s, day)::date - date '0001-01-01' + 1 as at, part, sum(n)::int8 as n, sum(amount) as amount from (
  select figure, month as day, part, n, amount from figure_month
  where figure = any(%(figures)s) and locus = any(%(loci)s) and month >= %(first)s and month < %(last)s
  union all
  select figure, day, part, n, amount from figure_day
  where figure = any(%(figures)s) and locus = any(%(loci)s) and day >= %(from)s and day < %(first)s
  union all
  select figure, day, part, n, amount from figure_day
  where figure = any(%(figures)s) and locus = any(%(loci)s) and day >= %(last)s and day <= %(to)s) k
group by 1, 2, 3
"""
_STORED: LiteralString = _SUMMED + _KEPT + _BY_CLASS
_AT: LiteralString = (
    "date_trunc(%(bucket)s, (r.at at time zone %(zone)s::text)::date)::date - date '0001-01-01' + 1 as at"
)
_TALK: LiteralString = """
select f.figure, date_trunc(%(bucket)s, r.day)::date - date '0001-01-01' + 1 as at, r.channel as part, sum(f.n)::int8 as n,
  0::float8 as amount from (
"""
_TALK_FIGURES: LiteralString = """
) r cross join lateral (values ('talks', 1), ('talks_alone', case when r.person then 0 else 1 end),
    ('talks_person', case when r.person then 1 else 0 end), ('messages', r.messages),
    ('missed', r.missed), ('talks_missed', case when r.missed > 0 then 1 else 0 end)) as f (figure, n)
where f.figure = any(%(figures)s) group by 1, 2, 3 having sum(f.n) > 0
"""
_OF_TALKS: LiteralString = _TALK + TALKS + _TALK_FIGURES
# Which of the figures asked for a row counts for: its place in their list.
_PLACES: tuple[LiteralString, ...] = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13")
_NAMED: LiteralString = "select (%(rows)s::text[])["
_COUNTED: LiteralString = "] as figure, " + _AT + ", r.part, count(*) as n, sum(r.amount)::float8 as amount from ("
_BY_DAY: LiteralString = ") r group by 2, 3"
_NOW_COUNTED: LiteralString = (
    "] as figure, r.locus, r.part, count(*) as n, sum(r.amount)::float8 as amount, max(r.amount)::float8 as most from ("
)
_ALL: LiteralString = " union all "
Found = list[tuple[str, Summed]]
"""(Figure, one of its classes)."""


@cache
def _live(rows: tuple[str, ...], talks: bool) -> LiteralString:
    """The statement that counts those figures from their rows."""
    parts = [_NAMED + place + _COUNTED + ROWS[one] + _BY_DAY for place, one in zip(_PLACES, rows, strict=False)]
    return _SUMMED + _ALL.join([*parts, *([_OF_TALKS] if talks else [])]) + _BY_CLASS


@cache
def _standing(rows: tuple[str, ...]) -> LiteralString:
    parts = [_NAMED + place + _NOW_COUNTED + NOW[one] + _BY_DAY for place, one in zip(_PLACES, rows, strict=False)]
    return _ALL.join(parts) + " order by 1, 2, 3"


async def kept(
    tx: PgTx, figures: Sequence[str], loci: Sequence[str], summed: date | None, since: date, until: date, bucket: Bucket
) -> Found:
    """Kept days, as :func:`bot.storage.figures_sums.stored` gives them."""
    values = {"figures": list(figures), "loci": list(loci), "bucket": bucket.value}
    return _summed(await _rows(tx, _STORED, values | kept_bounds(summed, since, until, bucket)))


async def live(tx: PgTx, figures: Collection[str], bucket: Bucket, values: dict[str, Any]) -> Found:
    """Days counted from their rows. ``values``: see :mod:`bot.storage.figures_rows`."""
    rows = tuple(one for one in ROWS if one in figures)
    statement = _live(rows, not set(figures).isdisjoint(TALK_FIGURES))
    own = {"rows": list(rows), "figures": list(figures), "bucket": bucket.value}
    return _summed(await _rows(tx, statement, {**values, **own}))


async def standing(tx: PgTx, figures: Collection[str], values: dict[str, Any]) -> list[tuple[str, Standing]]:
    """How things stand now."""
    rows = tuple(one for one in NOW if one in figures)
    found = await _rows(tx, _standing(rows), {**values, "rows": list(rows)})
    return [(r.figure, Standing(r.locus, r.part, r.n, r.amount, r.most)) for r in found]


async def _rows(tx: PgTx, statement: LiteralString, values: dict[str, Any]) -> list[Any]:
    return list(await (await tx.fast(statement, values)).fetchall())


def _summed(rows: list[Any]) -> Found:
    return [(r.figure, Summed(r.part, r.n, r.amount, r.days, r.each)) for r in rows]

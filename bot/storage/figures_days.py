"""Numbers per day: days that are settled are counted once and kept in a small table; the last days are counted when asked for.

So nothing is written on the way of a message, and a year is read in a few milliseconds (from sums of months, and of all offices:
:mod:`bot.storage.figures_sums`). Days are cut in the time zone of their office.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, LiteralString, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.figures import EVERYWHERE, LINE, REOPENED, SETTLED, line_of
from bot.domain.figures_period import Bucket, Period, Span, trunc
from bot.storage.figures_rows import ROWS, TALK_FIGURES, TALKS
from bot.storage.figures_sums import ALONE, LINES, Counted, Group, Offices, everywhere, groups, stored, sum_up, zones
from bot.storage.figures_together import Found, Standing, Summed, kept, live, standing
from bot.storage.store import PgStore, PgTx

log = logging.getLogger(__name__)

_STRETCH = timedelta(days=31)
"""Days that are counted in one transaction."""

_COUNTED: LiteralString = """
select r.locus, (r.at at time zone %(zone)s::text)::date as day, r.part, count(*) as n, sum(r.amount) as amount from (
"""
_BY_DAY: LiteralString = ") r group by 1, 2, 3"
_TALKS_COUNTED: LiteralString = (
    """
select r.locus, r.day, r.channel as part, f.figure, sum(f.n) as n, 0::float8 as amount from ("""
    + TALKS
    + """) r cross join lateral (values ('talks', 1), ('talks_alone', case when r.person then 0 else 1 end),
    ('talks_person', case when r.person then 1 else 0 end), ('messages', r.messages),
    ('missed', r.missed), ('talks_missed', case when r.missed > 0 then 1 else 0 end)) as f (figure, n)
group by 1, 2, 3, 4 having sum(f.n) > 0
"""
)
_KEEP_DAY: LiteralString = "insert into figure_day (figure, locus, day, part, n, amount) "
_OF_TALKS: LiteralString = "select figure, locus, day, part, n, amount from ("
_OF_ROWS: LiteralString = "select %(figure)s::text, k.* from ("
_END: LiteralString = ") k"
_KEEP_TALKS: LiteralString = (
    "insert into talk_day (locus, conversation_id, day, at, channel, messages, missed, person) "
    + TALKS
    + " on conflict (conversation_id, day) do nothing"
)
_FORGET_DAYS: LiteralString = "delete from figure_day where locus = any(%(loci)s) and day >= %(from)s and day < %(to)s"
_FORGET_TALKS: LiteralString = "delete from talk_day where locus = any(%(loci)s) and day >= %(from)s and day < %(to)s"
_FIRST: LiteralString = """
select locus, min(created_at) as at from conversation where locus = any(%(loci)s) group by locus
"""
_THROUGH: LiteralString = "select locus, day from figure_through where locus = any(%(loci)s)"
_REOPENED: LiteralString = """
update figure_through set day = least(day, %(since)s), summed = case when summed > %(since)s then %(since)s else summed end
where locus = any(%(loci)s)
"""
_REACHED: LiteralString = """
insert into figure_through (locus, day) select unnest(%(loci)s::text[]), %(to)s
on conflict (locus) do update set day = excluded.day
"""
# Rows are looked up one by one, not by reading whole tables: what is asked for was written lately, and lies in memory or on a disk
# without a head to move.
_CALM: LiteralString = """
select set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true), set_config('statement_timeout', %(most)s, true)
"""


@dataclass(frozen=True)
class _Wanted:
    figures: tuple[str, ...]
    bucket: Bucket
    now: datetime


class FigureDays:
    """Counts, and keeps what is settled."""

    def __init__(self, store: PgStore) -> None:
        self.store = store

    # -- read ---------------------------------------------------------------------------------------------------------------

    async def flows(
        self, figures: Collection[str], offices: Offices, period: Period, now: datetime, bucket: Bucket | None = None
    ) -> dict[str, list[Counted]]:
        """Every figure of a period, by column of time (``bucket``: other than the period's own), class and office."""
        wanted = _Wanted(tuple(figures), bucket or period.bucket, now)
        async with self.reading() as tx:
            parts = await groups(tx, offices)
            found = [one for group in parts for one in await self._of(tx, wanted, group, period.at(group.zone))]
        return _by_figure(figures, found)

    async def together(
        self, figures: Collection[str], offices: Offices, period: Period, now: datetime, bucket: Bucket | None = None
    ) -> dict[str, list[Summed]]:
        """The same of all these offices in one: their sums in advance, where they are kept. Of a period that is not the same day
        everywhere all is in its first column.
        """
        wanted = _Wanted(tuple(figures), bucket or period.bucket, now)
        async with self.reading() as tx:
            parts = await groups(tx, offices)
            found: Found = []
            all_ = await everywhere(tx) if len(offices) > 1 and not period.own else None
            if all_ is not None and all_.offices <= set(offices) and all_.through > period.since:
                end = min(period.until, all_.through - timedelta(days=1))
                found += await kept(tx, wanted.figures, [EVERYWHERE], all_.through, period.since, end, wanted.bucket)
                inside = [part.only(all_.offices, all_.through) for part in parts]
                parts = [one for one in (*inside, *(part.but(all_.offices) for part in parts)) if one.loci]
            for part in parts:
                found += await self._summed(tx, wanted, part, period.at(part.zone))
        if period.own:
            found = [(figure, one.in_one(period.since)) for figure, one in found]
        return _by_figure(figures, found)

    async def _summed(self, tx: PgTx, wanted: _Wanted, group: Group, period: Period) -> Found:
        """Of offices whose days are kept up to the same one: what is kept, and the rest as it is now."""
        found: Found = []
        settled, rest = _cut(group, period)
        if settled is not None:
            found += await kept(tx, wanted.figures, group.loci, group.summed, *settled, wanted.bucket)
        if rest is not None:
            values = _values(group.zone, group.loci, rest, wanted.now)
            found += await live(tx, wanted.figures, wanted.bucket, values)
        return found

    async def lines(self, offices: Offices, period: Period, now: datetime) -> Counter[tuple[str, str]]:
        """(Office, number of its line) -> how many in the period, see :func:`bot.domain.figures.line_of`."""
        found = Counter[tuple[str, str]]()
        wanted = _Wanted(LINE, Bucket.MONTH, now)
        async with self.reading() as tx:
            for group in await groups(tx, offices):
                here = period.at(group.zone)
                summed = group.summed or here.since
                if summed > here.since:
                    end = min(here.until, summed - timedelta(days=1))
                    for _, one in await stored(tx, [LINES], group.loci, summed, here.since, end, Bucket.MONTH):
                        found[one.locus, one.part] += one.n
                rest = group.since(max(summed, here.since))
                for figure, one in await self._of(tx, wanted, rest, here):
                    if (number := line_of(figure, one.parts)) is not None:
                        found[one.locus, number] += one.n
        return found

    async def _of(self, tx: PgTx, wanted: _Wanted, group: Group, period: Period) -> list[tuple[str, Counted]]:
        """Of offices whose days are kept up to the same one: what is kept, and the rest as it is now."""
        found: list[tuple[str, Counted]] = []
        settled, rest = _cut(group, period)
        if settled is not None:
            found += await stored(tx, wanted.figures, group.loci, group.summed, *settled, wanted.bucket)
        if rest is not None:
            for figure, one in await self._live(tx, wanted.figures, group.zone, group.loci, rest, wanted.now):
                found.append((figure, replace(one, day=trunc(one.day, wanted.bucket))))
        return found

    async def standing(self, figures: Collection[str], offices: Offices, now: datetime) -> dict[str, list[Standing]]:
        """Figures of how things stand now."""
        found: list[tuple[str, Standing]] = []
        async with self.reading() as tx:
            for zone, loci in zones(offices):
                found += await standing(tx, figures, {"loci": loci, "zone": zone, "now": now})
        return _by_figure(figures, found)

    async def _live(
        self, tx: PgTx, figures: Collection[str], zone: str, loci: list[str], period: Period, now: datetime
    ) -> list[tuple[str, Counted]]:
        values = _values(zone, loci, period, now)
        found: list[tuple[str, Counted]] = []
        if set(figures) & set(TALK_FIGURES):
            rows = await (await tx.fast(_TALKS_COUNTED, values)).fetchall()
            found += [(r.figure, Counted(r.locus, r.day, r.part, int(r.n))) for r in rows if r.figure in figures]
        for figure in figures:
            if figure in ROWS:
                rows = await (await tx.fast(_COUNTED + ROWS[figure] + _BY_DAY, values)).fetchall()
                found += [(figure, Counted(r.locus, r.day, r.part, int(r.n), r.amount)) for r in rows]
        return found

    @asynccontextmanager
    async def reading(self, most: str = "20s") -> AsyncIterator[PgTx]:
        """A transaction for large questions: nothing is compiled for them, and none runs for ever."""
        async with self.store.begin() as tx:
            tx.later(_CALM, {"most": most})
            yield tx

    # -- keep ---------------------------------------------------------------------------------------------------------------

    async def settle(self, offices: Offices, now: datetime) -> int:
        """Count the days that are settled by now and not kept yet; how many (office, day) pairs that were. Safe to run twice."""
        done = 0
        for zone, loci in zones(offices):
            settled = (now - SETTLED).astimezone(ZoneInfo(zone)).date()
            async with self.reading() as tx:
                begun = await self._begun(tx, zone, loci, settled)
            for start in sorted({day for day in begun.values() if day < settled}):
                same = [locus for locus, day in begun.items() if day == start]
                done += await self._stretches(zone, same, start, settled, now)
            idle = [locus for locus in loci if locus not in begun]
            if idle:
                async with self.store.begin() as tx:
                    await tx.fast(_REACHED, {"loci": idle, "to": settled})
        await sum_up(self.reading, offices)
        if done:
            log.info("days of the figures are kept", extra={"days": done})
        return done

    async def reopen(self, offices: Offices, since: date, now: datetime) -> None:
        """Days of these offices from ``since`` on are counted as they are now, and kept anew by the next :meth:`settle`: something
        came that belongs to a day that was kept already. Their sums are made anew with them.

        :raises ValueError: so long ago that rows of it may be gone by now: counting again would lose numbers.
        """
        if since < now.date() - REOPENED:
            raise ValueError(f"days before {now.date() - REOPENED} are not counted again")
        async with self.store.begin() as tx:
            await tx.fast(ALONE, {})
            await tx.fast(_REOPENED, {"loci": [*offices, EVERYWHERE], "since": since})

    async def _begun(self, tx: PgTx, zone: str, loci: list[str], settled: date) -> dict[str, date]:
        """The first day to count of each office; those without any conversation are left out."""
        known = {row.locus: row.day for row in await (await tx.fast(_THROUGH, {"loci": loci})).fetchall()}
        fresh = [locus for locus in loci if locus not in known]
        rows = await (await tx.fast(_FIRST, {"loci": fresh})).fetchall() if fresh else []
        return known | {row.locus: min(settled, row.at.astimezone(ZoneInfo(zone)).date()) for row in rows}

    async def _stretches(self, zone: str, loci: list[str], start: date, end: date, now: datetime) -> int:
        done = 0
        while start < end:
            until = min(start + _STRETCH, end)
            async with self.reading(most="10min") as tx:
                await tx.fast(ALONE, {})
                await self._keep(tx, zone, loci, Period(Span.OWN, start, until - timedelta(days=1)), now)
                await tx.fast(_REACHED, {"loci": loci, "to": until})
            done += len(loci) * (until - start).days
            start = until
        return done

    async def _keep(self, tx: PgTx, zone: str, loci: list[str], period: Period, now: datetime) -> None:
        values: dict[str, Any] = _values(zone, loci, period, now)
        days = {"loci": loci, "from": period.since, "to": period.until + timedelta(days=1)}
        await tx.fast(_FORGET_DAYS, days)
        await tx.fast(_FORGET_TALKS, days)
        await tx.fast(_KEEP_TALKS, values)
        await tx.fast(_KEEP_DAY + _OF_TALKS + _TALKS_COUNTED + _END, values)
        for figure, rows in ROWS.items():
            statement = _KEEP_DAY + _OF_ROWS + _COUNTED + rows + _BY_DAY + _END
            await tx.fast(statement, {**values, "figure": figure})


_T = TypeVar("_T")


def _by_figure(figures: Collection[str], found: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    sorted_: dict[str, list[_T]] = {figure: [] for figure in figures}
    for figure, one in found:
        sorted_[figure].append(one)
    return sorted_


def _cut(group: Group, period: Period) -> tuple[tuple[date, date] | None, Period | None]:
    """What of a period is kept of these offices (first and last day), and what has to be counted as it is now."""
    since, settled = max(period.since, group.begin), None
    if group.through > since:
        settled = since, min(period.until, group.through - timedelta(days=1))
    since = max(since, group.through)
    return settled, Period(period.span, since, period.until) if since <= period.until else None


def _values(zone: str, loci: list[str], period: Period, now: datetime) -> dict[str, Any]:
    since, until = period.bounds(ZoneInfo(zone))
    return {"zone": zone, "loci": loci, "since": since, "until": until, "now": now}


def midnight(day: date, zone: str) -> datetime:
    """When a day begins there."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)

"""Numbers per day: days that are settled are counted once and kept in a small table; the last days are counted when asked for.

So nothing is written on the way of a message, and a year is read in a few milliseconds. Days are cut in the time zone of their office.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, ItemsView, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from bot.domain.figures import SETTLED
from bot.domain.figures_period import Bucket, Period, Span, trunc
from bot.storage.figures_rows import NOW, ROWS, TALK_FIGURES, TALKS
from bot.storage.store import PgStore, PgTx

log = logging.getLogger(__name__)

Offices = Mapping[str, str]
"""Locus -> name of its time zone."""
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
_STORED: LiteralString = """
select figure, locus, date_trunc(%(bucket)s, day)::date as day, part, sum(n) as n, sum(amount) as amount from figure_day
where figure = any(%(figures)s) and locus = any(%(loci)s) and day >= %(from)s and day <= %(to)s
group by 1, 2, 3, 4
"""
_THROUGH: LiteralString = "select locus, day from figure_through where locus = any(%(loci)s)"
_FIRST: LiteralString = """
select locus, min(created_at) as at from conversation where locus = any(%(loci)s) group by locus
"""
_REACHED: LiteralString = """
insert into figure_through (locus, day) select unnest(%(loci)s::text[]), %(to)s
on conflict (locus) do update set day = excluded.day
"""
_ALONE: LiteralString = "select pg_advisory_xact_lock(20260014)"
_CALM: LiteralString = "select set_config('jit', 'off', true), set_config('statement_timeout', %(most)s, true)"


@dataclass(frozen=True)
class Counted:
    """``n`` rows of a figure in one column of time, one class and one office; ``amount``: their sum."""

    locus: str
    day: date
    part: str
    n: int
    amount: float = 0.0

    @cached_property
    def parts(self) -> list[str]:
        """The classes, see :data:`bot.storage.figures_rows.PARTS`."""
        return self.part.split("|")


class FigureDays:
    """Counts, and keeps what is settled."""

    def __init__(self, store: PgStore) -> None:
        self.store = store

    # -- read ---------------------------------------------------------------------------------------------------------------

    async def flows(
        self, figures: Collection[str], offices: Offices, period: Period, now: datetime, bucket: Bucket | None = None
    ) -> dict[str, list[Counted]]:
        """Every figure of a period, by column of time (``bucket``: other than the period's own), class and office."""
        wanted, by = tuple(figures), bucket or period.bucket
        found: dict[str, list[Counted]] = {figure: [] for figure in wanted}
        async with self.reading() as tx:
            for zone, loci in zones(offices):
                through = await self._through(tx, loci)
                if through is None or through > period.since:
                    to = period.until if through is None else min(period.until, through - timedelta(days=1))
                    values = {"figures": list(wanted), "loci": loci, "bucket": by.value, "from": period.since, "to": to}
                    rows = () if through is None else await (await tx.fast(_STORED, values)).fetchall()
                    for row in rows:
                        found[row.figure].append(Counted(row.locus, row.day, row.part, int(row.n), row.amount))
                since = period.since if through is None else max(period.since, through)
                if since <= period.until:
                    live = Period(period.span, since, period.until)
                    for figure, counted in await self._live(tx, wanted, zone, loci, live, now):
                        found[figure].append(
                            Counted(counted.locus, trunc(counted.day, by), counted.part, counted.n, counted.amount)
                        )
        return found

    async def standing(self, figures: Collection[str], offices: Offices, now: datetime) -> dict[str, list[Counted]]:
        """Figures of how things stand now."""
        found: dict[str, list[Counted]] = {figure: [] for figure in figures}
        async with self.reading() as tx:
            for zone, loci in zones(offices):
                for figure in figures:
                    values = {"loci": loci, "zone": zone, "now": now}
                    rows = await (await tx.fast(_COUNTED + NOW[figure] + _BY_DAY, values)).fetchall()
                    found[figure] += [Counted(r.locus, r.day, r.part, int(r.n), r.amount) for r in rows]
        return found

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

    async def _through(self, tx: PgTx, loci: list[str]) -> date | None:
        """Days before it are kept at all these offices; None: at one of them none is."""
        rows = {row.locus: row.day for row in await (await tx.fast(_THROUGH, {"loci": loci})).fetchall()}
        return min(rows.values()) if len(rows) == len(loci) else None

    async def live_from(self, tx: PgTx, zone: str, loci: list[str], since: datetime) -> datetime:
        """From when on rows are counted as they are now, not earlier than ``since``."""
        through = await self._through(tx, loci)
        return since if through is None else max(since, midnight(through, zone))

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
        if done:
            log.info("days of the figures are kept", extra={"days": done})
        return done

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
                await tx.fast(_ALONE, {})
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


def zones(offices: Offices) -> ItemsView[str, list[str]]:
    """(time zone, its offices): one question each."""
    found: dict[str, list[str]] = {}
    for locus, zone in sorted(offices.items()):
        found.setdefault(zone, []).append(locus)
    return found.items()


def _values(zone: str, loci: list[str], period: Period, now: datetime) -> dict[str, Any]:
    since, until = period.bounds(ZoneInfo(zone))
    return {"zone": zone, "loci": loci, "since": since, "until": until, "now": now}


def midnight(day: date, zone: str) -> datetime:
    """When a day begins there."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)

"""What stands behind a number: its rows, page by page, the newest first; and the numbers that need all rows at once (medians)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.domain.figures import EVERYWHERE
from bot.domain.figures_period import Period, Span
from bot.storage.figures_days import FigureDays, midnight
from bot.storage.figures_marks import FigureMarks
from bot.storage.figures_rows import CONVERSATIONS, NOW, PARTS, ROWS, TALK_FIGURES, TALKS
from bot.storage.figures_sums import Group, Offices, everywhere, groups, zones
from bot.storage.store import PgStore, PgTx

PAGE = 50

# Days that are kept, and from `since` on the last ones as they are now.
_KEPT: LiteralString = """
select t.locus, t.at, t.channel as part, 0::float8 as amount, t.conversation_id as ref, t.messages, t.missed, t.person
from talk_day t where t.locus = any(%(loci)s) and t.at >= %(from)s and t.at < %(until)s and t.at < %(since)s
union all
select r.locus, r.at, r.channel, 0::float8, r.conversation_id, r.messages, r.missed, r.person from (
"""
_TALK_LIST: LiteralString = _KEPT + TALKS + ") r"
_LIST: LiteralString = "select r.* from ("
_WHERE: LiteralString = """
) r where (%(parts)s::text[] is null or not exists (
    select 1 from unnest(%(places)s::int[], %(parts)s::text[]) as w (place, part)
    where split_part(r.part, '|', w.place) is distinct from w.part))
  and (%(but)s::text[] is null or split_part(r.part, '|', 1) <> all(%(but)s::text[]))
  and (%(before)s::timestamptz is null or (r.at, r.ref) < (%(before)s::timestamptz, %(ref)s::uuid))
"""
_BUSY: LiteralString = """
select distinct day from figure_day r
where figure = %(figure)s and locus = %(all)s and day >= %(from)s and day < %(through)s
"""
_OF_CLASS: LiteralString = """
  and not exists (select 1 from unnest(%(places)s::int[], %(parts)s::text[]) as w (place, part)
    where split_part(r.part, '|', w.place) is distinct from w.part)
  and (%(but)s::text[] is null or split_part(r.part, '|', 1) <> all(%(but)s::text[]))
"""
_GAP, _LONGEST_RUN = timedelta(days=3), timedelta(days=31)
_ORDER: LiteralString = " order by r.at desc, r.ref desc limit %(most)s"
_ONLY: Mapping[str, LiteralString] = {
    "talks_alone": " and not r.person",
    "talks_person": " and r.person",
    "missed": " and r.missed > 0",
    "talks_missed": " and r.missed > 0",
}
_CASES: LiteralString = """
select a.id, a.reference, a.service, a.state, a.locus, a.created_at, a.submitted_at, a.promised_on, c.account
from application a join conversation c on c.id = a.conversation_id where a.id = any(%(ids)s)
"""
_TALKS_OF: LiteralString = """
select c.id, c.account, c.language, c.locus, c.state,
  (select t.number from ticket t where t.conversation_id = c.id order by t.created_at desc limit 1) as ticket
from conversation c where c.id = any(%(ids)s)
"""
_WAITS: LiteralString = """
select percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from t.first_reply_at - t.created_at) / 60) as waits
from ticket t where t.first_reply_at is not null and (
"""
_ONE_ZONE: LiteralString = (
    "(t.locus = any(%(loci{n})s) and t.created_at >= %(since{n})s and t.created_at < %(until{n})s)"
)
_BREAKERS: LiteralString = "select agency, opened_at from breaker"


@dataclass(frozen=True)
class Hit:
    """One row behind a number. ``about``: what is known of the case or conversation, nothing personal; None: it is gone."""

    at: datetime
    locus: str
    part: str
    ref: UUID
    about: Any
    messages: int = 0
    missed: int = 0
    person: bool = False


@dataclass(frozen=True)
class Busy:
    """Days before ``through`` on which there was anything of what is looked for."""

    through: date
    days: frozenset[date]

    def runs(self, since: date, until: date) -> Iterator[Period]:
        """Stretches that hold all of them, the last one first; a short gap is no end."""
        run: list[date] = []
        for day in sorted((one for one in self.days if since <= one <= until), reverse=True):
            if run and (run[-1] - day > _GAP or run[0] - day > _LONGEST_RUN):
                yield Period(Span.OWN, run[-1], run[0])
                run = []
            run.append(day)
        if run:
            yield Period(Span.OWN, run[-1], run[0])


Cursor = tuple[datetime, UUID]
"""The last row of the page before."""


class FigureLists:
    """Reads rows."""

    def __init__(self, days: FigureDays) -> None:
        self.days = days

    async def page(
        self,
        figure: str,
        offices: Offices,
        period: Period,
        now: datetime,
        wanted: Mapping[str, str] | None = None,
        before: Cursor | None = None,
        but: Sequence[str] | None = None,
    ) -> tuple[list[Hit], Cursor | None]:
        """Rows of a figure, the newest first, and where the next page begins. ``wanted``: class -> value, see :data:`PARTS`;
        ``but``: values of the first class that are left out.

        :raises KeyError: no such figure or class.
        """
        places = [PARTS[figure].index(name) + 1 for name in wanted or {} if name in PARTS[figure]]
        values: dict[str, Any] = {
            "places": places,
            "parts": list((wanted or {}).values()) or None,
            "before": before[0] if before else None,
            "ref": before[1] if before else None,
            "most": PAGE + 1,
            "but": list(but) if but is not None else None,
            "now": now,
        }
        if len(places) != len(wanted or {}):
            raise KeyError(figure)
        several = len(offices) > 1 and figure not in NOW and not period.own
        rows: list[Any] = []
        async with self.days.reading() as tx:
            parts = await groups(tx, offices)
            busy = await self._busy(tx, figure, offices, period, values) if several and wanted else None
            for stretch in _stretches(period, before, busy) if several else (period,):
                bounds = [_bounds(figure, group, stretch.at(group.zone), before) for group in parts]
                for here in bounds:
                    rows += await (await tx.fast(_statement(figure), {**values, **here})).fetchall()
                known_from = max(here["from"] for here in bounds)
                if sum(row.at >= known_from for row in rows) > PAGE:
                    break
            rows.sort(key=lambda row: (row.at, row.ref), reverse=True)
            shown = rows[:PAGE]
            known = await self._about(tx, figure, [row.ref for row in shown])
        hits = [_hit(row, known.get(row.ref)) for row in shown]
        more = (hits[-1].at, hits[-1].ref) if len(rows) > PAGE else None
        return hits, more

    async def _busy(
        self, tx: PgTx, figure: str, offices: Offices, period: Period, values: Mapping[str, Any]
    ) -> Busy | None:
        """The kept days with rows of some classes, from the sums of all offices; None: nothing is known of these offices."""
        all_ = await everywhere(tx) if figure in ROWS else None
        if all_ is None or not set(offices) <= all_.offices:
            return None
        days = {"figure": figure, "all": EVERYWHERE, "from": period.since, "through": all_.through}
        rows = await (await tx.fast(_BUSY + _OF_CLASS, {**values, **days})).fetchall()
        return Busy(all_.through, frozenset(row.day for row in rows))

    async def _about(self, tx: PgTx, figure: str, ids: Sequence[UUID]) -> dict[UUID, Any]:
        query = _TALKS_OF if figure in CONVERSATIONS else _CASES
        return {row.id: row for row in await (await tx.fast(query, {"ids": list(ids)})).fetchall()}

    async def waits(self, offices: Offices, period: Period) -> tuple[float | None, float | None]:
        """Minutes to the first answer of a person: median, and what nine of ten did not exceed."""
        values: dict[str, Any] = {}
        parts: list[LiteralString] = []
        for n, (zone, loci) in enumerate(zones(offices)):
            since, until = period.at(zone).bounds(ZoneInfo(zone))
            values |= {f"loci{n}": loci, f"since{n}": since, f"until{n}": until}
            parts.append(_ONE_ZONE.replace("{n}", _DIGITS[n]))
        async with self.days.reading() as tx:
            row = await (await tx.fast(_WAITS + " or ".join(parts) + ")", values)).fetchone()
        return (None, None) if row is None or row.waits is None else (row.waits[0], row.waits[1])

    async def breakers(self) -> dict[str, datetime | None]:
        """Agency -> since when it is spared (see :mod:`bot.domain.breaker`), None: it is asked as usual."""
        async with self.days.reading() as tx:
            return {row.agency: row.opened_at for row in await (await tx.fast(_BREAKERS, {})).fetchall()}


class Figures:
    """Everything the dashboard reads."""

    def __init__(self, store: PgStore) -> None:
        self.days = FigureDays(store)
        self.lists = FigureLists(self.days)
        self.marks = FigureMarks(self.days)

    async def settle(self, offices: Offices, now: datetime) -> int:
        """Keep what cannot change any more, and make its sums; how many (office, day) pairs were counted. Safe to run twice."""
        done = await self.days.settle(offices, now)
        await self.marks.settle(offices, now)
        return done


_DIGITS: tuple[LiteralString, ...] = ("0", "1", "2", "3", "4", "5")


def _bounds(figure: str, group: Group, period: Period, before: Cursor | None) -> dict[str, Any]:
    """Where to look; on a later page only at what comes after the last row, so that page is as quick as the first."""
    zone = ZoneInfo(group.zone)
    since, until = period.bounds(zone)
    if before is not None and figure in TALK_FIGURES:  # whole days: a row is all of a conversation's day
        until = min(until, midnight(before[0].astimezone(zone).date() + timedelta(days=1), group.zone))
    elif before is not None:
        until = min(until, before[0] + timedelta.resolution)
    found: dict[str, Any] = {"zone": group.zone, "loci": group.loci, "from": since, "since": since, "until": until}
    if figure in TALK_FIGURES and group.through > period.since:
        found["since"] = midnight(group.through, group.zone)
    return found


def _stretches(period: Period, before: Cursor | None, busy: Busy | None) -> Iterator[Period]:
    """The days of a period from the last one back: few at first, then four times as many each time. Of all offices together a few days
    fill a page; of what is rare those days are read that have any, as far as that is known. (Offices cut their days at different
    moments, so a stretch is all there from where the last of them begins it.)
    """
    end, days = period.until, 1
    if before is not None:
        end = min(end, before[0].date() + timedelta(days=1))  # of UTC; no office is more than a day ahead
    since = period.since if busy is None else max(period.since, busy.through)
    while end >= since:
        first = max(since, end - timedelta(days=days - 1))
        yield Period(Span.OWN, first, end)
        end, days = first - timedelta(days=1), days * 4
    if busy is not None:
        yield from busy.runs(period.since, end)


def _statement(figure: str) -> LiteralString:
    rows = _TALK_LIST if figure in TALK_FIGURES else NOW[figure] if figure in NOW else ROWS[figure]
    return _LIST + rows + _WHERE + _ONLY.get(figure, "") + _ORDER


def _hit(row: Any, about: Any) -> Hit:
    more = {name: getattr(row, name) for name in ("messages", "missed", "person") if hasattr(row, name)}
    return Hit(row.at, row.locus, row.part, row.ref, about, **more)

"""The year of all MPPs together: kept days of 272 offices, and what the overview of all of them asks of the database, with sums made in
advance (:mod:`bot.storage.figures_sums`) and without. No web server: a page adds what one of a single office costs. The last seven
days, which are counted from their rows, are empty for it. Then rows come in, half as many as a large office has, spread over all of
them, and every list behind a number of all offices is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import LiteralString
from uuid import UUID

import psycopg

from bot.bench import dashboard_year
from bot.bench.report import percentile
from bot.domain.figures import SETTLED
from bot.domain.figures_period import Period, Span
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.vardir import new_key
from bot.storage import pg
from bot.storage.crypto import KeyRing
from bot.storage.figures_days import FigureDays
from bot.storage.figures_lists import FigureLists, Figures
from bot.storage.figures_rows import PARTS
from bot.storage.figures_sums import sum_up
from bot.storage.migrate import migrate
from bot.storage.store import PgStore, PgTx
from bot.web.staff.figures_overview import FLOWS

OFFICES = 272
_DAYS = 365
_ROUNDS, _PLAIN_ROUNDS = 20, 1
_ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
# Some sixty classes on a day of an office, of the 39 services others each day.
_FILL: LiteralString = """
insert into figure_day (figure, locus, day, part, n, amount)
select figure, o.code, %(from)s::date + d, part, 1 + (o.n * 7 + d * 13) %% 40, (o.n + d) %% 90
from generate_series(0, %(days)s - 1) d, unnest(%(codes)s::text[]) with ordinality as o (code, n), lateral (
  select f as figure, c as part from unnest(array['talks', 'talks_alone', 'talks_person', 'messages', 'missed', 'talks_missed']) f,
    unnest(array['web', 'telegram', 'whatsapp']) c
  union all
  select f, 'service-' || (o.n * 7 + d * 3 + k * 5) %% 39 from unnest(array['begun', 'identified', 'reviewed', 'sent']) f,
    generate_series(1, 5) k
  union all
  select v.figure, 'service-' || (o.n * 7 + d * 3 + k * 5) %% 39 || v.rest from generate_series(1, 4) k,
    (values ('submitted', '|biasa|web'), ('decided', '|terbit'), ('promises', '|kept')) as v (figure, rest)
  union all
  select v.figure, v.part from (values ('handoffs', 'asked|answered'), ('handoffs', 'complaint|answered'), ('delivery', 'telegram|read'),
    ('delivery', 'whatsapp|read'), ('delivery', 'whatsapp|failed'), ('agency_calls', 'dukcapil|ok'), ('agency_calls', 'dukcapil|failed'),
    ('identity', 'match'), ('identity', 'no_match'), ('ratings', '5')) as v (figure, part)) r
order by 1, 2, 3, 4
"""
_STRETCH = 73
"""Days made at once."""

Say = Callable[[str], None]


class _Patient(FigureDays):
    """Without sums a page would be given up after 20 seconds; here it is waited for."""

    @asynccontextmanager
    async def reading(self, most: str = "10min") -> AsyncIterator[PgTx]:
        async with super().reading(most) as tx:
            yield tx


async def run(
    server: EmbeddedPostgres, offices: int, messages: int, say: Say
) -> tuple[dict[str, float], dict[str, float]]:
    """The figures with sums, and without. ``messages``: of all offices together, for the lists."""
    url = server.url("national")
    with psycopg.connect(server.url().replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("create database national")
    await asyncio.to_thread(migrate, url)
    today = datetime.now(UTC).date()
    known = {f"{11 + n // 30}.{1 + n % 30:02}": _ZONES[n % 3] for n in range(offices)}
    rows = await asyncio.to_thread(_fill, url, sorted(known), today, say)
    engine = pg.engine(url)
    days, now = _Patient(PgStore(engine, KeyRing(new_key("k1")))), datetime.now(UTC)
    year = Period(Span.OWN, today - timedelta(days=_DAYS - 1), today)
    apart = [await _page(days, known, year, now) for _ in range(_PLAIN_ROUNDS)]
    say(f"national: {max(apart):.0f} ms without sums")
    began = perf_counter()
    await sum_up(days.reading, known)
    summed = perf_counter() - began
    await asyncio.to_thread(_vacuum, url)
    together = [await _page(days, known, year, now) for _ in range(_ROUNDS)]
    say(f"national: {percentile(together, 0.95):.0f} ms with sums, made in {summed:.1f} s")
    listed = await _lists(FigureLists(days), url, known, messages, say)
    await engine.dispose()
    figures = {
        "national_offices": offices,
        "national_days_rows": rows,
        "national_sums_s": round(summed, 1),
        "national_year_p95_ms": round(percentile(together, 0.95), 1),
        **listed,
    }
    return figures, {"national_year_p95_ms": round(percentile(apart, 0.95), 1)}


async def _page(days: FigureDays, offices: dict[str, str], period: Period, now: datetime) -> float:
    """What the overview asks for: every figure of the period, and a line for each office."""
    began = perf_counter()
    await days.together(FLOWS, offices, period, now)
    await days.lines(offices, period, now)
    return (perf_counter() - began) * 1000


async def _lists(lists: FigureLists, url: str, offices: dict[str, str], messages: int, say: Say) -> dict[str, float]:
    """What stands behind each number of all offices: its first page, one deep in the year, and the one of a rare class."""
    now = datetime.now(UTC)
    slugs = [f"service-{n}" for n in range(39)]
    await asyncio.to_thread(dashboard_year.furnish, url, sorted(offices), slugs, messages, now, say)
    await asyncio.to_thread(_forget, url)
    began = perf_counter()
    await Figures(lists.days.store).settle(offices, now)
    settled = perf_counter() - began
    await asyncio.to_thread(_vacuum, url)
    say(f"national: year of rows counted in {settled:.1f} s")
    year = Period(Span.OWN, now.date() - timedelta(days=_DAYS - 1), now.date())
    deep = (now - timedelta(days=200), UUID(int=2**128 - 1))
    worst: dict[str, float] = {}
    for figure in PARTS:
        wanted = _RARE.get(figure)
        for name, cursor, only in (
            (figure, None, None),
            (f"{figure}, deep", deep, None),
            (f"{figure}, rare", None, wanted),
        ):
            if only is None and name.endswith("rare"):
                continue
            times = []
            for _ in range(_ROUNDS):
                began = perf_counter()
                hits, _ = await lists.page(figure, offices, year, now, only, cursor)
                times.append((perf_counter() - began) * 1000)
            worst[name] = percentile(times, 0.95)
            say(f"national list {name:<24}{len(hits):>4} rows{worst[name]:>8.0f} ms")
    first = max(value for name, value in worst.items() if "," not in name)
    return {
        "national_messages": messages,
        "national_settle_s": round(settled, 1),
        "national_list_first_worst_p95_ms": round(first, 1),
        "national_list_worst_p95_ms": round(max(worst.values()), 1),
    }


_RARE: Mapping[str, Mapping[str, str]] = {
    "submitted": {"service": "service-7", "variant": "hilang", "channel": "whatsapp"},
    "decided": {"service": "jemput-bola", "outcome": "ditolak"},
    "promises": {"service": "service-7", "kept": "missed"},
    "given_up": {"service": "service-3", "step": "dokumen.kk"},
    "agency_calls": {"worked": "failed"},
    "delivery": {"channel": "telegram", "fate": "sent"},
    "handoffs": {"trigger": "nobody"},
    "ratings": {"mark": "5"},
    "identity": {"outcome": "unusable"},
    "talks": {"channel": "whatsapp"},
}
"""Classes with few rows, or none."""


def _forget(url: str) -> None:
    """The invented days: what is listed now is counted from its rows."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("truncate figure_day, figure_month, figure_through")


def _fill(url: str, codes: list[str], today: date, say: Say) -> int:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("set synchronous_commit = off")
        rows, first = 0, today - timedelta(days=_DAYS - 1)
        settled = today - SETTLED
        while first < settled:
            days = min(_STRETCH, (settled - first).days)
            rows += db.execute(_FILL, {"from": first, "days": days, "codes": codes}).rowcount
            first += timedelta(days=days)
            say(f"{rows} baris hari / rows of days")
        db.execute("insert into figure_through (locus, day) select unnest(%s::text[]), %s", [codes, settled])
    _vacuum(url)
    return rows


def _vacuum(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("vacuum analyze figure_day, figure_month, talk_day")

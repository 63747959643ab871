"""Sums made in advance are exactly what the rows say now: any days, offices, periods and columns, also after a late day and with
another set of offices.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.domain.figures import LINE, REOPENED, line_of
from bot.domain.figures_period import Bucket, Period, Span, trunc
from bot.storage.crypto import KeyRing, new_key
from bot.storage.figures_days import FigureDays
from bot.storage.figures_rows import ROWS, TALK_FIGURES
from bot.storage.figures_sums import LINES, Counted, Offices, zones
from bot.storage.figures_together import Summed
from bot.storage.pg import engine
from bot.storage.store import PgStore
from tests.figures_office import NOW, Invented

FLOWS = (*ROWS, *TALK_FIGURES)
PLACES = {"33.28": "Asia/Jakarta", "33.76": "Asia/Jakarta", "64.99": "Asia/Makassar", "91.99": "Asia/Jayapura"}
TODAY = NOW.date()
BACK = 100

Told = tuple[str, date, str]
"""Figure, column, class."""


@pytest.fixture
async def days(database_url: str) -> AsyncIterator[FigureDays]:
    db = engine(database_url)
    yield FigureDays(PgStore(db, KeyRing(new_key("test"))))
    await db.dispose()


@st.composite
def happened(draw: st.DrawFn) -> tuple[str, datetime, str]:
    """An office, a moment close to a midnight there, and what happened."""
    locus = draw(st.sampled_from(sorted(PLACES)))
    midnight = datetime.combine(TODAY - timedelta(days=draw(st.integers(0, BACK))), time(), ZoneInfo(PLACES[locus]))
    at = midnight + timedelta(minutes=draw(st.sampled_from((-1, 0, 1, 700))))
    return (
        locus,
        min(at, NOW),
        draw(st.sampled_from(("writes", "missed", "ticket", "kept", "late", "complaint", "sends"))),
    )


def period_of(back: int, length: int) -> Period:
    until = TODAY - timedelta(days=back)
    return Period(Span.OWN, until - timedelta(days=min(length, BACK + 9 - back)), until)


periods = st.builds(period_of, st.integers(0, BACK), st.integers(0, BACK))


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    st.lists(happened(), min_size=3, max_size=12),
    st.lists(st.tuples(periods, st.sampled_from(Bucket)), min_size=2, max_size=3),
    happened(),
    st.sets(st.sampled_from(sorted(PLACES)), min_size=1),
)
async def test_sums_are_exactly_what_the_rows_say(
    days: FigureDays,
    events: list[tuple[str, datetime, str]],
    asked: list[tuple[Period, Bucket]],
    late: tuple[str, datetime, str],
    fewer: set[str],
) -> None:
    await _empty(days)
    office = Invented(days.store)
    for event in events:
        await _happens(office, *event)
    await days.settle({locus: PLACES[locus] for locus in fewer}, NOW)
    await _agree(days, asked)  # of the others nothing is kept
    await days.settle(PLACES, NOW)
    await _agree(days, asked)
    # Something that belongs to a day that was kept already.
    locus, at, what = late
    at = max(at, NOW - REOPENED + timedelta(days=2))
    await _happens(office, locus, at, what)
    await days.reopen({locus: PLACES[locus]}, at.astimezone(ZoneInfo(PLACES[locus])).date() - timedelta(days=1), NOW)
    await _agree(days, asked)
    await days.settle(PLACES, NOW)
    await _agree(days, asked)
    # One leaves: the sum of the others is theirs alone, before the job has seen it and after.
    rest = {locus: zone for locus, zone in PLACES.items() if locus != sorted(fewer)[0]}
    await _agree(days, asked, rest)
    await days.settle(rest, NOW)
    await _agree(days, asked, rest)


async def _agree(days: FigureDays, asked: list[tuple[Period, Bucket]], offices: Offices = PLACES) -> None:
    for period, bucket in asked:
        now = await _now(days, offices, period)
        expected, amounts = Counter[Told](), defaultdict[Told, float](float)
        lines = Counter[tuple[str, str]]()
        for figure, one in now:
            expected[figure, trunc(one.day, bucket), one.part] += one.n
            amounts[figure, trunc(one.day, bucket), one.part] += one.amount
            if figure in LINE and (number := line_of(figure, one.parts)) is not None:
                lines[one.locus, number] += one.n
        told, said = Counter[Told](), defaultdict[Told, float](float)
        for figure, rows in (await days.flows(FLOWS, offices, period, NOW, bucket)).items():
            for one in rows:
                told[figure, one.day, one.part] += one.n
                said[figure, one.day, one.part] += one.amount
        assert told == expected, (period, bucket)
        assert said == pytest.approx(amounts)  # floats, added in another order
        together = await days.together(FLOWS, offices, period, NOW, bucket)
        assert columns(together) == expected, (period, bucket)
        numbers, sums = Counter[tuple[str, str]](), defaultdict[tuple[str, str], float](float)
        for figure, classes in together.items():
            for summed in classes:
                numbers[figure, summed.part] += summed.n
                sums[figure, summed.part] += summed.amount
        assert numbers == by_class(expected) and sums == pytest.approx(by_class(amounts))
        assert await days.lines(offices, period, NOW) == lines


def columns(found: Mapping[str, list[Summed]]) -> Counter[Told]:
    told = Counter[Told]()
    for figure, rows in found.items():
        for one in rows:
            for day, n in zip(one.days, one.each, strict=True):
                told[figure, date.fromordinal(day), one.part] += n
    return told


def by_class(told: Mapping[Told, Any]) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for (figure, _, part), value in told.items():
        found[figure, part] = found.get((figure, part), 0) + value
    return found


async def _now(days: FigureDays, offices: Offices, period: Period) -> list[tuple[str, Counted]]:
    """Everything counted from its rows, whatever is kept."""
    async with days.reading() as tx:
        found = []
        for zone, loci in zones(offices):
            found += await days._live(tx, FLOWS, zone, loci, period, NOW)
        return found


async def _happens(office: Invented, locus: str, at: datetime, what: str) -> None:
    written = f"{at.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M}"
    talk = await office.talk(locus, "telegram:1" if what == "sends" else "web", written)
    if what in ("writes", "missed"):
        await office.writes(talk, written, None if what == "writes" else "missed")
    elif what == "ticket":
        await office.writes(talk, written)
        await office.ticket(talk, locus, written, 3, rating=5)
    elif what == "sends":
        await office.sends(talk, "telegram:1", written, "read")
    else:
        service = "pengaduan" if what == "complaint" else "ktp"
        promised = at + timedelta(days=-1 if what == "late" else 3)
        case = await office.case(talk, locus, written, written, service=service, promised_on=promised, state="selesai")
        await office.becomes(case, "terbit", f"{(at + timedelta(hours=5)).astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M}")
        await office.calls(case, written, ms=120)


_USED = (
    *(
        "talk_day",
        "agency_call",
        "application_event",
        "application",
        "ticket",
        "outbox",
        "message",
        "inbox",
        "conversation",
    ),
    *("figure_day", "figure_month", "figure_through"),
)


async def _empty(days: FigureDays) -> None:
    async with days.store.begin() as tx:
        for table in _USED:
            await tx.run(text(f"delete from {table}"))


async def test_a_whole_month_is_read_from_its_sum_and_a_month_that_goes_on_from_its_days(days: FigureDays) -> None:
    office = Invented(days.store)
    for day in ("2026-01-15 03:00", "2026-02-10 03:00", "2026-03-02 03:00"):
        await office.writes(await office.talk("33.28", at=day), day)
    await days.settle(PLACES, NOW)
    async with days.store.begin() as tx:
        query = "select distinct locus, month from figure_month where figure = 'talks' order by 1, 2"
        kept = [(row.locus, row.month) for row in await tx.run(text(query))]
        assert kept == [(one, date(2026, month, 1)) for one in ("*", "33.28") for month in (1, 2)]
        # Sums are what is shown: changed, they change the page; the days under them do not.
        await tx.run(text("update figure_month set n = 7 where month = '2026-02-01'"))
        await tx.run(text("update figure_day set n = 9 where day < '2026-02-01'"))
    year = Period(Span.OWN, date(2026, 1, 1), TODAY)
    for offices in (PLACES, {"33.28": PLACES["33.28"]}):
        found = await days.together(["talks"], offices, year, NOW, Bucket.MONTH)
        assert [n for _, n in sorted(columns(found).items())] == [1, 7, 1]
        assert (await days.lines(offices, year, NOW))["33.28", "talks"] == 1 + 7 + 1


async def test_days_that_an_older_program_kept_are_summed_by_the_next_run_and_added_up_until_then(
    days: FigureDays,
) -> None:
    office = Invented(days.store)
    await office.writes(await office.talk("33.28", at="2026-01-15 03:00"), "2026-01-15 03:00")
    await days.settle(PLACES, NOW)
    async with days.store.begin() as tx:
        await tx.run(text("update figure_through set summed = null, offices = null where locus <> '*'"))
        await tx.run(text("delete from figure_through where locus = '*'"))
        await tx.run(text("delete from figure_month"))
        await tx.run(text("delete from figure_day where locus = '*' or figure = :line"), {"line": LINES})
    year = Period(Span.OWN, date(2025, 9, 1), TODAY)
    for _ in range(2):
        found = await days.together(["talks"], PLACES, year, NOW)
        assert columns(found) == {("talks", date(2026, 1, 1), "web"): 1}
        assert (await days.lines(PLACES, year, NOW)) == {("33.28", "talks"): 1, ("33.28", "talks_alone"): 1}
        await days.settle(PLACES, NOW)


async def test_days_whose_rows_may_be_gone_are_not_counted_again(days: FigureDays) -> None:
    with pytest.raises(ValueError, match="not counted again"):
        await days.reopen(PLACES, TODAY - REOPENED - timedelta(days=1), NOW)

"""What surveys say together: the same from sums of months as from the surveys, at each office's midnight."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot.domain.figures_period import Period, Span
from bot.domain.survey import Score
from bot.storage.crypto import KeyRing, new_key
from bot.storage.figures_lists import Figures
from bot.storage.figures_marks import DIMENSIONS, Marks
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.usecases.store_survey import Survey
from tests.figures_office import NOW, OFFICES, WIB, WIT, utc


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


async def surveyed(store: PgStore, locus: str, at: datetime, marks: dict[int, int | None], **more: str | None) -> None:
    values = {"service": "ktp", "channel": "web", "state": "done", "kind": "case", **more}
    survey = Survey(uuid4(), f"case:{uuid4()}", locus, due_at=at, offered_at=at, **values)  # type: ignore[arg-type]
    async with store.begin() as tx:
        await tx.put_survey(survey)
        for unsur, mark in marks.items():
            await tx.put_mark(survey.id, unsur, mark, at)


def told(marks: Marks) -> tuple[int, Score, dict[str, dict[str, Score]]]:
    return marks.asked, marks.score, {name: marks.by(name) for name in DIMENSIONS}


async def test_marks_are_what_was_counted_by_hand(store: PgStore) -> None:
    figures = Figures(store)
    # A minute before and at midnight of the 10th, at both offices; one asked who gave no mark, one who passed one over.
    for locus, before, after in ((WIB, "16:59", "17:00"), (WIT, "14:59", "15:00")):
        await surveyed(store, locus, utc(f"2026-03-09 {before}"), dict.fromkeys(range(1, 10), 4))
        await surveyed(
            store, locus, utc(f"2026-03-09 {after}"), {1: 2, 2: None}, channel="telegram", counter="Loket A|B"
        )
        await surveyed(store, locus, utc(f"2026-03-09 {after}"), {}, service=None)
    day = Period(Span.OWN, date(2026, 3, 10), date(2026, 3, 10))
    found = await figures.marks.read(OFFICES, day)
    assert (found.asked, found.score.people) == (4, 2)
    assert found.score.tallies[0].counts == (0, 2, 0, 0) and found.score.tallies[1].n == 0
    assert {key: score.people for key, score in found.by("counter").items()} == {"Loket A|B": 2}
    assert {key: score.people for key, score in found.by("locus").items()} == {WIB: 1, WIT: 1}
    both = Period(Span.OWN, date(2026, 3, 9), date(2026, 3, 10))
    found = await figures.marks.read({WIB: OFFICES[WIB]}, both, {"channel": "web"})
    assert (found.asked, found.score.people, found.score.tallies[0].counts) == (2, 1, (0, 0, 0, 1))
    assert await figures.marks.classes(OFFICES, day) == {
        "service": {"ktp"},
        "channel": {"telegram"},
        "counter": {"Loket A|B"},
        "kind": {"case"},
    }
    empty = await figures.marks.read(OFFICES, Period(Span.OWN, date(2025, 1, 1), date(2025, 1, 31)))
    assert told(empty) == (0, Score(), {name: {} for name in DIMENSIONS})


async def test_months_that_are_summed_say_exactly_what_their_surveys_say(store: PgStore) -> None:
    figures, chance = Figures(store), random.Random(20)
    for _ in range(60):
        at = datetime(2025, 11, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 139))
        marks: dict[int, int | None] = {n: chance.choice((1, 2, 3, 4, None)) for n in range(1, chance.randrange(1, 11))}
        more = {
            "service": chance.choice(("ktp", "sip-bidan", "sip-dokter", None)),
            "kind": chance.choice(("case", "help")),
        }
        counter = chance.choice(("", "Loket 1", "Loket A|B"))
        await surveyed(store, chance.choice((WIB, WIT)), at, marks, **more, counter=counter)
    asked = []
    for _ in range(12):
        until = NOW.date() - timedelta(days=chance.randrange(100))
        period = Period(Span.OWN, until - timedelta(days=chance.randrange(130)), until)
        offices = chance.choice((OFFICES, {WIB: OFFICES[WIB]}))
        asked.append((offices, period, chance.choice(({}, {}, {"service": "sip"}, {"counter": "Loket A|B"}))))
    asked.append((OFFICES, Period(Span.OWN, date(2025, 11, 1), date(2026, 1, 31)), {}))
    now = [told(await figures.marks.read(*one)) for one in asked]
    for settled in (False, True):
        if settled:
            await figures.settle(OFFICES, NOW)
        assert [told(await figures.marks.read(*one)) for one in asked] == now
        for (offices, period, narrowed), (_, score, by) in zip(asked, now, strict=True):
            assert (await figures.marks.score(offices, period, narrowed)).tallies == score.tallies
            if not narrowed:
                occur = {name: set(by[name]) for name in DIMENSIONS if name != "locus"}
                assert await figures.marks.classes(offices, period) == occur
    assert await figures.marks.settle(OFFICES, NOW) == 0
    # On 20 March the surveys of January may change until 12 March; those of February may still.
    async with store.begin() as tx:
        query = text("select distinct locus, marked from figure_through where locus <> '*' order by 1")
        assert [tuple(row) for row in await tx.run(query)] == [(WIB, date(2026, 2, 1)), (WIT, date(2026, 2, 1))]
        await tx.run(text("delete from survey_answer"))
    assert (await figures.marks.read(*asked[-1])).score == now[-1][1]

"""Figures of two invented offices, counted by hand (tests/figures_office.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.domain.figures_period import Bucket, Period, Span
from bot.storage.crypto import KeyRing, new_key
from bot.storage.figures_days import FigureDays
from bot.storage.figures_lists import PAGE, FigureLists, Hit
from bot.storage.figures_rows import NOW as STANDING
from bot.storage.figures_rows import PARTS, ROWS, TALK_FIGURES
from bot.storage.figures_sums import Counted
from bot.storage.pg import engine
from bot.storage.store import PgStore
from tests.figures_office import NOW, OFFICES, WIB, WIT, Invented, furnish

FLOWS = (*ROWS, *TALK_FIGURES)
NINTH, TENTH, ELEVENTH = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)
MONTH = Period(Span.OWN, date(2026, 3, 1), date(2026, 3, 20))


@pytest.fixture
async def days(database_url: str) -> AsyncIterator[FigureDays]:
    db = engine(database_url)
    yield FigureDays(PgStore(db, KeyRing(new_key("test"))))
    await db.dispose()


def of_day(counted: list[Counted], locus: str, day: date) -> dict[str, int]:
    return {one.part: one.n for one in counted if (one.locus, one.day) == (locus, day)}


BY_HAND = {
    # figure: (9 March, 10 March, 11 March); the web talk of WIB's night person is on Telegram in WIT
    "begun": ({}, {"ktp": 2, "kk": 2}, {}),
    "sent": ({}, {"ktp": 1}, {}),
    "reviewed": ({}, {"ktp": 1, "kk": 1}, {}),
    "identified": ({}, {}, {}),
    "given_up": ({}, {"ktp|pemohon.nama": 1, "kk|_periksa": 1}, {}),
    "submitted": ({"ktp|hilang|web": 1}, {"ktp|hilang|web": 1}, {}),
    "decided": ({}, {"ktp|terbit": 1}, {"ktp|ditolak": 1}),
    "promises": ({}, {"ktp|kept": 1}, {"ktp|missed": 1}),
    "agency_calls": ({"dukcapil|ok": 1}, {"dukcapil|failed": 1}, {}),
    "identity": ({"match": 1}, {"officer_rejected": 1}, {}),
    "delivery": ({"telegram|read": 1}, {"telegram|failed": 1}, {}),
    "handoffs": ({"asked|answered": 1}, {}, {}),
    "ratings": ({"4": 1}, {}, {}),
}
TALKS_BY_HAND = {
    WIB: {
        "talks": ({"web": 2}, {"web": 2}),
        "talks_alone": ({"web": 1}, {"web": 1}),
        "talks_person": ({"web": 1}, {"web": 1}),
        "messages": ({"web": 2}, {"web": 3}),
        "missed": ({}, {"web": 1}),
        "talks_missed": ({}, {"web": 1}),
    },
    WIT: {
        "talks": ({"web": 1, "telegram": 1}, {"web": 1, "telegram": 1}),
        "talks_alone": ({"telegram": 1}, {"telegram": 1}),
        "talks_person": ({"web": 1}, {"web": 1}),
        "messages": ({"web": 1, "telegram": 1}, {"web": 1, "telegram": 2}),
        "missed": ({}, {"telegram": 1}),
        "talks_missed": ({}, {"telegram": 1}),
    },
}


@pytest.mark.parametrize("kept", [False, True], ids=["counted now", "kept"])
async def test_every_figure_is_what_was_counted_by_hand_with_days_cut_at_each_offices_midnight(
    days: FigureDays, kept: bool
) -> None:
    await furnish(days.store)
    if kept:
        assert await days.settle(OFFICES, NOW) > 0
        assert await days.settle(OFFICES, NOW) == 0
    # The person of WIB's 8 March begins the kept case on that day.
    found = await days.flows(FLOWS, OFFICES, MONTH, NOW)
    assert set(BY_HAND) | set(TALK_FIGURES) == set(FLOWS)
    for locus in OFFICES:
        for figure, expected in BY_HAND.items():
            shown = tuple(of_day(found[figure], locus, day) for day in (NINTH, TENTH, ELEVENTH))
            open_case = {"ktp|hilang|whatsapp": 1} if locus == WIB and figure == "submitted" else {}
            begun = (
                {"ktp": expected[1].get("ktp", 0) + 1}
                if locus == WIB and figure in ("begun", "sent", "reviewed")
                else {}
            )
            assert shown == (expected[0], {**expected[1], **begun, **open_case}, expected[2]), (figure, locus)
        for figure, talks in TALKS_BY_HAND[locus].items():
            assert tuple(of_day(found[figure], locus, day) for day in (NINTH, TENTH)) == talks, (figure, locus)
    # On the 19th and the 20th of WIB one person wrote a minute before and at midnight.
    assert of_day(found["talks"], WIB, date(2026, 3, 19)) == {"whatsapp": 1}
    assert of_day(found["talks"], WIB, date(2026, 3, 20)) == {"whatsapp": 1}
    assert of_day(found["talks_alone"], WIB, date(2026, 3, 20)) == {}  # asked for a person at 08.15


async def test_amounts_are_summed_days_to_a_decision_days_too_late_and_milliseconds(days: FigureDays) -> None:
    await furnish(days.store)
    found = await days.flows(("decided", "promises", "agency_calls", "ratings"), {WIB: OFFICES[WIB]}, MONTH, NOW)
    amounts = {(figure, one.part): one.amount for figure, rows in found.items() for one in rows}
    assert amounts == {
        ("decided", "ktp|terbit"): 1.0,
        ("decided", "ktp|ditolak"): 1.0,
        ("promises", "ktp|kept"): 0.0,
        ("promises", "ktp|missed"): 1.0,
        ("agency_calls", "dukcapil|ok"): 300.0,
        ("agency_calls", "dukcapil|failed"): 900.0,
        ("ratings", "4"): 4.0,
    }


async def test_how_things_stand_now(days: FigureDays) -> None:
    await furnish(days.store)
    found = await days.standing(tuple(STANDING), OFFICES, NOW)
    assert Counter({one.part: one.n for one in found["open_now"]}) == {
        "ktp|diproses|14|late": 1,  # sent on the 10th, ten days ago
        "ktp|diajukan|3|soon": 1,
        "pengaduan|diajukan|3|late": 1,
    }
    (waiting,) = found["waiting_now"]
    assert (waiting.part, waiting.n, waiting.amount) == ("asked|", 1, 45.0)
    assert found["errands_waiting"] == []
    lists = FigureLists(days)
    assert await lists.waits(OFFICES, MONTH) == (30.0, 30.0)
    assert await lists.waits(OFFICES, Period(Span.OWN, TENTH, ELEVENTH)) == (None, None)


async def test_an_answer_that_comes_later_changes_the_last_days_and_no_day_that_is_kept(days: FigureDays) -> None:
    await furnish(days.store)
    await days.settle(OFFICES, NOW)
    async with days.store.begin() as tx:
        await tx.run(text("update outbox set state = 'delivered' where state = 'failed'"))
    office = Invented(days.store)
    talk = await office.talk(WIB, "telegram:1")
    await office.sends(talk, "telegram:1", "2026-03-19 17:00", "sent")
    found = await days.flows(["delivery"], OFFICES, MONTH, NOW)
    assert of_day(found["delivery"], WIB, TENTH) == {"telegram|failed": 1}
    async with days.store.begin() as tx:
        await tx.run(text("update outbox set state = 'read' where state = 'sent'"))
    found = await days.flows(["delivery"], OFFICES, MONTH, NOW)
    assert of_day(found["delivery"], WIB, date(2026, 3, 20)) == {"telegram|read": 1}


async def test_columns_of_a_long_period_add_up_to_the_days(days: FigureDays) -> None:
    await furnish(days.store)
    await days.settle(OFFICES, NOW)
    by_day = await days.flows(FLOWS, OFFICES, MONTH, NOW)
    for bucket in (Bucket.WEEK, Bucket.MONTH):
        by = await days.flows(FLOWS, OFFICES, MONTH, NOW, bucket)
        for figure in FLOWS:
            assert sum(one.n for one in by[figure]) == sum(one.n for one in by_day[figure]), (figure, bucket)
    assert {one.day for one in (await days.flows(["talks"], OFFICES, MONTH, NOW, Bucket.WEEK))["talks"]} == {
        date(2026, 3, 9),
        date(2026, 3, 16),
    }


@pytest.mark.parametrize("kept", [False, True], ids=["counted now", "kept"])
async def test_behind_every_number_stand_just_so_many_rows(days: FigureDays, kept: bool) -> None:
    await furnish(days.store)
    if kept:
        await days.settle(OFFICES, NOW)
    lists = FigureLists(days)
    found = await days.flows(FLOWS, OFFICES, MONTH, NOW) | await days.standing(tuple(STANDING), OFFICES, NOW)
    assert set(found) == set(PARTS)
    for figure, counted in found.items():
        hits, more = await lists.page(figure, OFFICES, MONTH, NOW)
        said = sum(hit.missed for hit in hits) if figure == "missed" else len(hits)
        said = sum(hit.messages for hit in hits) if figure == "messages" else said
        assert (said, more) == (sum(one.n for one in counted), None), figure
        assert all(hit.about is not None for hit in hits), figure
        for part in {one.part for one in counted if figure not in ("missed", "messages")}:
            wanted = dict(zip(PARTS[figure], part.split("|"), strict=True))
            hits, _ = await lists.page(figure, OFFICES, MONTH, NOW, wanted)
            assert len(hits) == sum(one.n for one in counted if one.part == part), (figure, part)
    with pytest.raises(KeyError):
        await lists.page("submitted", OFFICES, MONTH, NOW, {"name": "Siti"})


async def test_a_list_goes_on_where_its_page_ended(days: FigureDays) -> None:
    office = Invented(days.store)
    talk = await office.talk(WIB)
    async with days.store.begin() as tx:
        await tx.run(
            text(
                "insert into application (id, locus, service, conversation_id, state, agency, created_at, updated_at, draft_sealed)"
                " select gen_random_uuid(), :locus, 'ktp', :talk, 'draft', 'dukcapil', :at, :at, '' from generate_series(1, :n)"
            ),
            {"locus": WIB, "talk": talk, "at": NOW - timedelta(hours=1), "n": PAGE * 2 + 3},  # all in one moment
        )
    lists, seen, before = FigureLists(days), [], None
    for size in (PAGE, PAGE, 3):
        hits, before = await lists.page("begun", OFFICES, MONTH, NOW, before=before)
        assert len(hits) == size
        seen += [hit.ref for hit in hits]
    assert before is None
    assert len(set(seen)) == PAGE * 2 + 3


@pytest.mark.parametrize("kept", [False, True], ids=["counted now", "kept"])
async def test_a_list_of_offices_of_two_time_zones_goes_back_in_time_without_a_gap(
    days: FigureDays, kept: bool
) -> None:
    office = Invented(days.store)
    talks = [await office.talk(locus, at="2025-11-01 00:00") for locus in OFFICES]
    every = {"first": NOW - timedelta(days=110), "last": NOW, "often": timedelta(hours=22, minutes=37)}
    async with days.store.begin() as tx:
        for locus, talk in zip(OFFICES, talks, strict=True):
            await tx.run(
                text(
                    "insert into application (id, locus, service, conversation_id, state, agency, created_at, updated_at, draft_sealed)"
                    " select gen_random_uuid(), :locus, 'ktp', :talk, 'draft', 'dukcapil', at, at, ''"
                    " from generate_series(cast(:first as timestamptz), :last, :often) at"
                ),
                {"locus": locus, "talk": talk, **every},
            )
            await tx.run(
                text(
                    "insert into inbox (account, external_id, conversation_id, seq, body_sealed, state, not_before, received_at, attempts)"
                    " select 'web', :locus || '.' || at, :talk, row_number() over (), '', 'done', at, at, 0"
                    " from generate_series(cast(:first as timestamptz), :last, :often) at"
                ),
                {"locus": locus, "talk": talk, **every},
            )
        known = [row.at for row in await tx.run(text("select created_at as at from application order by 1 desc"))]
    if kept:
        await days.settle(OFFICES, NOW)
    lists, period = FigureLists(days), Period(Span.OWN, date(2025, 11, 1), NOW.date())
    for figure in ("begun", "talks"):
        seen: list[Hit] = []
        before = None
        while before is not None or not seen:
            hits, before = await lists.page(figure, OFFICES, period, NOW, before=before)
            seen += hits
        assert [hit.at for hit in seen] == sorted((hit.at for hit in seen), reverse=True)
        assert len({(hit.ref, hit.at) for hit in seen}) == len(seen)
        if figure == "begun":
            assert [hit.at for hit in seen] == known
        else:  # two messages may fall into one day of an office
            counted = (await days.flows(["talks"], OFFICES, period, NOW))["talks"]
            assert len(seen) == sum(one.n for one in counted)


async def test_an_office_without_rows_gives_nothing_and_the_day_it_begins_is_counted(days: FigureDays) -> None:
    empty = {"64.99": "Asia/Makassar"}
    assert await days.settle(empty, NOW) == 0
    found = await days.flows(FLOWS, empty, MONTH, NOW)
    assert all(rows == [] for rows in found.values())
    office = Invented(days.store)
    await office.writes(await office.talk("64.99", at="2026-03-20 00:30"), "2026-03-20 00:30")
    found = await days.flows(["talks"], empty, MONTH, NOW)
    assert of_day(found["talks"], "64.99", date(2026, 3, 20)) == {"web": 1}


async def test_erasing_a_conversation_takes_it_from_the_list_and_leaves_the_numbers(days: FigureDays) -> None:
    office = Invented(days.store)
    talk = await office.talk(WIB)
    await office.writes(talk, "2026-03-02 03:00")
    await days.settle(OFFICES, NOW)
    async with days.store.begin() as tx:
        for table, column in (("inbox", "conversation_id"), ("conversation", "id")):
            await tx.run(text(f"delete from {table} where {column} = :id"), {"id": talk})
    found = await days.flows(["talks"], OFFICES, MONTH, NOW)
    assert [one.n for one in found["talks"]] == [1]
    assert await FigureLists(days).page("talks", OFFICES, MONTH, NOW) == ([], None)
    assert isinstance(talk, UUID)

"""Deleting by class: what is over goes, what is not stays, and it is told how much went."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot.domain.conversation import Case, Citizen
from bot.domain.form_draft import Draft
from bot.domain.messages import Inbound, Reply
from bot.records import load_records
from bot.storage.crypto import KeyRing, new_key
from bot.storage.pg import engine
from bot.storage.retention import CLASSES, RULES, run
from bot.storage.store import PgStore
from tests.fakes import FixedClock

NOW = FixedClock().now()
DAY = timedelta(days=1)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


def test_every_class_has_a_period_in_the_records_and_every_period_a_class() -> None:
    named = {name for one in load_records().activities for name in one.classes}
    assert named == CLASSES


async def test_every_rule_is_good_sql_and_an_empty_database_loses_nothing(store: PgStore) -> None:
    assert len(RULES) > 25
    assert await run(store, load_records(), NOW) == []


async def _count(store: PgStore, table: str) -> int:
    async with store.begin() as tx:
        return int((await tx.run(text(f"select count(*) from {table}"))).scalar_one())  # noqa: S608


async def test_a_talk_an_application_and_a_forgotten_person_go_in_their_time(store: PgStore) -> None:
    async with store.begin() as tx:
        talk = await tx.open_conversation("telegram:1", "62800", "33.28", "id", NOW)
        await tx.put_inbound(talk.id, Inbound("telegram:1", "m1", "62800", NOW, text="halo"), NOW)
        await tx.say(talk.id, [Reply("Halo")], NOW)
        await tx.run(text("update inbox set state = 'done', done_at = :now"), {"now": NOW})
        await tx.run(text("update outbox set state = 'sent'"))
        paper = await tx.put_blob(talk.id, "document", "kk.jpg", "image/jpeg", b"kk", NOW)
        citizen = Citizen(uuid4(), "3328990101900001", "Siti", NOW.date(), {})
        await tx.save_citizen(citizen, NOW)
        await tx.put_case(_case(talk.id, citizen.id, {"kk": {"id": paper.id}}))
    records = load_records()
    assert await run(store, records, NOW + 29 * DAY) == []
    taken = await run(store, records, NOW + 31 * DAY)
    assert [(one.class_, one.table, one.rows) for one in taken] == [("inbox", "inbox", 1)]
    assert await _count(store, "inbox") == 1  # its id stays, so that it is not taken twice
    taken = await run(store, records, NOW + 401 * DAY)
    assert {(one.class_, one.table) for one in taken} == {
        ("messages", "outbox"), ("messages", "message"), ("messages", "inbox"), ("inbox", "inbox")
    } - {("inbox", "inbox")}  # fmt: skip
    taken = await run(store, records, NOW + 1826 * DAY)
    assert ("cases", "application") in {(one.class_, one.table) for one in taken}
    assert await _count(store, "blob") == 0 and await _count(store, "application") == 0
    taken = await run(store, records, NOW + 1827 * DAY)
    assert [(one.class_, one.rows) for one in taken] == [("citizens", 1)]
    async with store.begin() as tx:
        assert [(one.class_, one.rows) for one in await tx.removals(1)] == [("citizens", 1)]


def _case(conversation: Any, citizen: Any, answers: dict[str, Any]) -> Case:
    draft = Draft("akta-kelahiran", NOW.date(), answers=answers).to_json()
    return Case(
        uuid4(), "33.28", "akta-kelahiran", conversation, "selesai", draft, "dukcapil", NOW, NOW,
        citizen_id=citizen, reference="LKT-0000-0000-0",
    )  # fmt: skip


async def test_what_made_somebody_go_first_is_forgotten_also_where_nothing_was_summed_up(store: PgStore) -> None:
    async with store.begin() as tx:
        here = await tx.open_conversation("web", "x", "33.28", "id", NOW)
        await tx.run(
            text("""insert into ticket (id, number, conversation_id, locus, state, trigger, reason, created_at, closed_at, vulnerable)
              values (:id, 'T-1', :here, '33.28', 'closed', 'citizen', '', :at, :at, 'pregnancy')"""),
            {"id": uuid4(), "here": here.id, "at": NOW - 4000 * DAY},
        )
    await run(store, load_records(), NOW)
    async with store.begin() as tx:
        assert (await tx.run(text("select vulnerable from ticket"))).scalar_one() == ""

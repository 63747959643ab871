"""After an erasure no trace of what a person said is left in any table, sealed or not; and no table was forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from bot.domain.contact import EMAIL, Contact
from bot.records import load_records
from bot.storage.erasing import CASCADES, LEFT, STEPS
from bot.storage.sealed import sealed_columns
from bot.storage.tables import metadata
from bot.usecases.privacy_sweep import sweep
from bot.usecases.store_notes import Note
from tests.usecases.channels import audited, texts
from tests.usecases.conftest import NIK, World
from tests.usecases.phone import Phone
from tests.usecases.script import apply, prove

MARK = "Zxqwopal"
"""Stands in everything that is written here."""


def test_somebody_has_decided_about_every_table() -> None:
    decided = {step.table for step in STEPS} | CASCADES | set(LEFT)
    assert {table.name for table in metadata.tables.values()} == decided


def test_every_sealed_column_is_in_the_records_of_processing_and_nothing_else() -> None:
    records = load_records()
    columns = {(one.table.name, one.column) for one in sealed_columns()}
    assert columns == {(t, c) for one in records.activities for t, found in one.sealed.items() for c in found}


async def everything(world: World) -> AsyncIterator[tuple[str, bytes]]:
    """Every value of every table, sealed ones opened."""
    sealed = {(one.table.name, one.column): one for one in sealed_columns()}
    for table in metadata.sorted_tables:
        async with world.store.begin() as tx:
            rows = (await tx.run(select(table))).all()
        for row in rows:
            for name, value in row._mapping.items():
                one = sealed.get((table.name, name))
                if value is None or value == b"":
                    continue
                shown = world.keys.open(bytes(value), one.bound_to(row)) if one is not None else str(value).encode()
                yield f"{table.name}.{name}", shown


async def found(world: World, *needles: str) -> list[str]:
    return sorted({where async for where, value in everything(world) if any(n.encode() in value for n in needles)})


async def leave_marks(world: World, who: Any) -> None:
    """What agents, surveys and files add, besides the talk itself."""
    now = world.clock.now()
    async with world.store.begin() as tx:
        await tx.put_note(Note(uuid4(), who.id, "wati", f"catatan {MARK}", (), now), who.locus, "k1")
        await tx.put_label(who.id, who.locus, MARK.lower(), "wati", now)
        await tx.put_blob(who.id, "document", f"{MARK}.jpg", "image/jpeg", MARK.encode(), now)
        conversation = await tx.conversation(who.id, lock=True)
        conversation.topic, conversation.trail = "akta-kelahiran", [["ask_cost", "", MARK]]
        if conversation.citizen_id is not None:
            await tx.save_contact(conversation.citizen_id, Contact(EMAIL, f"{MARK}@contoh.id", now))
        await tx.save_conversation(conversation)
        survey = uuid4()
        await tx.run(
            text(
                "insert into survey (id, subject, locus, kind, conversation_id, channel, state, due_at, remark_sealed) "
                "values (:id, 'talk:x', '33.28', 'talk', :who, 'web', 'done', :now, :words)"
            ),
            {"id": survey, "who": who.id, "now": now, "words": world.keys.seal(MARK.encode(), f"survey:{survey}")},
        )


async def test_nothing_of_a_persons_words_is_left_anywhere(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    for said in ("ya", "ayah", "0812 3456 7890", "lewati", f"Siti {MARK}"):
        await world.say(who, said)
    await world.say(who, "petugas")
    await world.say(who, f"tolong {MARK}")
    await leave_marks(world, who)
    before = await found(world, MARK)
    assert {"application.draft_sealed", "message.body_sealed", "inbox.body_sealed", "note.text_sealed"} <= set(before)
    assert {"blob.name_sealed", "blob.data_sealed", "contact.value_sealed", "survey.remark_sealed"} <= set(before)
    await world.say(who, "hapus data saya")
    assert "sudah dihapus" in texts(await world.say(who, payload="perintah:hapus-data-ya"))
    assert await found(world, MARK, NIK, "Karso") == []


async def test_what_an_office_has_is_the_only_thing_left_and_the_address_goes_last(world: World, phone: Phone) -> None:
    who = await phone.conversation()
    reference = await apply(world, who)
    await leave_marks(world, who)
    await world.say(who, "hapus data saya")
    await world.say(who, payload="perintah:hapus-data-ya")
    assert await found(world, MARK) == []
    assert await found(world, "Karso") == ["application.draft_sealed", "citizen.data_sealed"]
    world.clock.at += timedelta(days=2)
    await sweep(world.deps)
    assert await found(world, phone.who) == ["conversation.address_sealed"]  # its news still has to reach them
    async with world.store.begin() as tx:
        case = await tx.case_by_reference(reference)
        assert case is not None
        case.state = "ditolak"
        await tx.put_case(case)
    await sweep(world.deps)
    assert await found(world, phone.who, MARK) == []
    async with world.store.begin() as tx:
        fresh = await tx.open_conversation("fake:1", phone.who, "33.28", "id", world.clock.now())
    assert fresh.id != who.id  # nothing leads from the person to what is left


async def test_who_writes_again_is_a_user_again_and_loses_nothing_new(world: World, phone: Phone) -> None:
    await phone.say("halo")
    await phone.say("hapus data saya")
    await phone.say(payload="perintah:hapus-data-ya")
    world.clock.at += timedelta(hours=3)
    await phone.say(f"halo lagi {MARK}")
    world.clock.at += timedelta(days=2)
    await sweep(world.deps)
    assert "message.body_sealed" in await found(world, MARK)
    assert (await phone.conversation()).id == (await world.conversation(await phone.conversation())).id


async def test_clocks_are_warned_of_before_they_end_once(world: World) -> None:
    who = await world.session()
    await world.say(who, "keberatan data saya")
    assert await sweep(world.deps) == 0
    world.clock.at += timedelta(hours=49)
    assert await sweep(world.deps) == 1
    assert await sweep(world.deps) == 0
    assert len(await audited(world, "privacy.warned")) == 1
    async with world.store.begin() as tx:
        (request,) = await tx.data_requests("33.28", settled=False)
        assert isinstance(request.id, UUID) and request.time(world.clock.now()).value == "soon"

"""One person in several channels: codes, connecting, moving what is being filled in, parting again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.form_draft import Draft
from bot.domain.messages import Inbound
from bot.domain.payloads import command
from bot.errors import Conflict
from bot.ports import TurnRequest
from bot.usecases.identity import decide
from bot.usecases.linking import undo_for
from tests.usecases.channels import (
    TELEGRAM,
    WHATSAPP,
    asked,
    audited,
    code_in,
    connect,
    draft_of,
    half_filled,
    on,
    several_channels,
    texts,
    verified,
)
from tests.usecases.conftest import NIK, World
from tests.usecases.script import FIELDS, apply


@pytest.fixture(autouse=True)
def channels(world: World) -> None:
    several_channels(world)


# -- the code -----------------------------------------------------------------------------------------------------------


async def test_a_wish_to_go_on_elsewhere_gives_a_link_of_that_channel_and_a_code(world: World) -> None:
    who = await on(world, WHATSAPP)
    said = texts(await world.say(who, "lanjut di telegram"))
    code = re.search(r"sambung ([0-9A-Z]{4})-([0-9A-Z]{4})\*", said)
    assert code is not None
    assert f"https://t.me/LoketContohBot?start={code[1]}{code[2]}" in said and "10 menit" in said
    assert "wa.me" not in said and "KantorLain" not in said  # not its own channel, not another office's bot


async def test_without_a_channel_named_every_other_channel_of_the_office_is_linked(world: World) -> None:
    said = texts(await world.say(await on(world, TELEGRAM), "teruskan di hp satunya"))
    assert "https://wa.me/628000000001?text=sambung%20" in said and "https://loket.example/?sambung=" in said
    assert "t.me" not in said


async def test_the_code_itself_is_nowhere_in_its_table(world: World) -> None:
    who = await on(world, TELEGRAM)
    code = (await code_in(world, who)).replace("-", "")
    async with world.store.begin() as tx:
        for row in await tx.run(text("select * from link_code")):
            assert code.encode() not in bytes(row.code_index)
        rows = (await tx.run(text("select memory::text as memory from conversation"))).all()
    assert all(code not in row.memory and code[:4] not in row.memory for row in rows)


@pytest.mark.parametrize("typed", ["sambung {}", "{}", "/start {}", "kode sambung: *{}*"])
async def test_a_code_may_be_typed_in_many_ways(world: World, typed: str) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    said = await world.say(new, typed.format((await code_in(world, old)).lower()))
    assert "Sambungkan obrolan ini" in texts(said) and "Telegram" in texts(said)


async def test_a_deep_link_carries_the_code(world: World) -> None:
    old, new = await world.session(), await on(world, TELEGRAM)
    code = (await code_in(world, old)).replace("-", "")
    async with world.store.begin() as tx:
        now = world.clock.now()
        await tx.put_inbound(new.id, Inbound(TELEGRAM, "u1", "x", now, text="/start", start=code), now)
    while await world.work():
        pass
    assert "Sambungkan obrolan ini dengan *obrolan web*" in texts(await world.news(new))


async def test_after_a_no_nothing_is_connected_and_the_code_is_gone(world: World) -> None:
    old, new = await on(world, TELEGRAM), await world.session()
    code = await code_in(world, old)
    await world.say(new, code)
    assert "tidak disambungkan" in texts(await world.say(new, "nggak usah"))
    assert "tidak berlaku" in texts(await world.say(new, code))
    assert (await world.conversation(old)).person_id != (await world.conversation(new)).person_id
    assert await world.news(old) == []


# -- connecting ---------------------------------------------------------------------------------------------------------


async def test_connected_conversations_are_one_person_and_the_old_one_is_warned(world: World) -> None:
    old, new = await on(world, TELEGRAM, "en"), await world.session()
    said = await connect(world, old, new)
    assert "connected with *Telegram*" in texts(said)  # the language came along
    before, after = await world.conversation(old), await world.conversation(new)
    assert before.person_id == after.person_id and after.assurance == 1 and after.language == "en"
    assert "just been connected with web chat. Not you? Write *unlink*." in texts(await world.news(old))
    assert [a["proof"] for a in await audited(world, "link.made")] == ["code"] and await audited(world, "link.code")
    async with world.store.begin() as tx:
        (row,) = (await tx.run(text("select * from link"))).all()
        (sent,) = (await tx.run(text("select notice from outbox order by id desc limit 1"))).all()
    assert (row.conversation_id, row.person_after, row.undone_at) == (new.id, before.person_id, None)
    assert sent.notice


async def test_a_form_goes_on_in_the_other_channel_with_every_answer_and_paper_kept(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    said = await half_filled(world, old, len(FIELDS))
    said = await world.send(old, "document", b"paper")
    before = Draft.from_json(await draft_of(world, old))
    moved = await connect(world, old, new)
    assert asked(moved) == asked(said)
    after = Draft.from_json(await draft_of(world, new))
    assert dict(after.answers) == dict(before.answers) and after.assurance == 3
    was, now = await world.conversation(old), await world.conversation(new)
    assert (was.form_active, was.case_id, now.form_active) == (False, None, True)
    assert "diteruskan di Telegram" in texts(await world.news(old))
    async with world.store.begin() as tx:
        paper = next(v["id"] for v in after.answers.values() if isinstance(v, dict) and v.get("id"))
        (row,) = (await tx.run(text("select conversation_id from blob where id = :id"), {"id": paper})).all()
        assert row.conversation_id == new.id
    while moved[-1]["meta"].get("field_type") == "document":
        moved = await world.send(new, "document", b"paper")
    receipt = (await world.say(new, "kirim"))[-1]
    assert receipt["meta"]["kind"] == "receipt"  # proven inside its own draft: sent from a channel at level 1
    assert (await world.conversation(new)).assurance == 1
    status = await world.say(old, "status permohonan saya")
    assert receipt["meta"]["application"] in texts(status)  # seen from both


async def test_a_form_of_its_own_is_laid_aside_while_the_question_stands(world: World) -> None:
    old, new = await world.session(), await on(world, TELEGRAM)
    await world.say(new, "mau buat akta kelahiran")
    asks = await world.say(new, f"sambung {await code_in(world, old)}")
    assert "kami simpan dulu" in texts(asks) and asks[-1]["meta"]["kind"] == "identity"
    assert "tersambung" in texts(await world.say(new, "ya"))
    assert asked(await world.say(new, "lanjut")) is not None


async def test_the_form_is_taken_back_with_lanjut_and_the_other_channel_hears_of_it(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await half_filled(world, old)
    question = asked(await connect(world, old, new))
    await world.say(new, "perempuan")
    await world.news(old)
    back = await world.say(old, "lanjut")
    assert question == "anak.jenis_kelamin" and asked(back) == "anak.tempat_dilahirkan"
    assert "diteruskan di WhatsApp" in texts(await world.news(new))
    assert not (await world.conversation(new)).form_active
    assert asked(await world.say(old, "rs")) not in (None, asked(back))


async def test_a_reply_to_the_form_that_moved_on_does_not_reach_it(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await half_filled(world, old)
    await connect(world, old, new)
    before = await draft_of(world, new)
    await world.say(old, "laki-laki")
    assert (await draft_of(world, new))["answers"] == before["answers"]


async def test_a_code_of_the_same_person_moves_the_form_without_a_second_connection(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await connect(world, old, new)
    await half_filled(world, old)
    said = await connect(world, old, new)
    assert asked(said) == "anak.jenis_kelamin"
    assert len(await audited(world, "link.made")) == 1
    assert "baru saja disambungkan" not in texts([(await world.news(old))[-1]])


async def test_three_channels_chain_into_one_person(world: World) -> None:
    one, two, three = await on(world, WHATSAPP), await on(world, TELEGRAM), await world.session()
    await connect(world, one, two)
    await world.news(one)
    await connect(world, two, three)
    people = {(await world.conversation(who)).person_id for who in (one, two, three)}
    assert len(people) == 1
    assert "baru saja disambungkan dengan obrolan web" in texts(
        await world.news(one)
    )  # not only the one that gave the code
    said = await world.say(one, f"sambung {await code_in(world, three)}")  # a cycle
    assert "sudah tersambung" in texts(said)


async def test_register_data_of_another_draft_wait_for_a_proof_in_the_new_channel(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await connect(world, old, new)
    await half_filled(world, old, 1)  # the record's data were confirmed
    await world.say(old, "nanti dulu")
    said = await world.say(new, "lanjut")
    assert asked(said) == "identitas.nik" and "Karso" not in texts(said)
    draft = Draft.from_json(await draft_of(world, new))
    assert draft.assurance < 3 and not draft.known and "Karso Wijaya" not in str(draft.answers)
    await world.say(new, NIK)
    await world.say(new, "17-8-1990")
    proven = await world.selfies(new)
    assert "Karso Wijaya" in texts(proven)


async def test_in_a_channel_where_the_same_face_was_verified_the_other_draft_goes_on_at_once(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await half_filled(world, old)
    await verified(world, new)
    await connect(world, old, new)
    await world.say(old, "lanjut")
    assert asked(await world.say(new, "lanjut")) == "anak.jenis_kelamin"


async def test_documents_and_cases_are_seen_from_all_channels_of_a_person(world: World) -> None:
    old, new = await on(world, WHATSAPP), await world.session()
    number = await apply(world, old)
    assert number not in texts(await world.say(new, "status permohonan saya"))
    await connect(world, old, new)
    assert number in texts(await world.say(new, "status permohonan saya"))


# -- by the same face ---------------------------------------------------------------------------------------------------


async def test_the_same_face_in_a_second_channel_is_offered_a_connection_and_nothing_before(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await verified(world, old)
    for answer in ("mau buat akta kelahiran", "ya", NIK, "17-8-1990"):
        assert "WhatsApp" not in texts(await world.say(new, answer))
    said = await world.selfies(new)
    assert "juga punya obrolan dengan kami di *WhatsApp*" in texts(said)
    assert (await world.conversation(old)).person_id != (await world.conversation(new)).person_id
    joined = await world.say(new, "ya sambungkan")
    assert "tersambung dengan *WhatsApp*" in texts(joined) and asked(joined) == asked(said)  # the form goes on
    assert (await world.conversation(old)).person_id == (await world.conversation(new)).person_id
    assert "baru saja disambungkan dengan Telegram" in texts(await world.news(old))
    assert [a["proof"] for a in await audited(world, "link.made")] == ["identity"]


async def test_saying_yes_connect_without_an_offer_does_nothing(world: World) -> None:
    who = await world.session()
    assert "Tidak ada obrolan yang menunggu" in texts(await world.say(who, "ya sambungkan"))
    assert "Tidak ada obrolan yang menunggu" in texts(await world.say(who, payload=command("sambung-ya")))


# -- parting ------------------------------------------------------------------------------------------------------------


async def test_lepas_parts_them_again_and_nothing_is_lost(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await half_filled(world, old)
    await connect(world, old, new)
    await world.say(new, "perempuan")  # worked on there since
    assert "sudah dilepas" in texts(await world.say(old, "lepas"))
    assert "dilepas" in texts(await world.news(new))
    assert (await world.conversation(old)).person_id != (await world.conversation(new)).person_id
    draft = Draft.from_json(await draft_of(world, new))
    assert draft.answers["anak.jenis_kelamin"] and draft.answers["anak.nama"] == "Siti Aminah"
    async with world.store.begin() as tx:
        assert all(row.undone_at for row in await tx.run(text("select * from link")))
    assert len(await audited(world, "link.undone")) == 1
    assert "tidak sedang tersambung" in texts(await world.say(old, "lepas sambungan"))


async def test_what_stays_with_somebody_unproven_is_closed_to_them(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await half_filled(world, old)
    await connect(world, old, new)
    await world.say(new, "perempuan")
    await world.say(old, "lepas")
    said = await world.news(new)
    assert asked(said) == "identitas.nik"  # the record is shown only after a proof there
    draft = Draft.from_json(await draft_of(world, new))
    assert not draft.known and "Karso Wijaya" not in str(draft.answers)


async def test_a_draft_that_was_taken_along_and_not_touched_goes_home(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    said = await half_filled(world, old)
    await connect(world, old, new)
    await world.say(old, "lepas")
    assert not (await world.conversation(new)).form_active
    assert (await world.conversation(new)).case_id is None
    assert asked(await world.say(old, "lanjut")) == asked(said)


async def test_an_officer_can_undo_a_connection(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await connect(world, old, new)
    await world.news(old)
    await undo_for(world.deps, old.id, "siti")
    assert "Petugas melepas" in texts(await world.news(old)) and "sudah dilepas" in texts(await world.news(new))
    assert (await world.conversation(old)).person_id != (await world.conversation(new)).person_id
    with pytest.raises(Conflict):
        await undo_for(world.deps, old.id, "siti")


async def test_of_three_one_leaves_and_two_stay(world: World) -> None:
    one, two, three = await on(world, WHATSAPP), await on(world, TELEGRAM), await world.session()
    await connect(world, one, two)
    await connect(world, two, three)
    await world.say(two, "putuskan sambungan")
    people = [(await world.conversation(who)).person_id for who in (one, two, three)]
    assert people[0] == people[2] != people[1]


async def test_they_can_be_connected_again(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await connect(world, old, new)
    await world.say(new, "lepas sambungan")
    world.clock.at += timedelta(minutes=1)
    assert "tersambung" in texts(await connect(world, old, new))


async def test_an_officer_s_yes_to_a_face_offers_the_connection_too(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await verified(world, old)
    for answer in ("mau buat akta kelahiran", "ya", NIK, "17-8-1990"):
        await world.say(new, answer)
    said = await world.send(new, "selfie", world.fresh(b"officer"))
    if "challenge" in said[-1]["meta"]:
        await world.send(new, "selfie", world.posed(said, b"officer"))
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    await decide(world.deps, check.id, True, "siti")
    assert "juga punya obrolan dengan kami di *WhatsApp*" in texts(await world.news(new))


async def test_a_draft_whose_selfie_an_officer_looks_at_does_not_move(world: World) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    for answer in ("mau buat akta kelahiran", "ya", NIK, "17-8-1990"):
        await world.say(old, answer)
    said = await world.send(old, "selfie", world.fresh(b"officer"))
    if "challenge" in said[-1]["meta"]:
        await world.send(old, "selfie", world.posed(said, b"officer"))
    joined = await connect(world, old, new)
    assert "tersambung" in texts(joined) and asked(joined) is None
    assert (await world.conversation(new)).case_id is None


# -- while a turn is under way ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_form_that_moves_while_rasa_runs_is_closed_in_the_channel_it_left(world: World, moment: str) -> None:
    old, new = await on(world, WHATSAPP), await on(world, TELEGRAM)
    await half_filled(world, old)
    await world.say(new, f"sambung {await code_in(world, old)}")
    turn = world.dialogue.turn

    async def moves_meanwhile(request: TurnRequest) -> list[str]:
        world.dialogue.turn = turn  # type: ignore[method-assign]
        done = await turn(request) if moment == "after" else []
        assert asked(await world.say(new, "ya")) == "anak.jenis_kelamin"
        return done or await turn(request)

    world.dialogue.turn = moves_meanwhile  # type: ignore[method-assign]
    said = await world.say(old, "berapa biayanya?" if moment == "after" else "perempuan")
    was, now = await world.conversation(old), await world.conversation(new)
    assert (was.form_active, was.case_id, now.form_active) == (False, None, True)
    assert moment == "before" or was.turn_mark.endswith(".moved")  # Rasa's tracker still stands in the form: rebuilt
    assert moment == "after" or "Tidak ada permohonan yang sedang diisi" in texts(said)  # not taken, and said so
    assert "anak.jenis_kelamin" not in (await draft_of(world, new))["answers"]
    assert asked(await world.say(new, "laki-laki")) not in (None, "anak.jenis_kelamin")

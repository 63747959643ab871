"""Citizens' rights in the chat: see, take along, withdraw, erase, object; who may, what goes, what stays."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.data_rights import SHELL, Kind
from bot.domain.handoff import Holder
from bot.domain.privacy_words import privacy_wish
from bot.usecases import handoff
from bot.usecases.privacy_sweep import sweep
from tests.usecases.channels import audited, connect, half_filled, on, several_channels, texts, verified
from tests.usecases.conftest import NIK, World
from tests.usecases.desk import ANI, asks, edges, sits_down, ticket_of
from tests.usecases.script import apply

URL = "https://loket.test/data-saya"


@pytest.fixture
def office(world: World) -> World:
    """The world with the address of the page."""
    object.__setattr__(world.deps, "my_data_url", URL)
    return world


def payloads(said: list[dict[str, Any]]) -> set[str]:
    return {button["payload"] for one in said for button in one["buttons"]}


async def rows(world: World, query: str, **values: Any) -> list[Any]:
    async with world.store.begin() as tx:
        return list((await tx.run(text(query), values)).all())


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("data saya", Kind.SEE),
        ("Unduh data saya ya", Kind.EXPORT),
        ("tolong HAPUS semua data pribadi saya", Kind.ERASE),
        ("ya, hapus data saya", Kind.ERASE),
        ("busak data kulo", Kind.ERASE),
        ("cabut persetujuan saya", Kind.WITHDRAW),
        ("withdraw my consent", Kind.WITHDRAW),
        ("keberatan data saya", Kind.OBJECT),
        ("hapus data anak saya", Kind.CHILD),
        ("apakah data saya aman?", None),
        ("jangan hapus data saya", None),
        ("hapus wajah saya", None),
        ("cabut berkas saya", None),
        ("hapus data saya yang salah di KTP lalu ganti yang baru", None),
        ("perbaiki data saya", None),
        ("hapus semua data saya skrg jg!!", Kind.ERASE),
        ("minta salinan data sya", Kind.EXPORT),
        ("sy keberatan data saya dipakai", Kind.OBJECT),
        ("", None),
    ],
)
def test_reserved_words_are_whole_messages(said: str, kind: Kind | None) -> None:
    assert privacy_wish(said) == kind


def test_in_a_form_a_child_is_taken_out_of_the_form_and_not_out_of_the_database() -> None:
    assert privacy_wish("hapus data anak saya", in_form=True) is None
    assert privacy_wish("hapus data saya", in_form=True) is Kind.ERASE


async def test_what_is_stored_is_told_in_numbers_never_in_contents(office: World) -> None:
    who = await office.session()
    await apply(office, who)
    said = texts(await office.say(who, "data saya"))
    assert "Pesan di obrolan ini" in said and "Ciri wajah" in said and "Permohonan" in said
    assert NIK not in said and "Karso" not in said and "Siti" not in said


async def test_the_link_is_for_a_proven_person_and_has_nothing_personal_in_it(office: World) -> None:
    who = await office.session()
    await apply(office, who)
    said = await office.say(who, "unduh data saya")
    assert re.search(rf"{URL}/[\w-]{{32}}\b", texts(said)) and NIK not in texts(said)
    office.clock.at += timedelta(days=200)  # the proof is over
    said = await office.say(who, "unduh data saya")
    assert URL not in texts(said) and "perintah:hapus-petugas" in payloads(said)


async def test_a_stranger_who_typed_somebodys_nik_can_neither_see_nor_erase(office: World) -> None:
    owner, stranger = await office.session(), await office.session()
    await apply(office, owner)
    for said in ("mau buat akta kelahiran", "ya", NIK, "17 agt 90"):
        await office.say(stranger, said)
    said = await office.say(stranger, "hapus data saya")
    assert "perintah:hapus-data-ya" not in payloads(said)
    await office.say(stranger, payload="perintah:hapus-data-ya")
    assert len(await rows(office, "select 1 from application where reference is not null")) == 1
    assert len(await rows(office, "select 1 from citizen where face_sealed is not null")) == 1


async def test_whoever_never_named_a_nik_erases_their_own_talk_after_one_question(office: World) -> None:
    who = await office.session()
    await office.say(who, "syarat akta kelahiran")
    asked = await office.say(who, "hapus data saya")
    assert "Yakin dihapus" in texts(asked) and "perintah:hapus-data-ya" in payloads(asked)
    said = await office.say(who, payload="perintah:hapus-data-ya")
    assert "sudah dihapus" in texts(said)
    lines = await rows(office, "select sender from message where conversation_id = :id", id=who.id)
    assert len(lines) == 1  # the confirmation
    assert await audited(office, "privacy.erased")


async def test_the_question_is_answered_soon_or_asked_again(office: World) -> None:
    who = await office.session()
    await office.say(who, "hapus data saya")
    office.clock.at += timedelta(hours=1)
    said = await office.say(who, payload="perintah:hapus-data-ya")
    assert "Yakin dihapus" in texts(said)
    assert "sudah dihapus" in texts(await office.say(who, "ya, hapus data saya"))


async def test_in_the_middle_of_a_form_the_draft_goes_after_the_yes_and_the_person_is_told(office: World) -> None:
    who = await office.session()
    await half_filled(office, who)
    asked = await office.say(who, "hapus data saya")
    assert "Akta Kelahiran* yang belum dikirim" in texts(asked)
    # One question at a time: where the form's came below it, these buttons could not be pressed any more.
    assert [b["payload"] for b in asked[-1]["buttons"]] == ["perintah:hapus-data-ya", "perintah:tidak-jadi"]
    assert not any(one["meta"].get("field") for one in asked)
    said = await office.say(who, payload="perintah:hapus-data-ya")
    assert "sudah dihapus" in texts(said) and not said[-1]["meta"].get("field")
    assert await rows(office, "select 1 from application") == []
    assert await rows(office, "select 1 from citizen") == []
    now = await office.conversation(who)
    assert (now.form_active, now.case_id, now.citizen_id, now.assurance) == (False, None, None, 1)
    assert await office.say(who, "halo")  # and it can be spoken with as before


async def test_what_an_office_has_stays_and_the_person_is_told_why(office: World) -> None:
    who = await office.session()
    reference = await apply(office, who)
    asked = texts(await office.say(who, "hapus data saya"))
    assert reference in asked and "arsip" in asked and "alamat obrolan" in asked
    said = texts(await office.say(who, payload="perintah:hapus-data-ya"))
    assert reference in said
    ((state, citizen),) = await rows(office, "select state, citizen_id from application")
    assert state == "diajukan"
    async with office.store.begin() as tx:
        kept = await tx.citizen(citizen)
        assert (kept.nik, kept.name, kept.data) == (NIK, "Karso Wijaya", {})
        assert await tx.face(citizen) is None and await tx.contacts(citizen) == {}
        papers = (await tx.run(text("select count(*) from blob where kind = 'document'"))).scalar_one()
    assert papers  # they belong to what was handed in


async def test_connected_channels_of_the_same_person_are_included(office: World) -> None:
    several_channels(office)
    old, new = await on(office, "telegram:4711"), await office.session()
    await connect(office, old, new)
    await verified(office, new)
    asked = texts(await office.say(new, "hapus data saya"))
    assert "Telegram" in asked
    await office.say(new, payload="perintah:hapus-data-ya")
    left = await rows(office, "select conversation_id from message")
    assert {row.conversation_id for row in left} == {new.id} and len(left) == 1


async def test_withdrawing_ends_what_rests_on_consent_and_leaves_what_an_office_has(office: World) -> None:
    who = await office.session()
    assert "Tidak ada persetujuan" in texts(await office.say(who, "cabut persetujuan"))
    await apply(office, who)
    await office.say(who, "mau buat akta kelahiran")
    await office.say(who, "cabut persetujuan")
    said = texts(await office.say(who, payload="perintah:cabut-izin-ya"))
    assert "sudah dicabut" in said and "batalkan permohonan" in said
    assert await rows(office, "select 1 from consent where withdrawn_at is null") == []
    assert await rows(office, "select 1 from citizen where face_sealed is not null") == []
    assert len(await rows(office, "select 1 from application")) == 1
    assert len(await rows(office, "select 1 from message")) > 10  # nothing is erased by it


async def test_an_objection_and_a_guardians_wish_wait_for_the_data_officer_with_a_clock(office: World) -> None:
    who = await office.session()
    said = texts(await office.say(who, "keberatan data saya"))
    await office.say(who, "keberatan data saya")  # once more is the same request
    await office.say(who, "hapus data anak saya")
    async with office.store.begin() as tx:
        found = await tx.data_requests("33.28", settled=False)
    assert [one.kind for one in found] == [Kind.OBJECT, Kind.CHILD]
    assert found[0].number in said and found[0].due_at - found[0].asked_at == timedelta(hours=72)


async def test_the_question_can_be_answered_with_no_and_an_old_yes_then_counts_no_more(office: World) -> None:
    who = await office.session()
    asked = await office.say(who, "hapus data saya")
    assert "perintah:tidak-jadi" in payloads(asked)
    assert "tidak ada yang dihapus" in texts(await office.say(who, payload="perintah:tidak-jadi"))
    assert "Yakin dihapus" in texts(await office.say(who, payload="perintah:hapus-data-ya"))


async def test_when_the_address_of_the_chat_goes_is_told_before_and_after(office: World) -> None:
    who = await office.session()
    await office.say(who, "syarat akta kelahiran")
    assert "24 jam kemudian" in texts(await office.say(who, "hapus data saya"))
    assert "24 jam lagi" in texts(await office.say(who, payload="perintah:hapus-data-ya"))


async def test_while_a_person_holds_the_conversation_the_right_works_and_other_words_are_theirs(office: World) -> None:
    who = await office.session()
    await sits_down(office, ANI)
    await office.say(who, "petugas")
    ticket = await ticket_of(office, who)
    await handoff.claim(office.deps, ticket.id, ANI)
    theirs = await office.say(who, "data apa yang kalian simpan soal saya")
    assert all(one["from"] == "system" for one in theirs)  # Ani's coming; the bot is silent
    asked = await office.say(who, "hapus data saya")
    assert "Yakin dihapus" in texts(asked)
    assert "sudah dihapus" in texts(await office.say(who, payload="perintah:hapus-data-ya"))


@pytest.mark.parametrize("word", ["tidak", "gak jadi", "Tidak jadi"])
async def test_in_a_form_no_to_really_leaves_everything_and_the_form_goes_on(office: World, word: str) -> None:
    who = await office.session()
    await half_filled(office, who)
    await office.say(who, "cabut persetujuan")
    said = await office.say(who, word)
    assert said[-1]["meta"].get("field") and (await office.conversation(who)).form_active
    assert len(await rows(office, "select 1 from consent where withdrawn_at is null")) == 1


async def test_in_a_form_an_answer_to_its_question_is_taken_though_really_was_asked(office: World) -> None:
    who = await office.session()
    await half_filled(office, who)
    await office.say(who, "hapus semua data saya skrg jg!!")
    said = await office.say(who, "sampai mana")
    assert said[-1]["meta"].get("field")


async def test_nobody_is_to_answer_somebody_whose_talk_was_erased(office: World) -> None:
    who = await office.session()
    ticket = await asks(office, who)
    await office.say(who, "hapus data saya")
    await office.say(who, payload="perintah:hapus-data-ya")
    now = await ticket_of(office, who)
    assert now.id == ticket.id and now.state == "closed" and now.closed_at is not None
    assert (await office.conversation(who)).state is Holder.BOT
    assert ("queued", "bot") in {(before, after) for _, before, after in await edges(office, who)}


async def test_an_erasure_that_cannot_be_ended_keeps_no_other_and_no_clock_from_its_turn(world: World) -> None:
    broken, fine = await world.session(), await world.session()
    await half_filled(world, broken)
    async with world.store.begin() as tx:
        for who in (broken, fine):
            await tx.put_erasure(who.id, world.clock.now())
        await tx.run(text("update application set draft_sealed = '\\x00'"))
    world.clock.at += SHELL + timedelta(minutes=1)
    await sweep(world.deps)
    done = {row.conversation_id for row in await rows(world, "select * from erasure where done_at is not null")}
    assert done == {fine.id}

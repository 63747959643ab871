"""Complaints in chat: what angry, frightened and busy people write, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.domain.messages import MediaRef
from bot.domain.payloads import MAX_BYTES
from tests.usecases.complaint_desk import EXTORTION, RUDE, Desk, button, complain, desk, fields, push
from tests.usecases.conftest import World
from tests.usecases.script import apply
from tests.usecases.test_cases import errands

__all__ = ["desk"]


# -- telling -----------------------------------------------------------------------------------------------------------


async def test_what_was_told_already_is_the_first_answer_and_few_questions_follow(world: World, desk: Desk) -> None:
    who = await world.session()
    said = await world.say(who, EXTORTION)
    opening, asked = said[0], [fields(said)]
    assert "tidak wajib membayar" in opening["text"] and "petugas" in str(opening["buttons"][0]).casefold()
    for text in ("loket 3, tadi pagi", "lewati", "uang kembali", "pakai nama saya", "Karso Wijaya", "0812 3456 7890"):
        said = await world.say(who, text)
        asked.append(fields(said))
    assert asked[-1] == "_periksa" and len(asked) - 1 <= 6
    assert EXTORTION in said[-1]["text"]
    receipt = (await world.say(who, "kirim"))[-1]
    assert "Nomor laporan" in receipt["text"] and receipt["meta"]["application"] in receipt["text"]
    assert await errands(world) == ["done"]
    (given,) = desk.submitted.values()
    assert given.variant == "pungli" and given.data["laporan"]["cerita"] == EXTORTION
    assert given.data["pelapor"] == {"cara": "terbuka", "nama": "Karso Wijaya", "telepon": "+6281234567890"}
    assert not world.agency.submitted


async def test_the_ticket_promises_a_working_day_with_the_holidays_left_out(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who, RUDE)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
    # Monday 2 November 2026, and fourteen working days later.
    assert case.promised_on is not None
    assert case.promised_on.astimezone(world.deps.zone(who)).date().isoformat() == "2026-11-20"
    assert case.variant == "petugas"


async def test_the_wish_alone_is_answered_calmly_and_the_story_is_what_comes_next(world: World, desk: Desk) -> None:
    who = await world.session()
    said = await world.say(who, "saya mau lapor")
    assert "ceritakan" in said[-1]["text"] and "0856-0008-0709" in said[-1]["text"]
    said = await world.say(who, "Kemarin saya antri 4 jam, loketnya kosong terus. Kenapa tidak ada yang jaga?")
    assert fields(said) == "laporan.kejadian" and "sudah saya catat" in said[0]["text"]


async def test_a_short_question_after_the_wish_is_no_story(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, "mau mengadu")
    said = await world.say(who, "berapa biaya akta?")
    assert "Gratis" in said[-1]["text"]
    async with world.store.begin() as tx:
        assert await tx.cases_of(await tx.conversation(who.id)) == []


async def test_the_wish_can_be_dropped(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, "saya mau lapor")
    assert "tidak jadi" in (await world.say(who, "gak jadi"))[-1]["text"]
    assert not (await world.conversation(who)).form_active


async def test_capitals_and_rage_get_the_same_calm_words_without_pictures(world: World, desk: Desk) -> None:
    who = await world.session()
    said = await world.say(who, RUDE)
    spoken = " ".join(one["text"] for one in said)
    assert fields(said) == "laporan.kejadian" and "!" not in spoken
    assert all(ord(char) < 0x2100 for char in spoken)


async def test_who_is_threatened_hears_of_safety_first(world: World, desk: Desk) -> None:
    who = await world.session()
    said = await world.say(who, "petugasnya minta uang dan saya diancam kalau tidak bayar")
    assert "110" in said[0]["text"] and "tidak wajib membayar" in said[0]["text"]


async def test_what_is_added_in_anger_joins_the_story(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, EXTORTION)
    said = await world.say(who, "dan dia juga bohong soal syaratnya?")
    assert "tambahkan" in said[0]["text"] and fields(said) == "laporan.kejadian"
    for text in ("lewati", "lewati", "lewati"):
        await world.say(who, text)
    said = await world.say(who, "anonim")
    assert "bohong soal syaratnya" in said[-1]["text"]


async def test_a_long_story_fits(world: World, desk: Desk) -> None:
    who = await world.session()
    story = "Saya mau lapor. " + "Loketnya tutup padahal masih jam kerja, saya pulang dengan tangan hampa. " * 20
    assert fields(await world.say(who, story)) == "laporan.kejadian"
    await world.say(who, "lewati")
    for text in ("lewati", "lewati", "anonim"):
        said = await world.say(who, text)
    assert said[-1]["meta"]["kind"] == "review"


async def test_every_kind_is_found_in_peoples_own_words(world: World, desk: Desk) -> None:
    from bot.domain.complaints import kind_of

    form = world.deps.known_service("pengaduan")
    for text, kind in {
        "dijaluki duit 50rb nang loket": "pungli",
        "disuruh bayar 100 rb dan petugasnya kasar": "pungli",
        "petugase galak nemen": "petugas",
        "ktp saya sudah 3 bulan belum jadi": "terlambat",
        "bolak balik terus, dilempar ke sana sini": "pelayanan",
        "toiletnya rusak, wc bau": "sarana",
        "saya usul loket lansia dibuka sendiri": "aspirasi",
    }.items():
        found = kind_of(text, form)
        assert found is not None and found.id == kind, text
    assert kind_of("ada yang aneh di sana", form) is None


# -- anonymous ---------------------------------------------------------------------------------------------------------


async def test_an_anonymous_reporter_is_never_asked_who_they_are(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, EXTORTION)
    for text in ("lewati", "lewati", "lewati"):
        said = await world.say(who, text)
    assert fields(said) == "pelapor.cara"
    said = await world.say(who, "anonim aja, saya takut")
    assert said[-1]["meta"]["kind"] == "review" and "Nama:" not in said[-1]["text"]


async def test_the_register_knows_somebody_and_anonymous_means_it_is_not_told(world: World, desk: Desk) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    number = await complain(world, who, "akta saya terlambat sudah 2 bulan belum jadi")
    await errands(world)
    (given,) = desk.submitted.values()
    assert given.reference == number and given.variant == "terlambat"
    assert given.data["pelapor"] == {"cara": "anonim"} and "nomor_permohonan" not in given.data["laporan"]
    assert "Karso" not in str(given) and "3328" not in str(given)
    # News still come in the chat.
    await push(world, "diproses", "1")
    assert "ditangani" in (await world.news(who))[-1]["text"]


async def test_a_complaint_about_delay_is_tied_to_the_case_and_the_name_known_is_not_asked(
    world: World, desk: Desk
) -> None:
    who = await world.session()
    application = await apply(world, who)
    await errands(world)
    said = await world.say(who, "permohonan saya terlambat, sudah lama sekali belum jadi")
    asked = [fields(said)]
    for text in ("lewati", "lewati", "lewati", "rahasia", "lewati"):
        said = await world.say(who, text)
        asked.append(fields(said))
    assert "laporan.nomor_permohonan" not in asked and "pelapor.nama" not in asked
    assert application in said[-1]["text"] and "Karso Wijaya" in said[-1]["text"]
    await world.say(who, "kirim")
    await errands(world)
    (given,) = desk.submitted.values()
    assert given.data["laporan"]["nomor_permohonan"] == application
    assert given.data["pelapor"]["cara"] == "rahasia"


async def test_adukan_keterlambatan_asks_nothing_that_the_application_says_itself(world: World, desk: Desk) -> None:
    who = await world.session()
    first = await apply(world, who)
    await errands(world)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
        case.promised_on = world.clock.now() - timedelta(days=3)
        await tx.put_case(case)
    status = (await world.say(who, f"status {first}"))[-1]
    late = button(status, "Adukan keterlambatan")
    assert late.endswith(first) and len(late.encode()) <= MAX_BYTES
    said = await world.say(who, payload=late)
    # Neither the story nor the number, nor where it happened; and nobody is sent round to the status again.
    assert fields(said) == "laporan.foto" and first in said[0]["text"] and "Ceritakan" not in said[0]["text"]
    for text in ("lewati", "lewati", "anonim"):
        said = await world.say(who, text)
    assert "dijanjikan selesai" in said[-1]["text"] and first not in said[-1]["text"]
    await world.say(who, "kirim")
    await errands(world)
    (given,) = desk.submitted.values()
    assert given.variant == "terlambat" and "Akta Kelahiran" in given.data["laporan"]["cerita"]


async def test_the_number_of_an_application_may_be_typed_as_an_answer(world: World, desk: Desk) -> None:
    who, other = await world.session(), await world.session()
    number = await apply(world, other)
    await world.say(who, "berkas saya terlambat, sudah 3 bulan belum jadi")
    said = await world.say(who, number)
    assert fields(said) == "laporan.kejadian"


# -- in the middle of something ----------------------------------------------------------------------------------------


async def test_a_form_that_is_open_is_laid_aside_and_goes_on_where_it_was(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran")
    said = await world.say(who, "ya")
    before = fields(said)
    said = await world.say(who, EXTORTION)
    assert "tersimpan" in said[0]["text"] and fields(said) == "laporan.kejadian"
    for text in ("lewati", "lewati", "lewati", "anonim"):
        said = await world.say(who, text)
    said = await world.say(who, "kirim")
    assert said[0]["meta"]["kind"] == "receipt" and fields(said) == before
    assert "lanjutkan" in said[1]["text"]
    conversation = await world.conversation(who)
    assert conversation.form_active and conversation.topic == "akta-kelahiran"


async def test_a_dropped_complaint_gives_the_form_back_too(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran")
    before = fields(await world.say(who, "ya"))
    await world.say(who, RUDE)
    await world.say(who, "batal")
    said = await world.say(who, "ya, batalkan")
    assert fields(said) == before
    assert await errands(world) == [] and not desk.submitted


async def test_a_picture_with_words_opens_a_complaint_and_is_its_photo(world: World, desk: Desk, phone: Any) -> None:
    phone.channel.files["f1"] = b"picture"
    said = await phone.say(media=MediaRef("f1", "foto.jpg", "image/jpeg", 7), caption=EXTORTION)
    assert "sudah saya catat" in said[0]["text"] and fields(said) == "laporan.kejadian" and len(said) == 2
    said = await phone.say("lewati")
    assert fields(said) == "laporan.harapan"  # the photo is there: nobody asks for it
    for text in ("lewati", "anonim", "kirim"):
        said = await phone.say(text)
    await errands(world)
    (given,) = desk.submitted.values()
    assert [content for _, content, _ in given.files] == [b"picture"]

"""Complaints after they were handed in: answered, opened again, added to, closed; whose they are, and where there is no desk."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import AgencyError, AgencyUnavailable
from bot.usecases.complaint_case import look_after_answered
from tests.usecases.complaint_desk import EXTORTION, RUDE, Desk, answered, button, complain, desk, fields, push
from tests.usecases.conftest import World
from tests.usecases.test_cases import errands

__all__ = ["desk"]


async def test_an_answer_is_closed_only_by_the_citizens_word_and_once(world: World, desk: Desk) -> None:
    who = await world.session()
    number = await complain(world, who)
    news = await answered(world, who)
    assert "sudah kami tegur" in news["text"] and number in news["text"]
    payload = button(news, "Sudah beres")
    assert "tutup" in (await world.say(who, payload=payload))[-1]["text"]
    again = (await world.say(who, payload=payload))[-1]
    assert "sudah tercatat selesai" in again["text"]
    assert await errands(world) == ["done"] and desk.words == [("close", "")]
    assert await errands(world) == []


async def test_what_is_not_settled_is_opened_again_with_its_reason_and_a_new_date(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who, RUDE)
    news = await answered(world, who)
    world.clock.at += timedelta(days=5)
    reopen = button(news, "Belum, buka lagi")
    assert "belum beres" in (await world.say(who, payload=reopen))[-1]["text"]
    said = (await world.say(who, "Uang saya belum kembali?"))[-1]
    assert "dibuka lagi" in said["text"] and "26 November 2026" in said["text"]
    # Pressed again: it is open already, and nothing is sent twice.
    assert "ditangani" in (await world.say(who, payload=reopen))[-1]["text"]
    assert await errands(world) == ["done"] and desk.words == [("reopen", "Uang saya belum kembali?")]
    await push(world, "terbit", "10", "Uangnya sudah dikembalikan.")
    last = (await world.news(who))[-1]
    assert "sudah dikembalikan" in last["text"]
    await world.say(who, payload=button(last, "Sudah beres"))
    await errands(world)
    assert [what for what, _ in desk.words] == ["reopen", "close"]
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
        assert case.state == "selesai"
        assert [e.key for e in await tx.events(case.id)][-2:] == ["lapor:10", "beres-1"]


async def test_a_reason_may_be_a_picture_or_nothing_at_all(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await world.say(who, payload=button(await answered(world, who), "Belum, buka lagi"))
    await world.send(who, "document", b"photo of the counter")
    await errands(world)
    while await errands(world):
        pass
    assert desk.words == [("reopen", ""), ("words", "")] and desk.pictures == [b"photo of the counter"]
    await push(world, "terbit", "10", "Sudah.")
    await world.say(who, payload=button((await world.news(who))[-1], "Belum, buka lagi"))
    assert "dibuka lagi" in (await world.say(who, "lewati"))[-1]["text"]


async def test_a_reason_can_be_withheld_and_nothing_happens(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await world.say(who, payload=button(await answered(world, who), "Belum, buka lagi"))
    assert "tidak jadi" in (await world.say(who, "batal"))[-1]["text"]
    assert await errands(world) == []


async def test_the_wish_for_a_person_is_no_reason(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await world.say(who, payload=button(await answered(world, who), "Belum, buka lagi"))
    assert (await world.say(who, "petugas"))[-1]["meta"]["kind"] == "handoff"
    assert await errands(world) == []


async def test_words_and_pictures_can_follow_and_thanks_are_not_among_them(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await errands(world)
    status = (await world.say(who, "gimana keluhan saya"))[-1]
    add = button(status, "Tambah keterangan")
    await world.say(who, payload=add)
    await world.say(who, "Namanya Pak X, kumisan.")
    await world.send(who, "document", b"chat with him")
    await world.say(who, payload=add)
    await world.say(who, "makasih ya")
    while await errands(world):
        pass
    assert desk.words == [("words", "Namanya Pak X, kumisan."), ("words", "")] and desk.pictures == [b"chat with him"]


async def test_an_open_form_asks_on_after_a_reason_was_given(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    news = await answered(world, who)
    await world.say(who, "mau buat akta kelahiran")
    before = fields(await world.say(who, "ya"))
    await world.say(who, payload=button(news, "Belum, buka lagi"))
    said = await world.say(who, "3328991708900001 itu masih belum beres")
    assert "dibuka lagi" in said[0]["text"] and fields(said) == before


async def test_the_office_asks_for_more_and_the_citizen_answers_in_the_chat(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await errands(world)
    await push(world, "verifikasi_berkas", "1", "Diteruskan ke Disdukcapil")
    assert "Disdukcapil" in (await world.news(who))[-1]["text"]
    await push(world, "perlu_perbaikan", "2", "Loket nomor berapa?")
    news = (await world.news(who))[-1]
    assert "Loket nomor berapa?" in news["text"]
    await world.say(who, payload=button(news, "Tambah keterangan"))
    await world.say(who, "loket 3")
    await errands(world)
    assert desk.words == [("words", "loket 3")]


async def test_an_outage_keeps_the_citizens_word_and_sends_it_once(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await world.say(who, payload=button(await answered(world, who), "Sudah beres"))
    desk.error = AgencyUnavailable("down")
    assert await errands(world) == ["due"]
    desk.error = None
    world.clock.at += timedelta(minutes=6)
    assert await errands(world) == ["done"] and desk.words == [("close", "")]


async def test_an_office_that_closed_it_by_itself_is_no_failure(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await world.say(who, payload=button(await answered(world, who), "Sudah beres"))
    desk.refusal = AgencyError("conflict", status=409)
    assert await errands(world) == ["done"]


async def test_without_a_word_it_is_reminded_of_once_then_closed_and_can_still_be_reopened(
    world: World, desk: Desk
) -> None:
    who = await world.session()
    await complain(world, who)
    await answered(world, who)
    world.clock.at += timedelta(days=6)
    assert await look_after_answered(world.deps) == 0 and await world.news(who) == []
    world.clock.at += timedelta(days=1, hours=1)
    for _ in range(3):
        assert await look_after_answered(world.deps) == 0
    (reminder,) = await world.news(who)
    assert "tujuh hari" in reminder["text"] and button(reminder, "Sudah beres")
    world.clock.at += timedelta(days=3)
    assert await look_after_answered(world.deps) == 1 and await look_after_answered(world.deps) == 0
    (closed,) = await world.news(who)
    assert "tidak ada kabar" in closed["text"]
    assert await errands(world) == []  # nobody confirmed anything
    await world.say(who, payload=button(closed, "Belum, buka lagi"))
    assert "dibuka lagi" in (await world.say(who, "belum ada perubahan sama sekali"))[-1]["text"]


async def test_a_second_complaint_is_one_of_its_own_and_both_are_shown(world: World, desk: Desk) -> None:
    who = await world.session()
    first = await complain(world, who)
    second = await complain(world, who, RUDE)
    assert first != second
    while await errands(world):
        pass
    said = await world.say(who, "keluhan saya sampai mana")
    assert {one["meta"]["application"] for one in said} == {first, second}
    assert all("paling lambat" in one["text"] for one in said)
    assert len(desk.submitted) == 2


async def test_nobody_touches_somebody_elses_complaint(world: World, desk: Desk) -> None:
    who, stranger = await world.session(), await world.session()
    await complain(world, who)
    news = await answered(world, who)
    for title in ("Sudah beres", "Belum, buka lagi"):
        said = (await world.say(stranger, payload=button(news, title)))[-1]
        assert said["meta"]["kind"] == "error"
    assert "Belum ada pengaduan" in (await world.say(stranger, "keluhan saya"))[-1]["text"]
    assert await errands(world) == []


async def test_an_office_without_a_desk_gives_a_person_and_the_regents_line(world: World) -> None:
    from dataclasses import replace

    from tests.usecases.conftest import CATALOGUE

    locus = CATALOGUE.loci["33.28"]
    bare = replace(CATALOGUE, loci={"33.28": replace(locus, agencies={"dukcapil": "dukcapil"})})
    object.__setattr__(world.deps, "catalogue", lambda: bare)
    world.dialogue.words = {"minta uang": "make_complaint"}
    said = await world.say(await world.session(), EXTORTION)
    assert said[0]["meta"]["kind"] == "handoff" and "0856-0008-0709" in said[-1]["text"]


async def test_to_go_on_with_a_report_that_lacks_something_is_to_tell_it(world: World, desk: Desk) -> None:
    who = await world.session()
    await complain(world, who)
    await errands(world)
    await push(world, "verifikasi_berkas", "1")
    await push(world, "perlu_perbaikan", "2", "Loket nomor berapa?")
    await world.news(who)
    assert "tambahannya" in (await world.say(who, payload="niat:continue_application"))[-1]["text"]
    await world.say(who, "loket 3")
    while await errands(world):
        pass
    assert desk.words == [("words", "loket 3")]


async def test_a_sentence_of_the_story_that_looks_like_a_wish_is_the_answer(world: World, desk: Desk) -> None:
    who = await world.session()
    await world.say(who, EXTORTION)
    world.dialogue.words["jam 9"] = "ask_cost"
    said = await world.say(who, "loket 3 di mpp, tadi pagi jam 9")
    assert fields(said) == "laporan.foto"
    # Reserved words still mean what they mean.
    await world.say(who, "lewati")
    assert "yakin" in (await world.say(who, "batal"))[-1]["text"].casefold()


async def test_who_asks_after_a_late_paper_that_is_not_ours_may_complain_and_who_complains_may_ask(
    world: World, desk: Desk
) -> None:
    who = await world.session()
    (none,) = await world.say(who, "status ktp saya, udah 3 bulan belum jadi jadi")
    assert [b["title"] for b in none["buttons"]] == ["Adukan keterlambatan", "Bicara dengan petugas"]
    said = await world.say(who, payload=none["buttons"][0]["payload"])
    assert "Cek status" in [b["title"] for b in said[0]["buttons"]]
    assert said[-1]["meta"]["field"] == "laporan.cerita"

"""The survey of satisfaction in the chat: offered once after the matter is over, one tap each, given up and gone on with at will."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bot.domain.conversation import Case, Conversation
from bot.records import load_records
from bot.storage import retention
from bot.usecases import handoff
from bot.usecases.store_survey import Kind, Remark, Span, Survey, SurveyState
from bot.usecases.survey_offer import offer_surveys
from tests.usecases.agency_office import Office
from tests.usecases.conftest import World
from tests.usecases.desk import ANI, asks
from tests.usecases.phone import Phone

ALWAYS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


@pytest.fixture
def office(world: World) -> Office:
    return Office.at(world)


def texts(said: list[dict[str, Any]]) -> str:
    return "\n".join(one["text"] for one in said)


def pressed(said: list[dict[str, Any]], title: str) -> str:
    """The payload of a button."""
    return next(str(b["payload"]) for one in said for b in one["buttons"] if b["title"] == title)


def span(**more: str) -> Span:
    return Span(["33.28"], *ALWAYS, **more)


async def the_survey(world: World) -> Survey:
    """The only one."""
    async with world.store.begin() as tx:
        ids = [UUID(str(row.id)) for row in await tx.run(text("select id from survey"))]
        (survey,) = [await tx.survey(one) for one in ids]
    assert survey is not None
    return survey


async def marks(world: World) -> dict[int, int | None]:
    survey = await the_survey(world)
    async with world.store.begin() as tx:
        return await tx.marks(survey.id)


async def low(world: World) -> list[Remark]:
    async with world.store.begin() as tx:
        return await tx.low_surveys(["33.28"], 10)


async def finished(office: Office, state: str = "terbit") -> tuple[Conversation, Case, list[dict[str, Any]]]:
    """A case came to its end, and the time for asking came."""
    who, case = await office.accepted()
    await office.push(case, state, note="Berkas tidak sesuai." if state == "ditolak" else None)
    await office.world.news(who)
    office.pass_by(days=1, minutes=1)
    await offer_surveys(office.world.deps)
    return who, case, await office.world.news(who)


async def answer_all(
    world: World, who: Conversation, said: list[dict[str, Any]], number: str = "4"
) -> list[dict[str, Any]]:
    """Type the same number nine times."""
    for _ in range(9):
        said = await world.say(who, number)
    return said


async def test_a_finished_case_is_asked_about_once_and_nine_taps_answer_it(office: Office) -> None:
    world = office.world
    who, case, (said,) = await finished(office)
    assert "1 dari 9" in said["text"] and "Tidak wajib" in said["text"] and str(case.reference) in said["text"]
    assert [b["title"] for b in said["buttons"]][:4] == ["Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"]
    answers = [said]
    for n in range(2, 10):
        best = answers[-1]["buttons"][3]
        pressed_one = best if best["title"] == "Gratis" else answers[-1]["buttons"][2]
        answers = await world.say(who, payload=pressed_one["payload"])
        assert f"{n} dari 9" in answers[0]["text"] and len(answers) == 1
    (end,) = await world.say(who, payload=answers[-1]["buttons"][2]["payload"])
    assert "sudah kami catat" in end["text"]
    survey = await the_survey(world)
    assert (survey.state, survey.kind, survey.service, survey.channel) == ("done", "case", "akta-kelahiran", "web")
    assert await marks(world) == {**dict.fromkeys(range(1, 10), 3), 4: 4} and await low(world) == []
    office.pass_by(days=3)
    await offer_surveys(world.deps)
    assert await world.news(who) == []
    async with world.store.begin() as tx:
        by_service = await tx.survey_scores(span(), "service")
        assert by_service["akta-kelahiran"].people == 1 and by_service["akta-kelahiran"].index() == Fraction(700, 9)
        assert await tx.surveys_asked(span()) == 1 and await tx.survey_scores(span(channel="telegram")) == {}


async def test_the_document_comes_first_and_saying_so_brings_the_survey_forward(office: Office) -> None:
    world = office.world
    who, case = await office.accepted()
    await office.push(case, "terbit", document=True)
    assert await office.errands() == ["done"]
    before = await world.news(who)
    assert before[-1]["attachments"] and not any("dari 9" in said["text"] for said in before)
    async with world.store.begin() as tx:
        assert await tx.due_surveys(world.clock.now() + timedelta(hours=1), 5) == []
    world.dialogue.words["sudah saya unduh"] = "download_document"
    assert (await world.say(who, "sudah saya unduh"))[-1]["attachments"]
    office.pass_by(minutes=2)
    await offer_surveys(world.deps)
    assert "1 dari 9" in texts(await world.news(who))


async def test_a_number_typed_is_the_mark_and_the_best_is_four(office: Office) -> None:
    who, _, said = await finished(office)
    await answer_all(office.world, who, said, "4")
    assert await marks(office.world) == dict.fromkeys(range(1, 10), 4)


async def test_no_thank_you_is_the_end_of_it(office: Office) -> None:
    world = office.world
    who, _, said = await finished(office)
    assert "tidak apa-apa" in texts(await world.say(who, payload=pressed(said, "Tidak, terima kasih")))
    assert (await the_survey(world)).state == SurveyState.STOPPED and await marks(world) == {}
    office.pass_by(days=2)
    await offer_surveys(world.deps)
    assert await world.news(who) == []


async def test_half_a_survey_counts_and_goes_on_where_it_stopped(office: Office) -> None:
    world = office.world
    who, _, first = await finished(office)
    second = await world.say(who, payload=pressed(first, "Sesuai"))
    third = await world.say(who, payload=pressed(second, "Lewati pertanyaan ini"))
    assert "3 dari 9" in third[0]["text"]
    await world.say(who, "berapa biaya ktp")
    world.dialogue.words["masukan"] = "give_feedback"
    said = await world.say(who, "masukan saya: kursinya kurang")
    assert "3 dari 9" in texts(await world.say(who, payload=pressed(said, "Beri penilaian")))
    # An earlier button still works: a later answer takes the place of the one before.
    again = await world.say(who, payload=pressed(first, "Sangat sesuai"))
    assert "sudah diganti" in again[0]["text"] and "3 dari 9" in again[0]["text"]
    ended = await world.say(who, payload=pressed(again, "Cukup sampai di sini"))
    assert "sudah kami catat" in texts(ended)
    assert await marks(world) == {1: 4, 2: None}
    async with world.store.begin() as tx:
        score = (await tx.survey_scores(span()))[""]
        (remark,) = await tx.remarks(span(), 5)
    assert [tally.n for tally in score.tallies] == [1] + [0] * 8 and score.index() is None
    assert remark.text == "masukan saya: kursinya kurang" and remark.marks == {1: 4}


async def test_a_survey_filled_in_twice_is_one_survey(office: Office) -> None:
    world = office.world
    who, _, first = await finished(office)
    await answer_all(world, who, first)
    changed = await world.say(who, payload=pressed(first, "Kurang sesuai"))
    assert len(changed) == 1 and "sudah diganti" in changed[0]["text"]
    assert await marks(world) == {1: 2, **dict.fromkeys(range(2, 10), 4)}


async def test_a_lowest_mark_is_put_before_a_supervisor_until_it_is_seen_to(office: Office) -> None:
    world = office.world
    who, case, said = await finished(office, "ditolak")
    said = await world.say(who, payload=pressed(said, "Tidak sesuai"))
    (found,) = await low(world)
    assert (found.survey.low, found.survey.case_id, found.marks) == ("unsur", case.id, {1: 1})
    end = await world.say(who, payload=pressed(said, "Cukup sampai di sini"))
    assert "mohon maaf" in end[0]["text"] and len(end[0]["buttons"]) == 2
    assert "tulis masukan" in texts(await world.say(who, payload=pressed(end, "Tulis saran")))
    await world.say(who, "petugas bilang syaratnya beda")
    (found,) = await low(world)
    assert found.text == "petugas bilang syaratnya beda"
    async with world.store.begin() as tx:
        sealed = (await tx.run(text("select remark_sealed from survey"))).scalar_one()
        assert b"petugas" not in bytes(sealed)
        assert not await tx.handle_low(found.survey.id, "33.29", "siti", world.clock.now())
        assert await tx.handle_low(found.survey.id, "33.28", "siti", world.clock.now())
        assert not await tx.handle_low(found.survey.id, "33.28", "siti", world.clock.now())
    assert await low(world) == []
    records = load_records()
    removed = await retention.run(
        world.store, records, world.clock.now() + records.keeps("remarks") + timedelta(days=1)
    )
    assert [one.rows for one in removed if one.class_ == "remarks"] == [1]
    async with world.store.begin() as tx:
        assert await tx.remarks(span(), 5) == []


async def test_money_asked_for_a_free_service_is_noticed(office: Office) -> None:
    world = office.world
    who, _, said = await finished(office)
    for _ in range(3):
        said = await world.say(who, "4")
    await world.say(who, payload=pressed(said, "Murah"))
    (found,) = await low(world)
    assert found.survey.low == "paid"


async def test_nobody_is_asked_in_the_middle_of_a_form_nor_twice_in_a_day(office: Office) -> None:
    world = office.world
    who, case = await office.accepted()
    await office.push(case, "terbit")
    await world.say(who, "mau buat akta kelahiran")
    await world.say(who, "ya")
    assert (await world.conversation(who)).form_active
    office.pass_by(days=1, minutes=1)
    assert await offer_surveys(world.deps) == 0 and await world.news(who) == []
    await world.say(who, "batal")
    await world.say(who, "ya")
    assert not (await world.conversation(who)).form_active
    office.pass_by(hours=2)
    assert await offer_surveys(world.deps) == 1
    await world.news(who)
    other = Survey(uuid4(), "case:x", "33.28", Kind.CASE, SurveyState.DUE, world.clock.now(), conversation_id=who.id)
    async with world.store.begin() as tx:
        await tx.put_survey(other)
    assert await offer_surveys(world.deps) == 0 and await world.news(who) == []


async def test_an_offer_is_a_notice_and_silence_asked_for_is_kept(world: World, phone: Phone) -> None:
    await phone.say("halo")
    who = await phone.conversation()
    await phone.news()

    async def offered(subject: str) -> list[dict[str, Any]]:
        world.clock.at += timedelta(days=2)
        async with world.store.begin() as tx:
            now = world.clock.now()
            await tx.put_survey(Survey(uuid4(), subject, who.locus, "talk", "due", now, conversation_id=who.id))
        await offer_surveys(world.deps)
        return await phone.news()

    (said,) = await offered("a")
    assert said["meta"]["kind"] == "notice"
    async with world.store.begin() as tx:
        assert (await tx.run(text("select notice from outbox order by id desc limit 1"))).scalar_one() is True
        template = (await tx.thread(who.id))[-1].body["meta"]["template"]
        # Where the window for free words is closed, the approved template calls for it, and it follows.
        assert template["serves"] == "survey" and template["values"] == {"about": "layanan kami"}
    await phone.say("stop")
    assert await offered("b") == []
    async with world.store.begin() as tx:
        assert (await tx.run(text("select state from survey where subject = 'b'"))).scalar_one() == "dropped"


async def test_the_mark_for_a_talk_with_a_person_leads_to_the_other_questions(world: World) -> None:
    who = await world.session()
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.news(who)
    await handoff.return_to_bot(world.deps, ticket.id, ANI)
    said = await world.say(who, payload=pressed(await world.news(who), "Baik"))
    assert "Terima kasih" in said[0]["text"] and "1 dari 9" in said[1]["text"]
    await world.say(who, payload=pressed(said[1:], "Tidak, terima kasih"))
    survey = await the_survey(world)
    assert (survey.kind, survey.ticket_id, survey.state) == ("help", ticket.id, "stopped")


async def test_another_person_and_an_old_survey_change_nothing(office: Office) -> None:
    world = office.world
    who, _, said = await finished(office)
    stranger = await world.session()
    assert "bukan dari obrolan ini" in texts(await world.say(stranger, payload=pressed(said, "Sesuai")))
    assert "bukan dari obrolan ini" in texts(await world.say(stranger, payload=f"perintah:u11-{uuid4()}"))
    office.pass_by(days=31)
    await world.say(who, payload=pressed(said, "Sesuai"))
    assert await marks(world) == {}


async def test_feedback_without_words_is_asked_for_and_kept(world: World) -> None:
    who = await world.session()
    assert "tulis masukan" in texts(await world.say(who, payload="niat:give_feedback"))
    assert "sudah kami catat" in texts(await world.say(who, "Ruang tunggunya panas, mohon ditambah kipas"))
    survey = await the_survey(world)
    assert survey.kind == "talk" and survey.conversation_id == who.id
    async with world.store.begin() as tx:
        (remark,) = await tx.remarks(span(), 5)
    assert remark.text.startswith("Ruang tunggunya panas")


async def test_a_mark_in_peoples_own_spelling_is_the_mark(office: Office) -> None:
    who, _, _ = await finished(office)
    for mark in ("3 dong", "ga mudah", "cepat bgt", "Cukup mahl"):
        said = await office.world.say(who, mark)
    assert said[-1]["meta"]["step"]["n"] == 5
    assert await marks(office.world) == {1: 3, 2: 1, 3: 4, 4: 2}


async def test_a_word_that_is_no_mark_gets_the_question_again_and_no_other_answer(office: Office) -> None:
    who, _, _ = await finished(office)
    await office.world.say(who, "3")
    said = await office.world.say(who, "ya")
    assert len(said) == 1 and said[0]["meta"]["step"]["n"] == 2 and "1, 2, 3 atau 4" in said[0]["text"]
    said = await office.world.say(who, "2")
    assert said[-1]["meta"]["step"]["n"] == 3


async def test_lanjut_goes_on_with_a_survey_that_was_left_and_is_no_feedback(office: Office) -> None:
    who, _, _ = await finished(office)
    await office.world.say(who, "4")
    await office.world.say(who, "syarat akta apa saja")
    office.world.dialogue.words = {"lanjut survei": "give_feedback", **office.world.dialogue.words}
    for wish in ("lanjut", "mau lanjut survei"):
        said = await office.world.say(who, wish)
        assert said[-1]["meta"]["step"]["n"] == 2, wish
    async with office.world.store.begin() as tx:
        remarks = await tx.run(text("select count(*) from survey where remark_sealed is not null"))
        assert remarks.scalar_one() == 0

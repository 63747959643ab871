"""Complaints in chat: what angry, frightened and busy people write, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.conversation import Conversation
from bot.domain.messages import FileRef, MediaRef
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import AgencyStatus
from bot.usecases.complaint_case import look_after_answered
from bot.usecases.track import apply_status
from tests.usecases.conftest import RegisterAgency, World
from tests.usecases.script import apply
from tests.usecases.test_cases import errands

EXTORTION = "petugas loket minta uang 200 ribu buat ktp saya"
RUDE = "PETUGASNYA KASAR BANGET SAYA DIBENTAK DI DEPAN ORANG BANYAK!!!"


class Desk(RegisterAgency):
    """The complaints desk in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, str, str]] = []
        self.pictures: list[bytes] = []
        self.refusal: Exception | None = None

    async def find(self, key: str, reference: str) -> str | None:
        return None

    async def submit(self, submission: Any) -> str:
        await super().submit(submission)
        return f"LPR-{list(self.submitted).index(submission.key) + 1}"

    async def add(self, agency_ref: str, text: str, files: Sequence[tuple[FileRef, bytes]], key: str) -> None:
        self._said("words", text, key)
        self.pictures += [content for _, content in files]

    async def close_case(self, agency_ref: str, key: str) -> None:
        self._said("close", "", key)

    async def reopen(self, agency_ref: str, reason: str, key: str) -> None:
        self._said("reopen", reason, key)

    def _said(self, what: str, text: str, key: str) -> None:
        self._fail()
        if self.refusal is not None:
            raise self.refusal
        if key not in {known for _, _, known in self.heard}:
            self.heard.append((what, text, key))

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(what, text) for what, text, _ in self.heard]


@pytest.fixture
def desk(world: World) -> Desk:
    made = Desk()
    world.deps.agencies["lapor"] = made  # type: ignore[index]
    world.dialogue.words = {
        "lapor": "make_complaint", "minta uang": "make_complaint", "kasar": "make_complaint", "bohong": "make_complaint",
        "terlambat": "make_complaint", "toilet": "make_complaint", "mengadu": "make_complaint", "keluhan saya": "track_complaint",
        **world.dialogue.words,
    }  # fmt: skip
    return made


def fields(said: list[dict[str, Any]]) -> str:
    return str(said[-1]["meta"].get("field") or said[-1]["meta"].get("kind"))


async def complain(world: World, who: Conversation, story: str = EXTORTION, how: str = "anonim") -> str:
    """A whole complaint without a picture; returns its number."""
    said = await world.say(who, story)
    answers = {
        "laporan.kejadian": "loket 3 di MPP, tadi pagi", "laporan.harapan": "ditindak", "pelapor.cara": how,
        "pelapor.nama": "Karso Wijaya", "pelapor.telepon": "081234567890", "_periksa": "kirim",
    }  # fmt: skip
    for _ in range(10):
        if said[-1]["meta"]["kind"] == "receipt":
            return str(said[-1]["meta"]["application"])
        said = await world.say(
            who, answers.get(fields(said), "kirim" if said[-1]["meta"]["kind"] == "review" else "lewati")
        )
    raise AssertionError(said)


async def push(world: World, state: str, key: str, note: str | None = None, ref: str = "LPR-1") -> list[dict[str, Any]]:
    assert await apply_status(world.deps, "lapor", AgencyStatus(ref, state, world.clock.now(), key, note))
    return []


async def answered(world: World, who: Conversation, key: str = "9") -> dict[str, Any]:
    """Handed in, and answered by the office; returns the news."""
    await errands(world)
    await push(world, "terbit", key, "Petugasnya sudah kami tegur.")
    return (await world.news(who))[-1]


def button(said: dict[str, Any], title: str) -> str:
    return next(str(b["payload"]) for b in said["buttons"] if b["title"] == title)


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
    assert "ditindaklanjuti" in (await world.news(who))[-1]["text"]


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


# -- after it was handed in --------------------------------------------------------------------------------------------


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
    assert "ditindaklanjuti" in (await world.say(who, payload=reopen))[-1]["text"]
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

"""A queue number by chatting, against the stand-in of the queue: taken, moved, given back, reminded, and what stands in the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bot.domain.conversation import Case, Citizen
from bot.usecases.errands import poll_case
from bot.usecases.remind import remind
from bot.usecases.submit import booking_receipt
from tests.usecases.conftest import CATALOGUE, NIK
from tests.usecases.queue_office import NAME, OTHER, Office, office, texts, titles

__all__ = ["office"]


# -- a number -----------------------------------------------------------------------------------------------------------------


async def test_five_answers_give_a_number_with_day_hour_and_a_paper(office: Office) -> None:
    who = await office.world.session()
    said = await office.say(who, "ambil antrean ktp")
    assert "KTP" in texts(said) and "setuju" in said[-1]["text"].lower()
    said = await office.say(who, "setuju")
    assert said[-1]["meta"]["field_type"] == "slot"
    assert titles(said)[:2] == ["Senin 2 Nov, 10.30", "Senin 2 Nov, 13.00"] and titles(said)[-1] == "Jam lain"
    assert "1. Senin 2 Nov, 10.30" in said[-1]["text"]
    said = await office.say(who, "besok jam 9")
    assert "Kami catat: Selasa, 3 November 2026 pukul 09.00." in texts(said)
    said = await office.say(who, NIK, NAME)
    assert "3 November 2026 pukul 09.00" in texts(said) and "KTP" in texts(said)
    said = await office.say(who, "kirim")
    assert "*A-013*" in texts(said) and "Selasa, 3 November 2026 pukul 09.00" in texts(said)
    assert titles(said) == ["Giliran saya kapan", "Ganti jadwal", "Batalkan"]
    assert await office.errands() == ["ticket done"]
    paper = await office.world.news(who)
    assert [a["name"] for one in paper for a in one["attachments"]] == ["antrean-CONTOH-A-013.pdf"]
    assert not (await office.world.conversation(who)).form_active


async def test_a_number_pressed_a_number_typed_and_another_time_are_understood(office: Office) -> None:
    who = await office.world.session()
    said = await office.say(who, "ambil antrean ktp", "setuju")
    first = titles(said)
    later = await office.press(who, said, "Jam lain")
    assert titles(later)[0] not in first and "lain" not in later[-1]["text"].partition("\n")[0]
    said = await office.say(who, "jumat")
    assert all(title.startswith("Jumat 6 Nov") for title in titles(said)[:-1]), titles(said)
    said = await office.say(who, "2")
    assert "Jumat, 6 November 2026 pukul 08.30" in texts(said) and said[-1]["meta"]["field"] == "pemohon.nik"


async def test_a_question_in_between_is_answered_and_the_times_are_asked_again(office: Office) -> None:
    who = await office.world.session()
    said = await office.say(who, "ambil antrean ktp", "setuju", "berapa biayanya?")
    assert "ratis" in texts(said) and said[-1]["meta"]["field_type"] == "slot" and "Jam lain" in titles(said)
    said = await office.say(who, "minggu jam 9")
    assert "tidak ada jam kosong" in texts(said) and "Senin 9 Nov, 08.00" in titles(said)


async def test_the_service_is_asked_when_none_was_named_and_a_proven_person_types_nothing(office: Office) -> None:
    world = office.world
    who = await world.session()
    said = await office.say(who, "ambil antrean", "setuju")
    assert said[-1]["meta"]["field"] == "tujuan.layanan" and len(titles(said)) == 10
    said = await office.say(who, "kartu keluarga", "besok jam 9")
    assert said[-1]["meta"]["field"] == "pemohon.nik"
    await office.say(who, "batal", "ya")
    person = world.agency.people[NIK]
    async with world.store.begin() as tx:
        citizen = Citizen(uuid4(), NIK, person.name, person.birth_date, person.data)
        await tx.save_citizen(citizen, world.clock.now())
        conversation = await tx.conversation(who.id, lock=True)
        conversation.citizen_id, conversation.assurance = citizen.id, 3
        conversation.assured_until = world.clock.now() + timedelta(days=1)
        await tx.save_conversation(conversation)
    said = await office.say(who, "ambil antrean ktp", "setuju", "besok jam 9")
    assert said[-1]["meta"]["kind"] == "review" and NAME in texts(said)
    assert "A-013" in texts(await office.say(who, "kirim"))


# -- what stands in the way ---------------------------------------------------------------------------------------------------


async def test_a_time_taken_meanwhile_is_asked_again_and_nothing_else(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "ambil antrean ktp", "setuju", "besok jam 9", NIK, NAME)
    await office.fill_slot("2026-11-03T09:00")
    said = await office.say(who, "kirim")
    assert "baru saja diambil" in texts(said) and said[-1]["meta"]["field"] == "janji.slot"
    assert titles(said)[0].startswith("Selasa 3 Nov") and "Selasa 3 Nov, 09.00" not in titles(said)
    said = await office.say(who, "1")
    assert said[-1]["meta"]["kind"] == "review"
    assert "Nomor antrean: *A-" in texts(await office.say(who, "kirim"))


async def test_a_full_time_that_is_wished_for_gets_the_nearest_ones_of_that_day(office: Office) -> None:
    await office.fill_slot("2026-11-03T09:00")
    who = await office.world.session()
    said = await office.say(who, "ambil antrean ktp", "setuju", "besok jam 9")
    assert "sudah penuh" in texts(said)
    assert titles(said)[:3] == ["Selasa 3 Nov, 08.00", "Selasa 3 Nov, 08.30", "Selasa 3 Nov, 09.30"]


async def test_a_second_number_for_the_same_service_shows_the_first_and_offers_to_move_it(office: Office) -> None:
    who = await office.world.session()
    await office.book(who)
    said = await office.say(who, "ambil antrean ktp")
    assert "sudah punya nomor" in texts(said) and "*A-013*" in texts(said)
    assert titles(said) == ["Giliran saya kapan", "Ganti jadwal", "Batalkan", "Untuk orang lain"]
    assert not (await office.world.conversation(who)).form_active
    # Also when the same NIK comes by the way for somebody else.
    await office.press(who, said, "Untuk orang lain")
    said = await office.say(who, "setuju", "besok jam 10", NIK, NAME, "kirim")
    assert "satu orang satu nomor" in texts(said) and "*A-013*" in texts(said)
    assert "Ganti jadwal" in titles(said)


async def test_a_number_taken_elsewhere_is_refused_without_a_word_about_it(office: Office) -> None:
    await office.book(await office.world.session())
    stranger = await office.world.session()
    said = await office.book(stranger)
    assert "bukan dari obrolan ini" in texts(said)
    assert "A-013" not in texts(said) and "09.00" not in said[0]["text"]
    said = await office.say(stranger, "ubah NIK", OTHER, "kirim")
    assert "*A-014*" in texts(said)


async def test_one_chat_takes_numbers_for_a_family_but_not_to_trade_with(office: Office) -> None:
    who = await office.world.session()
    await office.book(who)
    await office.say(who, "ambil antrean kia", "setuju", "besok jam 9", OTHER, "Siti Aminah", "kirim")
    said = await office.press(who, await office.say(who, "ambil antrean ktp"), "Untuk orang lain")
    said = await office.say(who, "setuju", "besok jam 9", OTHER, "Siti Aminah", "kirim")
    assert "*A-015*" in texts(said)
    said = await office.press(who, await office.say(who, "ambil antrean kia"), "Untuk orang lain")
    assert "sudah ada 3 nomor" in texts(said) and not (await office.world.conversation(who)).form_active


async def test_an_agency_that_is_away_is_said_kindly_and_the_answers_are_kept(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "ambil antrean ktp")
    await office.faults(mode="down")
    said = await office.say(who, "setuju")
    assert "sedang gangguan" in texts(said) and "Bicara dengan petugas" in titles(said)
    said = await office.say(who, "besok jam 9")
    assert "sedang gangguan" in texts(said) and said[-1]["meta"]["field"] == "janji.slot"
    await office.faults(mode="none")
    said = await office.say(who, "besok jam 9")
    assert said[-1]["meta"]["field"] == "pemohon.nik"


async def test_a_wish_sent_while_the_agency_is_away_becomes_a_number_when_it_is_back(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "ambil antrean ktp", "setuju", "besok jam 9", NIK, NAME)
    await office.faults(mode="down")
    said = await office.say(who, "kirim")
    assert "sudah tersimpan" in texts(said) and (await office.case(who)).state == "diajukan"
    assert await office.errands() == ["submit due"]
    await office.faults(mode="none")
    office.world.clock.at += timedelta(minutes=10)
    assert await office.errands() == ["submit done", "ticket done"]
    news = await office.world.news(who)
    assert "*A-013*" in texts(news) and [a["name"] for one in news for a in one["attachments"]]


async def test_a_lost_answer_makes_no_second_number(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "ambil antrean ktp", "setuju", "besok jam 9", NIK, NAME)
    await office.faults(mode="lost", remaining=1)
    assert "sudah tersimpan" in texts(await office.say(who, "kirim"))
    assert await office.errands() == ["submit done", "ticket done"]
    assert "*A-013*" in texts(await office.world.news(who))
    free = await office.agency.slots("ktp", "mpp", datetime(2026, 11, 3).date(), datetime(2026, 11, 3).date())
    assert next(slot.free for slot in free if slot.starts_at == datetime(2026, 11, 3, 2, tzinfo=UTC)) == 3


async def test_a_time_lost_during_an_outage_is_the_only_thing_asked_again(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "ambil antrean ktp", "setuju", "besok jam 9", NIK, NAME)
    await office.faults(mode="down")
    await office.say(who, "kirim")
    await office.faults(mode="none")
    await office.fill_slot("2026-11-03T09:00")
    office.world.clock.at += timedelta(minutes=10)
    await office.errands()
    news = await office.world.news(who)
    assert "keburu penuh" in texts(news), texts(news)
    said = await office.say(who, "lanjut")
    assert said[-1]["meta"]["field"] == "janji.slot"
    said = await office.say(who, "besok jam 10")
    assert said[-1]["meta"]["kind"] == "review"
    assert "Nomor antrean: *A-025*" in texts(await office.say(who, "kirim"))


# -- one's own number -----------------------------------------------------------------------------------------------------------


async def test_another_time_is_one_question_and_the_old_one_holds_until_then(office: Office) -> None:
    who = await office.world.session()
    said = await office.book(who)
    await office.errands()
    await office.world.news(who)
    said = await office.press(who, said, "Ganti jadwal")
    assert said[-1]["meta"]["field"] == "janji.slot" and "Jam lain" in titles(said)
    left = await office.say(who, "batal", "ya")
    assert "tetap berlaku" in texts(left)
    assert (await office.agency.ticket(str((await office.case(who)).agency_ref))).number == "A-013"
    said = await office.say(who, "ganti jadwal antrean")
    assert said[-1]["meta"]["field"] == "janji.slot" and "Jam lain" in titles(said)
    said = await office.say(who, "rabu jam 10")
    assert "*A-025*" in texts(said) and "Rabu, 4 November 2026 pukul 10.00" in texts(said)
    assert await office.errands() == ["ticket-1 done"]
    assert [a["name"] for one in await office.world.news(who) for a in one["attachments"]] == [
        "antrean-CONTOH-A-025.pdf"
    ]
    said = await office.say(who, "status")
    assert "A-025" in texts(said) and "A-013" not in texts(said)


async def test_a_number_given_back_is_free_again_and_another_can_be_taken(office: Office) -> None:
    who = await office.world.session()
    said = await office.book(who)
    await office.errands()
    sure = await office.press(who, said, "Batalkan")
    assert "Batalkan nomor *A-013*" in texts(sure)
    await office.press(who, sure, "Ya, batalkan")
    await office.errands()
    assert "sudah dibatalkan" in texts(await office.world.news(who))
    assert "*A-013*" in texts(await office.book(await office.world.session(), OTHER))
    assert "setuju" in texts(await office.say(who, "ambil antrean ktp")).lower()


async def test_a_stranger_cannot_touch_a_number_by_its_button(office: Office) -> None:
    who, stranger = await office.world.session(), await office.world.session()
    said = await office.book(who)
    for title in ("Giliran saya kapan", "Ganti jadwal", "Batalkan"):
        answer = await office.press(stranger, said, title)
        assert answer is not None and "A-013" not in texts(await office.world.news(stranger))
    assert (await office.agency.ticket(str((await office.case(who)).agency_ref))).state == "waiting"


async def test_the_place_in_the_line_is_told_from_the_counter(office: Office) -> None:
    who, before = await office.world.session(), await office.world.session()
    await office.say(before, "ambil antrean ktp", "setuju", "hari ini jam 11", OTHER, "Siti Aminah", "kirim")
    await office.say(who, "ambil antrean ktp", "setuju", "hari ini jam 11", NIK, NAME, "kirim")
    said = await office.say(who, "antrean saya nomor berapa?")
    assert "Masih ada 1 orang di depan" in texts(said) and "belum ada" in texts(said) and "11.05" not in texts(said)
    office.world.clock.at += timedelta(hours=1)
    await office.call()
    said = await office.say(who, "sekarang nomor berapa ya")
    assert "A-037" in texts(said) and "Tidak ada orang lagi" in texts(said)
    await office.faults(mode="down")
    said = await office.say(who, "giliran saya masih lama?")
    assert "tidak bisa dihubungi" in texts(said) and "A-038" in texts(said)


async def test_soon_called_and_served_are_told_by_the_agency(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "ambil antrean ktp", "setuju", "hari ini jam 11", NIK, NAME, "kirim")
    other = await office.world.session()
    await office.say(other, "ambil antrean ktp", "setuju", "hari ini jam 10.30", OTHER, "Siti Aminah", "kirim")
    await office.errands()
    await office.world.news(who)
    office.world.clock.at += timedelta(hours=1)
    await office.call()
    await poll_case(office.world.deps, await office.case(who))
    assert "Sebentar lagi giliran Anda" in texts(await office.world.news(who))
    await office.call()
    await poll_case(office.world.deps, await office.case(who))
    assert "sedang dipanggil" in texts(await office.world.news(who))
    office.world.clock.at += timedelta(minutes=20)
    await poll_case(office.world.deps, await office.case(who))
    assert "tidak berlaku lagi" in texts(await office.world.news(who))  # nobody was there


async def test_a_reminder_comes_the_day_before_and_only_for_the_day_that_holds(office: Office) -> None:
    who = await office.world.session()
    said = await office.say(who, "ambil antrean ktp", "setuju", "rabu jam 9", NIK, NAME, "kirim")
    await office.errands()
    await office.press(who, said, "Ganti jadwal")
    await office.say(who, "kamis jam 9")
    await office.errands()
    await office.world.news(who)
    clock = office.world.clock
    clock.at = datetime(2026, 11, 3, 9, 1, tzinfo=UTC)  # Tuesday at four, before the old day
    assert await remind(office.world.deps) == 0
    clock.at = datetime(2026, 11, 4, 8, 59, tzinfo=UTC)
    assert await remind(office.world.deps) == 0
    clock.at = datetime(2026, 11, 4, 9, 1, tzinfo=UTC)  # Wednesday at four in Tegal
    assert await remind(office.world.deps) == 1
    news = await office.world.news(who)
    assert "besok jadwal antrean" in texts(news) and "Kamis, 5 November 2026 pukul 09.00" in texts(news)
    assert "Batalkan" in titles(news)
    assert await remind(office.world.deps) == 0


async def test_a_booked_visit_to_the_mpp_offers_a_number_with_its_hour(office: Office) -> None:
    who = await office.world.session()
    service = CATALOGUE.services["ktp"]
    pemula = service.variant("pemula")
    now = office.world.clock.now()
    for place, offered in (("mpp", True), ("disdukcapil", False)):
        draft = {"answers": {"kunjungan.tempat": place}}
        case = Case(uuid4(), "33.28", "ktp", who.id, "diajukan", draft, "dukcapil", now, now, reference="LKT-1")
        receipt = booking_receipt(office.world.deps, who, case, pemula, True)
        payloads = [button.payload for button in receipt.buttons]
        assert ("niat:book_queue:ktp" in payloads) is offered


# -- jemput bola ----------------------------------------------------------------------------------------------------------------


async def test_a_visit_is_explained_asked_for_and_told_its_day(office: Office) -> None:
    who = await office.world.session()
    said = await office.say(who, "jemput bola itu apa")
    assert "lansia" in texts(said)
    said = await office.press(who, said, "Ajukan jemput bola")
    assert "tidak bisa datang" in said[-1]["text"]
    said = await office.say(
        who, "sudah sepuh", "setuju", "Mbah Karto", "ktp", "Procot, Slawi", "Jl. Contoh 1 RT 1 RW 2", "0812 3456 7890"
    )
    assert said[-1]["meta"]["kind"] == "review" and "Mbah Karto" in texts(said)
    said = await office.say(who, "kirim")
    assert "jemput bola" in texts(said).lower() and "LKT-" in texts(said)
    await office.errands()
    form = {"desa": "33.28.10.1008", "tanggal": "2026-11-10", "mulai": "09:00", "selesai": "12:00"}
    async with office.http.post(f"{office.url}/petugas/antrean/kunjungan", data=form) as response:
        assert response.status == 200
    await poll_case(office.world.deps, await office.case(who, "jemput-bola"))
    news = await office.world.news(who)
    assert "Selasa, 10 November 2026, antara pukul 09.00 dan 12.00" in texts(news) and "Batalkan" in titles(news)


async def test_who_can_come_is_shown_the_nearest_way_instead(office: Office) -> None:
    who = await office.world.session()
    await office.say(who, "minta jemput bola")
    said = await office.say(who, "alasan lain")
    assert "Rumah Paten" in texts(said) and not (await office.world.conversation(who)).form_active


async def test_the_reason_in_the_persons_own_words_is_not_asked_again(office: Office) -> None:
    who = await office.world.session()
    said = await office.say(who, "minta jemput bola, ibu saya stroke")
    assert "Sakit" in texts(said) and "setuju" in said[-1]["text"].lower()


async def test_the_ticket_in_chat_says_where_it_is_shown_with_its_code(office: Office) -> None:
    object.__setattr__(office.world.deps, "ticket_url", "https://loket.test/antrean")
    who = await office.world.session()
    said = await office.book(who)
    number = next(one["meta"]["application"] for one in said if one["meta"].get("application"))
    assert f"https://loket.test/antrean/{number}" in texts(said)

"""One application from hello to receipt, and what people do in between."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from bot.ports import Understanding
from bot.usecases.handoff import claim, reply, return_to_bot
from bot.usecases.identity import decide
from tests.usecases.conftest import NIK, World
from tests.usecases.desk import ANI
from tests.usecases.script import FIELDS, IDENTITY, apply, fill, prove


def kinds(answers: list[dict]) -> list[str]:
    return [answer["meta"]["kind"] for answer in answers]


def asked(answers: list[dict]) -> str | None:
    return answers[-1]["meta"].get("field")


async def test_a_citizen_applies_and_gets_a_number_and_a_promised_date(world: World) -> None:
    who = await world.session()
    review = await fill(world, who)
    assert kinds(review)[-1] == "review" and any("Siti Aminah" in part["text"] for part in review)
    receipt = (await world.say(who, "kirim"))[-1]
    assert receipt["meta"]["kind"] == "receipt"
    assert receipt["meta"]["application"].startswith("LKT-") and NIK not in receipt["text"]
    assert "5 November 2026" in receipt["text"]  # Monday 2 November and three working days


async def test_nothing_the_person_types_into_the_form_reaches_the_dialogue(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    seen = " ".join(world.dialogue.seen)
    assert not any(character.isdigit() for character in " ".join(world.dialogue.read))
    for secret in (NIK, "Siti", "Aminah", "Sri Lestari", "081234567890", "Joko", "3328995203920002", "17 agt"):
        assert secret not in seen


async def test_thread_drafts_and_steps_are_unreadable_in_the_database(world: World) -> None:
    who = await world.session()
    await fill(world, who)
    async with world.store.begin() as tx:
        for table in ("message", "application", "citizen", "inbox", "turn_step", "blob"):
            for row in await tx.run(text(f"select * from {table}")):
                whole = b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
                assert NIK.encode() not in whole and b"Siti Aminah" not in whole


async def test_a_question_in_between_is_answered_and_the_form_goes_on(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    for answer in FIELDS[:4]:
        await world.say(who, answer)
    answers = await world.say(who, "berapa biayanya?")
    assert "Gratis" in answers[0]["text"] and asked(answers) == "anak.nama"
    assert asked(await world.say(who, "Siti Aminah")) == "anak.jenis_kelamin"


async def test_a_name_that_resembles_a_wish_in_a_sentence_is_still_masked(world: World) -> None:
    who = await world.session()
    await world.say(who, f"halo saya {NIK} mau tanya ke budi@contoh.id")
    assert NIK not in world.dialogue.seen[-1] and "budi@" not in world.dialogue.seen[-1]


async def test_a_wrong_pair_of_nik_and_birth_date_is_asked_again_without_saying_which_was_wrong(world: World) -> None:
    who = await world.session()
    for answer in ("mau buat akta kelahiran", "ya", NIK):
        await world.say(who, answer)
    answers = await world.say(who, "18-8-1990")
    assert "tidak cocok" in answers[0]["text"] and asked(answers) == "identitas.nik"
    await world.say(who, NIK)
    assert asked(await world.say(who, "17-8-1990")) == "identitas.selfie"


async def test_after_six_wrong_pairs_the_register_is_not_asked_any_more(world: World) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran")
    await world.say(who, "ya")
    for day in range(1, 7):
        await world.say(who, NIK)
        await world.say(who, f"{day}-1-1980")
        world.clock.at += timedelta(hours=1)
    await world.say(who, NIK)
    answers = await world.say(who, "17-8-1990")
    assert "berhenti" in answers[0]["text"] and answers[0]["buttons"]
    assert (await world.conversation(who)).assurance < 2


async def test_register_data_are_shown_only_after_the_face_was_verified(world: World) -> None:
    who = await world.session()
    said = ""
    for answer in IDENTITY:
        said += " ".join(reply["text"] for reply in await world.say(who, answer))
    assert "Karso" not in said and "3328992501150001" not in said
    said = await world.send(who, "selfie", b"match")
    assert "Karso" not in said[-1]["text"]  # the second picture decides
    answers = await world.send(who, "selfie", world.posed(said))
    assert "Karso Wijaya" in answers[-1]["text"]
    assert (await world.conversation(who)).assurance == 3


async def test_the_selfie_of_somebody_else_is_refused_and_no_picture_stays(world: World) -> None:
    who = await world.session()
    for answer in IDENTITY:
        await world.say(who, answer)
    answers = await world.send(who, "selfie", b"no_match")
    assert "belum cocok" in answers[0]["text"] and asked(answers) == "identitas.selfie"
    async with world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from blob"))).scalar_one() == 0
    assert (await world.conversation(who)).assurance == 2


async def test_after_six_failed_selfies_a_person_has_to_help(world: World) -> None:
    who = await world.session()
    for answer in IDENTITY:
        await world.say(who, answer)
    for _ in range(6):
        await world.send(who, "selfie", world.fresh(b"no_match"))
        world.clock.at += timedelta(hours=1)
    answers = await world.send(who, "selfie", b"match")
    assert "petugas" in answers[0]["text"].lower() and (await world.conversation(who)).assurance == 2


async def test_a_borderline_selfie_waits_for_an_officer_and_then_goes_on(world: World) -> None:
    who = await world.session()
    for answer in IDENTITY:
        await world.say(who, answer)
    answers = await world.selfies(who, b"officer")
    assert "petugas" in answers[-1]["text"] and len(answers) == 1
    assert "masih dilihat" in (await world.say(who, "lanjut"))[-1]["text"]
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    await decide(world.deps, check.id, True, "officer-1")
    answers = await world.news(who)
    assert "memastikan" in answers[0]["text"] and asked(answers) == "pelapor.*"
    assert asked(await world.say(who, "ya")) == "pelapor.hubungan"
    async with world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from blob"))).scalar_one() == 0


async def test_a_refused_borderline_selfie_asks_for_a_new_one(world: World) -> None:
    who = await world.session()
    for answer in IDENTITY:
        await world.say(who, answer)
    await world.selfies(who, b"officer")
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    await decide(world.deps, check.id, False, "officer-1")
    assert asked(await world.news(who)) == "identitas.selfie"
    assert asked(await world.selfies(who)) == "pelapor.*"


async def test_a_second_application_does_not_ask_for_identity_again(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await world.say(who, "mau buat akta kelahiran")
    assert asked(await world.say(who, "ya")) == "pelapor.*"


async def test_a_proof_ends_with_its_time(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    world.clock.at += timedelta(hours=25)
    await world.say(who, "mau buat akta kelahiran")
    assert asked(await world.say(who, "ya")) == "identitas.nik"


async def test_back_pause_resume_and_where_was_i(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, "ya")
    assert asked(await world.say(who, "ayah")) == "pelapor.telepon"
    assert asked(await world.say(who, "kembali")) == "pelapor.hubungan"
    await world.say(who, "ibu")
    assert "bagian" in (await world.say(who, "sampai mana"))[0]["text"]
    paused = await world.say(who, "nanti dulu")
    assert len(paused) == 1 and not (await world.conversation(who)).form_active
    assert "Gratis" in (await world.say(who, "berapa biaya akta?"))[-1]["text"]
    assert asked(await world.say(who, "lanjut")) == "pelapor.telepon"


async def test_cancelling_asks_once_and_sends_nothing(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, "batal")
    answers = await world.say(who, "ya")
    assert "dibatalkan" in answers[-1]["text"] and not world.agency.submitted
    assert not (await world.conversation(who)).form_active


async def test_an_old_button_is_noticed(world: World) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran")
    old = (await world.say(who, "ulang"))[-1]["buttons"][0]["payload"]
    await world.say(who, "ya")
    answers = await world.say(who, payload=old)
    assert answers[0]["meta"]["kind"] == "error" and asked(answers) == "identitas.nik"


async def test_unusable_messages_get_a_sentence_and_the_open_question_again(world: World) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran")
    for text_, said in (("   ", "kosong"), ("x" * 5000, "terlalu panjang")):
        answers = await world.say(who, text_)
        assert said in answers[0]["text"] and asked(answers) == "persetujuan.setuju"
    answers = await world.send(who, "document", b"paper")
    assert answers and asked(answers) == "persetujuan.setuju"


async def test_a_typed_slash_command_is_only_text(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    answers = await world.say(who, "/restart")
    assert asked(answers) == "pelapor.*"
    assert not any(seen.startswith("/restart") for seen in world.dialogue.seen)


async def test_an_agent_answers_in_the_same_chat_and_the_form_goes_on_afterwards(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, "ya")
    answers = await world.say(who, "petugas")
    assert answers[0]["meta"]["kind"] == "handoff" and asked(answers) == "pelapor.hubungan"
    async with world.store.begin() as tx:
        (ticket,) = await tx.tickets("33.28")
    await claim(world.deps, ticket.id, ANI)
    assert "Ani" in (await world.news(who))[0]["text"]
    assert await world.say(who, "ayah") == []  # the bot is silent
    await reply(world.deps, ticket.id, ANI, "Ada yang bisa dibantu?", "k1")
    await reply(world.deps, ticket.id, ANI, "Ada yang bisa dibantu?", "k1")
    (said,) = await world.news(who)
    assert said["from"] == "agent"
    await return_to_bot(world.deps, ticket.id, ANI)
    assert asked(await world.news(who)) == "pelapor.hubungan"
    assert asked(await world.say(who, "ayah")) == "pelapor.telepon"


async def test_asking_for_a_person_twice_keeps_the_place_in_line(world: World) -> None:
    first, second = await world.session(), await world.session()
    one = (await world.say(first, "petugas"))[0]["meta"]["ticket"]
    assert "urutan ke-2" in (await world.say(second, "petugas"))[0]["text"]
    assert (await world.say(first, "petugas"))[0]["meta"]["ticket"] == one


async def test_two_texts_not_understood_in_a_row_offer_a_person(world: World) -> None:
    who = await world.session()
    await world.say(who, "qwerty")
    answers = await world.say(who, "asdfgh")
    assert any("petugas" in button["title"].lower() for button in answers[-1]["buttons"])


async def test_a_service_named_without_a_wish_is_asked_about(world: World) -> None:
    who = await world.session()
    (answer,) = await world.say(who, "akta lahir")
    assert answer["meta"]["service"] == "akta-kelahiran" and len(answer["buttons"]) == 5
    assert "Gratis" in (await world.say(who, payload=answer["buttons"][1]["payload"]))[0]["text"]


async def test_hurrying_on_is_no_consent(world: World) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta kelahiran")
    assert asked(await world.say(who, "lanjut")) == "persetujuan.setuju"
    assert asked(await world.say(who, "tidak")) == "persetujuan.setuju"
    assert asked(await world.say(who, "saya setuju")) == "identitas.nik"
    async with world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from consent"))).scalar_one() == 1


async def test_after_a_pause_the_answer_itself_goes_on_with_the_form(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, FIELDS[0])
    before = (await world.say(who, "nanti dulu"))[-1]
    assert not (await world.conversation(who)).form_active and before["buttons"]
    said = await world.say(who, FIELDS[1])
    assert "lanjutkan" in said[0]["text"] and said[-1]["meta"]["field"] == "pelapor.telepon"
    assert (await world.conversation(who)).form_active


async def test_after_a_pause_a_question_is_answered_and_the_form_rests_on(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    await world.say(who, "nanti dulu")
    said = await world.say(who, "berapa biayanya?")
    assert "field" not in said[-1]["meta"] and not (await world.conversation(who)).form_active


async def test_a_bare_name_or_place_is_no_wish_unless_it_looks_like_nothing_else(world: World) -> None:
    async def understood(said: str) -> Understanding:
        sure = {"Pekalongan": 0.75, "syarat ktp": 0.97, "ongkos bikin ktp": 0.7}.get(said, 0.3)
        return Understanding(said, "ask_requirements" if said == "syarat ktp" else "ask_cost", sure, None)

    who = await world.session()
    await prove(world, who)
    for said in FIELDS[: FIELDS.index("Tegal")]:
        answers = await world.say(who, said)
    assert asked(answers) == "anak.tempat_lahir"
    world.dialogue.words["ongkos"] = "ask_cost"
    world.dialogue.parse = understood  # type: ignore[method-assign]
    for said in ("syarat ktp", "ongkos bikin ktp"):
        assert asked(await world.say(who, said)) == "anak.tempat_lahir", f"{said}: answered in between"
    assert asked(await world.say(who, "Pekalongan")) == "anak.tanggal_lahir"

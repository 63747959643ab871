"""Talk outside the form: half understood, two wishes, another language, numbers for buttons, frequent questions."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.nlu.normalise import words
from bot.domain.catalogue import Fact, Faq
from bot.domain.faq import FaqIndex
from bot.usecases.dialogue_steps import DialogueSteps
from tests.usecases.conftest import World


def titles(answer: dict) -> list[str]:
    return [button["title"] for button in answer["buttons"]]


async def test_half_understood_is_asked_back_with_what_it_may_have_been(world: World) -> None:
    who = await world.session()
    world.dialogue.ranking = (("ask_cost", 0.3), ("ask_duration", 0.25), ("greet", 0.2), ("track_application", 0.13))
    (answer,) = await world.say(who, "hmm itu gimana ya")
    assert titles(answer) == ["Biayanya", "Berapa lama", "Cek status", "Bicara dengan petugas"]


async def test_not_understood_twice_leads_to_a_person_and_understanding_starts_anew(world: World) -> None:
    who = await world.session()
    await world.say(who, "xqzt")
    (answer,) = await world.say(who, "xqzt lagi")
    assert titles(answer) == ["Bicara dengan petugas"]
    await world.say(who, "syarat akta lahir")
    assert (await world.conversation(who)).misses == 0


async def test_yes_to_the_offer_of_a_person_calls_one(world: World) -> None:
    who = await world.session()
    await world.say(who, "xqzt")
    await world.say(who, "xqzt lagi")
    (answer,) = await world.say(who, "boleh")
    assert answer["meta"]["kind"] == "handoff"


async def test_the_second_wish_of_a_message_is_offered_and_yes_takes_it(world: World) -> None:
    who = await world.session()
    world.dialogue.also = "ask_cost:akta-kelahiran"
    answers = await world.say(who, "berapa lama akta jadi, sama bayar berapa ya")
    world.dialogue.also = None
    assert "hari" in answers[0]["text"] and titles(answers[1]) == ["Biayanya"]
    (answer,) = await world.say(who, "iya mau")
    assert "Gratis" in answer["text"]


async def test_a_number_presses_the_button_with_that_number(world: World) -> None:
    who = await world.session()
    (asked,) = await world.say(who, "syarat")
    at = titles(asked).index("Akta Kelahiran") + 1
    (answer,) = await world.say(who, str(at))
    assert answer["meta"]["service"] == "akta-kelahiran"


async def test_the_name_alone_answers_which_service(world: World) -> None:
    who = await world.session()
    await world.say(who, "berapa biaya")
    (answer,) = await world.say(who, "akta lahir")
    assert "Gratis" in answer["text"]


async def test_a_licence_without_profession_is_answered_in_general_and_asked_about_when_applied_for(
    world: World,
) -> None:
    who = await world.session()
    (answer,) = await world.say(who, "syarat sip")
    assert "SIP tenaga kesehatan" in answer["text"]
    (asked,) = await world.say(who, "mau buat sip")
    assert "profesi" in asked["text"]
    answers = await world.say(who, "bidan")
    assert answers[-1]["meta"]["field"] and (await world.conversation(who)).topic == "sip-bidan"


async def test_the_licence_after_a_profession_was_named_is_that_profession_s(world: World) -> None:
    who = await world.session()
    await world.say(who, "berapa biaya sip bidan")
    answers = await world.say(who, "mau buat sip")
    assert answers[-1]["meta"]["service"] == "sip-bidan"


async def test_the_language_follows_the_citizen_and_says_how_to_change_it(world: World) -> None:
    who = await world.session()
    await world.say(who, "halo")
    answers = await world.say(who, "nyong pan takon syarat akta lair kiye apa bae ya kang")
    assert "basa Jawa" in answers[0]["text"] and "Syarate" in answers[1]["text"]
    (answer,) = await world.say(who, "syarat akta")
    assert "Syarate" in answer["text"]


async def test_a_chosen_language_stays(world: World) -> None:
    who = await world.session()
    world.dialogue.ranking = ()
    async with world.store.begin() as tx:
        conversation = await tx.conversation(who.id, lock=True)
        conversation.language_set = True
        await tx.save_conversation(conversation)
    answers = await world.say(who, "nyong pan takon syarat akta lair kiye apa bae ya kang")
    assert answers[0]["text"].startswith("Syarat")


def _with_faq(world: World) -> None:
    answer = Fact({"id": "Tidak perlu surat pengantar RT.", "en": "No letter.", "jv": "Mboten perlu."}, "test", True)
    index = FaqIndex([Faq("surat-rt", ("apa perlu surat pengantar RT?", "harus minta surat RT dulu"), answer)], words)
    world.deps = replace(world.deps, faqs=lambda: index)
    world.dialogue.steps = DialogueSteps(world.deps)


async def test_a_frequent_question_is_answered_in_place_of_the_wish(world: World) -> None:
    _with_faq(world)
    who = await world.session()
    (answer,) = await world.say(who, "apa masih perlu surat pengantar rt pak?")
    assert "Tidak perlu" in answer["text"]


async def test_a_wish_to_act_is_never_taken_for_a_frequent_question(world: World) -> None:
    _with_faq(world)
    who = await world.session()
    answers = await world.say(who, "mau buat akta lahir")
    assert answers[-1]["meta"]["field"] == "persetujuan.setuju"


async def test_three_wishes_in_one_message_are_all_offered_by_name(world: World) -> None:
    who = await world.session()
    world.dialogue.also = "ask_duration:akta-kelahiran,ask_cost:kia"
    answers = await world.say(who, "syarat akta lahir, lama ga, terus biaya kia")
    world.dialogue.also = None
    assert titles(answers[-1]) == ["Berapa lama", "Biayanya: Kartu Identitas Anak"]
    (answer,) = await world.say(who, "2")
    assert answer["meta"]["service"] == "kia"


async def test_where_a_form_was_opened_the_other_wish_is_kept_for_later_and_yes_is_not_asked_for(world: World) -> None:
    who = await world.session()
    world.dialogue.also = "start_application:kia"
    answers = await world.say(who, "mau buat akta lahir sama kia sekalian")
    world.dialogue.also = None
    (said,) = [a for a in answers if "juga menyebut" in a["text"]]
    assert "Ajukan Kartu Identitas Anak" in said["text"] and said["buttons"] == [] and "*ya*" not in said["text"]


async def test_a_number_that_nobody_asked_for_is_asked_about_and_the_nik_is_not_wanted_loose(world: World) -> None:
    world.dialogue.ranking = (("deny", 0.9),)
    (answer,) = await world.say(await world.session(), "3328995005550001")
    assert "NIK hanya kalau" in answer["text"] and "Cek status" in titles(answer)


async def test_who_greets_again_is_not_welcomed_at_length(world: World) -> None:
    who = await world.session()
    (first,) = await world.say(who, "halo")
    (again,) = await world.say(who, "halo")
    assert "tidak pernah" in first["text"] and "tidak pernah" not in again["text"] and again["text"]


async def test_what_does_it_cost_is_first_answered_for_all_of_the_civil_registry(world: World) -> None:
    (answer,) = await world.say(await world.session(), "berapa biaya")
    assert "gratis" in answer["text"] and "KTP-el" in titles(answer)


async def test_nothing_to_cancel_offers_no_new_application(world: World) -> None:
    (answer,) = await world.say(await world.session(), "batal")
    assert titles(answer) == ["Cek status", "Bicara dengan petugas"]

"""What a person sees of themselves and may change, and where it shows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from bot.usecases.notify import preferred
from tests.usecases.conftest import NIK, World
from tests.usecases.script import apply, prove


async def proven(world: World) -> Any:
    """Somebody at level 3, with no form open."""
    who = await world.session()
    await prove(world, who)
    await world.say(who, "batal")
    await world.say(who, "ya")
    return who


def said(answers: list[dict[str, Any]]) -> str:
    return "\n".join(one["text"] for one in answers)


async def test_nothing_of_the_register_is_shown_before_the_face_is_proven(world: World) -> None:
    who = await world.session()
    seen = await world.say(who, payload="niat:view_profile")
    assert "data diri belum saya tampilkan" in said(seen) and "Belum ada permohonan" in said(seen)
    assert NIK[-4:] not in said(seen)


async def test_the_profile_shows_masked_data_contacts_and_every_request(world: World) -> None:
    who = await world.session()
    number = await apply(world, who)
    seen = said(await world.say(who, payload="niat:view_profile"))
    assert "Karso Wijaya" in seen and f"{NIK[:4]}********{NIK[-4:]}" in seen and NIK not in seen
    assert "diubah lewat layanan Dukcapil" in seen and "Nomor HP: belum ada" in seen
    assert number in seen and "2 November 2026" in seen and "menunggu diperiksa" in seen


@pytest.mark.parametrize(
    ("what", "value", "shown"),
    [
        ("nomor hp", "0812-3456-7890", "+62 ••• 7890 (belum dipastikan)"),
        ("email", "karso.wijaya@contoh.id", "k***@contoh.id (belum dipastikan)"),
        ("jalur kabar", "telegram", "Kabar dikirim lewat: Telegram"),
    ],
)
async def test_contact_data_are_changed_in_a_short_form_and_shown_masked(
    world: World, what: str, value: str, shown: str
) -> None:
    who = await proven(world)
    await world.say(who, payload="niat:update_profile")
    for answer in (what, "ya", value, "kirim"):
        answers = await world.say(who, answer)
    assert "disimpan" in said(answers) or "lewat Telegram" in said(answers) or "Telegram belum" in said(answers)
    seen = said(await world.say(who, payload="niat:view_profile"))
    assert shown in seen and value not in seen
    assert "Data kontak" not in seen  # the change itself is no request
    async with world.store.engine.connect() as connection:
        kept = (await connection.execute(text("select value_sealed from contact"))).scalar_one()
    assert value.encode() not in bytes(kept)


async def test_what_was_said_once_fills_the_next_form(world: World) -> None:
    who = await proven(world)
    await world.say(who, payload="niat:update_profile")
    for answer in ("nomor hp", "ya", "0812-3456-7890", "kirim"):
        await world.say(who, answer)
    await world.say(who, "mau buat akta kelahiran")
    asked = []
    answers = await world.say(who, "ya")
    for text_ in ("ya", "ayah"):
        asked.append(answers[-1]["meta"]["field"])
        answers = await world.say(who, text_)
    assert answers[-1]["meta"]["field"] != "pelapor.telepon"


async def test_the_language_counts_in_every_connected_chat(world: World) -> None:
    who, other = await proven(world), await world.session()
    async with world.store.begin() as tx:
        joined = await tx.conversation(other.id, lock=True)
        joined.person_id = (await tx.conversation(who.id)).person_id
        await tx.save_conversation(joined)
    await world.say(who, payload="niat:update_profile")
    for answer in ("bahasa", "ya", "inggris"):
        await world.say(who, answer)
    await world.say(who, "kirim")
    assert (await world.conversation(who)).language == "en"
    there = await world.conversation(other)
    assert there.language == "en" and there.language_set


async def test_data_of_the_register_are_referred_to_their_services(world: World) -> None:
    who = await proven(world)
    await world.say(who, payload="niat:update_profile")
    answers = said(await world.say(who, "nama saya"))
    assert "F-1.06" in answers and "Kartu Keluarga" in answers
    assert not (await world.conversation(who)).form_active


async def test_who_names_data_of_the_register_is_referred_at_once_without_consent_or_form(world: World) -> None:
    who = await world.session()
    answers = said(await world.say(who, payload="niat:update_profile:profil:data-diri"))
    assert "F-1.06" in answers and "Anda setuju" not in answers
    assert not (await world.conversation(who)).form_active


async def test_a_stranger_proves_themselves_first(world: World) -> None:
    who = await world.session()
    await world.say(who, payload="niat:update_profile")
    await world.say(who, "email")
    answers = await world.say(who, "ya")
    assert answers[-1]["meta"]["field"] == "identitas.nik"


async def test_a_number_the_person_writes_from_is_confirmed_and_the_chosen_channel_rings(
    world: World, phone: Any
) -> None:
    who = await proven(world)
    number = "+628000000001"
    async with world.store.begin() as tx:
        here = await tx.conversation(who.id)
        made = []
        for account, address in (("telegram:1", "77"), ("whatsapp:1", number)):
            one = await tx.open_conversation(account, address, "33.28", "id", world.clock.now())
            one = await tx.conversation(one.id, lock=True)
            one.person_id, one.citizen_id, one.last_inbound_at = here.person_id, here.citizen_id, world.clock.now()
            await tx.save_conversation(one)
            made.append(one)
    telegram, whatsapp = made
    await world.say(who, payload="niat:update_profile")
    for answer in ("nomor hp", "ya", number, "kirim"):
        answers = await world.say(who, answer)
    assert "sudah pasti milik Anda" in said(answers)
    async with world.store.begin() as tx:
        assert (await preferred(tx, await tx.conversation(who.id))).id == whatsapp.id  # used last
    await world.say(who, payload="niat:update_profile")
    for answer in ("jalur kabar", "ya", "telegram", "kirim"):
        await world.say(who, answer)
    async with world.store.begin() as tx:
        assert (await preferred(tx, await tx.conversation(who.id))).id == telegram.id

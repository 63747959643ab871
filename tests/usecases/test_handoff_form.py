"""Handoff in the middle of a form, on every channel: an agent corrects a field, gives back, the form goes on to its submission."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.conversation import Conversation
from bot.domain.handoff import Holder, TicketConflict
from bot.errors import NotFound
from bot.usecases import handoff
from bot.usecases.handoff_form import fill_field, request_confirmation
from tests.usecases.channels import TELEGRAM, WHATSAPP, asked, audited, draft_of, on, several_channels, texts
from tests.usecases.conftest import World
from tests.usecases.desk import ANI, BUDI, asks, events
from tests.usecases.script import FIELDS, prove
from tests.usecases.test_handoff_citizen import pressed


async def somebody(world: World, channel: str) -> Conversation:
    several_channels(world)
    return await world.session() if channel == "web" else await on(world, channel)


async def half_way(world: World, who: Conversation, answers: int = 5) -> list[dict[str, Any]]:
    said = await prove(world, who)
    for answer in FIELDS[:answers]:
        said = await world.say(who, answer)
    return said


@pytest.mark.parametrize("channel", ["web", TELEGRAM, WHATSAPP])
async def test_a_form_is_frozen_mended_by_an_agent_and_goes_on_to_its_submission(world: World, channel: str) -> None:
    who = await somebody(world, channel)
    assert asked(await half_way(world, who)) == "anak.jenis_kelamin"
    before = await draft_of(world, who)
    ticket = await asks(world, who)
    assert ticket.case_id is not None and ticket.summary["service"] == "akta-kelahiran"
    await handoff.claim(world.deps, ticket.id, ANI)
    await world.news(who)
    assert await world.say(who, "laki-laki") == []  # frozen: what is written now goes to the agent
    assert await draft_of(world, who) == before

    bad = await fill_field(world.deps, ticket.id, ANI, "anak.jenis_kelamin", "entah")
    assert bad.problem and await draft_of(world, who) == before
    mended = await fill_field(world.deps, ticket.id, ANI, "anak.nama", "Siti Aminah Putri", lease_no=1)
    assert not mended.problem
    assert (await draft_of(world, who))["answers"]["anak.nama"] == "Siti Aminah Putri"
    assert await request_confirmation(world.deps, ticket.id, ANI) == 1
    (shown,) = await world.news(who)
    assert "Siti Aminah Putri" in shown["text"] and "Ani" in shown["text"]
    said = await world.say(who, payload=pressed([shown], "Ya, benar"))
    assert "benarkan" in texts(said) and (await world.conversation(who)).state is Holder.AGENT
    assert (await draft_of(world, who))["by_staff"] == []

    await handoff.reply(world.deps, ticket.id, ANI, "Sudah saya betulkan, Pak.", "k1")
    await handoff.return_to_bot(world.deps, ticket.id, ANI, lease_no=1)
    assert asked(await world.news(who)) == "anak.jenis_kelamin"
    for answer in FIELDS[5:]:
        said = await world.say(who, answer)
    while said[-1]["meta"].get("field_type") == "document":
        said = await world.send(who, "document", b"paper")
    assert "Siti Aminah Putri" in texts(said) and "diisi petugas" not in texts(said)
    receipt = (await world.say(who, "kirim"))[-1]
    assert receipt["meta"]["kind"] == "receipt"
    assert {e.event for e in await events(world, who)} >= {"filled", "confirming", "confirmed", "returned"}
    assert [one["path"] for one in await audited(world, "ticket.field_filled")] == ["anak.nama"]
    assert "Siti" not in str(await audited(world, "ticket.field_filled"))


async def test_what_an_agent_filled_in_is_marked_in_the_review_until_the_citizen_sends_it(world: World) -> None:
    who = await world.session()
    await half_way(world, who, len(FIELDS) - 1)
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await fill_field(world.deps, ticket.id, ANI, "anak.nama", "Siti Aminah Putri")
    await handoff.return_to_bot(world.deps, ticket.id, ANI)
    said = await world.say(who, FIELDS[-1])
    while said[-1]["meta"].get("field_type") == "document":
        said = await world.send(who, "document", b"paper")
    (line,) = [line for line in texts(said).splitlines() if "Siti Aminah Putri" in line]
    assert "diisi petugas" in line
    assert not world.agency.submitted
    assert (await world.say(who, "kirim"))[-1]["meta"]["kind"] == "receipt"


async def test_the_citizens_own_answer_takes_the_mark_away(world: World) -> None:
    who = await world.session()
    await half_way(world, who)
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await fill_field(world.deps, ticket.id, ANI, "anak.jenis_kelamin", "laki-laki")
    await handoff.return_to_bot(world.deps, ticket.id, ANI)
    assert (await draft_of(world, who))["by_staff"] == ["anak.jenis_kelamin"]
    assert asked(await world.news(who)) != "anak.jenis_kelamin"
    said = await world.say(who, "kembali")
    while asked(said) != "anak.jenis_kelamin":
        said = await world.say(who, "kembali")
    await world.say(who, "perempuan")
    assert (await draft_of(world, who))["by_staff"] == []


@pytest.mark.parametrize(
    "path", ["persetujuan.setuju", "identitas.nik", "identitas.selfie", "pelapor.nik", "tidak.ada"]
)
async def test_consent_identity_and_data_of_the_register_are_not_for_staff(world: World, path: str) -> None:
    who = await world.session()
    await half_way(world, who)
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    before = await draft_of(world, who)
    with pytest.raises(NotFound):
        await fill_field(world.deps, ticket.id, ANI, path, "ya")
    assert await draft_of(world, who) == before


async def test_only_who_holds_the_conversation_fills_anything_in(world: World) -> None:
    who = await world.session()
    await half_way(world, who)
    ticket = await asks(world, who)
    with pytest.raises(TicketConflict):
        await fill_field(world.deps, ticket.id, ANI, "anak.nama", "Budi")
    await handoff.claim(world.deps, ticket.id, ANI)
    with pytest.raises(TicketConflict) as stopped:
        await fill_field(world.deps, ticket.id, BUDI, "anak.nama", "Budi")
    assert stopped.value.holder == "ani"
    with pytest.raises(NotFound):
        await request_confirmation(world.deps, ticket.id, ANI)


async def test_what_is_disputed_stays_marked_and_reaches_the_agent(world: World) -> None:
    who = await world.session()
    await half_way(world, who)
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await fill_field(world.deps, ticket.id, ANI, "anak.nama", "Siti Amina")
    await request_confirmation(world.deps, ticket.id, ANI)
    shown = await world.news(who)
    said = await world.say(who, payload=pressed(shown, "Ada yang salah"))
    assert "salah" in texts(said) and (await draft_of(world, who))["by_staff"] == ["anak.nama"]
    assert "disputed" in [e.event for e in await events(world, who)]
    await fill_field(world.deps, ticket.id, ANI, "anak.nama", "Siti Aminah")
    assert (await draft_of(world, who))["by_staff"] == ["anak.nama"]


async def test_a_correction_the_citizen_was_at_stays_open(world: World) -> None:
    who = await world.session()
    await half_way(world, who)
    said = await world.say(who, "ubah telepon")
    assert asked(said) == "pelapor.telepon"
    ticket = await asks(world, who)
    await handoff.claim(world.deps, ticket.id, ANI)
    await fill_field(world.deps, ticket.id, ANI, "anak.nama", "Siti Aminah Putri")
    await world.news(who)
    await handoff.return_to_bot(world.deps, ticket.id, ANI)
    assert asked(await world.news(who)) == "pelapor.telepon"

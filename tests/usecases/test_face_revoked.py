"""A face that is deleted, or whose consent or owner is gone while it is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.usecases.privacy_core import CITIZEN, whose, withdraw
from tests.usecases.conftest import World
from tests.usecases.script import apply
from tests.usecases.test_journey import asked
from tests.usecases.test_proof import at_the_selfie, count


async def test_a_citizen_has_the_face_deleted_and_begins_at_level_one_everywhere(world: World) -> None:
    phone, laptop = await at_the_selfie(world), await at_the_selfie(world)
    for who in (phone, laptop):
        await world.selfies(who)
    assert await count(world, "citizen", "face_sealed is not null") == 1
    said = await world.say(phone, "hapus wajah saya")
    assert asked(said) is None and "Yakin" in said[0]["text"]  # alone: the form goes on afterwards
    said = await world.say(phone, payload=said[0]["buttons"][0]["payload"])
    assert "Sudah dihapus" in said[0]["text"]
    assert asked(said) is not None
    assert await count(world, "citizen", "face_sealed is not null") == 0 and await count(world, "channel_trust") == 0
    for who in (phone, laptop):
        assert (await world.conversation(who)).level(world.clock.at) == 1
    assert await count(world, "audit", "action = 'face.deleted'") == 1


async def test_nobody_deletes_a_face_without_having_proven_to_be_the_person(world: World) -> None:
    await world.selfies(await at_the_selfie(world))
    thief = await at_the_selfie(world)
    said = await world.say(thief, "hapus wajah saya")
    assert "percakapan tempat Anda" in said[0]["text"]
    await world.say(thief, payload="perintah:hapus-wajah")
    assert await count(world, "citizen", "face_sealed is not null") == 1


async def test_whose_consent_ends_while_the_face_is_compared_has_nothing_of_it_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(world.deps.policy, step_up_services=frozenset({"akta-kelahiran"}), step_up=timedelta(hours=1))
    object.__setattr__(world.deps, "policy", policy)
    who = await world.session()
    await apply(world, who)
    world.clock.at += timedelta(hours=2)
    for line in ("mau buat akta kelahiran", "ya"):
        await world.say(who, line)
    said = await world.send(who, "selfie", world.fresh(b"match"))
    compare = world.deps.faces.verify

    async def verify(template: bytes, probes: list[bytes]) -> Any:
        found = await compare(template, probes)
        async with world.store.begin() as tx:
            (here,) = await tx.lock_people([who.id])
            await withdraw(world.deps, tx, await whose(world.deps, tx, here), CITIZEN)
            await tx.save_conversation(here)
        return found

    monkeypatch.setattr(world.deps.faces, "verify", verify)
    await world.send(who, "selfie", world.posed(said))
    assert await count(world, "citizen", "face_sealed is not null") == 0
    assert (await world.conversation(who)).level(world.clock.at) == 1


async def test_whose_nik_is_not_known_any_more_types_it_again_and_is_not_left_alone_with_a_failure(
    world: World,
) -> None:
    who = await at_the_selfie(world)
    async with world.store.begin() as tx:  # as an erasure by the person of that NIK does elsewhere
        await tx.run(text("update conversation set citizen_id = null"))
    said = await world.send(who, "selfie", world.fresh(b"match"))
    assert (
        "NIK Anda sekali lagi" in said[0]["text"] and asked(said) == "identitas.nik" and await count(world, "blob") == 0
    )

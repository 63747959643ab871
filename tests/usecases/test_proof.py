"""Proof of identity: pictures that are not of today, challenges, growing pauses, trust that is earned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.attempts import CROWD, crowd_of
from bot.domain.conversation import Conversation
from bot.ports import Person
from bot.usecases.identity import decide
from bot.workers.jobs import forget_expired
from tests.usecases.conftest import BORN, NIK, World
from tests.usecases.script import IDENTITY, apply
from tests.usecases.test_journey import asked

SELFIE, CHALLENGE = "identitas.selfie", "identitas.tantangan"
OTHER = "3328991708900002"


async def at_the_selfie(world: World) -> Conversation:
    who = await world.session()
    for line in IDENTITY:
        await world.say(who, line)
    return who


async def at_the_challenge(world: World) -> tuple[Conversation, list[dict[str, Any]]]:
    who = await at_the_selfie(world)
    return who, await world.send(who, "selfie", world.fresh(b"match"))


async def count(world: World, table: str, where: str = "true") -> int:
    async with world.store.begin() as tx:
        return int((await tx.run(text(f"select count(*) from {table} where {where}"))).scalar_one())


async def fail(world: World, who: Conversation, times: int, pause: timedelta = timedelta(hours=1)) -> None:
    for _ in range(times):
        await world.send(who, "selfie", world.fresh(b"no_match"))
        world.clock.at += pause


# -- the challenge ------------------------------------------------------------------------------------------------------


async def test_after_the_selfie_a_second_one_with_a_random_request_is_asked_for(world: World) -> None:
    who, said = await at_the_challenge(world)
    assert asked(said) == CHALLENGE and "5 menit" in said[-1]["text"] and "{" not in said[-1]["text"]
    assert said[-1]["meta"]["field_type"] == "selfie" and said[-1]["meta"]["challenge"]
    assert (await world.conversation(who)).assurance == 2
    assert asked(await world.send(who, "selfie", world.posed(said))) == "pelapor.*"
    assert (await world.conversation(who)).assurance == 3
    assert await count(world, "blob") == 0


async def test_a_second_picture_that_does_not_show_it_is_refused_with_advice_and_the_third_time_it_begins_anew(
    world: World,
) -> None:
    who, said = await at_the_challenge(world)
    kinds = said[-1]["meta"]["challenge"]
    for _ in range(2):
        said = await world.send(who, "selfie", world.fresh(b"match"))
        assert asked(said) == CHALLENGE and said[-1]["meta"]["challenge"] == kinds
    said = await world.send(who, "selfie", world.fresh(b"match"))
    assert asked(said) == SELFIE and await count(world, "blob") == 0


async def test_a_late_answer_gets_a_new_challenge(world: World) -> None:
    who, said = await at_the_challenge(world)
    world.clock.at += timedelta(minutes=5)
    late = await world.send(who, "selfie", world.posed(said))
    assert "5 menit" in late[0]["text"] and asked(late) == CHALLENGE
    assert asked(await world.send(who, "selfie", world.posed(late))) == "pelapor.*"


async def test_the_first_picture_again_answers_no_challenge(world: World) -> None:
    who = await at_the_selfie(world)
    picture = b"match mouth turn"
    assert asked(await world.send(who, "selfie", picture)) == CHALLENGE
    said = await world.send(who, "selfie", picture)
    assert "foto yang sama" in said[0]["text"] and (await world.conversation(who)).assurance == 2


async def test_somebody_else_in_the_second_picture_is_a_failure(world: World) -> None:
    who, said = await at_the_challenge(world)
    said = await world.send(who, "selfie", world.posed(said, b"no_match"))
    assert "belum cocok" in said[0]["text"] and asked(said) == SELFIE
    assert await count(world, "attempt") == 2 and await count(world, "blob") == 0


async def test_a_doubtful_pair_waits_for_the_officer_with_the_straight_picture_only(world: World) -> None:
    who, said = await at_the_challenge(world)
    await world.send(who, "selfie", world.posed(said, b"officer"))
    assert await count(world, "blob") == 1
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    assert check.liveness
    await decide(world.deps, check.id, True, "officer-1")
    assert asked(await world.news(who)) == "pelapor.*" and await count(world, "blob") == 0


async def test_a_first_picture_that_is_gone_is_asked_for_again(world: World) -> None:
    who, said = await at_the_challenge(world)
    async with world.store.begin() as tx:
        await tx.run(text("delete from blob"))
    said = await world.send(who, "selfie", world.posed(said))
    assert "terlalu lama" in said[0]["text"] and asked(said) == SELFIE


async def test_an_installation_may_do_without_a_challenge(world: World) -> None:
    object.__setattr__(world.deps, "policy", replace(world.deps.policy, liveness="off"))
    who = await at_the_selfie(world)
    assert asked(await world.send(who, "selfie", b"match")) == "pelapor.*"


async def test_a_first_picture_that_came_without_its_kind_is_kept_as_a_selfie_and_not_for_long(world: World) -> None:
    who = await at_the_selfie(world)
    assert asked(await world.send(who, "document", b"match")) == CHALLENGE
    assert await count(world, "blob", "kind = 'selfie'") == 1
    world.clock.at += timedelta(minutes=61)
    await forget_expired(world.deps, world.store)
    assert await count(world, "blob") == 0


# -- pictures that are not of today -------------------------------------------------------------------------------------


async def test_a_picture_that_was_sent_before_is_refused_whoever_sends_it(world: World) -> None:
    picture = b"match stolen"
    first = await at_the_selfie(world)
    said = await world.send(first, "selfie", picture)
    await world.send(first, "selfie", world.posed(said))
    thief = await at_the_selfie(world)
    said = await world.send(thief, "selfie", picture)
    assert "sudah pernah dikirim" in said[0]["text"] and asked(said) == SELFIE
    assert await count(world, "identity_check", "suspicion = 'repeated'") == 1 and await count(world, "blob") == 0


async def test_a_picture_refused_for_its_quality_may_come_again(world: World) -> None:
    who = await at_the_selfie(world)
    for _ in range(2):
        said = await world.send(who, "selfie", b"unusable same")
        assert "sudah pernah" not in said[0]["text"]


async def test_a_copy_of_the_registered_picture_is_refused_and_counted_as_suspicious(world: World) -> None:
    who = await at_the_selfie(world)
    said = await world.send(who, "selfie", b"match copy")
    assert "salinan" in said[0]["text"] and (await world.conversation(who)).assurance == 2
    assert await count(world, "attempt", "failures = 1") == 2
    async with world.store.begin() as tx:
        citizen = await tx.citizen_by_nik(NIK)
        assert citizen is not None and await tx.suspicions(citizen.id) == 1


async def test_of_a_picture_only_traces_stay_that_tell_nothing(world: World) -> None:
    await apply(world, await world.session())
    async with world.store.begin() as tx:
        rows = (await tx.run(text("select * from face_probe"))).all()
    assert len(rows) == 2
    assert not any(b"match" in bytes(row.picture_index) for row in rows)


# -- attempts -----------------------------------------------------------------------------------------------------------


async def test_after_three_failures_one_waits_a_minute_then_five_then_an_hour(world: World) -> None:
    who = await at_the_selfie(world)
    await fail(world, who, 3, timedelta())
    for minutes in (1, 5, 60):
        said = await world.send(who, "selfie", world.fresh(b"match"))
        assert f" {minutes} menit" in said[0]["text"] and asked(said) == SELFIE
        world.clock.at += timedelta(minutes=minutes)
        await fail(world, who, 1, timedelta())
    said = await world.send(who, "selfie", world.fresh(b"match"))
    assert "berhenti" in said[0]["text"] and said[0]["buttons"]


async def test_a_new_conversation_gives_no_new_attempts(world: World) -> None:
    await fail(world, await at_the_selfie(world), 3, timedelta())
    said = await world.send(await at_the_selfie(world), "selfie", world.fresh(b"match"))
    assert "menit" in said[0]["text"]


async def test_the_owner_is_told_elsewhere_and_is_not_held_up_by_it(world: World) -> None:
    owner = await world.session()
    await apply(world, owner)
    world.clock.at += timedelta(days=2)
    thief = await at_the_selfie(world)
    await world.news(owner)
    await fail(world, thief, 6)
    told = await world.news(owner)
    assert ["berkali-kali" in said["text"] for said in told] == [False, True]
    assert "mencoba" in told[0]["text"]
    for line in IDENTITY:
        said = await world.say(owner, line)
    assert asked(said) == SELFIE
    assert asked(await world.selfies(owner)) == "pelapor.*"
    said = await world.send(await at_the_selfie(world), "selfie", world.fresh(b"match"))
    assert asked(said) == CHALLENGE  # a success clears the citizen's count


async def test_a_nik_nobody_has_and_a_wrong_birth_date_sound_the_same_and_are_held_alike(world: World) -> None:
    heard = []
    for nik in (NIK, "3328995708900009"):
        who = await world.session()
        for line in ("mau buat akta kelahiran", "ya"):
            await world.say(who, line)
        said = []
        for day in (1, 2, 3, 4):
            said += await world.say(who, nik)
            said += await world.say(who, f"{day}-1-1980")
        heard.append([(m["text"], m["meta"].get("field"), len(m["buttons"])) for m in said])
    assert heard[0] == heard[1]


async def test_a_nik_is_held_across_conversations(world: World) -> None:
    for day in (1, 2, 3):
        who = await world.session()
        for line in ("mau buat akta kelahiran", "ya", NIK, f"{day}-1-1980"):
            await world.say(who, line)
    who = await world.session()
    for line in ("mau buat akta kelahiran", "ya", NIK, "17-8-1990"):
        said = await world.say(who, line)
    assert "menit" in said[0]["text"] and (await world.conversation(who)).assurance < 2


async def test_a_child_is_politely_asked_for_a_parent_whatever_the_nik(world: World) -> None:
    who = await world.session()
    for line in ("mau buat akta kelahiran", "ya", "3328991708150001", "17-8-2015"):
        said = await world.say(who, line)
    assert "17 tahun" in said[0]["text"] and asked(said) == "identitas.nik"
    assert await count(world, "attempt") == 0
    await world.say(who, NIK)
    assert asked(await world.say(who, "17-8-1990")) == SELFIE


# -- trust and templates ------------------------------------------------------------------------------------------------


async def test_a_channel_is_trusted_for_a_day_and_after_a_second_success_for_half_a_year(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    world.clock.at += timedelta(hours=25)
    for line in IDENTITY:
        await world.say(who, line)
    await world.selfies(who)
    world.clock.at += timedelta(days=179)
    assert (await world.conversation(who)).level(world.clock.at) == 3
    world.clock.at += timedelta(days=2)
    assert (await world.conversation(who)).level(world.clock.at) == 1


async def test_a_sensitive_service_wants_a_fresh_selfie_and_nothing_else(world: World) -> None:
    policy = replace(world.deps.policy, step_up_services=frozenset({"akta-kelahiran"}), step_up=timedelta(hours=1))
    object.__setattr__(world.deps, "policy", policy)
    who = await world.session()
    await apply(world, who)
    world.clock.at += timedelta(hours=2)
    await world.say(who, "mau buat akta kelahiran")
    assert asked(await world.say(who, "ya")) == SELFIE
    assert asked(await world.selfies(who)) == "pelapor.*"


@pytest.mark.parametrize(("change", "enrolled"), [("nothing", 1), ("picture", 2), ("engine", 2)])
async def test_a_template_is_kept_until_the_engine_or_the_registers_picture_changes(
    world: World, change: str, enrolled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces: Any = world.deps.faces
    await apply(world, await world.session())
    assert len(faces.enrolled) == 1 or len(faces.enrolled) == 2  # both pictures of the first proof may have made one
    faces.enrolled.clear()
    if change == "engine":
        monkeypatch.setattr(faces, "model", "another")
    if change == "picture":

        async def pictures(nik: str) -> list[bytes]:
            return [b"a newer picture"]

        monkeypatch.setattr(world.agency, "faces", pictures)
    await world.selfies(await at_the_selfie(world))
    assert bool(faces.enrolled) is (enrolled > 1)
    async with world.store.begin() as tx:
        citizen = await tx.citizen_by_nik(NIK)
        assert citizen is not None
        kept = await tx.face(citizen.id)
    assert kept is not None and kept.model == faces.model and kept.source == "register"


async def test_nothing_is_kept_of_a_face_that_was_not_proven(world: World) -> None:
    who = await at_the_selfie(world)
    await fail(world, who, 1)
    await world.send(who, "selfie", world.fresh(b"match"))
    assert await count(world, "citizen", "face_sealed is not null") == 0


async def test_fresh_pictures_join_the_template_only_after_a_strong_success(world: World) -> None:
    faces: Any = world.deps.faces
    await world.selfies(await at_the_selfie(world), b"match strong")
    assert faces.extended == [2]
    assert await count(world, "audit", "action = 'face.extended'") == 1
    world.clock.at += timedelta(days=1)
    await world.selfies(await at_the_selfie(world))
    assert faces.extended == [2]


async def test_another_persons_nik_in_the_same_chat_begins_at_the_beginning(world: World) -> None:
    world.agency.people[OTHER] = Person(OTHER, "Wati Wijaya", BORN, {"nama": "Wati Wijaya", "nik": OTHER})
    who = await at_the_selfie(world)
    await world.selfies(who)
    world.clock.at += timedelta(days=2)
    for line in ("batal", "ya", *IDENTITY[:2], OTHER, "17-8-1990"):
        said = await world.say(who, line)
    assert asked(said) == SELFIE


# -- one network address ------------------------------------------------------------------------------------------------


async def test_an_address_from_which_too_many_failed_waits_for_the_next_hour_and_others_do_not(world: World) -> None:
    who, neighbour, other = await world.session(), await world.session(), await world.session()
    async with world.store.begin() as tx:
        for one, origin in ((who, b"a" * 32), (neighbour, b"a" * 32), (other, b"b" * 32)):
            await tx.put_origin(one.id, origin)
        origin = (await tx.conversation(who.id)).origin
        assert origin is not None
        for _ in range(CROWD - 1):
            await tx.failed(crowd_of(origin, world.clock.now()), world.clock.now())
    for line in IDENTITY[:-1]:
        await world.say(who, line)
    assert "tidak cocok" in (await world.say(who, "1-1-1970"))[0]["text"].lower()  # the hundredth failure
    for line in IDENTITY[:-1]:
        await world.say(neighbour, line)
    assert "menit" in (await world.say(neighbour, IDENTITY[-1]))[0]["text"]
    for line in IDENTITY[:-1]:
        await world.say(other, line)
    assert asked(await world.say(other, IDENTITY[-1])) == SELFIE
    world.clock.at += timedelta(hours=1)
    for line in IDENTITY[-2:]:
        said = await world.say(neighbour, line)
    assert asked(said) == SELFIE

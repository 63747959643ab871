"""What the register does besides: says whether a name belongs to a NIK, and compares faces itself where an office has it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.errors import AgencyUnavailable, NotFound
from bot.ports import AgencyManifest, FaceAnswer
from tests.usecases.channels import code_in
from tests.usecases.conftest import NIK, RegisterAgency, World
from tests.usecases.script import FIELDS, prove

WITNESS = "3328990105800003"


class HelpfulRegister(RegisterAgency):
    """Verifies by element, and compares faces: by the first word of the picture."""

    manifest = AgencyManifest("dukcapil", "D", frozenset({"lookup", "verify", "match", "submit"}), (), (), 1.0, "none")

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.verified: list[tuple[str, dict[str, str]]] = []
        self.matched: list[tuple[str, bytes, str, datetime]] = []
        self.known = True

    async def verify(self, nik: str, elements: Mapping[str, str]) -> Mapping[str, bool]:
        self._fail()
        self.verified.append((nik, dict(elements)))
        return {name: self.names.get(nik) == value for name, value in elements.items()}

    async def match(self, nik: str, picture: bytes, consent: str, at: datetime) -> FaceAnswer:
        self._fail()
        if not self.known:
            raise NotFound("face")
        self.matched.append((nik, picture, consent, at))
        word = picture.decode().split()[0]
        return FaceAnswer(word if word in ("match", "officer") else "no_match", 0.9, "t1")


@pytest.fixture
def register(world: World) -> HelpfulRegister:
    made = HelpfulRegister()
    world.deps.agencies["dukcapil"] = made  # type: ignore[index]
    world.agency = made
    return made


async def at_the_witness(world: World, name: str = "Joko Susilo") -> tuple[Any, list[dict[str, Any]]]:
    """Up to the answer to the first witness's NIK."""
    who = await world.session()
    await prove(world, who)
    end = FIELDS.index("Joko Susilo")
    for text in FIELDS[:end]:
        await world.say(who, text)
    await world.say(who, name)
    return who, await world.say(who, WITNESS)


def warned(said: list[dict[str, Any]]) -> bool:
    return any("tidak cocok satu sama lain" in one["text"] for one in said)


# -- by element ------------------------------------------------------------------------------------------------------------


async def test_a_name_that_belongs_to_the_nik_is_taken_without_a_word(world: World, register: HelpfulRegister) -> None:
    register.names[WITNESS] = "Joko Susilo"
    _, said = await at_the_witness(world)
    assert (WITNESS, {"nama": "Joko Susilo"}) in register.verified
    assert not warned(said) and said[-1]["meta"]["field"] == "saksi.0.no_kk"


async def test_one_that_does_not_gets_a_kind_word_that_gives_nothing_away(
    world: World, register: HelpfulRegister
) -> None:
    register.names[WITNESS] = "Joko Widagdo"
    who, said = await at_the_witness(world)
    assert warned(said) and "Widagdo" not in str(said) and "Saksi 1" in str(said)
    assert said[-1]["meta"]["field"] == "saksi.0.no_kk"  # taken all the same
    await world.say(who, "ubah nama saksi 1")
    again = await world.say(who, "Joko Widagdo")
    assert register.verified[-1] == (WITNESS, {"nama": "Joko Widagdo"}) and not warned(again)


async def test_attempts_are_few_and_then_nothing_is_said_any_more(world: World, register: HelpfulRegister) -> None:
    who, said = await at_the_witness(world)
    names = iter(("Satu Nama", "Dua Nama", "Tiga Nama", "Empat Nama", "Lima Nama"))
    heard = [warned(said)]
    for name in names:
        await world.say(who, "ubah nama saksi 1")
        heard.append(warned(await world.say(who, name)))
    asked = [nik for nik, _ in register.verified if nik == WITNESS]
    assert heard[:2] == [True, True] and heard[-1] is False and len(asked) <= 3


async def test_nothing_is_asked_of_a_register_that_cannot_or_is_away(world: World, register: HelpfulRegister) -> None:
    who = await world.session()
    await prove(world, who)
    for text in FIELDS[: FIELDS.index("Joko Susilo") + 1]:
        await world.say(who, text)
    register.error = AgencyUnavailable("down")
    said = await world.say(who, WITNESS)
    assert not warned(said) and said[-1]["meta"]["field"] == "saksi.0.no_kk"


# -- faces ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_agency(world: World, register: HelpfulRegister) -> HelpfulRegister:
    """An office whose register compares faces itself."""
    known = world.deps.catalogue()
    loci = {code: replace(locus, faces="agency") for code, locus in known.loci.items()}
    object.__setattr__(world.deps, "catalogue", lambda: replace(known, loci=loci))
    return register


async def at_the_selfie(world: World) -> Any:
    who = await world.session()
    for text in ("mau buat akta kelahiran", "ya", NIK, "17 agt 90"):
        await world.say(who, text)
    return who


async def test_the_agency_compares_and_no_picture_of_it_comes_here(world: World, by_agency: HelpfulRegister) -> None:
    who = await at_the_selfie(world)
    said = await world.selfies(who)
    assert said[-1]["meta"]["field"] == "pelapor.*" and (await world.conversation(who)).assurance == 3
    nik, _, consent, at = by_agency.matched[-1]
    assert nik == NIK and len(consent) == 36 and at <= world.clock.now()
    # Templates are made of the person's own first picture only, for the length of the proof.
    assert all(b"enrolled" not in pictures for pictures in world.deps.faces.enrolled)  # type: ignore[attr-defined]
    async with world.store.begin() as tx:
        citizen = (await tx.conversation(who.id)).citizen_id
        assert citizen is not None and await tx.face(citizen) is None


async def test_a_consent_holds_for_its_application_wherever_that_is_gone_on_with(
    world: World, by_agency: HelpfulRegister
) -> None:
    laptop, phone = await at_the_selfie(world), await world.session()
    await world.say(phone, await code_in(world, laptop))
    assert (await world.say(phone, "ya"))[-1]["meta"]["field"] == "identitas.nik"  # it was only typed, and elsewhere
    for line in (NIK, "17 agt 90"):
        said = await world.say(phone, line)
    assert said[-1]["meta"]["field"] == "identitas.selfie"
    assert (await world.selfies(phone))[-1]["meta"]["field"] == "pelapor.*"


async def test_another_face_is_refused_and_a_close_one_goes_to_an_officer(
    world: World, by_agency: HelpfulRegister
) -> None:
    who = await at_the_selfie(world)
    said = await world.send(who, "selfie", b"no_match one")
    assert "belum cocok" in said[0]["text"] and (await world.conversation(who)).assurance == 2
    await world.selfies(who, b"officer")
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    assert check.mode == "agency" and check.score == 0.9 and check.selfie_blob is not None


async def test_two_people_on_the_two_pictures_prove_nobody(world: World, by_agency: HelpfulRegister) -> None:
    who = await at_the_selfie(world)
    said = await world.send(who, "selfie", world.fresh(b"match"))
    before = len(by_agency.matched)
    said = await world.send(who, "selfie", world.posed(said, b"no_match"))
    assert said[-1]["meta"]["field"] == "identitas.selfie" and len(by_agency.matched) == before
    assert (await world.conversation(who)).assurance == 2


async def test_liveness_is_looked_at_here_all_the_same(world: World, by_agency: HelpfulRegister) -> None:
    who = await at_the_selfie(world)
    await world.send(who, "selfie", world.fresh(b"match"))
    said = await world.send(who, "selfie", world.fresh(b"match"))  # straight again, not what was asked for
    assert said[-1]["meta"]["field"] == "identitas.tantangan" and (await world.conversation(who)).assurance == 2


async def test_an_agency_that_is_away_or_knows_no_face_is_said(world: World, by_agency: HelpfulRegister) -> None:
    who = await at_the_selfie(world)
    by_agency.error = AgencyUnavailable("down")
    away = await world.send(who, "selfie", world.fresh(b"match"))
    assert "petugas" in str(away[0]["buttons"]).lower() and (await world.conversation(who)).assurance == 2
    by_agency.error, by_agency.known = None, False
    unknown = await world.send(who, "selfie", world.fresh(b"match"))
    assert (await world.conversation(who)).assurance == 2 and unknown[0]["text"] != away[0]["text"]

"""A licence goes to its own office, while the civil register says who applies."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import AgencyUnavailable
from bot.ports import AgencyManifest, Person
from bot.usecases.errands import run_errand
from tests.usecases.conftest import BORN, NIK, RegisterAgency, World

RECORD = {
    "layanan": "sip-bidan",
    "str_nomor": "CONTOH-8890007654321",
    "str_masa": "seumur_hidup",
    "str_tercatat": "ya",
    "skp_tercatat": "ya",
    "sip_nomor": "446/017/SIP-CONTOH/2022",
    "sip_sampai": "2026-12-31",
}


class LicenceOffice(RegisterAgency):
    """Knows health workers, and no faces."""

    manifest = AgencyManifest("sdmk", "SDMK", frozenset({"lookup", "submit"}), (), (), 1.0, "none")

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__()
        self.people = {NIK: Person(NIK, "Karso Wijaya", BORN, dict(record))}

    async def faces(self, nik: str) -> list[bytes]:
        raise AssertionError("faces are the register's matter")


@pytest.fixture
def office(world: World) -> LicenceOffice:
    made = LicenceOffice(RECORD)
    world.deps.agencies["sdmk"] = made  # type: ignore[index]
    return made


async def renewed(world: World, *answers: str) -> list[dict[str, Any]]:
    """A renewal up to the answer after ``answers``, identity proven."""
    who = await world.session()
    for text in ("mau buat perpanjangan sip bidan", "ya", NIK, "17-8-1990"):
        await world.say(who, text)
    said = await world.selfies(who)
    for text in answers:
        said = await world.say(who, text)
    return said


async def test_only_what_no_office_knows_is_asked_and_the_licence_office_gets_the_case(
    world: World, office: LicenceOffice
) -> None:
    who = await world.session()
    for text in ("mau buat perpanjangan sip bidan", "ya", NIK, "17-8-1990"):
        await world.say(who, text)
    said = await world.selfies(who)
    assert "catatan Dukcapil" in said[-1]["text"] and "Karso Wijaya" in said[-1]["text"]
    asked = []
    answers = {
        "pemohon.*": "ya", "pemohon.telepon": "081234567890", "pemohon.email": "lewati",
        "profesi.kualifikasi": "profesi", "tempat.jenis": "faskes", "tempat.nama": "Puskesmas Slawi",
        "sip_lama.*": "ya", "str.*": "ya", "skp.*": "ya",
    }  # fmt: skip
    while said[-1]["meta"]["kind"] != "review":
        field = said[-1]["meta"]["field"]
        asked.append(field)
        if field.endswith(".*") and field != "pemohon.*":
            assert "sudah tercatat di dinas" in said[-1]["text"]
        if field.startswith("dokumen."):
            said = await world.send(who, "document", b"paper")
        else:
            said = await world.say(who, answers[field])
    assert "CONTOH-8890007654321" in said[-1]["text"]
    assert not {"str.nomor", "str.masa", "skp.bukti", "sip_lama.nomor", "tempat.alamat"} & set(asked)
    await world.say(who, "kirim")
    async with world.store.begin() as tx:
        conversation = await tx.conversation(who.id)
        (case,) = await tx.cases_of(conversation)
    await hand_in(world, case.id)
    (given,) = office.submitted.values()
    assert (given.service, given.variant) == ("sip-bidan", "perpanjangan")
    assert given.data["str"]["nomor"] == RECORD["str_nomor"] and given.data["skp"]["tercatat"] is True
    assert given.callback_url.endswith("/callbacks/sdmk") and not world.agency.submitted


async def hand_in(world: World, case_id: Any) -> None:
    from bot.domain.conversation import Due

    now = world.clock.now()
    state, _, code = await run_errand(world.deps, Due(case_id, "submit", 1, 1, now))
    assert (state, code) == ("done", None)


@pytest.mark.parametrize("record", [{**RECORD, "layanan": "sip-perawat"}, {}])
async def test_the_record_of_another_profession_fills_nothing(
    world: World, office: LicenceOffice, record: dict[str, Any]
) -> None:
    office.people = {NIK: Person(NIK, "Karso Wijaya", BORN, record)}
    said = await renewed(world, "ya", "081234567890", "lewati")
    assert said[-1]["meta"]["field"] == "sip_lama.nomor"


async def test_an_office_that_is_away_costs_questions_and_no_application(world: World, office: LicenceOffice) -> None:
    office.error = AgencyUnavailable("down")
    said = await renewed(world, "ya", "081234567890", "lewati")
    assert said[-1]["meta"]["field"] == "sip_lama.nomor"

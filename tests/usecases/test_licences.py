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
    "profesi": "Bidan",
    "kualifikasi": "Bidan profesi",
    "telepon": "+628000000001",
    "email": "contoh@contoh.id",
    "foto_tercatat": "ya",
    "asn": "tidak",
    "str_nomor": "CONTOH-8890007654321",
    "str_masa": "seumur_hidup",
    "str_tercatat": "ya",
    "skp_tercatat": "ya",
    "sip_nomor": {"1": "446/017/SIP-CONTOH/2022"},
    "sip_sampai": {"446/017/SIP-CONTOH/2022": "2026-12-31"},
    "sip_tempat": {"446/017/SIP-CONTOH/2022": "Puskesmas Contoh"},
    "sip_tercatat": {"446/017/SIP-CONTOH/2022": "ya"},
    "tempat_jenis": {"Puskesmas Contoh": "faskes"},
    "tempat_tercatat": {"Puskesmas Contoh": "ya"},
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


START = ("mau buat perpanjangan sip bidan", "ya", NIK, "17-8-1990")


async def renewed(world: World, *answers: str, start: tuple[str, ...] = START) -> list[dict[str, Any]]:
    """A renewal up to the answer after ``answers``, identity proven."""
    who = await world.session()
    for text in start:
        await world.say(who, text)
    said = await world.selfies(who)
    for text in answers:
        said = await world.say(who, text)
    return said


async def test_a_renewal_of_what_is_on_record_asks_six_questions_in_all(world: World, office: LicenceOffice) -> None:
    who = await world.session()
    asked = []
    said = await world.say(who, "mau buat perpanjangan sip bidan")
    answers = {"setuju": "ya", "nik": NIK, "tanggal_lahir": "17-8-1990", "_periksa": "kirim"}
    while said[-1]["meta"].get("field"):
        path = str(said[-1]["meta"]["field"])
        asked.append(path)
        if path == "identitas.selfie":
            said = await world.send(who, "selfie", world.fresh(b"match"))
        elif path == "identitas.tantangan":
            said = await world.send(who, "selfie", world.posed(said))
        else:
            said = await world.say(who, answers[path.rpartition(".")[2]])
    assert len(asked) <= 6, asked
    assert said[-1]["meta"]["kind"] == "receipt"
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
    await hand_in(world, case.id)
    (given,) = office.submitted.values()
    assert (given.service, given.variant) == ("sip-bidan", "perpanjangan")
    assert given.data["str"]["nomor"] == RECORD["str_nomor"] and given.data["skp"]["tercatat"] is True
    assert given.data["tempat"]["nama"] == "Puskesmas Contoh" and not given.files
    assert given.callback_url.endswith("/callbacks/sdmk") and not world.agency.submitted


async def test_somebody_proven_before_is_asked_for_consent_and_review_only(world: World, office: LicenceOffice) -> None:
    who = await world.session()
    for text in START:
        await world.say(who, text)
    await world.selfies(who)
    await world.say(who, "kirim")
    # Meanwhile the office has issued a new one: what is shown is fetched afresh, after the consent.
    data, new = office.people[NIK].data, "446/099/SIP-CONTOH/2024"
    data |= {"sip_nomor": {"1": new}, "sip_sampai": {new: "2029-12-31"}, "sip_tempat": {new: "Puskesmas Contoh"}}
    data["sip_tercatat"] = {new: "ya"}
    consent = await world.say(who, "mau buat perpanjangan sip bidan")
    assert consent[-1]["meta"]["field_type"] == "consent" and "446/" not in str(consent)
    review = await world.say(who, "ya")
    assert review[-1]["meta"]["kind"] == "review" and "446/099/SIP-CONTOH/2024" in review[-1]["text"]


async def test_a_fourth_place_is_refused_kindly_with_the_three_and_a_way_out(
    world: World, office: LicenceOffice
) -> None:
    places = [[f"446/00{n}", f"Klinik {n}", "2027-01-01"] for n in range(1, 4)]
    office.people[NIK].data["sip_berlaku"] = places
    said = await renewed(world, start=("mau buat tambah tempat sip bidan", *START[1:]))
    assert all(f"Klinik {n}" in said[-1]["text"] for n in range(1, 4)) and "paling banyak 3" in said[-1]["text"]
    titles = [button["title"] for button in said[-1]["buttons"]]
    assert "Cabut salah satu SIP" in titles and len(titles) == 2


async def test_what_stands_against_it_is_told_at_once_and_what_is_missing_asked(
    world: World, office: LicenceOffice
) -> None:
    bad = {**RECORD, "str_berakhir": "2025-02-01", "skp_tercatat": "tidak",
           "skp_ranah": {"pembelajaran": 20, "pelayanan": 12, "pengabdian": 0}}  # fmt: skip
    for key in ("str_nomor", "str_masa", "str_tercatat"):
        del bad[key]
    office.people = {NIK: Person(NIK, "Karso Wijaya", BORN, bad)}
    *_, finding, question = await renewed(world)
    assert "1 Februari 2025" in finding["text"] and "pengabdian 0" in finding["text"]
    assert question["meta"]["field"] == "str.nomor"


async def test_nothing_of_the_record_is_said_before_the_face_is_proven(world: World, office: LicenceOffice) -> None:
    office.people[NIK].data["sip_berlaku"] = [[f"446/00{n}", f"Klinik {n}", "2027-01-01"] for n in range(1, 4)]
    who = await world.session()
    said: list[Any] = []
    for text in ("mau buat tambah tempat sip bidan", *START[1:]):
        said += await world.say(who, text)
    assert "Klinik" not in str(said) and "446/" not in str(said)


async def hand_in(world: World, case_id: Any) -> None:
    from bot.domain.conversation import Due

    now = world.clock.now()
    state, _, code = await run_errand(world.deps, Due(case_id, "submit", 1, 1, now))
    assert (state, code) == ("done", None)


@pytest.mark.parametrize("record", [{**RECORD, "layanan": "sip-perawat", "profesi": "Perawat"}, {}])
async def test_the_record_of_another_profession_fills_nothing(
    world: World, office: LicenceOffice, record: dict[str, Any]
) -> None:
    office.people = {NIK: Person(NIK, "Karso Wijaya", BORN, record)}
    told = await renewed(world)
    assert ("STR Anda tercatat untuk *Perawat*" in str(told)) is bool(record)
    said = await renewed(world, "081234567890", "lewati")
    assert said[-1]["meta"]["field"] == "sip_lama.nomor"


async def test_an_office_that_is_away_costs_questions_and_no_application(world: World, office: LicenceOffice) -> None:
    office.error = AgencyUnavailable("down")
    said = await renewed(world, "081234567890", "lewati")
    assert said[-1]["meta"]["field"] == "sip_lama.nomor"

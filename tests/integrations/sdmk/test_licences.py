"""The health workers' records, what the stand-in demands of an application, and the licence it makes of it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import AgencyError
from integrations.sdmk import licence
from integrations.sdmk.adapter import SdmkAgency
from tests.integrations.conftest import SECRET, MovableClock, Sandbox, renewal

BUDI, DEWI, AGUS, SITI = "3328991708850001", "3328996309920001", "3328990304880001", "3328995205880001"


@pytest.fixture
async def sdmk(desk: Sandbox, clock: MovableClock) -> AsyncIterator[SdmkAgency]:
    agency = SdmkAgency(f"{desk.url}/sdmk", SECRET, clock, timeout=10)
    yield agency
    await agency.close()


async def test_the_record_comes_in_the_words_of_the_form(sdmk: SdmkAgency) -> None:
    budi = await sdmk.lookup(BUDI)
    assert budi is not None and budi.birth_date == date(1985, 8, 17)
    assert budi.data == {
        "nik": BUDI,
        "nama": "Budi Santoso",
        "tanggal_lahir": "1985-08-17",
        "layanan": "sip-perawat",
        "profesi": "Perawat (ners)",
        "kualifikasi": "Ners",
        "telepon": "+628000000001",
        "email": "budi@contoh.id",
        "str_nomor": "CONTOH-8890001234567",
        "str_masa": "seumur_hidup",
        "str_tercatat": "ya",
        "skp_tercatat": "ya",
        "skp_ranah": {"pembelajaran": 42, "pelayanan": 30, "pengabdian": 6},
        "sip_daftar": {"1": "Klinik Contoh Sehat (446/001/SIP-CONTOH/2021)"},
        "sip_nomor": {"1": "446/001/SIP-CONTOH/2021"},
        "sip_tempat": {"446/001/SIP-CONTOH/2021": "Klinik Contoh Sehat"},
        "sip_sampai": {"446/001/SIP-CONTOH/2021": "2026-08-17"},
        "sip_tercatat": {"446/001/SIP-CONTOH/2021": "ya"},
        "sip_berlaku": [["446/001/SIP-CONTOH/2021", "Klinik Contoh Sehat", "2026-08-17"]],
        "sip_utama": "446/001/SIP-CONTOH/2021",
        "sip_jumlah": "1",
        "tempat_jenis": {"Klinik Contoh Sehat": "faskes", "Rumah Sakit Contoh Slawi": "faskes"},
        "tempat_alamat": {
            "Klinik Contoh Sehat": "Jalan Contoh Nomor 5",
            "Rumah Sakit Contoh Slawi": "Jalan Contoh Nomor 20",
        },
        "tempat_desa": {"Klinik Contoh Sehat": "33.28.10.1008", "Rumah Sakit Contoh Slawi": "33.28.10.1009"},
        "tempat_tercatat": {"Klinik Contoh Sehat": "ya", "Rumah Sakit Contoh Slawi": "ya"},
        "tempat_kerja": "Rumah Sakit Contoh Slawi",
        "foto_tercatat": "ya",
        "asn": "tidak",
    }


async def test_several_places_are_a_list_to_choose_from_and_credits_that_do_not_suffice_are_said(
    sdmk: SdmkAgency,
) -> None:
    dewi, agus = await sdmk.lookup(DEWI), await sdmk.lookup(AGUS)
    assert dewi is not None and agus is not None
    assert list(dewi.data["sip_nomor"]) == ["1", "2"] and dewi.data["sip_jumlah"] == "2"
    assert dewi.data["skp_tercatat"] == "tidak" and dewi.data["skp_ranah"]["pengabdian"] == 0
    assert (agus.data["str_masa"], agus.data["str_sampai"]) == ("bertanggal", "2027-04-03")
    assert await sdmk.lookup(SITI) is None


async def test_a_registration_that_has_ended_fills_nothing_in(sdmk: SdmkAgency, clock: MovableClock) -> None:
    clock.move(days=600)
    agus = await sdmk.lookup(AGUS)
    assert agus is not None and agus.data["str_berakhir"] == "2027-04-03"
    assert not {"str_nomor", "str_masa", "str_sampai", "str_tercatat"} & set(agus.data)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"nakes": []},
        {"nakes": {"nik": SITI, "nama": "Siti", "tanggal_lahir": "1988-05-12"}},
        {"nakes": {"nik": BUDI, "nama": "Budi", "tanggal_lahir": "kemarin"}},
        {
            "nakes": {
                "nik": BUDI,
                "nama": "Budi",
                "tanggal_lahir": "1985-08-17",
                "str": {"nomor": "1", "masa": "kadang"},
            }
        },
    ],
)
async def test_a_record_that_cannot_be_read_is_an_alarm_without_the_nik(clock: MovableClock, answer: Any) -> None:
    async def say(request: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_post("/nakes/lookup", say)
    async with TestServer(app) as server:
        agency = SdmkAgency(str(server.make_url("/")), SECRET, clock, timeout=5)
        with pytest.raises(AgencyError) as alarm:
            await agency.lookup(BUDI)
        assert BUDI not in str(alarm.value)
        await agency.close()


@pytest.mark.parametrize(
    ("variant", "missing"),
    [
        ("baru", {"pemohon.nik", "str.nomor", "tempat.nama"}),
        ("perpanjangan", {"pemohon.nik", "str.nomor", "tempat.nama", "sip_lama.nomor"}),
        ("tambah-tempat", {"pemohon.nik", "str.nomor", "tempat.nama", "sip_lama.nomor"}),
        ("perubahan", {"pemohon.nik", "sip_lama.nomor"}),
        ("pencabutan", {"pemohon.nik", "sip_lama.nomor"}),
        ("cetak-ulang", {"pemohon.nik"}),
        ("menghilang", {"pemohon.nik", "variant"}),
    ],
)
async def test_every_kind_of_application_has_its_own_needs_told_at_once(
    sdmk: SdmkAgency, variant: str, missing: set[str]
) -> None:
    empty = replace(renewal(), variant=variant, data={"pemohon.nama": "Budi Santoso"})
    with pytest.raises(AgencyError) as refused:
        await sdmk.submit(empty)
    assert {reason["field"] for reason in refused.value.params["reasons"]} == missing


async def test_another_offices_service_is_refused(sdmk: SdmkAgency) -> None:
    with pytest.raises(AgencyError):
        await sdmk.submit(replace(renewal(), service="ktp"))


async def test_the_officer_sees_the_kind_and_the_record_beside_what_was_written(
    sdmk: SdmkAgency, desk: Sandbox
) -> None:
    page = await desk.page(f"/petugas/sdmk/{await sdmk.submit(renewal())}")
    assert "sip-perawat (perpanjangan)" in page and "Klinik Contoh Sehat" in page
    assert "Perawat (ners); STR CONTOH-8890001234567, berlaku seumur hidup." in page
    assert "SKP cukup" in page and "PERHATIAN" not in page
    odd = renewal(key="kunci-0002", **{"str.nomor": "LAIN-0000000000000", "pemohon.nik": DEWI})
    page = await desk.page(f"/petugas/sdmk/{await sdmk.submit(odd)}")
    assert "nomor STR di permohonan lain" in page and "profesi di SDMK lain" in page and "BELUM cukup" in page
    stranger = renewal(key="kunci-0003", **{"pemohon.nik": SITI})
    assert "tidak ada di SDMK contoh" in await desk.page(f"/petugas/sdmk/{await sdmk.submit(stranger)}")


async def issued(sdmk: SdmkAgency, desk: Sandbox, variant: str = "perpanjangan", **changes: Any) -> str:
    ref = await sdmk.submit(replace(renewal(**changes), variant=variant))
    for action in ("verifikasi", "proses", "terbitkan"):
        assert await desk.act(ref, action, "sdmk") == 303
    name, content = await sdmk.document(ref)
    assert name == f"sip-perawat-CONTOH-{ref}.pdf"
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


async def test_the_licence_holds_five_years(sdmk: SdmkAgency, desk: Sandbox) -> None:
    text = await issued(sdmk, desk)
    assert "SURAT IZIN PRAKTIK (SIP)" in text and "BUKAN DOKUMEN RESMI" in text and "CONTOH" in text
    assert "BUDI SANTOSO" in text and "Klinik Contoh Sehat" in text and "24 November 2030" in text


async def test_a_registration_with_an_end_ends_the_licence(sdmk: SdmkAgency, desk: Sandbox) -> None:
    assert "3 April 2027" in await issued(sdmk, desk, **{"str.masa": "bertanggal", "str.sampai": "2027-04-03"})


async def test_another_copy_keeps_the_number_and_a_withdrawal_is_a_letter(sdmk: SdmkAgency, desk: Sandbox) -> None:
    assert "446/001/SIP-CONTOH/2021" in await issued(sdmk, desk, "cetak-ulang")
    text = await issued(sdmk, desk, "pencabutan", key="kunci-0002", **{"pencabutan.tanggal": "2025-12-31"})
    assert "PENCABUTAN" in text and "31 Desember 2025" in text


def test_five_years_from_a_leap_day_is_the_28th() -> None:
    assert licence.valid_until({}, date(2028, 2, 29)) == date(2033, 2, 28)
    assert licence.valid_until({"str.sampai": "2099-01-01"}, date(2026, 1, 5)) == date(2031, 1, 5)


@pytest.mark.parametrize(
    ("variant", "changes", "until"),
    [
        ("perpanjangan", {}, date(2030, 11, 24)),
        ("baru", {"str.masa": "bertanggal", "str.sampai": "2027-04-03"}, date(2027, 4, 3)),
        ("cetak-ulang", {}, None),
        ("pencabutan", {"pencabutan.tanggal": "2025-12-31"}, None),
    ],
)
async def test_the_last_day_of_a_new_licence_is_told(
    sdmk: SdmkAgency, desk: Sandbox, variant: str, changes: dict[str, str], until: date | None
) -> None:
    ref = await sdmk.submit(replace(renewal(**changes), variant=variant))
    for action in ("verifikasi", "proses", "terbitkan"):
        assert await desk.act(ref, action, "sdmk") == 303
    *before, last = await sdmk.status(ref)
    assert last.valid_until == until and {one.valid_until for one in before} == {None}

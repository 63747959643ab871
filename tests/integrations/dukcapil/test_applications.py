"""What the stand-in demands of an application, and the deed it makes of it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdf
import pytest

from bot.domain.messages import FileRef
from bot.errors import AgencyError
from integrations.dukcapil.adapter import DukcapilAgency
from tests.integrations.conftest import MovableClock, Sandbox, birth


async def test_every_deficiency_is_told_at_once(dukcapil: DukcapilAgency) -> None:
    changes: dict[str, Any] = {
        "anak.nama": "",
        "ibu.nama": "",
        "ibu.nik": "",
        "saksi.1.nik": "12",
        "anak.tanggal_lahir": "2025-12-24",
        "ayah.tanggal_lahir": "kemarin",
    }
    program = FileRef(id="f2", name="foto.jpg", type="image/jpeg", size=2)
    whole = birth(**changes)
    with pytest.raises(AgencyError) as refused:
        await dukcapil.submit(replace(whole, files=(*whole.files, (program, b"MZ\x90", "dokumen.kk"))))
    assert refused.value.params["status"] == 422
    reasons = refused.value.params["reasons"]
    assert {reason["field"] for reason in reasons} == {
        "anak.nama",
        "ibu.nama",
        "saksi.1.nik",
        "anak.tanggal_lahir",
        "ayah.tanggal_lahir",
        "dokumen.kk",
    }
    assert all(reason["message"] for reason in reasons)


async def test_data_may_come_nested_as_well(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    nested = {
        "pelapor": {"nama": "Budi Santoso"},
        "ibu": {"nama": "Siti Aminah"},
        "anak": {"nama": "Bayu", "jenis_kelamin": "L", "tempat_lahir": "Slawi", "tanggal_lahir": "2025-11-10"},
        "saksi": [{"nama": "Joko Widagdo"}, {"nama": "Dewi Lestari Ningsih"}],
    }
    ref = await dukcapil.submit(replace(birth(), data=nested))
    page = await desk.page(f"/petugas/dukcapil/{ref}")
    assert "<h3>Saksi 2</h3>" in page and "Dewi Lestari Ningsih" in page


async def test_another_offices_service_is_refused(dukcapil: DukcapilAgency) -> None:
    with pytest.raises(AgencyError):
        await dukcapil.submit(replace(birth(), service="sip-dokter"))


async def issued(dukcapil: DukcapilAgency, desk: Sandbox, **changes: Any) -> str:
    ref = await dukcapil.submit(birth(**changes))
    for action in ("verifikasi", "proses", "kirim-tte", "terbitkan"):
        assert await desk.act(ref, action) == 303
    name, content = await dukcapil.document(ref)
    assert name == f"akta-kelahiran-CONTOH-{ref}.pdf"
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


async def test_the_birth_certificate_names_the_child_and_both_parents(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    text = await issued(dukcapil, desk)
    assert "KUTIPAN AKTA KELAHIRAN" in text and "BUKAN DOKUMEN RESMI" in text
    assert "AISYAH PUTRI SANTOSO" in text and "10 November 2025" in text
    assert "ke-2 (kedua) perempuan" in text
    assert "BUDI SANTOSO dan SITI AMINAH" in text
    assert "3328-LU-24112025-" in text


async def test_without_a_father_the_deed_names_the_mother_alone(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    assert "ibu SITI AMINAH" in await issued(dukcapil, desk, **{"ayah.nama": "", "ayah.nik": ""})


async def test_an_unrecorded_marriage_is_stated_in_the_deed(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    assert "belum tercatat" in await issued(dukcapil, desk, **{"orang_tua.perkawinan": "sptjm"})


async def test_a_birth_reported_after_sixty_days_is_numbered_as_late(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    assert "3328-LT-24112025-" in await issued(dukcapil, desk, **{"anak.tanggal_lahir": "2025-09-01"})


async def test_a_long_name_stays_on_the_page(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    name = " ".join(["Kusumaningrum"] * 8)
    text = await issued(dukcapil, desk, **{"anak.nama": name})
    assert text.count("KUSUMANINGRUM") == 8


async def test_other_services_get_a_plain_document(
    dukcapil: DukcapilAgency, desk: Sandbox, clock: MovableClock
) -> None:
    ref = await dukcapil.submit(replace(birth(), service="kia", data={"anak.nama": "Bayu"}))
    for action in ("verifikasi", "proses", "terbitkan"):
        await desk.act(ref, action)
    _, content = await dukcapil.document(ref)
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert "KIA" in text and "Bayu" in text and "CONTOH" in text

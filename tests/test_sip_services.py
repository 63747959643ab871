"""The 31 licences: each leads from the first question to the review, and asks what its kind of application needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.domain.catalogue import Catalogue, answer
from bot.domain.form import Engine
from bot.domain.form_draft import Draft, Mode
from bot.domain.form_model import own_key
from bot.domain.messages import FileRef
from bot.domain.variants import variant_meant
from bot.registry import agency_manifest
from integrations.sdmk import records
from tests import content

DATA = Path(__file__).parents[1] / "data"
TEXTS = content.texts()
SLUGS = sorted(agency_manifest(DATA.parent / "integrations" / "sdmk").services)
VARIANTS = ("baru", "perpanjangan", "perubahan", "tambah-tempat", "pencabutan", "cetak-ulang")
PAPER = FileRef(id="f1", name="surat.pdf", type="application/pdf", size=9)
BY_TYPE = {
    "consent": "setuju", "name": "Karso Wijaya", "nik": "3328990101900001", "phone": "081234567890",
    "email": "karso@contoh.id", "sip_no": "446/012/SIP/2021", "str_no": "AB12345678901234", "date": "31-12-2026",
    "text": "Klinik Contoh Sehat", "address": "Jalan Contoh Nomor 1", "village": "Procot, Slawi",
    "schedule": "Senin-Jumat 08.00-14.00", "yes_no": "ya", "confirm": "ya",
}  # fmt: skip
KNOWN = {"nama": "Karso Wijaya", "nik": "3328990101900001"}


@cache
def catalogue() -> Catalogue:
    return content.catalogue()


def walk(
    slug: str, variant: str, language: str = "id", known: Mapping[str, Any] | None = None, **said: str
) -> tuple[list[str], Draft, Engine]:
    """The fields asked up to the review; ``said`` are answers by field path with ``__`` for the dot."""
    answers = {path.replace("__", "."): text for path, text in said.items()}
    engine = Engine(catalogue().services[slug], TEXTS, language, date(2026, 1, 5))
    draft = engine.start(known or KNOWN, assurance=3, variant=variant)
    asked: list[str] = []
    while draft.mode is not Mode.REVIEWING:
        question = engine.question(draft)
        assert question is not None and question.text and "{" not in question.text
        asked.append(question.path)
        assert len(asked) < 30, asked
        if question.accepts == "file":
            judgement = engine.judge(draft, PAPER)
        else:
            usual = "Sp.A" if question.path == "profesi.kualifikasi" and "spesialis" in slug else "1"
            text = answers.get(question.path) or BY_TYPE.get(question.field_type, usual)
            judgement = engine.judge(draft, text)
        assert judgement.ok, (question.path, judgement.problem_text)
        draft = engine.accept(draft, judgement)
    return asked, draft, engine


def test_every_licence_of_the_agency_is_there_and_offered() -> None:
    assert len(SLUGS) == 31
    assert {s for s in catalogue().services if s.startswith("sip-")} == set(SLUGS)
    assert set(SLUGS) <= set(catalogue().loci["33.28"].services)
    assert {catalogue().services[s].agency for s in SLUGS} == {"sdmk"}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_kind_of_application_reaches_its_review(slug: str) -> None:
    assert tuple(v.id for v in catalogue().services[slug].variants) == VARIANTS
    for variant in VARIANTS:
        asked, draft, engine = walk(slug, variant)
        data = engine.payload(draft)
        assert data["pemohon"]["nik"] == KNOWN["nik"]
        assert len(asked) <= 21, asked


@pytest.mark.parametrize("language", ["en", "jv"])
def test_it_is_asked_in_every_language(language: str) -> None:
    for variant in VARIANTS:
        walk("sip-bidan", variant, language)


def test_only_what_the_kind_of_application_needs_is_asked() -> None:
    asked = {variant: set(walk("sip-perawat", variant)[0]) for variant in VARIANTS}
    assert {v for v in VARIANTS if "str.nomor" in asked[v]} == {"baru", "perpanjangan", "tambah-tempat"}
    assert {v for v in VARIANTS if "skp.tercatat" in asked[v]} == {"perpanjangan"}
    assert {v for v in VARIANTS if "sip_lama.nomor" in asked[v]} == set(VARIANTS) - {"baru", "cetak-ulang"}
    assert {v for v in VARIANTS if "tempat.alamat" in asked[v]} == {"baru", "perubahan", "tambah-tempat"}
    assert {v for v in VARIANTS if "pemohon.nama" in asked[v]} == set()


def test_own_practice_needs_a_statement_and_a_facility_its_letter() -> None:
    own, _, _ = walk("sip-bidan", "baru", tempat__jenis="mandiri")
    facility, _, _ = walk("sip-bidan", "baru", tempat__jenis="puskesmas")
    assert "dokumen.pernyataan_tempat" in own and "dokumen.surat_tempat" not in own
    assert "dokumen.surat_tempat" in facility and "dokumen.pernyataan_tempat" not in facility


def test_a_registration_is_for_life_or_has_its_date_and_is_sent_only_when_no_office_has_it() -> None:
    for_life, _, _ = walk("sip-atlm", "baru", str__masa="seumur hidup")
    dated, draft, engine = walk("sip-atlm", "baru", str__masa="ada tanggal akhirnya", str__tercatat="belum")
    assert not {"str.sampai", "str.foto"} & set(for_life)
    assert {"str.sampai", "str.foto"} <= set(dated)
    assert engine.payload(draft)["str"]["sampai"] == "2026-12-31"


def test_credits_are_proven_only_when_they_are_not_on_record() -> None:
    assert "skp.bukti" not in walk("sip-bidan", "perpanjangan")[0]
    assert "skp.bukti" in walk("sip-bidan", "perpanjangan", skp__tercatat="belum")[0]


def test_what_changes_decides_what_is_asked() -> None:
    moved, _, _ = walk("sip-bidan", "perubahan", perubahan__apa="pindah tempat")
    named, _, _ = walk("sip-bidan", "perubahan", perubahan__apa="gelar saya")
    hours, _, _ = walk("sip-bidan", "perubahan", perubahan__apa="jam praktik")
    assert "tempat.nama" in moved and "perubahan.nilai_baru" not in moved
    assert {"perubahan.nilai_baru", "dokumen.bukti_perubahan"} <= set(named) and "tempat.nama" not in named
    assert "perubahan.jadwal" in hours and "dokumen.bukti_perubahan" not in hours


def test_some_professions_ask_one_thing_more() -> None:
    assert "profesi.peran" in walk("sip-apoteker", "baru")[0]
    asked, draft, engine = walk("sip-dokter-spesialis", "baru", profesi__kualifikasi="Sp.OG")
    assert engine.payload(draft)["profesi"] == {"kualifikasi": "obgin"} and "profesi.bidang_lain" not in asked
    assert "profesi.bidang_lain" in walk("sip-dokter-spesialis", "baru", profesi__kualifikasi="subspesialis")[0]


# -- filled in from the record ------------------------------------------------------------------------------------------

MOST_ASKED = 6
"""Questions of an application, the review counted; issue 6."""


def record(slug: str, *, places: int = 1, work: bool = True, **changes: Any) -> dict[str, Any]:
    """What is known of a health worker of that licence, with so many licences; ``work``: a place is on record without one."""
    first = catalogue().services[slug].form
    assert first is not None
    codes = {f"{s.id}.{f.id}": f.choices[0].code for s in first.sections for f in s.fields if f.choices}
    licences = [
        {"nomor": f"446/00{n}/SIP-CONTOH/2022", "tempat": f"Klinik Contoh {n}", "sampai": "2027-03-01", "jenis": "faskes",
         "alamat": f"Jalan Contoh Nomor {n}", "kode_desa": "33.28.10.1008", "tercatat": True}
        for n in range(1, places + 1)
    ]  # fmt: skip
    hospital = {"tempat": "Rumah Sakit Contoh", "jenis": "faskes", "alamat": "Jalan Contoh Nomor 20",
                "kode_desa": "33.28.10.1009", "tercatat": True}  # fmt: skip
    row = {
        "nik": KNOWN["nik"], "nama": KNOWN["nama"], "tanggal_lahir": "1990-01-01", "layanan": slug, "profesi": "contoh",
        "kualifikasi": codes["profesi.kualifikasi"], "peran": codes.get("profesi.peran"), "telepon": "+628000000001",
        "email": "karso@contoh.id", "asn": False, "foto": True, "str": {"nomor": "CONTOH-889", "masa": "seumur_hidup"},
        "skp": {"pembelajaran": 40, "pelayanan": 30, "pengabdian": 6, "cukup": True}, "sip": licences,
        "tempat_kerja": [hospital] if work else [], **changes,
    }  # fmt: skip
    data = records.person(row, KNOWN["nik"], date(2026, 1, 5)).data
    return {**KNOWN, **{own_key(slug, key): value for key, value in data.items()}}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_renewal_asks_nothing_that_is_on_record(slug: str) -> None:
    asked, draft, engine = walk(slug, "perpanjangan", known=record(slug))
    # Consent, then the review. With NIK, birth date and two selfies before it that is six.
    assert asked == ["persetujuan.setuju"]
    data = engine.payload(draft)
    assert data["tempat"]["nama"] == "Klinik Contoh 1" and data["sip_lama"]["nomor"] == "446/001/SIP-CONTOH/2022"
    assert data["str"]["nomor"] == "CONTOH-889" and data["skp"] == {"tercatat": True} and "catatan" not in data


@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_licence_asks_at_most_six_questions_even_for_a_place_nobody_has_on_record(slug: str) -> None:
    recorded, draft, engine = walk(slug, "baru", known=record(slug, places=0))
    assert recorded == ["persetujuan.setuju", "tempat.jadwal"]
    assert engine.payload(draft)["tempat"]["desa"] == "33.28.10.1009"
    address = "Jl. Melati No. 5 RT 03 RW 05, Procot, Slawi"
    asked, draft, engine = walk(slug, "baru", known=record(slug, places=0, work=False), tempat__alamat=address)
    assert asked[0] == "persetujuan.setuju" and len(asked[1:]) + 1 <= MOST_ASKED, asked
    assert engine.payload(draft)["tempat"]["desa"] == "33.28.10.1008"


def test_what_was_filled_in_is_shown_once_and_can_be_corrected() -> None:
    _, draft, engine = walk("sip-perawat", "perpanjangan", known=record("sip-perawat"))
    review = engine.review_text(draft)
    assert "Klinik Contoh 1" in review and "CONTOH-889" in review and "dari catatan resmi" in review
    assert "Catatan SDMK" not in review and "CATATAN SDMK" not in review
    draft = engine.correcting(draft, "nama tempat praktik")
    judged = engine.judge(draft, "Klinik Lain")
    draft = engine.accept(draft, judged)
    asked = engine.question(draft)
    # Of another place nothing is on record: its kind and its letter are asked for now.
    assert asked is not None and asked.path == "tempat.jenis"
    draft = engine.accept(draft, engine.judge(draft, "faskes"))
    asked = engine.question(draft)
    assert asked is not None and asked.path == "dokumen.surat_tempat"


def test_of_several_licences_the_person_says_which_one() -> None:
    asked, draft, engine = walk(
        "sip-bidan", "perpanjangan", known=record("sip-bidan", places=2), sip_lama__pilihan="klinik contoh 2"
    )
    assert asked == ["persetujuan.setuju", "sip_lama.pilihan"]
    data = engine.payload(draft)
    assert data["sip_lama"]["nomor"] == "446/002/SIP-CONTOH/2022" and data["tempat"]["nama"] == "Klinik Contoh 2"


def test_what_is_not_on_record_is_asked() -> None:
    known = record("sip-perawat", str={"nomor": "X-1", "masa": "sampai", "sampai": "2025-12-31"}, foto=False)
    asked, _, _ = walk("sip-perawat", "perpanjangan", known=known)
    assert {"str.nomor", "str.masa", "str.tercatat", "dokumen.pas_foto"} <= set(asked)


OUTDATED = re.compile(r"npwp|rekomendasi|vaksin|sicantik|\bkis\b|meterai|materai", re.IGNORECASE)


@pytest.mark.parametrize("slug", SLUGS)
def test_no_outdated_paper_is_required_and_that_is_said(slug: str) -> None:
    service = catalogue().services[slug]
    required = [r.fact.text["id"] for v in service.variants for r in v.requirements]
    assert not [text for text in required if OUTDATED.search(text)]
    for variant in ("baru", "perpanjangan", "tambah-tempat"):
        said = answer(service, "requirements", "id", TEXTS, variant)
        assert "Rekomendasi organisasi profesi sudah tidak diperlukan" in said and "syarat lama" in said


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("sipp", "sip-perawat"), ("sipb", "sip-bidan"), ("tpmb", "sip-bidan"), ("sipa", "sip-apoteker"),
        ("sipttk", "sip-ttk"), ("drg", "sip-dokter-gigi"), ("ahli gizi", "sip-nutrisionis"),
        ("analis kesehatan", "sip-atlm"), ("pmik", "sip-perekam-medis"), ("tkv", "sip-teknisi-kardiovaskuler"),
        ("tgm", "sip-terapis-gigi-mulut"), ("sip ro", "sip-refraksionis-optisien"), ("sip tw", "sip-terapis-wicara"),
        ("sip ot", "sip-okupasi-terapis"), ("fismed", "sip-fisikawan-medik"), ("perawat gigi", "sip-terapis-gigi-mulut"),
        ("perawat anestesi", "sip-penata-anestesi"), ("dokter anestesi", "sip-dokter-spesialis"),
    ],
)  # fmt: skip
def test_an_old_or_short_name_belongs_to_one_licence(name: str, slug: str) -> None:
    assert catalogue().also_called[name] == slug


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("sip saya mau habis", "perpanjangan"),
        ("perpanjang sip bidan", "perpanjangan"),
        ("mau bikin sip baru", "baru"),
        ("pindah tempat praktik", "perubahan"),
        ("mau sip kedua di klinik", "tambah-tempat"),
        ("mau cabut sip", "pencabutan"),
        ("sip saya hilang", "cetak-ulang"),
        ("sip nyong entek", "perpanjangan"),
        ("mau urus sip", None),
    ],
)
def test_the_citizens_own_words_name_the_kind_of_application(text: str, variant: str | None) -> None:
    meant = variant_meant(text, catalogue().services["sip-bidan"])
    assert (meant.id if meant else None) == variant

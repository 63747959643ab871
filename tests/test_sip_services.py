"""The 31 licences: each leads from the first question to the review, and asks what its kind of application needs."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bot import registry
from bot.content import load_catalogue
from bot.domain.catalogue import Catalogue, answer
from bot.domain.form import Engine
from bot.domain.form_draft import Draft, Mode
from bot.domain.messages import FileRef
from bot.domain.variants import variant_meant
from bot.texts import YamlTexts

DATA = Path(__file__).parents[1] / "data"
TEXTS = YamlTexts(DATA / "messages")
SLUGS = sorted(registry.agencies()["sdmk"].manifest.services)
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
    return load_catalogue(DATA)


def walk(slug: str, variant: str, language: str = "id", **said: str) -> tuple[list[str], Draft, Engine]:
    """The fields asked up to the review; ``said`` are answers by field path with ``__`` for the dot."""
    answers = {path.replace("__", "."): text for path, text in said.items()}
    engine = Engine(catalogue().services[slug], TEXTS, language, date(2026, 1, 5))
    draft = engine.start(KNOWN, assurance=3, variant=variant)
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

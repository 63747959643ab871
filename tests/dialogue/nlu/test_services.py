"""Which service a message names. The names are the real ones, of the catalogue and of data/nlu."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.normalise import words
from bot.dialogue.nlu.reader import Reader, Reading
from bot.dialogue.nlu.services import OTHER, Found, ServiceDictionary
from tests.dialogue.nlu.conftest import component, real_names

CONTRACT = """ktp kk akta-kelahiran akta-kematian kia pindah-datang akta-perkawinan akta-perceraian sip sip-dokter
sip-dokter-spesialis sip-dokter-gigi sip-psikolog-klinis sip-perawat sip-bidan sip-apoteker sip-ttk sip-epidemiolog
sip-promkes sip-kesehatan-kerja sip-sanitarian sip-entomolog sip-nutrisionis sip-fisioterapis sip-okupasi-terapis
sip-terapis-wicara sip-akupunktur sip-perekam-medis sip-teknisi-kardiovaskuler sip-teknisi-pelayanan-darah
sip-refraksionis-optisien sip-teknisi-gigi sip-penata-anestesi sip-terapis-gigi-mulut sip-audiologis sip-radiografer
sip-elektromedis sip-atlm sip-fisikawan-medik sip-ortotis-prostetis""".split()

READER = Reader.of(real_names(), {}, component(0))


def found(services: ServiceDictionary, text: str) -> str | None:
    service = services.find(text)
    return service.slug if service else None


def test_every_service_of_the_contract_has_names(services: ServiceDictionary) -> None:
    assert {slug for slug in services.phrases.values() if not slug.startswith(OTHER)} == set(CONTRACT)
    assert len(CONTRACT) == 40


@pytest.mark.parametrize("slug", CONTRACT)
def test_every_service_is_found_by_each_of_its_names(slug: str, services: ServiceDictionary) -> None:
    for phrase, named in services.phrases.items():
        if named == slug:
            asked = " ".join(phrase)
            licence = slug.startswith("sip-")
            text = f"mau urus izin praktik {asked}" if licence else f"mau urus {asked}"
            assert found(services, text) == slug, text


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("pan gawe akte lairan anake nyong", "akta-kelahiran"),
        ("aktene simbah sing seda", "akta-kematian"),
        ("KTP-ku ilang", "ktp"),
        ("kk-nya sobek", "kk"),
        ("e-KTP saya rusak", "ktp"),
        ("bawa kk sama ktp buat urus akta kematian", "akta-kematian"),
        ("perpanjangan SIPB", "sip-bidan"),
        ("izin praktek fisoterapis", "sip-fisioterapis"),
        ("surat ijin praktik dokter gigi", "sip-dokter-gigi"),
        ("mau perpanjang sip, bisa?", "sip"),
        ("halo selamat pagi", None),
        ("sampai kapan bukanya", None),
        ("perpanjang sim c", None),
        ("", None),
        ("👍", None),
    ],
)
def test_chat_spelling_is_read(text: str, slug: str | None, services: ServiceDictionary) -> None:
    assert found(services, text) == slug


@pytest.mark.parametrize("text", ["sip", "Sip 👍", "sip lah", "oke sip", "sip makasih min", "siip mantap"])
def test_agreeing_with_sip_is_no_licence(text: str, services: ServiceDictionary) -> None:
    assert found(services, text) is None


def test_a_profession_alone_is_no_licence_but_may_propose_one(services: ServiceDictionary) -> None:
    read = services.findings(words("saya bidan di balapulang mau tanya jam buka"))
    assert (read.service, read.profession) == (None, "sip-bidan")
    assert found(services, "saya perawat mau bikin ktp") == "ktp"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("perpanjang sim c di mana", "sim"),
        ("bpjs saya tidak aktif", "bpjs"),
        ("pan mbayar pajek motor", "pajak-kendaraan"),
        ("kapan bansos cair", "bansos"),
        ("bikin paspor", "paspor"),
        ("syarat bikin ktp", None),
    ],
)
def test_what_belongs_to_others_has_a_topic(text: str, topic: str | None, services: ServiceDictionary) -> None:
    assert services.findings(words(text)).other == topic


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("mau bikin ktp dan kia", "kia"),
        ("urus kk sama akta kelahiran sekalian", "akta-kelahiran"),
        ("bawa ktp dan kk", None),
        ("kk trus akta lahir", "akta-kelahiran"),
        ("mau bikin ktp, kk trus akta lahir", "kk,akta-kelahiran"),
        ("mau urus ktp ama kia sm kk", "kia,kk"),
        ("mau bikin ktp, kk sudah ada", None),
        ("mau bikin ktp", None),
    ],
)
def test_two_services_wanted_in_one_breath_are_both_found(
    text: str, also: str | None, services: ServiceDictionary
) -> None:
    assert services.findings(words(text)).also == also


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("syarat bikin akta kelahiran?", Reading("syarat buat svccivil ?", "akta-kelahiran")),
        ("sip bidan berapa lama", Reading("svclicence berapa lama", "sip-bidan")),
        ("oke sip", Reading("ok sip" if words("oke") == ["ok"] else "oke sip")),
    ],
)
def test_the_classifier_sees_the_kind_in_place_of_the_name(text: str, read: Reading) -> None:
    assert READER.read(text) == read


def test_no_name_reaches_over_the_end_of_a_sentence(services: ServiceDictionary) -> None:
    assert READER.read("120 siswa belum rekam KTP. Anak-anak sulit izin").service == "ktp"
    assert services.find("rekam ktp anak") == Found("kia", 1, 3)
    assert READER.read("izin praktik dr. Sp. A").service is not None


def test_the_matter_of_others_stays_beside_its_kind() -> None:
    assert READER.read("perpanjang sim").words.startswith("svcother ")


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    READER.read(text)

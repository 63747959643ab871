"""Which service a message names. The dictionary is the real one."""

from __future__ import annotations

import pytest
import yaml

from bot.dialogue.nlu.normalise import words
from bot.dialogue.nlu.services import ServiceDictionary
from bot.settings import ROOT

CONFIG = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"][0]


def real_dictionary() -> ServiceDictionary:
    synonyms = {}
    for entry in yaml.safe_load((ROOT / "data/nlu/services.yml").read_text("utf-8"))["nlu"]:
        for line in entry["examples"].splitlines():
            synonyms[line.removeprefix("- ")] = entry["synonym"]
    return ServiceDictionary.of(synonyms, CONFIG["licence"], CONFIG["licence_words"])


SERVICES = real_dictionary()

CONTRACT = """ktp kk akta-kelahiran akta-kematian kia pindah-datang akta-perkawinan akta-perceraian sip sip-dokter
sip-dokter-spesialis sip-dokter-gigi sip-psikolog-klinis sip-perawat sip-bidan sip-apoteker sip-ttk sip-epidemiolog
sip-promkes sip-kesehatan-kerja sip-sanitarian sip-entomolog sip-nutrisionis sip-fisioterapis sip-okupasi-terapis
sip-terapis-wicara sip-akupunktur sip-perekam-medis sip-teknisi-kardiovaskuler sip-teknisi-pelayanan-darah
sip-refraksionis-optisien sip-teknisi-gigi sip-penata-anestesi sip-terapis-gigi-mulut sip-audiologis sip-radiografer
sip-elektromedis sip-atlm sip-fisikawan-medik sip-ortotis-prostetis""".split()


def found(text: str) -> str | None:
    service = SERVICES.find(text)
    return service.slug if service else None


def test_every_service_of_the_contract_has_names() -> None:
    assert set(SERVICES.phrases.values()) == set(CONTRACT)
    assert len(CONTRACT) == 40


@pytest.mark.parametrize("slug", CONTRACT)
def test_every_service_is_found_by_each_of_its_names(slug: str) -> None:
    for phrase, named in SERVICES.phrases.items():
        if named == slug:
            asked = " ".join(phrase)
            assert found(f"mau urus izin praktik {asked}" if slug.startswith("sip-") else f"mau urus {asked}") == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("pan gawe akte lairan anake nyong", "akta-kelahiran"),
        ("aktene simbah sing seda", None),
        ("KTP-ku ilang", "ktp"),
        ("kk-nya sobek", "kk"),
        ("e-KTP saya rusak", "ktp"),
        ("bawa kk sama ktp buat urus akta kematian", "akta-kematian"),
        ("perpanjangan SIPB", "sip-bidan"),
        ("izin praktek fisoterapis", "sip-fisioterapis"),
        ("surat ijin praktik dokter gigi", "sip-dokter-gigi"),
        ("mau perpanjang sip, bisa?", "sip"),
        ("halo selamat pagi", None),
        ("", None),
        ("👍", None),
    ],
)
def test_chat_spelling_is_read(text: str, slug: str | None) -> None:
    assert found(text) == slug


@pytest.mark.parametrize("text", ["sip", "Sip 👍", "sip lah", "oke sip", "sip makasih min", "siip mantap"])
def test_agreeing_with_sip_is_no_licence(text: str) -> None:
    assert found(text) is None


def test_a_profession_alone_is_no_licence() -> None:
    assert found("saya bidan di balapulang mau tanya jam buka") is None
    assert found("saya perawat mau bikin ktp") == "ktp"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Syarate gaweee KTP apa bae yaaa??", "syarat buat ktp apa saja ya"),
        ("nik 3328990101900001", "nik 0000"),
        ("mboten saged", "tidak bisa"),
        ("hati2", "hati"),
        ("aja ngirim maning", "aja kirim lagi"),
        ("ﬁle", "file"),
    ],
)
def test_words_get_one_spelling(text: str, read: str) -> None:
    assert " ".join(words(text)) == read

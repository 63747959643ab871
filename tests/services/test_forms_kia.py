"""The form of the child card, as parents and guardians go through it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.citizen import Citizen
from tests.services.cards import BABY, CHILD, TEEN, begun, sent


def kia(variant: str, nik: str, *rest: Any) -> Citizen:
    return begun("kia", variant).send("ayah", "Dimas Pratama", nik, *rest)


def test_under_five_the_card_needs_no_photo() -> None:
    him = kia("pertama", BABY, "belum", "1-7-2024", "3328-LU-10072024-0007")
    assert sent(him) == {"dokumen.akta_kelahiran", "dokumen.kk", "dokumen.ktp_pemohon", "dokumen.ktp_orang_tua_lain"}
    assert him.payload["anak"]["tanggal_lahir"] == "2024-07-01"


def test_from_five_the_card_needs_a_photo() -> None:
    him = kia("pertama", TEEN, "sudah", "20-5-2015", "3328-LU-10062015-0007")
    assert "dokumen.pas_foto" in sent(him)


def test_a_birth_date_that_contradicts_the_age_is_not_taken_and_the_age_can_be_changed() -> None:
    him = kia("pertama", TEEN, "belum", "20-5-2015")
    assert him.path == "anak.tanggal_lahir"
    him.send("ganti umur", "sudah")
    assert him.path == "anak.tanggal_lahir_anak_besar"
    him.send("20-5-2015", "3328-LU-10062015-0007")
    assert "dokumen.pas_foto" in sent(him)


def test_who_is_seventeen_gets_no_child_card() -> None:
    him = kia("pertama", "3328990101080001", "sudah", "1-1-2008")
    assert him.path == "anak.tanggal_lahir_anak_besar"


def test_the_new_card_at_five_does_not_ask_the_age_and_takes_no_younger_child() -> None:
    him = kia("perpanjangan", BABY, "1-7-2024")
    assert him.path == "anak.tanggal_lahir_anak_besar"
    assert him.said
    him = kia("genap 5 tahun", CHILD, "14-3-2020", "3328-LU-20032020-0001")
    assert {"dokumen.pas_foto", "dokumen.kia_lama"} <= sent(him)


@pytest.mark.parametrize(
    ("variant", "papers"),
    [
        ("hilang", {"kehilangan.foto_surat_polisi"}),
        ("rusak", {"dokumen.kia_lama"}),
        ("perubahan", {"dokumen.kia_lama", "perubahan.bukti"}),
    ],
)
def test_a_lost_damaged_or_changed_child_card_needs_its_own_paper(variant: str, papers: set[str]) -> None:
    him = kia(variant, BABY, "belum", "1-7-2024")
    assert sent(him) == papers | {"dokumen.kk"}


def test_a_guardian_is_not_asked_for_another_parent() -> None:
    her = begun("kia", "pertama").send("nenek")
    her.send("Dimas Pratama", BABY, "belum", "1-7-2024", "3328-LU-10072024-0007")
    assert "dokumen.ktp_orang_tua_lain" not in sent(her)
    assert her.payload["pemohon"]["hubungan"] == "wali"


def test_the_child_has_an_own_nik() -> None:
    him = begun("kia", "pertama").send("ayah", "Dimas Pratama", "3328990101900001")
    assert him.path == "anak.nik"

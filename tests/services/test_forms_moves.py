"""Moving: who goes, who stays, and which papers that needs."""

from __future__ import annotations

import pytest

from tests.domain.citizen import Citizen
from tests.services.deeds import HUSBAND, OTHER_CARD, WIFE, asked_for, citizen, hand_in

OUTSIDE = ("Jl. Melati No. 5", "rt 3 rw 5", "Jatiasih", "Jatiasih", "Kota Bekasi", "Jawa Barat", "17423")
INSIDE = ("Jl. Melati No. 5", "rt 3 rw 5", "Procot, Slawi")


def mover(variant: str, *first: str) -> Citizen:
    return citizen("pindah-datang", variant).send("081234567890", "-", *first)


def test_a_whole_family_leaves_with_a_letter_and_nothing_is_asked_of_those_who_stay() -> None:
    him = mover("keluar", "ya", "ya", "kepala keluarga", "kerja", "beda provinsi", "semua", "1-12-2025")
    him.send("Nur Hayati", HUSBAND)
    assert "berbeda" in him.said
    him.send(WIFE, "istri", "ya", "Siti Aminah", WIFE)
    assert "berbeda" in him.said
    him.send("3328995708150006", "anak", "tidak", *INSIDE, *OUTSIDE, "membuat kk baru")
    assert hand_in(him) == ["kk"]
    assert [p["nama"] for p in him.payload["anggota"]] == ["Nur Hayati", "Siti Aminah"]
    assert him.payload["tujuan_luar"]["kabupaten"] == "Kota Bekasi"
    assert him.payload["kepindahan"]["klasifikasi_luar"] == "antar_provinsi"
    assert not {"kk.tinggal", "pengambilan.tempat", "tujuan.rumah"} & asked_for(him)


def test_when_only_the_head_moves_a_grown_up_who_stays_becomes_the_head() -> None:
    him = mover("keluar", "ya", "tidak", "kepala keluarga", "1", "2", "kepala keluarga saja", "1-12-2025")
    him.send(*INSIDE, *OUTSIDE, "numpang", OTHER_CARD, "Joko", "kk baru", "ya")
    assert him.path == "kk.kepala_baru"
    him.send("Nur Hayati")
    # The consent of the host is handed in where one arrives.
    assert hand_in(him) == ["kk"]


def test_children_who_stay_alone_need_a_guardian() -> None:
    him = mover("keluar", "ya", "tidak", "kepala keluarga", "1", "2", "1", "1-12-2025")
    him.send(*INSIDE, *OUTSIDE, "baru", "numpang", "tidak")
    assert him.path == "kk.nama_wali"
    him.send("Slamet")
    assert hand_in(him) == ["kk", "kuasa_pengasuhan", "pernyataan_wali"]


def test_a_child_that_moves_alone_needs_consent_and_in_another_family_a_letter_of_custody() -> None:
    him = mover("dalam-kabupaten", "tidak", "sekolah", "antar desa", "anggota saja", "besok")
    assert him.path == "anggota.0.nama"
    him.send("Siti Aminah", "3328995708150006", "anak", "tidak", *INSIDE, "Jl. Mawar 1", "1/2", "Kagok", "ikut saudara")
    him.send("numpang", OTHER_CARD, "Joko")
    assert him.path == "kk.anak_sendiri"
    him.send("ya", "paten")
    him.send("Slawi")
    assert hand_in(him) == [
        "kk", "kk_tumpangan", "persetujuan_pemilik", "izin_orang_tua", "kuasa_pengasuhan", "pernyataan_wali",
    ]  # fmt: skip
    assert him.payload["kk"]["tinggal"] == "3"


@pytest.mark.parametrize(("home", "consent"), [("rumah sendiri", False), ("ngontrak", True), ("numpang", True)])
def test_only_a_lodger_needs_the_owners_consent(home: str, consent: bool) -> None:
    him = mover("dalam-kabupaten", "ya", "tidak", "kepala keluarga", "rumah baru", "1", "2", "kemarin")
    him.send(*INSIDE, "Jl. Mawar 1", "1/2", "Kagok", home, "kk baru", "mpp")
    assert hand_in(him) == (["kk", "persetujuan_pemilik"] if consent else ["kk"])


@pytest.mark.parametrize(
    ("letter", "papers"), [(("ya", "SKPWNI/3275/12082025/0015", "12-8-2025"), ["skpwni"]), (("belum",), ["kk"])]
)
def test_who_arrives_brings_the_letter_or_the_office_asks_for_it(letter: tuple[str, ...], papers: list[str]) -> None:
    him = mover("datang", "ya", "tidak", "kepala keluarga", *letter)
    him.send("lainnya", "pulang kampung", "2", "2", "1-9-2025", *OUTSIDE, *INSIDE, "sendiri", "2", "mpp")
    assert hand_in(him) == papers
    assert him.payload["kepindahan"]["alasan_lain"] == "pulang kampung"
    assert "kk.tinggal" not in asked_for(him)

"""Deeds: the conditions that decide what a citizen is asked and which papers are needed."""

from __future__ import annotations

import re

import pytest

from bot.domain.catalogue import Ending
from bot.domain.fields.base import Verdict
from bot.domain.form import Mode
from bot.domain.variants import variant_meant
from tests.domain.citizen import Citizen, photo
from tests.domain.spec import DATA
from tests.services.applicant import service_of
from tests.services.deeds import (
    FAMILY_CARD,
    HUSBAND,
    OTHER,
    OTHER_CARD,
    WIFE,
    WITNESSES,
    asked_for,
    citizen,
    hand_in,
    witnessed,
)

# -- which variant -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "text", "variant"),
    [
        ("akta-kelahiran", "mau buat akta kelahiran", "baru"),
        ("akta-kelahiran", "pan gawe akte lairan", "baru"),
        ("akta-kelahiran", "mau bikin akta kelahiran yang hilang", "kutipan-kedua"),
        ("akta-kelahiran", "akta kelahiran anak saya sobek", "kutipan-kedua"),
        ("akta-kelahiran", "akta lahir telat 3 tahun", "terlambat"),
        ("akta-kelahiran", "anak saya sudah sekolah tapi belum punya akta", "terlambat"),
        ("akta-kelahiran", "nama di akta kelahiran salah tulis", "pembetulan"),
        ("akta-kelahiran", "mau ganti nama di akta", "pembetulan"),
        ("akta-kelahiran", "akta kelahiran", None),
        ("akta-kematian", "mau urus akta kematian bapak", "baru"),
        ("akta-kematian", "simbah sudah lama meninggal dan tidak terdata", "tidak-terdata"),
        ("akta-kematian", "adik saya orang hilang di laut", "hilang"),
        ("akta-kematian", "akta kematian bapak rusak", "kutipan-kedua"),
        ("pindah-datang", "saya pindah keluar kota", "keluar"),
        ("pindah-datang", "mau pindah ke jakarta", "keluar"),
        ("pindah-datang", "pindah dari bekasi ke tegal sudah punya skpwni", "datang"),
        ("pindah-datang", "pindah antar desa", "dalam-kabupaten"),
        ("pindah-datang", "pindah ke luar negeri jadi tkw", "luar-negeri"),
        ("pindah-datang", "mau pindah", None),
        ("akta-perkawinan", "mau bikin akta nikah", None),
        ("akta-perkawinan", "nikah di gereja mau dicatat", "pencatatan"),
        ("akta-perkawinan", "saya muslim mau akta nikah", "muslim"),
        ("akta-perkawinan", "menikah di luar negeri", "luar-negeri"),
        ("akta-perceraian", "mau urus akta cerai", None),
        ("akta-perceraian", "cerai di pengadilan agama", "muslim"),
        ("akta-perceraian", "sudah ada putusan pengadilan negeri", "baru"),
        ("akta-perceraian", "akta cerai saya hilang", "kutipan-kedua"),
    ],
)
def test_first_words_name_the_variant_or_leave_it_open(slug: str, text: str, variant: str | None) -> None:
    meant = variant_meant(text, service_of(slug))
    assert (meant and meant.id) == variant


@pytest.mark.parametrize(
    ("slug", "variant"),
    [("akta-perkawinan", "muslim"), ("akta-perceraian", "muslim"), ("pindah-datang", "luar-negeri")],
)
def test_what_is_somebody_elses_matter_ends_in_a_referral_before_any_question(slug: str, variant: str) -> None:
    him = Citizen(service_of(slug))
    assert him.path == "_variant"
    him.send(next(v.name["id"] for v in service_of(slug).variants if v.id == variant))
    assert him.draft.mode is Mode.REFERRED
    assert him.engine.question(him.draft) is None
    assert service_of(slug).variant(variant).refer is not None


@pytest.mark.parametrize(
    "slug", ["akta-kelahiran", "akta-kematian", "akta-perkawinan", "akta-perceraian", "pindah-datang"]
)
def test_every_wording_is_there_in_three_languages(slug: str) -> None:
    one = service_of(slug)
    assert one.form is not None
    facts = [one.summary, one.fee, one.in_person, one.duration.fact, *one.facts, *one.result, *one.procedure]
    for variant in one.variants:
        facts += [r.fact for r in variant.requirements] + [*variant.facts, *(variant.result or ())]
        assert set(variant.name) == {"id", "en", "jv"}
        assert variant.requirements or variant.ends is Ending.REFERRAL
    assert all(set(f.text) == {"id", "en", "jv"} for f in facts)
    fields = [f for s in one.form.sections for f in s.fields]
    assert all(set(w) == {"id", "en", "jv"} for f in fields for w in (f.label, f.ask, f.help or f.ask))


# -- death -------------------------------------------------------------------------------------------------------------


def test_the_death_certificate_condoles_and_never_congratulates() -> None:
    text = (DATA / "services/akta-kematian.yml").read_text("utf-8")
    said = text.partition("\nslug:")[2].casefold()
    assert not re.search(r"\b(selamat|sugeng|congratulations)\b", said.replace("sugeng riyadi", ""))
    assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", said)
    assert "turut berduka cita" in Citizen(service_of("akta-kematian")).question.text
    assert "turut berduka cita" in citizen("akta-kematian", "baru").send("081234567890", "-").question.text


def bereaved(variant: str, relation: str = "anak") -> Citizen:
    return citizen("akta-kematian", variant).send("081234567890", "-", relation)


def test_a_child_reports_a_death_without_a_spouse_left() -> None:
    him = bereaved("baru").send("Sugeng Riyadi", OTHER, "2", "lupa", "Warsiti", "17-8-2025", "03.15", "sakit", "Tegal")
    him.send("dokter", "tidak")
    witnessed(him)
    assert hand_in(him) == ["surat_kematian", "kk_almarhum", "ktp_almarhum", "ktp_pelapor"]
    assert him.payload["kematian"] == {
        "tanggal": "2025-08-17", "hari": "Minggu", "pukul": "03:15", "sebab": "1", "tempat": "Tegal",
        "yang_menerangkan": "1",
    }  # fmt: skip
    assert "pengambilan" not in him.payload


def test_a_widow_is_not_asked_whether_she_is_left_behind() -> None:
    her = bereaved("baru", "istri").send("Sugeng Riyadi", OTHER, "2", "-", "-", "17-8-2025", "-", "1", "Tegal", "desa")
    assert her.path == "pengambilan.tempat"
    her.send("mpp")
    witnessed(her)
    assert "ktp_pasangan" not in hand_in(her)
    assert her.payload["pasangan"] == {"ada": True, "nama": "AHMAD FAUZI", "nik": HUSBAND}


def test_a_spouse_left_behind_gives_the_card_that_is_replaced() -> None:
    him = bereaved("baru").send("Sugeng Riyadi", OTHER, "2", "-", "-", "17-8-2025", "-", "1", "Tegal", "1", "ya")
    assert him.path == "pasangan.nama"
    him.send("Nur Hayati", OTHER)
    assert "berbeda" in him.said
    him.send(WIFE, "disdukcapil")
    witnessed(him)
    assert hand_in(him)[-1] == "ktp_pasangan"


@pytest.mark.parametrize(
    ("ruling", "papers"),
    [
        (("tidak",), ["surat_kematian_lama", "sptjm_kematian", "bukti_lama", "kk_pelapor", "ktp_pelapor"]),
        (
            ("ya", "Pengadilan Negeri Slawi", "12/Pdt.P/2025/PN Slw", "1-9-2025"),
            ["surat_kematian_lama", "penetapan", "kk_pelapor", "ktp_pelapor"],
        ),
    ],
)
def test_somebody_not_in_the_register_needs_a_ruling_or_a_statement(ruling: tuple[str, ...], papers: list[str]) -> None:
    him = bereaved("tidak-terdata").send(
        "Warsiti", "perempuan", "Tegal", "tidak tahu", "Dukuh Krajan RT 02 RW 01 Slawi"
    )
    assert "almarhum.nik" not in asked_for(him)
    him.send("-", "-", "-", "17-8-1999", "-", "tua", "Tegal", "lurah")
    assert him.path == "pengadilan.ada"
    him.send(*ruling, "tidak")
    witnessed(him)
    assert hand_in(him) == papers


def test_a_missing_person_needs_the_courts_ruling_and_no_cause() -> None:
    him = bereaved("hilang").send("Sugeng Riyadi", OTHER, "-", "-", "-", "17-8-2020")
    assert him.path == "pengadilan.pengadilan"
    him.send("PN Slawi", "12/Pdt.P/2025/PN Slw", "1-9-2025", "tidak")
    witnessed(him)
    assert hand_in(him) == ["penetapan", "kk_almarhum", "ktp_pelapor"]
    assert him.payload["kematian"] == {"tanggal": "2020-08-17", "hari": "Senin"}


@pytest.mark.parametrize(
    ("state", "papers"),
    [
        ("hilang", ["foto_surat_polisi", "kk_pelapor", "ktp_pelapor", "salinan_akta"]),
        ("sobek", ["kk_pelapor", "ktp_pelapor", "akta_rusak"]),
    ],
)
def test_a_second_excerpt_needs_the_police_letter_only_if_lost(state: str, papers: list[str]) -> None:
    him = bereaved("kutipan-kedua").send("Sugeng Riyadi", state, "-", "Tegal", "17-8-2015")
    if state == "hilang":
        him.send("SKTLK/12/VIII/2025", "20-8-2025")
    assert hand_in(him) == papers


# -- marriage ----------------------------------------------------------------------------------------------------------


def groom(age: str = "28", bride_age: str = "27", before: str = "belum pernah") -> Citizen:
    """A husband who books the registration, up to the questions on the wedding."""
    him = Citizen(service_of("akta-perkawinan"), variant="pencatatan").send("ya", HUSBAND, "1-1-1990")
    # A booking: no photo of the face, so the register's data are not shown.
    assert him.path == "pelapor.nama"
    him.send("Ahmad Fauzi")
    if him.path == "pelapor.nik":
        him.send(HUSBAND)
    assert him.path == "pelapor.no_kk"
    him.send(FAMILY_CARD, "081234567890", "-", "suami")
    assert him.path == "suami.umur"
    him.send(age, before, *(("2",) if before != "belum pernah" else ()), "Sukardi", "-", "Warsiti", "-")
    return him.send("Maria Sari", WIFE, OTHER_CARD, bride_age, "belum pernah", "Yohanes", "-", "Marta", "-")


def wed(him: Citizen, *agreement: str) -> Citizen:
    him.send("katolik", "1-11-2025", "Gereja Santa Maria", "Romo Agung", "tidak", *(agreement or ("tidak",)))
    return him.send(*WITNESSES)


BASIC = ["surat_pemuka", "pas_foto", "ktp_suami", "ktp_istri", "kk_suami", "kk_istri"]


def test_a_marriage_is_booked_because_couple_and_witnesses_must_appear() -> None:
    one = service_of("akta-perkawinan").variant("pencatatan")
    assert one.ends is Ending.BOOKING
    assert one.in_person is not None
    assert one.in_person.sure
    him = wed(groom())
    papers = []
    while him.question.field_type == "document":
        papers.append(him.path.rpartition(".")[2])
        him.send(photo(papers[-1]))
    assert papers == [*BASIC, "izin_komandan"]
    assert him.path == "kunjungan.tempat"
    him.send("mpp", "besok", "pagi")
    assert him.question.field_type == "review"
    assert him.payload["kunjungan"] == {"tempat": "mpp", "tanggal": "2025-11-20", "waktu": "pagi"}
    assert him.payload["suami"]["nik"] == HUSBAND
    assert him.payload["suami"]["perkawinan_ke"] == 1


@pytest.mark.parametrize(
    ("age", "extra"),
    [("18", {"dispensasi", "izin_orang_tua"}), ("19", {"izin_orang_tua"}), ("20", {"izin_orang_tua"}), ("21", set())],
)
def test_age_decides_on_dispensation_and_consent(age: str, extra: set[str]) -> None:
    him = wed(groom(bride_age=age))
    needed = {f.path.rpartition(".")[2] for f in him.engine.needed_files(him.draft)}
    assert needed & {"dispensasi", "izin_orang_tua"} == extra


def test_a_widower_shows_how_his_first_marriage_ended() -> None:
    him = wed(groom(before="cerai mati"))
    needed = {f.path for f in him.engine.needed_files(him.draft)}
    assert "dokumen.putus_suami" in needed
    assert "dokumen.putus_istri" not in needed


def test_a_muslim_wedding_is_no_answer_and_the_question_names_the_kua() -> None:
    him = groom()
    assert him.path == "perkawinan.agama"
    assert "KUA" in him.question.text
    assert him.send("islam").judgement.verdict is Verdict.NO  # type: ignore[union-attr]


def test_an_agreement_is_recorded_with_its_notary() -> None:
    him = wed(groom(), "ya", "Sri Hartati", "7", "1-10-2025")
    assert "dokumen.perjanjian" in {f.path for f in him.engine.needed_files(him.draft)}


def test_a_marriage_abroad_asks_for_the_passport_of_a_foreign_spouse() -> None:
    him = citizen("akta-perkawinan", "luar-negeri").send("081234567890", "-", "istri", "Chen Wei", "asing")
    assert him.path == "luar_negeri.paspor_pasangan"
    him.send("E12345678", "Taipei, Taiwan", "1-3-2025", "TW-77", "1-10-2025")
    assert hand_in(him) == ["bukti_perwakilan", "akta_asing", "terjemahan", "paspor", "ktp_pelapor", "kk_pelapor"]


# -- divorce -----------------------------------------------------------------------------------------------------------

JUDGMENT = ("PN Slawi", "5/Pdt.G/2025/PN Slw", "1-8-2025", "20-8-2025")


@pytest.mark.parametrize(("has", "paper"), [("ya", "akta_perkawinan"), ("tidak", "pernyataan_akta")])
def test_a_lost_marriage_deed_is_made_good_by_a_statement(has: str, paper: str) -> None:
    him = citizen("akta-perceraian", "baru").send("081234567890", "-", "suami", "Maria Sari", HUSBAND)
    assert "berbeda" in him.said
    him.send(WIFE, has, "-", "-", "-", *JUDGMENT, "istri")
    assert hand_in(him) == ["putusan", "keterangan_panitera", paper, "kk", "ktp"]
    assert him.payload["putusan"]["berkekuatan_tetap"] == "2025-08-20"


def test_an_annulled_divorce_gives_the_divorce_deed_back() -> None:
    him = citizen("akta-perceraian", "pembatalan").send("081234567890", "-", "suami", "Maria Sari", WIFE)
    him.send("-", "-", "-", *JUDGMENT, "3328-CR-17082015-0012", "Tegal")
    assert hand_in(him) == ["putusan", "keterangan_panitera", "akta_perceraian", "kk", "ktp"]


def test_a_deed_kept_by_the_other_spouse_needs_a_statement_and_no_police() -> None:
    him = citizen("akta-perceraian", "kutipan-kedua").send(
        "081234567890", "-", "istri", "Budi", "dibawa mantan", "-", "-"
    )
    assert hand_in(him) == ["salinan_akta", "pernyataan_sengketa", "kk", "ktp"]


# -- birth -------------------------------------------------------------------------------------------------------------


def test_the_variant_comes_first_when_nobody_named_it() -> None:
    him = Citizen(service_of("akta-kelahiran"))
    assert him.path == "_variant"
    him.send("hilang")
    assert (him.draft.variant, him.path) == ("kutipan-kedua", "persetujuan.setuju")


def test_a_new_born_is_asked_nothing_of_the_other_variants() -> None:
    him = citizen("akta-kelahiran", "baru").send("ayah", "081234567890", "-")
    assert him.path == "anak.nama"
    fields = asked_for(him)
    assert not {p for p in fields if p.split(".")[0] in ("akta", "pembetulan", "penetapan", "perbaikan", "kehilangan")}
    assert not {"anak.nik", "ibu.punya_nik", "ayah.punya_nik", "dokumen.bukti_lama"} & fields


def test_a_grown_up_without_certificate_and_with_late_parents_gets_through() -> None:
    him = citizen("akta-kelahiran", "terlambat").send("saya sendiri", "081234567890", "-")
    # Name, place and date of birth are the register's.
    assert him.path == "anak.jenis_kelamin"
    him.send("L", "rumah", "-", "1", "2", "dukun", "ibu saja")
    assert him.path == "ibu.punya_nik"
    him.send("tidak", "Warsiti", "Tegal", "5-2-1960", *WITNESSES)
    assert him.path == "dokumen.surat_lahir"
    him.send("tidak punya")
    assert hand_in(him) == ["sptjm_kelahiran", "kk", "bukti_lama"]
    child = him.payload["anak"]
    assert (child["nama"], child["nik"], child["tanggal_lahir"]) == ("AHMAD FAUZI", HUSBAND, "1990-01-01")
    assert "berat" not in child


def mistaken(*mistakes: str) -> Citizen:
    him = citizen("akta-kelahiran", "pembetulan").send("081234567890", "-", "saya sendiri", "-", "-", "salah tulis")
    return him.send(*mistakes)


def test_a_wrong_birth_place_is_corrected_without_witnesses() -> None:
    him = mistaken("tempat lahir", "Brebes", "Tegal", "tidak")
    assert hand_in(him) == ["kk", "akta_salah", "dokumen_benar", "ktp_pelapor"]


def test_a_wrong_name_needs_a_statement_with_two_witnesses() -> None:
    him = mistaken("tempat lahir", "Brebes", "Tegal", "ya", "nama ibu", "Warsini", "Warsiti", "tidak")
    assert him.path == "saksi.0.nama"
    him.send(*WITNESSES)
    assert hand_in(him) == ["kk", "akta_salah", "dokumen_benar", "sptjm_pembetulan", "ktp_pelapor"]


def test_a_new_name_needs_the_courts_ruling() -> None:
    him = citizen("akta-kelahiran", "pembetulan").send("081234567890", "-", "saya sendiri", "-", "-", "ganti nama")
    him.send("Ahmad Fauzan", "PN Slawi", "9/Pdt.P/2025/PN Slw", "1-10-2025")
    assert hand_in(him) == ["kk", "akta_salah", "penetapan", "ktp_pelapor"]


def test_a_damaged_certificate_of_a_child_is_replaced() -> None:
    him = citizen("akta-kelahiran", "kutipan-kedua").send("081234567890", "-", "sobek")
    him.send("anak saya", "Siti Aminah", "3328995708150006", "17-8-2015", "3328-LU-17082015-0012", "Tegal")
    assert hand_in(him) == ["kk", "akta_rusak", "ktp_pelapor"]

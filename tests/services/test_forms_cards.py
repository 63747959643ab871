"""The forms of the identity card and the family card, as citizens go through them; what holds for the child card, too."""

from __future__ import annotations

import pytest

from bot.domain.catalogue import Ending
from bot.domain.messages import Kind
from bot.domain.variants import variant_meant
from tests.domain.citizen import Citizen, photo
from tests.services.applicant import service_of
from tests.services.cards import PICK_UP, POLICE, answered, begun, sent

# -- identity card


def test_a_lost_card_needs_the_police_letter_and_the_family_card_and_is_collected() -> None:
    him = begun("ktp", "hilang")
    answered(him, {"pemilik.untuk": "saya sendiri", **POLICE, "dokumen.kk": photo("kk"), **PICK_UP})
    assert him.payload["kehilangan"]["tanggal_surat_polisi"] == "2025-07-01"
    assert him.payload["pengambilan"] == {"tempat": "mpp"}
    assert sent(him) == {"kehilangan.foto_surat_polisi", "dokumen.kk"}


def test_a_damaged_card_needs_no_police_letter() -> None:
    him = begun("ktp", "patah")
    answered(
        him,
        {
            "pemilik.untuk": "1",
            "kerusakan.keterangan": "patah jadi dua",
            "kerusakan.foto_ktp_rusak": photo("rusak"),
            "dokumen.kk": photo("kk"),
            **PICK_UP,
        },
    )
    assert "kehilangan" not in him.payload


def test_a_card_may_be_applied_for_on_behalf_of_somebody_on_the_same_family_card() -> None:
    her = begun("ktp", "hilang")
    answered(
        her,
        {
            "pemilik.untuk": "bapak saya",
            "pemilik.nama": "Slamet",
            "pemilik.nik": "3328990303700003",
            **POLICE,
            "dokumen.kk": photo("kk"),
            **PICK_UP,
        },
    )
    assert her.payload["pemilik"] == {"untuk": "keluarga", "nama": "Slamet", "nik": "3328990303700003"}


def test_the_first_card_is_a_visit_that_asks_neither_for_a_selfie_nor_for_papers() -> None:
    teen = Citizen(service_of("ktp")).send("pemula", "ya", "3328990101080001", "1-1-2008")
    assert teen.path == "pemohon.nama"
    asked = answered(
        teen,
        {
            "pemohon.nama": "Budi Santoso",
            "pemohon.nik": "3328990101080001",
            "pemohon.telepon": "081234567890",
            "pemilik.untuk": "sendiri",
            "pemilik.kelayakan": "sudah",
            "kunjungan.tempat": "mpp",
            "kunjungan.tanggal": "besok",
            "kunjungan.waktu": "pagi",
        },
    )
    assert not [path for path in asked if path.startswith("dokumen")]
    assert teen.payload["pemohon"]["nik"] == "3328990101080001"
    assert service_of("ktp").variant("pemula").ends is Ending.BOOKING


def test_the_rumah_paten_needs_its_district() -> None:
    him = begun("ktp", "hilang").send("sendiri", *POLICE.values(), photo("kk"), "paten")
    assert him.path == "pengambilan.kecamatan"


def test_a_day_that_is_over_is_no_wished_day() -> None:
    teen = Citizen(service_of("ktp")).send("pemula", "ya", "3328990101080001", "1-1-2008")
    teen.send("Budi Santoso", "3328990101080001", "081234567890", "sendiri", "sudah", "mpp", "kemarin")
    assert teen.path == "kunjungan.tanggal"
    assert teen.said


def test_every_kind_of_changed_data_is_asked_in_its_own_way() -> None:
    him = begun("ktp", "perubahan data").send("sendiri")
    him.send("pekerjaan", "Wiraswasta", "guru", "ya")
    him.send("status", "Belum kawin", "kawin", "ya")
    him.send("agama", "-", "katolik", "ya")
    him.send("nama", "AHMAD FAUSI", "Ahmad Fauzi", "ya")
    him.send("tanggal lahir", "1 Januari 1991", "1-1-1990")
    rows = him.payload["perubahan"]
    assert [row["elemen"] for row in rows] == ["pekerjaan", "status_perkawinan", "agama", "nama", "tanggal_lahir"]
    assert rows[0]["menjadi_pekerjaan"] == "65"
    assert rows[1]["menjadi_status"] == "kawin_tercatat"
    assert rows[2]["menjadi_agama"] == "3"
    assert rows[3]["menjadi"] == "Ahmad Fauzi"
    assert rows[4]["menjadi_tanggal"] == "1990-01-01"
    assert him.path == "dokumen.kk_terbaru"


@pytest.mark.parametrize(
    ("proof", "papers"), [("sudah punya kk", {"dokumen.kk"}), ("skpwni", {"kepindahan.foto_skpwni"})]
)
def test_who_moved_here_shows_the_new_family_card_or_the_moving_letter(proof: str, papers: set[str]) -> None:
    him = begun("ktp", "pindah").send("sendiri", proof)
    if proof == "skpwni":
        him.send("SKPWNI/3329/01072025/0004", photo("skpwni"))
    assert sent(him) == papers | {"dokumen.ktp_lama"}


def test_a_card_of_another_regency_is_a_visit() -> None:
    him = Citizen(service_of("ktp")).send("luar domisili", "ya", "3328990101900001", "1-1-1990")
    answered(
        him,
        {
            "pemohon.nama": "Ahmad Fauzi",
            "pemohon.nik": "3328990101900001",
            "pemohon.telepon": "081234567890",
            "pemilik.untuk": "sendiri",
            "pemilik.sebab": "hilang",
            "pemilik.daerah_asal": "Brebes",
            "kunjungan.tempat": "disdukcapil",
            "kunjungan.tanggal": "besok",
            "kunjungan.waktu": "siang",
        },
    )


# -- family card


def test_changes_are_a_table_of_who_what_from_to_and_proof() -> None:
    him = begun("kk", "perubahan")
    him.send("Siti Aminah", "3328994502920002", "pendidikan", "SLTA", "s1", photo("ijazah"), "ya")
    him.send("Ahmad Fauzi", "3328990101900001", "golongan darah", "-", "o", photo("tes"), "tidak", photo("kk"))
    assert him.question.kind is Kind.REVIEW
    assert him.payload["perubahan"] == [
        {
            "nama_anggota": "Siti Aminah",
            "nik_anggota": "3328994502920002",
            "elemen": "pendidikan",
            "semula": "SLTA",
            "menjadi_pendidikan": "8",
        },
        {
            "nama_anggota": "Ahmad Fauzi",
            "nik_anggota": "3328990101900001",
            "elemen": "golongan_darah",
            "menjadi_golongan_darah": "O",
        },
    ]
    assert sent(him) == {"perubahan.0.bukti", "perubahan.1.bukti", "dokumen.kk_lama"}


def test_another_kind_of_data_asks_for_its_new_value_again() -> None:
    him = begun("kk", "perubahan").send("Siti Aminah", "3328994502920002", "agama", "-", "hindu", photo("bukti"))
    him.send("ubah data yang berubah", "pekerjaan")
    assert him.path == "perubahan.0.menjadi_pekerjaan"
    him.send("bidan")
    assert "menjadi_agama" not in him.payload["perubahan"][0]


def test_a_newborn_is_asked_for_in_full_and_what_is_clear_is_filled_in() -> None:
    him = begun("kk", "tambah anak")
    answered(
        him,
        {
            "anggota.0.sebab": "baru lahir",
            "anggota.0.nama": "Putri Lestari",
            "anggota.0.nik": "belum punya",
            "anggota.0.jenis_kelamin": "perempuan",
            "anggota.0.tempat_lahir": "Tegal",
            "anggota.0.tanggal_lahir": "1-7-2025",
            "anggota.0.golongan_darah": "tidak tahu",
            "anggota.0.agama": "islam",
            "anggota.0.nama_ayah": "Ahmad Fauzi",
            "anggota.0.nama_ibu": "Siti Aminah",
            "anggota.0.bukti_lahir": photo("lahir"),
            "anggota.0.lagi": "tidak",
            "dokumen.kk_lama": photo("kk"),
        },
    )
    baby = him.payload["anggota"][0]
    assert (baby["hubungan"], baby["status_perkawinan"], baby["pendidikan"], baby["pekerjaan"]) == (
        "4", "belum_kawin", "1", "1",
    )  # fmt: skip


def test_of_a_member_who_has_a_nik_only_the_relation_is_asked() -> None:
    him = begun("kk", "tambah anggota")
    answered(
        him,
        {
            "anggota.0.sebab": "istri",
            "anggota.0.nama": "Siti Aminah",
            "anggota.0.nik": "3328994502920002",
            "anggota.0.hubungan": "istri",
            "anggota.0.no_kk_asal": "3328990202100002",
            "anggota.0.kk_asal": photo("asal"),
            "anggota.0.lagi": "tidak",
            "dokumen.kk_lama": photo("kk"),
        },
    )
    assert him.payload["anggota"][0]["hubungan"] == "3"


@pytest.mark.parametrize(
    ("reason", "paper"),
    [("meninggal", "akta_kematian"), ("cerai", "akta_cerai"), ("menikah", "buku_nikah"), ("pindah", "skpwni")],
)
def test_who_is_taken_off_needs_the_proof_of_that_reason(reason: str, paper: str) -> None:
    him = begun("kk", "keluarkan")
    him.send(reason, "Slamet", "3328990303700003", photo("bukti"), "tidak", photo("kk"))
    assert him.question.kind is Kind.REVIEW
    assert sent(him) == {f"anggota_keluar.0.{paper}", "dokumen.kk_lama"}


@pytest.mark.parametrize(("proof", "paper"), [("ada buku nikah", "bukti_nikah"), ("nikah siri", "sptjm")])
def test_a_new_card_after_marriage_needs_the_marriage_book_or_the_statement(proof: str, paper: str) -> None:
    him = begun("kk", "baru menikah")
    him.send("menikah", proof, "Jl. Melati No. 5", "03/05", "Procot")
    him.send("Ahmad Fauzi", "3328990101900001", "kepala keluarga", "ya")
    him.send("Siti Aminah", "3328994502920002", "istri", "tidak")
    assert sent(him) == {"dokumen.kk_lama", f"dokumen.{paper}"}
    assert [row["hubungan"] for row in him.payload["anggota_baru"]] == ["1", "3"]


def test_a_new_card_after_moving_needs_only_the_moving_letter() -> None:
    him = begun("kk", "kk keluarga baru").send("pindah", "Jl. Melati No. 5", "03/05", "Procot")
    him.send("Ahmad Fauzi", "3328990101900001", "kepala keluarga", "tidak")
    assert sent(him) == {"dokumen.skpwni"}


def test_a_new_head_of_the_family_needs_the_death_deed_and_no_address() -> None:
    her = begun("kk", "ganti kepala keluarga")
    her.send("kepala keluarga meninggal", "Siti Aminah", "3328994502920002", "kepala keluarga", "tidak")
    assert sent(her) == {"dokumen.kk_lama", "dokumen.akta_kematian"}


def test_splitting_a_card_asks_for_no_address() -> None:
    him = begun("kk", "pecah kk").send("dewasa", "Ahmad Fauzi", "3328990101900001", "kepala keluarga", "tidak")
    assert sent(him) == {"dokumen.kk_lama"}
    assert "alamat" not in him.payload


@pytest.mark.parametrize("letter", ["ya", "tidak"])
def test_a_lost_family_card_goes_with_or_without_the_police_letter(letter: str) -> None:
    him = begun("kk", "hilang").send(letter)
    if letter == "ya":
        him.send(*POLICE.values())
    him.send(photo("ktp"))
    assert him.question.kind is Kind.REVIEW
    assert sent(him) == {"dokumen.ktp"} | ({"kehilangan.foto_surat_polisi"} if letter == "ya" else set())


def test_that_the_police_letter_is_an_open_question_is_said() -> None:
    first = service_of("kk").variant("hilang").requirements[0].fact
    assert not first.sure
    assert "dua keterangan" in first.text["id"]


@pytest.mark.parametrize(
    ("status", "papers"), [("buku nikah", {"bukti_nikah"}), ("belum tercatat", {"sptjm"}), ("janda", set())]
)
def test_the_card_with_code_needs_what_the_marriage_on_it_needs(status: str, papers: set[str]) -> None:
    him = begun("kk", "barcode").send(status)
    assert sent(him) == {"dokumen.kk_lama", *(f"dokumen.{paper}" for paper in papers)}


def test_a_damaged_family_card_needs_the_card_and_the_identity_card() -> None:
    assert sent(begun("kk", "sobek")) == {"dokumen.kk_rusak", "dokumen.ktp"}


# -- all three


@pytest.mark.parametrize("slug", ["ktp", "kk", "kia"])
def test_no_text_a_citizen_meets_lacks_a_language(slug: str) -> None:
    one = service_of(slug)
    assert one.form is not None
    facts = [one.summary, one.fee, one.duration.fact, one.in_person, *one.procedure, *one.result, *one.facts]
    wordings = [one.name, one.which_variant, *(r.wish for r in one.referrals), *(r.owner for r in one.referrals)]
    facts += [r.fact for r in one.referrals]
    for variant in one.variants:
        facts += [*(r.fact for r in variant.requirements), *(variant.procedure or ()), *variant.facts]
        facts += [variant.in_person] if variant.in_person else []
        wordings += [variant.name, *(r.otherwise for r in variant.requirements if r.otherwise)]
    for section in one.form.sections:
        wordings += [section.title, *([section.repeat.more] if section.repeat and section.repeat.more else [])]
        for field in section.fields:
            wordings += [field.label, field.ask, *([field.help] if field.help else [])]
            wordings += [choice.label for choice in field.choices]
    wordings += [fact.text for fact in facts]
    assert [w for w in wordings if w is None or set(w) != {"id", "en", "jv"}] == []


@pytest.mark.parametrize(
    ("slug", "text", "variant"),
    [
        ("ktp", "ktp ilang pan nggawe maning", "hilang"),
        ("ktp", "kecopetan di pasar, ktp ikut hilang", "hilang"),
        ("ktp", "ktp nyong kecemplung sumur", "rusak"),
        ("ktp", "ktp-ku tugel", "rusak"),
        ("ktp", "mau rekam ktp anak sudah 17 tahun", "pemula"),
        ("ktp", "nama di ktp salah ketik", "perubahan-data"),
        ("ktp", "mau ganti status ktp jadi kawin", "perubahan-data"),
        ("ktp", "boyong dari brebes, ktp gimana", "pindah-datang"),
        ("ktp", "ktp luar kota bisa rekam di sini gak", "luar-domisili"),
        ("ktp", "lagi di luar kota ktp hilang", "hilang"),
        ("ktp", "mau bikin ktp", None),
        ("kk", "kk sowek digigit kucing", "rusak"),
        ("kk", "kk rusak mau bikin kk baru", "rusak"),
        ("kk", "mau tambah anak ke kk", "tambah-anggota"),
        ("kk", "mau masukin istri ke kk saya", "tambah-anggota"),
        ("kk", "mau pisah kk dari mertua", "pisah"),
        ("kk", "kk saya belum barcode", "barcode"),
        ("kk", "baru nikah mau bikin kk", "baru"),
        ("kk", "cara cetak kk sendiri", None),
        ("kia", "kia ical", "hilang"),
        ("kia", "perpanjang kia", "lima-tahun"),
        ("kia", "bikin kia anak umur 5 tahun", None),
        ("kia", "kia hilang minta kia baru", "hilang"),
    ],
)
def test_a_variant_is_found_by_the_words_people_use(slug: str, text: str, variant: str | None) -> None:
    meant = variant_meant(text, service_of(slug))
    assert (meant.id if meant else None) == variant


@pytest.mark.parametrize("slug", ["ktp", "kk", "kia"])
def test_no_word_stands_for_two_variants(slug: str) -> None:
    words = [word for variant in service_of(slug).variants for word in variant.synonyms]
    assert sorted(words) == sorted(set(words))

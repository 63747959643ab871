"""The whole form F-2.01, answered by an impatient citizen with typing errors, second thoughts and a bad memory."""

from __future__ import annotations

from bot.domain.fields.base import Verdict
from bot.domain.form import Mode
from bot.domain.messages import Kind
from tests.domain.citizen import Citizen, at_review, photo


def test_the_whole_birth_form_is_filled_in_by_an_impatient_father() -> None:
    him = Citizen()
    # Consent and identity
    assert him.path == "persetujuan.setuju"
    assert him.send("berapa lama?").judgement.verdict is Verdict.NO  # type: ignore[union-attr]
    him.send("gak").send("ya wis setuju")
    assert (him.path, him.question.kind) == ("identitas.nik", Kind.IDENTITY)
    him.send("332899")
    assert "6 angka" in him.said
    him.send("nik 3328 9901 0190 0001", "1/1/90")
    assert him.question.file_kind == "selfie"
    assert "foto wajah" in him.send("ini aku").said
    him.send(photo("selfie"))
    # The register's data, at once
    assert him.path == "pelapor.*"
    assert "AHMAD FAUZI" in him.question.text
    him.send("nggih")
    him.send("saya bapake", "+62 812-3456-7890", "gak punya email")
    assert him.path == "anak.nama"
    # The child
    him.send("siti aminah", "kembali", "siti aminah putri", "cewe", "pukesmas", "apa tadi", "tegal", "wingi")
    assert him.said == "Kami catat: 18 November 2025."
    him.send("setengah 8 malem", "tungal", "sampe mana")
    assert "bagian Anak" in him.said
    him.send("anak ke 2", "bidan", "3.200 gram", "490 mm", "nanti dulu")
    assert him.draft.mode is Mode.PAUSED
    him.send("lanjut", "ono buku nikahe", "1")
    # The mother: the name is put right from inside another question
    him.send("Nur Hayyati", "ubah nama ibu jadi Nur Hayati")
    assert him.path == "ibu.nik"
    him.send("3328994502920002", "brebes", "5 peb 92")
    # Witnesses must differ
    assert him.path == "saksi.0.nama"
    him.send("Bpk. Slamet, S.Pd", "3328990303700003", "lupa", "budi", "3328990303700003")
    assert "berbeda" in him.said
    him.send("3328990404710004", "-")
    # Papers: the birth letter is missing, so the statement is asked for instead
    assert him.path == "dokumen.surat_lahir"
    him.send("tidak punya", photo("sptjm"), photo("nikah"), photo("kk"), photo("ktp_ibu"), photo("ktp_ayah"))
    assert him.question.kind is Kind.REVIEW
    him.send("salah berat")
    assert him.path == "anak.berat"
    him.send("3,1 kg", "ubah 9", "2", "batal", "tidak", "kirim pak")
    assert him.draft.mode is Mode.DONE
    assert him.engine.question(him.draft) is None
    assert him.payload == {
        "pelapor": {
            "nama": "AHMAD FAUZI", "nik": "3328990101900001", "no_kk": "3328991001150001", "kewarganegaraan": "WNI",
            "hubungan": "ayah", "telepon": "+6281234567890",
        },
        "anak": {
            "nama": "Siti Aminah Putri", "jenis_kelamin": "P", "tempat_dilahirkan": "2", "tempat_lahir": "Tegal",
            "tanggal_lahir": "2025-11-18", "hari_lahir": "Selasa", "pukul": "19:30",
            "jenis_kelahiran": "1", "kelahiran_ke": 2, "penolong": "2", "berat": 3.1, "panjang": 49,
        },
        "orang_tua": {"perkawinan": "tercatat"},
        "ibu": {
            "nama": "Nur Hayati", "nik": "3328994502920002", "tempat_lahir": "Brebes", "tanggal_lahir": "1992-02-05",
            "kewarganegaraan": "WNI",
        },
        "ayah": {
            "nama": "AHMAD FAUZI", "nik": "3328990101900001", "tempat_lahir": "TEGAL", "tanggal_lahir": "1990-01-01",
            "kewarganegaraan": "WNI",
        },
        "saksi": [
            {"nama": "Slamet", "nik": "3328990303700003", "kewarganegaraan": "WNI"},
            {"nama": "Budi", "nik": "3328990404710004", "kewarganegaraan": "WNI"},
        ],
    }  # fmt: skip
    files = {f.path: f.file and f.file.id for f in him.engine.needed_files(him.draft)}
    assert files == {
        "dokumen.surat_lahir": None, "dokumen.sptjm_kelahiran": "sptjm", "dokumen.buku_nikah": "nikah", "dokumen.kk":
        "kk", "dokumen.ktp_ibu": "ktp_ibu", "dokumen.ktp_ayah": "ktp_ayah",
    }  # fmt: skip


def test_every_field_of_f_2_01_is_in_the_review() -> None:
    paths = {item.path for item in at_review().engine.sheet(at_review().draft).reviewed}
    person = ("nama", "nik", "kewarganegaraan")
    assert {f"pelapor.{f}" for f in (*person, "no_kk", "telepon", "email", "hubungan")} <= paths
    assert {f"saksi.{n}.{f}" for n in (0, 1) for f in (*person, "no_kk")} <= paths
    assert {f"{who}.{f}" for who in ("ayah", "ibu") for f in (*person, "tempat_lahir", "tanggal_lahir")} <= paths
    child = (
        "nama jenis_kelamin tempat_dilahirkan tempat_lahir tanggal_lahir hari_lahir pukul jenis_kelahiran kelahiran_ke "
        "penolong berat panjang"
    )
    assert {f"anak.{f}" for f in child.split()} <= paths


def test_a_grandmother_is_asked_for_both_parents() -> None:
    her = Citizen(assurance=3).send("ya", "ya", "saya neneknya")
    assert her.engine.sheet(her.draft).by_path["ayah.nama"].open
    assert her.engine.sheet(her.draft).by_path["ibu.nama"].open


def test_a_mother_with_buttons_only_needs_no_typing_for_choices() -> None:
    her = Citizen(assurance=3).press("Ya, setuju").press("Ya, benar").press("Ibu anak").send("081234567890")
    her.press("Lewati").send("Siti Aminah").press("Perempuan").press("Rumah").send("Tegal", "kemarin").press("Lewati")
    assert her.path == "anak.jenis_kelahiran"
    assert her.engine.payload(her.draft)["ibu"]["nama"] == "AHMAD FAUZI"


def test_without_a_marriage_the_father_is_left_out() -> None:
    her = at_review().send("ubah bukti perkawinan", "ibu saja")
    assert "ayah" not in her.payload
    assert {f.path for f in her.engine.needed_files(her.draft)} == {
        "dokumen.surat_lahir", "dokumen.kk", "dokumen.ktp_ibu",
    }  # fmt: skip


def test_a_correction_that_changes_a_condition_asks_only_what_is_new() -> None:
    him = at_review().send("ubah 20", "nikah siri")
    assert him.path == "dokumen.sptjm_pasutri"
    him.send(photo("sptjm"))
    assert him.question.kind is Kind.REVIEW
    assert "dokumen.buku_nikah" not in him.draft.answers


def test_the_conversation_is_no_longer_than_it_must_be() -> None:
    him = Citizen()
    assert him.engine.progress(him.draft)[1] <= 42
    assert at_review().question.step[1] <= 33

"""What the measured citizens say: questions answered from the catalogue, a form begun, filled in, interrupted, cancelled.

Each line names the answer that is the right one: a measurement of wrong answers would be worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

NIK = "3328991708850001"
"""Budi Santoso of the sandbox register (integrations/sandbox/citizens.yml)."""
BORN = "17-8-1985"


@dataclass(frozen=True)
class Line:
    """One message, and how its answer ends: with the question for ``asks``, or (empty) with a message of ``kind``."""

    text: str
    asks: str = ""
    kind: str = "answer"


PROOF = (
    Line("mau buat akta kelahiran", "persetujuan.setuju"),
    Line("ya", "identitas.nik"),
    Line(NIK, "identitas.tanggal_lahir"),
    Line(BORN, "identitas.selfie"),
    Line("batal", "_batal"),
    Line("ya"),
)
"""Said once before the measurement: NIK and birth date against the register. The selfie is left out (see turns.py)."""

CYCLE = (
    Line("halo"),
    Line("apa saja syarat akta kelahiran baru?"),
    Line("berapa biayanya?"),
    Line("berapa lama jadinya?"),
    Line("bagaimana caranya mengurus akta kelahiran baru?"),
    Line("layanan apa saja yang ada di sini?"),
    Line("mau buat akta kelahiran", "persetujuan.setuju"),
    Line("ya", "pelapor.*"),
    Line("ya", "pelapor.hubungan"),
    Line("ayah", "pelapor.telepon"),
    Line("081234567890", "pelapor.email"),
    Line("lewati", "anak.nama"),
    Line("berapa biayanya?", "anak.nama"),
    Line("Siti Aminah", "anak.jenis_kelamin"),
    Line("perempuan", "anak.tempat_dilahirkan"),
    Line("rumah sakit", "anak.tempat_lahir"),
    Line("Tegal", "anak.tanggal_lahir"),
    Line("17-8-2025", "anak.pukul"),
    Line("07.30", "anak.jenis_kelahiran"),
    Line("syaratnya apa saja?", "anak.jenis_kelahiran"),
    Line("tunggal", "anak.kelahiran_ke"),
    Line("2", "anak.penolong"),
    Line("bidan", "anak.berat"),
    Line("3,2 kg", "anak.panjang"),
    Line("49 cm", "orang_tua.perkawinan"),
    Line("ada", "ibu.nama"),
    Line("Dewi Lestari Ningsih", "ibu.nik"),
    Line("3328996309920001", "ibu.tempat_lahir"),  # of the sandbox register: name and NIK agree, nothing is remarked
    Line("batal", "_batal"),
    Line("ya"),
    Line("apa syarat akta kelahiran baru?"),
    Line("makasih"),
)
"""Said again and again: questions and small talk, and a form with two unrelated questions in between."""

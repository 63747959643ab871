"""NIKs of invented people: district 33.28.99 does not exist, so no number here is a real person's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

DISTRICT = "332899"


def problem(nik: str, birth_date: date, sex: str) -> str | None:
    """Why a typed NIK cannot be an invented one, as a sentence; None when it can."""
    if not (nik.isascii() and nik.isdigit() and len(nik) == 16):
        return "NIK harus 16 angka."
    if not nik.startswith(DISTRICT):
        return f"NIK contoh harus diawali {DISTRICT}, kecamatan yang tidak ada. Jangan pakai NIK asli."
    if nik[6:12] != date_part(birth_date, sex):
        return f"Angka ke-7 sampai ke-12 harus {date_part(birth_date, sex)}, sesuai tanggal lahir dan jenis kelamin."
    if nik[12:] == "0000":
        return "Empat angka terakhir dimulai dari 0001."
    return None


def date_part(birth_date: date, sex: str) -> str:
    """DDMMYY, with 40 added to the day for women."""
    return f"{birth_date.day + (40 if sex == 'P' else 0):02d}{birth_date:%m%y}"


def generate(birth_date: date, sex: str, taken: Collection[str]) -> str:
    """The first free NIK for that day.

    :raises ValueError: all 9,999 are taken.
    """
    stem = DISTRICT + date_part(birth_date, sex)
    for serial in range(1, 10_000):
        if (nik := f"{stem}{serial:04d}") not in taken:
            return nik
    raise ValueError("no NIK is left for that day")

"""The civil register: invented people, those of ``citizens.yml`` and those a tester enrols, with their pictures."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from integrations.sandbox import nik as niks
from integrations.sandbox import pictures
from integrations.sandbox.citizens import citizens
from integrations.sandbox.database import Database, Row

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    nik TEXT PRIMARY KEY, name TEXT NOT NULL, birth_date TEXT NOT NULL, sex TEXT NOT NULL, details TEXT NOT NULL,
    demo INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS faces (
    id INTEGER PRIMARY KEY, nik TEXT NOT NULL REFERENCES people ON DELETE CASCADE, source TEXT NOT NULL,
    picture BLOB NOT NULL);
"""
_PEOPLE = "SELECT *, (SELECT count(*) FROM faces f WHERE f.nik = p.nik) AS faces FROM people p"

# An own citizen needs some address: the forms check the codes.
_DEFAULTS = {
    "tempat_lahir": "Tegal",
    "alamat": "Jalan Contoh Nomor 99",
    "rt": "001",
    "rw": "001",
    "desa": "Procot",
    "kode_desa": "33.28.10.1008",
    "kecamatan": "Slawi",
    "kabupaten": "Tegal",
    "provinsi": "Jawa Tengah",
    "agama": "Islam",
    "pekerjaan": "Wiraswasta",
    "pendidikan": "SLTA/Sederajat",
    "status_kawin": "Belum Kawin",
    "hubungan": "Kepala Keluarga",
    "golongan_darah": "Tidak Tahu",
    "nama_ayah": "Ayah Contoh",
    "nama_ibu": "Ibu Contoh",
}


@dataclass(frozen=True)
class Entry:
    """One person of the register. ``demo``: of ``citizens.yml``, cannot be deleted."""

    nik: str
    name: str
    birth_date: date
    sex: str
    demo: bool
    details: dict[str, str] = field(default_factory=dict)
    faces: int = 0


class Register:
    """People and their enrolled pictures."""

    def __init__(self, path: Path, demo_pictures: Path) -> None:
        self._db = Database(path, _SCHEMA)
        self._demo_pictures = demo_pictures
        self._seed_people()

    def find(self, nik: str) -> Entry | None:
        """The person with that NIK."""
        row = self._db.one(_PEOPLE + " WHERE nik = ?", nik)
        return _entry(row) if row else None

    def people(self) -> list[Entry]:
        """Everybody, the tester's own citizens first."""
        self._seed_faces()
        rows = self._db.all(_PEOPLE + " ORDER BY demo, rowid")
        return [_entry(row) for row in rows]

    def faces(self, nik: str) -> list[bytes]:
        """Enrolled pictures (JPEG), oldest first."""
        self._seed_faces()
        return [row["picture"] for row in self._db.all("SELECT picture FROM faces WHERE nik = ? ORDER BY id", nik)]

    @property
    def demo_pictures(self) -> Path:
        """Where the pictures of the invented people are, as far as they were fetched."""
        return self._demo_pictures

    def enrol(self, name: str, birth_date: date, sex: str, nik: str, faces: list[bytes]) -> str:
        """Add an invented citizen; an empty ``nik`` is made up. ``faces`` are cleaned pictures. Returns the NIK.

        :raises ValueError: that NIK is taken.
        """
        with self._db.transaction():
            taken = {row["nik"] for row in self._db.all("SELECT nik FROM people")}
            nik = nik or niks.generate(birth_date, sex, taken)
            if nik in taken:
                raise ValueError("NIK ini sudah dipakai warga contoh lain.")
            details = _DEFAULTS | {"no_kk": niks.DISTRICT + "010120" + nik[12:]}
            self._db.run(
                "INSERT INTO people VALUES (?, ?, ?, ?, ?, 0)",
                nik,
                name,
                birth_date.isoformat(),
                sex,
                json.dumps(details),
            )
            for picture in faces:
                self._db.run("INSERT INTO faces (nik, source, picture) VALUES (?, 'enrol', ?)", nik, picture)
        return nik

    def delete(self, nik: str) -> bool:
        """Delete an enrolled citizen and the pictures for good; demo citizens stay. Whether there was one."""
        gone = self._db.run("DELETE FROM people WHERE nik = ? AND demo = 0", nik) > 0
        self._db.forget()
        return gone

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _seed_people(self) -> None:
        for person in citizens():
            self._db.run(
                "INSERT INTO people VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (nik) DO UPDATE SET name = excluded.name,"
                " birth_date = excluded.birth_date, sex = excluded.sex, details = excluded.details, demo = 1",
                person.nik,
                person.name,
                person.birth_date.isoformat(),
                person.sex,
                json.dumps(person.details),
            )

    def _seed_faces(self) -> None:
        # Not once at start: the pictures may still be on their way then.
        for person in citizens():
            for name in person.enrolled:
                self._seed_face(person.nik, self._demo_pictures / name)

    def _seed_face(self, nik: str, path: Path) -> None:
        known = self._db.one("SELECT 1 FROM faces WHERE nik = ? AND source = ?", nik, path.name)
        if known or not path.is_file():
            return
        try:
            picture = pictures.clean(path.read_bytes())
        except pictures.BadPicture:
            log.warning("a demo picture cannot be read", extra={"picture": path.name})
            return
        self._db.run("INSERT INTO faces (nik, source, picture) VALUES (?, ?, ?)", nik, path.name, picture)


def _entry(row: Row) -> Entry:
    return Entry(
        nik=row["nik"],
        name=row["name"],
        birth_date=date.fromisoformat(row["birth_date"]),
        sex=row["sex"],
        demo=bool(row["demo"]),
        details=json.loads(row["details"]),
        faces=row["faces"],
    )

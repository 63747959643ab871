"""The invented health workers of the stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("workers.yml")


@dataclass(frozen=True)
class Licence:
    """One SIP in force."""

    number: str
    place: str
    until: date
    details: dict[str, Any]
    """Of the place: ``jenis``, ``alamat``, ``kode_desa``, ``tercatat``."""


@dataclass(frozen=True)
class Worker:
    """One record. ``until`` is None when the registration (STR) holds for life; ``points`` by field of SKP."""

    nik: str
    service: str
    profession: str
    registration: str
    until: date | None
    points: dict[str, int]
    enough: bool
    licences: tuple[Licence, ...]
    profile: dict[str, Any]
    """What else the record says: ``kualifikasi``, ``telepon``, ``email``, ``asn``, ``foto`` and the places of work."""


@cache
def workers() -> dict[str, Worker]:
    """All of them, by NIK."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {entry["nik"]: _worker(entry) for entry in raw["workers"]}


def _worker(entry: dict[str, Any]) -> Worker:
    points = dict(entry["skp"])
    enough = bool(points.pop("cukup"))
    return Worker(
        nik=entry["nik"],
        service=entry["layanan"],
        profession=entry["profesi"],
        registration=entry["str"]["nomor"],
        until=entry["str"].get("sampai"),
        points=points,
        enough=enough,
        licences=tuple(_licence(row) for row in entry["sip"]),
        profile=dict(entry.get("profil", {})),
    )


def _licence(row: dict[str, Any]) -> Licence:
    known = {"nomor", "tempat", "sampai"}
    return Licence(row["nomor"], row["tempat"], row["sampai"], {k: v for k, v in row.items() if k not in known})

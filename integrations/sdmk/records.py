"""Between the records' words (``/nakes/lookup``) and those of the forms.

Keys of the result are those of ``agency.…`` in ``data/services/_sip.yml``. Tables by number of a licence or name of a place:
where a person has several, the answer given in the form picks the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.errors import AgencyError
from bot.ports import Person

_TERMS = {"seumur_hidup": "seumur_hidup", "sampai": "bertanggal"}
"""How long an STR holds: their word -> the form's code."""
_KINDS = frozenset({"faskes", "mandiri"})
_PLAIN = ("profesi", "kualifikasi", "peran", "bidang_lain", "telepon", "email")
_FIELDS = ("pembelajaran", "pelayanan", "pengabdian")
"""The three fields of SKP (UU 17/2023, article 263)."""


def person(row: Any, nik: str, today: date) -> Person:
    """One health worker.

    :raises AgencyError: it is somebody else, or cannot be read.
    """
    try:
        if row["nik"] != nik:
            raise AgencyError("the records answered with another NIK than asked")
        born = date.fromisoformat(row["tanggal_lahir"])
        data: dict[str, Any] = {
            "nik": nik,
            "nama": str(row["nama"]),
            "tanggal_lahir": born.isoformat(),
            "layanan": str(row["layanan"]),
            **{key: str(row[key]) for key in _PLAIN if row.get(key)},
            **_registration(row["str"], today),
            **_credits(row["skp"]),
            **_licences(row["sip"], today),
            **_places([*row["sip"], *row.get("tempat_kerja", ())]),
            **_yes_or_no(row),
        }
        licensed = {str(one["tempat"]) for one in row["sip"]}
        new = [str(one["tempat"]) for one in row.get("tempat_kerja", ()) if one["tempat"] not in licensed]
        data |= {"tempat_kerja": new[0]} if len(new) == 1 else {}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyError("the record of a health worker cannot be read") from error
    return Person(nik=nik, name=data["nama"], birth_date=born, data={k: v for k, v in data.items() if v})


def _registration(row: Mapping[str, Any], today: date) -> dict[str, str]:
    """The STR; of one that has ended only when it did."""
    term = _TERMS[row["masa"]]
    end = date.fromisoformat(row["sampai"]) if term == "bertanggal" else None
    if end is not None and end < today:
        return {"str_berakhir": end.isoformat()}
    found = {"str_nomor": str(row["nomor"]), "str_masa": term, "str_tercatat": "ya"}
    return found | ({"str_sampai": end.isoformat()} if end is not None else {})


def _credits(row: Mapping[str, Any]) -> dict[str, Any]:
    points = {name: int(row[name]) for name in _FIELDS if name in row}
    return {"skp_tercatat": "ya" if row["cukup"] is True else "tidak", "skp_ranah": points}


def _licences(rows: Sequence[Mapping[str, Any]], today: date) -> dict[str, Any]:
    """By number, and by place in the list that is shown."""
    found = [(str(r["nomor"]), str(r["tempat"]), date.fromisoformat(r["sampai"])) for r in rows]
    in_force = [one for one in found if one[2] >= today]
    return {
        "sip_daftar": {str(n): f"{place} ({number})" for n, (number, place, _) in enumerate(found, 1)},
        "sip_nomor": {str(n): number for n, (number, _, _) in enumerate(found, 1)},
        "sip_tempat": {number: place for number, place, _ in found},
        "sip_sampai": {number: until.isoformat() for number, _, until in found},
        "sip_tercatat": {number: "ya" for number, _, _ in found},
        "sip_berlaku": [[number, place, until.isoformat()] for number, place, until in in_force],
        "sip_utama": in_force[0][0] if in_force else "",
        "sip_jumlah": str(len(in_force)) if in_force else "",
    }


def _places(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is known of each place, by its name. On record there: the place itself has put the person on its list."""
    tables: dict[str, dict[str, str]] = {"jenis": {}, "alamat": {}, "kode_desa": {}, "tercatat": {}}
    for row in rows:
        name = str(row["tempat"])
        for key in ("alamat", "kode_desa"):
            if row.get(key):
                tables[key][name] = str(row[key])
        if row.get("jenis") in _KINDS:
            tables["jenis"][name] = row["jenis"]
        if row.get("tercatat") is True:
            tables["tercatat"][name] = "ya"
    return {
        "tempat_jenis": tables["jenis"],
        "tempat_alamat": tables["alamat"],
        "tempat_desa": tables["kode_desa"],
        "tempat_tercatat": tables["tercatat"],
    }


def _yes_or_no(row: Mapping[str, Any]) -> dict[str, str]:
    found = {"foto_tercatat": row.get("foto"), "asn": row.get("asn")}
    return {key: "ya" if value else "tidak" for key, value in found.items() if isinstance(value, bool)}

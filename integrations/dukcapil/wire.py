"""Between the civil register's words and ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.errors import AgencyError
from bot.ports import Person

NOT_FOUND = frozenset({"13", "14"})
"""RESPONSE_CODE of a NIK, or of a face, that is not in the register."""

# The register's element -> our field path. Numbers such as NO_RT are put together below.
ELEMENTS = {
    "NIK": "nik",
    "NO_KK": "no_kk",
    "NAMA_LGKP": "nama",
    "TMPT_LHR": "tempat_lahir",
    "TGL_LHR": "tanggal_lahir",
    "JENIS_KLMIN": "jenis_kelamin",
    "AGAMA": "agama",
    "STATUS_KAWIN": "status_kawin",
    "JENIS_PKRJN": "pekerjaan",
    "PDDK_AKH": "pendidikan",
    "GOL_DARAH": "golongan_darah",
    "STAT_HBKEL": "hubungan",
    "NAMA_LGKP_AYAH": "nama_ayah",
    "NAMA_LGKP_IBU": "nama_ibu",
    "ALAMAT": "alamat",
    "PROP_NAME": "provinsi",
    "KAB_NAME": "kabupaten",
    "KEC_NAME": "kecamatan",
    "KEL_NAME": "desa",
    "KWRNGRN": "kewarganegaraan",
}
_SEX = {"laki-laki": "L", "perempuan": "P", "l": "L", "p": "P"}
# The register shouts; a person is addressed as names are written.
_AS_WRITTEN = frozenset(
    {
        "nama",
        "tempat_lahir",
        "agama",
        "status_kawin",
        "pekerjaan",
        "pendidikan",
        "hubungan",
        "nama_ayah",
        "nama_ibu",
        "alamat",
        "provinsi",
        "kabupaten",
        "kecamatan",
        "desa",
    }
)


def refusal(answer: Mapping[str, Any]) -> tuple[str, str] | None:
    """RESPONSE_CODE and RESPON, at the top or in ``content[0]``; None when the answer holds none."""
    content = answer.get("content")
    first = content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}
    for place in (answer, first):
        if "RESPONSE_CODE" in place:
            return str(place["RESPONSE_CODE"]), str(place.get("RESPON", ""))
    return None


def rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``content``.

    :raises AgencyError: it is no list of objects.
    """
    content = answer.get("content")
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise AgencyError("the register's content is no list of objects")
    return content


def person(row: Mapping[str, Any], nik: str) -> Person:
    """One row of the register as a person.

    :raises AgencyError: it is somebody else, or cannot be read.
    """
    if row.get("NIK") != nik:
        raise AgencyError("the register answered with another NIK than asked")
    data = {ours: _value(ours, row[theirs]) for theirs, ours in ELEMENTS.items() if row.get(theirs) not in (None, "")}
    try:
        born = date.fromisoformat(str(row["TGL_LHR"]))
        sex = _SEX[str(row["JENIS_KLMIN"]).strip().casefold()]
        name = str(data["nama"])
    except (KeyError, ValueError) as error:
        raise AgencyError("the register's row lacks a name, birth date or sex that can be read") from error
    data |= {"tanggal_lahir": born.isoformat(), "jenis_kelamin": sex} | _place(row)
    data.setdefault("kewarganegaraan", "WNI")
    return Person(nik=nik, name=name, birth_date=born, data=data)


def agrees(row: Mapping[str, Any], element: str) -> bool:
    """``Sesuai`` or ``Tidak Sesuai``, with the likeness in brackets as some versions write it: ``Sesuai (100)``.

    :raises AgencyError: neither of the two.
    """
    said = str(row.get(element, "")).strip().casefold()
    if said.startswith("tidak sesuai"):
        return False
    if said.startswith("sesuai"):
        return True
    raise AgencyError("the register did not say whether an element agrees")


def face_score(row: Mapping[str, Any]) -> tuple[float, str]:
    """Score from 0 to 1 and the register's number of the comparison. A percentage is no score of ours: it would always match.

    :raises AgencyError: no such score.
    """
    score = row.get("SCORE")
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise AgencyError("the register's face match has no score from 0 to 1")
    return float(score), str(row.get("TRANSACTION_ID", ""))


def as_written(text: str) -> str:
    """``SITI AMINAH`` as ``Siti Aminah``; what is not all capitals stays."""
    text = " ".join(text.split())
    return " ".join(_capital(word) for word in text.split(" ")) if text.isupper() else text


def _capital(word: str) -> str:
    for mark in ("/", "-", "."):
        if mark in word:
            return mark.join(_capital(part) for part in word.split(mark))
    # Roman numerals and school levels stay in capitals: "Diploma IV/Strata I", "SLTA".
    return word if word in _CAPITALS else word.capitalize()


_CAPITALS = frozenset({"I", "II", "III", "IV", "SD", "SLTP", "SLTA", "RT", "RW", "PNS", "TNI", "POLRI", "BUMN", "BUMD"})


def _value(ours: str, value: Any) -> str:
    text = str(value).strip()
    return as_written(text) if ours in _AS_WRITTEN else text


def _place(row: Mapping[str, Any]) -> dict[str, str]:
    """``rt_rw`` as 003/002 and ``kode_desa`` as 33.28.10.1008, where the parts are there."""
    try:
        out = {"rt_rw": f"{int(row['NO_RT']):03d}/{int(row['NO_RW']):03d}"}
        out["kode_desa"] = (
            f"{int(row['NO_PROP']):02d}.{int(row['NO_KAB']):02d}.{int(row['NO_KEC']):02d}.{int(row['NO_KEL']):04d}"
        )
    except (KeyError, TypeError, ValueError):
        return {}
    return out

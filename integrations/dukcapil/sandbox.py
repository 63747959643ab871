"""Stand-in for Dukcapil: the civil register's calls, what it demands of an application, and its deeds.

No specification is public; the shapes are those of ``manifest.yml``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from aiohttp import web

from integrations.dukcapil import deed, likeness
from integrations.sandbox.case import Application, Case
from integrations.sandbox.register import Entry
from integrations.sandbox.standin import Deficiency, Shell, flatten

NOT_FOUND = ("13", "Data Tidak Ditemukan")
SERVICES = frozenset(
    {"ktp", "kk", "akta-kelahiran", "akta-kematian", "kia", "pindah-datang", "akta-perkawinan", "akta-perceraian"}
)
CARDS = frozenset({"ktp", "kia"})

# What form F-2.01 cannot do without. One line may name several paths: any of them will do.
_BIRTH_NEEDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("anak.nama",), "Nama anak wajib diisi."),
    (("anak.jenis_kelamin",), "Jenis kelamin anak wajib diisi."),
    (("anak.tanggal_lahir",), "Tanggal lahir anak wajib diisi."),
    (("anak.tempat_lahir",), "Tempat lahir anak wajib diisi."),
    (("ibu.nama", "ibu.nik"), "Data ibu wajib diisi."),
    (("pelapor.nama", "pelapor.nik"), "Data pelapor wajib diisi."),
    (("saksi.0.nama", "saksi.0.nik"), "Data saksi pertama wajib diisi."),
    (("saksi.1.nama", "saksi.1.nik"), "Data saksi kedua wajib diisi."),
)
_BIRTHS = frozenset({"", "baru", "terlambat"})
"""Variants that register a birth; the others ask for a copy or a correction."""
_NIK = re.compile(r"\d{16}")
# A wished visit or a planned move lies ahead; these do not.
_PAST = frozenset({"tanggal_lahir", "tanggal_kematian", "tanggal_meninggal"})


def stand_in(shell: Shell) -> Dukcapil:
    """The stand-in, for :mod:`integrations.sandbox`."""
    return Dukcapil(shell)


class Dukcapil:
    """See :class:`integrations.sandbox.standin.StandIn`."""

    id = "dukcapil"
    title = "Dinas Kependudukan dan Pencatatan Sipil"
    prefix = "DUK"

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def routes(self) -> list[web.RouteDef]:
        """The civil register's calls."""
        return [
            web.post("/dukcapil/nik/lookup", self.lookup),
            web.post("/dukcapil/nik/verify", self.verify),
            web.get("/dukcapil/faces/{nik}", self.faces),
            web.post("/dukcapil/faces/match", self.match),
        ]

    async def lookup(self, request: web.Request) -> web.Response:
        """``{NIK}`` -> ``{content: [{NIK, NO_KK, NAMA_LGKP, ...}]}``, or RESPONSE_CODE 13."""
        body = await _body(request)
        nik = body.get("NIK")
        if not isinstance(nik, str) or not _NIK.fullmatch(nik):
            return _says("05", "Format NIK salah", status=400)
        entry = self._shell.register.find(nik)
        return _content(_row(entry)) if entry else _says(*NOT_FOUND)

    async def verify(self, request: web.Request) -> web.Response:
        """``{NIK, <element>: <value>...}`` -> per element ``Sesuai`` or ``Tidak Sesuai``."""
        body = await _body(request)
        entry = self._shell.register.find(str(body.get("NIK", "")))
        if entry is None:
            return _says(*NOT_FOUND)
        row = _row(entry)
        unknown = sorted(set(body) - set(row) - {"TRESHOLD"})
        if unknown:
            return _says("05", f"Elemen tidak dikenal: {', '.join(unknown)}", status=400)
        elements = [name for name in body if name not in ("NIK", "TRESHOLD")]
        threshold = _percent(body.get("TRESHOLD", "100"))
        if threshold is None:
            return _says("05", "TRESHOLD harus 1 sampai 100", status=400)
        return _content({"NIK": entry.nik} | {name: _agrees(row[name], body[name], threshold) for name in elements})

    async def faces(self, request: web.Request) -> web.Response:
        """Enrolled pictures of one NIK: ``{content: [{FOTO: <base64 JPEG>}]}``."""
        nik = request.match_info["nik"]
        if self._shell.register.find(nik) is None:
            return _says(*NOT_FOUND)
        pictures = self._shell.register.faces(nik)
        return web.json_response({"content": [{"FOTO": base64.b64encode(p).decode()} for p in pictures]})

    async def match(self, request: web.Request) -> web.Response:
        """``{NIK, FOTO, CONSENT_ID, CONSENT_AT}`` -> ``{content: [{SCORE, TRANSACTION_ID}]}``; nothing of it is kept."""
        body = await _body(request)
        if not body.get("CONSENT_ID") or _moment(body.get("CONSENT_AT")) is None:
            return _says("05", "Persetujuan pemilik data dan waktunya wajib disebut", status=400)
        try:
            picture = base64.b64decode(str(body.get("FOTO", "")), validate=True)
        except ValueError:
            picture = b""
        if not picture.startswith(b"\xff\xd8\xff"):
            return _says("05", "FOTO harus JPEG dalam base64", status=400)
        nik = str(body.get("NIK", ""))
        if self._shell.register.find(nik) is None:
            return _says(*NOT_FOUND)
        if not self._shell.register.faces(nik):
            return _says("14", "Foto Tidak Ditemukan")
        score = await asyncio.to_thread(likeness.of, self._shell.register.demo_pictures, nik, picture)
        return _content({"NIK": nik, "SCORE": score, "TRANSACTION_ID": secrets.token_hex(8)})

    def deficiencies(self, application: Application) -> list[Deficiency]:
        """Everything that is wrong, at once."""
        values = flatten(application.data)
        faults = []
        if application.service not in SERVICES:
            faults.append(Deficiency("service", "Layanan ini bukan layanan Dukcapil."))
        if not application.reference:
            faults.append(Deficiency("reference", "Nomor permohonan wajib diisi."))
        if application.service == "akta-kelahiran" and application.variant in _BIRTHS:
            faults += [Deficiency(p[0], text) for p, text in _BIRTH_NEEDS if not any(values.get(path) for path in p)]
        faults += [f for path, value in values.items() if (f := self._fault(path, value))]
        return faults

    def remarks(self, case: Case) -> list[str]:
        """None: officers of the real register look it up themselves."""
        return []

    def issues(self, case: Case) -> bool:
        """Of a visit for a card nothing: it is handed over at the office."""
        return case.ending != "booking" or case.service not in CARDS

    def valid_until(self, case: Case, at: datetime) -> date | None:
        """A population document does not end."""
        return None

    def document(self, case: Case, at: datetime) -> tuple[str, bytes]:
        """The finished document; the birth certificate has its own layout."""
        return deed.make(case, flatten(case.data), at, f"{self._shell.base_url}/periksa/{case.check_token}")

    def _fault(self, path: str, value: Any) -> Deficiency | None:
        name = path.rpartition(".")[2]
        if name in ("nik", "no_kk") and value and not _NIK.fullmatch(str(value)):
            return Deficiency(path, "Nomor ini harus 16 angka.")
        if name.startswith("tanggal") and value:
            born = _date(value)
            if born is None:
                return Deficiency(path, "Tanggal harus berbentuk TTTT-BB-HH.")
            if name in _PAST and born > self._shell.clock.now().date():
                return Deficiency(path, "Tanggal ini belum terjadi.")
        return None


def _row(entry: Entry) -> dict[str, Any]:
    """A person in the register's own words."""
    details = entry.details
    code = details["kode_desa"].split(".")
    return {
        "NIK": entry.nik,
        "NO_KK": details["no_kk"],
        "NAMA_LGKP": entry.name.upper(),
        "TMPT_LHR": details["tempat_lahir"].upper(),
        "TGL_LHR": entry.birth_date.isoformat(),
        "JENIS_KLMIN": "Laki-Laki" if entry.sex == "L" else "Perempuan",
        "AGAMA": details["agama"].upper(),
        "STATUS_KAWIN": details["status_kawin"].upper(),
        "JENIS_PKRJN": details["pekerjaan"].upper(),
        "PDDK_AKH": details["pendidikan"].upper(),
        "GOL_DARAH": details["golongan_darah"].upper(),
        "STAT_HBKEL": details["hubungan"].upper(),
        "NAMA_LGKP_AYAH": details["nama_ayah"].upper(),
        "NAMA_LGKP_IBU": details["nama_ibu"].upper(),
        "ALAMAT": details["alamat"].upper(),
        "NO_RT": int(details["rt"]),
        "NO_RW": int(details["rw"]),
        "PROP_NAME": details["provinsi"].upper(),
        "KAB_NAME": details["kabupaten"].upper(),
        "KEC_NAME": details["kecamatan"].upper(),
        "KEL_NAME": details["desa"].upper(),
        "NO_PROP": int(code[0]),
        "NO_KAB": int(code[1]),
        "NO_KEC": int(code[2]),
        "NO_KEL": int(code[3]),
        "KWRNGRN": "WNI",
    }


def _agrees(known: Any, given: Any, threshold: float) -> str:
    """Texts may differ a little, as far as the threshold has it; numbers and dates may not."""

    def plain(value: Any) -> str:
        return " ".join(str(value).split()).casefold()

    ours, theirs = plain(known), plain(given)
    if any(c.isdigit() for c in ours):
        return "Sesuai" if ours == theirs else "Tidak Sesuai"
    likeness = SequenceMatcher(None, ours, theirs, autojunk=False).ratio() * 100
    return "Sesuai" if likeness >= threshold else "Tidak Sesuai"


def _percent(raw: Any) -> float | None:
    try:
        value = float(raw)
    except (TypeError, ValueError):
        return None
    return value if 1 <= value <= 100 else None


def _moment(raw: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _content(row: Mapping[str, Any]) -> web.Response:
    return web.json_response(
        {"content": [row], "lastPage": True, "numberOfElements": 1, "totalElements": 1, "firstPage": True}
    )


def _says(code: str, text: str, status: int = 200) -> web.Response:
    return web.json_response({"content": [{"RESPONSE_CODE": code, "RESPON": text}]}, status=status)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None

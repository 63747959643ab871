"""Stand-in for the licences of health workers: their records, what an application needs, the licence itself.

No specification is public; the shape of the look-up is ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.registry import agency_manifest
from integrations.sandbox import paper
from integrations.sandbox.case import Application, Case
from integrations.sandbox.standin import Deficiency, Shell, flatten
from integrations.sdmk import licence
from integrations.sdmk.workers import Worker, workers

SERVICES = frozenset(agency_manifest(Path(__file__).parent).services)
MOST_PLACES = 3
"""Licences one person may hold at a time (Permenkes 13/2025, article 149)."""
_NIK = re.compile(r"\d{16}")

# What no application can do without, and what one of some kinds cannot.
_NEEDS = (("pemohon.nama", "Nama pemohon wajib diisi."), ("pemohon.nik", "NIK pemohon wajib diisi."))
_STR = ("str.nomor", "Nomor STR wajib diisi.")
_PLACE = ("tempat.nama", "Nama tempat praktik wajib diisi.")
_OLD = ("sip_lama.nomor", "Nomor SIP yang ada wajib diisi.")
_NEEDS_OF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "baru": (_STR, _PLACE),
    "perpanjangan": (_STR, _PLACE, _OLD),
    "tambah-tempat": (_STR, _PLACE, _OLD),
    "perubahan": (_OLD,),
    "pencabutan": (_OLD,),
    "cetak-ulang": (),
}


def stand_in(shell: Shell) -> Sdmk:
    """The stand-in, for :mod:`integrations.sandbox`."""
    return Sdmk(shell)


class Sdmk:
    """See :class:`integrations.sandbox.standin.StandIn`."""

    id = "sdmk"
    title = "Perizinan Tenaga Kesehatan (Dinas Kesehatan)"
    prefix = "SIP"

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def routes(self) -> list[web.RouteDef]:
        """The look-up of a health worker."""
        return [web.post("/sdmk/nakes/lookup", self.lookup)]

    async def lookup(self, request: web.Request) -> web.Response:
        """``{nik}`` -> ``{nakes: {nik, nama, tanggal_lahir, layanan, profesi, str, skp, sip, …}}``, or ``{nakes: null}``."""
        try:
            body = json.loads(await request.read())
            nik = body["nik"]
        except (ValueError, KeyError, TypeError):
            nik = ""
        if not isinstance(nik, str) or not _NIK.fullmatch(nik):
            return web.json_response({"RESPONSE_CODE": "05", "RESPON": "Format NIK salah"}, status=400)
        worker, person = workers().get(nik), self._shell.register.find(nik)
        if worker is None or person is None:
            return web.json_response({"nakes": None})
        row = _row(worker) | {"nik": nik, "nama": person.name, "tanggal_lahir": person.birth_date.isoformat()}
        return web.json_response({"nakes": row})

    def deficiencies(self, application: Application) -> list[Deficiency]:
        """Everything that is wrong, at once."""
        values = flatten(application.data)
        faults = []
        if application.service not in SERVICES:
            faults.append(Deficiency("service", "Layanan ini bukan izin tenaga kesehatan."))
        if application.variant not in _NEEDS_OF:
            faults.append(Deficiency("variant", "Jenis permohonan tidak dikenal."))
        if not application.reference:
            faults.append(Deficiency("reference", "Nomor permohonan wajib diisi."))
        needs = (*_NEEDS, *_NEEDS_OF.get(application.variant, ()))
        faults += [Deficiency(path, text) for path, text in needs if not values.get(path)]
        nik = values.get("pemohon.nik")
        if nik and not _NIK.fullmatch(str(nik)):
            faults.append(Deficiency("pemohon.nik", "Nomor ini harus 16 angka."))
        return faults

    def remarks(self, case: Case) -> list[str]:
        """The applicant's record beside what was written."""
        values = flatten(case.data)
        worker = workers().get(str(values.get("pemohon.nik", "")))
        if worker is None:
            return ["NIK ini tidak ada di SDMK contoh. Periksa foto STR dan bukti SKP satu per satu."]
        until = "seumur hidup" if worker.until is None else f"sampai {paper.spoken(worker.until)}"
        points = ", ".join(f"{field} {n}" for field, n in worker.points.items())
        return [
            f"{worker.profession}; STR {worker.registration}, berlaku {until}.",
            *_differences(worker, case, values),
            f"SKP {'cukup' if worker.enough else 'BELUM cukup'}: {points}.",
            *_places(worker, case, self._shell.clock.now().date()),
        ]

    def issues(self, case: Case) -> bool:
        """Every case ends with a licence, or with the paper that withdraws it."""
        return True

    def valid_until(self, case: Case, at: datetime) -> date | None:
        """Of a new or renewed licence; what stays as it was, and what is given back, has no new end."""
        if case.variant not in ("baru", "perpanjangan", "tambah-tempat"):
            return None
        return licence.valid_until(flatten(case.data), at.astimezone(paper.WIB).date())

    def document(self, case: Case, at: datetime) -> tuple[str, bytes]:
        """The licence, or the letter that withdraws it."""
        return licence.make(case, flatten(case.data), at, f"{self._shell.base_url}/periksa/{case.check_token}")


def _row(worker: Worker) -> dict[str, Any]:
    term = {"masa": "seumur_hidup"} if worker.until is None else {"masa": "sampai", "sampai": worker.until.isoformat()}
    return {
        **worker.profile,
        "layanan": worker.service,
        "profesi": worker.profession,
        "str": {"nomor": worker.registration, **term},
        "skp": {**worker.points, "cukup": worker.enough},
        "sip": [
            {"nomor": s.number, "tempat": s.place, "sampai": s.until.isoformat(), **s.details} for s in worker.licences
        ],
    }


def _differences(worker: Worker, case: Case, values: Mapping[str, Any]) -> list[str]:
    found = []
    if worker.service != case.service:
        found.append("PERHATIAN: profesi di SDMK lain dengan izin yang dimohon.")
    given = values.get("str.nomor")
    if given and str(given).upper() != worker.registration.upper():
        found.append("PERHATIAN: nomor STR di permohonan lain dengan catatan SDMK.")
    return found


def _places(worker: Worker, case: Case, today: date) -> list[str]:
    active = [one for one in worker.licences if one.until >= today]
    lines = [f"SIP berlaku: {one.number}, {one.place}, sampai {paper.spoken(one.until)}." for one in active]
    if case.variant in ("baru", "tambah-tempat") and len(active) >= MOST_PLACES:
        lines.append(f"PERHATIAN: sudah punya {MOST_PLACES} SIP, tidak boleh lebih.")
    return lines or ["Belum ada SIP yang berlaku."]

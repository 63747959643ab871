"""The health workers' records (SATUSEHAT SDMK) and the applications of the 31 licences, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.errors import AgencyError
from bot.ports import Agency, Clock, Person
from bot.registry import agency_manifest
from integrations.common.agency import CaseAgency

_TERMS = {"seumur_hidup": "seumur_hidup", "sampai": "bertanggal"}
"""How long an STR holds: their word -> the form's code."""


def build(config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from its settings; see ``docs/add-an-agency.md``."""
    timeout = agency_manifest(Path(__file__).parent).timeout_s
    return SdmkAgency(config["LOKET_SDMK_URL"], config["LOKET_SDMK_SECRET"], clock, timeout)


class SdmkAgency(CaseAgency):
    """Applications as every agency of this shape, and what the ministry's records say of a health worker."""

    def __init__(self, url: str, secret: str, clock: Clock, timeout: float) -> None:
        super().__init__(agency_manifest(Path(__file__).parent), url, secret, clock, timeout)

    async def lookup(self, nik: str) -> Person | None:
        """The health worker with that NIK, or None. ``data`` holds ``nik, nama, tanggal_lahir, layanan`` (slug of the licence),
        and for its form ``str_nomor, str_masa, str_sampai, str_tercatat, skp_tercatat, sip_nomor, sip_sampai`` where known.

        :raises AgencyError: it is somebody else, or cannot be read.
        """
        answer = await self._json("POST", "/nakes/lookup", {"nik": nik})
        if "nakes" not in answer:
            raise AgencyError("the record of a health worker cannot be read")
        row = answer["nakes"]
        return None if row is None else _person(row, nik)


def _person(row: Any, nik: str) -> Person:
    try:
        if row["nik"] != nik:
            raise AgencyError("the records answered with another NIK than asked")
        born = date.fromisoformat(row["tanggal_lahir"])
        registration = row["str"]
        data = {
            "nik": nik,
            "nama": str(row["nama"]),
            "tanggal_lahir": born.isoformat(),
            "layanan": str(row["layanan"]),
            "str_nomor": str(registration["nomor"]),
            "str_masa": _TERMS[registration["masa"]],
            "str_tercatat": "ya",
            "skp_tercatat": "ya" if row["skp"]["cukup"] is True else "",
        }
        if data["str_masa"] == "bertanggal":
            data["str_sampai"] = date.fromisoformat(registration["sampai"]).isoformat()
        if len(row["sip"]) == 1:
            # With several places the person says which licence is meant.
            data["sip_nomor"] = str(row["sip"][0]["nomor"])
            data["sip_sampai"] = date.fromisoformat(row["sip"][0]["sampai"]).isoformat()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyError("the record of a health worker cannot be read") from error
    return Person(nik=nik, name=data["nama"], birth_date=born, data={k: v for k, v in data.items() if v})

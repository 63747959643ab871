"""The health workers' records (SATUSEHAT SDMK) and the applications of the 31 licences, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.errors import AgencyError
from bot.ports import Agency, Clock, Person
from bot.registry import agency_manifest
from integrations.common.agency import CaseAgency
from integrations.sdmk import records


def build(config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from its settings; see ``docs/add-an-agency.md``."""
    timeout = agency_manifest(Path(__file__).parent).timeout_s
    return SdmkAgency(config["LOKET_SDMK_URL"], config["LOKET_SDMK_SECRET"], clock, timeout)


class SdmkAgency(CaseAgency):
    """Applications as every agency of this shape, and what the ministry's records say of a health worker."""

    def __init__(self, url: str, secret: str, clock: Clock, timeout: float) -> None:
        super().__init__(agency_manifest(Path(__file__).parent), url, secret, clock, timeout)

    async def lookup(self, nik: str) -> Person | None:
        """The health worker with that NIK, or None; ``data``: :mod:`integrations.sdmk.records`.

        :raises AgencyError: it is somebody else, or cannot be read.
        """
        answer = await self._json("POST", "/nakes/lookup", {"nik": nik})
        if "nakes" not in answer:
            raise AgencyError("the record of a health worker cannot be read")
        row = answer["nakes"]
        return None if row is None else records.person(row, nik, self._clock.now().date())

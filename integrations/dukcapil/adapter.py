"""Dukcapil over HTTP: the civil register, and the applications of the eight population services."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.errors import AgencyError
from bot.ports import Agency, Clock, Person
from bot.registry import agency_manifest
from integrations.common.agency import CaseAgency
from integrations.dukcapil import wire


def build(config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from its settings; see ``docs/add-an-agency.md``."""
    timeout = agency_manifest(Path(__file__).parent).timeout_s
    return DukcapilAgency(config["LOKET_DUKCAPIL_URL"], config["LOKET_DUKCAPIL_SECRET"], clock, timeout)


class DukcapilAgency(CaseAgency):
    """Applications as every agency of this shape, and the civil register."""

    def __init__(self, url: str, secret: str, clock: Clock, timeout: float) -> None:
        super().__init__(agency_manifest(Path(__file__).parent), url, secret, clock, timeout)

    async def lookup(self, nik: str) -> Person | None:
        """The person with that NIK, or None."""
        answer = await self._json("POST", "/nik/lookup", {"NIK": nik})
        found = _found(answer)
        return wire.person(found[0], nik) if found else None

    async def verify(self, nik: str, elements: Mapping[str, str]) -> dict[str, bool] | None:
        """Whether each element (our field names, e.g. ``nama``) agrees with the register; None for an unknown NIK.

        :raises AgencyError: an element the register does not know.
        """
        theirs = {ours: name for name, ours in wire.ELEMENTS.items()}
        unknown = sorted(set(elements) - set(theirs))
        if unknown:
            raise AgencyError("the register has no such element", elements=tuple(unknown))
        asked = {theirs[ours]: value for ours, value in elements.items()}
        found = _found(await self._json("POST", "/nik/verify", {"NIK": nik, "TRESHOLD": "80", **asked}))
        return {ours: found[0].get(theirs[ours]) == "Sesuai" for ours in elements} if found else None

    async def faces(self, nik: str) -> list[bytes]:
        """The enrolled pictures of that NIK (JPEG), possibly none."""
        answer = await self._json("GET", f"/faces/{quote(nik, safe='')}")
        try:
            pictures = [base64.b64decode(row["FOTO"], validate=True) for row in _found(answer)]
        except (KeyError, TypeError, binascii.Error, ValueError) as error:
            raise AgencyError("an enrolled picture cannot be read") from error
        if not all(picture.startswith(b"\xff\xd8\xff") for picture in pictures):
            raise AgencyError("an enrolled picture is no JPEG")
        return pictures


def _found(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of an answer of the register; empty when it does not know the NIK.

    :raises AgencyError: 200 with an error in it.
    """
    said = wire.refusal(answer)
    if said is None:
        return wire.rows(answer)
    if said[0] in wire.NOT_FOUND:
        return []
    raise AgencyError("the register refused", response_code=said[0])

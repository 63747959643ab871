"""Dukcapil over HTTP: the civil register, and the applications of the eight population services."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.errors import AgencyError, NotFound
from bot.ports import Agency, Clock, FaceAnswer, Person
from bot.registry import agency_manifest
from integrations.common.agency import CaseAgency
from integrations.dukcapil import wire


@dataclass(frozen=True)
class Thresholds:
    """``verify``: percent; ``match`` and ``officer``: scores of a face, 0 to 1. Vendors in front of such services count from 0.75 on
    as the same person (domain.md 4.2); the office sets its own."""

    verify: float = 80.0
    match: float = 0.75
    officer: float = 0.6

    def outcome(self, score: float) -> str:
        """What a score means."""
        return "match" if score >= self.match else "officer" if score >= self.officer else "no_match"


def build(config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from its settings; see ``docs/add-an-agency.md``."""
    timeout = agency_manifest(Path(__file__).parent).timeout_s
    known = {name: config[setting] for name, setting in _SETTINGS.items() if config.get(setting)}
    thresholds = Thresholds(**{name: float(value) for name, value in known.items()})
    return DukcapilAgency(config["LOKET_DUKCAPIL_URL"], config["LOKET_DUKCAPIL_SECRET"], clock, timeout, thresholds)


_SETTINGS = {
    "verify": "LOKET_DUKCAPIL_VERIFY_PERCENT",
    "match": "LOKET_DUKCAPIL_FACE_MATCH",
    "officer": "LOKET_DUKCAPIL_FACE_OFFICER",
}


class DukcapilAgency(CaseAgency):
    """Applications as every agency of this shape, and the civil register."""

    def __init__(
        self, url: str, secret: str, clock: Clock, timeout: float, thresholds: Thresholds | None = None
    ) -> None:
        super().__init__(agency_manifest(Path(__file__).parent), url, secret, clock, timeout)
        self._thresholds = thresholds or Thresholds()

    async def lookup(self, nik: str) -> Person | None:
        """The person with that NIK, or None."""
        answer = await self._json("POST", "/nik/lookup", {"NIK": nik})
        found = _found(answer)
        return wire.person(found[0], nik) if found else None

    async def verify(self, nik: str, elements: Mapping[str, str]) -> dict[str, bool]:
        """Whether each element (our field names, e.g. ``nama``) agrees with the register; of an unknown NIK none does.

        :raises AgencyError: an element the register does not know, or an answer without one that was asked for.
        """
        theirs = {ours: name for name, ours in wire.ELEMENTS.items()}
        unknown = sorted(set(elements) - set(theirs))
        if unknown:
            raise AgencyError("the register has no such element", elements=tuple(unknown))
        asked = {theirs[ours]: value for ours, value in elements.items()}
        body = {"NIK": nik, "TRESHOLD": f"{self._thresholds.verify:g}", **asked}
        found = _found(await self._json("POST", "/nik/verify", body))
        if not found:
            return dict.fromkeys(elements, False)
        return {ours: wire.agrees(found[0], theirs[ours]) for ours in elements}

    async def match(self, nik: str, picture: bytes, consent: str, at: datetime) -> FaceAnswer:
        """The register's own 1:1 comparison; the picture is not kept there.

        :raises bot.errors.NotFound: it has no face of that NIK.
        :raises AgencyError: an answer that cannot be read.
        """
        body = {
            "NIK": nik,
            "FOTO": base64.b64encode(picture).decode(),
            "CONSENT_ID": consent,
            "CONSENT_AT": at.isoformat(timespec="seconds"),
        }
        found = _found(await self._json("POST", "/faces/match", body))
        if not found:
            raise NotFound("face")
        score, transaction = wire.face_score(found[0])
        return FaceAnswer(self._thresholds.outcome(score), score, transaction)

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

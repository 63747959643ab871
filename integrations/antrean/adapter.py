"""The counter queue and jemput bola, over HTTP: bookings are applications, besides them free times and the place in the line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bot.errors import AgencyError
from bot.ports import Agency, Clock, Place, Slot
from bot.registry import agency_manifest
from integrations.common.agency import CaseAgency

_STATES = {
    "menunggu": "waiting",
    "segera": "soon",
    "dipanggil": "called",
    "selesai": "served",
    "tidak_hadir": "missed",
    "batal": "cancelled",
}
"""A ticket's state: their word -> ours."""
MOST_SLOTS = 2000
"""A list longer than two months of half hours is no list of free times."""


def build(config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from its settings; see ``docs/add-an-agency.md``."""
    timeout = agency_manifest(Path(__file__).parent).timeout_s
    return AntreanAgency(config["LOKET_ANTREAN_URL"], config["LOKET_ANTREAN_SECRET"], clock, timeout)


class AntreanAgency(CaseAgency):
    """Bookings as every agency of this shape, and what is special of a queue."""

    def __init__(self, url: str, secret: str, clock: Clock, timeout: float) -> None:
        super().__init__(agency_manifest(Path(__file__).parent), url, secret, clock, timeout)

    async def slots(self, what: str, place: str, first: date, last: date) -> list[Slot]:
        """Free times for a service (slug) at a place, or visits to a village (``jemput-bola``, its code), in order.

        :raises AgencyError: the list cannot be read.
        """
        asked = {"layanan": what, "tempat": place, "dari": first.isoformat(), "sampai": last.isoformat()}
        answer = await self._json("GET", f"/slots?{urlencode(asked)}")
        rows = answer.get("slots")
        if not isinstance(rows, list) or len(rows) > MOST_SLOTS:
            raise AgencyError("the list of free times cannot be read")
        return sorted((_slot(row) for row in rows), key=lambda slot: slot.starts_at)

    async def move(self, agency_ref: str, slot_id: str, key: str) -> Slot:
        """Another time for a booking; safe to repeat under the same key.

        :raises AgencyError: that time is taken (status 409).
        """
        answer = await self._json("PUT", f"{_case(agency_ref)}/slot", {"slot": slot_id}, key=key)
        return _slot(answer.get("slot"))

    async def ticket(self, agency_ref: str) -> Place:
        """The ticket of a booking: number, place in the line, expected time.

        :raises AgencyError: it is somebody else's, or cannot be read.
        """
        answer = await self._json("GET", f"{_case(agency_ref)}/ticket")
        if answer.get("agency_ref") != agency_ref:
            raise AgencyError("the ticket is of another booking")
        return _place(answer)

    async def check_in(self, code: str, key: str) -> Place:
        """Whoever has this booking, or this number, is there; safe to repeat.

        :raises AgencyError: no such ticket (status 404); not now (409, the reasons name ``early`` or ``over``).
        """
        return _place(await self._json("POST", "/check-in", {"kode": code}, key=key))


def _case(agency_ref: str) -> str:
    return f"/applications/{quote(agency_ref, safe='')}"


def _slot(row: Any) -> Slot:
    try:
        free = row["sisa"]
        if not isinstance(free, int) or isinstance(free, bool) or not isinstance(row["id"], str) or not row["id"]:
            raise TypeError("id and number expected")
        return Slot(row["id"], _moment(row["mulai"]), _moment(row["selesai"]), max(free, 0), str(row.get("tempat", "")))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyError("a free time cannot be read") from error


def _place(row: Mapping[str, Any]) -> Place:
    try:
        ahead = row["di_depan"]
        texts = [row[name] for name in ("nomor", "loket", "tempat", "sedang_dipanggil")]
        if not isinstance(ahead, int) or isinstance(ahead, bool) or not all(isinstance(t, str) for t in texts):
            raise TypeError("texts and a number expected")
        return Place(
            number=texts[0],
            counter=texts[1],
            place=texts[2],
            starts_at=_moment(row["mulai"]),
            state=_STATES[row["status"]],
            ahead=max(ahead, 0),
            serving=texts[3],
            expected_at=_moment(row["perkiraan"]) if row.get("perkiraan") else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyError("the ticket cannot be read") from error


def _moment(text: Any) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("without a time zone")
    return at

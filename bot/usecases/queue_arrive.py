"""Saying "I am here" with a ticket, at the building; and the ticket's own page. Whoever has the number of a ticket may see it: a number
of a counter, no name.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.catalogue import Locus
from bot.domain.conversation import Case, Conversation
from bot.domain.reference import find_reference, parse_reference
from bot.errors import AgencyError, LoketError
from bot.ports import ChecksIn, Place, TellsPlace
from bot.usecases.deps import Deps
from bot.usecases.life import integration
from bot.usecases.queue_words import QUEUE, Booked, booked
from bot.usecases.store import Tx

log = logging.getLogger(__name__)

LONGEST = 200
"""Characters of a code: an address with a number fits."""


class Came(StrEnum):
    """What became of "I am here"."""

    HERE = "here"
    CALLED = "called"
    EARLY = "early"
    OVER = "over"
    UNKNOWN = "unknown"
    AWAY = "away"
    BUSY = "busy"
    """Too many wrong codes from here."""


@dataclass(frozen=True)
class Arrival:
    """The answer, with the ticket where it is known. ``ticket``: who comes too early is told when their time is."""

    came: Came
    place: Place | None = None
    ticket: Booked | None = None


@dataclass(frozen=True)
class Found:
    """A ticket by its number. ``place``: as it stands, None: the agency does not say."""

    case: Case
    home: Conversation
    ticket: Booked | None
    place: Place | None


async def find_ticket(deps: Deps, typed: str) -> Found | None:
    """The ticket whose number stands in a text or an address, with its place in the line."""
    async with deps.store.begin() as tx:
        case = await _case(tx, typed)
        home = await tx.conversation(case.conversation_id) if case is not None else None
    if case is None or home is None:
        return None
    place = None
    agency: object = deps.agencies.get(integration(deps, case))
    if case.agency_ref is not None and isinstance(agency, TellsPlace):
        try:
            place = await agency.ticket(case.agency_ref)
        except LoketError as error:
            log.warning("a ticket could not be looked up", extra={"case": str(case.id), "code": error.code})
    return Found(case, home, booked(case), place)


async def _case(tx: Tx, typed: str) -> Case | None:
    number = parse_reference(typed) or find_reference(typed)
    case = await tx.case_by_reference(number) if number is not None else None
    return case if case is not None and case.service == QUEUE else None


async def arrive(deps: Deps, locus: Locus, typed: str) -> Arrival:
    """Somebody with this code is there: our number, the address in our QR, or what the office's own ticket says."""
    code = " ".join(typed[:LONGEST].split())
    agency: object = deps.agencies.get(locus.agencies.get(QUEUE, QUEUE))
    if not code or not isinstance(agency, ChecksIn):
        return Arrival(Came.UNKNOWN if not code else Came.AWAY)
    async with deps.store.begin() as tx:
        case = await _case(tx, code)
    if case is None and (find_reference(code) or parse_reference(code)):
        return Arrival(Came.UNKNOWN)
    told = case.agency_ref if case is not None else code
    if told is None:
        return Arrival(Came.AWAY)
    try:
        place = await agency.check_in(told, f"hadir:{told}"[:80])
    except AgencyError as refused:
        came = _refused(refused)
        return Arrival(came, ticket=booked(case) if came is Came.EARLY and case is not None else None)
    except LoketError as error:
        log.warning("an arrival could not be told", extra={"code": error.code})
        return Arrival(Came.AWAY)
    if case is not None:
        async with deps.store.begin() as tx:
            await tx.audit("kiosk", "queue.here", str(case.id), {}, deps.now())
    return Arrival(Came.CALLED if place.state == "called" else Came.HERE, place)


def _refused(error: AgencyError) -> Came:
    status = error.params.get("status")
    if status in (400, 404):
        return Came.UNKNOWN
    why = {str(one.get("field", "")) for one in error.params.get("reasons", ())}
    return Came.EARLY if status == 409 and "early" in why else Came.OVER if status == 409 else Came.AWAY

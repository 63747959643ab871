"""A person's desk for what the errands could not do: try again, or say that it was done by hand."""

from __future__ import annotations

import re
from uuid import UUID

from bot.domain.alarms import Alarm
from bot.domain.application import State
from bot.domain.conversation import Case, CaseEvent
from bot.domain.messages import Kind
from bot.errors import Conflict, InvalidMessage, NotFound
from bot.usecases.deps import Deps
from bot.usecases.errand_base import tell
from bot.usecases.life import integration, move
from bot.usecases.store import Tx

NUMBER = re.compile(r"[\w./ -]{3,80}")
"""What an agency's number looks like."""
_NUMBERED = frozenset({"submit", "repair"})


def asks_number(case: Case, verb: str) -> bool:
    """Whether what was handed in by hand has a number at the agency that must be known from now on."""
    return verb.partition("-")[0] in _NUMBERED and case.agency_ref is None


async def _own(tx: Tx, case_id: UUID, locus: str) -> Case:
    """:raises NotFound: there is no such case at this office."""
    case = await tx.case(case_id, lock=True)
    if case.locus != locus:
        raise NotFound("application")
    return case


async def retry(deps: Deps, case_id: UUID, verb: str, by: str, locus: str) -> None:
    """Try a failed errand again, for another 48 hours.

    :raises NotFound: no such errand at this office. :raises Conflict: it is not failed (any more).
    """
    async with deps.store.begin() as tx:
        case = await _own(tx, case_id, locus)
        await tx.errand(case.id, verb)
        if not await tx.retry_errand(case.id, verb, deps.now()):
            raise Conflict("the errand is not failed")
        await tx.audit(by, "errand.retried", str(case.id), {"verb": verb}, deps.now())


async def by_hand(deps: Deps, case_id: UUID, verb: str, agency_ref: str, by: str, locus: str) -> None:
    """A member of staff did it at the agency's own counter; with the number it has there, where it had none here.

    :raises NotFound: no such errand at this office. :raises Conflict: it is not failed (any more).
    :raises InvalidMessage: the number is none, or another case's.
    """
    agency_ref = " ".join(agency_ref.split())
    async with deps.store.begin() as tx:
        case = await _own(tx, case_id, locus)
        await tx.errand(case.id, verb)
        if asks_number(case, verb):
            await _number(deps, tx, case, agency_ref)
        if not await tx.settle_errand(case.id, verb, by, deps.now()):
            raise Conflict("the errand is not failed")
        await tx.audit(by, "errand.by_hand", str(case.id), {"verb": verb, "agency_ref": case.agency_ref}, deps.now())
        await _say(deps, tx, case, verb)


async def _number(deps: Deps, tx: Tx, case: Case, agency_ref: str) -> None:
    if not NUMBER.fullmatch(agency_ref):
        raise InvalidMessage("errands.number")
    others = [c for c in await tx.cases_by_agency_ref(agency_ref) if integration(deps, c) == integration(deps, case)]
    if others:
        raise InvalidMessage("errands.number_taken")
    case.agency_ref = agency_ref
    await tx.put_case(case)


async def _say(deps: Deps, tx: Tx, case: Case, verb: str) -> None:
    head, now = verb.partition("-")[0], deps.now()
    if head in _NUMBERED:
        await tx.add_event(case.id, CaseEvent(f"diserahkan:{verb}", case.state, now))
        key = f"by-hand:{case.id}:{verb}"
        await tell(deps, tx, case, "submit.by_hand", Kind.NOTICE, key, agency_ref=case.agency_ref or "-")
    elif head == "cancel":
        cancelled = CaseEvent("dibatalkan", State.DIBATALKAN.value, now)
        if await move(deps, tx, case, State.DIBATALKAN, cancelled):
            await tell(deps, tx, case, "submit.withdrawn", Kind.STATUS, f"withdrawn:{case.id}")


async def handled(deps: Deps, alarm_id: int, by: str, locus: str) -> None:
    """Somebody has seen to an alarm.

    :raises NotFound: it is not open at this office.
    """
    async with deps.store.begin() as tx:
        if not await tx.handle_alarm(alarm_id, locus, by, deps.now()):
            raise NotFound("alarm")
        await tx.audit(by, "alarm.handled", str(alarm_id), {}, deps.now())


KINDS = frozenset(Alarm)
"""All kinds of alarms, for the page's words."""

"""Asking agencies for what a lost push would have said. One slow agency holds up nobody else's cases."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.alarms import Alarm
from bot.domain.breaker import Way
from bot.domain.conversation import Case
from bot.errors import AgencyError, AgencyUnavailable, LoketError
from bot.usecases.deps import Deps
from bot.usecases.life import integration
from bot.usecases.track import apply_status

log = logging.getLogger(__name__)

QUIET_FOR = timedelta(minutes=10)
"""A case that changed, or was asked about, later than this is left alone."""
AT_MOST = 100
"""Cases asked about in one round."""


async def poll_case(deps: Deps, case: Case) -> None:
    """Ask the agency for every change of a case, and take those that are new.

    :raises bot.errors.AgencyUnavailable: it does not answer.
    """
    name = integration(deps, case)
    if case.agency_ref is None or name not in deps.agencies:
        return
    if "status" not in deps.agencies[name].manifest.capabilities:
        return  # it only takes cases in (mail): its officers' word comes by the errands desk
    try:
        changes = await deps.agencies[name].status(case.agency_ref)
        for status in changes:
            if status.agency_ref != case.agency_ref:
                raise AgencyError("the history is of another case")
            await apply_status(deps, name, status)
    except AgencyError as problem:
        log.warning(
            "an agency's history cannot be used", extra={"case": str(case.id), "agency": name, "code": problem.code}
        )
        async with deps.store.begin() as tx:
            await tx.put_alarm(Alarm.UNREADABLE, name, deps.now(), case=case, code="history")


async def poll_open(deps: Deps) -> int:
    """Ask about open cases that were not heard of for a while; how many."""
    before = deps.now() - QUIET_FOR
    async with deps.store.begin() as tx:
        cases = await tx.cases_to_poll(before, AT_MOST)
    desks: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        desks[integration(deps, case)].append(case)
    await asyncio.gather(*(_one_desk(deps, name, waiting) for name, waiting in desks.items()))
    return len(cases)


async def _one_desk(deps: Deps, name: str, cases: Sequence[Case]) -> None:
    """Those that nobody could be asked about have had their turn, too: else they would be first again, and all there ever are."""
    async with deps.store.begin() as tx:
        away = (await tx.breaker(name)).way(deps.now()) is not Way.CLOSED
    for case in cases:
        away = away or not await _asked(deps, name, case)
        async with deps.store.begin() as tx:
            await tx.polled(case.id, deps.now())


async def _asked(deps: Deps, name: str, case: Case) -> bool:
    """False: the agency does not answer."""
    try:
        await poll_case(deps, case)
    except AgencyUnavailable as problem:
        log.warning("agency could not be polled", extra={"agency": name, "code": problem.code})
        return False
    except LoketError as problem:
        log.warning("a case could not be polled", extra={"case": str(case.id), "code": problem.code})
    except Exception:
        log.exception("a case could not be polled", extra={"case": str(case.id)})
    return True

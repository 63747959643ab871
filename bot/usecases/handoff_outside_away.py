"""Whether an outside desk is known to be away: the circuit breaker of each (:mod:`bot.domain.breaker`), shared by all workers.

While it is open, whoever asks for a person gets our own console at once. Now and then one ticket goes there to see; if it finds
nobody, it comes back at its first try. What the desk has already keeps its own patience (``LOKET_DESK_AWAY_MINUTES``).
"""

from __future__ import annotations

import logging
import random
from datetime import datetime

from bot.domain.alarms import Alarm
from bot.domain.breaker import LONGEST_PROBE, Way
from bot.ports_desk import OutsideDesk
from bot.usecases.deps import Deps
from bot.usecases.store import Tx

log = logging.getLogger(__name__)

PREFIX = "desk:"
"""Before a desk's id where agencies have theirs: among breakers and alarms."""
_jitter = random.Random()  # noqa: S311 (spreads the load; no secret)


async def reachable(tx: Tx, desk: OutsideDesk | None, now: datetime) -> OutsideDesk | None:
    """The desk, if a new ticket may go there now; else None: our own console."""
    if desk is None or (await tx.breaker(PREFIX + desk.id)).way(now) is Way.CLOSED:
        return desk
    breaker = await tx.breaker(PREFIX + desk.id, lock=True)
    way = breaker.way(now)
    if way is Way.HALF_OPEN:
        await tx.put_breaker(breaker.probing(now + LONGEST_PROBE))
    return None if way is Way.OPEN else desk


async def no_answer(deps: Deps, desk: str) -> datetime | None:
    """A call found nobody. Since when the desk is known to be away; None: it is not yet."""
    now = deps.now()
    async with deps.store.begin() as tx:
        before = await tx.breaker(PREFIX + desk, lock=True)
        after = before.failed(now, _jitter.random())
        if after != before:
            await tx.put_breaker(after)
        if after.opened_at is not None and before.opened_at is None:
            await tx.put_alarm(Alarm.AWAY, PREFIX + desk, now)
            log.warning("outside desk is left in peace", extra={"desk": desk, "failures": after.failures})
    return after.opened_at


async def answered(deps: Deps, desk: str) -> None:
    """It is there."""
    async with deps.store.begin() as tx:
        back = await tx.agency_answered(PREFIX + desk)
        if back:
            await tx.clear_alarms(Alarm.AWAY, PREFIX + desk, deps.now())
    if back:
        log.info("outside desk is back", extra={"desk": desk})

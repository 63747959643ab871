"""Officers decide on borderline faces: one at a time on one check, one or two by the office's rule, and not for ever."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.domain.conversation import Case, Conversation
from bot.domain.identity_desk import MOST_WORDS, OfficersVerdict, Stand, reason_fits, stand, turn_of
from bot.domain.messages import Reply
from bot.errors import Conflict
from bot.usecases import capture
from bot.usecases.deps import Deps
from bot.usecases.identity import AsksAgain, settle_check
from bot.usecases.store import Tx

log = logging.getLogger(__name__)

_AT_A_TIME = 50


@dataclass(frozen=True)
class Decider:
    """Who decides. ``officer``, ``supervisor``: which of the two they may be."""

    username: str
    officer: bool
    supervisor: bool


class DeskConflict(Conflict):
    """Not now, or not by you: ``why`` is ``decided``, ``held`` (``holder`` has it before them), ``own``, ``supervisor`` or
    ``officer``.
    """

    code = "identity_desk"

    def __init__(self, why: str, holder: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.holder = holder


async def take_up(
    deps: Deps, tx: Tx, check_id: UUID, who: Decider, by_two: bool, hold: timedelta
) -> list[OfficersVerdict]:
    """Keep a check for whoever opens it, before any picture is shown. Returns what colleagues said so far.

    :raises DeskConflict: not theirs to decide now.
    """
    now = deps.now()
    check = await tx.check(check_id, lock=True)
    if check.decision is not None or check.outcome != "officer":
        raise DeskConflict("decided")
    said = (await tx.verdicts([check_id])).get(check_id, [])
    why = turn_of(said, by_two, who.username, officer=who.officer, supervisor=who.supervisor)
    if why:
        raise DeskConflict(why)
    holder = await tx.hold_check(check_id, who.username, now, now + hold)
    if holder != who.username:
        raise DeskConflict("held", holder)
    return said


async def give_verdict(
    deps: Deps, check_id: UUID, who: Decider, accepted: bool, reason: str, words: str, by_two: bool, hold: timedelta
) -> Stand:
    """An officer's verdict with its reason. Where it decides, the picture is deleted, the citizen is told and goes on.

    :raises DeskConflict: decided meanwhile, before a colleague now, or not theirs.
    :raises ValueError: no reason that fits.
    """
    words = words.strip()[:MOST_WORDS]
    if not reason_fits(accepted, reason, words):
        raise ValueError(reason)
    now = deps.now()
    async with deps.store.begin() as tx:
        said = await take_up(deps, tx, check_id, who, by_two, hold)
        final = stand(said, by_two) is Stand.DIFFER
        verdict = OfficersVerdict(who.username, accepted, reason, now, words, final)
        await tx.put_verdict(check_id, verdict)
        await tx.let_go_of_check(check_id, who.username)
        stands = stand([*said, verdict], by_two)
        check = await tx.check(check_id, lock=True)
        if stands.over:
            await settle_check(deps, tx, check, stands is Stand.ACCEPTED, who.username, asks_again=_by_link(deps))
        await tx.notify_staff()
        locus = (await tx.conversation(check.conversation_id)).locus
        detail = {"accepted": accepted, "reason": reason, "stand": str(stands), "locus": locus}
        await tx.audit(who.username, "identity.verdict", str(check_id), detail, now)
    return stands


async def look_after_overdue(deps: Deps) -> int:
    """Checks that nobody decided in time end: the picture is deleted, and the citizen is told and asked for a new one or a person.
    Returns how many.
    """
    before = deps.now() - deps.policy.check_limit
    async with deps.store.begin() as tx:
        overdue = await tx.overdue_checks(before, _AT_A_TIME)
    ended = 0
    for check_id in overdue:
        try:
            ended += await _ended(deps, check_id, before)
        except Exception:  # one that cannot be ended keeps no other from its end
            log.exception("a face check could not be ended", extra={"check": str(check_id)})
    if ended:
        log.warning("face checks ran out of time", extra={"count": ended})
    return ended


async def _ended(deps: Deps, check_id: UUID, before: datetime) -> bool:
    async with deps.store.begin() as tx:
        check = await tx.check(check_id, lock=True)
        if check.decision is not None or check.at >= before:
            return False
        await settle_check(deps, tx, check, False, "loket", "identity.officer_late", _by_link(deps))
        return True


def _by_link(deps: Deps) -> AsksAgain:
    """Where selfies are taken on the capture page, the next question brings a fresh link, as it does in a turn."""

    async def asks(tx: Tx, conversation: Conversation, case: Case, asking: list[Reply]) -> list[Reply]:
        if asking and capture.wanted(deps, conversation, str(asking[-1].meta.get("field") or "")):
            offered = await capture.offer(deps, tx, conversation, case)
            return [*asking[:-1], replace(offered, meta={**asking[-1].meta, **offered.meta})]
        return asking

    return asks

"""Errands to an agency: tried until they are done, for 48 hours; then a person has to look. The citizen hears both edges of an outage."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from bot.domain.alarms import Alarm
from bot.domain.application import State
from bot.domain.conversation import Case, CaseEvent, Due
from bot.domain.messages import Kind
from bot.domain.working_hours import WorkingHours
from bot.errors import AgencyError, AgencyUnavailable, LoketError
from bot.usecases import errand_verbs
from bot.usecases.deps import Deps
from bot.usecases.errand_base import ErrandRun, tell
from bot.usecases.handoff_request import adapter_gave_up
from bot.usecases.life import integration, move
from bot.usecases.notify import notify
from bot.usecases.poll import poll_case
from bot.usecases.store import Tx
from bot.usecases.store_agencies import AGENCY_CLOSED, Call, Errand
from bot.usecases.track import status_reply

__all__ = ["look_after_stuck", "poll_case", "run_errand"]

log = logging.getLogger(__name__)

_BACKOFF_S = (1, 3, 10, 30, 60, 120, 300)
TELL_AFTER = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(hours=48)
"""Open Forms tries for 48 hours before people have to look (peers 2.7)."""
GIVE_UP_OPEN = timedelta(hours=8)
"""Of an agency that keeps hours, at least so much of that time must have been open."""
LONGEST_S = 75.0
"""A try is broken off before its lease ends (``bot/storage/errands.py``): another worker may begin then."""
_HEARD = frozenset({"submit", "repair"})
"""Verbs whose waiting the citizen hears about: what they handed in is on its way."""
_STUCK_WORDS = {"document": "submit.document_stuck", "ticket": "submit.document_stuck"}
_jitter = random.Random()  # noqa: S311 (spreads the load; no secret)


@dataclass(frozen=True)
class _Failure:
    """Why a try failed. ``away``: the agency does not answer; ``refused``: it does, and says no."""

    code: str
    retryable: bool
    away: bool = False
    refused: bool = False
    reasons: tuple[dict[str, str], ...] = ()
    closed_s: float = 0.0
    """Nothing was tried: the agency's hours begin in so many seconds."""


async def run_errand(deps: Deps, due: Due) -> tuple[str, float, str | None]:
    """Do one errand. Returns (state to settle with, delay in seconds, error code)."""
    began = monotonic()
    async with deps.store.begin() as tx:
        case = await tx.case(due.case_id)
    failure = await _try(deps, case, due)
    ms = round((monotonic() - began) * 1000)
    if failure is None:
        await _went_well(deps, case, due, ms)
        return "done", 0, None
    log.warning(
        "errand failed",
        extra={"case": str(due.case_id), "verb": due.verb, "attempt": due.attempts, "code": failure.code},
    )
    if failure.closed_s > 0:
        return "due", failure.closed_s, AGENCY_CLOSED
    state = await _went_wrong(deps, case, due, failure, ms)
    return state, (_pause(due.attempts) if state == "due" else 0), failure.code


def _pause(attempts: int) -> float:
    """Seconds to the next try, between half and all of the step, so that what failed together does not come back together."""
    step = _BACKOFF_S[min(attempts, len(_BACKOFF_S)) - 1]
    return step * (0.5 + _jitter.random() / 2)


async def _try(deps: Deps, case: Case, due: Due) -> _Failure | None:
    name = integration(deps, case)
    try:
        async with asyncio.timeout(LONGEST_S):
            verb = errand_verbs.VERBS[due.verb.partition("-")[0]]
            await verb(ErrandRun(deps, case, deps.agencies[name], name, due.verb, due.attempts > 1))
    except TimeoutError:
        return _Failure(AgencyUnavailable.code, retryable=True, away=True)
    except LoketError as problem:
        return _Failure(
            problem.code,
            problem.retryable,
            away=isinstance(problem, AgencyUnavailable),
            refused=isinstance(problem, AgencyError),
            reasons=_reasons(problem.params.get("reasons", ())),
            closed_s=float(problem.params["after"]) if problem.params.get("closed") else 0.0,
        )
    except Exception:
        # Ours, or an adapter's: the case must not be lost in it. It is tried again, and an operator hears of it.
        log.exception("errand broke off", extra={"case": str(case.id), "verb": due.verb})
        return _Failure(Alarm.UNEXPECTED.value, retryable=True)
    return None


def _reasons(raw: Any) -> tuple[dict[str, str], ...]:
    return tuple(one for one in raw if isinstance(one, dict)) if isinstance(raw, list | tuple) else ()


def _call(deps: Deps, case: Case, due: Due, outcome: str, ms: int) -> Call:
    return Call(integration(deps, case), "out", due.verb, due.attempts, outcome, ms, deps.now())


# -- it worked ----------------------------------------------------------------------------------------------------------


async def _went_well(deps: Deps, case: Case, due: Due, ms: int) -> None:
    now, name = deps.now(), integration(deps, case)
    async with deps.store.begin() as tx:
        await tx.put_call(case.id, _call(deps, case, due, "ok", ms))
        await _answers(deps, tx, name)
        if due.attempts > 1:
            await tx.clear_alarms(Alarm.UNEXPECTED, name, now, case.id)
        known = await _row(tx, due)
        if known is not None and known.told_at is not None and due.verb.partition("-")[0] in _HEARD:
            await tell(deps, tx, case, "submit.went_through", Kind.NOTICE, f"through:{case.id}:{due.verb}")
            await tx.mark_told(case.id, due.verb, now)
        if due.verb == "submit" and "status" not in deps.agencies[name].manifest.capabilities:
            await tell(deps, tx, case, "submit.no_news", Kind.NOTICE, f"no-news:{case.id}")
    if due.verb == "submit" and due.attempts > 1:
        await _catch_up(deps, case)


async def _catch_up(deps: Deps, case: Case) -> None:
    """The agency had the case before we knew its number: what it pushed meanwhile is asked for."""
    try:
        async with deps.store.begin() as tx:
            case = await tx.case(case.id)
        await poll_case(deps, case)
    except Exception:
        log.warning(
            "history could not be asked for; the poll does it later", extra={"case": str(case.id)}, exc_info=True
        )


async def _answers(deps: Deps, tx: Tx, name: str) -> None:
    if await tx.agency_answered(name):
        await tx.clear_alarms(Alarm.AWAY, name, deps.now())
        # What waited for the agency need not wait for its own time.
        log.info("agency is back", extra={"agency": name})


def _given_up(deps: Deps, case: Case, since: datetime) -> bool:
    """Whether a person has to look: it was tried for long enough, closing times not counted."""
    now, hours = deps.now(), _hours(deps, case)
    return now - since >= GIVE_UP_AFTER and (hours is None or hours.time_open(since, now) >= GIVE_UP_OPEN)


def _hours(deps: Deps, case: Case) -> WorkingHours | None:
    return deps.agencies[integration(deps, case)].manifest.hours


async def _row(tx: Tx, due: Due) -> Errand | None:
    return next((one for one in await tx.errands_of(due.case_id) if one.verb == due.verb), None)


# -- it did not -----------------------------------------------------------------------------------------------------------


async def _went_wrong(deps: Deps, case: Case, due: Due, failure: _Failure, ms: int) -> str:
    now, name = deps.now(), integration(deps, case)
    over = _given_up(deps, case, due.created_at)
    async with deps.store.begin() as tx:
        await tx.put_call(case.id, _call(deps, case, due, failure.code, ms))
        if failure.code == Alarm.UNEXPECTED:
            await tx.put_alarm(Alarm.UNEXPECTED, name, now, case=case, code=due.verb.partition("-")[0])
        if failure.refused:
            await _answers(deps, tx, name)
    if failure.away:
        await _count_failure(deps, name)
    if failure.retryable and not over:
        if now - due.created_at >= TELL_AFTER:
            await _tell_away(deps, case, due.verb)
        return "due"
    if failure.refused and due.verb.partition("-")[0] in _HEARD and await _give_back(deps, case, due, failure):
        return "done"
    await _tell_failed(deps, case, due.verb, failure)
    return "failed"


async def _count_failure(deps: Deps, name: str) -> None:
    now = deps.now()
    async with deps.store.begin() as tx:
        before = await tx.breaker(name, lock=True)
        after = before.failed(now, _jitter.random())
        if after != before:
            await tx.put_breaker(after)
        if after.opened_at is not None and after.opens != before.opens:
            await tx.put_alarm(Alarm.AWAY, name, now)
            log.warning("agency is left in peace", extra={"agency": name, "failures": after.failures})


async def _tell_away(deps: Deps, case: Case, verb: str) -> None:
    """The agency is away for a while: the citizen hears it once, with what happens next."""
    if verb.partition("-")[0] not in _HEARD:
        return
    async with deps.store.begin() as tx:
        await tell(deps, tx, case, "submit.agency_away", Kind.NOTICE, f"away:{case.id}:{verb}")
        await tx.mark_told(case.id, verb, deps.now())


async def _give_back(deps: Deps, case: Case, due: Due, failure: _Failure) -> bool:
    """A refusal that names fields of the form is a repair: the citizen is told all of it at once and asked for just that."""
    fields = [str(one.get("field") or "") for one in failure.reasons]
    async with deps.store.begin() as tx:
        case = await tx.case(case.id, lock=True)
        home = await tx.conversation(case.conversation_id, lock=True)
        if case.state != State.DIAJUKAN or not await _all_asked(deps, tx, case, fields):
            return False
        note = "\n".join(f"• {one['message']}" for one in failure.reasons if one.get("message"))
        state = State.PERLU_PERBAIKAN
        if not await move(deps, tx, case, state, CaseEvent(f"dikembalikan:{due.verb}", state.value, deps.now(), note)):
            return False
        case.draft = {**case.draft, "repair_asked": list(dict.fromkeys(fields))}
        await tx.put_case(case)

        async def words(reader: Any) -> Any:
            return [await status_reply(deps, tx, reader, case)]

        await notify(tx, home, words, deps.now(), f"case:{case.id}:returned:{due.verb}")
    return True


async def _all_asked(deps: Deps, tx: Tx, case: Case, fields: list[str]) -> bool:
    """Whether the form asks for every one of them."""
    conversation = await tx.conversation(case.conversation_id)
    engine, draft = deps.form_of(conversation, case)
    return bool(fields) and all(fields) and all(engine.repair(draft, [path]).repair for path in set(fields))


async def _tell_failed(deps: Deps, case: Case, verb: str, failure: _Failure) -> None:
    now, head = deps.now(), verb.partition("-")[0]
    sentence = _STUCK_WORDS.get(
        head, "submit.not_accepted" if failure.refused or not failure.retryable else "submit.given_up"
    )
    async with deps.store.begin() as tx:
        if head != "expire":  # the case is over; only the office has to see to it
            await tell(deps, tx, case, sentence, Kind.ERROR, f"refused:{case.id}:{verb}")
            await adapter_gave_up(deps, tx, case, head)
        if failure.reasons:
            said = "\n".join(f"{one.get('field', '')}: {one.get('message', '')}" for one in failure.reasons)
            await tx.note_reason(case.id, verb, said[:4000])
        await tx.audit("loket", "errand.failed", str(case.id), {"verb": verb, "code": failure.code}, now)
        await tx.notify_staff()


# -- what nobody is at work on ------------------------------------------------------------------------------------------------


async def look_after_stuck(deps: Deps) -> int:
    """Errands that an open breaker holds back: their citizens are told, and after 48 hours a person has to look. How many."""
    now = deps.now()
    async with deps.store.begin() as tx:
        stuck = await tx.stuck_errands(now - TELL_AFTER, now - GIVE_UP_AFTER, _HEARD)
    for one in stuck:
        try:
            await _look_after(deps, one)
        except Exception:
            log.exception(
                "a stuck errand could not be looked after", extra={"case": str(one.case_id), "verb": one.verb}
            )
    return len(stuck)


async def _look_after(deps: Deps, errand: Errand) -> None:
    now, since = deps.now(), errand.retried_at or errand.created_at
    async with deps.store.begin() as tx:
        case = await tx.case(errand.case_id)
        hours = _hours(deps, case)
        gone = _given_up(deps, case, since) and await tx.give_up(case.id, errand.verb, now)
        # Not tried at all: either its agency is left in peace, or our own queue is long, which is no news (closed is none, too).
        away = (
            (hours is None or hours.open(now))
            and errand.attempts > 0
            or (await tx.breaker(integration(deps, case))).opened_at is not None
        )
    if gone:
        await _tell_failed(deps, case, errand.verb, _Failure(AgencyUnavailable.code, retryable=True, away=True))
    elif errand.told_at is None and away:
        await _tell_away(deps, case, errand.verb)

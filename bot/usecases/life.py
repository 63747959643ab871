"""Moving a case through its life: the one place that changes a state, stops and starts the office's clock, and writes history."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

from bot.domain.alarms import Alarm
from bot.domain.application import State, can, clock_runs, postponed
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.messages import Kind, Reply
from bot.usecases.deps import Deps
from bot.usecases.store import Tx
from bot.usecases.survey_due import after_case
from bot.usecases.turn import Effect, Turn

log = logging.getLogger(__name__)

REOPENS = frozenset({"pengaduan"})
"""Slugs whose citizen may say that it is not settled (``terbit`` back to ``diproses``)."""


def integration(deps: Deps, case: Case) -> str:
    """Id of the integration that stands for a case's agency at its office."""
    locus = deps.catalogue().loci.get(case.locus)
    return case.agency if locus is None else locus.agencies.get(case.agency, case.agency)


def agency_name(deps: Deps, case: Case, language: str) -> str:
    """What people call the agency of a case."""
    key = f"submit.agency.{case.agency}"
    if deps.texts.has(key):
        return deps.texts.say(key, language)
    manifest = getattr(deps.agencies.get(integration(deps, case)), "manifest", None)
    return str(manifest.name) if manifest is not None else case.agency


async def move(deps: Deps, tx: Tx, case: Case, state: State, event: CaseEvent, *, reopens: bool = False) -> bool:
    """Bring a locked case into ``state``, with its line of history; False: a known event, or no legal way (then the line stays).

    A repair stops the office's clock; whatever ends it starts the clock and postpones the promise.
    """
    legal = can(State(case.state), state, reopens=reopens and case.service in REOPENS)
    if not await tx.add_event(case.id, event):
        return False
    if not legal:
        log.info("a state out of order is kept in the history only", extra={"case": str(case.id), "state": state.value})
        return False
    now = deps.now()
    if state is State.PERLU_PERBAIKAN:
        case.paused_at = now
    elif case.paused_at is not None:
        await _go_on(deps, tx, case, state, case.paused_at, now)
    case.state, case.updated_at = state.value, now
    await tx.put_case(case)
    if not clock_runs(state):
        await tx.clear_alarms(Alarm.OVERDUE, integration(deps, case), now, case.id)
    await after_case(deps, tx, case, state)
    return True


async def _go_on(deps: Deps, tx: Tx, case: Case, state: State, paused: datetime, now: datetime) -> None:
    case.paused_at = None
    if case.promised_on is None or not clock_runs(state):
        return
    zone = deps.zone(await tx.conversation(case.conversation_id))
    day = case.promised_on.astimezone(zone).date()
    moved, lost = postponed(day, paused.astimezone(zone).date(), now.astimezone(zone).date(), deps.holiday)
    case.promised_on, case.paused_days = datetime.combine(moved, time(), zone), case.paused_days + lost


def promised_day(deps: Deps, conversation: Conversation, case: Case) -> date | None:
    """The promised date at the office; None: none was promised."""
    return case.promised_on.astimezone(deps.zone(conversation)).date() if case.promised_on is not None else None


def repair_ends(deps: Deps, conversation: Conversation, case: Case) -> date | None:
    """The last day for an open repair."""
    if case.paused_at is None:
        return None
    return (case.paused_at + deps.policy.repair).astimezone(deps.zone(conversation)).date()


async def finish(deps: Deps, tx: Tx, case: Case, key: str, inbox_id: int | None = None) -> bool:
    """The citizen has what was wanted (``selesai``): the document is in their hands, or they say so. ``case`` is locked.

    False: it is not at that point, or it is finished already.
    """
    if not can(State(case.state), State.SELESAI):
        return False
    return await move(deps, tx, case, State.SELESAI, CaseEvent(key, State.SELESAI.value, deps.now(), inbox_id=inbox_id))


async def received(turn: Turn, case_id: UUID) -> Effect:
    """ "Sudah saya terima" below a case that is issued."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    mine = {case.id for case in await tx.cases_of(conversation)}
    case = await tx.case(case_id, lock=True) if case_id in mine else None
    if case is None or case.state not in (State.TERBIT, State.SELESAI):
        return Effect([Reply(deps.say("error.stale_button", conversation), Kind.ERROR)])
    await finish(deps, tx, case, "diterima", turn.call.inbox_id)
    key = deps.words_for(case.service, "track.received")
    said = Reply(deps.say(key, conversation, reference=case.reference or ""), Kind.STATUS)
    return Effect(_about(case, [said]))


def _about(case: Case, replies: Sequence[Reply]) -> list[Reply]:
    for reply in replies:
        reply.meta.update(service=case.service, application=case.reference, state=case.state)
    return list(replies)

"""The watch over open cases: late ones apologise by themselves and alert the office, repairs are reminded of and end one day.

Every word is said once: the history has a line for each, and a line that is there already is not written again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from bot.domain.alarms import Alarm
from bot.domain.application import State, apology, clock_runs, repair_reminder
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.messages import Kind, Reply
from bot.usecases.deps import Deps
from bot.usecases.life import integration, move, promised_day, repair_ends
from bot.usecases.notify import about_case, notify
from bot.usecases.replies import person_button, wish_button
from bot.usecases.store import Tx
from bot.usecases.submit import spoken_date
from bot.usecases.track import status_reply

log = logging.getLogger(__name__)


async def watch_cases(deps: Deps) -> int:
    """Look at every open case that something may be due for; how many were looked at."""
    async with deps.store.begin() as tx:
        # No office is a day ahead of UTC by more than this; each case is looked at in its own office's time.
        late = await tx.overdue(deps.now() + timedelta(hours=14))
        repairs = await tx.open_repairs()
    for case_id in late:
        await _guarded(deps, case_id, _late)
    for case_id in repairs:
        await _guarded(deps, case_id, _repair)
    return len(late) + len(repairs)


async def _guarded(deps: Deps, case_id: UUID, look: Callable[[Deps, Tx, Case], Awaitable[None]]) -> None:
    try:
        async with deps.store.begin() as tx:
            await look(deps, tx, await tx.case(case_id, lock=True))
    except Exception:
        log.exception("a case could not be watched", extra={"case": str(case_id)})


# -- late ---------------------------------------------------------------------------------------------------------------


async def _late(deps: Deps, tx: Tx, case: Case) -> None:
    home = await tx.conversation(case.conversation_id)
    promised, today = promised_day(deps, home, case), deps.today(home)
    if promised is None or promised >= today or not clock_runs(State(case.state)):
        return
    number = apology(promised, today, deps.holiday)
    key = f"terlambat-{promised.isoformat()}-{number}"
    if not number or not await tx.add_event(case.id, CaseEvent(key, case.state, deps.now())):
        return
    await tx.put_alarm(Alarm.OVERDUE, integration(deps, case), deps.now(), case=case)

    async def words(reader: Conversation) -> Sequence[Reply]:
        sorry = deps.words_for(case.service, "submit.late_sorry")
        name, day = deps.service_name(case.service, reader.language), spoken_date(promised, reader.language)
        text = deps.say(sorry, reader, service=name, reference=case.reference or "", date=day)
        return [Reply(text, Kind.NOTICE, (person_button(deps, reader),), meta=_meta(case))]

    state = deps.say("track.late", home, date=spoken_date(promised, home.language))
    announced = about_case(deps, "status", case.service, case.reference, state=state)
    await notify(tx, home, words, deps.now(), f"late:{case.id}:{promised.isoformat()}:{number}", announced)
    await tx.audit(
        "loket", "case.late", str(case.id), {"promised": promised.isoformat(), "apology": number}, deps.now()
    )


# -- waiting for the citizen ------------------------------------------------------------------------------------------------


async def _repair(deps: Deps, tx: Tx, case: Case) -> None:
    home = await tx.conversation(case.conversation_id)
    ends = repair_ends(deps, home, case)
    if case.state != State.PERLU_PERBAIKAN or case.paused_at is None or ends is None:
        return
    today = deps.today(home)
    if today > ends:
        await _expire(deps, tx, case, home)
        return
    days = repair_reminder(ends, today, case.paused_at.astimezone(deps.zone(home)).date())
    key = f"ingat-{ends.isoformat()}-{days}"
    if days and await tx.add_event(case.id, CaseEvent(key, case.state, deps.now())):
        await _remind(deps, tx, case, home, ends, (ends - today).days)


async def _remind(deps: Deps, tx: Tx, case: Case, home: Conversation, ends: date, days: int) -> None:
    async def words(reader: Conversation) -> Sequence[Reply]:
        name, day = deps.service_name(case.service, reader.language), spoken_date(ends, reader.language)
        key = deps.words_for(case.service, "submit.repair_reminder")
        text = deps.say(key, reader, service=name, reference=case.reference or "", days=days, date=day)
        return [Reply(text, Kind.NOTICE, (wish_button(deps, reader, "continue_application"),), meta=_meta(case))]

    announced = about_case(deps, "repair", case.service, case.reference, state=deps.say("state.perlu_perbaikan", home))
    await notify(tx, home, words, deps.now(), f"repair:{case.id}:{ends.isoformat()}:{days}", announced)


async def _expire(deps: Deps, tx: Tx, case: Case, home: Conversation) -> None:
    now: datetime = deps.now()
    if not await move(deps, tx, case, State.KEDALUWARSA, CaseEvent("kedaluwarsa", State.KEDALUWARSA.value, now)):
        return
    await _close_form(tx, case)
    if case.agency_ref is not None:
        await tx.put_due(case.id, "expire", now)

    async def words(reader: Conversation) -> Sequence[Reply]:
        return [await status_reply(deps, tx, reader, case)]

    state = deps.say("state.kedaluwarsa", home)
    announced = about_case(deps, "status", case.service, case.reference, state=state)
    await notify(tx, home, words, now, f"case:{case.id}:expired", announced)
    await tx.audit("loket", "case.expired", str(case.id), {}, now)


async def _close_form(tx: Tx, case: Case) -> None:
    """A repair that lies half filled in is open no more."""
    conversation = await tx.conversation(case.conversation_id, lock=True)
    if conversation.case_id == case.id and conversation.form_active:
        conversation.case_id, conversation.form_active, conversation.turn_mark = None, False, "expired"
        await tx.save_conversation(conversation)


def _meta(case: Case) -> dict[str, object]:
    return {"service": case.service, "application": case.reference}

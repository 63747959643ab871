"""Hand an application in: the citizen gets a number at once, the agency gets it as soon as it can be reached."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

from bot.domain.application import State, promise
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.messages import Kind, Reply
from bot.domain.reference import new_reference
from bot.usecases.deps import Deps
from bot.usecases.replies import wish_button
from bot.usecases.turn import Turn

MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split(),
    "jv": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}


def spoken_date(day: date, language: str) -> str:
    """``17 Agustus 2026``."""
    return f"{day.day} {MONTHS.get(language, MONTHS['id'])[day.month - 1]} {day.year}"


async def submit(turn: Turn, case: Case, engine: Engine, draft: Draft) -> list[Reply]:
    """Number, promise, history and errand in one transaction; the receipt to say."""
    deps, conversation = turn.deps, turn.conversation
    now = deps.now()
    if case.reference is not None:
        return await _resubmit(turn, case, now)
    service = deps.catalogue().services[case.service]
    zone = deps.zone(conversation)
    due = promise(now, service.duration.working_days, deps.holiday, zone)
    case.reference = new_reference(secrets.randbits)
    case.state = State.DIAJUKAN.value
    case.submitted_at = case.updated_at = now
    case.promised_on = datetime.combine(due, time(), zone)
    await turn.tx.put_case(case)
    await turn.tx.add_event(case.id, CaseEvent("diajukan", State.DIAJUKAN.value, now))
    await turn.tx.put_due(case.id, "submit", now)
    return [receipt(deps, conversation, case)]


async def _resubmit(turn: Turn, case: Case, now: datetime) -> list[Reply]:
    """The repaired case goes back under the same number."""
    rounds = sum(e.key.startswith("diperbaiki") for e in await turn.tx.events(case.id)) + 1
    case.state = State.DIAJUKAN.value
    case.updated_at = now
    await turn.tx.put_case(case)
    await turn.tx.add_event(case.id, CaseEvent(f"diperbaiki-{rounds}", State.DIAJUKAN.value, now))
    await turn.tx.put_due(case.id, f"repair-{rounds}", now)
    text = turn.deps.say("submit.repaired", turn.conversation, reference=case.reference)
    return [Reply(text, Kind.RECEIPT, meta={"service": case.service, "application": case.reference})]


def receipt(deps: Deps, conversation: Conversation, case: Case) -> Reply:
    """The receipt: number, promised date, what happens next."""
    zone: ZoneInfo | timezone = deps.zone(conversation)
    promised = case.promised_on.astimezone(zone).date() if case.promised_on else None
    text = deps.say(
        "submit.receipt",
        conversation,
        service=deps.service_name(case.service, conversation.language),
        reference=case.reference or "",
        date=spoken_date(promised, conversation.language) if promised else "-",
    )
    return Reply(
        text,
        Kind.RECEIPT,
        (wish_button(deps, conversation, "track_application"),),
        meta={"service": case.service, "application": case.reference},
    )

"""Hand an application in: the citizen gets a number at once, the agency gets it as soon as it can be reached."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

from bot.domain.application import State, promise
from bot.domain.catalogue import Ending, Variant, to_bring
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.messages import Kind, Reply
from bot.domain.reference import new_reference
from bot.domain.texts import word
from bot.usecases.case_buttons import case_button
from bot.usecases.deps import Deps
from bot.usecases.life import move, promised_day
from bot.usecases.queue_words import offer_button
from bot.usecases.replies import wish_button
from bot.usecases.turn import Turn

AT_COUNTER = "mpp"
"""Answer to "where would you like to come?" that has a counter queue."""
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
    service = deps.known_service(case.service)
    zone = deps.zone(conversation)
    variant = engine.variant(draft)
    duration = variant.duration or service.duration
    due = promise(now, duration.working_days, deps.holiday, zone)
    case.reference = new_reference(secrets.randbits)
    case.submitted_at = now
    # Of a visit only the office can say when it is.
    case.promised_on = None if variant.ends is Ending.BOOKING else datetime.combine(due, time(), zone)
    await move(deps, turn.tx, case, State.DIAJUKAN, _event("diajukan", turn, now))
    await turn.tx.put_due(case.id, "submit", now)
    if variant.ends is Ending.BOOKING:
        return [booking_receipt(deps, conversation, case, variant, service.free)]
    return [receipt(deps, conversation, case, service.free)]


async def _resubmit(turn: Turn, case: Case, now: datetime) -> list[Reply]:
    """The repaired case goes back under the same number; the office's clock runs on."""
    deps, conversation = turn.deps, turn.conversation
    rounds = sum(e.key.startswith("diperbaiki") for e in await turn.tx.events(case.id)) + 1
    before = case.promised_on
    if not await move(deps, turn.tx, case, State.DIAJUKAN, _event(f"diperbaiki-{rounds}", turn, now)):
        # The office went on without it meanwhile, or the time is over: where it stands is the news.
        said = deps.say(deps.words_for(case.service, f"state.{case.state}"), conversation)
        return [Reply(said, Kind.STATUS, meta={"service": case.service, "application": case.reference})]
    await turn.tx.put_due(case.id, f"repair-{rounds}", now)
    text = deps.say(deps.words_for(case.service, "submit.repaired"), conversation, reference=case.reference or "")
    day = promised_day(deps, conversation, case)
    if day is not None and case.promised_on != before:
        text += " " + deps.say("submit.new_date", conversation, date=spoken_date(day, conversation.language))
    return [Reply(text, Kind.RECEIPT, meta={"service": case.service, "application": case.reference})]


def _event(key: str, turn: Turn, now: datetime) -> CaseEvent:
    return CaseEvent(key, State.DIAJUKAN.value, now, inbox_id=turn.call.inbox_id)


def booking_receipt(deps: Deps, conversation: Conversation, case: Case, variant: Variant, free: bool) -> Reply:
    """The receipt of a wished visit: number, who tells day and hour, what to bring. No date is promised."""
    language = conversation.language
    name = word(variant.name, language)
    said = deps.words_for(case.service, "submit.booking")
    blocks = [deps.say(said, conversation, variant=name, reference=case.reference or "")]
    if carried := to_bring(variant, language, deps.texts):
        blocks.append(f"{deps.say('submit.bring', conversation)}\n{carried}")
    keep = deps.say("submit.keep", conversation)
    blocks.append(f"{keep} {deps.say('submit.free', conversation)}" if free else keep)
    if case.draft.get("answers", {}).get("kunjungan.tempat") != AT_COUNTER:
        return _receipt(deps, conversation, case, "\n\n".join(blocks))
    # There the person may as well choose day and hour now.
    blocks.append(deps.say("queue.offer", conversation))
    made = _receipt(deps, conversation, case, "\n\n".join(blocks))
    return replace(made, buttons=(offer_button(deps, conversation, case.service), *made.buttons))


def receipt(deps: Deps, conversation: Conversation, case: Case, free: bool = True) -> Reply:
    """The receipt: number, promised date, what happens next."""
    zone: ZoneInfo | timezone = deps.zone(conversation)
    promised = case.promised_on.astimezone(zone).date() if case.promised_on else None
    text = deps.say(
        deps.words_for(case.service, "submit.receipt"),
        conversation,
        service=deps.service_name(case.service, conversation.language),
        reference=case.reference or "",
        date=spoken_date(promised, conversation.language) if promised else "-",
    )
    return _receipt(
        deps,
        conversation,
        case,
        f"{text} {deps.say(deps.words_for(case.service, 'submit.free'), conversation)}" if free else text,
    )


def _receipt(deps: Deps, conversation: Conversation, case: Case, text: str) -> Reply:
    return Reply(
        text,
        Kind.RECEIPT,
        (wish_button(deps, conversation, "track_application"), case_button(deps, conversation, case, "tanda")),
        meta={"service": case.service, "application": case.reference},
    )

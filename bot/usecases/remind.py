"""Reminders: of a ticket on the day before (:mod:`bot.usecases.queue_remind`), and of a licence's end, 180, 90 and 30 days before.

One at a time, none twice, none for what is renewed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

from bot.domain import payloads, reminders
from bot.domain.conversation import Case, Conversation
from bot.domain.form_draft import Draft
from bot.domain.messages import Button, Kind, Reply
from bot.domain.reminders import RENEWAL, Later
from bot.usecases import queue_remind
from bot.usecases.deps import LICENCE, Deps
from bot.usecases.notify import about_case, notify
from bot.usecases.store import Tx
from bot.usecases.submit import spoken_date

log = logging.getLogger(__name__)


async def remember_validity(deps: Deps, tx: Tx, case: Case, until: date) -> None:
    """Keep how long an issued licence holds, and when its holder is to be reminded."""
    zone = deps.zone(await tx.conversation(case.conversation_id))
    due = reminders.schedule(until, deps.now(), zone) if case.service.startswith(f"{LICENCE}-") else ()
    await tx.put_validity(case.id, datetime.combine(until, time(), zone), due)


async def remind(deps: Deps) -> int:
    """Send what is due, also what became due while nothing ran: of one licence only the nearest. How many were sent."""
    async with deps.store.begin() as tx:
        due = await tx.due_reminders(deps.now())
    ends = {one.case_id: one.valid_until for one in due if one.valid_until is not None}
    tickets = {one.case_id for one in due if one.kind.startswith(queue_remind.KIND)}
    sent = 0
    for case_id, until in ends.items():
        try:
            ticket = case_id in tickets
            sent += await (queue_remind.remind_ticket(deps, case_id) if ticket else _one(deps, case_id, until))
        except Exception:
            log.exception("reminder not sent", extra={"case": str(case_id)})
    return sent


async def _one(deps: Deps, case_id: UUID, valid_until: datetime) -> bool:
    now = deps.now()
    async with deps.store.begin() as tx:
        kinds = await tx.take_reminders(case_id, now)
        if not kinds:
            return False
        case = await tx.case(case_id)
        home = await tx.conversation(case.conversation_id)
        zone = deps.zone(home)
        until, today = valid_until.astimezone(zone).date(), now.astimezone(zone).date()
        later = [
            Later(one.variant, one.state, Draft.from_json(one.draft).answers) for one in await tx.later_cases(case)
        ]
        if today - until > reminders.LATE or reminders.needless(until, later):
            return False
        days = max((until - today).days, 0)

        async def words(reader: Conversation) -> Sequence[Reply]:
            return [_reminder(deps, reader, case, until, days)]

        announced = about_case(
            deps, "reminder", case.service, case.reference, date=spoken_date(until, home.language), days=str(days)
        )
        await notify(tx, home, words, now, f"reminder:{case.id}:{kinds[0]}", announced)
    return True


def _reminder(deps: Deps, reader: Conversation, case: Case, until: date, days: int) -> Reply:
    key = "reminder.licence" if days > 0 else "reminder.licence_ended"
    text = deps.say(
        key,
        reader,
        service=deps.service_name(case.service, reader.language),
        date=spoken_date(until, reader.language),
        days=days,
    )
    service = deps.service(case.service)
    renewable = service is not None and any(v.id == RENEWAL for v in service.variants)
    button = Button(deps.say("button.renew", reader), payloads.intent("start_application", case.service, RENEWAL))
    meta = {"service": case.service, "application": case.reference}
    return Reply(text, Kind.NOTICE, (button,) if renewable else (), meta=meta)

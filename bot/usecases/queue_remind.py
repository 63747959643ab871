"""The reminder of a ticket on the day before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from bot.domain.conversation import Case, Conversation
from bot.domain.messages import Reply
from bot.usecases.deps import Deps
from bot.usecases.notify import about_case, notify
from bot.usecases.queue_words import WAITING, Booked, booked, spoken_time, ticket_reply
from bot.usecases.store import Tx

KIND = "antrean-"
"""Before the day of the ticket, as the kind of its reminder: another day is another reminder."""
HOUR = time(16)
"""On the day before, when people plan the next one."""


async def remember(deps: Deps, tx: Tx, home: Conversation, case: Case, ticket: Booked) -> None:
    """Note when the owner is to be reminded; a ticket for tomorrow that was booked in the evening needs no reminder."""
    zone = deps.zone(home)
    day = ticket.starts_at.astimezone(zone).date()
    due = datetime.combine(day - timedelta(days=1), HOUR, zone)
    rows = [(f"{KIND}{day.isoformat()}", due)] if due > deps.now() else []
    await tx.put_validity(case.id, ticket.starts_at, rows)


async def remind_ticket(deps: Deps, case_id: UUID) -> bool:
    """Send the reminder, unless the ticket was moved, given back or used meanwhile."""
    now = deps.now()
    async with deps.store.begin() as tx:
        kinds = await tx.take_reminders(case_id, now)
        case = await tx.case(case_id)
        ticket = booked(case)
        home = await tx.conversation(case.conversation_id)
        if ticket is None or case.state not in WAITING or ticket.starts_at <= now:
            return False
        day = ticket.starts_at.astimezone(deps.zone(home)).date()
        if f"{KIND}{day.isoformat()}" not in kinds:
            return False

        async def words(reader: Conversation) -> Sequence[Reply]:
            return [ticket_reply(deps, reader, case, "queue.reminder")]

        state = deps.say(
            "queue.reminder_short", home, number=ticket.number, time=spoken_time(deps, home, ticket.starts_at)
        )
        announced = about_case(deps, "status", case.service, case.reference, state=state)
        await notify(tx, home, words, now, f"reminder:{case.id}:{kinds[0]}", announced)
    return True

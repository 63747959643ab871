"""The errand ``ticket``: fetch a ticket as the agency has it, with its PDF, and hand it to its owner."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.messages import Kind, Reply
from bot.usecases.errand_base import ErrandRun
from bot.usecases.notify import about_case, notify
from bot.usecases.queue_remind import remember
from bot.usecases.queue_words import ACTIVE, TICKET, Booked, about, booked, spoken_time, ticket_reply


async def hand_over(run: ErrandRun) -> None:
    """The number in words, if the owner has not heard it yet (the agency was away), and the PDF with its QR."""
    deps = run.deps
    if run.case.agency_ref is None or run.case.state not in ACTIVE:
        return
    agency: object = run.agency
    place = await agency.ticket(run.agency_ref)  # type: ignore[attr-defined]
    name, content = await run.agency.document(run.agency_ref)
    ticket, now = Booked.of(place), deps.now()
    async with deps.store.begin() as tx:
        case = await tx.case(run.case.id, lock=True)
        home = await tx.conversation(case.conversation_id)
        news = booked(case) != ticket
        file = await tx.put_blob(case.conversation_id, "issued", name, "application/pdf", content, now)
        old, case.document_blob = case.document_blob, UUID(file.id)
        case.draft = {**case.draft, TICKET: ticket.to_json()}
        await tx.put_case(case)
        if old is not None:
            await tx.delete_blob(old)
        if news:
            await remember(deps, tx, home, case, ticket)

        async def words(reader: Conversation) -> Sequence[Reply]:
            text = deps.say("queue.document", reader, number=ticket.number)
            paper = about(case, Reply(text, Kind.STATUS, attachments=(file,)))
            return [ticket_reply(deps, reader, case), paper] if news else [paper]

        state = deps.say(
            "queue.reminder_short", home, number=ticket.number, time=spoken_time(deps, home, ticket.starts_at)
        )
        announced = about_case(deps, "status", case.service, case.reference, state=state)
        await notify(tx, home, words, now, f"ticket:{case.id}:{run.verb}", announced)

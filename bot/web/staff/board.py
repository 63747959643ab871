"""The first page: who waits, whom I talk to, how many selfies wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.conversation import Ticket
from bot.usecases.store import Tx
from bot.web.staff import strings, times
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, partial, sentences
from bot.web.staff.stream import stream

SHOWN = 50
"""Tickets of the queue on the page; the rest is counted."""
_DONE = {"closed": "done_closed", "decided": "done_decided"}


@dataclass(frozen=True)
class Row:
    """One ticket in a list."""

    id: UUID
    number: str
    since: str
    waited: str
    reason: str
    topic: str


async def queue(request: web.Request) -> web.Response:
    """The queue, oldest first."""
    account, say = request[ACCOUNT], sentences(request)
    async with desk_of(request).deps.store.begin() as tx:
        tickets = await tx.tickets(account.locus)
        selfies = len(await tx.pending_checks(account.locus))
        waiting = [t for t in tickets if t.state == "queued"]
        mine = [t for t in tickets if t.state == "claimed" and t.agent == account.username]
        values: dict[str, Any] = {
            "waiting": [await _row(request, tx, t) for t in waiting[:SHOWN]],
            "more": max(0, len(waiting) - SHOWN),
            "mine": [await _row(request, tx, t) for t in mine],
            "others": len(tickets) - len(waiting) - len(mine),
            "selfies": selfies,
        }
    done = request.query.get("done", "")
    number = request.query.get("number", "")
    values["done"] = say(_DONE[done], number=number) if done in _DONE else ""
    return page(request, "_queue.html" if partial(request) else "queue.html", **values)


async def _row(request: web.Request, tx: Tx, ticket: Ticket) -> Row:
    deps, tongue = desk_of(request).deps, language(request)
    conversation = await tx.conversation(ticket.conversation_id)
    slug = conversation.topic
    if conversation.case_id is not None and conversation.form_active:
        slug = (await tx.case(conversation.case_id)).service
    return Row(
        id=ticket.id,
        number=ticket.number,
        since=local_time(request, ticket.created_at),
        waited=times.how_long(deps.now() - ticket.created_at, tongue),
        reason=strings.reason(sentences(request), ticket.reason),
        topic=deps.service_name(slug, tongue) if slug else sentences(request)("no_topic"),
    )


async def events(request: web.Request) -> web.StreamResponse:
    """News of the queue; messages of conversations wake it too, but only a changed queue is told."""
    locus, store = request[ACCOUNT].locus, desk_of(request).deps.store

    async def fingerprint() -> object:
        async with store.begin() as tx:
            tickets = [(t.id, t.state, t.agent) for t in await tx.tickets(locus)]
            return tickets, [c.id for c in await tx.pending_checks(locus)]

    return await stream(request, "staff", gap_s=1.0, fingerprint=fingerprint)

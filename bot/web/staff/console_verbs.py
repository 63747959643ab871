"""What else an agent does with a conversation: hand it on, lay it aside, take it over, note, label, send again, show more."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.domain.handoff import TicketConflict
from bot.domain.staff import Right
from bot.errors import NotFound
from bot.usecases import console_notes, handoff
from bot.usecases.console_notes import Refused
from bot.usecases.handoff import To
from bot.web.staff import console_case, console_page, console_presence, rights
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of, page, partial, see, sentences
from bot.web.staff.tickets import acting, done, key_of, pane, refused

REASONS = ("identify", "form", "agency", "complaint", "other")
"""Why something is shown in full."""
SHOWN_S = 60
"""So long it stays on the screen."""
MOST_SLEEP = timedelta(days=60)
_MESSAGE = re.compile(r"m(\d{1,18})")


# -- handing on -----------------------------------------------------------------------------------------------------------


async def release(request: web.Request) -> web.Response:
    """Back into the queue."""
    agent, ticket = await acting(request)
    try:
        await handoff.release(desk_of(request).deps, ticket.id, agent)
    except TicketConflict as error:
        return await refused(request, ticket, error)
    return await done(request, ticket, "released")


async def transfer(request: web.Request) -> web.Response:
    """To a colleague, a team or an outside desk; a supervisor may move what somebody else holds."""
    agent, ticket = await acting(request)
    deps, form = desk_of(request).deps, await request.post()
    kind, _, name = str(form.get("to", "")).partition(":")
    names = await desk_of(request).accounts.names(ticket.locus)
    if kind == "agent" and name in names:
        to = To(agent=name)
    elif kind == "team" and name:
        to = To(team=name)
    elif kind == "desk" and name in deps.desks:
        to = To(desk=name)
    else:
        return await pane(request, ticket.id, 422, problem=sentences(request)("transfer_whom"))
    try:
        if ticket.state == "claimed" and ticket.agent == agent.username:
            await handoff.transfer(deps, ticket.id, agent, to)
        else:
            await handoff.assign(deps, ticket.id, agent, to)
    except TicketConflict as error:
        return await refused(request, ticket, error)
    return await done(request, ticket, "transferred")


@rights.needs(Right.SUPERVISE)
async def take_over(request: web.Request) -> web.Response:
    """A supervisor takes the conversation, whoever has it."""
    agent, ticket = await acting(request)
    try:
        await handoff.take_over(desk_of(request).deps, ticket.id, agent)
    except TicketConflict as error:
        return await refused(request, ticket, error)
    return await pane(request, ticket.id) if partial(request) else see(f"/staff/tickets/{ticket.id}?view=mine")


async def snooze(request: web.Request) -> web.Response:
    """Lay it aside until a preset, or a day and time of the office."""
    agent, ticket = await acting(request)
    form = await request.post()
    until = _until(request, str(form.get("until", "")), str(form.get("at", "")))
    now = desk_of(request).deps.now()
    if until is None or not now < until <= now + MOST_SLEEP:
        return await pane(request, ticket.id, 422, problem=sentences(request)("snooze_when"))
    try:
        await handoff.snooze(desk_of(request).deps, ticket.id, agent, until)
    except TicketConflict as error:
        return await refused(request, ticket, error)
    return await done(request, ticket, "snoozed")


def _until(request: web.Request, preset: str, at: str) -> datetime | None:
    if preset in (times := console_page.snooze_times(request)):
        return times[preset]
    try:
        local = datetime.fromisoformat(at)
        desk = desk_of(request)
        return local.replace(tzinfo=desk.zone(request[ACCOUNT].locus)).astimezone(desk.deps.now().tzinfo)
    except (ValueError, OverflowError):  # no time, or one at the end of all times
        return None


async def wake(request: web.Request) -> web.Response:
    """Out of its sleep, before its time."""
    agent, ticket = await acting(request)
    await handoff.wake(desk_of(request).deps, ticket.id, agent)
    return await pane(request, ticket.id) if partial(request) else see(f"/staff/tickets/{ticket.id}")


# -- notes and labels -----------------------------------------------------------------------------------------------------


async def note(request: web.Request) -> web.Response:
    """A private note; whoever may see the conversation may write one (a supervisor's whisper is one, too)."""
    _, ticket = await acting(request)
    form = await request.post()
    text = str(form.get("text", ""))
    names = await desk_of(request).accounts.names(ticket.locus)
    try:
        await console_notes.write_note(
            desk_of(request).deps, ticket, request[ACCOUNT].username, text, key_of(form), names
        )
    except Refused as error:
        problem = sentences(request)(f"refused_{error.why}", **error.params)
        return await pane(request, ticket.id, 422, problem=problem, note=text[: console_notes.LONGEST_NOTE])
    return await pane(request, ticket.id) if partial(request) else see(f"/staff/tickets/{ticket.id}#end")


async def label(request: web.Request) -> web.Response:
    """Put a label on, or take one off."""
    _, ticket = await acting(request)
    form = await request.post()
    deps, by = desk_of(request).deps, request[ACCOUNT].username
    problem = ""
    try:
        if form.get("drop"):
            await console_notes.drop_label(deps, ticket, by, str(form["drop"])[:40])
        else:
            await console_notes.put_label(deps, ticket, by, str(form.get("label", ""))[:60])
    except Refused as error:
        problem = sentences(request)(f"refused_{error.why}", **error.params)
    if not partial(request):
        return await pane(request, ticket.id, 422, problem=problem) if problem else see(f"/staff/tickets/{ticket.id}")
    async with deps.store.begin() as tx:
        values = {
            "labels": await tx.labels(ticket.conversation_id),
            "known_labels": await tx.known_labels(ticket.locus),
        }
    return page(request, "_labels.html", 422 if problem else 200, ticket=ticket, label_problem=problem, **values)


# -- delivery -------------------------------------------------------------------------------------------------------------


async def retry(request: web.Request) -> web.Response:
    """Send once more what was given up."""
    _, ticket = await acting(request)
    form = await request.post()
    seq = str(form.get("seq", ""))
    if not seq.isascii() or not seq.isdigit() or len(seq) > 18:
        raise web.HTTPBadRequest
    deps, account = desk_of(request).deps, request[ACCOUNT]
    if console_page.standing(request, ticket) != "mine":
        return await refused(request, ticket, TicketConflict("lost"))
    async with deps.store.begin() as tx:
        if await tx.retry_send(ticket.conversation_id, int(seq), deps.now()):
            await tx.audit(account.username, "message.retried", ticket.number, {"seq": int(seq)}, deps.now())
    return await pane(request, ticket.id) if partial(request) else see(f"/staff/tickets/{ticket.id}#m{seq}")


# -- showing in full ------------------------------------------------------------------------------------------------------


async def reveal(request: web.Request) -> web.Response:
    """One masked thing in full, for a reason, for a minute; on record before it is shown, without what was shown."""
    _, ticket = await acting(request)
    form = await request.post()
    key, reason = str(form.get("field", ""))[:200], str(form.get("reason", ""))
    say = sentences(request)
    words = " ".join(str(form.get("words", "")).split())[:200]
    if reason not in REASONS or (reason == "other" and len(words) < 5):
        return _shown(request, 422, ticket=ticket, field=key, problem=say("reveal_why"), shown=None)
    async with desk_of(request).deps.store.begin() as tx:
        conversation = await tx.conversation(ticket.conversation_id)
        message = _MESSAGE.fullmatch(key)
        if message is not None:
            said = await tx.thread_before(conversation.id, int(message[1]) + 1, 1, ticket.closed_at)
            body = said[0].body if said and said[0].seq == int(message[1]) else {}
            shown = (say("message_of"), str(body.get("text") or body.get("title") or "")) if body else None
        else:
            shown = await console_case.full_value(request, tx, conversation, key)
        if shown is None:
            raise NotFound("field")
        await audit_view(request, ticket.number, "unmasked", tx, field=key, reason=reason, words=words)
    return _shown(request, 200, ticket=ticket, field=key, problem="", shown=shown)


def _shown(request: web.Request, status: int, **values: Any) -> web.Response:
    """In its place; without JavaScript on a page of its own that goes away by itself."""
    return page(request, "_reveal.html" if partial(request) else "reveal.html", status, **values, seconds=SHOWN_S)


# -- signs of life --------------------------------------------------------------------------------------------------------


async def alive(request: web.Request) -> web.Response:
    """An open console says that somebody sits there, what they look at, and whether they type; leases hold on."""
    form = await request.post()
    desk, account = desk_of(request), request[ACCOUNT]
    looks, typing = str(form.get("ticket", "")), form.get("typing") == "1"
    async with desk.deps.store.begin() as tx:
        agent = await console_page.agent_of(request, tx)
        if looks:
            ticket = await console_page.own_ticket(request, tx, console_page.uuid_of(looks))
            conversation = str(ticket.conversation_id)
            await tx.notify("loket_staff", console_presence.said(conversation, account.username, typing))
            if typing and console_page.standing(request, ticket) == "mine":
                await tx.notify("loket_typing", conversation)
                address = await tx.address_of(ticket.conversation_id)
                if address is not None:
                    account_id = (await tx.conversation(ticket.conversation_id)).account
                    console_page.desk_parts(request).seen.types(account_id, address)
    if not typing:
        await handoff.renew_all(desk.deps, agent)
    return web.Response(status=204)

"""One conversation: looking at it, taking it, answering, giving it back. More verbs: :mod:`bot.web.staff.console_verbs`."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.handoff import Agent, Ticket, TicketConflict
from bot.domain.messages import FileRef
from bot.errors import NotFound
from bot.usecases import handoff
from bot.usecases.console import View
from bot.usecases.console_notes import typed
from bot.web.staff import console_files, console_page, strings
from bot.web.staff.audit import audit_view
from bot.web.staff.console_page import LONGEST, Filter, agent_of, filter_of, own_ticket, pane_values, standing
from bot.web.staff.console_templates import pickable
from bot.web.staff.desk import ACCOUNT, desk_of, page, partial, see, sentences
from bot.web.staff.files import id_of

__all__ = ["LONGEST", "claim", "claim_next", "close", "earlier", "own_ticket", "reply", "show"]

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


# -- looking ---------------------------------------------------------------------------------------------------------


async def show(request: web.Request) -> web.Response:
    """The conversation: its page, or for htmx its panes."""
    return await pane(request, id_of(request))


async def pane(request: web.Request, ticket_id: UUID, status: int = 200, notice: str = "", **more: str) -> web.Response:
    """The conversation as it stands now; ``more``: a ``problem``, and what was typed (``draft``, ``note``)."""
    names = await desk_of(request).accounts.names(request[ACCOUNT].locus)
    values = await pane_values(request, ticket_id, names, **more)
    if not partial(request):
        return await console_page.show_page(request, {**values, "done": notice}, status)
    response = page(request, "_pane.html", status, **values, done=notice)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#pane", "innerHTML"
    return response


async def earlier(request: web.Request) -> web.Response:
    """Lines before place ``before``, for the top of an open thread."""
    before = request.query.get("before", "")
    if not before.isascii() or not before.isdigit() or len(before) > 18:
        raise web.HTTPBadRequest
    names = await desk_of(request).accounts.names(request[ACCOUNT].locus)
    async with desk_of(request).deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
        lines, first = await console_page.lines_before(request, tx, ticket, int(before), names)
        seqs = [line.seq for line in lines if line.seq]
        if seqs:
            await audit_view(request, ticket.number, "thread", tx, first=seqs[0], last=seqs[-1])
    return page(request, "_earlier.html", ticket=ticket, lines=lines, earlier=first, stands=standing(request, ticket))


# -- acting ----------------------------------------------------------------------------------------------------------


async def acting(request: web.Request) -> tuple[Agent, Ticket]:
    """Who acts, on what.

    :raises bot.errors.NotFound: not at this office.
    """
    async with desk_of(request).deps.store.begin() as tx:
        return await agent_of(request, tx), await own_ticket(request, tx)


async def done(request: web.Request, ticket: Ticket, what: str) -> web.Response:
    """It worked: the conversation as it stands now, or (without JavaScript) the list that says so."""
    if partial(request):
        return await pane(request, ticket.id, notice=sentences(request)(f"done_{what}", number=ticket.number))
    return see(f"/staff/?{filter_of(request).path}&done={what}&number={ticket.number}")


async def refused(
    request: web.Request, ticket: Ticket, error: TicketConflict, act: str = "", **typed_words: str
) -> web.Response:
    """It did not: why, in the words of the ``act`` where it has its own; what was typed stays."""
    names = await desk_of(request).accounts.names(request[ACCOUNT].locus)
    own = f"conflict_{act}_{error.why}"
    key = own if strings.known(own) else f"conflict_{error.why}"
    problem = sentences(request)(key, name=names.get(error.holder, error.holder))
    return await pane(request, ticket.id, 409, problem=problem, **typed_words)


async def claim(request: web.Request) -> web.Response:
    """Take the conversation from the bot."""
    agent, ticket = await acting(request)
    try:
        await handoff.claim(desk_of(request).deps, ticket.id, agent)
    except TicketConflict as error:
        return await refused(request, ticket, error, "claim")
    if partial(request):
        return await pane(request, ticket.id)
    return see(_mine(ticket))


def _mine(ticket: Ticket) -> str:
    return f"/staff/tickets/{ticket.id}?{Filter(View.MINE).path}"


async def claim_next(request: web.Request) -> web.Response:
    """Take whoever has waited longest and is this agent's to answer."""
    deps = desk_of(request).deps
    async with deps.store.begin() as tx:
        agent = await agent_of(request, tx)
    try:
        ticket = await handoff.claim_next(deps, agent)
    except TicketConflict:
        return see(f"/staff/?{Filter(View.MINE).path}&done=full")
    return see(_mine(ticket) if ticket is not None else f"/staff/?{Filter(View.UNASSIGNED).path}&done=empty")


async def reply(request: web.Request) -> web.Response:
    """Say something in the citizen's chat; the same form sent twice says it once."""
    agent, ticket = await acting(request)
    form = await request.post()
    text, key = typed(str(form.get("text", ""))), key_of(form)
    say, problem = sentences(request), ""
    files = await console_files.chosen(request, ticket, [str(one) for one in form.getall("file", [])])
    if not text and not files:
        problem = say("empty")
    elif len(text) > LONGEST:
        problem = say("too_long", most=LONGEST)
    if problem:
        return await pane(request, ticket.id, 422, problem=problem, draft=text)
    # The text is part of the key: an old page's form with other words in it is another answer, not a repeat.
    once = f"{key}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    meta = await _template(request, ticket, form)
    try:
        await _say(request, ticket, agent, text, once, files, meta)
    except TicketConflict as error:
        return await refused(request, ticket, error, draft=text)
    if not partial(request):
        return see(f"/staff/tickets/{ticket.id}?{filter_of(request).path}#end")
    return await composer(request, ticket.id)


async def _say(
    request: web.Request,
    ticket: Ticket,
    agent: Agent,
    text: str,
    once: str,
    files: list[FileRef],
    meta: dict[str, Any] | None,
) -> None:
    """Under the lease that the page was made with; one's own words from another window are no collision.

    :raises bot.domain.handoff.TicketConflict: somebody else's is, and a lease that is lost.
    """
    form = await request.post()
    seen, lease = _number(form.get("seen")), _number(form.get("lease"))
    for _ in range(3):
        try:
            await handoff.reply(
                desk_of(request).deps,
                ticket.id,
                agent,
                text,
                once,
                lease_no=lease,
                expected_last_seq=seen,
                attachments=files,
                meta=meta,
            )
            return
        except TicketConflict as error:
            if error.why != "answered" or error.holder != agent.name or error.seq is None:
                raise
            seen = error.seq
    raise TicketConflict("answered", agent.name)


async def composer(request: web.Request, ticket_id: UUID) -> web.Response:
    """An empty box with a new key."""
    parts = console_page.desk_parts(request)
    async with desk_of(request).deps.store.begin() as tx:
        ticket = await own_ticket(request, tx, ticket_id)
        conversation = await tx.conversation(ticket.conversation_id)
        templates = await pickable(desk_of(request).deps, tx, parts, ticket, conversation)
        last = await tx.last_seq(conversation.id)
    values = console_page.composer_values(request, ticket, conversation, templates)
    stands = standing(request, ticket)
    response = page(
        request,
        "_composer.html",
        **values,
        ticket=ticket,
        stands=stands,
        last=last,
        holder="",
        wanted=filter_of(request),
    )
    response.headers["HX-Trigger"] = "loket-sent"
    return response


async def close(request: web.Request) -> web.Response:
    """Give the conversation back to the bot, unless an answer still stands unsent in the box."""
    agent, ticket = await acting(request)
    form = await request.post()
    text = typed(str(form.get("text", "")))
    if text:
        return await pane(request, ticket.id, 422, problem=sentences(request)("unsent"), draft=text)
    try:
        seen = _number(form.get("seen"))
        await handoff.return_to_bot(desk_of(request).deps, ticket.id, agent, lease_no=None, seen_seq=seen)
    except TicketConflict as error:
        return await refused(request, ticket, error, "close")
    return await done(request, ticket, "closed")


def key_of(form: Any) -> str:
    """The key of the form shown.

    :raises aiohttp.web.HTTPBadRequest: it has none.
    """
    key = str(form.get("key", ""))
    if not _KEY.fullmatch(key):
        raise web.HTTPBadRequest
    return key


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def _template(request: web.Request, ticket: Ticket, form: Any) -> dict[str, Any] | None:
    """The template that goes first, when the window is shut.

    :raises bot.errors.NotFound: it is not approved, or does not fit any more.
    """
    chosen = str(form.get("template", ""))
    if not chosen:
        return None
    parts = console_page.desk_parts(request)
    async with desk_of(request).deps.store.begin() as tx:
        conversation = await tx.conversation(ticket.conversation_id)
        offered = await pickable(desk_of(request).deps, tx, parts, ticket, conversation)
    found = next((one for one in offered if one.serves == chosen), None)
    if found is None:
        raise NotFound("template")
    return found.meta

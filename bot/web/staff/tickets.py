"""One ticket: the whole thread, who it is with, and the agent's part in it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.domain.conversation import ThreadEntry, Ticket
from bot.errors import Conflict, NotFound
from bot.usecases import handoff
from bot.usecases.store import Tx
from bot.web.staff import who
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, partial, see, sentences
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_text
from bot.web.staff.stream import stream
from bot.web.staff.thread import SHOWN, Reader, entries, reasons

LONGEST = 3500
"""Characters of one answer: Telegram takes 4096, and the channel may add to it."""
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


async def own_ticket(request: web.Request, tx: Tx) -> Ticket:
    """The ticket in the address.

    :raises bot.errors.NotFound: there is none at this office.
    """
    ticket = await tx.ticket(id_of(request))
    if ticket.locus != request[ACCOUNT].locus:
        raise NotFound("ticket")
    return ticket


# -- looking ---------------------------------------------------------------------------------------------------------


async def show(request: web.Request) -> web.Response:
    """The ticket's page."""
    return await _page(request)


async def _page(request: web.Request, status: int = 200, problem: str = "", draft: str = "") -> web.Response:
    """The ticket as it stands now; a ``problem`` is told on top, and what was typed stays in the box."""
    desk, account = desk_of(request), request[ACCOUNT]
    deps, full = desk.deps, request.query.get("nik") == "full"
    reader = _reader(request, full)
    async with deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
        conversation = await tx.conversation(ticket.conversation_id)
        said = await entries(tx, ticket)
        person = await who.person(deps, tx, conversation)
        linked = await who.connected(deps, tx, conversation, language(request))
        progress = await who.progress(deps, tx, conversation, language(request), reader.mask)
        await _record(request, tx, ticket, said, full=full)
        shown = said if request.query.get("all") else said[-SHOWN:]
        deliveries = await tx.deliveries(ticket.conversation_id, [entry.seq for entry in shown])
        passed = await tx.exchanges(ticket.conversation_id) if ticket.closed_at is None else []
    return page(
        request,
        "ticket.html",
        status,
        **await _state(request, ticket, problem, draft),
        person=person,
        level=who.level_word(sentences(request), person.level),
        progress=progress,
        linked=linked,
        channel=conversation.account,
        tongue=conversation.language,
        lines=[reader.line(entry, deliveries.get(entry.seq)) for entry in shown],
        passed=[reader.exchange(one) for one in passed],
        earlier=len(said) - len(shown),
        full=full,
        officer=account.officer,
        last=said[-1].seq if said else 0,
    )


async def _record(request: web.Request, tx: Tx, ticket: Ticket, said: Sequence[ThreadEntry], *, full: bool) -> None:
    detail = {"first": said[0].seq if said else 0, "last": said[-1].seq if said else 0, "unmasked": full}
    now = desk_of(request).deps.now()
    await tx.audit(request[ACCOUNT].username, "thread.viewed", ticket.number, detail, now)


def _reader(request: web.Request, full: bool) -> Reader:
    reason = reasons(desk_of(request).deps.texts, language(request))
    return Reader(sentences(request), lambda at: local_time(request, at), str if full else mask_text, reason)


async def _state(request: web.Request, ticket: Ticket, problem: str = "", draft: str = "") -> dict[str, Any]:
    """What the parts of the page say about the ticket, and the form in it: a new key for each form shown."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    mine = ticket.state == "claimed" and ticket.agent == account.username
    if ticket.state == "claimed":
        time = local_time(request, ticket.claimed_at or ticket.created_at)
        state = say("yours", time=time) if mine else say("held_by", name=await _name(request, ticket), time=time)
    elif ticket.state == "closed":
        state = say("closed_state", time=local_time(request, ticket.closed_at or desk.deps.now()))
    else:
        state = say("queued_state", time=local_time(request, ticket.created_at))
    return {
        "ticket": ticket,
        "token": _token(request, ticket),
        "mine": mine,
        "state": state,
        "problem": problem,
        "draft": draft,
        "key": secrets.token_urlsafe(18),
        "longest": LONGEST,
    }


def _token(request: web.Request, ticket: Ticket) -> str:
    """The state as an open page sees it: a colleague's grip is another state than one's own."""
    mine = ticket.state == "claimed" and ticket.agent == request[ACCOUNT].username
    return "mine" if mine else ticket.state


async def _name(request: web.Request, ticket: Ticket) -> str:
    names = await desk_of(request).accounts.names(request[ACCOUNT].locus)
    return names.get(ticket.agent or "", ticket.agent or "")


async def news(request: web.Request) -> web.Response:
    """What was said after entry ``after``, and the ticket's state if it is not ``state`` any more; 204: nothing new."""
    after, before = request.query.get("after", ""), request.query.get("state", "")
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise web.HTTPBadRequest
    full = request.query.get("nik") == "full"
    reader = _reader(request, full)
    async with desk_of(request).deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
        said = await entries(tx, ticket, after=int(after))
        if said:
            await _record(request, tx, ticket, said, full=full)
        deliveries = await tx.deliveries(ticket.conversation_id, [entry.seq for entry in said])
    if not said and _token(request, ticket) == before:
        return web.Response(status=204)
    return page(
        request,
        "_news.html",
        **await _state(request, ticket),
        changed=_token(request, ticket) != before,
        lines=[reader.line(entry, deliveries.get(entry.seq)) for entry in said],
        full=full,
        last=said[-1].seq if said else int(after),
    )


async def events(request: web.Request) -> web.StreamResponse:
    """News of the conversation."""
    async with desk_of(request).deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
    return await stream(request, str(ticket.conversation_id), gap_s=0.3)


# -- acting ----------------------------------------------------------------------------------------------------------


async def claim(request: web.Request) -> web.Response:
    """Take the conversation from the bot."""
    desk, account = desk_of(request), request[ACCOUNT]
    ticket = await _checked(request)
    try:
        await handoff.claim(desk.deps, ticket.id, account.username, account.name)
    except Conflict:
        return await _page(request, 409, await _conflict(request, "conflict_taken"))
    return see(f"/staff/tickets/{ticket.id}")  # no #place: the browser would not focus the answer box


async def reply(request: web.Request) -> web.Response:
    """Say something in the citizen's chat; the same form sent twice says it once."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    ticket = await _checked(request)
    text, key = await _typed(request)
    problem, status = "", 422
    if not text:
        problem = say("empty")
    elif len(text) > LONGEST:
        problem = say("too_long", most=LONGEST)
    else:
        # The text is part of the key: an old page's form with other words in it is another answer, not a repeat.
        once = f"{key}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        try:
            await handoff.reply(desk.deps, ticket.id, account.username, account.name, text, once)
        except Conflict:
            problem, status = await _conflict(request, "conflict_held"), 409
    if not problem and not partial(request):
        return see(f"/staff/tickets/{ticket.id}#end")
    if not partial(request):
        return await _page(request, status, problem, text)
    state = await _state(request, await _checked(request), problem, text if problem else "")
    response = page(request, "_reply.html", status if problem else 200, **state)
    response.headers["HX-Trigger"] = "loket-changed"
    return response


async def close(request: web.Request) -> web.Response:
    """Give the conversation back to the bot, unless an answer still stands unsent in the box."""
    desk, account = desk_of(request), request[ACCOUNT]
    ticket = await _checked(request)
    text, _ = await _typed(request)
    if text:
        return await _page(request, 422, sentences(request)("unsent"), text)
    try:
        await handoff.close(desk.deps, ticket.id, account.username)
    except Conflict:
        return await _page(request, 409, await _conflict(request, "conflict_close_held", "conflict_close_closed"), text)
    return see(f"/staff/?done=closed&number={ticket.number}")


async def _checked(request: web.Request) -> Ticket:
    async with desk_of(request).deps.store.begin() as tx:
        return await own_ticket(request, tx)


async def _typed(request: web.Request) -> tuple[str, str]:
    form = await request.post()
    key = str(form.get("key", ""))
    if not _KEY.fullmatch(key):
        raise web.HTTPBadRequest
    return str(form.get("text", "")).replace("\r\n", "\n").strip(), key


async def _conflict(request: web.Request, held: str, closed: str = "conflict_closed") -> str:
    """Why the ticket did not do what was asked, as it stands now."""
    ticket, say = await _checked(request), sentences(request)
    if ticket.state == "closed":
        return say(closed)
    if ticket.state == "queued":
        return say("conflict_queued")
    return say(held, name=await _name(request, ticket))

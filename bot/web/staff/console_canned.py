"""Canned answers: the page where supervisors keep them, and the list an agent picks from after ``/``."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from bot.domain import canned as rules
from bot.domain.staff import Right
from bot.errors import Conflict
from bot.usecases import console_notes
from bot.usecases.console_notes import Refused
from bot.web.staff import rights
from bot.web.staff.console_page import desk_parts, own_ticket
from bot.web.staff.desk import ACCOUNT, desk_of, page, see, sentences
from bot.web.staff.files import id_of

_DONE = ("saved", "deleted")


async def pick(request: web.Request) -> web.Response:
    """Those that fit the conversation, filled in: in the citizen's language, or Indonesian where there is none."""
    desk, account = desk_of(request), request[ACCOUNT]
    async with desk.deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
        conversation = await tx.conversation(ticket.conversation_id)
        known = await console_notes.canned_of(desk.deps, tx, account.locus, desk_parts(request).seeds)
        citizen = await tx.citizen(conversation.citizen_id) if conversation.citizen_id else None
    name, tongue = citizen.name if citizen else "", conversation.language
    shown = []
    for one in console_notes.fitting(known, tongue):
        values = console_notes.places(desk.deps, conversation, ticket, account.name, name, one.language)
        shown.append({"shortcut": one.shortcut, "language": one.language, "text": rules.filled(one.text, values)})
    return web.json_response(shown)


@rights.needs(Right.SUPERVISE)
async def show(request: web.Request) -> web.Response:
    """The canned answers of the office."""
    return await _page(request)


async def _page(request: web.Request, status: int = 200, problem: str = "", **typed: str) -> web.Response:
    desk, account = desk_of(request), request[ACCOUNT]
    async with desk.deps.store.begin() as tx:
        known = await console_notes.canned_of(desk.deps, tx, account.locus, desk_parts(request).seeds)
    done, say = request.query.get("done", ""), sentences(request)
    return page(
        request,
        "canned.html",
        status,
        canned=known,
        problem=problem,
        done=say(f"canned_{done}") if done in _DONE else "",
        places=[f"{{{name}}}" for name in rules.PLACES],
        tongues=rules.LANGUAGES,
        most=rules.MOST_CHARACTERS,
        typed=typed,
    )


@rights.needs(Right.SUPERVISE)
async def save(request: web.Request) -> web.Response:
    """Write one, or change one."""
    return await _save(request, None)


@rights.needs(Right.SUPERVISE)
async def change(request: web.Request) -> web.Response:
    """Change one."""
    return await _save(request, id_of(request))


async def _save(request: web.Request, canned_id: UUID | None) -> web.Response:
    account, form = request[ACCOUNT], await request.post()
    typed = {name: str(form.get(name, "")) for name in ("shortcut", "language", "text")}
    try:
        await console_notes.save_canned(desk_of(request).deps, account.locus, account.username, canned_id, **typed)
    except Refused as error:
        problem = sentences(request)(f"refused_{error.why}", **error.params)
        return await _page(request, 422, problem, id=str(canned_id or ""), **typed)
    except Conflict:
        return await _page(request, 409, sentences(request)("canned_taken"), id=str(canned_id or ""), **typed)
    return see("/staff/canned?done=saved")


@rights.needs(Right.SUPERVISE)
async def drop(request: web.Request) -> web.Response:
    """Throw one away."""
    account = request[ACCOUNT]
    await console_notes.delete_canned(desk_of(request).deps, account.locus, account.username, id_of(request))
    return see("/staff/canned?done=deleted")

"""The open form in an agent's hands: fill in or correct a field, have the citizen confirm it."""

from __future__ import annotations

from aiohttp import web

from bot.domain.handoff import TicketConflict
from bot.usecases import handoff_form
from bot.web.staff import console_case
from bot.web.staff.audit import audit_view
from bot.web.staff.console_page import own_ticket, standing
from bot.web.staff.desk import desk_of, language, page, partial, see, sentences
from bot.web.staff.tickets import acting, pane, refused

LONGEST = 1000
"""Characters of one answer."""


async def fill(request: web.Request) -> web.Response:
    """One field; the citizen's own rules judge it."""
    agent, ticket = await acting(request)
    form, deps, say = await request.post(), desk_of(request).deps, sentences(request)
    path, value = str(form.get("answer", ""))[:200], str(form.get("value", "")).strip()
    problem, done = "", ""
    if not value or len(value) > LONGEST:
        problem = say("fill_empty" if not value else "too_long", most=LONGEST)
    else:
        try:
            filled = await handoff_form.fill_field(deps, ticket.id, agent, path, value, language=language(request))
        except TicketConflict as error:
            return await refused(request, ticket, error)
        problem = filled.problem
        done = "" if problem else say("fill_done")
    if not partial(request):
        after = see(f"/staff/tickets/{ticket.id}?pane=case")
        return await pane(request, ticket.id, 422, problem=problem) if problem else after
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(ticket.conversation_id)
        shown = await console_case.form(deps, tx, conversation, language(request))
    status = 422 if problem else 200
    values = {"form_problem": problem, "form_path": path if problem else "", "form_value": value, "form_done": done}
    return page(request, "_form.html", status, ticket=ticket, stands="mine", form=shown, **values)


async def confirm(request: web.Request) -> web.Response:
    """Show the citizen what was filled in for them, to be confirmed."""
    agent, ticket = await acting(request)
    try:
        n = await handoff_form.request_confirmation(desk_of(request).deps, ticket.id, agent)
    except TicketConflict as error:
        return await refused(request, ticket, error)
    if not partial(request):
        return see(f"/staff/tickets/{ticket.id}#end")
    return await pane(request, ticket.id, notice=sentences(request)("confirm_asked", n=n))


async def show(request: web.Request) -> web.Response:
    """The form anew: the citizen has answered."""
    deps, tongue = desk_of(request).deps, language(request)
    async with deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
        shown = await console_case.form(deps, tx, await tx.conversation(ticket.conversation_id), tongue)
        await audit_view(request, ticket.number, "form", tx)
    return page(request, "_form.html", ticket=ticket, stands=standing(request, ticket), form=shown)

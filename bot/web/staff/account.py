"""One's own account: open sessions, password, the office one works at."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from bot.domain.passwords import LENGTH, problem
from bot.domain.staff import roles_in_order
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, origin, page, see, sentences
from bot.web.staff.files import id_of
from bot.web.staff.rights import beforehand, everybody, home_of

_DONE = ("second_removed", "session_ended", "others_ended", "password_changed")


@dataclass(frozen=True)
class Row:
    """One open session."""

    id: UUID
    device: str
    by: str
    since: str
    used: str
    own: bool


@everybody
async def show(request: web.Request) -> web.Response:
    """Who I am here, and where I am signed in."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    found = await desk.accounts.sessions.of(account.username, desk.deps.now())
    sessions = [
        Row(
            one.id,
            one.device or say("device_unknown"),
            say(f"by_{one.by}"),
            local_time(request, one.created_at),
            local_time(request, one.used_at),
            one.id == account.session,
        )
        for one in found
    ]
    tongue = language(request)
    done = request.query.get("done", "")
    return page(
        request,
        "account.html",
        sessions=sessions,
        roles=[say(f"role_{role}") for role in roles_in_order(account.roles)],
        offices=[(code, desk.office_name(code, tongue)) for code in account.offices],
        has_password=await desk.accounts.has_password(account.username),
        second=await desk.accounts.second.has(account.username),
        left=await desk.accounts.second.left(account.username),
        done=say(f"done_{done}") if done in _DONE else "",
    )


@everybody
async def end_session(request: web.Request) -> web.Response:
    """End one of my sessions: the lost phone, the counter's computer."""
    desk, account = desk_of(request), request[ACCOUNT]
    await desk.accounts.sessions.end(account.username, id_of(request), desk.deps.now())
    return see("/staff/account?done=session_ended")


@everybody
async def end_others(request: web.Request) -> web.Response:
    """End all but this one."""
    desk, account = desk_of(request), request[ACCOUNT]
    await desk.accounts.sessions.end_others(account.username, account.session, desk.deps.now())
    return see("/staff/account?done=others_ended")


@everybody
async def work_at(request: web.Request) -> web.Response:
    """Go on at another of my offices."""
    desk, account = desk_of(request), request[ACCOUNT]
    locus = str((await request.post()).get("office", ""))
    await desk.accounts.sessions.work_at(account.username, account.session, locus, desk.deps.now())
    return see("/staff/account")


@beforehand
async def password_page(request: web.Request) -> web.Response:
    """The form for a new password."""
    return _password(request)


def _password(request: web.Request, status: int = 200, wrong: str = "") -> web.Response:
    say = sentences(request)
    words = say(wrong, least=LENGTH[0], most=LENGTH[1]) if wrong == "password_length" else say(wrong) if wrong else ""
    return page(
        request, "password.html", status, problem=words, must=request[ACCOUNT].todo == "password", least=LENGTH[0]
    )


@beforehand
async def password(request: web.Request) -> web.Response:
    """A new password, after the old one; everything else that is open ends."""
    desk, account = desk_of(request), request[ACCOUNT]
    form = await request.post()
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    wrong = problem(new, account.username)
    if new != again:
        return _password(request, 422, "password_differs")
    if wrong:
        return _password(request, 422, f"password_{wrong}")
    if old == new:
        return _password(request, 422, "password_same")
    if not await desk.accounts.change_password(account, old, new, desk.deps.now(), origin(request)):
        return _password(request, 422, "password_old")
    return see("/staff/account?done=password_changed" if not account.todo else home_of(account))


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/account", show),
        web.post("/account/sessions/{id}/end", end_session),
        web.post("/account/sessions/end-others", end_others),
        web.post("/account/office", work_at),
        web.get("/account/password", password_page),
        web.post("/account/password", password),
    ]

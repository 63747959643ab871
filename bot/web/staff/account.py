"""One's own account: open sessions, password, the office one works at.

Whoever finds a session open must not be able to end the others and be alone with the account: ending sessions asks for the password
again, or for a code where the account has none (it signs in at an identity provider).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from aiohttp import web

from bot.domain.passwords import LENGTH
from bot.domain.staff import roles_in_order
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, origin, page, see, sentences
from bot.web.staff.files import id_of
from bot.web.staff.rights import beforehand, everybody, home_of

_FRESH = timedelta(minutes=10)
"""Who has neither password nor second factor here proves themselves by having just signed in."""
_PROBLEMS = ("password_old", "code_refused", "session_again")
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
    done, problem = request.query.get("done", ""), request.query.get("problem", "")
    return page(
        request,
        "account.html",
        problem=say(problem) if problem in _PROBLEMS else "",
        proof=await _proof(request),
        sessions=sessions,
        roles=[say(f"role_{role}") for role in roles_in_order(account.roles)],
        offices=[(code, desk.office_name(code, tongue)) for code in account.offices],
        has_password=await desk.accounts.has_password(account.username),
        second=await desk.accounts.second.has(account.username),
        left=await desk.accounts.second.left(account.username),
        done=say(f"done_{done}") if done in _DONE else "",
    )


async def _proof(request: web.Request) -> str:
    """How somebody proves themselves again: ``password``, ``code``, or ``fresh``, by having signed in just now."""
    accounts, username = desk_of(request).accounts, request[ACCOUNT].username
    if await accounts.has_password(username):
        return "password"
    return "code" if await accounts.second.has(username) else "fresh"


async def _not_proven(request: web.Request) -> str:
    """Why not, as the key of a sentence; empty once they did."""
    desk, account, now = desk_of(request), request[ACCOUNT], desk_of(request).deps.now()
    by, typed = await _proof(request), str((await request.post()).get("proof", ""))
    if by == "password":
        return "" if await desk.accounts.proves(account.username, typed, now, origin(request)) else "password_old"
    if by == "code":
        good = await desk.accounts.second.check(account.username, typed[:40], now, origin(request))
        return "" if good is not None else "code_refused"
    return "" if account.since is not None and now - account.since <= _FRESH else "session_again"


@everybody
async def end_session(request: web.Request) -> web.Response:
    """End one of my sessions: the lost phone, the counter's computer."""
    desk, account = desk_of(request), request[ACCOUNT]
    problem = await _not_proven(request)
    if problem:
        return see(f"/staff/account?problem={problem}")
    await desk.accounts.sessions.end(account.username, id_of(request), desk.deps.now())
    return see("/staff/account?done=session_ended")


@everybody
async def end_others(request: web.Request) -> web.Response:
    """End all but this one."""
    desk, account = desk_of(request), request[ACCOUNT]
    problem = await _not_proven(request)
    if problem:
        return see(f"/staff/account?problem={problem}")
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
    wrong = await desk.accounts.rules.problem(new, account.username)
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

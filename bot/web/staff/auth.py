"""Signing in and out, and the guard before every page.

The session is a random token in a cookie (HttpOnly, SameSite=Strict, sent to these pages only) and stored as a hash.
Every POST carries an HMAC of the token, so that another site, or another tab's old page, cannot post in the reader's
name.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.storage.accounts import SESSION
from bot.web.staff import strings
from bot.web.staff.desk import (
    ACCOUNT,
    CSRF,
    LANGUAGE_COOKIE,
    desk_of,
    language,
    page,
    partial,
    see,
    sentences,
    sorry,
)

HOME = "/staff/"
SIGN_IN = "/staff/sign-in"
COOKIE = "loket_staff"
FORM_COOKIE = "loket_staff_form"
"""Stands for the session in the CSRF token of the sign-in form, before there is one."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_OPEN: set[Handler] = set()


def open_to_all(handler: Handler) -> Handler:
    """A page for people who are not signed in; it checks its own CSRF token."""
    _OPEN.add(handler)
    return handler


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Signed in, or off to the sign-in page; and no POST without its token."""
    if request.match_info.handler in _OPEN:
        return await handler(request)
    desk, token = desk_of(request), request.cookies.get(COOKIE, "")
    streams = request.headers.get("Accept") == "text/event-stream"
    account = await desk.accounts.signed_in(token, desk.deps.now(), renew=not streams) if token else None
    if account is None:
        return sorry(request, 401, "session_over") if partial(request) else see(_sign_in_path(request))
    request[ACCOUNT], request[CSRF] = account, csrf_token(desk.csrf_key, token)
    if request.method not in ("GET", "HEAD") and not await _token_fits(request, request[CSRF]):
        return sorry(request, 400, "error_400")
    response = await handler(request)
    if not response.prepared and COOKIE not in response.cookies:
        _set_session(request, response, token)  # being used prolongs it
    return response


def csrf_token(key: bytes, token: str) -> str:
    """What a form of this session carries."""
    return hmac.digest(key, token.encode(), "sha256").hex()


async def _token_fits(request: web.Request, expected: str) -> bool:
    if request.content_type != "application/x-www-form-urlencoded":
        return False
    return hmac.compare_digest(str((await request.post()).get("csrf", "")).encode(), expected.encode())


def _sign_in_path(request: web.Request) -> str:
    """The sign-in page; from there, back to a page that was asked for."""
    wanted = request.path
    return f"{SIGN_IN}?to={wanted}" if request.method == "GET" and _own(wanted) and wanted != HOME else SIGN_IN


def _own(path: str) -> bool:
    """Whether a path leads to a page of ours and nowhere else."""
    return path.startswith(HOME) and not set(path) & set("\\?#%\r\n") and "//" not in path and ".." not in path


# -- the pages -------------------------------------------------------------------------------------------------------


@open_to_all
async def sign_in_page(request: web.Request) -> web.Response:
    """The sign-in form."""
    notice = "signed_out" if request.query.get("done") == "signed_out" else ""
    return _form(request, 200, notice=notice)


@open_to_all
async def sign_in(request: web.Request) -> web.Response:
    """Opens a session; a refusal does not say what was wrong."""
    desk = desk_of(request)
    form = await request.post()
    seed = request.cookies.get(FORM_COOKIE, "")
    if not seed or not await _token_fits(request, csrf_token(desk.csrf_key, seed)):
        return _form(request, 400, problem="stale")
    username, password = str(form.get("username", "")), str(form.get("password", ""))
    token = await desk.accounts.sign_in(username, password, desk.deps.now())
    if token is None:
        return _form(request, 401, problem="refused", username=username)
    to = str(form.get("to", ""))
    response = see(to if _own(to) else HOME)
    _set_session(request, response, token)
    response.del_cookie(FORM_COOKIE, path="/staff")
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Ends the session."""
    desk = desk_of(request)
    await desk.accounts.sign_out(request.cookies.get(COOKIE, ""), desk.deps.now())
    response = see(f"{SIGN_IN}?done=signed_out")
    response.del_cookie(COOKIE, path="/staff")
    return response


@open_to_all
async def choose_language(request: web.Request) -> web.Response:
    """Remembers the reader's language and goes back to the page they came from."""
    back = request.query.get("to", "")
    response = see(back if _own(back) else HOME)
    chosen = strings.language_of(request.match_info["language"])
    _set(request, response, LANGUAGE_COOKIE, chosen, max_age=365 * 24 * 3600)
    return response


def _form(
    request: web.Request, status: int, *, problem: str = "", notice: str = "", username: str = ""
) -> web.Response:
    seed = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    request[CSRF] = csrf_token(desk_of(request).csrf_key, seed)
    to = request.query.get("to", "")
    say = sentences(request)
    response = page(
        request,
        "sign_in.html",
        status,
        problem=say(problem) if problem else "",
        notice=say(notice) if notice else "",
        username=username,
        to=to if _own(to) else "",
    )
    _set(request, response, FORM_COOKIE, seed, max_age=3600)
    response.headers["Content-Language"] = language(request)
    return response


def _set_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    _set(request, response, COOKIE, token, max_age=int(SESSION.total_seconds()))


def _set(request: web.Request, response: web.StreamResponse, name: str, value: str, max_age: int) -> None:
    secure = desk_of(request).secure
    response.set_cookie(name, value, path="/staff", httponly=True, samesite="Strict", secure=secure, max_age=max_age)

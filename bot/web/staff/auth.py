"""Signing in and out, and the guard before every page.

The session is a random token in a cookie (HttpOnly, SameSite=Strict, over https bound to this host) and stored as a hash.
Every POST carries an HMAC of the token, so that another site, or another tab's old page, cannot post in the reader's
name. A new token is made whenever somebody signs in or proves a second factor: one known before is worth nothing.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets

from aiohttp import web

from bot.storage.accounts import AWAITED, Account
from bot.web.staff import rights, strings
from bot.web.staff.desk import (
    ACCOUNT,
    CSRF,
    LANGUAGE_COOKIE,
    cookie,
    cookie_name,
    desk_of,
    language,
    origin,
    page,
    partial,
    see,
    sentences,
    set_cookie,
    sorry,
)
from bot.web.staff.rights import Handler, open_to_all

log = logging.getLogger(__name__)

HOME = "/staff/"
SIGN_IN = "/staff/sign-in"
CODE = "/staff/sign-in/code"
COOKIE = "loket_staff"
STEP_COOKIE = "loket_staff_step"
"""The sign-in that awaits its second factor."""
FORM_COOKIE = "loket_staff_form"
"""Stands for the session in the CSRF token of the sign-in form, before there is one."""
TODO = {"password": "/staff/account/password", "second": "/staff/account/second"}

__all__ = ["COOKIE", "Handler", "guard", "open_to_all", "right_token"]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Signed in, or off to the sign-in page; the right for the page, or no such page; and no POST without its token."""
    target = request.match_info.handler
    if rights.is_open(target):
        return await handler(request)
    desk, token = desk_of(request), cookie(request, COOKIE)
    streams = request.headers.get("Accept") == "text/event-stream"
    account = await desk.accounts.signed_in(token, desk.deps.now(), renew=not streams) if token else None
    if account is None:
        return sorry(request, 401, "session_over") if partial(request) else see(_sign_in_path(request))
    request[ACCOUNT], request[CSRF] = account, csrf_token(desk.csrf_key, token)
    elsewhere = _elsewhere(request, account, target)
    if elsewhere is not None:
        return elsewhere
    posts = request.method not in ("GET", "HEAD")
    if posts and not rights.reads_token(target) and not await _token_fits(request, request[CSRF]):
        _refused(request, account, "a form without its session's token was refused")
        return sorry(request, 400, "error_400")
    response = await handler(request)
    if not streams and not response.prepared and cookie_name(request, COOKIE) not in response.cookies:
        _set_session(request, response, token)  # being used prolongs it
    return response


def _elsewhere(request: web.Request, account: Account, target: Handler) -> web.Response | None:
    """Where to go instead of a page that is not for this account, or not yet."""
    if account.todo and not rights.is_before(target):
        return see(TODO[account.todo]) if request.method == "GET" else sorry(request, 403, "todo_first")
    if rights.allowed(target, account):
        return None
    if request.path in ("/staff", HOME) and request.method == "GET":
        return see(rights.home_of(account))
    _refused(request, account, "a page was refused: its right is missing")
    return sorry(request, 404, "error_404")


def _refused(request: web.Request, account: Account, message: str) -> None:
    """For whoever watches the logs. The pattern of the route, never the path: ids of cases stay out."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else ""
    log.warning(message, extra={"route": route, "method": request.method, "account": account.username})


def csrf_token(key: bytes, token: str) -> str:
    """What a form of this session carries."""
    return hmac.digest(key, token.encode(), "sha256").hex()


def right_token(request: web.Request, sent: str) -> bool:
    """Whether a form that the page read itself carries this session's token."""
    return hmac.compare_digest(sent.encode(), request[CSRF].encode())


async def _token_fits(request: web.Request, expected: str) -> bool:
    if request.content_type != "application/x-www-form-urlencoded":
        return False
    return hmac.compare_digest(str((await request.post()).get("csrf", "")).encode(), expected.encode())


def _sign_in_path(request: web.Request) -> str:
    """The sign-in page; from there, back to a page that was asked for."""
    wanted = request.path
    return f"{SIGN_IN}?to={wanted}" if request.method == "GET" and own_path(wanted) and wanted != HOME else SIGN_IN


def own_path(path: str) -> bool:
    """Whether a path leads to a page of ours and nowhere else."""
    return path.startswith(HOME) and not set(path) & set("\\?#%\r\n") and "//" not in path and ".." not in path


# -- the pages -------------------------------------------------------------------------------------------------------


@open_to_all
async def sign_in_page(request: web.Request) -> web.Response:
    """The sign-in form."""
    done = request.query.get("done", "")
    return _form(request, 200, notice=done if done in ("signed_out", "password_changed") else "")


@open_to_all
async def sign_in(request: web.Request) -> web.Response:
    """Opens a session, or asks for the second factor; a refusal does not say what was wrong."""
    desk = desk_of(request)
    form = await request.post()
    if not await _seeded(request):
        return _form(request, 400, problem="stale")
    username, password = str(form.get("username", "")), str(form.get("password", ""))
    opened = await desk.accounts.sign_in(
        username, password, desk.deps.now(), origin=origin(request), device=device_of(request)
    )
    if opened is None:
        return _form(request, 401, problem="refused", username=username)
    to = str(form.get("to", ""))
    return opened_session(request, opened.token, opened.stage, to)


def opened_session(request: web.Request, token: str, stage: str, to: str) -> web.Response:
    """The answer to a proof: the session's cookie and the page that was wanted, or the page that asks for the code."""
    to = to if own_path(to) else HOME
    if stage == "second":
        response = see(f"{CODE}?to={to}" if to != HOME else CODE)
        set_cookie(request, response, STEP_COOKIE, token, max_age=int(AWAITED.total_seconds()))
        return response
    response = see(to)
    _set_session(request, response, token)
    for name in (FORM_COOKIE, STEP_COOKIE):
        set_cookie(request, response, name, "", 0)
    return response


@open_to_all
async def code_page(request: web.Request) -> web.Response:
    """Asks for the second factor of a sign-in that has begun."""
    desk, token = desk_of(request), cookie(request, STEP_COOKIE)
    if not token or not await desk.accounts.awaits_second(token, desk.deps.now()):
        return see(SIGN_IN)
    return _code_form(request, 200, to=request.query.get("to", ""))


@open_to_all
async def code(request: web.Request) -> web.Response:
    """The second factor: a code of the app, or one of the sheet."""
    desk, token = desk_of(request), cookie(request, STEP_COOKIE)
    form = await request.post()
    if not token or not await _seeded(request):
        return _form(request, 400, problem="stale")
    now, to = desk.deps.now(), str(form.get("to", ""))
    opened = await desk.accounts.second_step(
        token, str(form.get("code", ""))[:40], now, origin=origin(request), device=device_of(request)
    )
    if opened is not None:
        return opened_session(request, opened.token, opened.stage, to)
    if not await desk.accounts.awaits_second(token, now):
        return _form(request, 400, problem="stale")
    return _code_form(request, 401, problem="code_refused", to=to)


async def sign_out(request: web.Request) -> web.Response:
    """Ends the session."""
    desk = desk_of(request)
    await desk.accounts.sign_out(cookie(request, COOKIE), desk.deps.now())
    response = see(f"{SIGN_IN}?done=signed_out")
    set_cookie(request, response, COOKIE, "", 0)
    # What was shown is gone from this browser's caches too; what the pages keep themselves, static/staff.js removes.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


rights.beforehand(sign_out)


@rights.beforehand
async def session_left(request: web.Request) -> web.Response:
    """Seconds until this session ends if it is not used: asked by open tabs as streams are, which does not use it."""
    until = request[ACCOUNT].until
    left = (until - desk_of(request).deps.now()).total_seconds() if until is not None else 0.0
    return web.json_response({"left_s": max(0, int(left))})


@open_to_all
async def choose_language(request: web.Request) -> web.Response:
    """Remembers the reader's language and goes back to the page they came from."""
    back = request.query.get("to", "")
    response = see(back if own_path(back) else HOME)
    chosen = strings.language_of(request.match_info["language"])
    set_cookie(request, response, LANGUAGE_COOKIE, chosen, max_age=365 * 24 * 3600)
    return response


# -- forms and cookies -------------------------------------------------------------------------------------------------


async def _seeded(request: web.Request) -> bool:
    """Whether a form of somebody who is not signed in came from our page, in this browser."""
    seed = cookie(request, FORM_COOKIE)
    return bool(seed) and await _token_fits(request, csrf_token(desk_of(request).csrf_key, seed))


def _form(
    request: web.Request, status: int, *, problem: str = "", notice: str = "", username: str = ""
) -> web.Response:
    to, oidc = request.query.get("to", ""), desk_of(request).oidc
    values = {
        "username": username,
        "to": to if own_path(to) else "",
        "provider": oidc.config.name if oidc is not None else "",
    }
    return unsigned_page(request, "sign_in.html", status, problem=problem, notice=notice, **values)


def _code_form(request: web.Request, status: int, *, to: str, problem: str = "") -> web.Response:
    return unsigned_page(
        request, "sign_in_code.html", status, problem=problem, notice="", to=to if own_path(to) else ""
    )


def unsigned_page(
    request: web.Request, template: str, status: int, *, problem: str, notice: str, **values: str
) -> web.Response:
    """A page with a form for somebody who is not signed in."""
    seed = cookie(request, FORM_COOKIE) or secrets.token_urlsafe(16)
    request[CSRF] = csrf_token(desk_of(request).csrf_key, seed)
    say = sentences(request)
    response = page(
        request,
        template,
        status,
        problem=say(problem) if problem else "",
        notice=say(notice) if notice else "",
        **values,
    )
    set_cookie(request, response, FORM_COOKIE, seed, max_age=3600)
    response.headers["Content-Language"] = language(request)
    return response


def _set_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    set_cookie(request, response, COOKIE, token, max_age=int(desk_of(request).policy.idle.total_seconds()))


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(request: web.Request) -> str:
    """``Firefox, Android``: enough to know one's own sessions apart, no more."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, agent)), "")
    return ", ".join(part for part in (browser, system) if part)

"""Signing in with the identity provider: off to it, and back."""

from __future__ import annotations

import logging

from aiohttp import web

from bot.domain.figures import EVERYWHERE
from bot.domain.staff import ROLES, fits_everywhere
from bot.errors import Conflict
from bot.storage.accounts import valid_username
from bot.web.staff.auth import device_of, opened_session, own_path, unsigned_page
from bot.web.staff.desk import cookie, desk_of, page, see, set_cookie
from bot.web.staff.oidc_client import PENDING, Oidc, OidcError
from bot.web.staff.rights import open_to_all

log = logging.getLogger(__name__)

BEGIN = "/staff/sign-in/oidc"
RETURN = "/staff/sign-in/oidc/return"
_COOKIE = "loket_staff_oidc"


def _oidc(request: web.Request) -> Oidc:
    oidc = desk_of(request).oidc
    if oidc is None:
        raise web.HTTPNotFound
    return oidc


@open_to_all
async def begin(request: web.Request) -> web.Response:
    """Off to the provider."""
    to = request.query.get("to", "")
    try:
        url, pending = await _oidc(request).begin(to if own_path(to) else "/staff/")
    except OidcError as error:
        return _sorry(request, error)
    response = see(url)
    # Lax: the provider sends the browser back from its own site, and a Strict cookie would stay at home.
    set_cookie(request, response, _COOKIE, pending, int(PENDING.total_seconds()), samesite="Lax")
    return response


@open_to_all
async def finish(request: web.Request) -> web.Response:
    """Back from the provider: a session, for an account of its own. The page that follows leads on by itself: the session's
    cookie is not sent along with a redirect that began at another site.
    """
    desk = desk_of(request)
    try:
        proven, to = await _oidc(request).finish(request.query, cookie(request, _COOKIE))
        if not valid_username(proven.username):
            raise OidcError("name")
        roles = proven.roles
        if roles is not None:
            known = desk.deps.catalogue().loci
            roles = {
                office: held & set(ROLES)
                for office, held in roles.items()
                if held & set(ROLES)
                and (office in known or (office == EVERYWHERE and fits_everywhere(held & set(ROLES))))
            }
        name = proven.name or proven.username
        username = await desk.accounts.people.by_subject(proven.subject, proven.username, name, roles, desk.deps.now())
        if username is None:
            raise OidcError("no role")
        opened = await desk.accounts.sign_in_known(
            username, "oidc" if proven.strong else "weak", desk.deps.now(), device=device_of(request)
        )
        if opened is None:
            raise OidcError("disabled")
    except Conflict:
        return _sorry(request, OidcError("taken"))
    except OidcError as error:
        return _sorry(request, error)
    on = opened_session(request, opened.token, opened.stage, to)
    response = page(request, "signed_in.html", to=on.headers["Location"])
    for morsel in on.cookies.values():
        response.cookies[morsel.key] = morsel
    set_cookie(request, response, _COOKIE, "", 0)
    return response


def _sorry(request: web.Request, error: OidcError) -> web.Response:
    """The sign-in page again; why is for the log, where nothing of a token stands."""
    log.warning("signing in with the identity provider failed", extra={"code": error.why})
    problem = "oidc_away" if error.retryable else "oidc_no_role" if error.why == "no role" else "oidc_refused"
    status = 503 if error.retryable else 401
    oidc = desk_of(request).oidc
    values = {"username": "", "to": "", "provider": oidc.config.name if oidc else ""}
    return unsigned_page(request, "sign_in.html", status, problem=problem, notice="", **values)


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/sign-in/oidc", begin),
        web.get("/sign-in/oidc/return", finish),
    ]

"""The staff pages as one application, mounted under ``/staff``."""

from __future__ import annotations

import logging
import weakref

from aiohttp import web

from bot.errors import Conflict, LoketError, NotFound
from bot.storage.accounts import Accounts
from bot.storage.crypto import KeyRing
from bot.usecases.deps import Deps
from bot.web.public.wellformed import UNREADABLE
from bot.web.staff import (
    account,
    account_people,
    account_presence,
    assets,
    audit_log,
    auth,
    cases,
    checks,
    console_routes,
    counters,
    enrol,
    errands,
    figures,
    figures_satisfaction,
    oidc,
    privacy,
    studio,
    supervise,
    supervise_quality,
    totp,
)
from bot.web.staff.console_feed import Feed
from bot.web.staff.console_parts import FEED, PARTS, ConsoleParts
from bot.web.staff.desk import DESK, Desk, Subscribes, sorry
from bot.web.staff.oidc_client import Oidc
from bot.web.staff.rights import Handler, open_to_all
from bot.web.staff.stream import STREAMS, end_streams
from bot.web.staff.studio import STUDIO, NoStudio, StudioParts

log = logging.getLogger(__name__)

_HEADERS = {
    # Pictures of a check are inside the page (data:), so that no picture of a face has an address.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def staff_app(
    deps: Deps,
    accounts: Accounts,
    keys: KeyRing,
    hub: Subscribes,
    locus: str,
    secure: bool,
    *,
    proxies: int = 0,
    oidc_provider: Oidc | None = None,
    console: ConsoleParts | None = None,
    studio_parts: StudioParts | None = None,
) -> web.Application:
    """The pages of staff; ``secure``: cookies travel over https only; ``proxies``: of our own, before the listener."""
    app = web.Application(middlewares=[_errors, auth.guard])
    app[DESK] = Desk(deps, accounts, keys.secret("staff csrf").encode(), hub, locus, secure, proxies, oidc_provider)
    app[STREAMS] = weakref.WeakSet()
    app[PARTS] = console or ConsoleParts()
    app[STUDIO] = studio_parts or StudioParts()
    app[FEED] = Feed(deps, hub)
    app.on_response_prepare.append(_headers)
    app.on_shutdown.append(end_streams)
    app.add_routes(
        [
            *console_routes.routes(),
            web.get("/assets/{name}", _asset),
            web.get("/language/{language}", auth.choose_language),
            web.get("/sign-in", auth.sign_in_page),
            web.post("/sign-in", auth.sign_in),
            web.get("/sign-in/code", auth.code_page),
            web.post("/sign-in/code", auth.code),
            web.get("/session", auth.session_left),
            *oidc.routes(),
            *totp.routes(),
            *account.routes(),
            *account_people.routes(),
            *account_presence.routes(),
            *audit_log.routes(),
            *supervise_quality.routes(),
            *supervise.routes(),
            *errands.routes(),
            *cases.routes(),
            web.post("/sign-out", auth.sign_out),
            *checks.routes(),
            *studio.routes(),
            *figures.routes(),
            *figures_satisfaction.routes(),
            *counters.routes(),
            *privacy.routes(),
            web.get("/enrol", enrol.show),
            web.post("/enrol", enrol.take),
            web.post("/enrol/{id}/decide", enrol.decide),
            web.post("/enrol/forget", enrol.forget),
            web.post("/enrol/unlock", enrol.unlock),
        ]
    )
    return app


@open_to_all
async def _asset(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    file = assets.file_of(name)
    if file is None:
        raise web.HTTPNotFound
    headers = {"Content-Type": assets.TYPES[name], "Cache-Control": "public, max-age=31536000, immutable"}
    return web.FileResponse(file, headers=headers)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        known = error.status in (400, 403, 404, 405, 413)
        return sorry(request, error.status, f"error_{error.status if known else 400}")
    except NoStudio:
        return studio.studio_page(request, "studio_missing.html", 503)
    except NotFound:
        return sorry(request, 404, "error_404")
    except Conflict:
        return sorry(request, 409, "error_400")
    except UNREADABLE:
        return sorry(request, 400, "error_400")
    except ConnectionResetError:
        raise
    except Exception as error:
        code = error.code if isinstance(error, LoketError) else "unexpected"
        route = request.match_info.route.resource
        where = route.canonical if route is not None else ""
        log.exception("a staff page failed", extra={"route": where, "code": code})
        return sorry(request, 500, "error_500")


async def _headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)

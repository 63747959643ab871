"""The public listener put together."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import psycopg
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import InvalidMessage, LoketError, NotFound, RejectedFile
from bot.web.public import (
    callbacks,
    capture,
    chat,
    check,
    desks,
    documents,
    events,
    health,
    kiosk,
    media,
    my_data,
    pages,
    webhooks,
)
from bot.web.public.events import CORS
from bot.web.public.gateway import GATEWAY, Gateway, Unauthorized, refusal

log = logging.getLogger(__name__)

_STATIC = Path(__file__).parents[1] / "static"
_BODY_LIMIT = 128 * 1024
"""Bytes of a JSON body; uploads are counted by their own limit."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CSP = (
    "default-src 'self'; img-src 'self' data: blob: {extra}; media-src 'self' blob:; connect-src 'self'; "
    "style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
)


def public_app(gateway: Gateway, probes: Mapping[str, health.Probe], image_source: str = "") -> web.Application:
    """Everything of the public listener. ``image_source``: an origin pages may show pictures from (the demo's sandbox)."""
    app = web.Application(middlewares=[_cors, _errors], client_max_size=_BODY_LIMIT)
    app[GATEWAY] = gateway
    app[events.STREAMS] = set()
    callbacks.set_up(app)
    app[health.PROBES] = dict(probes)
    for part in (
        chat,
        events,
        health,
        callbacks,
        desks,
        pages,
        webhooks,
        media,
        capture,
        check,
        documents,
        my_data,
        kiosk,
    ):
        app.add_routes(part.routes)
    app.router.add_static("/static", _STATIC, append_version=False)
    csp = CSP.format(extra=image_source)

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if response.content_type == "text/html":
            response.headers.setdefault("Content-Security-Policy", csp)
        if request.path.startswith("/static/"):
            # Module scripts are loaded with CORS wherever the widget is embedded.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers.setdefault("Cache-Control", "public, max-age=300")

    app.on_response_prepare.append(secure)
    app.on_shutdown.append(_end_streams)
    return app


async def _end_streams(app: web.Application) -> None:
    """Open streams would hold the stop for a minute; clients come back to another gateway, or this one restarted."""
    streams = app[events.STREAMS]
    for stream in tuple(streams):
        stream.cancel()


@web.middleware
async def _cors(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith("/chat/"):
        return await handler(request)
    origin = request.headers.get("Origin", "")
    settings = request.app[GATEWAY].settings
    own = {settings.public_url, settings.local_url, f"{request.scheme}://{request.host}"}
    headers: dict[str, str] = {}
    if origin and (origin in settings.widget_origins or "*" in settings.widget_origins):
        headers = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After",
            "Vary": "Origin",
        }
    elif origin and origin not in own:
        return refusal(request.app[GATEWAY], request, "origin", "error.origin", 403)
    request[CORS] = headers
    if request.method == "OPTIONS":
        return web.Response(
            status=204,
            headers={
                **headers,
                "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
                "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
                "Access-Control-Max-Age": "600",
            },
        )
    response = await handler(request)
    if not response.prepared:
        response.headers.update(headers)
    return response


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        return await _http_error(request, error)
    except (InvalidMessage, RejectedFile, Unauthorized) as error:
        return refusal(request.app[GATEWAY], request, error.code, error.text_key, error.status, **error.params)
    except NotFound as error:
        return refusal(request.app[GATEWAY], request, error.code, error.text_key, 404)
    except LoketError as error:
        log.warning("request failed", extra={"code": error.code, "route": _route(request)})
        return refusal(request.app[GATEWAY], request, error.code, error.text_key, 503 if error.retryable else 500)
    except (SQLAlchemyError, psycopg.Error):
        # Nothing was stored, and the client keeps the message: it is asked to send it again.
        log.exception("database failed", extra={"route": _route(request)})
        return refusal(request.app[GATEWAY], request, "database", "error.busy_retry", 503)
    except Exception:
        log.exception("request failed unexpectedly", extra={"route": _route(request)})
        return refusal(request.app[GATEWAY], request, "unexpected", "error.unexpected", 500)


async def _http_error(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    key = {404: "error.no_such_page", 405: "error.no_such_page", 413: "error.too_long"}.get(
        error.status, "error.bad_request"
    )
    return refusal(request.app[GATEWAY], request, error.reason.lower().replace(" ", "_"), key, error.status)


def _route(request: web.Request) -> str:
    """The pattern of the route, never the path: ids stay out of the logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"

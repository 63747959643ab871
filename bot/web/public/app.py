"""The public listener put together."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import tracing
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
from bot.web.public.check import page_language, render
from bot.web.public.door import HttpsOnly, doorkeeper
from bot.web.public.events import CORS
from bot.web.public.gateway import GATEWAY, Gateway, Unauthorized, refusal
from bot.web.public.headers import secure
from bot.web.public.limits import BODY, LIMITS, Handler, Limits, SlowBody, TooMany, paced
from bot.web.public.limits import pattern_of as _route
from bot.web.public.streams import STREAMS, Streams
from bot.web.public.wellformed import UNREADABLE, wellformed
from bot.web.traced import traced

log = logging.getLogger(__name__)

_STATIC = Path(__file__).parents[1] / "static"


def public_app(gateway: Gateway, probes: Mapping[str, health.Probe], image_source: str = "") -> web.Application:
    """Everything of the public listener. ``image_source``: an origin pages may show pictures from (the demo's sandbox)."""
    middlewares = [_cors, _errors, doorkeeper(gateway.settings), paced, wellformed]
    app = web.Application(middlewares=[traced, *middlewares] if tracing.is_on() else middlewares, client_max_size=BODY)
    app[GATEWAY] = gateway
    app[LIMITS] = Limits(gateway.settings.rate_limits)
    app[STREAMS] = Streams()
    callbacks.set_up(app)
    app[health.PROBES] = {name: health.Asking(probe) for name, probe in probes.items()}
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
    settings = gateway.settings
    https = settings.public_url.startswith("https://")
    app.on_response_prepare.append(secure(image_source, https, subdomains=settings.hsts_subdomains))
    app.on_shutdown.append(app[STREAMS].end)
    return app


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
                "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
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
    except TooMany as error:
        return await _refused(request, error.code, error.text_key, 429, after=error.after, **error.params)
    except SlowBody:
        response = await _refused(request, "too_slow", "error.too_slow", 408)
        response.force_close()
        return response
    except UNREADABLE:
        return await _refused(request, "bad_request", "error.bad_request", 400)
    except (InvalidMessage, RejectedFile, Unauthorized, HttpsOnly) as error:
        return await _refused(request, error.code, error.text_key, error.status, **error.params)
    except NotFound as error:
        return await _refused(request, error.code, error.text_key, 404)
    except LoketError as error:
        log.warning("request failed", extra={"code": error.code, "route": _route(request)})
        return await _refused(request, error.code, error.text_key, 503 if error.retryable else 500)
    except (SQLAlchemyError, psycopg.Error):
        # Nothing was stored, and the client keeps the message: it is asked to send it again.
        log.exception("database failed", extra={"route": _route(request)})
        return await _refused(request, "database", "error.busy_retry", 503)
    except Exception:
        log.exception("request failed unexpectedly", extra={"route": _route(request)})
        return await _refused(request, "unexpected", "error.unexpected", 500)


_SAID = {404: "error.no_such_page", 405: "error.no_such_page", 413: "error.too_large"}


async def _http_error(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    response = await _refused(
        request,
        error.reason.lower().replace(" ", "_"),
        _SAID.get(error.status, "error.bad_request"),
        error.status,
        megabytes=request.app[GATEWAY].settings.max_upload_bytes // 1024 // 1024,
    )
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


async def _refused(
    request: web.Request, code: str, key: str, status: int, *, after: int = 0, **params: Any
) -> web.Response:
    """A page for a browser that shows what it gets, JSON for everybody else."""
    gateway = request.app[GATEWAY]
    response = refusal(gateway, request, code, key, status, after=after, **params)
    if "text/html" not in request.headers.get("Accept", "") or request.path.startswith("/chat/"):
        return response
    language = page_language(request)
    sentence = gateway.deps.texts.say(key, language, **params).replace("*", "")
    page = await render(gateway, "refused.html", language, status, sentence=sentence)
    if "Retry-After" in response.headers:
        page.headers["Retry-After"] = response.headers["Retry-After"]
    return page

"""The stand-in for Telegram as an aiohttp application: Bot API, downloads, faults and phones. Loopback only.

``/bot<token>/<method>`` and ``/file/bot<token>/<path>`` are Telegram's (core.telegram.org/bots/api#making-requests);
``/phone/…`` plays the people (:class:`channels.telegram.standin.phone.Phone`); ``GET`` and ``POST /faults`` are the panel
(:data:`channels.telegram.standin.faults.KINDS`); ``GET /stats`` counts.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from bot.ports import Clock
from channels.telegram.standin.config import TelegramSandbox
from channels.telegram.standin.delivery import Delivery
from channels.telegram.standin.faults import KINDS, Faults
from channels.telegram.standin.messages import Upload
from channels.telegram.standin.methods import Methods
from channels.telegram.standin.phone import Phone
from channels.telegram.standin.state import ApiError, BotState

__all__ = ["TelegramSandbox", "app"]

MOST_REQUEST_BYTES = 51 * 1024 * 1024
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_SENDS = frozenset({"sendmessage", "sendphoto", "senddocument"})
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def app(config: TelegramSandbox) -> web.Application:
    """The stand-in; its deliveries begin and end with the application."""
    application = web.Application(client_max_size=MOST_REQUEST_BYTES, middlewares=[_guard(config)])
    application.cleanup_ctx.append(_Server(config, application).lifetime)
    return application


def stand_in(config: Mapping[str, str], clock: Clock) -> tuple[str, web.Application]:
    """What people would write to, and the stand-in, from the settings of the service it plays for."""
    bots = [entry.rpartition("=")[2].strip() for entry in config.get("LOKET_TELEGRAM_BOTS", "").split(",")]
    tokens = tuple(filter(None, bots))
    return ", ".join(f"@{BotState(token).username}" for token in tokens), app(
        TelegramSandbox(tokens, first_id=int(time.time()))
    )


def _guard(config: TelegramSandbox) -> Any:
    allowed = _LOCAL | set(config.hosts)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (request.url.host or "") not in allowed:  # a page of somebody else's name (DNS rebinding)
            raise web.HTTPForbidden
        return await handler(request)

    return guard


class _Server:
    """The routes. What needs the running loop is made when the application starts."""

    def __init__(self, config: TelegramSandbox, application: web.Application) -> None:
        self._config = config
        self._faults = Faults(config.seed)
        self._bots: dict[int, tuple[BotState, Delivery]] = {}
        self._methods: dict[str, Methods] = {}
        application.add_routes(
            [
                web.route("*", "/bot{token:[^/]+}/{method}", self._call),
                web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
                web.get("/faults", self._show_faults),
                web.post("/faults", self._set_faults),
                web.get("/stats", self._stats),
                *Phone(self._bots).routes(),
            ]
        )

    async def lifetime(self, application: web.Application) -> AsyncIterator[None]:
        """From start to end of the application."""
        async with aiohttp.ClientSession(trust_env=False, connector=aiohttp.TCPConnector(limit=0)) as session:
            for token in self._config.tokens:
                self._make(token, session)
            yield
            for _, delivery in self._bots.values():
                await delivery.stop()

    def _make(self, token: str, session: aiohttp.ClientSession) -> None:
        config, bot = self._config, BotState(token, self._config.first_id)
        pauses = config.retry_first_s, config.retry_most_s, config.webhook_timeout_s
        delivery = Delivery(session, self._faults, *pauses, first_id=config.first_id)
        self._bots[bot.id] = (bot, delivery)
        self._methods[token] = Methods(bot, delivery, self._faults, config)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            methods = self._authorised(request)
            result = await methods.call(method, await _parameters(request))
        except ApiError as error:
            return web.json_response(error.to_json(), status=error.code)
        except web.HTTPRequestEntityTooLarge:
            return web.json_response(ApiError(413, "Request Entity Too Large").to_json(), status=413)
        if method.lower() in _SENDS and self._faults.take("drop") and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._authorised(request)
        except ApiError as error:
            return web.json_response(error.to_json(), status=error.code)
        bot, _ = self._bots[int(request.match_info["token"].partition(":")[0])]
        found = [stored for stored in bot.files.values() if stored.path == request.match_info["path"]]
        if not found or self._faults.take("media_404"):
            return web.json_response(ApiError(404, "Not Found").to_json(), status=404)
        return web.Response(body=found[0].data, content_type="application/octet-stream")

    def _authorised(self, request: web.Request) -> Methods:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found")
        if token not in self._methods:
            raise ApiError(401, "Unauthorized")
        return self._methods[token]

    async def _show_faults(self, request: web.Request) -> web.Response:
        return web.json_response({**self._faults.to_json(), "kinds": KINDS})

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            self._faults.set(await request.json())
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(self._faults.to_json())

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                str(number): {"sends": bot.sends, "chats": len(bot.chats), "pending": len(delivery.pending)}
                for number, (bot, delivery) in self._bots.items()
            }
        )


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Query, form (with files) or JSON: Telegram takes all of them."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise ApiError(400, "Bad Request: can't parse JSON object") from None
        return found | (body if isinstance(body, dict) else {})
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            found[name] = value
    return found

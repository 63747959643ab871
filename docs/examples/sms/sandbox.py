"""A stand-in for Twilio's SMS: enough of the REST API for the contract test, with the faults and the phone it asks for."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.ports import Clock


class Sms:
    """Messages, and what went wrong on purpose."""

    def __init__(self, config: Mapping[str, str], clock: Clock) -> None:
        self._auth = aiohttp.encode_basic_auth(config["LOKET_X_SMS_ACCOUNT_SID"], config["LOKET_X_SMS_AUTH_TOKEN"])
        self._clock = clock
        self._faults: Counter[str] = Counter()
        self._messages: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        """To be added to an application."""
        account = "/2010-04-01/Accounts/{account}"
        return [
            web.get(account + ".json", self.account),
            web.post(account + "/Messages.json", self.create),
            web.get(account + "/Messages.json", self.list),
            web.post("/faults", self.faults),
            web.post("/phone/send", self.phone_send),
            web.get("/phone/messages", self.phone_messages),
        ]

    async def account(self, request: web.Request) -> web.Response:
        """The account."""
        return self._refusal(request) or web.json_response({"status": "active"})

    async def create(self, request: web.Request) -> web.Response:
        """A message."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if self._happens("throttle"):
            return web.json_response({"code": 20429}, status=429)
        form = await request.post()
        if not str(form.get("To", "")).startswith("+"):
            return web.json_response({"code": 21211}, status=400)
        if len(str(form.get("Body", ""))) not in range(1, 1601):
            return web.json_response({"code": 21617}, status=400)
        message = {
            "sid": "SM" + secrets.token_hex(16),
            "to": form["To"],
            "body": form["Body"],
            "status": "queued",
            "date_created": format_datetime(self._clock.now()),
        }
        self._messages.insert(0, message)
        if self._happens("drop") and request.transport is not None:
            request.transport.abort()
        return web.json_response(message, status=201)

    async def list(self, request: web.Request) -> web.Response:
        """Messages to one person, newest first."""
        found = [message for message in self._messages if message["to"] == request.query.get("To")]
        return self._refusal(request) or web.json_response({"messages": found})

    async def faults(self, request: web.Request) -> web.Response:
        """``{throttle|server_error|drop: n}``."""
        self._faults.update(await request.json())
        return web.json_response(self._faults)

    async def phone_send(self, request: web.Request) -> web.Response:
        """The citizen writes; nothing is needed for that here."""
        return web.json_response({})

    async def phone_messages(self, request: web.Request) -> web.Response:
        """What the phone shows."""
        shown = [m for m in reversed(self._messages) if m["to"] == request.query["chat"]]
        return web.json_response({"messages": [{"from": "bot", "text": m["body"], "buttons": []} for m in shown]})

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self._happens("server_error"):
            return web.json_response({"code": 20500}, status=500)
        if request.headers.get("Authorization") != self._auth:
            return web.json_response({"code": 20003}, status=401)
        return None

    def _happens(self, kind: str) -> bool:
        happens = self._faults[kind] > 0
        self._faults[kind] -= happens
        return happens


def stand_in(config: Mapping[str, str], clock: Clock) -> tuple[str, web.Application]:
    """The number people write to, and the application."""
    application = web.Application()
    application.add_routes(Sms(config, clock).routes())
    return config["LOKET_X_SMS_NUMBER"], application

"""A Chatwoot account on loopback: the calls and webhooks that the adapter relies on, and faults on demand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN, SECRET, ACCOUNT, INBOX = "token rahasia", "rahasia webhook", "3", 7


@dataclass
class Chatwoot:
    """``fault``: for the next calls; ``keeps_keys``: newer versions keep what a message was given as ``source_id``."""

    keeps_keys: bool = True
    faults: list[str] = field(default_factory=list)
    """Each is used up by one call: ``500``, ``429``, ``401``, ``html``, ``slow``, ``cut``, ``lost`` (done, but the answer is)."""
    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[int, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        base = "/api/v1/accounts/{account}"
        app.add_routes(
            [
                web.post(f"{base}/contacts", self._make_contact),
                web.get(f"{base}/contacts/search", self._search),
                web.get(f"{base}/contacts/{{id}}/conversations", self._of_contact),
                web.post(f"{base}/conversations", self._make_conversation),
                web.get(f"{base}/conversations/{{id}}/messages", self._messages),
                web.post(f"{base}/conversations/{{id}}/messages", self._make_message),
                web.post(f"{base}/conversations/{{id}}/toggle_status", self._toggle),
            ]
        )
        return app

    async def start(self) -> TestServer:
        server = TestServer(self.app())
        await server.start_server()
        return server

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path.partition('/accounts/')[2]}")
        if request.headers.get("api_access_token") != TOKEN:
            return web.json_response({"error": "Invalid Access Token"}, status=401)
        if request.match_info.get("account") not in (ACCOUNT, None):
            return web.json_response({"error": "Resource could not be found"}, status=404)
        fault = self.faults.pop(0) if self.faults else ""
        if fault.isdigit():
            return web.json_response({"error": "x"}, status=int(fault))
        if fault == "html":
            return web.Response(text="<html>502 Bad Gateway</html>", content_type="text/html")
        if fault == "slow":
            await asyncio.sleep(0.6)
        answer: web.StreamResponse = await handler(request)
        if fault in ("lost", "cut"):
            if request.transport is not None:
                request.transport.abort()
            raise asyncio.CancelledError
        return answer

    async def _make_contact(self, request: web.Request) -> web.Response:
        body = await request.json()
        if any(one["identifier"] == body.get("identifier") for one in self.contacts.values()):
            return web.json_response({"message": "Identifier has already been taken"}, status=422)
        id_ = len(self.contacts) + 1
        self.contacts[id_] = {"id": id_, "identifier": body.get("identifier"), "name": body.get("name")}
        inbox = {"source_id": "s", "inbox": {"id": body["inbox_id"]}}
        return web.json_response({"payload": {"contact": self.contacts[id_], "contact_inbox": inbox}})

    async def _search(self, request: web.Request) -> web.Response:
        wanted = request.query.get("q", "").lower()
        found = [one for one in self.contacts.values() if wanted in str(one["identifier"]).lower()]
        return web.json_response({"meta": {"count": len(found)}, "payload": found[:15]})

    async def _of_contact(self, request: web.Request) -> web.Response:
        id_ = int(request.match_info["id"])
        found = [self._shown(one) for one in self.conversations.values() if one["contact_id"] == id_]
        return web.json_response({"payload": found})

    async def _make_conversation(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["contact_id"] not in self.contacts or body["inbox_id"] != INBOX:
            return web.json_response({"error": "Resource could not be found"}, status=404)
        id_ = 100 + len(self.conversations)
        kept = {name: body.get(name) for name in ("contact_id", "inbox_id", "custom_attributes")}
        self.conversations[id_] = {"id": id_, "status": body.get("status", "open"), "messages": [], **kept}
        return web.json_response(self._shown(self.conversations[id_]))

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        return {name: one[name] for name in ("id", "inbox_id", "status", "custom_attributes")}

    def _one(self, request: web.Request) -> dict[str, Any]:
        found = self.conversations.get(int(request.match_info["id"]))
        if found is None:
            body = json.dumps({"error": "Resource could not be found"})
            raise web.HTTPNotFound(text=body, content_type="application/json")
        return found

    async def _messages(self, request: web.Request) -> web.Response:
        messages = self._one(request)["messages"]
        if "before" in request.query:
            messages = [one for one in messages if one["id"] < int(request.query["before"])]
        return web.json_response({"meta": {}, "payload": messages[-20:]})

    async def _make_message(self, request: web.Request) -> web.Response:
        conversation, body = self._one(request), await request.json()
        if not isinstance(body.get("content"), str) or len(body["content"]) > 150_000:
            return web.json_response({"error": "Content is too long"}, status=422)
        message = {
            "id": 1000 + sum(len(one["messages"]) for one in self.conversations.values()),
            "content": body["content"],
            "message_type": 0 if body.get("message_type") == "incoming" else 1,
            "private": bool(body.get("private")),
            "source_id": body.get("source_id") if self.keeps_keys else None,
            "content_attributes": {},
        }
        conversation["messages"].append(message)
        return web.json_response(message)

    async def _toggle(self, request: web.Request) -> web.Response:
        conversation, body = self._one(request), await request.json()
        conversation["status"] = body["status"]
        return web.json_response({"payload": {"success": True, "current_status": body["status"]}})


def message_created(conversation: int, text: str | None, /, **changes: Any) -> dict[str, Any]:
    """The webhook of a message, as the account sends it."""
    told: dict[str, Any] = {
        "event": "message_created",
        "id": 77287,
        "content": text,
        "content_type": "text",
        "message_type": "outgoing",
        "private": False,
        "sender": {"id": 5, "name": "Rina", "email": "rina@dinas.test", "type": "user"},
        "account": {"id": int(ACCOUNT), "name": "Dinas"},
        "inbox": {"id": INBOX, "name": "Loket"},
        "conversation": {"id": conversation, "inbox_id": INBOX, "status": "open"},
    }
    return told | changes


def status_changed(conversation: int, status: str, /, **changes: Any) -> dict[str, Any]:
    """The webhook of a conversation that was resolved or opened again."""
    told = {"event": "conversation_status_changed", "id": conversation, "inbox_id": INBOX, "status": status}
    return told | {"account": {"id": int(ACCOUNT)}} | changes


def signed(told: Any, at: float, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a delivery."""
    body = json.dumps(told).encode() if not isinstance(told, bytes) else told
    stamp = str(int(at))
    mac = hmac.digest(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hex()
    return body, {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={mac}"}

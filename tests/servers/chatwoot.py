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
FILES = "/rails/active_storage/blobs/redirect"


@dataclass
class Chatwoot:
    """``fault``: for the next calls; ``keeps_keys``: newer versions keep what a message was given as ``source_id``."""

    keeps_keys: bool = True
    faults: list[str] = field(default_factory=list)
    """Each is used up by one call: ``500``, ``429``, ``401``, ``html``, ``slow``, ``cut``, ``lost`` (done, but the answer is)."""
    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[int, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    """Files that agents sent, by name."""
    inbox_kind: str = "Channel::Api"
    url: str = ""

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        base = "/api/v1/accounts/{account}"
        app.add_routes(
            [
                web.post(f"{base}/contacts", self._make_contact),
                web.get(f"{base}/contacts/search", self._search),
                web.get(f"{base}/contacts/{{id}}/conversations", self._of_contact),
                web.post(f"{base}/conversations", self._make_conversation),
                web.get(f"{base}/conversations/{{id}}", self._conversation),
                web.get(f"{base}/conversations/{{id}}/messages", self._messages),
                web.post(f"{base}/conversations/{{id}}/messages", self._make_message),
                web.post(f"{base}/conversations/{{id}}/toggle_status", self._toggle),
                web.get(f"{base}/inboxes/{{id}}", self._inbox),
                web.get(f"{FILES}/{{name}}", self._file),
                web.get("/disk/{name}", self._disk),
            ]
        )
        return app

    async def start(self) -> TestServer:
        server = TestServer(self.app())
        await server.start_server()
        self.url = str(server.make_url("")).rstrip("/")
        return server

    # -- what people do there ---------------------------------------------------------------------------------------------

    def agent_says(
        self, conversation: int | str, text: str | None, *, agent: str = "Rina", **more: Any
    ) -> dict[str, Any]:
        """An agent writes; ``files``: name -> content. The message as its webhook tells it."""
        files: dict[str, bytes] = more.pop("files", {})
        self.stored |= files
        attachments = [{"id": n, "data_url": f"{self.url}{FILES}/{name}"} for n, name in enumerate(files)]
        sender = {"id": 5, "name": agent, "type": "user"}
        message = self._added(
            self.conversations[int(conversation)], text, 1, sender=sender, attachments=attachments, **more
        )
        return message_created(int(conversation), text, id=message["id"], sender=sender)

    def agent_sets(self, conversation: int | str, status: str) -> dict[str, Any]:
        """An agent resolves a conversation, or opens it again; its webhook."""
        self.conversations[int(conversation)]["status"] = status
        return status_changed(int(conversation), status)

    def _added(self, conversation: dict[str, Any], content: str | None, kind: int, **more: Any) -> dict[str, Any]:
        number = 1000 + sum(len(one["messages"]) for one in self.conversations.values())
        message = {"id": number, "content": content, "message_type": kind, "private": False, "source_id": None}
        conversation["messages"].append({**message, "content_attributes": {}, "attachments": [], **more})
        found: dict[str, Any] = conversation["messages"][-1]
        return found

    # -- its interface ----------------------------------------------------------------------------------------------------

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path.partition('/accounts/')[2]}")
        if request.path.startswith(("/rails/", "/disk/")):
            if "api_access_token" in request.headers:
                return web.json_response({"error": "a token where none belongs"}, status=400)
        elif request.headers.get("api_access_token") != TOKEN:
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

    async def _conversation(self, request: web.Request) -> web.Response:
        return web.json_response(self._shown(self._one(request)))

    async def _inbox(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != str(INBOX):
            return web.json_response({"error": "Resource could not be found"}, status=404)
        return web.json_response({"id": INBOX, "channel_type": self.inbox_kind})

    async def _file(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/disk/{request.match_info['name']}")

    async def _disk(self, request: web.Request) -> web.Response:
        return web.Response(body=self.stored[request.match_info["name"]], content_type="application/octet-stream")

    async def _messages(self, request: web.Request) -> web.Response:
        messages = self._one(request)["messages"]
        if "after" in request.query:
            later = [one for one in messages if one["id"] > int(request.query["after"])]
            return web.json_response({"meta": {}, "payload": later[:100]})
        if "before" in request.query:
            messages = [one for one in messages if one["id"] < int(request.query["before"])]
        return web.json_response({"meta": {}, "payload": messages[-20:]})

    async def _make_message(self, request: web.Request) -> web.Response:
        conversation, body = self._one(request), await self._body(request)
        if not isinstance(body.get("content"), str) or len(body["content"]) > 150_000:
            return web.json_response({"error": "Content is too long"}, status=422)
        incoming = body.get("message_type") == "incoming"
        if incoming and conversation["status"] == "resolved":
            conversation["status"] = "open"
        source = body.get("source_id") if self.keeps_keys else None
        private = body.get("private") in (True, "true")
        files = [{"id": 1, "data_url": f"{self.url}{FILES}/{name}", "size": size} for name, size in body["files"]]
        made = self._added(
            conversation, body["content"], 0 if incoming else 1, private=private, source_id=source, attachments=files
        )
        return web.json_response(made)

    async def _body(self, request: web.Request) -> dict[str, Any]:
        """JSON, or a form with files."""
        if request.content_type != "multipart/form-data":
            return {**await request.json(), "files": []}
        form = await request.post()
        files = [one for one in form.getall("attachments[]", []) if isinstance(one, web.FileField)]
        if any(one.content_type not in ("image/jpeg", "application/pdf") for one in files):
            raise web.HTTPUnprocessableEntity(text='{"error": "File type"}', content_type="application/json")
        named = [(one.filename, len(one.file.read())) for one in files]
        return {**{name: value for name, value in form.items() if isinstance(value, str)}, "files": named}

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
    return told | {"changed_attributes": [{"status": {"current_value": status}}]} | changes


def signed(told: Any, at: float, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a delivery."""
    body = json.dumps(told).encode() if not isinstance(told, bytes) else told
    stamp = str(int(at))
    mac = hmac.digest(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hex()
    return body, {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={mac}"}

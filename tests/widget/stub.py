"""A stand-in for the gateway: the web chat API of ``docs/openapi.yaml`` in memory, with faults a test switches on.

Serves the real static files and templates under the strict policy the gateway sets.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jinja2
from aiohttp import BodyPartReader, web

WEB = Path(__file__).resolve().parents[2] / "bot" / "web"
CSP = "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
FILE_BYTES = 10 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Session:
    """One conversation: its thread in order, and the streams that listen."""

    id: str
    token: str
    thread: list[dict[str, Any]] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    queues: set[asyncio.Queue[tuple[str, dict[str, Any]] | None]] = field(default_factory=set)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """The device has forgotten it."""


@dataclass
class Call:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Fault:
    """What goes wrong with the next ``times`` calls of a route.

    ``drop`` closes the connection; ``after`` lets the server do its work before; ``status`` refuses with a sentence.
    """

    times: int = 1
    status: int = 0
    message: str = "Maaf, ada gangguan."
    drop: bool = False
    after: bool = False
    retry_after: int | None = None


class Stub:
    """The server. Tests read ``calls`` and ``session``, and speak as the bot with ``say``."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.calls: list[Call] = []
        self.faults: dict[tuple[str, str], Fault] = {}
        self.limits: dict[str, int] | None = None
        self.upload_pause = 0.0
        self.uploaded: list[tuple[str, str, bytes]] = []
        self.stream_type = "text/event-stream"
        self.silent_streams = False
        self.session_event: dict[str, Any] = {}
        self.home: dict[str, Any] = {}
        self.url = ""
        self._count = 0
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._port = 0

    # -- life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[self._watch])
        chat = "/chat/v1"
        app.router.add_post(f"{chat}/sessions", self._create)
        app.router.add_delete(f"{chat}/sessions", self._end)
        app.router.add_post(f"{chat}/messages", self._send)
        app.router.add_get(f"{chat}/messages", self._list)
        app.router.add_get(f"{chat}/events", self._events)
        app.router.add_post(f"{chat}/typing", self._types)
        app.router.add_post(f"{chat}/attachments", self._upload)
        app.router.add_get(f"{chat}/attachments/{{id}}", self._download)
        app.router.add_get("/", self._page("home.html"))
        app.router.add_get("/offline", self._page("offline.html"))
        app.router.add_get("/embed", self._embed)
        app.router.add_get("/picture/{name}", self._picture)
        app.router.add_static("/static", WEB / "static")
        app.on_response_prepare.append(self._headers)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        await self.listen()

    async def listen(self) -> None:
        """Accept connections (again, on the same port)."""
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{self._port}"

    async def vanish(self) -> None:
        """Refuse connections and cut the open ones, as when the process is killed."""
        assert self._site is not None and self._runner is not None
        await self._site.stop()
        for session in self.sessions.values():
            self.cut(session)
        for connection in list(self._runner.server.connections):  # type: ignore[union-attr]
            if connection.transport is not None:
                connection.transport.abort()

    async def stop(self) -> None:
        assert self._runner is not None
        for session in self.sessions.values():
            self.cut(session)
        await self._runner.cleanup()

    # -- what tests do ------------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The newest session."""
        return list(self.sessions.values())[-1]

    def bodies(self, method: str, path: str) -> list[dict[str, Any]]:
        return [call.body for call in self.calls if (call.method, call.path) == (method, path)]

    def say(self, text: str, kind: str = "answer", *, sender: str = "bot", **more: Any) -> dict[str, Any]:
        """A message to the citizen; ``more`` is ``buttons``, ``attachments`` or keys of ``meta``."""
        message = self._message(sender, text)
        message["buttons"] = more.pop("buttons", [])
        message["attachments"] = more.pop("attachments", [])
        age = more.pop("age", None)
        if age is not None:
            message["at"] = stamp(age)
        message["meta"] = {"kind": kind, **more}
        self.session.thread.append(message)
        self.emit("message", message)
        return message

    def emit(self, event: str, data: dict[str, Any]) -> None:
        for queue in self.session.queues:
            queue.put_nowait((event, data))

    def cut(self, session: Session | None = None) -> None:
        """End the open streams."""
        for queue in (session or self.session).queues:
            queue.put_nowait(None)

    def offer(self, name: str, kind: str, content: bytes) -> dict[str, Any]:
        """A file the citizen can download; goes into ``attachments``."""
        file_id = uuid4().hex
        self.session.files[file_id] = (name, kind, content)
        return {
            "id": file_id,
            "name": name,
            "type": kind,
            "size": len(content),
            "url": f"/chat/v1/attachments/{file_id}",
        }

    # -- the API ------------------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.Response:
        session = Session(id=uuid4().hex, token=f"t-{uuid4().hex}")
        self.sessions[session.token] = session
        body: dict[str, Any] = {"session_id": session.id, "token": session.token}
        if self.limits:
            body["limits"] = self.limits
        return web.json_response(body, status=201)

    async def _end(self, request: web.Request) -> web.Response:
        self._session(request).ended.set()
        return web.Response(status=204)

    async def _send(self, request: web.Request) -> web.Response:
        session = self._session(request)
        body = await request.json()
        text = body.get("text")
        if text is not None and len(text) > 4000:
            return refuse(413, "text_too_long", "Pesan terlalu panjang. Paling banyak 4.000 huruf.")
        if body["client_id"] in session.accepted:
            return web.json_response({"id": session.accepted[body["client_id"]]}, status=200)
        message = self._own(session, body["client_id"], text=text or self._title(session, body.get("payload")))
        if "payload" in body:
            message["payload"] = body["payload"]
        return web.json_response({"id": message["id"]}, status=202)

    async def _list(self, request: web.Request) -> web.Response:
        session = self._session(request)
        thread = after(session.thread, request.query.get("after", ""))
        if request.query.get("own") != "1":
            thread = [message for message in thread if message["from"] != "citizen"]
        return web.json_response({"messages": thread})

    async def _types(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        session = self._session(request)
        response = web.StreamResponse(headers={"Content-Type": self.stream_type, "Cache-Control": "no-store"})
        await response.prepare(request)
        queue: asyncio.Queue[tuple[str, dict[str, Any]] | None] = asyncio.Queue()
        missed = after(session.thread, request.headers.get("Last-Event-ID", ""))
        session.queues.add(queue)
        try:
            if self.silent_streams:
                await asyncio.sleep(3600)
            await write(response, "session", {"session_id": session.id, **self.session_event})
            for message in missed:
                if message["from"] != "citizen":
                    await write(response, "message", message)
            while (item := await queue.get()) is not None:
                await write(response, *item)
        finally:
            session.queues.discard(queue)
        return response

    async def _upload(self, request: web.Request) -> web.Response:
        session = self._session(request)
        fields: dict[str, str] = {}
        name, content = "", b""
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name != "file":
                fields[str(part.name)] = (await part.read()).decode()
                continue
            name = part.filename or ""
            while chunk := await part.read_chunk(65_536):
                content += chunk
                await asyncio.sleep(self.upload_pause)
        refusal = judge(content)
        if refusal is not None:
            return refusal
        if fields["client_id"] in session.accepted:
            return web.json_response({"id": session.accepted[fields["client_id"]]}, status=200)
        self.uploaded.append((fields.get("kind", ""), name, content))
        message = self._own(session, fields["client_id"], text="")
        message["attachments"] = [{"id": uuid4().hex, "name": name, "type": "image/jpeg", "size": len(content)}]
        return web.json_response({"id": message["id"]}, status=202)

    async def _download(self, request: web.Request) -> web.Response:
        name, kind, content = self._session(request).files[request.match_info["id"]]
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return web.Response(body=content, content_type=kind, headers=headers)

    # -- pages --------------------------------------------------------------------------------------------------------

    def _page(self, name: str) -> Handler:
        loader = jinja2.FileSystemLoader(WEB / "templates")
        environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

        async def handler(request: web.Request) -> web.Response:
            page = environment.get_template(name).render(**self.home)
            return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": CSP})

        return handler

    async def _embed(self, request: web.Request) -> web.Response:
        """A foreign page with the widget; the query gives the element's attributes."""
        attributes = " ".join(f'{name}="{value}"' for name, value in request.query.items() if name != "from")
        source = request.query.get("from", "")
        page = (
            '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Situs desa</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>Situs desa</h1>'
            "<p>Halaman milik orang lain.</p></main>"
            f'<script type="module" src="{source}/static/widget.js"></script><loket-chat {attributes}></loket-chat>'
            "</body></html>"
        )
        return web.Response(text=page, content_type="text/html")

    async def _picture(self, request: web.Request) -> web.Response:
        return web.Response(body=self.home["pictures"][request.match_info["name"]], content_type="image/jpeg")

    # -- inside -------------------------------------------------------------------------------------------------------

    @web.middleware
    async def _watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "OPTIONS":
            return web.Response(status=204)
        is_json = request.content_type == "application/json" and request.can_read_body
        body = await request.json() if is_json else {}
        self.calls.append(Call(request.method, request.path, dict(request.headers), body))
        fault = self.faults.get((request.method, request.path))
        if fault is None or fault.times <= 0:
            return await handler(request)
        fault.times -= 1
        if fault.after:
            await handler(request)
        if fault.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        response = refuse(fault.status, "fault", fault.message)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    async def _headers(self, request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith("/static/"):
            response.headers["Access-Control-Allow-Origin"] = "*"
        elif request.path.startswith("/chat/") and "Origin" in request.headers:
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"

    def _session(self, request: web.Request) -> Session:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.sessions:
            body = json.dumps({"error": {"code": "session_ended", "message": "Obrolan ini sudah berakhir."}})
            raise web.HTTPUnauthorized(text=body, content_type="application/json")
        return self.sessions[token]

    def _message(self, sender: str, text: str) -> dict[str, Any]:
        self._count += 1
        return {
            "id": f"{self._count:06d}",
            "at": stamp(timedelta()),
            "from": sender,
            "text": text,
            "buttons": [],
            "attachments": [],
            "meta": {},
        }

    def _own(self, session: Session, client_id: str, text: str) -> dict[str, Any]:
        message = {**self._message("citizen", text), "client_id": client_id}
        session.accepted[client_id] = message["id"]
        session.thread.append(message)
        return message

    def _title(self, session: Session, payload: str | None) -> str:
        buttons = [button for message in session.thread for button in message["buttons"]]
        return next((button["title"] for button in reversed(buttons) if button["payload"] == payload), "")


def refuse(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def judge(content: bytes) -> web.Response | None:
    """The refusals of an upload, by content."""
    if len(content) > FILE_BYTES:
        return refuse(413, "file_too_large", "Berkas terlalu besar. Paling besar 10 MB.")
    if not content.startswith((b"\xff\xd8", b"\x89PNG", b"%PDF")):
        return refuse(415, "file_type", "Berkas ini bukan foto atau PDF.")
    if content.startswith(b"\xff\xd8") and not content.rstrip(b"\0").endswith(b"\xff\xd9"):
        return refuse(422, "file_broken", "Foto tidak utuh. Mohon foto ulang.")
    return None


def after(thread: list[dict[str, Any]], message_id: str) -> list[dict[str, Any]]:
    return [message for message in thread if message["id"] > message_id]


def stamp(age: timedelta) -> str:
    return (datetime.now(UTC) - age).isoformat().replace("+00:00", "Z")


async def write(response: web.StreamResponse, event: str, data: dict[str, Any]) -> None:
    head = f"event: {event}\n" + (f"id: {data['id']}\n" if event == "message" else "")
    await response.write(f"{head}data: {json.dumps(data)}\n\n".encode())

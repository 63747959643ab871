"""The web chat API (``docs/openapi.yaml``): verify, store, answer; no thinking here."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from aiohttp import BodyPartReader, web

from bot.domain.handoff import Holder
from bot.domain.messages import Inbound
from bot.errors import InvalidMessage, NotFound, RejectedFile
from bot.ports import WebhookRequest
from bot.usecases.attachments import stored_name
from bot.usecases.receive import WEB, open_web_session, receive_web
from bot.web.hub import citizen_types
from bot.web.public.gateway import GATEWAY, LANGUAGES, Gateway, message_id, origin_of, seq_of, shown
from bot.web.public.limits import LIMITS
from bot.web.public.wellformed import writable
from bot.web.saved_as import saved_as

routes = web.RouteTableDef()

_KINDS = ("selfie", "document")
_PARTS = ("client_id", "kind", "file")
MAX_CLIENT_ID = 128
_CHUNK = 256 * 1024
_AT_ONCE = 2000
"""Lines of a thread that are read by one statement."""


@routes.post("/chat/v1/sessions")
async def create_session(request: web.Request) -> web.Response:
    """Begin a conversation. ``greet: true`` (the widget) puts the greeting into it at once."""
    gateway = request.app[GATEWAY]
    wanted = await _json_or_nothing(request)
    language = wanted.get("language") or "id"
    locus = wanted.get("locus") or gateway.settings.locus
    if language not in LANGUAGES:
        raise InvalidMessage("error.language")
    if not isinstance(locus, str) or locus not in gateway.deps.catalogue().loci:
        raise InvalidMessage("error.locus")
    token = f"lkt_{secrets.token_urlsafe(32)}"
    greet = wanted.get("greet") is True
    origin = origin_of(request, gateway.settings.proxies)
    index = gateway.keys.blind_index(origin, "origin") if origin else None
    token_hash = gateway.keys.token_hash(token)
    conversation = await open_web_session(gateway.deps, token_hash, locus, language, greet=greet, origin=index)
    gateway.speaks(conversation.id, conversation.language)
    limits = {"text": gateway.web_channel.manifest.text_limit, "file_bytes": gateway.settings.max_upload_bytes}
    return web.json_response({"session_id": str(conversation.id), "token": token, "limits": limits}, status=201)


@routes.delete("/chat/v1/sessions")
async def end_session(request: web.Request) -> web.Response:
    """The device forgets the conversation: what it held opens nothing any more."""
    await request.app[GATEWAY].leave(request)
    return web.Response(status=204)


async def _json_or_nothing(request: web.Request) -> dict[str, object]:
    if not request.can_read_body:
        return {}
    try:
        data = await request.json()
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("error.not_json", 400) from error
    if not isinstance(data, dict):
        raise InvalidMessage("error.not_json", 400)
    return data


@routes.post("/chat/v1/messages")
async def send_message(request: web.Request) -> web.Response:
    """Store a text or a pressed button."""
    gateway = request.app[GATEWAY]
    conversation_id = await gateway.authenticate(request)
    web_request = WebhookRequest(str(request.url), request.headers, await request.read())
    try:
        parsed = gateway.web_channel.parse(gateway.web_channel.accounts[WEB], web_request, gateway.deps.now())
    except RecursionError as error:
        raise InvalidMessage("error.not_json", 400) from error
    inbound = parsed[0]
    assert isinstance(inbound, Inbound)
    seq, fresh = await receive_web(
        gateway.deps,
        conversation_id,
        inbound.external_id,
        text=inbound.text,
        payload=inbound.payload,
        title=inbound.title,
    )
    return _accepted(gateway, conversation_id, seq, fresh)


@routes.post("/chat/v1/typing")
async def types(request: web.Request) -> web.Response:
    """The person is writing: told to the member of staff who holds the conversation, kept nowhere."""
    gateway = request.app[GATEWAY]
    conversation_id = await gateway.authenticate(request)
    async with gateway.deps.store.begin() as tx:
        if (await tx.conversation(conversation_id)).state is Holder.AGENT:
            await tx.notify("loket_staff", citizen_types(str(conversation_id)))
    return web.Response(status=204)


def _accepted(gateway: Gateway, conversation_id: UUID, seq: int, fresh: bool) -> web.Response:
    if fresh:
        gateway.hub.typing(str(conversation_id))
    return web.json_response({"id": message_id(seq)}, status=202 if fresh else 200)


@routes.get("/chat/v1/messages")
async def list_messages(request: web.Request) -> web.Response:
    """Messages after an id; the citizen's own only with ``own=1``."""
    gateway = request.app[GATEWAY]
    conversation_id = await gateway.authenticate(request)
    after = seq_of(request.query.get("after"))
    own = request.query.get("own") == "1"
    messages: list[dict[str, Any]] = []
    async with gateway.deps.store.begin() as tx:
        while entries := await tx.thread(conversation_id, after, limit=_AT_ONCE):
            messages += [shown(entry) for entry in entries if own or entry.sender != "citizen"]
            after = entries[-1].seq
            if len(entries) < _AT_ONCE:
                break
    return web.json_response({"messages": messages}, headers={"Cache-Control": "no-store"})


# -- files --------------------------------------------------------------------------------------------------------------


@routes.post("/chat/v1/attachments")
async def upload(request: web.Request) -> web.Response:
    """Take a photo or a PDF: judged by content, made safe, stored encrypted."""
    gateway = request.app[GATEWAY]
    conversation_id = await gateway.authenticate(request)
    most = gateway.settings.max_upload_bytes
    with request.app[LIMITS].uploads.one(str(conversation_id)):
        client_id, kind, name, data = await _parts(request, most)
        clean = await gateway.media.clean(data)
    kept = (kind, stored_name(name, clean.type), clean.type, clean.data)
    seq, fresh = await receive_web(gateway.deps, conversation_id, client_id, upload=kept)
    return _accepted(gateway, conversation_id, seq, fresh)


async def _parts(request: web.Request, most: int) -> tuple[str, str, str, bytes]:
    if not request.content_type.startswith("multipart/"):
        raise InvalidMessage("error.not_multipart", 400)
    said, name, data = {"client_id": "", "kind": "document"}, "berkas", None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name not in _PARTS:
                raise InvalidMessage("error.not_multipart", 400)
            if part.name != "file":
                said[part.name] = await part.text()
            elif data is not None:
                raise InvalidMessage("error.not_multipart", 400)
            else:
                name = part.filename or name
                data = await _limited(part, most)
    except (ValueError, LookupError) as error:
        raise InvalidMessage("error.not_multipart", 400) from error
    client_id, kind = said["client_id"], said["kind"] or "document"
    if not client_id.strip() or len(client_id) > MAX_CLIENT_ID or not writable(client_id):
        raise InvalidMessage("error.client_id")
    if kind not in _KINDS:
        raise InvalidMessage("error.not_multipart")
    if data is None:
        raise InvalidMessage("error.no_file")
    name = name.encode("utf-8", "replace").decode().replace("\x00", "")
    return client_id, kind, name, data


async def _limited(part: BodyPartReader, most: int) -> bytes:
    """The part's content; stops reading as soon as it is too much."""
    chunks: list[bytes] = []
    size = 0
    while chunk := await part.read_chunk(_CHUNK):
        size += len(chunk)
        if size > most:
            raise RejectedFile("file.too_big", 413, megabytes=most // 1024 // 1024)
        chunks.append(chunk)
    return b"".join(chunks)


@routes.get("/chat/v1/attachments/{id}")
async def download(request: web.Request) -> web.Response:
    """A file of this person."""
    gateway = request.app[GATEWAY]
    conversation_id = await gateway.authenticate(request)
    try:
        blob_id = UUID(request.match_info["id"])
    except ValueError as error:
        raise NotFound("file") from error
    async with gateway.deps.store.begin() as tx:
        found = await tx.blob(blob_id)
        # A connected channel shows the person's documents, too.
        theirs = found is not None and found[2] is not None and await tx.same_person(conversation_id, found[2])
    if found is None or not theirs:
        raise NotFound("file")
    file, data, _ = found
    return web.Response(
        body=data,
        content_type=file.type,
        headers={
            "Content-Disposition": saved_as(file.name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )

"""Files that an agent sends: made safe like a citizen's, stored with the conversation, named in the answer."""

from __future__ import annotations

from uuid import UUID

from aiohttp import BodyPartReader, web

from bot.domain.handoff import Ticket
from bot.domain.messages import FileRef
from bot.errors import NotFound, RejectedFile
from bot.usecases.attachments import stored_name
from bot.web.staff import auth, rights
from bot.web.staff.console_page import desk_parts, own_ticket, standing
from bot.web.staff.desk import ACCOUNT, desk_of, language

UPLOAD, SENT = "upload", "answer"
"""``blob.kind`` of what an agent uploaded, before and after it was sent; what is not sent is deleted after a day."""
MOST_FILES = 5
_CHUNK = 256 * 1024


@rights.own_token
async def upload(request: web.Request) -> web.Response:
    """Take one file for an answer that is being written; it is sent with the answer, or not at all."""
    parts = desk_parts(request)
    if parts.media is None:
        raise web.HTTPNotFound
    # 64 kB for the other parts and the boundaries.
    if request.content_length is not None and request.content_length > parts.most_bytes + 65_536:
        return _no(request, RejectedFile("file.too_big", 413, megabytes=parts.most_bytes // 1_000_000))
    if not request.content_type.startswith("multipart/"):
        raise web.HTTPBadRequest
    token, name, data = await _read(request, parts.most_bytes)
    if not auth.right_token(request, token):
        raise web.HTTPBadRequest
    if data is None:
        return _no(request, RejectedFile("file.too_big", 413, megabytes=parts.most_bytes // 1_000_000))
    try:
        clean = await parts.media.clean(data)
    except RejectedFile as error:
        return _no(request, error)
    async with desk_of(request).deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
        if standing(request, ticket) != "mine":
            raise NotFound("ticket")
        now = desk_of(request).deps.now()
        file = await tx.put_blob(
            ticket.conversation_id, UPLOAD, stored_name(name, clean.type), clean.type, clean.data, now
        )
        await tx.audit(request[ACCOUNT].username, "file.uploaded", file.id, {"ticket": ticket.number}, now)
    return web.json_response({"id": file.id, "name": file.name, "kilobytes": max(1, file.size // 1024)})


def _no(request: web.Request, error: RejectedFile) -> web.Response:
    words = desk_of(request).deps.texts.say(error.text_key, language(request), **error.params)
    return web.json_response({"problem": words}, status=error.status)


async def _read(request: web.Request, most: int) -> tuple[str, str, bytes | None]:
    """(token, name, content); None: too large."""
    token, name, data = "", "berkas", bytearray()
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "csrf":
                token = (await part.read_chunk(_CHUNK)).decode("ascii", "ignore")
            elif part.name == "file":
                name = (part.filename or name).replace("\x00", "")
                while chunk := await part.read_chunk(_CHUNK):
                    data += chunk
                    if len(data) > most:
                        return token, name, None
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return token, name, bytes(data)


async def chosen(request: web.Request, ticket: Ticket, ids: list[str]) -> list[FileRef]:
    """The files named in an answer: of this conversation, and put there by an agent.

    :raises bot.errors.NotFound: one is not.
    """
    found: list[FileRef] = []
    async with desk_of(request).deps.store.begin() as tx:
        for one in dict.fromkeys(ids[:MOST_FILES]):
            try:
                id_ = UUID(one)
            except ValueError as error:
                raise NotFound("file") from error
            # A form sent twice names files that were sent already.
            known = await tx.blob_of(id_, ticket.conversation_id, UPLOAD) or await tx.blob_of(
                id_, ticket.conversation_id, SENT
            )
            if known is None:
                raise NotFound("file")
            found.append(known)
    return found

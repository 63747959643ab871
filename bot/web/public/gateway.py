"""What the handlers of the public listener share."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.conversation import ThreadEntry
from bot.errors import InvalidMessage, LoketError
from bot.ports import Channel, Media
from bot.settings import Settings
from bot.storage.crypto import KeyRing
from bot.storage.spool import Spool
from bot.usecases.attachments import Channels
from bot.usecases.deps import Deps
from bot.web.hub import Hub
from bot.web.public.intake import Intake

LANGUAGES = ("id", "jv", "en")
_REMEMBERED = 10_000


@dataclass
class Gateway:
    """One per process."""

    deps: Deps
    settings: Settings
    keys: KeyRing
    hub: Hub
    media: Media
    web_channel: Channel
    channels: Channels = field(default_factory=Channels)
    spool: Spool | None = None
    """Where webhooks go while the database is away."""
    intake: Intake = field(init=False)
    _sessions: OrderedDict[bytes, tuple[UUID, datetime]] = field(default_factory=OrderedDict)
    _languages: OrderedDict[UUID, str] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.intake = Intake(self.deps, self.channels, self.spool)

    async def authenticate(self, request: web.Request) -> UUID:
        """The conversation behind the bearer token.

        :raises Unauthorized: no such session, or it has ended.
        """
        token = bearer_of(request)
        if not token:
            raise Unauthorized
        digest = self.keys.token_hash(token)
        now = self.deps.now()
        known = self._sessions.get(digest)
        if known is not None and known[1] > now:
            self._sessions.move_to_end(digest)
            return known[0]
        async with self.deps.store.begin() as tx:
            conversation_id = await tx.session(digest, now)
        if conversation_id is None:
            self._sessions.pop(digest, None)
            raise Unauthorized
        # Looked up again each minute, so that an ended session ends here too.
        self._sessions[digest] = (conversation_id, now + timedelta(minutes=1))
        if len(self._sessions) > _REMEMBERED:
            self._sessions.popitem(last=False)
        return conversation_id

    async def leave(self, request: web.Request) -> UUID:
        """The session of the bearer token ends: here at once, at other gateways within a minute.

        :raises Unauthorized: no such session, or it has ended.
        """
        conversation_id = await self.authenticate(request)
        digest = self.keys.token_hash(bearer_of(request))
        async with self.deps.store.begin() as tx:
            await tx.end_session(digest, self.deps.now())
        self._sessions.pop(digest, None)
        return conversation_id

    def speaks(self, conversation_id: UUID, language: str) -> None:
        """Remember in which language a conversation is refused something, without asking the database."""
        self._languages[conversation_id] = language
        self._languages.move_to_end(conversation_id)
        if len(self._languages) > _REMEMBERED:
            self._languages.popitem(last=False)

    def spoken(self, request: web.Request) -> str:
        """The language of a conversation that is known here; else Indonesian: a browser's English header says little about a
        citizen of the regency.
        """
        known = self._sessions.get(self.keys.token_hash(bearer_of(request)))
        return self._languages.get(known[0], "id") if known is not None else "id"


def bearer_of(request: web.Request) -> str:
    """The token of a request, or an empty text. A header may hold bytes that are no text."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip().encode("utf-8", "replace").decode() if scheme.lower() == "bearer" else ""


GATEWAY = web.AppKey("gateway", Gateway)


class Unauthorized(LoketError):
    """No such session, or it has ended."""

    code = "unauthorized"
    text_key = "error.session"
    status = 401


def language_of(request: web.Request) -> str:
    """The language for sentences to somebody who has no conversation (yet)."""
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        code = part.strip()[:2]
        if code in LANGUAGES:
            return code
    return "id"


def refusal(
    gateway: Gateway, request: web.Request, code: str, text_key: str, status: int, *, after: int = 0, **params: Any
) -> web.Response:
    """``{"error": {code, message}}`` with a sentence for the person. ``after``: seconds until it may be tried again."""
    message = gateway.deps.texts.say(text_key, gateway.spoken(request), **params)
    headers = {"Retry-After": str(after or 2)} if status == 503 or after else {}
    if status == Unauthorized.status:
        headers["WWW-Authenticate"] = "Bearer"
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


def origin_of(request: web.Request, proxies: int) -> str | None:
    """The network a request comes from: an IPv4 address or an IPv6 /64, as the outermost of our own ``proxies`` saw it.

    None for private addresses: behind a proxy nobody told us of, everybody would be one.
    """
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    chain = [*(part.strip() for part in forwarded if part.strip()), request.remote or ""]
    try:
        address = ipaddress.ip_address(chain[max(0, len(chain) - 1 - proxies)])
    except ValueError:
        return None
    if not address.is_global:
        return None
    return str(ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False))


def message_id(seq: int) -> str:
    """Ids are strings that sort as they grow."""
    return f"{seq:09d}"


def seq_of(raw: str | None) -> int:
    """The place an ``after`` or ``Last-Event-ID`` names; empty is the start.

    :raises bot.errors.InvalidMessage: not an id.
    """
    if not raw:
        return 0
    try:
        return min(max(int(raw), 0), 2**63 - 1)
    except ValueError as error:
        raise InvalidMessage("error.after") from error


def shown(entry: ThreadEntry) -> dict[str, Any]:
    """A line of the thread as the chat API shows it."""
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = entry.body
    if entry.sender == "citizen":
        file = body.get("file")
        result: dict[str, Any] = {
            "id": message_id(entry.seq),
            "at": at,
            "from": "citizen",
            "text": body.get("text") or body.get("caption") or body.get("title") or "",
            "buttons": [],
            "attachments": [_linked(file)] if file else [],
            "meta": {},
            "client_id": body.get("client_id"),
        }
        return result | ({"payload": body["payload"]} if body.get("payload") else {})
    return {"id": message_id(entry.seq), "at": at, **body, "attachments": [_linked(a) for a in body["attachments"]]}


def _linked(file: dict[str, Any]) -> dict[str, Any]:
    return {**file, "url": f"/chat/v1/attachments/{file['id']}"}

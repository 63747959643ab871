"""The REST API of 2010: messages and their media (twilio.com/docs/messaging/api), with what WhatsApp says afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from channels.whatsapp.standin.contents import Rendered, problem, render, values_of
from channels.whatsapp.standin.faults import Faults
from channels.whatsapp.standin.hooks import Hooks
from channels.whatsapp.standin.state import (
    SANDBOX_NUMBER,
    Content,
    Medium,
    Phone,
    Shown,
    TwilioMessage,
    WhatsAppSender,
    World,
    bare,
    new_sid,
    rfc2822,
)

MOST_BODY = 1600
MOST_FILE = 16 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "application/pdf", "audio/ogg", "audio/mpeg", "video/mp4", "text/vcard")
"""What WhatsApp takes (twilio.com/docs/whatsapp/guidance-whatsapp-media-messages)."""
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


@dataclass(frozen=True)
class Draft:
    """A send that the API took; ``later`` is the code with which it fails afterwards."""

    message: TwilioMessage
    rendered: Rendered
    content: Content | None
    media_url: str


class Refused(Exception):
    """A send that the API does not take."""

    def __init__(self, code: int, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class MessageApi:
    """``/2010-04-01/Accounts/…``."""

    def __init__(self, world: World, faults: Faults, hooks: Hooks) -> None:
        self._world = world
        self._faults = faults
        self._hooks = hooks

    def routes(self) -> list[web.RouteDef]:
        """To be added to an application."""
        base = "/2010-04-01/Accounts/{account}"
        return [
            web.get(base + ".json", self.account),
            web.post(base + "/Messages.json", self.create),
            web.get(base + "/Messages.json", self.list),
            web.get(base + "/Messages/{sid}.json", self.one),
            web.get(base + "/Messages/{sid}/Media.json", self.media_list),
            web.get(base + "/Messages/{sid}/Media/{media}", self.media),
            web.get("/cdn/{media}", self.file),
        ]

    async def account(self, request: web.Request) -> web.Response:
        """The account itself."""
        return web.json_response({"sid": self._world.account, "status": self._world.status, "type": "Full"})

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Take a message, or say why not."""
        if self._faults.strike("throttle"):
            return problem(429, 20429, "Too Many Requests")
        code = self._faults.code("error")
        if code is not None:
            return problem(429 if code in (63038, 20429) else 400, code, "refused on demand")
        given = await request.post()
        form = {name: str(value) for name, value in given.items()}
        try:
            draft = self._taken(form)
        except Refused as refused:
            return problem(refused.status, refused.code, "see twilio.com/docs/api/errors")
        message = draft.message
        self._world.messages[message.sid] = message
        answer = message.to_json(self._world.account)
        self._hooks.start(self._deliver(draft))
        if self._faults.strike("drop"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if self._faults.strike("garbage"):
            return web.Response(text="<html>bad gateway</html>", content_type="text/html", status=200)
        return web.json_response(answer, status=201)

    # -- what is refused at once ----------------------------------------------------------------------------------------

    def _taken(self, form: Mapping[str, str]) -> Draft:
        sender = self._sender(form)
        person = self._person(form, sender)
        body, media_url = form.get("Body", ""), form.get("MediaUrl", "")
        content, rendered = self._content(form)
        if not body and not media_url and content is None:
            raise Refused(21619)
        if len(body) > MOST_BODY:
            raise Refused(21617)
        if media_url and not urlsplit(media_url).hostname:
            raise Refused(21620)
        callback = form.get("StatusCallback", "")
        if callback and not urlsplit(callback).hostname:
            raise Refused(21609)
        number = self._world.number_of(sender)
        if number in self._world.phone(person).opted_out:
            raise Refused(21610)
        message = TwilioMessage(
            new_sid("MM" if media_url or content else "SM"),
            number,
            person,
            rendered.body if content else body,
            self._world.now(),
            status="accepted" if sender.is_service else "queued",
            service=sender.sid if sender.is_service else None,
            callback=callback or sender.status_callback_url,
        )
        return Draft(message, rendered, content, "" if content else media_url)

    def _sender(self, form: Mapping[str, str]) -> WhatsAppSender:
        service, origin = form.get("MessagingServiceSid", ""), form.get("From", "")
        if service:
            if service not in self._world.senders:
                raise Refused(21701, 404)
            return self._world.senders[service]
        if not origin:
            raise Refused(21603)
        found = self._world.senders.get(bare(origin))
        if found is None or not origin.startswith("whatsapp:") or found.status != "ONLINE":
            raise Refused(63007)
        return found

    def _person(self, form: Mapping[str, str], sender: WhatsAppSender) -> str:
        to = form.get("To", "")
        if not to:
            raise Refused(21604)
        person = bare(to)
        if not to.startswith("whatsapp:"):
            raise Refused(21910)
        if not _NUMBER.fullmatch(person) and not _USER_ID.fullmatch(person):
            raise Refused(21211)
        if person == sender.address:
            raise Refused(63031)
        return person

    def _content(self, form: Mapping[str, str]) -> tuple[Content | None, Rendered]:
        sid, raw = form.get("ContentSid", ""), form.get("ContentVariables", "")
        if not sid:
            if raw:
                raise Refused(21654)
            return None, Rendered()
        content = self._world.contents.get(sid)
        if content is None:
            raise Refused(21655)
        values = values_of(raw)
        if values is None:
            raise Refused(21656)
        return content, render(content, values)

    # -- what happens afterwards ----------------------------------------------------------------------------------------

    async def _deliver(self, draft: Draft) -> None:
        message = draft.message
        phone = self._world.phone(message.person)
        code = self._faults.code("fail") or self._refusal(draft, phone)
        file: Medium | None = None
        if code is None and draft.media_url:
            file, code = await self._load(draft.media_url)
        if code is not None:
            await self._hooks.statuses(message, [("undelivered" if code == 63016 else "failed", code)])
            return
        if phone.blocks:  # WhatsApp does not tell: the message stays "sent" for ever (Twilio's page on 63033)
            await self._hooks.statuses(message, [("sent", None)])
            return
        self._show(draft, phone, file)
        steps: list[tuple[str, int | None]] = [("sent", None), ("delivered", None)]
        await self._hooks.statuses(message, [*steps, ("read", None)] if phone.reads else steps)

    def _refusal(self, draft: Draft, phone: Phone) -> int | None:
        """The code with which WhatsApp refuses it."""
        if message_to_sandbox(draft.message) and not phone.joined:
            return 63015
        if not phone.on_whatsapp:
            return 63024
        if draft.rendered.problem is not None:
            return draft.rendered.problem
        if phone.may_be_written_to(draft.message.sender, self._world.now()):
            return None
        return _outside_the_window(draft.content)

    async def _load(self, url: str) -> tuple[Medium | None, int | None]:
        """Get a file from us, as Twilio does."""
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
                async with session.get(self._hooks.actual(url)) as answer:
                    data = await answer.content.read(MOST_FILE + 1)
                    kind = answer.headers.get("Content-Type", "").split(";")[0]
                    while len(data) <= MOST_FILE and (more := await answer.content.read(MOST_FILE)):
                        data += more
        except (aiohttp.ClientError, TimeoutError):
            return None, 11205
        if answer.status != 200:
            return None, 63019
        if len(data) > MOST_FILE:
            return None, 63034
        if kind not in TYPES:
            return None, 63021
        file = Medium(new_sid("ME"), data, kind)
        self._world.media[file.sid] = file
        return file, None

    def _show(self, draft: Draft, phone: Phone, file: Medium | None) -> None:
        message = draft.message
        media = []
        if file is not None:
            message.media.append(file.sid)
            media.append({"sid": file.sid, "type": file.type, "size": len(file.data)})
        approved = draft.content.approved_as if draft.content else None
        phone.show(
            Shown(message.sid, message.body, list(draft.rendered.buttons), media, self._world.now(), template=approved)
        )

    # -- asking ---------------------------------------------------------------------------------------------------------

    async def list(self, request: web.Request) -> web.Response:
        """Messages, newest first; filters ``To``, ``From``, ``DateSent>``, ``DateSent<``."""
        wanted = [
            message for message in reversed(self._world.messages.values()) if self._matches(message, request.query)
        ]
        size = int(request.query.get("PageSize", "50"))
        rows = [message.to_json(self._world.account) for message in wanted[:size]]
        return web.json_response(
            {"messages": rows, "page": 0, "page_size": size, "next_page_uri": None, "uri": request.path_qs}
        )

    def _matches(self, message: TwilioMessage, query: Mapping[str, str]) -> bool:
        told = message.to_json(self._world.account)
        if any(name in query and query[name] != told[name.lower()] for name in ("To", "From")):
            return False
        for name, later in (("DateSent>", True), ("DateSent<", False)):
            if name in query:
                moment = datetime.fromisoformat(query[name])
                if message.sent is None or (message.sent < moment if later else message.sent > moment):
                    return False
        return True

    async def one(self, request: web.Request) -> web.Response:
        """One message."""
        message = self._world.messages.get(request.match_info["sid"])
        if message is None:
            return problem(404, 20404, "not found")
        return web.json_response(message.to_json(self._world.account))

    async def media_list(self, request: web.Request) -> web.Response:
        """The files of a message."""
        message = self._world.messages.get(request.match_info["sid"])
        if message is None:
            return problem(404, 20404, "not found")
        files = [self._world.media[sid] for sid in message.media]
        rows = [{"sid": f.sid, "content_type": f.type, "date_created": rfc2822(message.created)} for f in files]
        return web.json_response({"media_list": rows, "page": 0, "page_size": 50, "next_page_uri": None, "uri": ""})

    async def media(self, request: web.Request) -> web.Response:
        """One file: a redirect to the file server, or 404 for as long as it is fresh."""
        message = self._world.messages.get(request.match_info["sid"])
        file = self._world.media.get(request.match_info["media"])
        if message is None or file is None or file.sid not in message.media:
            return problem(404, 20404, "not found")
        if file.missing > 0:
            file.missing -= 1
            return problem(404, 20404, "not found")
        mounted = request.path.partition("/2010-04-01/")[0]
        return web.Response(status=307, headers={"Location": f"{mounted}/cdn/{file.sid}"})

    async def file(self, request: web.Request) -> web.Response:
        """The file server, which must get no credentials."""
        file = self._world.media.get(request.match_info["media"])
        if "Authorization" in request.headers or file is None:
            return web.Response(status=400)
        return web.Response(body=file.data, content_type=file.type)


def message_to_sandbox(message: TwilioMessage) -> bool:
    """Whether it goes over the number that all accounts share."""
    return message.sender == SANDBOX_NUMBER


def _outside_the_window(content: Content | None) -> int | None:
    if content is None or content.approval in ("unsubmitted", "received", "pending"):
        return 63016
    return {"approved": None, "rejected": 63040, "paused": 63041, "disabled": 63042}.get(content.approval, 63027)

"""The citizen's phone as an HTTP API, and the panel: what tests, the bench and a demo page use.

``POST /phone/send {"chat": "+62…", …}`` with one of ``text``, ``button`` (title or id of one on the screen), ``photo`` or
``document`` (base64, or {data, name, type}; ``caption``), ``photos`` (several), ``voice``, ``video``, ``sticker``, ``contact``,
``location`` ([latitude, longitude]), ``start``; further ``to`` (our number), ``sid`` (to send one again), ``fields`` (form
fields as they shall be). Who it is: ``name``, ``user_id``, ``hidden``. ``GET /phone/messages?chat=`` shows the screen.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from channels.whatsapp.standin.faults import KINDS, Faults
from channels.whatsapp.standin.hooks import Call, Hooks
from channels.whatsapp.standin.state import (
    SANDBOX_NUMBER,
    Medium,
    Phone,
    Shown,
    TwilioMessage,
    WhatsAppSender,
    World,
    flag,
    new_sid,
)

_OPT_OUT = {
    "stop": "STOP",
    "stopall": "STOP",
    "unsubscribe": "STOP",
    "start": "START",
    "unstop": "START",
    "help": "HELP",
}
"""Twilio's own words, where the account has its opt-out handling switched on."""
_CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Contoh\r\nTEL:+628000000099\r\nEND:VCARD\r\n"
_NOTHING = b"\x00" * 64
_KINDS = {
    "photo": "image/jpeg",
    "document": "application/pdf",
    "voice": "audio/ogg",
    "video": "video/mp4",
    "sticker": "image/webp",
}


class PhoneApi:
    """``/phone/…``, ``/faults``, ``/senders``, ``/approvals``."""

    def __init__(self, world: World, faults: Faults, hooks: Hooks) -> None:
        self._world = world
        self._faults = faults
        self._hooks = hooks
        self._origin = ""
        self.opt_out_words = False
        """Whether Twilio itself handles STOP and START (Advanced Opt-Out of a Messaging Service)."""

    def routes(self) -> list[web.RouteDef]:
        """To be added to an application."""
        return [
            web.post("/phone/send", self.send),
            web.get("/phone/messages", self.messages),
            web.get("/phone/file", self.file),
            web.post("/phone/settings", self.settings),
            web.get("/faults", self.faults),
            web.post("/faults", self.set_faults),
            web.delete("/faults", self.clear_faults),
            web.get("/senders", self.senders),
            web.post("/senders", self.set_sender),
            web.post("/approvals", self.approvals),
            web.post("/settle", self.settle),
        ]

    # -- the phone ------------------------------------------------------------------------------------------------------

    async def send(self, request: web.Request) -> web.Response:
        """The citizen does something; waits for the webhook unless ``wait`` is false."""
        given = await request.json()
        self._origin = str(request.url.origin()) + request.path.removesuffix(
            "/phone/send"
        )  # it may be mounted somewhere
        try:
            phone, sender, fields = self._written(given)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            return web.json_response({"error": str(error)}, status=422)
        if not flag(given, "wait", True):
            self._hooks.start(self._deliver(sender, fields))
            return web.json_response({"sid": fields["MessageSid"]}, status=202)
        calls = await self._deliver(sender, fields)
        answer = {
            "sid": fields["MessageSid"],
            "chat": phone.chat,
            "calls": [{"statuses": list(call.statuses), "taken": call.taken} for call in calls],
        }
        return web.json_response(answer)

    async def _deliver(self, sender: WhatsAppSender, fields: dict[str, str]) -> list[Call]:
        return await self._hooks.deliver(sender.callback_url, fields)

    def _written(self, given: Mapping[str, Any]) -> tuple[Phone, WhatsAppSender, dict[str, str]]:
        """What the phone sends, as the form of its webhook."""
        if not isinstance(given, dict) or not isinstance(given.get("chat"), str):
            raise ValueError("chat is missing")
        sender = self._sender(given.get("to"))
        phone = self._phone(given)
        number = self._world.number_of(sender)
        now = self._world.now()
        again = self._world.messages.get(str(given.get("sid", "")))
        message = again or TwilioMessage(
            new_sid("SM"), number, phone.address, "", now, inbound=True, status="received", sent=now
        )
        fields = self._envelope(message, phone, sender) | self._content(given, phone, message)
        fields |= {str(k): str(v) for k, v in (given.get("fields") or {}).items()}
        message.body = fields.get("Body", "")
        self._world.messages[message.sid] = message
        phone.wrote_at[number] = now
        if message.body.lower().startswith("join ") and number == SANDBOX_NUMBER:
            phone.joined = True
        self._opt_out(phone, number, fields)
        if again is None:
            shown = [{"sid": sid, "type": self._world.media[sid].type} for sid in message.media]
            phone.show(Shown(message.sid, message.body, [], shown, now, mine=True))
        return phone, sender, fields

    def _sender(self, wanted: object) -> WhatsAppSender:
        if wanted is None:
            return next(iter(self._world.senders.values()))
        return self._world.senders[str(wanted)]

    def _phone(self, given: Mapping[str, Any]) -> Phone:
        phone = self._world.phone(given["chat"])
        phone.name = str(given.get("name", phone.name))
        phone.user_id = str(given.get("user_id", phone.user_id))
        phone.hidden = flag(given, "hidden", phone.hidden)
        return phone

    def _envelope(self, message: TwilioMessage, phone: Phone, sender: WhatsAppSender) -> dict[str, str]:
        fields = {
            "AccountSid": self._world.account,
            "ApiVersion": "2010-04-01",
            "Body": "",
            "ChannelMetadata": '{"type":"whatsapp","data":{"context":{}}}',
            "From": f"whatsapp:{phone.address}",
            "MessageSid": message.sid,
            "MessageType": "text",
            "NumMedia": "0",
            "NumSegments": "1",
            "ProfileName": phone.name,
            "ReferralNumMedia": "0",
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": f"whatsapp:{message.sender}",
        }
        if sender.is_service:
            fields["MessagingServiceSid"] = sender.sid
        if phone.user_id:
            fields["ExternalUserId"] = phone.user_id
        if not phone.hidden:
            fields["WaId"] = phone.chat.removeprefix("+")
        return fields

    def _content(self, given: Mapping[str, Any], phone: Phone, message: TwilioMessage) -> dict[str, str]:
        if "button" in given:
            return self._press(str(given["button"]), phone)
        if "location" in given:
            latitude, longitude = given["location"]
            place = {"Latitude": str(latitude), "Longitude": str(longitude), "MessageType": "location"}
            return place | {"Address": str(given.get("address", "")), "Label": str(given.get("label", ""))}
        files = self._files(given)
        if files:
            return self._attach(files, message) | {
                "Body": str(given.get("caption") or _file_name(given)),
                "MessageType": _message_type(given),
            }
        if "start" in given:  # a wa.me link with words: the person sends them as their own
            return {"Body": str(given["start"])}
        if "edit" in given:  # Twilio does not tell of edits
            raise ValueError("Twilio tells nothing of edited messages")
        if "text" not in given and "fields" not in given:
            raise ValueError("nothing to send")
        return {"Body": str(given.get("text", ""))}

    def _press(self, wanted: str, phone: Phone) -> dict[str, str]:
        """A button of the screen, the newest first, by title or id."""
        for shown in reversed(phone.screen):
            for button in shown.buttons:
                if wanted in (button["title"], button["id"]):
                    shown.pressed = button["title"]
                    return _pressed(button, shown)
        raise ValueError("no such button on the screen")

    def _files(self, given: Mapping[str, Any]) -> list[tuple[bytes, str]]:
        found: list[tuple[bytes, str]] = []
        for name, kind in _KINDS.items():
            if name in given:
                found.append(_file(given[name], kind))
        found += [_file(one, "image/jpeg") for one in given.get("photos", ())]
        return [*found, (_CARD, "text/vcard")] if "contact" in given else found

    def _attach(self, files: list[tuple[bytes, str]], message: TwilioMessage) -> dict[str, str]:
        fields = {"NumMedia": str(len(files))}
        for place, (data, kind) in enumerate(files):
            file = Medium(new_sid("ME"), data, kind, int(self._faults.of("media_404")))
            self._world.media[file.sid] = file
            message.media.append(file.sid)
            path = f"/2010-04-01/Accounts/{self._world.account}/Messages/{message.sid}/Media/{file.sid}"
            fields |= {f"MediaUrl{place}": self._origin + path, f"MediaContentType{place}": kind}
        return fields

    def _opt_out(self, phone: Phone, number: str, fields: dict[str, str]) -> None:
        word = _OPT_OUT.get(fields["Body"].strip().lower()) if self.opt_out_words else None
        if word is None:
            return
        fields["OptOutType"] = word
        if word == "STOP":
            phone.opted_out.add(number)
        elif word == "START":
            phone.opted_out.discard(number)

    async def messages(self, request: web.Request) -> web.Response:
        """What the phone shows, oldest first."""
        phone = self._world.phone(request.query["chat"])
        return web.json_response(
            {
                "messages": [shown.to_json() for shown in phone.screen],
                "typing": phone.typing,
                "seen": sorted(phone.seen),
            }
        )

    async def file(self, request: web.Request) -> web.Response:
        """The content of a file on a screen, by its ``sid``."""
        file = self._world.media.get(request.query.get("id", ""))
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.data, content_type=file.type)

    async def settings(self, request: web.Request) -> web.Response:
        """``{chat, on_whatsapp?, joined?, blocks?, reads?, hidden?, opted_out?: number}``."""
        given = await request.json()
        phone = self._world.phone(str(given["chat"]))
        for name in ("on_whatsapp", "joined", "blocks", "reads", "hidden"):
            setattr(phone, name, flag(given, name, getattr(phone, name)))
        if "opted_out" in given:
            phone.opted_out.add(str(given["opted_out"]))
        return web.json_response({"ok": True})

    # -- the panel ------------------------------------------------------------------------------------------------------

    async def faults(self, request: web.Request) -> web.Response:
        """What is set, and what there is."""
        return web.json_response({**self._faults.to_json(), "kinds": dict(KINDS)})

    async def set_faults(self, request: web.Request) -> web.Response:
        """``{kind: number}``."""
        try:
            self._faults.set(await request.json())
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response(self._faults.to_json())

    async def clear_faults(self, request: web.Request) -> web.Response:
        """All is well."""
        self._faults.clear()
        return web.json_response({})

    async def senders(self, request: web.Request) -> web.Response:
        """Our numbers and where they call."""
        return web.json_response({s.address: s.callback_url for s in self._world.senders.values()})

    async def set_sender(self, request: web.Request) -> web.Response:
        """``{address, callback_url?, status?, reach?: {public: actual}}``."""
        given = await request.json()
        sender = self._world.senders.get(given["address"]) or self._world.add_sender(given["address"])
        sender.callback_url = str(given.get("callback_url", sender.callback_url))
        sender.status_callback_url = str(given.get("status_callback_url", sender.callback_url))
        sender.status = str(given.get("status", sender.status))
        for public, actual in (given.get("reach") or {}).items():
            self._hooks.reach(str(public), str(actual))
        return web.json_response({"sid": sender.sid})

    async def approvals(self, request: web.Request) -> web.Response:
        """``{approves: bool}``, or ``{name, status, reason?}`` for the templates whose name begins so."""
        given = await request.json()
        self._world.approves = flag(given, "approves", self._world.approves)
        if "name" in given:
            for content in self._world.contents.values():
                if content.name.startswith(given["name"]):
                    content.approval, content.reason = str(given["status"]), str(given.get("reason", ""))
        return web.json_response({"ok": True})

    async def settle(self, request: web.Request) -> web.Response:
        """Answers when nothing is under way any more."""
        await self._hooks.settle()
        return web.json_response({"calls": len(self._hooks.calls)})


def _file(given: Any, kind: str) -> tuple[bytes, str]:
    """Base64, or ``{data, type?}``; anything else (``true``, an emoji) is a file of which only the kind matters."""
    if isinstance(given, dict):
        data, kind = base64.b64decode(given["data"], validate=True), str(given.get("type") or kind)
    elif kind.startswith(("image/jpeg", "application/")):
        data = base64.b64decode(given, validate=True)
    else:
        data = _NOTHING
    # WhatsApp hands photos on as JPEG, whatever they were.
    return data, "image/jpeg" if kind.startswith("image/") and kind != "image/webp" else kind


def _file_name(given: Mapping[str, Any]) -> str:
    """A document comes with its name in place of a caption."""
    document = given.get("document")
    return str(document.get("name", "")) if isinstance(document, dict) else ""


def _message_type(given: Mapping[str, Any]) -> str:
    names = {"photo": "image", "photos": "image", "voice": "audio", "contact": "contacts"}
    kind = next(
        (name for name in ("photo", "photos", "document", "voice", "video", "sticker", "contact") if name in given), ""
    )
    return names.get(kind, kind)


def _pressed(button: Mapping[str, str], shown: Shown) -> dict[str, str]:
    fields = {"Body": button["title"], "OriginalRepliedMessageSid": shown.sid}
    if len(shown.buttons) > 3 or len(button["title"]) > 20:
        return fields | {"ListId": button["id"], "ListTitle": button["title"], "MessageType": "interactive"}
    return fields | {"ButtonPayload": button["id"], "ButtonText": button["title"], "MessageType": "button"}

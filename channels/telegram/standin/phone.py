"""The people's phones: they write, press, send files, block; and what they see. JSON over HTTP, see :class:`Phone`."""

from __future__ import annotations

import base64
import binascii
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from channels.telegram.standin.delivery import Delivery
from channels.telegram.standin.messages import bold, document, photo_sizes
from channels.telegram.standin.state import BotState, Chat, Query, files_of, told

Refused = web.HTTPBadRequest

_GROUP_PERSON = 4_200_000_001


class Phone:
    """``POST /phone/send {"chat": 42, …}`` does one thing, in the name of the person ``chat`` (``bot``: a bot's id, else
    the first; ``name``, ``language``: of the person):

    ``text`` · ``start`` (a deep link's code, may be empty) · ``button`` (title, or place from 0; of ``message_id`` or the
    last message with buttons) · ``edit`` {message_id, text} · ``photo`` / ``document`` / ``voice`` (base64, or {data, name,
    type}; ``caption``) · ``location`` [latitude, longitude] · ``sticker`` (emoji) · ``contact`` {phone_number, first_name,
    own} · ``block`` true or false · ``delete_account`` true · ``group`` (a text; ``chat`` below 0) · ``raw`` (fields of a Message)

    Answers ``{update_id, message_id}``. ``GET /phone/messages?chat=42`` is what the phone shows.
    """

    def __init__(self, bots: Mapping[int, tuple[BotState, Delivery]]) -> None:
        self._bots = bots
        self._actions: dict[str, Callable[[BotState, Delivery, dict[str, Any]], dict[str, Any]]] = {
            "button": self._press,
            "edit": self._edit,
            "block": self._block,
            "delete_account": self._delete,
            **dict.fromkeys(_CONTENT, self._write),
        }

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        return [
            web.post("/phone/send", self._send),
            web.get("/phone/messages", self._messages),
            web.get("/phone/file", self._file),
        ]

    async def _send(self, request: web.Request) -> web.Response:
        try:
            what = await request.json()
            bot, delivery = self._bot(what.get("bot"))
            kind = next(kind for kind in self._actions if kind in what)
            return web.json_response(self._actions[kind](bot, delivery, what))
        except StopIteration:
            raise Refused(text=f"one of {', '.join(self._actions)}") from None
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise Refused(text=f"{type(error).__name__}: {error}") from error

    async def _messages(self, request: web.Request) -> web.Response:
        bot, _ = self._bot(request.query.get("bot"))
        chat = bot.chats.get(int(request.query["chat"]))
        if chat is None:
            return web.json_response({"messages": [], "typing": False, "blocked": False, "notes": []})
        return web.json_response(
            {
                "messages": [_shown(bot, message) for message in chat.messages.values()],
                "typing": chat.busy_until > time.monotonic(),
                "blocked": chat.blocked,
                "notes": chat.notes,
                "unanswered": sum(1 for q in bot.queries.values() if q.chat is chat and not q.answered),
            }
        )

    async def _file(self, request: web.Request) -> web.Response:
        bot, _ = self._bot(request.query.get("bot"))
        stored = bot.files.get(request.query.get("id", ""))
        if stored is None:
            raise web.HTTPNotFound
        return web.Response(body=stored.data, content_type=stored.type or "application/octet-stream")

    def _bot(self, number: Any) -> tuple[BotState, Delivery]:
        if number in (None, ""):
            return next(iter(self._bots.values()))
        return self._bots[int(number)]

    def _write(self, bot: BotState, delivery: Delivery, what: dict[str, Any]) -> dict[str, Any]:
        kind = next(kind for kind in _CONTENT if kind in what)
        chat = _chat(bot, what)
        if chat.blocked:  # writing to a blocked bot unblocks it
            self._stand(bot, delivery, chat, blocked=False)
        chat.started = True
        message = bot.keep(chat, chat.person, _CONTENT[kind](bot, chat, what))
        return _made(delivery.put(chat.id, "message", told(message)), message)

    def _press(self, bot: BotState, delivery: Delivery, what: dict[str, Any]) -> dict[str, Any]:
        chat = bot.chats[int(what["chat"])]
        message, button = _button(chat, what)
        query = uuid.uuid4().hex[:18]
        bot.queries[query] = Query(chat, time.monotonic())
        body = {
            "id": query,
            "from": chat.person,
            "message": told(message),
            "chat_instance": str(chat.id),
            "data": button["callback_data"],
        }
        return _made(delivery.put(chat.id, "callback_query", body), message)

    def _edit(self, bot: BotState, delivery: Delivery, what: dict[str, Any]) -> dict[str, Any]:
        chat = bot.chats[int(what["chat"])]
        message = chat.messages[int(what["edit"]["message_id"])]
        message |= {"text": str(what["edit"]["text"]), "edit_date": int(time.time())}
        return _made(delivery.put(chat.id, "edited_message", told(message)), message)

    def _block(self, bot: BotState, delivery: Delivery, what: dict[str, Any]) -> dict[str, Any]:
        return {"update_id": self._stand(bot, delivery, _chat(bot, what), blocked=bool(what["block"]))}

    def _delete(self, bot: BotState, delivery: Delivery, what: dict[str, Any]) -> dict[str, Any]:
        chat = bot.chats[int(what["chat"])]
        chat.deleted = True
        chat.person = {"id": chat.id, "is_bot": False, "first_name": ""}
        return {}

    @staticmethod
    def _stand(bot: BotState, delivery: Delivery, chat: Chat, *, blocked: bool) -> int | None:
        before, chat.blocked = chat.blocked, blocked
        member: dict[bool, dict[str, Any]] = {True: {"status": "kicked", "until_date": 0}, False: {"status": "member"}}
        body = {
            "chat": chat.to_json(),
            "from": chat.person,
            "date": int(time.time()),
            "old_chat_member": {"user": bot.user(), **member[before]},
            "new_chat_member": {"user": bot.user(), **member[blocked]},
        }
        return delivery.put(chat.id, "my_chat_member", body)


def _chat(bot: BotState, what: dict[str, Any]) -> Chat:
    number = int(what["chat"])
    person = {
        "id": number if number > 0 else _GROUP_PERSON,
        "is_bot": False,
        "first_name": str(what.get("name") or "Warga"),
        "language_code": str(what.get("language") or "id"),
    }
    return bot.chat(number, person)


def _button(chat: Chat, what: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    wanted = what["button"]
    messages = [chat.messages[int(what["message_id"])]] if "message_id" in what else [*chat.messages.values()][::-1]
    for message in messages:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        if not buttons:
            continue
        found = [b for place, b in enumerate(buttons) if wanted in (place, b["text"])]
        if found:
            return message, found[0]
        raise ValueError(f"the buttons are {[button['text'] for button in buttons]}")
    raise ValueError("no message with buttons")


def _made(update: int | None, message: dict[str, Any]) -> dict[str, Any]:
    return {"update_id": update, "message_id": message["message_id"]}


def _bytes(value: Any) -> tuple[bytes, str, str]:
    """Content, name and type of ``base64`` or ``{data, name, type}``."""
    if isinstance(value, str):
        value = {"data": value}
    return base64.b64decode(value["data"], validate=True), str(value.get("name", "")), str(value.get("type", ""))


def _text(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    return {"text": str(what["text"])}


def _start(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    text = f"/start {what['start']}".strip()
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}


def _photo(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    data, _, _ = _bytes(what["photo"])
    return {"photo": photo_sizes(bot.store(data, "photo.jpg", "image/jpeg", "photos")), **_caption(what)}


def _document(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    data, name, kind = _bytes(what["document"])
    stored = bot.store(data, name or "berkas.pdf", kind or "application/pdf", "documents")
    return {"document": document(stored), **_caption(what)}


def _voice(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    data, _, _ = _bytes(what["voice"]) if what["voice"] is not True else (b"OggS", "", "")
    stored = bot.store(data, "voice.ogg", "audio/ogg", "voice")
    unique = stored.id[-8:]
    return {"voice": {"file_id": stored.id, "file_unique_id": unique, "duration": 4, "mime_type": "audio/ogg"}}


def _location(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    latitude, longitude = what["location"]
    return {"location": {"latitude": float(latitude), "longitude": float(longitude)}}


def _sticker(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return {"sticker": {"file_id": "CAAC1", "file_unique_id": "c1", "emoji": str(what["sticker"]), **kind}}


def _contact(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    card = dict(what["contact"])
    own = bool(card.pop("own", False))
    return {"contact": {"first_name": "Warga", **card, **({"user_id": chat.person["id"]} if own else {})}}


def _group(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    return {"text": str(what["group"])}


def _raw(bot: BotState, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    return dict(what["raw"])


def _caption(what: dict[str, Any]) -> dict[str, Any]:
    return {"caption": str(what["caption"])} if what.get("caption") else {}


_CONTENT: dict[str, Callable[[BotState, Chat, dict[str, Any]], dict[str, Any]]] = {
    "text": _text,
    "start": _start,
    "photo": _photo,
    "document": _document,
    "voice": _voice,
    "location": _location,
    "sticker": _sticker,
    "contact": _contact,
    "group": _group,
    "raw": _raw,
}


def _shown(bot: BotState, message: dict[str, Any]) -> dict[str, Any]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    files = [{"id": f.id, "name": f.name, "type": f.type, "size": len(f.data)} for f in files_of(bot, message)]
    return {
        "message_id": message["message_id"],
        "at": message["date"],
        "from": "bot" if message["from"]["is_bot"] else "citizen",
        "text": message.get("text") or message.get("caption") or "",
        "bold": bold(message),
        "buttons": [
            {"title": b["text"], "data": b["callback_data"], "row": n} for n, row in enumerate(rows) for b in row
        ],
        "file": files[0] if files else None,
        "edited": "edit_date" in message,
        "times": message["_times"],
    }

"""Updates of the Bot API (core.telegram.org/bots/api#update) as events.

======================================  =========================================================================
update                                  becomes
======================================  =========================================================================
message: text                           Inbound.text; ``/start CODE`` also Inbound.start
message: photo, document                Inbound.media, with the caption
message: contact                        the sender's own: Inbound.text, the number; another one: Unread.CONTACT
message: location, venue                Inbound.location
message: voice, audio                   Unread.VOICE
message: video, video note, animation   Unread.VIDEO
message: sticker                        Unread.STICKER
message: poll, dice, game, story …      Unread.OTHER, also what a later Bot API may bring
message: in a group                     Unread.GROUP
message: something happened (pinned …)  nothing
edited_message                          as the message, with Inbound.edits; a live location that moves: nothing
callback_query                          Inbound.payload (or .text, see ``buttons``)
my_chat_member (private)                StandingChange: ``kicked`` is blocked, ``member`` is open again
anything else                           nothing
======================================  =========================================================================

The inbox id of every update is ``u<update_id>``, but Telegram names the message that an edit changes by another number:
``Inbound.edits`` is therefore the ``mark`` that the changed message had.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User

from bot.domain.messages import Event, Inbound, MediaRef, Standing, StandingChange, Unread
from bot.errors import InvalidMessage
from channels.telegram import buttons
from channels.telegram.marks import Mark

LANGUAGES = {"id": "id", "in": "id", "jv": "jv", "en": "en"}
"""Language of the person's app -> ours (``in`` is the old code of Indonesian, which Android still tells)."""
MOST_NAME = 100

_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")  # core.telegram.org/bots/features#deep-linking
_SERVICE = (
    "new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo group_chat_created "
    "supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id "
    "migrate_from_chat_id pinned_message successful_payment refunded_payment users_shared chat_shared "
    "connected_website write_access_allowed proximity_alert_triggered boost_added chat_background_set "
    "forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden "
    "general_forum_topic_unhidden giveaway_created giveaway_completed video_chat_scheduled video_chat_started "
    "video_chat_ended video_chat_participants_invited web_app_data gift unique_gift"
).split()
"""Things that happened, told as messages: nobody said anything."""


def parse_body(account: str, body: bytes, at: datetime) -> list[Event]:
    """The events in the body of a webhook.

    :raises InvalidMessage: it is no update.
    """
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("error.not_json", 400) from error
    return parse_update(account, data, at)


def parse_update(account: str, data: Any, at: datetime) -> list[Event]:
    """The events in one update.

    :raises InvalidMessage: it is no update.
    """
    if not isinstance(data, dict) or type(data.get("update_id")) is not int:
        raise InvalidMessage("error.not_json", 400)
    try:
        update = Update.de_json(data, None)
        event = _event(account, update, at)
    except Exception:  # a later Bot API writes something the library does not know: the person still gets an answer
        event = _beyond_reading(account, data, at)
    return [event] if event is not None else []


def _event(account: str, update: Update, at: datetime) -> Event | None:
    common: dict[str, Any] = {"account": account, "external_id": f"u{update.update_id}", "at": at}
    if update.message is not None:
        return _message(common, update.message)
    if update.edited_message is not None:
        return _edit(common, update.edited_message)
    if update.callback_query is not None:
        return _press(common, update.callback_query)
    if update.my_chat_member is not None:
        return _standing(account, update.my_chat_member, at)
    return None


def _message(common: Mapping[str, Any], message: Message) -> Inbound | None:
    person = message.from_user
    if person is None or person.is_bot or message.chat.type == Chat.CHANNEL or _happened(message):
        return None
    who = _who(message.chat, person)
    mark = str(Mark(message.message_id))
    if message.chat.type != Chat.PRIVATE:
        return Inbound(**common, **who, mark=mark, unread=Unread.GROUP)
    return Inbound(**common, **who, mark=mark, **_content(message))


def _edit(common: Mapping[str, Any], message: Message) -> Inbound | None:
    if message.location is not None or message.chat.type != Chat.PRIVATE:
        return None
    return _message({**common, "edits": str(Mark(message.message_id))}, message)


def _press(common: Mapping[str, Any], query: CallbackQuery) -> Inbound | None:
    message = query.message
    if message is None or query.data is None or message.chat.type == Chat.CHANNEL:
        return None
    who = _who(message.chat, query.from_user)
    if message.chat.type != Chat.PRIVATE:
        return Inbound(**common, **who, mark=str(Mark(message.message_id, query.id)), unread=Unread.GROUP)
    press = buttons.read(query.data, _shown(message))
    mark = str(Mark(message.message_id, query.id, query.data, press.title))
    if press.payload is None:
        return Inbound(**common, **who, mark=mark, text=_clean(press.title))
    return Inbound(**common, **who, mark=mark, payload=_clean(press.payload), title=_clean(press.title) or None)


def _standing(account: str, change: ChatMemberUpdated, at: datetime) -> StandingChange | None:
    if change.chat.type != Chat.PRIVATE:
        return None
    standing = {ChatMember.BANNED: Standing.BLOCKED, ChatMember.MEMBER: Standing.OPEN}.get(
        change.new_chat_member.status
    )
    return StandingChange(account, str(change.chat.id), standing, at) if standing is not None else None


def _content(message: Message) -> dict[str, Any]:
    for name, read in _READERS:
        if getattr(message, name):
            return read(message)
    return {"unread": Unread.OTHER}


def _text(message: Message) -> dict[str, Any]:
    text = _clean(message.text or "")
    start = _START.fullmatch(text)
    return {"text": text, "start": start[1]} if start is not None else {"text": text}


def _photo(message: Message) -> dict[str, Any]:
    largest = max(message.photo, key=lambda size: (size.width * size.height, size.file_size or 0))
    return _media(message, MediaRef(largest.file_id, "", "image/jpeg", largest.file_size))


def _document(message: Message) -> dict[str, Any]:
    document = message.document
    assert document is not None
    name, kind = _clean(document.file_name or ""), _clean(document.mime_type or "")
    return _media(message, MediaRef(document.file_id, name, kind, document.file_size))


def _media(message: Message, media: MediaRef) -> dict[str, Any]:
    return {"media": media, "caption": _clean(message.caption) if message.caption else None}


def _contact(message: Message) -> dict[str, Any]:
    contact, person = message.contact, message.from_user
    assert contact is not None
    if person is None or contact.user_id != person.id:
        return {"unread": Unread.CONTACT}
    digits = re.sub(r"\D", "", contact.phone_number)
    return {"text": f"+{digits}"} if digits else {"unread": Unread.CONTACT}


def _location(message: Message) -> dict[str, Any]:
    place = message.location
    assert place is not None
    return {"location": (place.latitude, place.longitude)}


def _unread(kind: Unread) -> Callable[[Message], dict[str, Any]]:
    return lambda message: {"unread": kind}


# The first that a message has: an animation also has a document, a venue also a location.
_READERS: tuple[tuple[str, Callable[[Message], dict[str, Any]]], ...] = (
    ("text", _text),
    ("photo", _photo),
    ("animation", _unread(Unread.VIDEO)),
    ("document", _document),
    ("contact", _contact),
    ("location", _location),
    ("voice", _unread(Unread.VOICE)),
    ("audio", _unread(Unread.VOICE)),
    ("video", _unread(Unread.VIDEO)),
    ("video_note", _unread(Unread.VIDEO)),
    ("sticker", _unread(Unread.STICKER)),
)


def _happened(message: Message) -> bool:
    return bool(message.is_automatic_forward) or any(getattr(message, name, None) for name in _SERVICE)


def _shown(message: Any) -> list[tuple[str, str]]:
    markup = getattr(message, "reply_markup", None)  # a message too old to be given has none
    rows = markup.inline_keyboard if markup is not None else ()
    return [(button.text, str(button.callback_data)) for row in rows for button in row]


def _who(chat: Chat, person: User) -> dict[str, Any]:
    name = "".join(c for c in person.full_name if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()
    code = (person.language_code or "").lower().partition("-")[0]
    return {"sender": str(chat.id), "name": name[:MOST_NAME] or None, "language": LANGUAGES.get(code)}


def _clean(words: str) -> str:
    # PostgreSQL and JSON both refuse lone surrogates; the person's other characters are kept.
    return words.encode("utf-8", "replace").decode().replace("\x00", "")


def _beyond_reading(account: str, data: dict[str, Any], at: datetime) -> Inbound | None:
    """A person's private message that could not be read: they are told so."""
    message = data.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(chat, dict) or chat.get("type") != Chat.PRIVATE or type(chat.get("id")) is not int:
        return None
    return Inbound(account, f"u{data['update_id']}", str(chat["id"]), at, unread=Unread.OTHER)

"""Twilio's webhooks as events: incoming messages and status callbacks, both form bodies at the same address.

Fields as in twilio.com/docs/messaging/guides/webhook-request. Twilio tells nothing of edited or deleted messages and of
groups; a reaction is no message. What WhatsApp adds at times (``Referral…``, ``ChannelMetadata``, ``Forwarded``,
``OriginalRepliedMessageSid``) does not change what a person said and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.messages import Event, Inbound, MediaRef, Receipt, Standing, StandingChange, Unread
from bot.errors import InvalidMessage, OptedOut, RecipientBlocked
from bot.ports import ChannelAccount
from channels.whatsapp.accounts import PREFIX, bare
from channels.whatsapp.errors import of_code
from channels.whatsapp.words import readable

RECEIPTS = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}
"""``MessageStatus`` of a message of ours; accepted, scheduled, queued and sending say nothing new."""

MOST_FILES = 10
MOST_TEXT = 20_000
"""Characters kept of a text (WhatsApp allows 4,096)."""

_SILENT = frozenset({"reaction", "edit", "edited", "revoke", "deleted", "system"})
"""``MessageType`` of what is no message to be answered."""
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_FILE_NAME = re.compile(r"[^\n/\\]{1,180}\.[A-Za-z0-9]{2,5}")
_OPT_OUT = {"STOP": Standing.STOPPED, "START": Standing.OPEN}
_BLOCKING = frozenset({"63014", "63033"})
"""Codes after which nothing arrives because the person wants it so; other refusals may be our mistake."""


def events(
    account: ChannelAccount, accounts: Mapping[str, ChannelAccount], fields: Mapping[str, str], at: datetime
) -> Sequence[Event]:
    """What a verified webhook holds.

    :raises InvalidMessage: neither a message nor a status callback.
    """
    sid = fields.get("MessageSid") or fields.get("SmsSid") or fields.get("SmsMessageSid") or ""
    if not _SID.fullmatch(sid):
        raise InvalidMessage("error.no_text")
    status = (fields.get("MessageStatus") or fields.get("SmsStatus") or "received").lower()
    if status not in ("received", "receiving"):
        return _receipt(_sender_of(account, accounts, fields.get("From", "")), sid, status, fields, at)
    sender, aliases = _person(fields)
    if not sender:
        raise InvalidMessage("error.no_text")
    message = Inbound(
        _sender_of(account, accounts, fields.get("To", "")).id,
        sid,
        sender,
        at,
        mark=sid,
        aliases=aliases,
        name=readable(fields.get("ProfileName", ""))[:120].strip() or None,
    )
    return [*_standing(message, fields), *_said(message, fields)]


def _sender_of(account: ChannelAccount, accounts: Mapping[str, ChannelAccount], ours: str) -> ChannelAccount:
    """The account whose number a message went to or came from, should two of them share one address by mistake."""
    return accounts.get(PREFIX + bare(ours).removeprefix("+"), account)


def _person(fields: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Whom to answer to, and other words for the same person: the user id stays when the number is hidden later."""
    number = fields.get("WaId", "")
    words = [bare(fields.get("ExternalUserId", "")), bare(fields.get("From", "")), bare(number)]
    known = list(dict.fromkeys(word for word in words if word))
    return (known[0], tuple(known[1:])) if known else ("", ())


def _receipt(
    account: ChannelAccount, sid: str, status: str, fields: Mapping[str, str], at: datetime
) -> Sequence[Event]:
    state = RECEIPTS.get(status)
    if state is None:
        return []
    code = fields.get("ErrorCode", "")
    code = code if code.isdecimal() and len(code) < 8 else ""
    found: list[Event] = [Receipt(account.id, sid, state, at, code or None)]
    person = bare(fields.get("ExternalUserId", "")) or bare(fields.get("To", ""))
    if state == "failed" and code and person:
        error = of_code(code)
        if isinstance(error, OptedOut):
            found.append(StandingChange(account.id, person, Standing.STOPPED, at))
        elif isinstance(error, RecipientBlocked) and code in _BLOCKING:
            found.append(StandingChange(account.id, person, Standing.BLOCKED, at))
    return found


def _standing(message: Inbound, fields: Mapping[str, str]) -> list[StandingChange]:
    """Twilio's own opt-out handling saw one of its words; STOP is then no message to be answered (it would be refused)."""
    standing = _OPT_OUT.get(fields.get("OptOutType", "").upper())
    return [StandingChange(message.account, message.sender, standing, message.at)] if standing else []


def _said(message: Inbound, fields: Mapping[str, str]) -> list[Inbound]:
    if fields.get("OptOutType", "").upper() == "STOP" or fields.get("MessageType", "").lower() in _SILENT:
        return []
    pressed = _pressed(message, fields)
    if pressed is not None:
        return [pressed]
    if fields.get("Latitude") and fields.get("Longitude"):
        return [_place(message, fields)]
    files = _files(message, fields)
    if files:
        return files
    text = readable(fields.get("Body", ""))[:MOST_TEXT]
    return [replace(message, text=text) if text.strip() else replace(message, unread=Unread.OTHER)]


def _pressed(message: Inbound, fields: Mapping[str, str]) -> Inbound | None:
    """A quick reply or an item of a list: the id is the payload we gave it."""
    for payload, title in (("ButtonPayload", "ButtonText"), ("ListId", "ListTitle")):
        if fields.get(payload, "").strip():
            said = readable(fields.get(title, "") or fields.get("Body", ""))
            return replace(message, payload=readable(fields[payload])[:512], title=said[:200] or None)
    return None


def _place(message: Inbound, fields: Mapping[str, str]) -> Inbound:
    try:
        latitude, longitude = float(fields["Latitude"]), float(fields["Longitude"])
    except ValueError:
        return replace(message, unread=Unread.OTHER)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # also refuses "nan"
        return replace(message, unread=Unread.OTHER)
    return replace(message, location=(latitude, longitude))


def _files(message: Inbound, fields: Mapping[str, str]) -> list[Inbound]:
    """One message per file; the text that came along is the first one's caption, or a message of its own."""
    count = fields.get("NumMedia", "0")
    most = min(int(count), MOST_FILES) if count.isdecimal() and len(count) < 4 else 0
    found = [(fields.get(f"MediaUrl{n}", ""), fields.get(f"MediaContentType{n}", "")) for n in range(most)]
    files = [_file(message, url, kind, fields) for url, kind in found if url]
    text = readable(fields.get("Body", ""))[:MOST_TEXT].strip()
    if files and text and files[0].media is not None:
        files[0] = _captioned(files[0], text)
    elif files and text and files[0].unread is not Unread.CONTACT:  # the text beside a card is its name
        files.append(replace(message, text=text))
    if len(files) == 1:
        return files
    return [replace(file, external_id=f"{message.external_id}:{n}") for n, file in enumerate(files)]


def _file(message: Inbound, url: str, kind: str, fields: Mapping[str, str]) -> Inbound:
    kind = kind.split(";")[0].strip().lower()
    unread = _unread(kind, fields.get("MessageType", "").lower())
    if unread is not None:
        return replace(message, unread=unread)
    return replace(message, media=MediaRef(url, type=kind[:100]))


def _unread(kind: str, message_type: str) -> Unread | None:
    if message_type == "sticker" or kind == "image/webp":  # WhatsApp turns photos into JPEG; only stickers are WebP
        return Unread.STICKER
    if kind.endswith("vcard") or message_type in ("contact", "contacts"):
        return Unread.CONTACT
    return {"audio": Unread.VOICE, "video": Unread.VIDEO}.get(kind.partition("/")[0])


def _captioned(file: Inbound, text: str) -> Inbound:
    """With a document WhatsApp gives its name where others have a caption."""
    assert file.media is not None
    if not file.media.type.startswith("image/") and _FILE_NAME.fullmatch(text):
        return replace(file, media=replace(file.media, name=text))
    return replace(file, caption=text)

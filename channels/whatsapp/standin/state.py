"""What the stand-in knows: senders, phones, messages, media, templates. Lost on a restart, on purpose."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

WINDOW = timedelta(hours=24)
SANDBOX_NUMBER = "+14155238886"


def new_sid(kind: str) -> str:
    """An identifier as Twilio makes them: two letters and 32 hex digits."""
    return kind + secrets.token_hex(16)


@dataclass
class WhatsAppSender:
    """A number of ours, or a Messaging Service (``MG…``), with the webhook it calls."""

    address: str
    sid: str
    callback_url: str = ""
    status_callback_url: str = ""
    status: str = "ONLINE"
    on_number: bool = False
    """Of a Messaging Service: leaves incoming messages to the number's own webhook."""

    @property
    def is_service(self) -> bool:
        """Whether it is a Messaging Service."""
        return self.address.startswith("MG")


@dataclass
class Shown:
    """One message on a phone's screen."""

    sid: str
    text: str
    buttons: list[dict[str, str]]
    media: list[dict[str, Any]]
    at: datetime
    template: str | None = None
    mine: bool = False
    """The citizen's own."""
    times: int = 1
    """Which copy of the very same content it is."""
    pressed: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As ``GET /phone/messages`` tells it."""
        return {
            "sid": self.sid,
            "from": "citizen" if self.mine else "bot",
            "text": self.text,
            "buttons": self.buttons,
            "media": self.media,
            "template": self.template,
            "at": self.at.isoformat(),
            "times": self.times,
            "pressed": self.pressed,
        }


@dataclass
class Phone:
    """One citizen. ``chat`` is the number; with ``user_id`` that comes along, with ``hidden`` instead of the number."""

    chat: str
    name: str = ""
    user_id: str = ""
    hidden: bool = False
    on_whatsapp: bool = True
    joined: bool = False
    """Of the shared sandbox number."""
    blocks: bool = False
    reads: bool = True
    opted_out: set[str] = field(default_factory=set)
    wrote_at: dict[str, datetime] = field(default_factory=dict)
    """By sender."""
    screen: list[Shown] = field(default_factory=list)
    typing: int = 0
    """How often "typing" was shown."""
    seen: set[str] = field(default_factory=set)
    """Messages of the citizen that were marked as read."""

    @property
    def address(self) -> str:
        """What ``From`` says."""
        return self.user_id if self.hidden and self.user_id else self.chat

    def show(self, shown: Shown) -> None:
        """Put a message on the screen."""
        same = (shown.text, shown.buttons, len(shown.media), shown.mine)
        shown.times = 1 + sum(same == (one.text, one.buttons, len(one.media), one.mine) for one in self.screen)
        self.screen.append(shown)

    def may_be_written_to(self, sender: str, now: datetime) -> bool:
        """Whether the 24 hours after their last message to ``sender`` still run."""
        wrote = self.wrote_at.get(sender)
        return wrote is not None and now < wrote + WINDOW


@dataclass
class TwilioMessage:
    """A Message resource."""

    sid: str
    sender: str
    """Bare address of ours; of a service the number it picked."""
    person: str
    """Bare address as it was given."""
    body: str
    created: datetime
    inbound: bool = False
    status: str = "queued"
    error_code: int | None = None
    media: list[str] = field(default_factory=list)
    service: str | None = None
    callback: str = ""
    sent: datetime | None = None

    def to_json(self, account: str) -> dict[str, Any]:
        """As the REST API tells it (twilio.com/docs/messaging/api/message-resource)."""
        there, here = f"whatsapp:{self.person}", f"whatsapp:{self.sender}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": rfc2822(self.created),
            "date_sent": rfc2822(self.sent) if self.sent else None,
            "date_updated": rfc2822(self.sent or self.created),
            "direction": "inbound" if self.inbound else "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": there if self.inbound else here,
            "messaging_service_sid": self.service,
            "num_media": str(len(self.media)),
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{account}/Messages/{self.sid}/Media.json"},
            "to": here if self.inbound else there,
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{self.sid}.json",
        }


@dataclass
class Medium:
    """A file at Twilio."""

    sid: str
    data: bytes
    type: str
    missing: int = 0
    """So many more times it is answered with 404."""


@dataclass
class Content:
    """A content template."""

    sid: str
    name: str
    language: str
    variables: dict[str, str]
    types: dict[str, Any]
    created: datetime
    approval: str = "unsubmitted"
    category: str | None = None
    approved_as: str | None = None
    reason: str = ""


class World:
    """All of it, and the only clock."""

    def __init__(self, account: str, token: str, now: Callable[[], datetime]) -> None:
        self.account = account
        self.token = token
        self._now = now
        self.senders: dict[str, WhatsAppSender] = {}
        self.phones: dict[str, Phone] = {}
        self.messages: dict[str, TwilioMessage] = {}
        self.media: dict[str, Medium] = {}
        self.contents: dict[str, Content] = {}
        self.approves = True
        """Whether WhatsApp approves what is submitted, as soon as one looks again."""
        self.status = "active"
        self._turn = itertools.count()

    def now(self) -> datetime:
        """The stand-in's time."""
        return self._now().astimezone(UTC)

    def add_sender(self, address: str, callback_url: str = "", status_callback_url: str = "") -> WhatsAppSender:
        """A number (or service) of the account."""
        sid = address if address.startswith("MG") else new_sid("XE")
        sender = WhatsAppSender(address, sid, callback_url, status_callback_url or callback_url)
        self.senders[address] = sender
        return sender

    def phone(self, chat: str) -> Phone:
        """The phone of a number or user id, made when it is new."""
        for phone in self.phones.values():
            if chat in (phone.chat, phone.user_id):
                return phone
        return self.phones.setdefault(chat, Phone(chat))

    def number_of(self, sender: WhatsAppSender) -> str:
        """The number a sender speaks with; a service takes one of the account's in turn."""
        if not sender.is_service:
            return sender.address
        numbers = [one.address for one in self.senders.values() if not one.is_service]
        return numbers[next(self._turn) % len(numbers)] if numbers else "+10000000000"


def rfc2822(at: datetime) -> str:
    """A time as the REST API of 2010 writes it."""
    return at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def iso(at: datetime) -> str:
    """A time as the newer APIs write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bare(address: str) -> str:
    """An address without ``whatsapp:``."""
    return address.removeprefix("whatsapp:").strip()


def flag(given: Mapping[str, Any], name: str, default: bool) -> bool:
    """A switch out of JSON."""
    value = given.get(name, default)
    return value if isinstance(value, bool) else default

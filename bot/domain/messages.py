"""What passes between a citizen and Loket, the same for every channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """``meta.kind`` of a bot message (contract of the web chat API)."""

    ANSWER = "answer"
    QUESTION = "question"
    REVIEW = "review"
    RECEIPT = "receipt"
    STATUS = "status"
    IDENTITY = "identity"
    HANDOFF = "handoff"
    NOTICE = "notice"
    ERROR = "error"


class Sender(StrEnum):
    """Who speaks. ``CITIZEN`` rows are kept in the thread but are no bot messages."""

    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class Button:
    """A quick reply. ``payload`` follows the grammar of :mod:`bot.domain.payloads`."""

    title: str
    payload: str


@dataclass(frozen=True)
class FileRef:
    """A stored file: ``id`` is the blob's, ``size`` is in bytes."""

    id: str
    name: str
    type: str
    size: int


@dataclass(frozen=True)
class Reply:
    """One message to a citizen. ``meta`` carries ``service``, ``field``, ``field_type``, ``application``, ``step``."""

    text: str
    kind: Kind = Kind.ANSWER
    buttons: tuple[Button, ...] = ()
    attachments: tuple[FileRef, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
    sender: Sender = Sender.BOT

    def to_json(self) -> dict[str, Any]:
        """Everything but id and time, as stored and as the chat API shows it."""
        return {
            "from": self.sender.value,
            "text": self.text,
            "buttons": [{"title": b.title, "payload": b.payload} for b in self.buttons],
            "attachments": [{"id": a.id, "name": a.name, "type": a.type, "size": a.size} for a in self.attachments],
            "meta": {"kind": self.kind.value, **self.meta},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reply:
        """The inverse of :meth:`to_json`."""
        meta = dict(data.get("meta") or {})
        return cls(
            text=data["text"],
            kind=Kind(meta.pop("kind", Kind.ANSWER.value)),
            buttons=tuple(Button(**b) for b in data.get("buttons", ())),
            attachments=tuple(FileRef(**a) for a in data.get("attachments", ())),
            meta=meta,
            sender=Sender(data.get("from", Sender.BOT.value)),
        )


class Unread(StrEnum):
    """Kinds of messages that no words can be taken from; the person is told what to do instead."""

    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    CONTACT = "contact"
    """Somebody else's contact card; the sender's own becomes ``text``, its number."""
    GROUP = "group"
    OTHER = "other"


@dataclass(frozen=True)
class MediaRef:
    """A file that still lies at the provider: ``id`` is what the channel needs to fetch it. Size in bytes, as far as told."""

    id: str
    name: str = ""
    type: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Inbound:
    """One message from a channel, verified and parsed but not yet understood.

    ``external_id`` is unique within ``account`` (one account per bot or number). Exactly one of ``text``, ``payload``
    (a pressed button), ``file`` (already stored), ``media`` (still at the provider), ``location`` and ``unread`` is set;
    with ``media`` a ``caption`` may come along. ``file_kind`` is the sender's own word for the file: ``selfie`` or ``document``.
    """

    account: str
    external_id: str
    sender: str
    """Whom to answer to: the channel's own word for the chat (never a key to a person across channels)."""
    at: datetime
    text: str | None = None
    payload: str | None = None
    file: FileRef | None = None
    file_kind: str | None = None
    language: str | None = None
    title: str | None = None
    """What the pressed button said, for people who read the thread."""
    client_id: str | None = None
    media: MediaRef | None = None
    caption: str | None = None
    location: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""
    unread: Unread | None = None
    edits: str | None = None
    """External id of an earlier message that this one changes."""
    start: str | None = None
    """What a deep link carried (``/start CODE``); ``text`` is then ``/start``."""
    mark: str | None = None
    """What the channel needs to acknowledge this message (show it as read, mark the pressed button)."""
    aliases: tuple[str, ...] = ()
    """Other words of the channel for the same sender (a phone number beside a user id)."""
    name: str | None = None
    """What the sender calls themselves; shown to agents, proves nothing."""


@dataclass(frozen=True)
class Receipt:
    """A provider's word about a message of ours: ``sent``, ``delivered``, ``read`` or ``failed``."""

    account: str
    external_id: str
    state: str
    at: datetime
    error_code: str | None = None


class Standing(StrEnum):
    """Whether a person may be written to in a conversation (``conversation.standing``)."""

    OPEN = "open"
    STOPPED = "stopped"
    """Asked for silence (STOP, BERHENTI): only answers to their own messages are sent."""
    BLOCKED = "blocked"
    """The provider says that nothing arrives any more."""


@dataclass(frozen=True)
class StandingChange:
    """The provider says that a person blocked us, came back, or used its opt-out words."""

    account: str
    sender: str
    standing: Standing
    at: datetime


Event = Inbound | Receipt | StandingChange
"""What a webhook can hold."""


@dataclass(frozen=True)
class OutFile:
    """A file to be sent. ``link`` opens it without a login for an hour, for providers that fetch; ``data`` is its content."""

    name: str
    type: str
    link: str
    data: bytes


@dataclass(frozen=True)
class Template:
    """A message that the provider has approved: its name in ``data/templates``, and the values of its places."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outgoing:
    """One message as a provider takes it: never longer than the manifest's ``text_limit``, never more buttons than it allows.

    ``key`` is the same in every try, for providers that know idempotency keys.
    """

    key: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    file: OutFile | None = None
    template: Template | None = None

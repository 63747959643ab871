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


@dataclass(frozen=True)
class Inbound:
    """One message from a channel, verified and parsed but not yet understood.

    ``external_id`` is unique within ``account`` (one account per bot or number). Exactly one of ``text``, ``payload``
    (a pressed button) and ``file`` is set. ``file_kind`` is the sender's own word for the file: ``selfie`` or ``document``.
    """

    account: str
    external_id: str
    sender: str
    at: datetime
    text: str | None = None
    payload: str | None = None
    file: FileRef | None = None
    file_kind: str | None = None
    language: str | None = None
    title: str | None = None
    """What the pressed button said, for people who read the thread."""
    client_id: str | None = None


@dataclass(frozen=True)
class Receipt:
    """A provider's word about a message of ours: ``sent``, ``delivered``, ``read`` or ``failed``."""

    account: str
    external_id: str
    state: str
    at: datetime
    error_code: str | None = None

"""A conversation, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bot.domain.handoff import Holder, Ticket
from bot.domain.messages import Standing

__all__ = [
    "Capture",
    "Case",
    "CaseEvent",
    "Citizen",
    "Conversation",
    "Due",
    "EnrolledFace",
    "Enrolment",
    "Holder",
    "IdentityCheck",
    "InboxRow",
    "ThreadEntry",
    "Ticket",
    "Trust",
]


@dataclass
class Conversation:
    """One (channel account, external id); the truth that Rasa's tracker is rebuilt from."""

    id: UUID
    account: str
    external_id: str
    locus: str
    language: str
    created_at: datetime
    citizen_id: UUID | None = None
    assurance: int = 0
    """0 anonymous, 1 linked channel, 2 data match the civil register, 3 face verified."""
    assured_until: datetime | None = None
    state: Holder = Holder.BOT
    form_active: bool = False
    case_id: UUID | None = None
    """The draft in focus."""
    topic: str | None = None
    """The service last spoken of."""
    misses: int = 0
    """Texts in a row that were not understood."""
    turn_mark: str = ""
    """Mark of the last committed turn."""
    last_inbound_at: datetime | None = None
    language_set: bool = False
    """The person chose the language: it no longer follows what is written."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What the last reply offered (see :mod:`bot.domain.offers`)."""
    person_id: UUID | None = None
    """Conversations that share it are one person's, by proof (:mod:`bot.usecases.linking`). The database gives the first."""
    origin: str | None = None
    """Blind index of the network address a web conversation was begun from; it limits how often identities are tried."""
    standing: Standing = Standing.OPEN
    """Whether notices may be sent here."""
    returned_seq: int = 0
    """Last line of the thread when a person gave the conversation back: what was written until then was meant for them."""
    trail: list[list[str]] = field(default_factory=list)
    """(wish, service or empty, outcome) of the last turns: what a person who takes over is told. Nothing personal."""

    def expire(self, now: datetime) -> None:
        """A proof whose time is over holds no longer."""
        if self.assured_until is not None and now >= self.assured_until:
            self.assurance, self.assured_until = 1, None

    def level(self, now: datetime) -> int:
        """The assurance that still holds at ``now``."""
        if self.assured_until is not None and now >= self.assured_until:
            return min(self.assurance, 1)
        return self.assurance


@dataclass
class Citizen:
    """A person as far as proven: register data of the NIK."""

    id: UUID
    nik: str
    name: str
    birth_date: date
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EnrolledFace:
    """A stored template and where it comes from."""

    template: bytes
    model: str
    source: str
    """``register`` (the civil register's picture) or ``counter`` (taken by officers)."""
    digest: str = ""
    """Of the register's pictures it was made from: other pictures there mean a new template."""


@dataclass
class Capture:
    """A one-time link to the capture page: for one conversation, citizen and application."""

    token_hash: bytes
    conversation_id: UUID
    citizen_id: UUID
    case_id: UUID
    steps: list[str]
    """``straight``, then kinds of :class:`bot.domain.liveness.Kind`, in the order they are asked for."""
    created_at: datetime
    expires_at: datetime
    state: str = "offered"
    """``offered``, ``open`` (the page was started), ``judging``, then ``accepted``, ``officer`` or ``refused``."""
    key: bytes | None = None
    """Signs the frames; made when the page is started."""
    seq: int = 0
    """Of the last frame taken."""
    frames: list[dict[str, Any]] = field(default_factory=list)
    """One per step done: ``blob`` (its file), ``yaw``, ``mouth``."""


@dataclass
class Enrolment:
    """A template made by an officer at the counter, until a second officer has confirmed it."""

    id: UUID
    citizen_id: UUID
    locus: str
    model: str
    made_by: str
    made_at: datetime
    template: bytes | None = None
    """Gone once it is decided."""
    state: str = "waiting"
    """``waiting``, ``done`` or ``refused``."""
    likeness: str = ""
    """How the pictures compare with the face known so far: ``match``, ``officer``, ``no_match``, or empty: none is known."""
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Trust:
    """How often a citizen proved themselves in a conversation; ``last_at``: when last."""

    successes: int
    last_at: datetime


@dataclass
class Case:
    """An application from its first draft to its end (table ``application``). ``draft`` is the form's JSON."""

    id: UUID
    locus: str
    service: str
    conversation_id: UUID
    state: str
    draft: dict[str, Any]
    agency: str
    created_at: datetime
    updated_at: datetime
    variant: str | None = None
    citizen_id: UUID | None = None
    reference: str | None = None
    agency_ref: str | None = None
    promised_on: datetime | None = None
    submitted_at: datetime | None = None
    document_blob: UUID | None = None
    paused_at: datetime | None = None
    """Since when the office's clock stands still: a repair was asked for."""
    paused_days: int = 0
    """Working days it stood still before; they are in ``promised_on`` already."""
    begun_by: int | None = None
    """Inbox id of the message that the draft was begun with: where the chain of custody starts."""
    step: str | None = None
    """Path of the question that the form stands at or was left at; :data:`bot.domain.figures.REFERRED`: at somebody else's."""


@dataclass(frozen=True)
class CaseEvent:
    """One change of a case's state; ``key`` is unique per case, so a repeated push changes nothing."""

    key: str
    state: str
    at: datetime
    note: str | None = None
    inbox_id: int | None = None
    """The citizen's message that brought it about."""


@dataclass
class IdentityCheck:
    """One comparison of a selfie with the enrolled face. The picture is deleted once there is a verdict."""

    id: UUID
    conversation_id: UUID
    citizen_id: UUID
    at: datetime
    outcome: str
    case_id: UUID | None = None
    problem: str | None = None
    score: float | None = None
    mode: str = ""
    model: str = ""
    perceptual_hash: str | None = None
    selfie_blob: UUID | None = None
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    suspicion: str | None = None
    """``enrolled`` (a copy of the registered picture) or ``repeated`` (a picture sent before); officers see it."""
    liveness: str = ""
    """What the pictures had to show, e.g. ``mouth_turn``; empty: nothing."""


@dataclass(frozen=True)
class ThreadEntry:
    """One line of a conversation's thread: ``body`` is a reply's JSON, or the citizen's message."""

    seq: int
    at: datetime
    sender: str
    body: dict[str, Any]
    inbox_id: int | None = None


@dataclass(frozen=True)
class InboxRow:
    """One claimed inbound message; ``lease_no`` fences every write made on its behalf."""

    id: int
    conversation_id: UUID
    seq: int
    lease_no: int
    attempts: int
    waits: int
    received_at: datetime
    body: dict[str, Any]
    found: Any = field(default=None, compare=False, repr=False)
    """What the claim found of its conversation, as the storage knows it: good for one beginning of the turn."""


@dataclass(frozen=True)
class Due:
    """One errand to an agency that is due: a verb of ``bot.usecases.errand_verbs``, perhaps with a number (``repair-2``)."""

    case_id: UUID
    verb: str
    attempts: int
    """Tries so far, this one counted."""
    lease_no: int
    created_at: datetime
    """Since when it is tried; a person's retry counts anew."""
    agency: str = ""
    """Id of the integration it was claimed for."""
    trace: str | None = None
    """Where it was given (:mod:`bot.tracing`)."""

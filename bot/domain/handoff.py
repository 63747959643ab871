"""A person takes over, and gives back: who holds a conversation, the ticket that stands for the request, what may follow what.

``bot -> queued -> agent (lease) -> returning -> bot``. The state is stored with the conversation
(:class:`bot.domain.conversation.Holder`), so that the router keeps the bot silent, never the bot itself. Both ends of the human
stretch are recorded as :class:`Event`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from bot.errors import Conflict


class Holder(StrEnum):
    """Who holds the conversation (``conversation.state``)."""

    BOT = "bot"
    QUEUED = "queued"
    """A person was asked for; the bot goes on until one comes."""
    AGENT = "agent"
    """A person speaks; the router keeps the bot silent."""
    RETURNING = "returning"
    """The person gave it back while messages were on their way; the bot answers those, then it is BOT."""


class Trigger(StrEnum):
    """Why a person is wanted. Typed by whoever raises it; nothing ever looks at the words of a reply."""

    ASKED = "asked"
    """The citizen asked: a wish, the reserved word ``petugas``, a button."""
    COMPLAINT = "complaint"
    NOT_UNDERSTOOD = "not_understood"
    """Twice in a row."""
    ANGER = "anger"
    DISTRESS = "distress"
    EMERGENCY = "emergency"
    """Life is in danger: told where help is, first in the queue."""
    IDENTITY = "identity"
    """Failed for good, or too uncertain for a machine."""
    AGENCY = "agency"
    """An adapter gave up."""
    RULE = "rule"
    """Content staff want a person for this (``data/alih``)."""
    STAFF = "staff"
    """A member of staff opened it."""


class Priority(IntEnum):
    """Who is served first; within one the oldest."""

    NORMAL = 0
    VULNERABLE = 1
    """Old, ill, pregnant or disabled people."""
    DISTRESS = 2
    EMERGENCY = 3


class TicketState(StrEnum):
    """``ticket.state``. Snoozed tickets are queued ones with ``snoozed_until``."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    CLOSED = "closed"


class Waits(StrEnum):
    """Whose turn it is (``ticket.waiting_for``)."""

    AGENT = "agent"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class Agent:
    """The member of staff who acts. ``skills``: slugs of services, forms and teams, empty means everything; ``languages``
    likewise means Indonesian. ``capacity``: conversations at the same time that routing gives them.
    """

    username: str
    name: str
    locus: str
    roles: frozenset[str] = frozenset({"agent"})
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    capacity: int = 5

    @property
    def supervisor(self) -> bool:
        """Whether they may take over from a colleague."""
        return "supervisor" in self.roles


@dataclass(frozen=True)
class Summary:
    """What the citizen wanted and what the bot tried, from the steps of its turns (no model). Shown by
    :func:`bot.usecases.handoff_summary.lines`.
    """

    wishes: tuple[tuple[str, str], ...] = ()
    """(intent, service or empty), first to last, each once."""
    tried: tuple[tuple[str, str, str], ...] = ()
    """(intent or local handler, service or empty, outcome) of the last turns; ``outcome`` of
    :class:`bot.usecases.steps.Outcome` or ``missed``: not understood.
    """
    service: str | None = None
    """The form that is open."""
    step: tuple[int, int] | None = None
    """(n, of) of its question."""
    last_words: tuple[str, ...] = ()
    """The citizen's last texts, newest last."""

    def to_json(self) -> dict[str, Any]:
        """As sealed with the ticket."""
        return {
            "wishes": [list(one) for one in self.wishes],
            "tried": [list(one) for one in self.tried],
            "service": self.service,
            "step": list(self.step) if self.step else None,
            "last_words": list(self.last_words),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Summary:
        """The inverse of :meth:`to_json`."""
        step = data.get("step")
        return cls(
            wishes=tuple((str(a), str(b)) for a, b in data.get("wishes", ())),
            tried=tuple((str(a), str(b), str(c)) for a, b, c in data.get("tried", ())),
            service=data.get("service"),
            step=(int(step[0]), int(step[1])) if step else None,
            last_words=tuple(str(words) for words in data.get("last_words", ())),
        )


@dataclass
class Ticket:
    """A request for a person (table ``ticket``)."""

    id: UUID
    number: str
    conversation_id: UUID
    locus: str
    reason: str
    """The wish or code behind ``trigger``, e.g. ``talk_to_human``."""
    state: str
    """A :class:`TicketState`."""
    created_at: datetime
    agent: str | None = None
    """Username of who holds it; of who held it last, when closed."""
    claimed_at: datetime | None = None
    """When it was first claimed: the waiting time."""
    closed_at: datetime | None = None
    trigger: str = Trigger.ASKED.value
    priority: int = Priority.NORMAL
    vulnerable: str = ""
    """Why ``VULNERABLE``: ``age``, ``disability``, ``pregnancy`` or ``illness``."""
    language: str = "id"
    service: str | None = None
    """Slug of the service or form it is about."""
    case_id: UUID | None = None
    team: str | None = None
    """Id of a team of the locus (``data/loci`` ``teams``)."""
    skills: tuple[str, ...] = ()
    """What an agent has to know, as in :attr:`Agent.skills`; empty: nothing in particular."""
    assigned: str | None = None
    """Username of the colleague it is meant for (transferred, snoozed, re-assigned) while it is queued."""
    desk: str | None = None
    """Id of the outside desk that answers it; None: this console."""
    lease_no: int = 0
    """Grows with every claim: fences what an agent writes."""
    lease_until: datetime | None = None
    snoozed_until: datetime | None = None
    waiting_for: str = Waits.AGENT.value
    first_reply_at: datetime | None = None
    last_citizen_at: datetime | None = None
    last_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    rating: int | None = None
    """1 (very poor) to 5 (very good), given once."""
    rated_at: datetime | None = None
    told_at: datetime | None = None
    """When the citizen last heard of the place in line."""
    told_place: int | None = None
    told_times: int = 0
    lost: int = 0
    """Leases that ran out because the agent vanished."""
    summary: dict[str, Any] = field(default_factory=dict)
    """JSON of :class:`Summary`, stored sealed."""

    def held(self, agent: str, lease_no: int | None, now: datetime) -> bool:
        """Whether ``agent`` holds it now, under that lease (None: whichever is theirs)."""
        alive = self.lease_until is not None and self.lease_until > now
        fits = lease_no is None or lease_no == self.lease_no
        return self.state == TicketState.CLAIMED and self.agent == agent and fits and alive

    def snoozed(self, now: datetime) -> bool:
        """Whether it sleeps."""
        return self.snoozed_until is not None and self.snoozed_until > now

    def first(self) -> tuple[int, datetime]:
        """Sorts a queue: priority, then the oldest."""
        return -self.priority, self.created_at


class Did(StrEnum):
    """What happened in a handoff (``handoff_event.event``)."""

    OFFERED = "offered"
    QUEUED = "queued"
    RAISED = "raised"
    """A second reason made it more urgent."""
    CLAIMED = "claimed"
    RELEASED = "released"
    LOST = "lost"
    """The lease ran out."""
    TAKEN_OVER = "taken_over"
    TRANSFERRED = "transferred"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RETURNING = "returning"
    RETURNED = "returned"
    """The bot has it again."""
    LEFT = "left"
    """The citizen wanted the bot back."""
    SILENT = "silent"
    """Closed because the citizen said nothing more."""
    FILLED = "filled"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    RATED = "rated"
    FELL_BACK = "fell_back"
    """The outside desk was away too long: our own has it."""
    REOPENED = "reopened"
    """By an agent of the outside desk."""


@dataclass(frozen=True)
class Event:
    """One thing that happened; ``actor`` is a username, ``citizen``, ``bot`` or ``desk`` (the sweep). Nothing personal in
    ``detail``.
    """

    conversation_id: UUID
    ticket_id: UUID | None
    at: datetime
    actor: str
    event: str
    before: str
    """Holder before."""
    after: str
    why: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


class TicketConflict(Conflict):
    """The ticket moved on under the caller. ``holder``: username of who has it now, empty: nobody. ``why``: ``held`` (by
    somebody else), ``lost`` (the lease ran out), ``closed``, ``answered`` (a colleague's reply came in between; ``seq`` is its
    place in the thread), ``full`` (as many as one may have), ``busy`` (asleep, or at an outside desk).
    """

    def __init__(self, why: str, holder: str = "", seq: int | None = None) -> None:
        super().__init__(f"ticket {why}", holder=holder, why=why)
        self.why = why
        self.holder = holder
        self.seq = seq


@dataclass(frozen=True)
class DeskPolicy:
    """Numbers an installation may choose."""

    lease: timedelta = timedelta(seconds=90)
    """A claim ends so long after the console's last sign of life."""
    silent: timedelta = timedelta(hours=24)
    """A conversation in which the citizen owes an answer is closed with a word after this time."""
    away: timedelta = timedelta(minutes=5)
    """An outside desk that does not answer for so long loses the conversation to our own."""
    news: timedelta = timedelta(minutes=5)
    """The place in line is told at most this often."""
    most_news: int = 3
    measured: timedelta = timedelta(hours=4)
    """Waiting times are taken from claims this long ago at most."""
    elderly: int = 60
    """From this age on somebody is served first (UU 13/1998 pasal 1: lanjut usia is 60 and older)."""


LEGAL: Mapping[Holder, frozenset[Holder]] = {
    Holder.BOT: frozenset({Holder.QUEUED, Holder.AGENT}),
    Holder.QUEUED: frozenset({Holder.AGENT, Holder.BOT}),
    Holder.AGENT: frozenset({Holder.AGENT, Holder.QUEUED, Holder.RETURNING}),
    Holder.RETURNING: frozenset({Holder.BOT, Holder.QUEUED, Holder.AGENT}),
}
"""What may follow what. ``AGENT -> BOT`` only by way of RETURNING, which may be over within the same transaction."""

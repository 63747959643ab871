"""What a citizen may ask about their data (UU 27/2022 ps 5-13), the 3x24-hour clock, and what an erasure leaves.

Facts: research of the project, domain.md 4.6 (ps 30, 40, 41, 46: 3x24 hours; ps 43-44: erase; ps 25: children).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from bot.domain.application import TERMINAL
from bot.domain.conversation import Case, Citizen, Conversation

CLOCK = timedelta(hours=72)
"""3x24 hours from the request (or from the discovery of a breach)."""
WARNING = timedelta(hours=24)
"""So long before the end of the clock the data officer is warned."""
CONFIRM = timedelta(minutes=30)
"""So long the question "really erase?" may be answered."""
LINK_LIFE = timedelta(hours=1)
"""How long a link to one's own data lives."""
LINKS_PER_DAY = 5
SHELL = timedelta(hours=24)
"""After an erasure the confirmation stays readable for so long; then the address of the chat goes, too."""
PROVEN = 3
_GROWN = 18
_TEMPORARY = frozenset({"antrean", "antrean-ganti", "jemput-bola", "profil"})
"""Forms that no archive law asks for: once they are over nothing of them has to stay."""


class Kind(StrEnum):
    """The rights."""

    SEE = "see"
    EXPORT = "export"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    OBJECT = "object"
    CHILD = "child"
    """Of a guardian, about a child's data."""


class State(StrEnum):
    """Of a request."""

    ASKED = "asked"
    """The question "really?" was put; not counted, forgotten after a day."""
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class Time(StrEnum):
    """How a clock stands."""

    FINE = "fine"
    SOON = "soon"
    LATE = "late"
    STOPPED = "stopped"


def time_left(due: datetime, now: datetime, settled: datetime | None = None) -> Time:
    """How a 3x24-hour clock stands. Settled late stays late."""
    if settled is not None:
        return Time.LATE if settled > due else Time.STOPPED
    if now >= due:
        return Time.LATE
    return Time.SOON if due - now <= WARNING else Time.FINE


@dataclass
class DataRequest:
    """One request. ``outcome``: counts and codes, nothing personal; ``words``: the citizen's own, where they said some."""

    id: UUID
    number: str
    locus: str
    kind: Kind
    state: State
    conversation_id: UUID | None
    citizen_id: UUID | None
    asked_at: datetime
    due_at: datetime
    words: str = ""
    outcome: dict[str, Any] = field(default_factory=dict)
    warned_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None

    def time(self, now: datetime) -> Time:
        """How its clock stands."""
        return time_left(self.due_at, now, self.settled_at)


@dataclass
class Breach:
    """One entry of the breach register. ``body``: ``what``, ``data``, ``how``, ``done``, in the officer's words."""

    id: UUID
    locus: str
    made_by: str
    body: dict[str, str]
    found_at: datetime
    created_at: datetime
    people: int | None = None
    happened_at: datetime | None = None
    people_told_at: datetime | None = None
    authority_told_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """Until when the people concerned and the authority have to know (ps 46)."""
        return self.found_at + CLOCK

    def time(self, now: datetime) -> Time:
        """How its clock stands: it runs until both are told."""
        told = self.people_told_at and self.authority_told_at and max(self.people_told_at, self.authority_told_at)
        return time_left(self.due_at, now, told or None)


@dataclass(frozen=True)
class Whose:
    """Everything that belongs to the person who speaks in ``here``, as far as proven there."""

    here: Conversation
    conversations: tuple[Conversation, ...]
    """Here and those connected with it."""
    cases: tuple[Case, ...]
    citizen_id: UUID | None
    """The proven one."""
    proven: bool
    """Whether they may see and erase: a NIK in play asks for a verified face; without one the chat itself is enough."""

    @property
    def ids(self) -> list[UUID]:
        """Of the conversations."""
        return [one.id for one in self.conversations]


@dataclass(frozen=True)
class Sorted:
    """Cases of somebody who wants everything erased."""

    goes: tuple[Case, ...]
    stays: tuple[Case, ...]

    @property
    def running(self) -> bool:
        """Whether something that stays is not over yet, so that its news has to reach the person."""
        return any(case.state not in TERMINAL for case in self.stays)


def sort_out(cases: Iterable[Case]) -> Sorted:
    """What goes: drafts, and tickets and visits that are over. What was handed to an agency stays (ps 44, archive law)."""
    goes: list[Case] = []
    stays: list[Case] = []
    for case in cases:
        over = case.service in _TEMPORARY and case.state in TERMINAL
        (goes if case.reference is None or over else stays).append(case)
    return Sorted(tuple(goes), tuple(stays))


def papers_in(draft: Mapping[str, Any]) -> list[UUID]:
    """The files among a draft's answers."""
    values = [value for value in draft.get("answers", {}).values() if isinstance(value, dict) and value.get("id")]
    return [UUID(str(value["id"])) for value in values]


def is_child(born: date, today: date) -> bool:
    """Younger than 18, the age that population law asks for a KTP-el's full rights of."""
    birthday_passed = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if birthday_passed else 1) < _GROWN


def same_family_card(one: Citizen, other: Citizen) -> bool:
    """Whether both stand on one family card, as far as the register's copies say."""
    card = str(one.data.get("no_kk") or "")
    return bool(card) and card == str(other.data.get("no_kk") or "")


def may_speak_for(guardian: Citizen, child: Citizen, today: date) -> bool:
    """Whether a grown-up may ask for a child of their family card without a person looking at papers."""
    grown = not is_child(guardian.birth_date, today)
    return grown and is_child(child.birth_date, today) and same_family_card(guardian, child)

"""What the use cases need of an agency, as protocols (part of :mod:`bot.ports`, which passes them on).

:class:`Agency` is what every one of them can be asked for. What only some can do is a protocol of its own; a manifest names it as
a capability, and the registry refuses an adapter that promises what it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from bot.domain.messages import FileRef
from bot.domain.working_hours import WorkingHours


@dataclass(frozen=True)
class AgencyManifest:
    """``integrations/<id>/manifest.yml``."""

    id: str
    name: str
    capabilities: frozenset[str]
    """Of ``bot.registry.CAPABILITIES``. Without ``status`` and ``callback`` an officer has to set the state by hand."""
    services: tuple[str, ...]
    settings: tuple[str, ...]
    timeout_s: float
    public_specification: str
    """Address of the agency's specification, or why there is none."""
    hours: WorkingHours | None = None
    """When it may be called. Outside, calls raise ``AgencyUnavailable`` with ``closed=True`` and ``after`` (seconds until it
    opens): nothing is broken, the errand waits. None: at any time."""
    options: tuple[str, ...] = ()
    """Settings it gets where they are filled, and does without."""


@dataclass(frozen=True)
class Person:
    """What the civil register says of one NIK; keys of ``data`` are the form's field paths of a person (``nama``, ``nik``, ``no_kk``…)."""

    nik: str
    name: str
    birth_date: date
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """An application as an agency gets it. ``key`` is the idempotency key: the same key never makes a second case."""

    key: str
    reference: str
    service: str
    data: dict[str, Any]
    files: tuple[tuple[FileRef, bytes, str], ...] = ()
    """(file, content, document field path)."""
    callback_url: str = ""
    variant: str = ""
    """Which way of needing the service: a variant's id of the catalogue."""
    ending: str = "submission"
    """``submission``, or ``booking``: the citizen asks for a visit, the agency answers with day and hour."""


@dataclass(frozen=True)
class AgencyStatus:
    """The agency's word about a case, already in our states (see :mod:`bot.domain.application`)."""

    agency_ref: str
    state: str
    at: datetime
    key: str
    """Unique per change: a repeated push carries the same key."""
    note: str | None = None
    """Reason of a refusal, or all deficiencies that ask for a repair."""
    fields: tuple[str, ...] = ()
    """Field paths to be repaired."""
    document: bool = False
    """A finished document can be fetched."""
    valid_until: date | None = None
    """Last day of an issued document, where it has one."""
    reference: str | None = None
    """Our own number, if the agency repeats it (finds the case whose acceptance was lost on the way)."""


@runtime_checkable
class Agency(Protocol):
    """One agency; one folder of ``integrations/``. Unsupported calls raise ``AgencyError`` (see ``capabilities``)."""

    manifest: AgencyManifest

    async def lookup(self, nik: str) -> Person | None:
        """The person with that NIK, or None.

        :raises bot.errors.AgencyUnavailable: try later.
        """
        ...

    async def faces(self, nik: str) -> list[bytes]:
        """The enrolled pictures of that NIK (JPEG), possibly none."""
        ...

    async def submit(self, submission: Submission) -> str:
        """Hand in; returns the agency's reference. Safe to repeat under the same key.

        :raises bot.errors.AgencyUnavailable: outcome unknown or down: repeat under the same key.
        :raises bot.errors.AgencyError: refused for good.
        """
        ...

    async def status(self, agency_ref: str) -> list[AgencyStatus]:
        """Every change so far, oldest first."""
        ...

    def verify_callback(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """Whether a pushed status really comes from the agency (HMAC over time stamp and body, constant time)."""
        ...

    def parse_callback(self, body: bytes) -> AgencyStatus:
        """The status in a verified push."""
        ...

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        """Name and content of the finished PDF."""
        ...

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        """Hand in the repaired data of a case in ``perlu_perbaikan``."""
        ...

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        """Withdraw a case."""
        ...

    async def check(self) -> list[str]:
        """What is wrong with settings, connection or credentials; empty when all is well."""
        ...


# -- what only some agencies can do ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FaceAnswer:
    """An agency's own word about one face; pictures are not kept there on our behalf."""

    outcome: str
    """``match``, ``officer`` (too close to say) or ``no_match``, by the thresholds of the adapter's settings."""
    score: float | None = None
    """As the agency counts; only for the audit."""
    transaction: str = ""
    """The agency's own number of the comparison."""


@dataclass(frozen=True)
class Slot:
    """A time at a counter, or of a visit, that can still be booked."""

    id: str
    starts_at: datetime
    ends_at: datetime
    free: int
    """Places left for people who book; the share of walk-ins is not among them."""
    place: str = ""
    """Counter, or village of a jemput bola visit."""


@runtime_checkable
class Reconciles(Protocol):
    """Capability ``find``: an agency that can be asked whether a submission arrived."""

    async def find(self, key: str, reference: str) -> str | None:
        """The agency's number of the case handed in under that idempotency key or our reference; None: it never arrived.

        :raises bot.errors.AgencyUnavailable: nobody knows yet.
        """
        ...


@runtime_checkable
class VerifiesElements(Protocol):
    """Capability ``verify``: the agency says whether data are those it has, without giving them away."""

    async def verify(self, nik: str, elements: Mapping[str, str]) -> Mapping[str, bool]:
        """For each element (field paths of a person, such as ``nama``, ``tanggal_lahir``) whether it agrees. Unknown NIK: all False."""
        ...


@runtime_checkable
class MatchesFaces(Protocol):
    """Capability ``match``: the agency compares a face with the one it has (1:1)."""

    async def match(self, nik: str, picture: bytes, consent: str, at: datetime) -> FaceAnswer:
        """``consent``: id of the receipt; ``at``: when the person agreed."""
        ...


@runtime_checkable
class OffersSlots(Protocol):
    """Capability ``slots``: times that can be booked, moved and given back."""

    async def slots(self, what: str, place: str, first: date, last: date) -> list[Slot]:
        """Free times for a service (slug) at a place, in order."""
        ...

    async def move(self, agency_ref: str, slot_id: str, key: str) -> Slot:
        """Another time for a booking; safe to repeat under the same key.

        :raises bot.errors.AgencyError: that time is taken (status 409).
        """
        ...


@dataclass(frozen=True)
class Place:
    """A ticket of a counter queue as it stands now."""

    number: str
    """Counter letter and number, e.g. ``A-012``."""
    counter: str
    place: str
    starts_at: datetime
    state: str
    """``waiting``, ``soon``, ``called``, ``served``, ``missed`` or ``cancelled``."""
    ahead: int
    """People with a lower number who still wait."""
    serving: str = ""
    """The number called last at that counter on that day; empty: nobody was called yet."""
    expected_at: datetime | None = None
    """When it will probably be called."""


@runtime_checkable
class TellsPlace(Protocol):
    """Capability ``tickets``: what became of a booked time: number, place in the line, expected time."""

    async def ticket(self, agency_ref: str) -> Place:
        """The ticket of a booking."""
        ...


@runtime_checkable
class ChecksIn(Protocol):
    """Capability ``checkin``: somebody with a ticket has arrived."""

    async def check_in(self, code: str, key: str) -> Place:
        """``code``: the agency's number of the booking, or what its own ticket says (QR, number). Safe to repeat.

        :raises bot.errors.AgencyError: no such ticket (status 404); not now (409, the reasons name ``early`` or ``over``).
        """
        ...


@runtime_checkable
class TakesWords(Protocol):
    """Capability ``words``: further words to a case, both ways (complaints)."""

    async def add(self, agency_ref: str, text: str, files: Sequence[tuple[FileRef, bytes]], key: str) -> None:
        """The citizen adds something to an open case."""
        ...


@runtime_checkable
class Closable(Protocol):
    """Capability ``close``: the citizen's word that it is done, or is not."""

    async def close_case(self, agency_ref: str, key: str) -> None:
        """The citizen confirms that the matter is settled."""
        ...

    async def reopen(self, agency_ref: str, reason: str, key: str) -> None:
        """The citizen says that it is not settled; the agency takes the case up again."""
        ...

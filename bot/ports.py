"""What the use cases need from the outside, as protocols. Adapters live in ``storage``, ``dialogue``, ``channels``, ``integrations``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.domain.liveness import Pose
from bot.ports_agency import (
    Agency,
    AgencyManifest,
    AgencyStatus,
    ChecksIn,
    Closable,
    FaceAnswer,
    MatchesFaces,
    OffersSlots,
    Person,
    Place,
    Reconciles,
    Slot,
    Submission,
    TakesWords,
    TellsPlace,
    VerifiesElements,
)
from bot.ports_channel import (
    Channel,
    ChannelAccount,
    ChannelManifest,
    Explains,
    Introduces,
    Polled,
    Recovers,
    Sent,
    Templated,
    WebhookRequest,
)

# Passed on, so that everything that is a port is found here.
__all__ = [
    "Agency",
    "AgencyManifest",
    "AgencyStatus",
    "Channel",
    "ChannelAccount",
    "ChannelManifest",
    "ChecksIn",
    "Closable",
    "Explains",
    "FaceAnswer",
    "Introduces",
    "MatchesFaces",
    "OffersSlots",
    "Person",
    "Place",
    "Polled",
    "Reconciles",
    "Recovers",
    "Sent",
    "Slot",
    "Submission",
    "TakesWords",
    "TellsPlace",
    "Templated",
    "VerifiesElements",
    "WebhookRequest",
]


class Clock(Protocol):
    """The only source of time. Tests move it."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class Texts(Protocol):
    """Sentences of ``data/messages``; a key missing in ``language`` falls back to Indonesian."""

    def say(self, key: str, language: str, **params: Any) -> str:
        """The sentence with ``params`` filled in.

        :raises KeyError: no such key in Indonesian (a test forbids it).
        """
        ...

    def has(self, key: str) -> bool:
        """Whether the key exists in Indonesian."""
        ...


# -- pictures and faces -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CleanFile:
    """A file made safe: sniffed by content, an image re-encoded upright without EXIF."""

    data: bytes
    type: str
    """``image/jpeg`` or ``application/pdf``."""
    width: int | None = None
    height: int | None = None


class Media(Protocol):
    """Makes uploaded files safe, in a process of its own with limits on size, pixels, memory and time."""

    async def clean(self, data: bytes) -> CleanFile:
        """:raises bot.errors.RejectedFile: too big (413), a type not allowed (415), broken, encrypted or a bomb (422)."""
        ...


@dataclass(frozen=True)
class FaceVerdict:
    """Outcome of one 1:1 comparison. The person is never told the score."""

    outcome: str
    """``match``, ``officer`` (borderline: a person decides), ``no_match`` or ``unusable`` (see ``problem``)."""
    problem: str | None = None
    """Text key of what was wrong with the picture: ``face.none``, ``face.several``, ``face.small``, ``face.blurred``,
    ``face.dark``, ``face.bright``, ``face.flat``, ``face.turned``…"""
    score: float | None = None
    """Smaller is more alike: a distance, or normalised by the cohort (``mode`` then says so)."""
    mode: str = ""
    """Row of the threshold table, e.g. ``1x1``."""
    model: str = ""
    """First characters of the model's SHA-256."""
    perceptual_hash: str | None = None
    """Of the probe, 64 hex digits, to notice the same picture again."""
    poses: tuple[Pose, ...] = ()
    """Of each probe, in order."""
    hashes: tuple[str | None, ...] = ()
    """Perceptual hashes of all probes, in order."""
    nearest: float | None = None
    """Smallest distance of a probe to one single enrolled picture: next to nothing means that very picture."""
    apart: float | None = None
    """Smallest distance between two probes."""
    strong: bool = False
    """So clear a match that the probes may be added to the template."""


@dataclass(frozen=True)
class Look:
    """What can be said of one picture without comparing it."""

    problem: str | None = None
    """As in :class:`FaceVerdict`; None: usable."""
    pose: Pose | None = None
    perceptual_hash: str | None = None


class FaceMatcher(Protocol):
    """1:1 comparison only, never a search. Runs in processes of its own."""

    @property
    def model(self) -> str:
        """Names engine and model: a template of another one has to be made anew."""
        ...

    @property
    def sees_mouth(self) -> bool:
        """Whether poses tell how far the mouth is open."""
        ...

    async def enrol(self, pictures: Sequence[bytes]) -> bytes:
        """A template of one person from one or more pictures (opaque bytes, to be stored encrypted).

        :raises bot.errors.RejectedFile: no usable face in any picture.
        """
        ...

    async def verify(self, template: bytes, probes: Sequence[bytes]) -> FaceVerdict:
        """Compare probe pictures with the enrolled template."""
        ...

    async def look(self, picture: bytes) -> Look:
        """Quality and pose of one picture."""
        ...

    async def extend(self, template: bytes, pictures: Sequence[bytes]) -> bytes:
        """The template with further pictures of the same person, as far as there is room; the first ones stay."""
        ...


# -- dialogue -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Understanding:
    """What Rasa read in one text."""

    text: str
    intent: str
    confidence: float
    service: str | None
    ranking: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class TurnRequest:
    """One step of the dialogue. Holds no personal data: ``message`` is masked text or ``/intent``."""

    conversation: str
    message: str
    inbox_id: int
    lease_no: int
    before: str
    """Mark of the last turn whose outcome was committed; a tracker that stands elsewhere is rebuilt."""
    mark: str
    """Mark of this turn (new for each try)."""
    form_active: bool
    """Where a rebuilt tracker has to stand."""


class Dialogue(Protocol):
    """Rasa, seen from the gateway."""

    async def turn(self, request: TurnRequest) -> list[str]:
        """Run the turn; returns the references of the step results to show, in order.

        :raises bot.errors.DialogueUnavailable: not reachable or not ready.
        :raises bot.errors.EmptyTurn: nothing came back.
        """
        ...

    async def parse(self, text: str) -> Understanding:
        """Understand one masked text without touching any conversation.

        :raises bot.errors.DialogueUnavailable: not reachable or not ready.
        """
        ...


# -- secrets ------------------------------------------------------------------------------------------------------------


class Cipher(Protocol):
    """AES-256-GCM with a key ring; ``context`` is bound as associated data (table, column, row)."""

    def seal(self, data: bytes, context: str) -> bytes:
        """Encrypt under the current key; the key's id travels with the result."""
        ...

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt.

        :raises bot.errors.LoketError: unknown key id or wrong context.
        """
        ...

    def blind_index(self, value: str, context: str) -> bytes:
        """HMAC of a normalised value, for look-up and uniqueness."""
        ...

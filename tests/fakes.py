"""Stand-ins for the ports, readable at a glance. A test says what they hold and looks at what they got."""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import AgencyUnavailable, RejectedFile
from bot.ports import AgencyManifest, AgencyStatus, FaceVerdict, Person, Submission, TurnRequest, Understanding


@dataclass
class FixedClock:
    """Stands still until it is moved."""

    at: datetime = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **delta: float) -> datetime:
        """Forward by ``timedelta(**delta)``."""
        self.at += timedelta(**delta)
        return self.at


@dataclass
class FakeTexts:
    """Says the key and its parameters: tests see which sentence was chosen, whatever its wording is today."""

    def say(self, key: str, language: str, **params: Any) -> str:
        said = ", ".join(f"{name}={value}" for name, value in sorted(params.items()))
        return f"[{key}]" if not said else f"[{key} {said}]"

    def has(self, key: str) -> bool:
        return True


@dataclass
class FakeAgency:
    """An agency with a civil register and a desk. ``down`` makes every call fail as an outage does."""

    people: dict[str, Person] = field(default_factory=dict)
    pictures: dict[str, list[bytes]] = field(default_factory=dict)
    statuses: dict[str, list[AgencyStatus]] = field(default_factory=dict)
    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    down: bool = False
    submitted: dict[str, Submission] = field(default_factory=dict)
    """By idempotency key: repeating one changes nothing."""
    repaired: list[tuple[str, Submission]] = field(default_factory=list)
    cancelled: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    manifest: AgencyManifest = field(
        default_factory=lambda: AgencyManifest(
            id="dukcapil",
            name="Dukcapil (fake)",
            capabilities=frozenset(
                {"lookup", "verify", "faces", "submit", "status", "callback", "document", "repair", "cancel"}
            ),
            services=("akta-kelahiran",),
            settings=(),
            timeout_s=1.0,
            public_specification="none: a fake",
        )
    )

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise AgencyUnavailable("the fake agency is down")

    async def lookup(self, nik: str) -> Person | None:
        self._called("lookup")
        return self.people.get(nik)

    async def faces(self, nik: str) -> list[bytes]:
        self._called("faces")
        return list(self.pictures.get(nik, ()))

    async def submit(self, submission: Submission) -> str:
        self._called("submit")
        self.submitted.setdefault(submission.key, submission)
        return f"AG-{list(self.submitted).index(submission.key) + 1:04d}"

    async def status(self, agency_ref: str) -> list[AgencyStatus]:
        self._called("status")
        return list(self.statuses.get(agency_ref, ()))

    def verify_callback(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        return headers.get("X-Fake-Signature") == "right"

    def parse_callback(self, body: bytes) -> AgencyStatus:
        data = json.loads(body)
        data |= {"at": datetime.fromisoformat(data["at"]), "fields": tuple(data.get("fields", ()))}
        return AgencyStatus(**data)

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        self._called("document")
        return self.documents[agency_ref]

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        self._called("repair")
        self.repaired.append((agency_ref, submission))

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        self._called("cancel")
        self.cancelled.append((agency_ref, reason, key))

    async def check(self) -> list[str]:
        return ["down"] if self.down else []


@dataclass
class FakeFaces:
    """Gives ``verdicts`` in turn, then the last one for ever. Enrolling pictures of nobody (``b""``) is refused."""

    verdicts: list[FaceVerdict] = field(default_factory=lambda: [FaceVerdict("match", score=0.2, mode="1x1")])
    enrolled: list[tuple[bytes, ...]] = field(default_factory=list)
    verified: list[tuple[bytes, tuple[bytes, ...]]] = field(default_factory=list)

    async def enrol(self, pictures: Sequence[bytes]) -> bytes:
        usable = tuple(picture for picture in pictures if picture)
        if not usable:
            raise RejectedFile("face.none", 422)
        self.enrolled.append(usable)
        return b"template:" + b"|".join(usable)[:64]

    async def verify(self, template: bytes, probes: Sequence[bytes]) -> FaceVerdict:
        self.verified.append((template, tuple(probes)))
        return self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]


Turns = Callable[[TurnRequest], Awaitable[list[str]]]


@dataclass
class FakeDialogue:
    """Rasa without Rasa. ``on_turn`` plays the dialogue (mostly: calls ``Steps.run`` and returns the references);
    ``understands`` maps texts to (intent, confidence, service)."""

    on_turn: Turns | None = None
    understands: dict[str, tuple[str, float, str | None]] = field(default_factory=dict)
    turns: list[TurnRequest] = field(default_factory=list)
    parsed: list[str] = field(default_factory=list)

    async def turn(self, request: TurnRequest) -> list[str]:
        self.turns.append(request)
        return await self.on_turn(request) if self.on_turn else []

    async def parse(self, text: str) -> Understanding:
        self.parsed.append(text)
        intent, confidence, service = self.understands.get(text, ("out_of_scope", 0.3, None))
        return Understanding(text, intent, confidence, service, ((intent, confidence),))


_numbers = itertools.count(1)


def invented_nik(birth: datetime | None = None, serial: int | None = None) -> str:
    """A NIK of nobody: the district 33.28.99 does not exist."""
    day = (birth or datetime(1990, 1, 1, tzinfo=UTC)).strftime("%d%m%y")
    return f"332899{day}{serial or next(_numbers):04d}"

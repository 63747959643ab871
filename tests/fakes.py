"""Stand-ins for the ports, readable at a glance. A test says what they hold and looks at what they got."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.liveness import Pose
from bot.domain.messages import (
    Event,
    Inbound,
    MediaRef,
    Outgoing,
    Receipt,
    Standing,
    StandingChange,
    Unread,
)
from bot.errors import AgencyUnavailable, InvalidMessage, RejectedFile
from bot.ports import (
    AgencyManifest,
    AgencyStatus,
    ChannelAccount,
    ChannelManifest,
    FaceVerdict,
    Look,
    Person,
    Sent,
    Submission,
    TurnRequest,
    Understanding,
    WebhookRequest,
)


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
    looks: list[Look] = field(default_factory=lambda: [Look(None, Pose(0.0, 0.0))])
    model: str = "fake"
    sees_mouth: bool = True

    async def enrol(self, pictures: Sequence[bytes]) -> bytes:
        usable = tuple(picture for picture in pictures if picture)
        if not usable:
            raise RejectedFile("face.none", 422)
        self.enrolled.append(usable)
        return b"template:" + b"|".join(usable)[:64]

    async def verify(self, template: bytes, probes: Sequence[bytes]) -> FaceVerdict:
        self.verified.append((template, tuple(probes)))
        return self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]

    async def look(self, picture: bytes) -> Look:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    async def extend(self, template: bytes, pictures: Sequence[bytes]) -> bytes:
        return template + b"|".join(pictures)[:64]


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


SIGNED = {"X-Fake-Signature": "right", "Content-Type": "application/json"}
"""Headers that a webhook of :class:`FakeChannel` carries."""


def fake_manifest(**changes: Any) -> ChannelManifest:
    """Of a push channel with three buttons, like WhatsApp."""
    values: dict[str, Any] = {"id": "fake", "name": "Fake", "pull": False, "buttons": 3, "text_limit": 1000}
    return ChannelManifest(**{**values, "attachments": True, **changes})


@dataclass
class FakeChannel:
    """A push channel with a provider that does as it is told.

    A webhook is JSON: an event or a list of them, each with the attributes of :class:`Inbound` (``id`` for
    ``external_id``, ``from`` for ``sender``), or ``{"receipt": id, "state": …}``, or ``{"standing": …, "from": …}``.
    """

    manifest: ChannelManifest = field(default_factory=fake_manifest)
    accounts: Mapping[str, ChannelAccount] = field(
        default_factory=lambda: {"fake:1": ChannelAccount("fake:1", "33.28", "one", "@fake")}
    )
    outcomes: list[Exception | None] = field(default_factory=list)
    """What the next sends run into, in order; None: nothing. Then all is well."""
    sent: list[tuple[str, str, Outgoing]] = field(default_factory=list)
    """(account, recipient, message) of every send that arrived."""
    tried: list[Outgoing] = field(default_factory=list)
    """Every send, arrived or not."""
    before: Sent | None = None
    """What :meth:`sent_before` knows."""
    files: dict[str, bytes | Exception] = field(default_factory=dict)
    """Content by id of the media; an exception is raised once and then gone."""
    fetched: list[str] = field(default_factory=list)
    acknowledged: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """(recipient, mark, pressed) of every :meth:`seen`."""
    polls: bool = False
    waiting: list[Sequence[Event]] = field(default_factory=list)
    """What :meth:`poll` gives, batch by batch; the first one again until :meth:`polled`."""
    closed: bool = False

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        names = {name.lower(): value for name, value in request.headers.items()}
        return names.get("x-fake-signature") == "right"

    def parse(self, account: ChannelAccount, request: WebhookRequest, at: datetime) -> Sequence[Event]:
        try:
            data = json.loads(request.body)
        except ValueError as error:
            raise InvalidMessage("error.not_json", 400) from error
        return [e for one in (data if isinstance(data, list) else [data]) if (e := self._event(account.id, one, at))]

    def _event(self, account: str, data: dict[str, Any], at: datetime) -> Event | None:
        if "receipt" in data:
            return Receipt(account, data["receipt"], data["state"], at, data.get("error_code"))
        if "standing" in data:
            return StandingChange(account, data["from"], Standing(data["standing"]), at)
        if "id" not in data:
            return None
        more: dict[str, Any] = {key: value for key, value in data.items() if key not in ("id", "from")}
        for key, kind in (("unread", Unread), ("location", tuple), ("aliases", tuple)):
            if key in more:
                more[key] = kind(more[key])
        if "media" in more:
            more["media"] = MediaRef(**more["media"])
        return Inbound(account, data["id"], data["from"], at, **more)

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        self.tried.append(message)
        problem = self.outcomes.pop(0) if self.outcomes else None
        if problem is not None:
            raise problem
        self.sent.append((account.id, recipient, message))
        return Sent(f"FM{len(self.sent):04d}")

    async def fetch(self, account: ChannelAccount, media: MediaRef, most_bytes: int) -> bytes:
        self.fetched.append(media.id)
        content = self.files.get(media.id, RejectedFile("file.gone", 422))
        if isinstance(content, Exception):
            self.files.pop(media.id, None)
            raise content
        if len(content) > most_bytes:
            raise RejectedFile("file.too_big", 413, megabytes=most_bytes // 1_000_000)
        return content

    async def seen(self, account: ChannelAccount, recipient: str, mark: str | None, pressed: str | None) -> None:
        self.acknowledged.append((recipient, mark, pressed))

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        return None if self.before is not None and self.before.external_id in known else self.before

    async def setup(self, public_url: str) -> list[str]:
        return [f"webhook: {public_url}"]

    async def check(self) -> list[str]:
        return []

    async def close(self) -> None:
        self.closed = True

    async def poll(self, account: ChannelAccount, at: datetime) -> Sequence[Event]:
        if not self.waiting:
            await asyncio.sleep(0.02)
            return []
        return self.waiting[0]

    async def polled(self, account: ChannelAccount) -> None:
        del self.waiting[:1]


_numbers = itertools.count(1)


def invented_nik(birth: datetime | None = None, serial: int | None = None) -> str:
    """A NIK of nobody: the district 33.28.99 does not exist."""
    day = (birth or datetime(1990, 1, 1, tzinfo=UTC)).strftime("%d%m%y")
    return f"332899{day}{serial or next(_numbers):04d}"

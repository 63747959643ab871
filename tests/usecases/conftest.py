"""A whole Loket in one process: real PostgreSQL, real catalogue and form, rules in place of Rasa."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.domain.conversation import Conversation
from bot.domain.liveness import Pose
from bot.ports import AgencyManifest, AgencyStatus, FaceVerdict, Look, Person, Submission
from bot.storage.crypto import KeyRing, new_key
from bot.storage.inbox import InboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.usecases.converse import Converse
from bot.usecases.deps import Deps
from bot.usecases.dialogue_steps import DialogueSteps
from bot.usecases.receive import open_web_session, receive_web
from tests.content import catalogue, texts
from tests.usecases.rules_dialogue import RulesDialogue

DATA = Path(__file__).parents[2] / "data"
CATALOGUE = catalogue()
TEXTS = texts()
NIK = "3328991708900001"
BORN = date(1990, 8, 17)


class MovableClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


class RegisterAgency:
    """An agency in memory that remembers what it was given."""

    manifest = AgencyManifest(
        "dukcapil",
        "Dukcapil",
        frozenset({"lookup", "faces", "submit", "status", "callback", "document", "repair", "cancel"}),
        (),
        (),
        1.0,
        "none: a fake",
    )

    def __init__(self) -> None:
        self.people = {
            NIK: Person(
                NIK,
                "Karso Wijaya",
                BORN,
                {"nama": "Karso Wijaya", "nik": NIK, "no_kk": "3328992501150001", "kewarganegaraan": "WNI",
                 "tempat_lahir": "Tegal", "tanggal_lahir": BORN.isoformat()},
            )
        }  # fmt: skip
        self.submitted: dict[str, Submission] = {}
        self.repaired: list[Submission] = []
        self.error: Exception | None = None
        self.history: list[AgencyStatus] = []

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error

    async def lookup(self, nik: str) -> Person | None:
        self._fail()
        return self.people.get(nik)

    async def faces(self, nik: str) -> list[bytes]:
        self._fail()
        return [b"enrolled"]

    async def submit(self, submission: Submission) -> str:
        self._fail()
        self.submitted.setdefault(submission.key, submission)
        return f"AG-{len(self.submitted)}"

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        self._fail()
        self.repaired.append(submission)

    async def status(self, agency_ref: str) -> list[AgencyStatus]:
        return self.history

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        self._fail()
        return "akta.pdf", b"%PDF-1.7 contoh"

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        self._fail()


class PictureFaces:
    """Verdict by the pictures' content: ``match``, ``no_match turn`` …; what follows the verdict is the pose it shows.

    Every picture has a perceptual hash of its own. Of several pictures the worst verdict counts.
    """

    model = "abc"
    sees_mouth = True
    order = ("unusable", "no_match", "officer", "match")

    def __init__(self) -> None:
        self.enrolled: list[list[bytes]] = []
        self.extended: list[int] = []

    async def enrol(self, pictures: list[bytes]) -> bytes:
        self.enrolled.append(list(pictures))
        return b"template"

    async def verify(self, template: bytes, probes: list[bytes]) -> FaceVerdict:
        words = [probe.decode().split() for probe in probes]
        word = min((said[0] for said in words), key=self.order.index)
        problem = "face.none" if word == "unusable" else None
        hashes = tuple(hashlib.sha256(probe).hexdigest() for probe in probes)
        nearest = 0.01 if any("copy" in said for said in words) else 0.3
        apart = 0.3 if len(probes) > 1 else None
        poses = tuple(self._pose(said) for said in words)
        strong = word == "match" and any("strong" in said for said in words)
        return FaceVerdict(word, problem, 0.3, "1x1", "abc", hashes[0], poses, hashes, nearest, apart, strong)

    async def look(self, picture: bytes) -> Look:
        said = picture.decode().split()
        return Look("face.none" if said[0] == "unusable" else None, self._pose(said))

    async def extend(self, template: bytes, pictures: list[bytes]) -> bytes:
        self.extended.append(len(pictures))
        return template + b"+"

    @staticmethod
    def _pose(said: list[str]) -> Pose:
        yaw = -30.0 if "right" in said else 30.0 if {"turn", "left"} & set(said) else 0.0
        return Pose(yaw, 0.5 if "mouth" in said else 0.0)


@dataclass
class World:
    deps: Deps
    store: PgStore
    clock: MovableClock
    agency: RegisterAgency
    dialogue: RulesDialogue
    queue: InboxQueue
    keys: KeyRing
    counter: int = 0
    seen: dict[UUID, int] = field(default_factory=dict)

    async def session(self, language: str = "id") -> Conversation:
        return await open_web_session(self.deps, uuid4().bytes, "33.28", language)

    async def put(self, who: Conversation, text: str | None = None, **more: object) -> None:
        self.counter += 1
        await receive_web(self.deps, who.id, f"m{self.counter}", text=text, **more)  # type: ignore[arg-type]

    async def work(self) -> int:
        rows = await self.queue.claim(16, self.clock.now())
        for row in rows:
            await Converse(self.deps).run(row)
        return len(rows)

    async def say(self, who: Conversation, text: str | None = None, **more: object) -> list[dict[str, Any]]:
        """Write something; returns the bot's answers to it."""
        await self.put(who, text, **more)
        while await self.work():
            pass
        return await self.news(who)

    async def send(self, who: Conversation, kind: str, content: bytes) -> list[dict[str, Any]]:
        return await self.say(who, upload=(kind, "foto.jpg", "image/jpeg", content))

    async def selfies(self, who: Conversation, first: bytes = b"match") -> list[dict[str, Any]]:
        """Send a selfie, and a second one that shows what is asked for then; returns the answers to the last."""
        said = await self.send(who, "selfie", self.fresh(first))
        if "challenge" in said[-1]["meta"]:
            said = await self.send(who, "selfie", self.posed(said))
        return said

    def posed(self, said: list[dict[str, Any]], verdict: bytes = b"match") -> bytes:
        """A picture that answers the challenge last asked for."""
        return self.fresh(b" ".join([verdict, *(kind.encode() for kind in said[-1]["meta"]["challenge"])]))

    def fresh(self, picture: bytes) -> bytes:
        """The same picture as if taken again."""
        self.counter += 1
        return picture + b" %d" % self.counter

    async def news(self, who: Conversation) -> list[dict[str, Any]]:
        async with self.store.begin() as tx:
            entries = await tx.thread(who.id, self.seen.get(who.id, 0))
        if entries:
            self.seen[who.id] = entries[-1].seq
        return [entry.body for entry in entries if entry.sender != "citizen"]

    async def conversation(self, who: Conversation) -> Conversation:
        async with self.store.begin() as tx:
            return await tx.conversation(who.id)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    db = engine(database_url)
    keys = KeyRing(new_key("test"))
    store = PgStore(db, keys)
    clock, agency, dialogue = MovableClock(), RegisterAgency(), RulesDialogue()
    deps = Deps(
        store=store,
        clock=clock,
        texts=TEXTS,
        catalogue=lambda: CATALOGUE,
        dialogue=dialogue,
        agencies={"dukcapil": agency},  # type: ignore[dict-item]
        faces=PictureFaces(),  # type: ignore[arg-type]
        holiday=lambda day: False,
        callback_url="http://127.0.0.1/callbacks",
    )
    dialogue.steps = DialogueSteps(deps)
    queue = InboxQueue(store, 30)
    await queue.start()
    yield World(deps, store, clock, agency, dialogue, queue, keys)
    await queue.stop()
    await db.dispose()


@pytest.fixture
async def phone(world: World) -> AsyncIterator[Any]:
    """A citizen on a push channel (:class:`tests.usecases.phone.Phone`)."""
    from tests.fakes import FakeChannel
    from tests.usecases.phone import Phone

    made = Phone(world, FakeChannel())
    yield made
    await made.seen.finish()

"""The staff pages on a real PostgreSQL and a real hub, seen by a browser that is a test client."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from bot.domain.canned import Seed
from bot.domain.catalogue import Catalogue, Duration, Fact, Locus, Service, Variant
from bot.domain.conversation import Case, Citizen, Conversation, Holder, IdentityCheck, Ticket
from bot.domain.form_draft import Draft
from bot.domain.form_model import Field, Form, Section
from bot.domain.handoff import Agent
from bot.domain.messages import Button, FileRef, Inbound, Reply
from bot.domain.reference import new_ticket
from bot.domain.templates import MessageTemplate, read_templates
from bot.errors import RejectedFile
from bot.ports import CleanFile
from bot.settings import ROOT
from bot.storage import pg
from bot.storage.accounts import Account, Accounts
from bot.storage.content_repo import GitContent, content_files
from bot.storage.crypto import KeyRing, new_key
from bot.storage.store import PgStore
from bot.usecases.attachments import Channels
from bot.usecases.deps import Deps
from bot.usecases.studio import Editor, Studio
from bot.web.hub import Hub
from bot.web.staff.app import staff_app
from bot.web.staff.console_parts import ConsoleParts
from bot.web.staff.studio import StudioParts
from tests.fakes import FakeAgency, FakeChannel, FakeDialogue, FakeFaces, FakeTexts, FixedClock

TEGAL, BREBES = "33.28", "33.29"
PASSWORD = "kopi pahit di pasar slawi"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
NIK = "3328990101900001"
JPEG = b"\xff\xd8\xff\xe0 not a real picture"


SEEDS = (Seed("salam", "id", "Halo {nama}, saya {petugas}."), Seed("salam", "en", "Hello {nama}, this is {petugas}."))


@cache
def shipped_templates() -> dict[str, MessageTemplate]:
    return read_templates(ROOT / "data")


def agent(username: str, name: str = "", locus: str = TEGAL, *roles: str) -> Agent:
    """Somebody of the staff as one who acts."""
    return Agent(username, name or username.title(), locus, frozenset(roles or ("agent",)))


def words(text: str) -> dict[str, str]:
    return {"id": text, "en": f"{text} (en)"}


def fact(text: str) -> Fact:
    return Fact(words(text), "test", True)


def birth_certificate() -> Service:
    """A form with a proof of identity and one question."""
    identity = Section(
        "identitas",
        words("Identitas"),
        (
            Field("nik", "nik", words("NIK"), words("NIK Anda?")),
            Field("swafoto", "selfie", words("Swafoto"), words("Kirim swafoto")),
        ),
        internal=True,
    )
    child = Section("anak", words("Anak"), (Field("nama", "name", words("Nama anak"), words("Nama anak?")),))
    return Service(
        slug="akta-kelahiran",
        name=words("Akta Kelahiran"),
        also_called=(),
        agency="dukcapil",
        office=words("Dukcapil"),
        summary=fact("Akta"),
        variants=(Variant("biasa", words("Biasa"), ()),),
        fee=fact("Gratis"),
        duration=Duration(fact("5 hari"), 5),
        procedure=(),
        legal_basis=(),
        result=(),
        in_person=fact("Tidak perlu datang"),
        facts=(),
        referrals=(),
        form=Form("F-2.01", (identity, child)),
    )


def catalogue() -> Catalogue:
    service = birth_certificate()
    agencies = {"dukcapil": "dukcapil"}
    loci = {
        code: Locus(code, words(name), "Asia/Jakarta", (service.slug,), agencies)
        for code, name in ((TEGAL, "MPP Satya Dahayu"), (BREBES, "MPP Brebes"))
    }
    return Catalogue({service.slug: service}, loci)


@dataclass
class FakeMedia:
    """Takes what begins like a JPEG or a PDF."""

    async def clean(self, data: bytes) -> CleanFile:
        if data.startswith(b"%PDF-"):
            return CleanFile(data, "application/pdf")
        if not data.startswith(b"\xff\xd8"):
            raise RejectedFile("file.type", 415)
        return CleanFile(b"clean " + data, "image/jpeg", 10, 10)


@dataclass
class Office:
    """Everything behind the pages, and short ways to put a citizen there."""

    store: PgStore
    accounts: Accounts
    clock: FixedClock = field(default_factory=FixedClock)
    agency: FakeAgency = field(default_factory=FakeAgency)
    media: FakeMedia = field(default_factory=FakeMedia)
    channel: FakeChannel = field(default_factory=FakeChannel)
    content: Path = field(default_factory=Path)
    """Where the content repository is made when the studio is first asked for."""

    def __post_init__(self) -> None:
        contents = catalogue()
        self.deps = Deps(
            store=self.store,
            clock=self.clock,
            texts=FakeTexts(),
            catalogue=lambda: contents,
            dialogue=FakeDialogue(),
            agencies={"dukcapil": self.agency},
            faces=FakeFaces(),
            holiday=lambda day: False,
        )

    editor = Editor("siti", "Siti Editor")

    @cached_property
    def repo(self) -> GitContent:
        """The content that Loket comes with, as a repository of its own."""
        return GitContent.seed(self.content, content_files(ROOT / "data"), self.clock.now())

    @cached_property
    def studio(self) -> Studio:
        """For editing it."""
        return Studio(self.repo, self.store, self.clock)

    async def staff(self, username: str, role: str = "agent", locus: str = TEGAL, name: str = "") -> Account:
        account = Account(username, name or username.title(), frozenset({role}), locus)
        await self.accounts.add(account, PASSWORD, self.clock.now())
        return account

    async def conversation(self, locus: str = TEGAL, **changes: Any) -> Conversation:
        async with self.store.begin() as tx:
            conversation = await tx.open_conversation("web", secrets.token_hex(8), locus, "id", self.clock.now())
            for name, value in changes.items():
                setattr(conversation, name, value)
            await tx.save_conversation(conversation)
        return conversation

    async def ticket(self, conversation: Conversation | None = None, trigger: str = "asked", **more: Any) -> Ticket:
        conversation = conversation or await self.conversation()
        ticket = Ticket(
            id=uuid4(),
            number=new_ticket(secrets.randbits),
            conversation_id=conversation.id,
            locus=conversation.locus,
            reason="talk_to_human",
            state="queued",
            created_at=self.clock.now(),
            trigger=trigger,
            **more,
        )
        async with self.store.begin() as tx:
            await tx.put_ticket(ticket)
            conversation.state = Holder.QUEUED
            await tx.save_conversation(conversation)
        return ticket

    async def hears(self, conversation: Conversation | UUID, text: str | None = None, **inbound: Any) -> None:
        """The citizen writes."""
        id_ = conversation if isinstance(conversation, UUID) else conversation.id
        said = Inbound("web", secrets.token_hex(8), "citizen", self.clock.now(), text=text, **inbound)
        async with self.store.begin() as tx:
            await tx.put_inbound(id_, said, self.clock.now())
            await tx.citizen_wrote(id_, self.clock.now())

    async def says(self, conversation: Conversation, text: str, *buttons: Button) -> None:
        """The bot answers."""
        async with self.store.begin() as tx:
            await tx.say(conversation.id, [Reply(text, buttons=buttons)], self.clock.now())

    async def attaches(self, conversation: Conversation, kind: str, name: str, data: bytes = JPEG) -> FileRef:
        """The citizen sends a file."""
        async with self.store.begin() as tx:
            file = await tx.put_blob(conversation.id, kind, name, "image/jpeg", data, self.clock.now())
        await self.hears(conversation, file=file, file_kind=kind)
        return file

    async def citizen(self, nik: str = NIK, name: str = "Siti Aminah") -> Citizen:
        async with self.store.begin() as tx:
            known = await tx.citizen_by_nik(nik)
            citizen = known or Citizen(uuid4(), nik, name, date(1990, 1, 1))
            await tx.save_citizen(citizen, self.clock.now())
        return citizen

    async def case(self, conversation: Conversation, **answers: Any) -> Case:
        """A draft in focus."""
        now = self.clock.now()
        draft = Draft("akta-kelahiran", now.date(), variant="biasa", answers=answers).to_json()
        case = Case(
            uuid4(), conversation.locus, "akta-kelahiran", conversation.id, "draft", draft, "dukcapil", now, now
        )
        async with self.store.begin() as tx:
            await tx.put_case(case)
            conversation.case_id, conversation.form_active = case.id, True
            await tx.save_conversation(conversation)
        return case

    async def borderline(self, locus: str = TEGAL, picture: bytes = JPEG) -> IdentityCheck:
        """A citizen whose selfie waits for an officer."""
        conversation = await self.conversation(locus, assurance=2)
        citizen = await self.citizen()
        case = await self.case(conversation, **{"identitas.nik": citizen.nik})
        self.agency.pictures[citizen.nik] = [JPEG + b" enrolled"]
        selfie = await self.attaches(conversation, "selfie", "swafoto.jpg", picture)
        check = IdentityCheck(
            id=uuid4(),
            conversation_id=conversation.id,
            citizen_id=citizen.id,
            at=self.clock.now(),
            outcome="officer",
            case_id=case.id,
            score=0.4321,
            mode="1x1",
            selfie_blob=UUID(selfie.id),
        )
        async with self.store.begin() as tx:
            await tx.put_check(check)
            await tx.notify_staff()
        return check

    async def audit(self, action: str) -> list[tuple[str, str]]:
        """(actor, object) of every entry of one action, oldest first."""
        from sqlalchemy import select

        from bot.storage.tables import audit

        async with self.store.begin() as tx:
            rows = await tx.run(select(audit).where(audit.c.action == action).order_by(audit.c.id))
            return [(row.actor, row.object) for row in rows]


@dataclass
class Browser:
    """One person's browser."""

    client: TestClient[web.Request, web.Application]
    text: str = ""
    """The last page."""
    status: int = 0

    async def get(self, path: str, **headers: str) -> str:
        return await self._read(await self.client.get(path, allow_redirects=False, headers=headers))

    async def post(self, path: str, **form: str) -> str:
        """Send a form with the hidden fields of the last page, as a browser does."""
        return await self._read(await self.client.post(path, data=self.form(**form), allow_redirects=False))

    async def htmx(self, path: str, **form: str) -> str:
        return await self._read(
            await self.client.post(path, data=self.form(**form), allow_redirects=False, headers={"HX-Request": "true"})
        )

    def form(self, **form: str) -> dict[str, str]:
        return {**hidden(self.text), **form}

    async def _read(self, response: ClientResponse) -> str:
        self.status, self.location = response.status, response.headers.get("Location", "")
        self.headers = response.headers
        text = await response.text()
        if text:
            self.text = text
        return text

    async def sign_in(self, username: str, password: str = PASSWORD) -> None:
        await self.get("/staff/sign-in")
        await self.post("/staff/sign-in", username=username, password=password)

    def read(self) -> str:
        """The last page's text, without tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


def hidden(page: str) -> dict[str, str]:
    """Hidden fields of a page; the last of a name wins, as only the form in hand is sent."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


async def claimed(browser: Browser, office: Office) -> tuple[Conversation, str]:
    """Wati holds a ticket and has its page before her."""
    conversation = await office.conversation()
    ticket = await office.ticket(conversation)
    await office.staff("wati", name="Bu Wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    await browser.post(f"/staff/tickets/{ticket.id}/claim")
    assert browser.status == 303
    await browser.get(f"/staff/tickets/{ticket.id}")
    return conversation, f"/staff/tickets/{ticket.id}"


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    engine = pg.engine(database_url, pool=5)
    store = PgStore(engine, KeyRing(new_key("test")))
    yield Office(store, Accounts(store, QUICK, refusal_s=0), content=tmp_path / "isi")
    await engine.dispose()


class LazyStudio(StudioParts):
    """Seeding costs a tenth of a second, which tests of other pages need not pay."""

    def __init__(self, office: Office) -> None:
        object.__setattr__(self, "office", office)

    def __getattribute__(self, name: str) -> Any:
        if name == "studio":
            return object.__getattribute__(self, "office").studio
        return object.__getattribute__(self, name)


@pytest.fixture
async def server(office: Office, database_url: str) -> AsyncIterator[TestServer]:
    hub = Hub(database_url)
    app = web.Application()
    channels, templates = Channels({"fake": office.channel}), shipped_templates()
    console = ConsoleParts(media=office.media, channels=channels, templates=templates, seeds=SEEDS)
    keys = office.store.keys
    studio = LazyStudio(office)
    app.add_subapp(
        "/staff",
        staff_app(office.deps, office.accounts, keys, hub, TEGAL, secure=False, console=console, studio_parts=studio),
    )
    await hub.start()
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()
    await hub.stop()


@pytest.fixture
async def browser(server: TestServer) -> AsyncIterator[Browser]:
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
        yield Browser(client)


@pytest.fixture
async def other(server: TestServer) -> AsyncIterator[Browser]:
    """A second person's browser."""
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
        yield Browser(client)

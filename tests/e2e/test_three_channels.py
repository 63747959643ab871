"""A form begun on WhatsApp, gone on with on Telegram, finished on the web: every answer kept, every message once.

The phones are those of the providers' stand-ins, behind the whole service with the real Rasa. About a minute.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from bot.bench.citizens import PROOF
from bot.domain.conversation import ThreadEntry
from bot.domain.form_draft import Draft
from bot.storage.store import PgStore
from tests import pictures
from tests.e2e.chat_client import ChatClient, Message
from tests.e2e.service import Service
from tests.usecases.script import FIELDS

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

PATIENCE_S = 90.0
"""Only there to end a broken test."""
CODE = re.compile(r"sambung ([0-9A-Z]{4}-[0-9A-Z]{4})")
ON_WHATSAPP, ON_TELEGRAM, ON_WEB = FIELDS[:7], FIELDS[7:16], FIELDS[16:]


@dataclass
class Phone:
    """A citizen with one application on the phone: what they do goes through the stand-in, what came of it is in the database."""

    http: aiohttp.ClientSession
    url: str
    """Of the stand-in."""
    chat: str | int
    account: str
    store: PgStore
    conversation: UUID | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Other tests have had their own conversations there."""

    async def does(self, **what: Any) -> ThreadEntry:
        """One thing; the last entry of the thread once it is answered."""
        async with self.http.post(f"{self.url}/phone/send", json={"chat": self.chat, **what}) as response:
            assert response.status < 300, await response.text()
        return await self._answered()

    async def says(self, words: str) -> ThreadEntry:
        return await self.does(text=words)

    async def _answered(self) -> ThreadEntry:
        before = self._last
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            thread = await self.thread()
            mine = [entry for entry in thread if entry.sender == "citizen" and entry.seq > before]
            if mine and thread[-1].inbox_id == mine[-1].inbox_id and thread[-1].sender == "bot":
                self._last = thread[-1].seq
                return thread[-1]
            await asyncio.sleep(0.05)
        raise AssertionError(f"no answer on {self.account}; the last: {[e.body.get('text') for e in thread[-3:]]}")

    _last: int = 0

    async def thread(self) -> list[ThreadEntry]:
        async with self.store.begin() as tx:
            if self.conversation is None:
                query = text(
                    "select id from conversation where account like :like and created_at > :since "
                    "order by created_at desc limit 1"
                )
                self.conversation = (await tx.run(query, {"like": f"{self.account}:%", "since": self.since})).scalar()
            return await tx.thread(self.conversation) if self.conversation else []

    async def shown(self) -> list[dict[str, Any]]:
        """What the bot's messages on the screen are, when all that is to come has come."""
        waiting = text("select count(*) from outbox where conversation_id = :id and state in ('created', 'sending')")
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            async with self.store.begin() as tx:
                if not (await tx.run(waiting, {"id": self.conversation})).scalar_one():
                    break
            await asyncio.sleep(0.1)
        chat = str(self.chat).replace("+", "%2B")
        async with self.http.get(f"{self.url}/phone/messages?chat={chat}") as response:
            found = await response.json()
        return [message for message in found["messages"] if message["from"] == "bot"]


@pytest.fixture
async def store(service: Service) -> AsyncIterator[PgStore]:
    async with service.store() as opened:
        yield opened


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


async def draft_in(store: PgStore, conversation: UUID | str | None) -> Draft:
    async with store.begin() as tx:
        found = await tx.conversation(UUID(str(conversation)))
        assert found.case_id is not None and found.form_active
        return Draft.from_json((await tx.case(found.case_id)).draft)


async def fill(phone: Phone, answers: list[str]) -> None:
    for answer in answers:
        entry = await phone.says(answer)
        assert entry.body["meta"]["kind"] in ("question", "review"), (answer, entry.body["text"])


async def finish_on_the_web(chat: ChatClient, http: aiohttp.ClientSession, url: str, last: Message) -> Message:
    """Answer what is left, send the papers, hand it in; returns the receipt."""
    for answer in ON_WEB:
        last = await _next(chat, await chat.send(answer))
    while last["meta"].get("field_type") == "document":
        form = aiohttp.FormData()
        form.add_field("client_id", str(uuid4()))
        form.add_field("kind", "document")
        form.add_field("file", pictures.jpeg(1200, 900), filename="surat.jpg")
        async with http.post(f"{url}/chat/v1/attachments", data=form, headers=chat._headers) as response:
            assert response.status == 202, await response.text()
            last = await _next(chat, str((await response.json())["id"]))
    assert last["meta"]["kind"] == "review", last
    sent = await chat.send("kirim")
    return await chat.wait(lambda m: m["id"] > sent and m["meta"]["kind"] == "receipt", "the receipt")


async def _next(chat: ChatClient, sent: str) -> Message:
    """The question, or the last part of the review, after a message."""

    def right(message: Message) -> bool:
        meta = message["meta"]
        return bool(message["id"] > sent and (meta.get("field") or (meta["kind"] == "review" and message["buttons"])))

    return await chat.wait(right, "the next question")


async def test_a_form_begun_on_whatsapp_goes_on_on_telegram_and_ends_on_the_web(
    service: Service, store: PgStore, http: aiohttp.ClientSession
) -> None:
    sandbox = service.state["sandbox_url"]
    number = time.time_ns() % 10**8
    whatsapp = Phone(http, f"{sandbox}/whatsapp", f"+62800{number:08d}", "whatsapp", store)
    telegram = Phone(http, f"{sandbox}/telegram", 3328_00000000 + number, "telegram", store)

    # -- WhatsApp: the identity, and the first answers
    for line in PROOF:
        await whatsapp.says(line.text)
    async with store.begin() as tx:  # no face is compared here
        trust = "update conversation set assurance = 3, assured_until = now() + interval '1 day' where id = :id"
        await tx.run(text(trust), {"id": whatsapp.conversation})
    for words in ("mau buat akta kelahiran", "ya"):
        await whatsapp.says(words)
    await fill(whatsapp, ON_WHATSAPP)
    begun = await draft_in(store, whatsapp.conversation)
    offer = (await whatsapp.says("lanjut di telegram")).body["text"]
    assert "https://t.me/" in offer
    code = CODE.search(offer)
    assert code is not None

    # -- Telegram: by the deep link
    asked = await telegram.does(start=code[1].replace("-", ""))
    assert "WhatsApp" in asked.body["text"] and len(asked.body["buttons"]) == 2
    await telegram.shown()
    moved = await telegram.does(button=asked.body["buttons"][0]["title"])
    assert moved.body["meta"].get("field"), moved.body
    taken = await draft_in(store, telegram.conversation)
    assert (dict(taken.answers), taken.assurance) == (dict(begun.answers), 3)
    await fill(telegram, ON_TELEGRAM)
    middle = await draft_in(store, telegram.conversation)
    code = CODE.search((await telegram.says("pindah ke web")).body["text"])
    assert code is not None

    # -- the web: by the code
    chat = await ChatClient(http, service.url).open()
    try:
        sent = await chat.send(f"sambung {code[1]}")
        question = await chat.wait(
            lambda m: m["id"] > sent and len(m["buttons"]) == 2, "the question whether to connect"
        )
        last = await _next(chat, await chat.send(payload=question["buttons"][0]["payload"]))
        web = await draft_in(store, chat.session_id)
        assert dict(web.answers) == dict(middle.answers) and set(begun.answers) < set(middle.answers)
        receipt = await finish_on_the_web(chat, http, service.url, last)
    finally:
        await chat.close()

    # -- one application with every answer, one person, and each phone was told where it went
    reference = receipt["meta"]["application"]
    async with store.begin() as tx:
        case = await tx.case_by_reference(reference)
        assert case is not None and str(case.conversation_id) == chat.session_id
        answers = Draft.from_json(case.draft).answers
        assert {path: answers[path] for path in middle.answers} == dict(middle.answers)
        assert answers["anak.nama"] == "Siti Aminah" and answers["ibu.nama"] == "Sri Lestari"
        people = {(await tx.conversation(UUID(str(one)))).person_id for one in (
            whatsapp.conversation, telegram.conversation, chat.session_id
        )}  # fmt: skip
        assert len(people) == 1
    status = await whatsapp.says("status permohonan saya")
    # Other tests may have left drafts of the same citizen: each case is an answer of its own.
    statuses = [e.body["text"] for e in await whatsapp.thread() if e.inbox_id == status.inbox_id and e.sender == "bot"]
    assert any(reference in words for words in statuses), statuses
    for phone, where in ((whatsapp, "Telegram"), (telegram, "obrolan web")):
        await each_once(phone)
        told = " ".join(entry.body.get("text") or "" for entry in await phone.thread())
        assert f"baru saja disambungkan dengan {where}" in told and f"diteruskan di {where}" in told


async def each_once(phone: Phone) -> None:
    """What the bot said is on the screen: all of it, in its order, and nothing twice."""
    screen = await phone.shown()
    said = [entry.body["text"] for entry in await phone.thread() if entry.sender != "citizen"]
    async with phone.store.begin() as tx:
        query = text("select state, parts, unknown from outbox where conversation_id = :id order by seq")
        sent = (await tx.run(query, {"id": phone.conversation})).all()
    assert len(sent) == len(said) and all(row.state in ("sent", "delivered", "read") for row in sent)
    assert sum(row.parts for row in sent) == len(screen) and not any(row.unknown for row in sent)
    shown = [_words(message["text"]) for message in screen]
    place = 0
    for words in map(_words, said):
        found = next((n for n in range(place, len(shown)) if words[:24] in shown[n]), None)
        assert found is not None, (words[:60], shown[place : place + 3])
        place = found + 1


def _words(said: str) -> str:
    """Only letters and digits: every channel has its own way of marking what is bold."""
    return "".join(c for c in said if c.isalnum())

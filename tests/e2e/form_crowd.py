"""Citizens who fill in a form while something happens to the service; each answer is compared with what one in peace was given.

The phone and the counting are those of the chaos bench (:mod:`bot.bench.chaos_people`, :mod:`bot.bench.chaos_verdict`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

import aiohttp
from sqlalchemy import text

from bot.bench.chaos_people import Citizen, WebPhone
from bot.bench.chaos_verdict import Said, Verdict, answers_of, judge
from bot.domain.conversation import ThreadEntry
from bot.settings import ROOT
from bot.storage.crypto import KeyRing
from bot.storage.pg import engine
from bot.storage.store import PgStore, PgTx
from bot.texts import YamlTexts

T = TypeVar("T")

STAGES = (
    ("petugas loket minta uang 200 ribu buat urus ktp saya", "loket 3 di mpp, tadi pagi jam 9"),
    ("lewati", "syarat kia apa saja?"),
    ("uangnya kembali",),
    ("anonim", "kirim"),
)
"""A complaint from its first word to its number, with a question in between."""
MEANWHILE = "berapa biaya ktp hilang?"
"""Asked inside the form, again and again, while something happens."""
_THINKS_S = 2.0
_BY_ITSELF = ("status", "notice")
"""Kinds of messages that nobody asked for."""
_OWN = re.compile(r"LKT-\w{4}-\w{4}-\w|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Numbers and ids that each citizen has for himself."""
_OPEN = text("select count(*) from inbox where state in ('open', 'leased')")
_NEWEST = text("select id from conversation order by created_at desc limit 1")
_CASES = text("select count(submitted_at) from application where conversation_id = any(:all) group by conversation_id")
_DEAD = text("select count(*) from inbox where state = 'dead'")
_PATIENCE = {YamlTexts(ROOT / "data" / "messages").say("error.busy", "id")}


def alike(line: str) -> str:
    """A line as all citizens see it."""
    return _OWN.sub("…", line)


class Phone(WebPhone):
    """Sees what is alike for all."""

    async def texts(self) -> list[str]:
        """See :class:`bot.bench.chaos_people.Phone`."""
        return [alike(line) for line in await super().texts()]

    async def seen_by(self, url: str) -> list[str]:
        """What another gateway shows this citizen."""
        other = Phone(self._http, url)
        other._headers = self._headers
        return await other.texts()


@dataclass
class Member:
    """One citizen, what was said and what has to stand below it."""

    phone: Phone
    said: list[str] = field(default_factory=list)
    expected: list[Said] = field(default_factory=list)


class Crowd:
    """Everybody who talks to one service.

    :param url: of the gateway, or of what balances between several
    """

    def __init__(self, http: aiohttp.ClientSession, url: str, database_url: str, keys: KeyRing) -> None:
        self._http = http
        self._url = url
        self._database_url = database_url
        self._keys = keys
        self._answers: dict[tuple[int, str], list[Said]] = {}
        self.members: list[Member] = []
        self.turns = 0

    async def gather(self, count: int) -> None:
        """One says everything in peace; then so many begin their conversations."""
        phone = await Phone(self._http, self._url).open()
        for number, stage in enumerate(STAGES):
            for line in (*stage, MEANWHILE) if number + 1 < len(STAGES) else stage:
                self._answers[number, line] = await self._rehearsed(phone, line)
        self.members = [Member(await Phone(self._http, self._url).open()) for _ in range(count)]

    async def say(self, stage: int) -> None:
        """Everybody says the lines of a stage and hears the answers."""
        await asyncio.gather(*(self._talk(one, stage, STAGES[stage]) for one in self.members))

    async def meanwhile(self, stage: int, work: Awaitable[T]) -> T:
        """Everybody, who has said all of a stage, goes on asking until ``work`` is done."""
        task = asyncio.ensure_future(work)

        async def ask(one: Member) -> None:
            while not task.done():
                await self._talk(one, stage, (MEANWHILE,))
                await asyncio.wait((task,), timeout=_THINKS_S)

        await asyncio.gather(*map(ask, self.members))
        return await task

    async def verdict(self) -> Verdict:
        """Over all conversations, once nothing waits any more."""
        found = Verdict()
        async with self.store() as store:
            await _quiet(store)
            async with store.begin() as tx:
                for one in self.members:
                    found.add(judge(one.said, await _thread(tx, UUID(one.phone.session_id)), one.expected, _PATIENCE))
        return found

    async def handed_in(self) -> list[int]:
        """How many cases each of those who have one has handed in."""
        mine = [UUID(one.phone.session_id) for one in self.members]
        async with self.store() as store, store.begin() as tx:
            return list((await tx.run(_CASES, {"all": mine})).scalars())

    async def given_up(self) -> int:
        """Messages that nobody will answer any more."""
        async with self.store() as store, store.begin() as tx:
            return int((await tx.run(_DEAD)).scalar_one())

    @asynccontextmanager
    async def store(self) -> AsyncIterator[PgStore]:
        """The database they are in."""
        db = engine(self._database_url, pool=2)
        try:
            yield PgStore(db, self._keys)
        finally:
            await db.dispose()

    async def _talk(self, one: Member, stage: int, lines: Sequence[str]) -> None:
        wanted = [self._answers[stage, line] for line in lines]
        heard = [[answer[0] for answer in answers] for answers in wanted]
        await Citizen(one.phone, heard, bursts=[(line,) for line in lines]).talk(self._answered)
        one.said += lines
        one.expected += [answer for answers in wanted for answer in answers]

    def _answered(self) -> None:
        self.turns += 1

    async def _rehearsed(self, phone: Phone, line: str) -> list[Said]:
        async with self.store() as store:
            await _quiet(store)
            async with store.begin() as tx:
                before = len(answers_of(await _thread(tx, UUID(phone.session_id))))
            await phone.send(line)
            await _quiet(store)
            async with store.begin() as tx:
                found = answers_of(await _thread(tx, UUID(phone.session_id)))[before:]
        assert found, f"no answer to {line!r}"
        return found


async def _quiet(store: PgStore) -> None:
    """Until no message waits for an answer."""
    async with asyncio.timeout(120):
        while True:
            async with store.begin() as tx:
                if not (await tx.run(_OPEN)).scalar_one():
                    return
            await asyncio.sleep(0.1)


async def _thread(tx: PgTx, conversation: UUID) -> list[ThreadEntry]:
    """Without what came by itself."""
    entries = await tx.thread(conversation)
    asked = (entry for entry in entries if (entry.body.get("meta") or {}).get("kind") not in _BY_ITSELF)
    return [replace(entry, body=_alike(entry.body)) for entry in asked]


def _alike(body: dict[str, object]) -> dict[str, object]:
    seen = {**body, "text": alike(str(body.get("text") or ""))}
    buttons = body.get("buttons")
    if isinstance(buttons, list):
        seen["buttons"] = [{**button, "payload": alike(button["payload"])} for button in buttons]
    return seen

"""Every process is killed again and again while citizens talk and fill in a form. Nothing is lost, nothing happens twice.

Every citizen says the same lines. One says them before anything is killed: the others' threads must end up equal to
that one's, word for word, and so must their drafts. About two minutes.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import text

from bot.bench.citizens import CYCLE, PROOF, Line
from bot.settings import ROOT
from bot.storage.store import PgTx
from bot.texts import YamlTexts
from tests.e2e.chat_client import ChatClient, Message
from tests.e2e.service import Service

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

CITIZENS = 8
LINES = CYCLE[: [line.text for line in CYCLE].index("batal")]  # the draft is left as it stands at the last answer
KILLS = {"gateway": 4, "worker": 4, "rasa": 3, "postgres": 2}
SEED = 20251122

_TRUST = text("update conversation set assurance = 3, assured_until = now() + interval '1 day'")
# Said, once for a message, when Rasa is away for long: the only thing a citizen may notice.
PLEASE_WAIT = YamlTexts(ROOT / "data" / "messages").say("error.busy", "id")


class Citizen:
    """Says the lines, one after the other, each as soon as the last one is answered."""

    def __init__(self, chat: ChatClient) -> None:
        self.chat = chat

    async def say(self, lines: tuple[Line, ...], told: Callable[[], None] = lambda: None) -> None:
        for line in lines:
            await self.chat.say(line.text, line.asks, line.kind)
            told()


class Killer:
    """Kills processes at random moments, evenly over all turns."""

    def __init__(self, service: Service, turns: int) -> None:
        self._service = service
        self._random = random.Random(SEED)
        victims = [name for name, times in KILLS.items() for _ in range(times)]
        self._random.shuffle(victims)
        moments = sorted(self._random.sample(range(3, turns - 5), len(victims)))
        self._plan = list(zip(moments, victims, strict=True))
        self._turns = 0
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self.killed: Counter[str] = Counter()

    def turn_done(self) -> None:
        """One more turn is answered."""
        self._turns += 1
        while self._plan and self._plan[0][0] <= self._turns:
            self._due.put_nowait(self._plan.pop(0)[1])

    async def run(self) -> None:
        """Kill what is due. Two of a kind wait for each other: a process that does not run cannot be killed."""
        before: dict[str, int] = {}
        while True:
            name = await self._due.get()
            await asyncio.sleep(self._random.uniform(0, 0.15))  # somewhere inside a turn
            await asyncio.to_thread(self._service.wait_for_child, name, before.get(name))
            before[name] = self._service.kill(name)
            self.killed[name] += 1


def shown(thread: list[Message]) -> list[tuple[Any, ...]]:
    """A thread as two citizens may compare it: without ids and times, and without requests to be patient."""
    return [
        (m["from"], m["text"], m["meta"], [(b["title"], b["payload"]) for b in m["buttons"]])
        for m in thread
        if m["text"] != PLEASE_WAIT
    ]


@asynccontextmanager
async def citizens(service: Service, count: int) -> AsyncIterator[list[Citizen]]:
    timeout = aiohttp.ClientTimeout(total=20, connect=2)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as http:
        chats = [await ChatClient(http, service.url).open() for _ in range(count)]
        yield [Citizen(chat) for chat in chats]
        for chat in chats:
            await chat.close()


async def trust(service: Service) -> None:
    """The identity of everybody is proven: no face is compared here."""
    async with service.store() as store, store.begin() as tx:
        await tx.run(_TRUST)


async def last_draft(tx: PgTx, conversation_id: str) -> tuple[int, dict[str, Any]]:
    """How many applications there are, and the draft of the latest."""
    conversation = await tx.conversation(UUID(conversation_id))
    cases = await tx.cases_of(conversation)
    mine = [case for case in cases if case.conversation_id == conversation.id]
    return len(mine), mine[0].draft


async def print_unanswered(service: Service) -> None:
    """For whoever reads why the test failed."""
    async with service.store() as store, store.begin() as tx:
        print("now", (await tx.run(text("select now()"))).scalar_one())
        for row in await tx.run(text("select * from inbox where state <> 'done'")):
            print({name: value for name, value in row._mapping.items() if name != "body_sealed"})


async def count(tx: PgTx, what: str, **values: Any) -> int:
    return int((await tx.run(text(f"select count(*) from {what}"), values)).scalar_one())


async def test_two_hundred_turns_survive_the_killing_of_every_process(start_service: Callable[..., Service]) -> None:
    service = start_service()
    async with citizens(service, 1 + CITIZENS) as (model, *others):
        await asyncio.gather(*(one.say(PROOF) for one in (model, *others)))
        await trust(service)
        await model.say(LINES)
        expected = shown(await model.chat.thread())

        turns = CITIZENS * len(LINES)
        assert turns >= 200
        killer = Killer(service, turns)
        killing = asyncio.create_task(killer.run())
        try:
            await asyncio.gather(*(one.say(LINES, killer.turn_done) for one in others))
        except BaseException:
            await print_unanswered(service)
            raise
        killing.cancel()
        assert sum(killer.killed.values()) >= sum(KILLS.values()) - 2, killer.killed
        assert set(killer.killed) == set(KILLS)

        for one in others:
            thread = await one.chat.thread()
            assert shown(thread) == expected
            # On the web: what the stream brought, over all its connections, is what GET gives. Each once, in order.
            said = [m["id"] for m in thread if m["from"] != "citizen"]
            assert [m["id"] for m in one.chat.streamed] == said
            assert one.chat.connections > 1

        async with service.store() as store, store.begin() as tx:
            _, model_draft = await last_draft(tx, model.chat.session_id)
            for one in others:
                applications, draft = await last_draft(tx, one.chat.session_id)
                assert applications == 2  # one begun for the proof of identity, one now
                assert draft == model_draft
            people = 1 + CITIZENS
            assert await count(tx, "inbox") == people * (len(PROOF) + len(LINES))
            assert await count(tx, "inbox where state <> 'done'") == 0
            assert await count(tx, "turn_step") == 0
            assert await count(tx, "consent") == people * 2
            twice = (
                "(select inbox_id, sender from message where sender = 'citizen' group by 1, 2 having count(*) > 1) x"
            )
            assert await count(tx, twice) == 0
        repeats = sum(one.chat.repeats for one in others)
        print(f"{turns} turns, killed {dict(killer.killed)}, {repeats} requests repeated by the clients")

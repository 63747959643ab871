"""A citizen on a push channel, in the world of tests/usecases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from bot.domain.conversation import Conversation, InboxRow
from bot.domain.messages import Inbound
from bot.errors import RejectedFile
from bot.ports import CleanFile
from bot.usecases.attachments import Attachments, Channels
from bot.usecases.converse import Converse, Timing
from bot.usecases.receive import receive
from bot.usecases.seen import Seen
from tests.fakes import FakeChannel
from tests.usecases.conftest import World

ACCOUNT = "fake:1"


class PlainMedia:
    """Takes every file as it is but ``b"bad"``."""

    async def clean(self, data: bytes) -> CleanFile:
        if data == b"bad":
            raise RejectedFile("file.broken", 422)
        return CleanFile(data, "image/jpeg")


@dataclass
class Phone:
    """One citizen on the push channel."""

    world: World
    channel: FakeChannel
    who: str = "citizen-1"
    shown: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        channels = Channels({"fake": self.channel})
        self.seen = Seen(channels, self.shown.append)
        files = Attachments(self.world.deps, channels, PlainMedia(), 1000)
        self.converse = Converse(self.world.deps, files, self.seen)

    async def put(self, said: str | None = None, **more: Any) -> int:
        self.count += 1
        external_id = more.pop("external_id", f"u{self.count}")
        now = self.world.clock.now()
        inbound = Inbound(ACCOUNT, external_id, self.who, now, text=said, **{"mark": f"m{self.count}", **more})
        return await receive(self.world.deps, self.channel.accounts[ACCOUNT], [inbound])

    async def claim(self) -> InboxRow:
        (row,) = await self.world.queue.claim(1, self.world.clock.now())
        return row

    async def work(self) -> list[Timing]:
        done = []
        while rows := await self.world.queue.claim(16, self.world.clock.now()):
            done += [await self.converse.run(row) for row in rows]
        return done

    async def say(self, said: str | None = None, **more: Any) -> list[dict[str, Any]]:
        await self.put(said, **more)
        await self.work()
        return await self.news()

    async def conversation(self) -> Conversation:
        async with self.world.store.begin() as tx:
            account = self.channel.accounts[ACCOUNT]
            return await tx.open_conversation(ACCOUNT, self.who, account.locus, "id", self.world.clock.now())

    async def news(self) -> list[dict[str, Any]]:
        return await self.world.news(await self.conversation())

    async def own(self) -> list[dict[str, Any]]:
        """What the thread shows of the citizen's own messages."""
        who = await self.conversation()
        async with self.world.store.begin() as tx:
            return [entry.body for entry in await tx.thread(who.id) if entry.sender == "citizen"]

    async def states(self) -> list[str]:
        async with self.world.store.begin() as tx:
            return list((await tx.run(text("select state from inbox order by id"))).scalars())

    async def open_form(self) -> list[dict[str, Any]]:
        for said in ("mau buat akta kelahiran", "ya"):
            answers = await self.say(said)
        assert (await self.conversation()).form_active
        return answers


def said_in(world: World, key: str, **params: object) -> str:
    """The sentence in Indonesian."""
    return world.deps.texts.say(key, "id", **params)

"""An office with a push channel, a moved clock and a worker, for the tests of the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.domain.delivery import Quiet
from bot.domain.messages import Inbound, Outgoing, Receipt, Reply
from bot.domain.templates import read_templates
from bot.ports import Channel, ChannelAccount
from bot.storage.media_links import MediaLinks
from bot.storage.outbox import OutboxQueue
from bot.storage.store import PgStore
from bot.usecases.store_delivery import TemplateState
from bot.workers.outbox import OutboxWorker
from bot.workers.pace import Pace
from bot.workers.sender import MessageSender
from tests import content
from tests.fakes import FakeChannel, FixedClock, fake_manifest

DATA = Path(__file__).parents[2] / "data"
NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
"""Twelve o'clock at the office."""
NIGHT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
"""Half past ten in the evening at the office."""


async def _at_once(_: float) -> None:
    """Nobody waits in a test."""


@dataclass
class Office:
    store: PgStore
    channel: FakeChannel = field(default_factory=FakeChannel)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    more: dict[str, Channel] = field(default_factory=dict)
    said: int = 0

    def windowed(self, hours: int = 24) -> Office:
        """The channel has a window, as WhatsApp has."""
        self.channel.manifest = fake_manifest(window_hours=hours)
        return self

    def worker(self, database_url: str = "") -> OutboxWorker:
        sender = MessageSender(
            OutboxQueue(self.store),
            {"fake": self.channel, **self.more},
            self.clock,
            content.texts(),
            MediaLinks(self.store.keys, "https://loket.example"),
            read_templates(DATA),
            lambda _: Quiet(21, 7, ZoneInfo("Asia/Jakarta")),
            Pace(sleep=_at_once),
        )
        return OutboxWorker(sender, database_url)

    async def work(self, worker: OutboxWorker | None = None) -> None:
        """Until nothing is due."""
        worker = worker or self.worker()
        for _ in range(50):
            if not await worker.once():
                return
        raise AssertionError("the outbox never comes to rest")

    async def writes(self, who: str = "+62", words: str = "halo", account: str = "fake:1") -> UUID:
        """The person says something; their conversation."""
        self.said += 1
        now = self.clock.now()
        async with self.store.begin() as tx:
            conversation = await tx.open_conversation(account, who, "33.28", "id", now)
            await tx.put_inbound(conversation.id, Inbound(account, f"in{self.said}", who, now, text=words), now)
        return conversation.id

    async def say(self, who: UUID, *texts: str | Reply, notice: bool = False, key: str | None = None) -> None:
        """We say something."""
        replies = [said if isinstance(said, Reply) else Reply(said) for said in texts]
        async with self.store.begin() as tx:
            await tx.say(who, replies, self.clock.now(), key=key, notice=notice)

    async def approve(self, *names: str, account: str = "fake:1", language: str = "id") -> None:
        """Templates are approved."""
        async with self.store.begin() as tx:
            for name in names:
                await tx.put_template(TemplateState(account, name, language, "HX1", "approved", None, NOON))

    async def link(self, *conversations: UUID) -> None:
        """They are one person's."""
        async with self.store.begin() as tx:
            first = await tx.conversation(conversations[0])
            for one in conversations[1:]:
                other = await tx.conversation(one, lock=True)
                other.person_id = first.person_id
                await tx.save_conversation(other)

    async def rows(self) -> list[Any]:
        """The outbox, oldest first."""
        async with self.store.begin() as tx:
            return list((await tx.run(text("select * from outbox order by id"))).all())

    async def thread(self, who: UUID) -> list[str]:
        """Our words in a thread."""
        async with self.store.begin() as tx:
            return [e.body["text"] for e in await tx.thread(who) if e.sender != "citizen"]

    def got(self, channel: FakeChannel | None = None) -> list[str]:
        """What arrived: texts, or names of templates."""
        return [_shown(message) for _, _, message in (channel or self.channel).sent]

    def later(self, **delta: float) -> None:
        self.clock.at += timedelta(**delta)


def _shown(message: Outgoing) -> str:
    if message.template is not None:
        return f"<{message.template.name} {' | '.join(message.template.values)}>"
    return message.text


STATUS: dict[str, Any] = {
    "template": {"serves": "status", "values": {"service": "KTP-el", "reference": "LKT-1", "state": "Sudah terbit."}}
}
"""What a reply carries that has a template."""


def second_channel(office: Office) -> FakeChannel:
    """Another channel of the office, without a window."""
    other = FakeChannel(manifest=fake_manifest(id="other"))
    other.accounts = {"other:1": ChannelAccount("other:1", "33.28", "two", "@other")}
    office.more["other"] = other
    return other


async def receipt(office: Office, external_id: str, state: str, code: str | None = None) -> None:
    """The provider tells what became of a message."""
    async with office.store.begin() as tx:
        await tx.put_receipt(Receipt("fake:1", external_id, state, office.clock.now(), code))

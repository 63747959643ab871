"""The outbox and WhatsApp together: Twilio tells of a closed window only afterwards, and the news arrives all the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot.domain.messages import Inbound, Reply
from bot.domain.templates import read_templates
from bot.ports import ChannelAccount
from bot.storage.crypto import KeyRing, new_key
from bot.storage.media_links import MediaLinks
from bot.storage.outbox import OutboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.workers.jobs import look_at_templates
from bot.workers.outbox import OutboxWorker
from bot.workers.pace import Pace
from bot.workers.sender import MessageSender
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.sandbox import TwilioStandIn
from tests import content
from tests.channels.whatsapp.conftest import CITIZEN, PUBLIC_URL, ROOT, MovedClock, Receiver

STATUS = {"serves": "status", "values": {"service": "KTP-el", "reference": "LKT-1", "state": "Sudah terbit."}}


async def _at_once(_: float) -> None:
    """Nobody waits in a test."""


async def test_news_that_comes_too_late_by_twilios_count_arrives_as_a_template(
    channel: WhatsAppChannel,
    account: ChannelAccount,
    twilio: TwilioStandIn,
    receiver: Receiver,
    clock: MovedClock,
    database_url: str,
) -> None:
    await channel.setup(PUBLIC_URL)
    db = engine(database_url)
    store = PgStore(db, KeyRing(new_key("test")))
    deps: Any = SimpleNamespace(now=clock.now)
    await look_at_templates(deps, store, {"whatsapp": channel})
    sender = MessageSender(
        OutboxQueue(store),
        {"whatsapp": channel},
        clock,
        content.texts(),
        MediaLinks(store.keys, PUBLIC_URL),
        read_templates(ROOT / "data"),
        pace=Pace(sleep=_at_once),
    )
    worker = OutboxWorker(sender, "")
    clock.pass_(hours=25)
    async with store.begin() as tx:  # by our own count the person has just written
        who = await tx.open_conversation(account.id, CITIZEN, "33.28", "id", clock.now())
        await tx.put_inbound(who.id, Inbound(account.id, "SM1", CITIZEN, clock.now(), text="halo"), clock.now())
        await tx.say(
            who.id, [Reply("Sudah terbit.", meta={"template": STATUS})], clock.now(), key="case:1", notice=True
        )
    for _ in range(3):
        while await worker.once():
            pass
        await twilio.hooks.settle()
        async with store.begin() as tx:
            for receipt in receiver.receipts:
                await tx.put_receipt(receipt)
    (shown,) = await twilio.screen(CITIZEN)
    assert shown["template"].startswith("loket_status_id_") and "Nomor: LKT-1" in shown["text"]
    async with store.begin() as tx:
        (delivery,) = (await tx.deliveries(who.id, [2])).values()
        outcomes = [one.outcome for one in reversed(await tx.exchanges(who.id))]
    assert (delivery.state, delivery.via) == ("read", "template")
    assert outcomes[:3] == ["ok", "failed", "window_closed"] and outcomes[-1] == "read"
    await db.dispose()

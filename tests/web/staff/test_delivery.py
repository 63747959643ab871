"""An agent sees how far every message has come, and why not further."""

from __future__ import annotations

from bot.domain.messages import Receipt, Reply, Standing
from bot.errors import ChannelError, Throttled
from tests.fakes import FakeChannel
from tests.storage.outbox_office import Office as Sending

from .conftest import Browser, Office


async def test_each_message_says_how_far_it_has_come(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, FakeChannel(), office.clock)
    who = await sending.writes("+628000000001")
    texts = ("satu", "dua", "tiga", "empat", "lima", "enam")
    await sending.say(who, *texts)
    sending.channel.outcomes = [None, None, None, ChannelError("no", provider_code="63024"), None, Throttled(60)]
    await sending.work()
    for external_id, state in (("FM0002", "delivered"), ("FM0003", "read")):
        async with office.store.begin() as tx:
            await tx.put_receipt(Receipt("fake:1", external_id, state, office.clock.now()))
    async with office.store.begin() as tx:
        conversation = await tx.conversation(who)
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    page = browser.read()
    shown = [page[page.index(a) : page.index(b)] for a, b in zip(texts, texts[1:], strict=False)]
    assert "terkirim" in shown[0] and "sampai" in shown[1] and "dibaca" in shown[2]
    assert "gagal: [channel.error.63024]" in shown[3] and "terkirim" in shown[4]
    assert "belum terkirim: [channel.error.throttled]" in page[page.index("enam") :]
    assert "Riwayat kirim" in page and "63024" in page and "+62800" not in browser.text


async def test_what_is_held_says_until_when(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, FakeChannel(), office.clock).windowed()
    who = await sending.writes()
    await sending.say(who, Reply("kabar"), notice=True)
    sending.later(hours=25)
    await sending.work()
    async with office.store.begin() as tx:
        ticket = await office.ticket(await tx.conversation(who))
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    assert "ditahan sampai warga menulis lagi" in browser.read()


async def test_what_is_not_sent_says_why(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, FakeChannel(), office.clock)
    who = await sending.writes()
    async with office.store.begin() as tx:
        await tx.set_standing(who, Standing.STOPPED, office.clock.now())
    await sending.say(who, "kabar", notice=True)
    await sending.work()
    async with office.store.begin() as tx:
        ticket = await office.ticket(await tx.conversation(who))
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    assert "tidak dikirim: [channel.error.opted_out]" in browser.read()


async def test_a_web_conversation_has_no_such_words(browser: Browser, office: Office) -> None:
    conversation = await office.conversation()
    await office.says(conversation, "Untuk siapa?")
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    assert 'class="delivery' not in browser.text and "Riwayat kirim" not in browser.read()

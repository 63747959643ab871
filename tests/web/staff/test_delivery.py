"""An agent sees how far every message has come, and why not further."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.messages import Receipt, Reply, Standing
from bot.errors import ChannelError, Throttled
from bot.usecases import handoff
from bot.web.staff import strings
from tests.fakes import FakeChannel
from tests.storage.outbox_office import Office as Sending

from .conftest import Browser, Office, agent
from .test_console_stream import stream

ID = strings.say_in("id")


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


async def test_a_shut_window_is_said_and_a_template_sent_before_the_answer(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, office.channel, office.clock).windowed()
    who = await sending.writes("+628000000001")
    async with office.store.begin() as tx:
        ticket = await office.ticket(await tx.conversation(who), last_citizen_at=office.clock.now())
    await office.staff("wati", name="Bu Wati")
    await browser.sign_in("wati")
    path = f"/staff/tickets/{ticket.id}"
    await handoff.claim(office.deps, ticket.id, agent("wati", "Bu Wati"))
    await browser.get(path)
    assert ID("window_open", hours=24, time="25 Nov 08.59", left="23 jam 59 menit") in browser.read()

    office.clock.move(hours=25)
    await browser.sign_in("wati")
    await handoff.claim(office.deps, ticket.id, agent("wati", "Bu Wati"))
    await browser.get(path)
    assert ID("window_shut", hours=24) in browser.read() and ID("window_none") in browser.read()
    await sending.approve("loket_jawaban")
    page = await browser.get(path)
    assert 'name="template" value="answer" checked' in page and "sudah dijawab" in browser.read()
    await browser.post(f"{path}/reply", text="Sudah bisa diambil", template="status")
    assert browser.status == 404
    await browser.get(path)
    await browser.post(f"{path}/reply", text="Sudah bisa diambil", template="answer")
    assert browser.status == 303
    await sending.work()
    sent = [message for _, _, message in office.channel.sent]
    assert [message.template.name for message in sent if message.template] == ["loket_jawaban"]
    assert not any("Sudah bisa diambil" in message.text for message in sent)
    await browser.get(path)
    assert "ditahan sampai warga menulis lagi" in browser.read()


async def test_every_approved_template_that_fits_the_case_can_be_picked(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, office.channel, office.clock).windowed()
    who = await sending.writes("+628000000001")
    async with office.store.begin() as tx:
        conversation = await tx.conversation(who)
    case = await office.case(conversation)
    async with office.store.begin() as tx:
        await tx.put_case(replace(case, state="terbit", reference="LKT-0000-0000-0"))
    ticket = await office.ticket(conversation, last_citizen_at=office.clock.now())
    await office.staff("wati", name="Bu Wati")
    await sending.approve("loket_jawaban", "loket_status", "loket_dokumen", "loket_perbaikan", "loket_pengingat_sip")
    office.clock.move(hours=25)
    await browser.sign_in("wati")
    path = f"/staff/tickets/{ticket.id}"
    await handoff.claim(office.deps, ticket.id, agent("wati", "Bu Wati"))
    await browser.get(path)
    offered = re.findall(r'name="template" value="(\w+)"', browser.text)
    assert offered == ["answer", "status", "document"]
    assert "LKT-0000-0000-0" in browser.read()
    await browser.post(f"{path}/reply", text="Bisa diambil besok", template="repair")
    assert browser.status == 404
    await browser.get(path)
    await browser.post(f"{path}/reply", text="Bisa diambil besok", template="status")
    await sending.work()
    sent = [message for _, _, message in office.channel.sent]
    assert [message.template.name for message in sent if message.template] == ["loket_status"]
    assert not any("besok" in message.text for message in sent)  # it follows once they write


async def test_ticks_in_an_open_thread_move_by_themselves(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, FakeChannel(), office.clock)
    who = await sending.writes("+628000000001")
    await sending.say(who, "satu", "dua")
    async with office.store.begin() as tx:
        ticket = await office.ticket(await tx.conversation(who))
        last = await tx.last_seq(who)
    await office.staff("wati")
    await browser.sign_in("wati")
    async with stream(browser, f"view=unassigned&ticket={ticket.id}&after={last}") as heard:
        await sending.work()
        html = ""
        while "dua" not in html:
            html = (await heard.next("ticks"))["html"]
        assert "terkirim" in html and "Terima" not in html
        async with office.store.begin() as tx:
            await tx.put_receipt(Receipt("fake:1", "FM0001", "read", office.clock.now()))
        data = await heard.next("ticks")
        while "dibaca" not in data["html"]:
            data = await heard.next("ticks")
        assert "satu" in data["html"]

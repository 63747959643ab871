from __future__ import annotations

import re
from uuid import uuid4

import pytest

from bot.domain.conversation import Holder
from bot.domain.messages import Button, Reply
from bot.usecases import handoff
from bot.web.staff import strings
from bot.web.staff.tickets import LONGEST

from .conftest import BREBES, JPEG, NIK, Browser, Office, agent, claimed

ID = strings.say_in("id")


async def said_by_agents(office: Office, conversation_id: object) -> list[str]:
    async with office.store.begin() as tx:
        return [e.body["text"] for e in await tx.thread(conversation_id) if e.sender == "agent"]  # type: ignore[arg-type]


# -- looking ---------------------------------------------------------------------------------------------------------


async def test_the_whole_thread_is_shown_with_who_said_what(browser: Browser, office: Office) -> None:
    conversation = await office.conversation()
    await office.hears(conversation, "Saya mau <b>akta</b> anak")
    await office.says(conversation, "Untuk siapa?", Button("Anak saya", "answer:1"))
    await office.hears(conversation, payload="answer:1", title="Anak saya")
    ticket = await office.ticket(conversation)
    await handoff.claim(office.deps, ticket.id, agent("wati", "Bu Wati"))
    await handoff.reply(office.deps, ticket.id, agent("wati", "Bu Wati"), "Selamat pagi", "k1")
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    page = browser.read()
    assert "&lt;b&gt;akta&lt;/b&gt;" in browser.text and "<b>akta" not in browser.text
    order = [
        "Warga 09.00 Saya mau <b>akta</b> anak",
        "Bot 09.00 Untuk siapa?",
        "Anak saya (menekan tombol)",
        "[handoff.joined name=Bu Wati]",
        "Petugas · Bu Wati 09.00 Selamat pagi",
    ]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)


async def test_every_view_of_a_thread_is_on_record_with_its_reader(browser: Browser, office: Office) -> None:
    conversation = await office.conversation()
    await office.hears(conversation, "Halo")
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    await browser.get(f"/staff/tickets/{ticket.id}/form")
    assert await office.audit("thread.viewed") == [("wati", ticket.number)]
    assert await office.audit("form.viewed") == [("wati", ticket.number)]


async def test_a_nik_that_is_only_claimed_is_called_so_and_an_expired_proof_too(
    browser: Browser, office: Office
) -> None:
    claimed = await office.conversation(assurance=2)
    await office.case(claimed, **{"identitas.nik": NIK})
    citizen = await office.citizen()
    expired = await office.conversation(citizen_id=citizen.id, assurance=3, assured_until=office.clock.now())
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{(await office.ticket(claimed)).id}")
    assert f"{ID('nik_claimed')} 3328••••••••0001" in browser.read() and NIK not in browser.text
    await browser.get(f"/staff/tickets/{(await office.ticket(expired)).id}")
    assert ID("expired") in browser.read() and "1 · Kanal tertaut" in browser.read()


async def test_the_open_forms_progress_and_answers_are_shown(browser: Browser, office: Office) -> None:
    conversation = await office.conversation(language="jv")
    await office.case(
        conversation, **{"identitas.nik": NIK, "identitas.swafoto": {"checked_by": "officer"}, "anak.nama": "Aisyah"}
    )
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    page = browser.read()
    assert "Akta Kelahiran Langkah 1 dari 1" in page
    assert "Nama anak Aisyah" in page


async def test_of_two_thousand_lines_the_newest_come_first_and_the_others_a_page_at_a_time(
    browser: Browser, office: Office
) -> None:
    conversation = await office.conversation()
    async with office.store.begin() as tx:
        await tx.say(conversation.id, [Reply(f"pesan-{n}.") for n in range(2000)], office.clock.now())
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    page = await browser.get(f"/staff/tickets/{ticket.id}")
    assert "pesan-1999." in page and "pesan-1919." not in page and len(page) < 250_000
    seen, before = set(re.findall(r"pesan-(\d+)\.", page)), re.search(r"earlier\?before=(\d+)", page)
    while before is not None:
        page = await browser.get(f"/staff/tickets/{ticket.id}/earlier?before={before[1]}", **{"HX-Request": "true"})
        more = set(re.findall(r"pesan-(\d+)\.", page))
        assert more and not more & seen and "<html" not in page
        seen, before = seen | more, re.search(r"earlier\?before=(\d+)", page)
    assert len(seen) == 2000
    page = await browser.get(f"/staff/tickets/{ticket.id}?before=100")  # the same without JavaScript
    assert "pesan-50." in page and "pesan-1999." not in page


@pytest.mark.parametrize("place", ["x", "", "-1", "9" * 30, "١"])
async def test_lines_before_nonsense_are_refused(browser: Browser, office: Office, place: str) -> None:
    _, path = await claimed(browser, office)
    await browser.get(f"{path}/earlier?before={place}")
    assert browser.status == 400


async def test_of_a_closed_ticket_only_what_was_said_until_then_is_shown(browser: Browser, office: Office) -> None:
    conversation = await office.conversation()
    await office.hears(conversation, "Sebelum")
    ticket = await office.ticket(conversation)
    await handoff.claim(office.deps, ticket.id, agent("wati"))
    await handoff.return_to_bot(office.deps, ticket.id, agent("wati"))
    office.clock.move(minutes=1)
    await office.hears(conversation, "Sesudah")
    await office.staff("wati")
    await browser.sign_in("wati")
    page = await browser.get(f"/staff/tickets/{ticket.id}")
    assert "Sebelum" in page and "Sesudah" not in page
    await browser.get(f"/staff/tickets/{ticket.id}/news?after=0&state=closed")
    assert "Sesudah" not in browser.text


async def test_an_attachment_is_downloaded_not_opened_and_the_download_is_on_record(
    browser: Browser, office: Office
) -> None:
    conversation = await office.conversation()
    file = await office.attaches(conversation, "document", 'surat "lahir"\r\n é.jpg')
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    page = await browser.get(f"/staff/tickets/{ticket.id}")
    assert f"/staff/files/{file.id}" in page
    answer = await browser.client.get(f"/staff/files/{file.id}")
    assert await answer.read() == JPEG
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert await office.audit("file.viewed") == [("wati", file.id)]


async def test_files_without_an_open_ticket_here_and_selfies_stay_shut(browser: Browser, office: Office) -> None:
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    no_ticket = await office.attaches(await office.conversation(), "document", "a.jpg")
    elsewhere = await office.conversation(BREBES)
    theirs = await office.attaches(elsewhere, "document", "b.jpg")
    await office.ticket(elsewhere)
    conversation = await office.conversation()
    selfie = await office.attaches(conversation, "selfie", "c.jpg")
    closed_file = await office.attaches(conversation, "document", "d.jpg")
    ticket = await office.ticket(conversation)
    assert selfie.id not in await browser.get(f"/staff/tickets/{ticket.id}")
    assert ID("selfie_sent") in browser.read()
    await handoff.return_to_bot(office.deps, ticket.id, agent("wati"))
    for blob_id in (no_ticket.id, theirs.id, selfie.id, closed_file.id, uuid4(), "../../etc"):
        await browser.get(f"/staff/files/{blob_id}")
        assert browser.status == 404
    assert await office.audit("file.viewed") == []


# -- acting ----------------------------------------------------------------------------------------------------------


async def test_claiming_silences_the_bot_and_tells_the_citizen_the_agents_name(
    browser: Browser, office: Office
) -> None:
    conversation, path = await claimed(browser, office)
    async with office.store.begin() as tx:
        assert (await tx.conversation(conversation.id)).state is Holder.AGENT
        assert (await tx.thread(conversation.id))[-1].body["text"] == "[handoff.joined name=Bu Wati]"
    assert ID("stands_mine", time="09.00") in browser.read()
    assert len(await office.audit("ticket.claimed")) == 1


async def test_of_two_agents_one_gets_the_ticket_and_the_other_reads_who_has_it(
    browser: Browser, other: Browser, office: Office
) -> None:
    ticket = await office.ticket()
    await office.staff("wati", name="Bu Wati")
    await office.staff("budi", name="Pak Budi")
    await browser.sign_in("wati")
    await other.sign_in("budi")
    for one in (browser, other):
        await one.get(f"/staff/tickets/{ticket.id}")
    await browser.post(f"/staff/tickets/{ticket.id}/claim")
    await other.post(f"/staff/tickets/{ticket.id}/claim")
    assert (browser.status, other.status) == (303, 409)
    assert ID("conflict_claim_held", name="Bu Wati") in other.read()


async def test_an_answer_reaches_the_citizens_chat_once_however_often_the_form_is_sent(
    browser: Browser, office: Office
) -> None:
    conversation, path = await claimed(browser, office)
    for _ in range(3):
        await browser.post(f"{path}/reply", text="  Selamat pagi\r\nBu Siti ")
        assert (browser.status, browser.location) == (303, f"{path}?view=mine#end")
    assert await said_by_agents(office, conversation.id) == ["Selamat pagi\nBu Siti"]
    async with office.store.begin() as tx:
        meta = (await tx.thread(conversation.id))[-1].body["meta"]
    assert meta["agent"] == "Bu Wati"


async def test_other_words_in_an_old_pages_form_are_not_lost(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/reply", text="Satu")
    await browser.post(f"{path}/reply", text="Dua")
    assert await said_by_agents(office, conversation.id) == ["Satu", "Dua"]


async def test_with_htmx_an_answer_gives_an_empty_box_with_a_new_key(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    before = browser.form()["key"]
    await browser.htmx(f"{path}/reply", text="Selamat pagi")
    assert browser.status == 200 and browser.headers["HX-Trigger"] == "loket-sent"
    assert browser.form()["key"] != before
    assert "Selamat pagi" not in browser.text and "<html" not in browser.text
    assert await said_by_agents(office, conversation.id) == ["Selamat pagi"]


@pytest.mark.parametrize("text", ["", "  \r\n ", "x" * (LONGEST + 1)])
async def test_an_empty_and_an_endless_answer_are_refused_and_stay_in_the_box(
    browser: Browser, office: Office, text: str
) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/reply", text=text)
    assert browser.status == 422
    assert (ID("too_long", most=LONGEST) if text.strip() else ID("empty")) in browser.read()
    assert text.strip() in browser.text
    assert await said_by_agents(office, conversation.id) == []


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("state", ["claimed", "closed", "queued"])
async def test_an_answer_that_comes_too_late_says_why_and_keeps_the_text(
    browser: Browser, office: Office, state: str, htmx: bool
) -> None:
    conversation, path = await claimed(browser, office)
    await office.staff("budi", name="Pak Budi")
    async with office.store.begin() as tx:
        ticket = await tx.open_ticket(conversation.id)
        assert ticket is not None
        ticket.state, ticket.agent = state, {"claimed": "budi"}.get(state)
        ticket.closed_at = office.clock.now() if state == "closed" else None
        await tx.put_ticket(ticket)
    send = browser.htmx if htmx else browser.post
    await send(f"{path}/reply", text="Jangan <hilang>")
    assert browser.status == 409
    sentence = {
        "claimed": ID("conflict_held", name="Pak Budi"),
        "closed": ID("conflict_closed"),
        "queued": ID("conflict_lost"),
    }
    assert sentence[state] in browser.read()
    assert "Jangan &lt;hilang&gt;</textarea>" in browser.text
    assert await said_by_agents(office, conversation.id) == []


async def test_closing_gives_the_conversation_back_to_the_bot(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/close")
    assert browser.status == 303 and re.fullmatch(r"/staff/\?view=mine&done=closed&number=[A-Z0-9-]+", browser.location)
    await browser.get(browser.location)
    assert "kembali ke bot" in browser.read()
    async with office.store.begin() as tx:
        assert (await tx.conversation(conversation.id)).state is Holder.BOT


async def test_a_ticket_is_not_closed_over_an_answer_that_was_not_sent(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/close", text="Hampir lupa")
    assert browser.status == 422
    assert ID("unsent") in browser.read() and "Hampir lupa</textarea>" in browser.text
    async with office.store.begin() as tx:
        assert (await tx.conversation(conversation.id)).state is Holder.AGENT


async def test_closing_what_a_colleague_holds_or_closed_is_refused_with_the_reason(
    browser: Browser, other: Browser, office: Office
) -> None:
    conversation, path = await claimed(browser, office)
    await office.staff("budi")
    await other.sign_in("budi")
    page = await other.get(path)
    assert "/close" not in page and "/claim" not in page
    await other.post(f"{path}/close")
    assert other.status == 409 and ID("conflict_close_held", name="Bu Wati") in other.read()
    await browser.post(f"{path}/close")
    await browser.post(f"{path}/close")
    assert browser.status == 409 and ID("conflict_close_closed") in browser.read()

"""Which chats are one person's, and taking one out."""

from __future__ import annotations

from uuid import uuid4

from bot.domain.conversation import Conversation
from bot.web.staff import strings

from .conftest import BREBES, Browser, Office

ID = strings.say_in("id")


async def connected(office: Office) -> tuple[Conversation, Conversation]:
    one, other = await office.conversation(), await office.conversation()
    person = uuid4()
    async with office.store.begin() as tx:
        for conversation in (one, other):
            found = await tx.conversation(conversation.id, lock=True)
            found.person_id = person
            await tx.save_conversation(found)
    async with office.store.begin() as tx:
        return await tx.conversation(one.id), await tx.conversation(other.id)


async def test_a_connection_is_shown_and_undone_on_record(browser: Browser, office: Office) -> None:
    one, other = await connected(office)
    ticket = await office.ticket(one)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    assert "Tersambung dengan obrolan: [link.channel.web]" in browser.read() and ID("unlink") in browser.read()
    await browser.post(f"/staff/tickets/{ticket.id}/unlink")
    assert browser.status == 303
    await browser.get(f"/staff/tickets/{ticket.id}")
    assert ID("unlink") not in browser.read() and "[link.undone_by_officer]" in browser.read()
    assert await office.audit("link.undone") == [("wati", str(one.id))]
    async with office.store.begin() as tx:
        assert not await tx.same_person(one.id, other.id)
        assert [entry.body["text"] for entry in await tx.thread(other.id)] == [
            "[link.undone_elsewhere channel=[link.channel.web]]"
        ]
    await browser.post(f"/staff/tickets/{ticket.id}/unlink")  # an old page, pressed again
    assert browser.status == 303 and len(await office.audit("link.undone")) == 1


async def test_a_chat_that_stands_alone_has_no_such_button(browser: Browser, office: Office) -> None:
    ticket = await office.ticket()
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    assert ID("unlink") not in browser.read()


async def test_another_office_and_a_forged_page_undo_nothing(browser: Browser, office: Office) -> None:
    one, other = await connected(office)
    ticket = await office.ticket(one)
    await office.staff("budi", locus=BREBES)
    await browser.sign_in("budi")
    await browser.get("/staff/")
    await browser.post(f"/staff/tickets/{ticket.id}/unlink")
    assert browser.status == 404
    await browser.post(f"/staff/tickets/{ticket.id}/unlink", csrf="forged")
    assert browser.status == 400
    async with office.store.begin() as tx:
        assert await tx.same_person(one.id, other.id)

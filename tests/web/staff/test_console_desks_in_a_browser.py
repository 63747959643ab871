"""What agents see of messages on their way, closed windows, faces that wait and an outside desk, on a phone and on a desk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.domain.messages import Receipt
from bot.usecases import handoff
from bot.usecases.handoff_request import UNSURE
from bot.web.staff import strings
from integrations.chatwoot.accounts import Account
from integrations.chatwoot.adapter import Chatwoot
from tests.storage.outbox_office import Office as Sending

from .conftest import Office, agent
from .test_console_in_a_browser import PHONE
from .test_in_a_browser import DESK, accessible, chrome, desk, shot

__all__ = ["chrome"]
pytestmark = pytest.mark.browser

ID = strings.say_in("id")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_ticks_templates_a_waiting_face_and_the_outside_desk(
    chrome: Browser, server: TestServer, office: Office, viewport: dict[str, int]
) -> None:
    width = viewport["width"]
    outside = Chatwoot(Account("", "http://127.0.0.1:9", "3", 7, "t", "s"), office.clock)
    office.deps.desks.update({outside.id: outside})  # type: ignore[attr-defined]
    sending = Sending(office.store, office.channel, office.clock).windowed()
    who = await sending.writes("+628000000001", "kapan jadi?")
    async with office.store.begin() as tx:
        conversation = await tx.conversation(who)
    case = await office.case(conversation)
    async with office.store.begin() as tx:
        await tx.put_case(replace(case, state="terbit", reference="LKT-0000-0000-0"))
    ticket = await office.ticket(conversation, service="akta-kelahiran", last_citizen_at=office.clock.now())
    await office.staff("siti", "supervisor", name="Siti Rahma")
    wati = await desk(chrome, server, viewport=viewport, color_scheme="dark" if width < 500 else "light")
    page = await wati.sign_in("siti", f"/staff/tickets/{ticket.id}")
    await page.get_by_role("button", name=ID("claim")).click()
    box = page.get_by_role("textbox", name=ID("reply"), exact=True)
    await box.fill("Aktanya sudah terbit, Bu.")
    await page.get_by_role("button", name=ID("send"), exact=True).click()
    said = page.locator(".c-said.agent")
    await expect(said).to_have_count(1)
    await sending.work()
    await expect(said.locator(".delivery")).to_contain_text("terkirim")  # nobody reloads
    async with office.store.begin() as tx:
        await tx.put_receipt(Receipt("fake:1", f"FM{len(office.channel.sent):04d}", "read", office.clock.now()))
    await expect(said.locator(".delivery")).to_contain_text("dibaca")
    await shot(page, f"desks-ticks-{width}")
    await accessible(page)

    await sending.approve("loket_jawaban", "loket_status", "loket_dokumen")
    office.clock.move(hours=25)
    await page.close()
    page = await wati.sign_in("siti", f"/staff/tickets/{ticket.id}")
    await handoff.claim(office.deps, ticket.id, agent("siti", "Siti Rahma"))
    await page.reload()
    picker = page.get_by_role("group", name=ID("template"))
    await expect(picker.get_by_role("radio")).to_have_count(3)
    await picker.get_by_role("radio", name=ID("template_status")).check()
    await shot(page, f"desks-window-{width}")
    await accessible(page)

    await page.locator("#transfer > summary").click()
    await page.get_by_label(ID("transfer_to")).select_option(f"desk:{outside.id}")
    await office.hears(conversation, "halo?")  # what comes while one chooses closes no menu
    await expect(page.locator(".c-said.citizen").last).to_contain_text("halo?")
    await shot(page, f"desks-transfer-{width}")
    await page.get_by_role("button", name=ID("transfer_do")).click()
    await expect(page.get_by_text(ID("done_transferred", number=ticket.number))).to_be_visible()
    await page.goto(str(server.make_url(f"/staff/tickets/{ticket.id}?view=all")))
    await expect(page.locator("#state")).to_contain_text("Chatwoot")
    await expect(page.get_by_role("button", name=ID("take_over"))).to_be_visible()
    await shot(page, f"desks-outside-{width}")
    await accessible(page)

    face = await office.ticket(trigger="identity")
    async with office.store.begin() as tx:
        face.reason = UNSURE
        await tx.put_ticket(face)
    await page.goto(str(server.make_url(f"/staff/tickets/{face.id}?view=all&pane=case")))
    await expect(page.get_by_role("link", name=ID("unsure_open"))).to_be_visible()
    await shot(page, f"desks-face-{width}")
    await accessible(page)
    await page.goto(str(server.make_url("/staff/supervise")))
    await shot(page, f"desks-supervise-{width}")
    await accessible(page)
    assert wati.faults == []

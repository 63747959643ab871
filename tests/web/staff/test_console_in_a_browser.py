"""The console as agents meet it: on a phone and on a desk, alone and with a colleague, with and without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.domain.messages import Reply
from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import JPEG, Office, agent
from .test_in_a_browser import DESK, FLAGS, accessible, desk, shot, talk

pytestmark = pytest.mark.browser

ID = strings.say_in("id")
PHONE = {"width": 360, "height": 740}


@pytest.fixture
async def chrome(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


def box(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("textbox", name=ID("reply"), exact=True)


@pytest.mark.parametrize("viewport", [PHONE, DESK, {"width": 900, "height": 800}], ids=["phone", "desk", "tablet"])
async def test_an_agent_takes_a_conversation_answers_notes_and_hands_back(
    chrome: Browser, server: TestServer, office: Office, viewport: dict[str, int]
) -> None:
    width = viewport["width"]
    await office.staff("wati", "supervisor", name="Wati Lestari")
    await office.staff("budi", name="Budi Raharjo")
    wati = await desk(chrome, server, viewport=viewport)
    page = await wati.sign_in("wati")
    await expect(page.get_by_text(ID("empty_unassigned"))).to_be_visible()
    await shot(page, f"console-empty-{width}")

    conversation = await talk(office)
    ticket = await office.ticket(conversation, "not_understood", priority=1, vulnerable="age", service="akta-kelahiran")
    row = page.locator(f"#t{ticket.id}")
    await expect(row).to_be_visible()  # nobody reloads: the event brings it
    office.clock.move(minutes=75)
    await office.ticket(await office.conversation(language="jv"), "complaint")
    await expect(page.locator(".c-row")).to_have_count(2)
    await expect(row.locator(".c-badge")).to_have_text(ID("urgent_age"))
    await shot(page, f"console-list-{width}")
    await accessible(page)

    await row.click()
    await expect(page.locator("#head")).to_contain_text(ticket.number)
    await shot(page, f"console-queued-{width}")
    await accessible(page)
    await page.get_by_role("button", name=ID("claim")).click()
    await expect(box(page)).to_be_editable()
    await box(page).fill("Selamat pagi, saya Wati. Bagian mana yang membingungkan?")
    await office.hears(conversation, "yang surat lahir pak")  # arrives while she types: her words stay
    await expect(page.locator(".c-said").last).to_contain_text("yang surat lahir pak")
    await expect(box(page)).to_have_value("Selamat pagi, saya Wati. Bagian mana yang membingungkan?")
    await box(page).focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".c-said.agent .c-text")).to_have_text(
        ["Selamat pagi, saya Wati. Bagian mana yang membingungkan?"]
    )
    await expect(box(page)).to_have_value("")
    await page.get_by_role("button", name=ID("mode_note"), exact=True).click()
    await page.locator("#note").fill("@budi tolong cek <b>berkasnya</b>")
    await page.get_by_role("button", name=ID("note_send")).click()
    await expect(page.locator(".c-said.note")).to_contain_text("tolong cek <b>berkasnya</b>")
    await expect(page.locator(".c-said.note")).to_contain_text(ID("mentions", names="Budi Raharjo"))
    ids = await page.locator(".c-said").evaluate_all("lines => lines.map(line => line.id)")
    assert len(ids) == len(set(ids))
    await shot(page, f"console-mine-{width}")
    await accessible(page)
    if width < 1280:
        await page.get_by_role("link", name=ID("to_case")).click()
    await expect(page.get_by_text("Aisyah Putri")).to_be_visible()
    await shot(page, f"console-case-{width}")
    await accessible(page)
    if width < 768:
        await page.locator("#from-case").click()
    elif width < 1280:
        await page.keyboard.press("Escape")
    await page.get_by_role("button", name=ID("resolve")).click()
    await expect(page.get_by_text(ID("done_closed", number=ticket.number))).to_be_visible()
    await shot(page, f"console-closed-{width}")
    if width < 768:
        await page.locator("#back").click()
        await expect(page.locator("#list")).to_be_visible()
    assert wati.faults == []

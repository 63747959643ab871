"""The self-service point as people see it: a tall screen, a phone; a scanner that types; the page of a ticket."""

from __future__ import annotations

import os
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from playwright.async_api import Browser, Page, expect

from tests.usecases.queue_office import Office, office
from tests.web.test_kiosk import AT_NINE, booked
from tests.web.test_public_papers import client
from tests.web.test_public_papers_in_a_browser import SMALL, browser, clean

__all__ = ["browser", "client", "office"]
pytestmark = pytest.mark.browser
TALL = {"width": 1080, "height": 1920}
SHOTS = os.environ.get("SCREENSHOTS", "")


async def shot(page: Page, name: str) -> None:
    """For people who want to look."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def scan(page: Page, code: str) -> None:
    """A reader types fast and ends with Enter, wherever the focus is."""
    await page.evaluate("document.activeElement?.blur()")
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def test_a_ticket_is_read_at_the_kiosk_and_the_answer_goes_away(
    office: Office, client: TestClient[Any, Any], browser: Browser
) -> None:
    number = await booked(office)
    office.world.clock.at = AT_NINE
    page = await browser.new_page(viewport=TALL, locale="id-ID")
    await page.goto(str(client.make_url("/kios")))
    await expect(page.get_by_role("button", name="Lanjut di HP")).to_be_visible()
    await shot(page, "kiosk")
    await clean(page)
    await scan(page, f"http://127.0.0.1:8080/antrean/{number}")
    await expect(page.get_by_role("status").first).to_contain_text("A-013")
    await expect(page.get_by_text("Kedatangan Anda sudah tercatat")).to_be_visible()
    await shot(page, "kiosk-here")
    await clean(page)
    await page.get_by_role("link", name="Kembali ke awal").click()
    await page.get_by_label("Kode tiket").fill("Z-999")
    await page.get_by_role("button", name="Saya sudah datang").click()
    await expect(page.get_by_text("tidak kami kenali")).to_be_visible()
    assert page.url.endswith("/kios")
    phone = await browser.new_page(viewport=SMALL, locale="id-ID", color_scheme="dark")
    for path in ("/kios", f"/antrean/{number}"):
        await phone.goto(str(client.make_url(path)))
        await expect(phone.locator("h1")).to_be_visible()
        await shot(phone, f"phone{path[:7].replace('/', '-')}")
        await clean(phone)

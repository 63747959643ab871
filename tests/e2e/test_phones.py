"""The phones of the sandbox: anybody can try Telegram and WhatsApp without an account, by `./loket run` alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.service import Service
from tests.e2e.test_browser_journey import SLOW


@pytest.fixture
async def page(shared_browser: Browser, service: Service) -> AsyncIterator[Page]:
    page = await shared_browser.new_page(viewport={"width": 390, "height": 844})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    await page.goto(f"{service.state['sandbox_url']}/phones")
    yield page
    await page.close()
    assert wrong == []


@pytest.mark.browser
@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
async def test_a_phone_writes_is_answered_and_presses_a_button(page: Page, channel: str) -> None:
    phone = page.locator(f"section[data-channel={channel}]")
    heard = phone.locator(".screen li:not(.mine)")

    async def say(text: str) -> None:
        await phone.get_by_label("Pesan").fill(text)
        await phone.get_by_role("button", name="Kirim", exact=True).click()

    await say("berapa biaya kia?")
    await expect(heard.filter(has_text="Gratis").first).to_be_visible(timeout=SLOW)
    await say("mau buat akta kelahiran baru")
    await phone.get_by_role("button", name="Ya, setuju").click(timeout=SLOW)
    await expect(heard.filter(has_text="Berapa NIK").first).to_be_visible(timeout=SLOW)
    assert await heard.filter(has_text="Berapa NIK").count() == 1
    fits = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert fits, "the page is wider than the phone"

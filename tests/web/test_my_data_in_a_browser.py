"""The page about one's own data as people see it: a small phone without script, a desktop in the dark; clean for axe."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.usecases.conftest import World
from tests.web.staff.test_in_a_browser import shot
from tests.web.test_my_data import linked_page, office, who
from tests.web.test_public_papers import Web, client
from tests.web.test_public_papers_in_a_browser import LARGE, SMALL, browser, clean

__all__ = ["browser", "client", "office", "who"]


async def _open(world: World, page: Page, url: str, who: Any) -> None:
    await page.goto(url)
    await page.get_by_role("button", name="Kirim kode").click()
    code = str((await world.news(who))[-1]["text"].split("*")[1])
    await page.get_by_label("Kode dari obrolan").fill(code)
    await page.get_by_role("button", name="Buka").click()
    await expect(page.get_by_text("Karso Wijaya")).to_be_visible()


@pytest.mark.browser
async def test_a_citizen_sees_takes_and_erases_their_data_without_script(
    office: World, client: Web, who: Any, browser: Browser
) -> None:
    url = str(client.make_url(await linked_page(office, who)))
    wide = await browser.new_page(viewport=LARGE, color_scheme="dark", locale="id-ID")
    await wide.goto(url)
    await clean(wide)
    await _open(office, wide, url, who)
    await clean(wide)
    await shot(wide, "g-mydata-dark")
    phone = await browser.new_context(java_script_enabled=False, viewport=SMALL, locale="id-ID", accept_downloads=True)
    page = await phone.new_page()
    await _open(office, page, url, who)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Unduh PDF").click()
    assert (await download.value).suggested_filename.endswith(".pdf")
    await page.get_by_label("Saya mengerti").last.check()
    await page.get_by_role("button", name="Hapus data saya").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Data Anda sudah dihapus")
    small = await browser.new_page(viewport=SMALL, locale="id-ID")
    await small.goto(url)
    await clean(small)

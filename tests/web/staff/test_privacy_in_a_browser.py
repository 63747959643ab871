"""The data officer's pages in a real browser: a request settled, a breach noted; every page on a phone and in the dark, clean for axe."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.domain.data_rights import Kind
from bot.usecases.store_privacy import Removal
from bot.web.staff import strings

from .conftest import Office
from .test_in_a_browser import accessible, chrome, desk, shot
from .test_privacy import PAGES, asked

pytestmark = pytest.mark.browser

__all__ = ["chrome"]

ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 800}


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_a_data_officers_day_and_every_page_is_clean(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    citizen = await office.citizen()
    url = await asked(office, Kind.ERASE, citizen_id=citizen.id, assurance=2)
    child = await asked(office, Kind.CHILD, words="untuk anak saya")
    conversation = await office.conversation(citizen_id=citizen.id)
    async with office.store.begin() as tx:
        await tx.put_consent(conversation, None, "akta-kelahiran", "a" * 12, "a" * 64, office.clock.now())
        await tx.put_removals([Removal(office.clock.now(), "messages", "message", 1234)])
    await office.staff("dewi", "data_officer", name="Dewi")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("dewi", "/staff/privacy")
    await expect(page.get_by_role("heading", level=1)).to_have_text(ID("privacy_requests"))
    await page.goto(str(server.make_url(url)))
    await shot(page, f"g-request-{name}")
    await accessible(page)
    await page.get_by_role("textbox", name=ID("privacy_answer")).fill("Sudah kami hapus.")
    await page.get_by_role("button", name=ID("privacy_do_erase")).click()
    await expect(page.get_by_text(ID("privacy_done"))).to_be_visible()
    await page.goto(str(server.make_url("/staff/privacy/breaches")))
    await page.get_by_label(ID("breach_what")).fill("Laptop petugas hilang")
    await page.get_by_label(ID("breach_found")).fill(office.clock.now().strftime("%Y-%m-%dT%H:%M"))
    await page.get_by_role("button", name=ID("breach_note"), exact=True).click()
    await expect(page.get_by_label(ID("breach_to_people"))).to_be_visible()
    await shot(page, f"g-breach-{name}")
    await accessible(page)
    for part in (*PAGES, child.removeprefix("/staff/privacy")):
        await page.goto(str(server.make_url(f"/staff/privacy{part}")))
        await expect(page.locator("h1")).to_be_visible()
        await shot(page, f"g{part.replace('/', '-')[:14] or '-list'}-{name}")
        await accessible(page)
    assert person.faults == []

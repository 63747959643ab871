"""Answers, texts, services and offices in a real browser: on a phone, on a desk in the dark; axe finds nothing."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.web.staff import strings

from .conftest import Office
from .test_in_a_browser import accessible, chrome, desk, shot

pytestmark = pytest.mark.browser

__all__ = ["chrome"]

ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 800}
STUDIO = "/staff/studio"
PAGES = {
    "texts": "texts?section=handoff",
    "text": "texts/message/say.greet",
    "faq": "texts/faq?q=robot",
    "faq-entry": "texts/faq/loket/entry/faq/bot-atau-orang",
    "unsure": "texts/unsure?keeper=Disdukcapil+Kabupaten+Tegal+(Slawi)+atau+loketnya+di+MPP+Satya+Dahayu",
    "services": "services",
    "service": "services/ktp?pick=_variant:hilang",
    "facts": "services/_dukcapil/entry/facts",
    "variant": "services/ktp/entry/variants/hilang",
    "section": "services/kia/entry/form/sections/anak",
    "field": "services/kia/entry/form/sections/anak/fields/umur",
    "codes": "services/_dukcapil/entry/codes",
    "offices": "offices",
    "hours": "offices/33.28/entry/hours",
    "office": "offices/33.28",
}


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_every_page_fits_and_axe_finds_nothing(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    await office.staff("siti", "editor", name="Siti Editor")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("siti", f"{STUDIO}/texts")
    for shown, path in PAGES.items():
        await page.goto(str(server.make_url(STUDIO)) + f"/{path}")
        await expect(page.locator("h1")).to_be_visible()
        await shot(page, f"{shown}-{name}")
        await accessible(page)
    assert person.faults == []


async def test_an_editor_looks_at_a_notice_before_it_is_saved(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("siti", "editor", name="Siti Editor")
    person = await desk(chrome, server, viewport=PHONE, has_touch=True)
    page = await person.sign_in("siti", f"{STUDIO}/offices")
    await page.get_by_role("link", name=ID("st_add_notice")).click()
    await page.get_by_text(ID("st_new_row")).click()
    today = office.clock.now().date().isoformat()
    await page.get_by_label(ID("sf_from")).fill(today)
    await page.get_by_label(ID("sf_until")).fill(today)
    await page.get_by_role("textbox", name=ID("tongue_id")).fill("Antre lewat pintu timur.")
    await page.get_by_role("button", name=ID("st_preview"), exact=True).click()
    said = page.locator("#preview").get_by_text("Pengumuman: Antre lewat pintu timur.")
    await expect(said).to_have_count(3)
    assert not await office.studio.pending(), "a preview saves nothing"
    await page.get_by_role("button", name=ID("st_save")).click()
    await expect(page.get_by_role("status")).to_have_text(ID("st_done_live"))
    await shot(page, "notice-phone")
    await accessible(page)
    assert person.faults == []

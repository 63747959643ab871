"""A manager's journey in a real browser: on a phone and on a desk in the dark; axe finds nothing."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.domain.figures import FIGURES
from bot.web.staff import strings
from bot.web.staff.figures_works import SECTIONS

from .conftest import Office
from .test_figures import MARCH, managed
from .test_in_a_browser import accessible, chrome, desk, shot

pytestmark = pytest.mark.browser

__all__ = ["chrome", "managed"]

ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 900}


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_a_manager_goes_from_the_overview_to_the_case_behind_a_number(
    chrome: Browser, server: TestServer, managed: Office, name: str, options: dict[str, object]
) -> None:
    person = await desk(chrome, server, **options)
    page = await person.sign_in("nina")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(ID("all_offices"))
    await page.get_by_label(ID("audit_since")).fill("2026-03-01")
    await page.get_by_label(ID("audit_until")).fill("2026-03-20")
    await page.get_by_role("button", name=ID("figures_show")).click()
    await expect(page.locator("svg.chart")).to_be_visible()
    await shot(page, f"overview-{name}")
    await accessible(page)
    await (
        page.get_by_role("navigation", name=ID("figures")).get_by_role("link", name=ID("figures_applications")).click()
    )
    await expect(page.get_by_role("heading", level=1)).to_contain_text(ID("figures_applications"))
    await page.get_by_label(ID("figures_what", name=FIGURES["promises"].name["id"])).click()
    await expect(page.get_by_text(FIGURES["promises"].means["id"]).first).to_be_visible()
    await page.get_by_role("link", name=f"{FIGURES['late_now'].name['id']}: 1", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(FIGURES["open_now"].name["id"])
    await shot(page, f"list-{name}")
    await accessible(page)
    await page.locator("tbody a").first.click()
    await expect(page.get_by_role("heading", name=ID("timeline"))).to_be_visible()
    assert person.faults == []


async def test_every_page_of_the_dashboard_fits_a_phone_and_axe_finds_nothing(
    chrome: Browser, server: TestServer, managed: Office
) -> None:
    person = await desk(chrome, server, viewport=PHONE, has_touch=True)
    page = await person.sign_in("maya", "/staff/account")
    await expect(page.get_by_role("heading", name=ID("account"), level=1)).to_be_visible()
    paths = {key: f"/staff/figures/{key}?{MARCH}" for key in SECTIONS}
    paths |= {"meanings": "/staff/figures/meanings", "open": "/staff/figures/open?month=2026-02"}
    for shown, path in paths.items():
        await page.goto(str(server.make_url(path)))
        await expect(page.locator("h1")).to_be_visible()
        await shot(page, f"{shown}-phone")
        await accessible(page)
    assert person.faults == []

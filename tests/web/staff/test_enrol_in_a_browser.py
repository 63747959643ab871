"""The counter's page in a browser: two pictures by webcam, or by files where there is none; WCAG 2.2 AA."""

from __future__ import annotations

from datetime import date

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.ports import Person

from .conftest import NIK, Office
from .test_in_a_browser import ID, accessible, chrome, desk, portrait, shot

pytestmark = pytest.mark.browser
__all__ = ["chrome"]


@pytest.fixture
async def ready(office: Office) -> Office:
    office.agency.people[NIK] = Person(NIK, "Siti Aminah", date(1990, 1, 1))
    await office.staff("wati", "officer")
    return office


async def test_two_pictures_by_webcam_enrol_a_face(ready: Office, server: TestServer, chrome: Browser) -> None:
    wati = await desk(chrome, server)
    page = await wati.sign_in("wati", "/staff/enrol")
    await accessible(page)
    await shot(page, "enrol")
    await page.locator("#nik").fill(NIK)
    await page.get_by_role("button", name=ID("enrol_camera")).press("Enter")
    for n in (1, 2):
        await page.get_by_role("button", name=ID("enrol_shoot", n=n)).click()
        await expect(page.locator("#said")).to_have_text(ID("enrol_taken", n=n))
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=ID("enrol_do"), exact=True).click()
    await expect(page.get_by_text(ID("enrol_done"))).to_be_visible()
    assert len(ready.deps.faces.enrolled[-1]) == 2  # type: ignore[attr-defined]
    assert wati.faults == []


async def test_without_a_script_files_do_as_well(ready: Office, server: TestServer, chrome: Browser) -> None:
    wati = await desk(chrome, server, java_script_enabled=False)
    page = await wati.sign_in("wati", "/staff/enrol")
    await page.locator("#nik").fill(NIK)
    for n, shirt in ((1, "#336699"), (2, "#663399")):
        file = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": portrait(shirt)}
        await page.locator(f"#picture{n}").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=ID("enrol_do"), exact=True).click()
    await expect(page.get_by_text(ID("enrol_done"))).to_be_visible()

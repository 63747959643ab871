"""Handed to a person in the middle of a form: the agent corrects a field, gives back, and the form goes on. Real parts only."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.e2e.service import Service
from tests.e2e.test_browser_journey import SLOW, Chat, browser
from tests.e2e.test_complaint_journey import STORY

__all__ = ["browser"]


async def test_an_agent_corrects_a_field_and_the_form_goes_on_to_submission(service: Service, browser: Browser) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="id-ID", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(service.url)
    chat = Chat(page)
    await chat.say(STORY, "tidak wajib membayar")
    await chat.say("loket 3 di mpp slawi, tadi pagi", "foto atau bukti")
    handed = await chat.say("petugas", "Nomor tiket")
    number = re.search(r"TKT-\w{4}-\w{4}-\w", await handed.inner_text())
    assert number is not None

    staff = await _at_the_desk(service, browser, number.group())
    faults: list[str] = []
    staff.on("pageerror", lambda error: faults.append(str(error)))
    await staff.get_by_role("button", name="Ambil percakapan ini").click()
    await expect(staff.get_by_role("textbox", name="Jawaban Anda")).to_be_editable(timeout=SLOW)
    place = staff.locator(".c-answers > div", has_text="loket 3 di mpp slawi")
    await place.locator("summary", has_text="Perbaiki").click()
    await place.locator("input[name=value]").fill("Loket 5, MPP Satya Dahayu, 24 November pukul 9")
    await place.get_by_role("button", name="Simpan isian").click()
    await expect(staff.locator(".c-badge.staff")).to_be_visible(timeout=SLOW)
    before = await chat.newest()
    await staff.get_by_role("button", name=re.compile("Minta warga memastikan")).click()
    asked = await chat.answered("Loket 5, MPP Satya Dahayu", before)
    before = await chat.newest()
    await asked.get_by_role("button", name="Ya, benar").click()
    await chat.answered("Anda benarkan", before)
    await expect(staff.locator(".c-badge.staff")).to_have_count(0, timeout=SLOW)
    before = await chat.newest()
    await staff.get_by_role("button", name="Selesai, kembalikan ke bot").click()
    await chat.answered("foto atau bukti", before)  # where it was

    await chat.say("lewati", "Anda harapkan")
    await chat.say("uangnya kembali", "boleh disebut")
    review = await chat.say("anonim", "diperiksa dulu")
    assert "Loket 5, MPP Satya Dahayu" in await review.inner_text()
    receipt = await chat.say("kirim", "Diselesaikan paling lambat")
    assert re.search(r"LKT-\w{4}-\w{4}-\w", await receipt.inner_text())
    assert faults == []
    await context.close()
    await staff.context.close()


async def _at_the_desk(service: Service, browser: Browser, number: str) -> Page:
    """A signed-in agent before the open conversation."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 820}, locale="id-ID", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(f"{service.url}/staff")
    await page.locator("input[name=username]").fill("petugas")
    await page.locator("input[type=password]").fill((service.var_dir / "petugas.password").read_text().strip())
    await page.get_by_role("button", name=re.compile("masuk", re.IGNORECASE)).click()
    await page.get_by_role("link", name=re.compile(number)).first.click()
    return page

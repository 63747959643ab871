"""Handed to a person in the middle of a form, on every channel: the agent corrects a field, gives back, and the form goes on. Real
parts only; the phones are the sandbox's own page.
"""

from __future__ import annotations

import re
from typing import Protocol

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.service import Service
from tests.e2e.test_browser_journey import SLOW, Chat, browser
from tests.e2e.test_complaint_journey import STORY

__all__ = ["browser"]

TICKET = re.compile(r"TKT-\w{4}-\w{4}-\w")
PLACE = "Loket 5, MPP Satya Dahayu, 24 November pukul 9"


class Citizen(Protocol):
    """Somebody who writes, wherever that is."""

    async def newest(self) -> str:
        """A mark of the newest message heard."""
        ...

    async def say(self, text: str, expected: str) -> Locator:
        """Write, and wait for an answer with these words."""
        ...

    async def answered(self, expected: str, before: str) -> Locator:
        """The message with these words that came after ``before``."""
        ...


class Phone:
    """A phone of the sandbox's page as a person uses it."""

    def __init__(self, page: Page, channel: str) -> None:
        self.page = page
        self.phone = page.locator(f"section[data-channel={channel}]")
        self.heard = self.phone.locator(".screen li:not(.mine)")

    async def newest(self) -> str:
        """How many messages were heard."""
        return str(await self.heard.count())

    async def say(self, text: str, expected: str) -> Locator:
        """Write, send, and wait for an answer with these words."""
        before = await self.newest()
        await self.phone.get_by_label("Pesan").fill(text)
        await self.phone.get_by_label("Pesan").press("Enter")
        return await self.answered(expected, before)

    async def answered(self, expected: str, before: str) -> Locator:
        """The message with these words that came after ``before``."""
        found: list[str] = []
        for _ in range(SLOW // 100):
            found = await self.heard.evaluate_all("rows => rows.map(row => row.innerText)")
            for place in range(int(before), len(found)):
                if expected.lower() in found[place].lower():
                    return self.heard.nth(place)
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"no new answer with {expected!r}; the last: {found[-2:]}")


@pytest.mark.parametrize("channel", ["web", "telegram", "whatsapp"])
async def test_an_agent_corrects_a_field_and_the_form_goes_on_to_submission(
    service: Service, browser: Browser, channel: str
) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="id-ID", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(service.url if channel == "web" else f"{service.state['sandbox_url']}/phones")
    chat: Citizen = Chat(page) if channel == "web" else Phone(page, channel)
    await chat.say(STORY, "tidak wajib membayar")
    await chat.say("loket 3 di mpp slawi, tadi pagi", "foto atau bukti")
    handed = await chat.say("petugas", "Nomor tiket")
    number = TICKET.search(await handed.inner_text())
    assert number is not None

    staff = await _at_the_desk(service, browser, number.group())
    faults: list[str] = []
    staff.on("pageerror", lambda error: faults.append(str(error)))
    await _corrected(staff, chat)

    await chat.say("lewati", "Anda harapkan")
    await chat.say("uangnya kembali", "boleh disebut")
    review = await chat.say("anonim", "diperiksa dulu")
    assert "Loket 5, MPP Satya Dahayu" in await review.inner_text()
    receipt = await chat.say("kirim", "Diselesaikan paling lambat")
    assert re.search(r"LKT-\w{4}-\w{4}-\w", await receipt.inner_text())
    assert faults == []
    await context.close()
    await staff.context.close()


async def _corrected(staff: Page, chat: Citizen) -> None:
    """Claimed, a word, a field mended and confirmed, given back: the form stands where it was."""
    before = await chat.newest()
    await staff.get_by_role("button", name="Ambil percakapan ini").click()
    await chat.answered("sekarang menjawab Anda", before)
    box = staff.get_by_role("textbox", name="Jawaban Anda")
    await expect(box).to_be_editable(timeout=SLOW)
    await box.fill("Saya betulkan tempatnya ya.")
    await staff.get_by_role("button", name="Kirim", exact=True).click()
    await chat.answered("betulkan tempatnya", before)
    place = staff.locator(".c-answers > div", has_text="loket 3 di mpp slawi")
    await place.locator("summary", has_text="Perbaiki").click()
    await place.locator("input[name=value]").fill(PLACE)
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

"""A complaint about extortion in a real browser: told, answered, not settled, answered again, settled. Real parts only."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests import pictures
from tests.e2e.service import Service
from tests.e2e.test_browser_journey import Chat, browser

__all__ = ["browser"]

STORY = "PETUGAS LOKET MINTA UANG 200 RIBU BUAT URUS KTP SAYA, KATANYA BIAR CEPET"


async def test_a_complaint_is_done_only_when_the_citizen_says_so(service: Service, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="id-ID", reduced_motion="reduce")
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.url)
    chat = Chat(page)

    # In the middle of a birth certificate: that form is laid aside, nothing is lost.
    await chat.say("mau bikin akta lahir buat anak", "Anda setuju")
    opening = await chat.say(STORY, "tidak wajib membayar")
    assert "tersimpan" in await opening.inner_text()
    await chat.say("loket 3 di mpp, tadi pagi jam 9", "foto atau bukti")
    await chat.send_file("bukti.jpg", pictures.photo_12mp(), "Anda harapkan")
    await chat.say("uangnya kembali", "boleh disebut")
    review = await chat.say("anonim", "diperiksa dulu")
    assert "200 RIBU" in await review.inner_text()
    before = await chat.newest()
    receipt = await chat.say("kirim", "Diselesaikan paling lambat")
    number = re.search(r"LKT-\w{4}-\w{4}-\w", await receipt.inner_text())
    assert number is not None
    await chat.answered("Anda setuju", before)

    officer = await context.new_page()
    await officer.goto(f"{service.state['sandbox_url']}/petugas/lapor")
    await _open(officer, number.group())
    body = officer.locator("main")
    await expect(body).to_contain_text("ANONIM")
    await expect(body).to_contain_text("200 RIBU")
    await expect(officer.locator("ul.files img")).to_have_count(1)
    before = await chat.newest()
    await _act(officer, "Teruskan ke instansi", "Inspektorat")
    await chat.answered("Inspektorat", before)
    await _act(officer, "Mulai tindak lanjut")
    await _act(officer, "Jawab pelapor", "Petugasnya sudah kami tegur.")
    answer = await chat.answered("sudah kami tegur", before)

    await _press(chat, answer, "Belum, buka lagi", "belum beres")
    await chat.say("uang saya belum kembali", "dibuka lagi")
    await _shown(officer, "uang saya belum kembali")
    before = await chat.newest()
    await _act(officer, "Jawab pelapor", "Uang Anda sudah dikembalikan.")
    answer = await chat.answered("sudah dikembalikan", before)
    await _press(chat, answer, "Sudah beres", "selesai menurut Anda")
    await _shown(officer, "Selesai menurut pelapor")
    assert errors == []
    await context.close()


async def _open(officer: Page, number: str) -> None:
    case = officer.get_by_role("link", name=number).first
    for _ in range(30):  # handing in is an errand, and the page does not renew itself
        if await case.count():
            break
        await officer.wait_for_timeout(500)
        await officer.reload()
    await case.click()


async def _shown(officer: Page, text: str) -> None:
    """Reload until the office has it: the citizen's word is an errand, too."""
    for _ in range(40):
        if await officer.get_by_text(text).count():
            return
        await officer.wait_for_timeout(500)
        await officer.reload()
    raise AssertionError(f"the office never got {text!r}")


async def _act(officer: Page, label: str, note: str = "") -> None:
    if note:
        await officer.locator("summary", has_text=label).click()
        form = officer.locator("details", has_text=label)
        await form.locator("textarea").fill(note)
        await form.get_by_role("button", name=label).click()
    else:
        await officer.get_by_role("button", name=label).click()


async def _press(chat: Chat, row: Locator, title: str, expected: str) -> None:
    before = await chat.newest()
    await row.get_by_role("button", name=title).click()
    await chat.answered(expected, before)

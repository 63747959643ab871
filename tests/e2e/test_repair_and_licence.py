"""Two journeys in a real browser: a birth certificate that has to be repaired, and a nurse's licence that hardly asks anything.

Real parts only, as in :mod:`tests.e2e.test_browser_journey`.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests import pictures
from tests.e2e.service import Service
from tests.e2e.test_browser_journey import FIELDS, SLOW, Chat, browser
from tests.faces import taken_now

__all__ = ["browser"]

BUDI = "3328991708850001"
MOST_ASKED = 6
"""Questions of a renewal that is wholly on record, consent, identity and review counted (issue 6)."""
NEXT = re.compile("verifikasi|proses", re.IGNORECASE)
_DETOURS = frozenset({"berapa biayanya?", "kembali", "49"})
"""Answers of the other journey that only try the way back."""


async def opened(service: Service, browser: Browser) -> tuple[BrowserContext, Page, Chat]:
    """A phone with the chat on it."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="id-ID", reduced_motion="reduce", accept_downloads=True
    )
    page = await context.new_page()
    await page.goto(service.url)
    return context, page, Chat(page)


async def prove(chat: Chat, then: str) -> None:
    """NIK, birth date and two selfies; ``then`` is in the answer to the second."""
    await chat.say(BUDI, "tanggal lahir Anda")
    await chat.say("17 agt 1985", "selfie")
    await chat.send_file("saya.jpg", taken_now("obama3"), "Satu foto lagi")
    await chat.send_file("menoleh.jpg", taken_now("obama2"), then)


async def sent(chat: Chat) -> str:
    """Send the reviewed application; its number."""
    receipt = await chat.say("kirim", "sudah kami terima")
    number = re.search(r"LKT-\w{4}-\w{4}-\w", await receipt.inner_text())
    assert number is not None
    return number.group()


async def at_the_desk(service: Service, context: BrowserContext, agency: str, number: str) -> Page:
    """The officer's page of a case."""
    officer = await context.new_page()
    await officer.goto(f"{service.state['sandbox_url']}/petugas/{agency}")
    case = officer.get_by_role("link", name=re.compile(number)).first
    for _ in range(30):  # handing in is an errand: it may take a moment
        if await case.count():
            break
        await officer.wait_for_timeout(500)
        await officer.reload()
    await case.click()
    return officer


async def issue(officer: Page) -> None:
    """Verify (unless that is done), process, issue."""
    if await officer.get_by_role("button", name=re.compile("verifikasi", re.IGNORECASE)).count():
        await officer.get_by_role("button", name=re.compile("verifikasi", re.IGNORECASE)).first.click()
    for name in ("proses", "terbitkan"):
        await officer.get_by_role("button", name=re.compile(name, re.IGNORECASE)).first.click()


async def downloaded(chat: Chat, before: str, folder: Path) -> bytes:
    """The document as the citizen saves it."""
    document = await chat.answered("Ini dokumen", before)
    async with chat.page.expect_download(timeout=SLOW) as download:
        await document.get_by_role("button", name=re.compile("pdf", re.IGNORECASE)).first.click()
    saved = folder / "dokumen.pdf"
    await (await download.value).save_as(saved)
    return saved.read_bytes()


async def test_two_deficiencies_are_asked_for_at_once_and_only_they_are_repaired(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    context, page, chat = await opened(service, browser)
    await chat.say("sy mau bikin akta lahir buat anak sy", "Anda setuju")
    await chat.say("setuju", "NIK Anda")
    await prove(chat, "catatan Dukcapil")
    for text, expected in FIELDS:
        if text not in _DETOURS:
            await chat.say(text, expected)
    paper = pictures.save(pictures.flag(1200, 900))
    for expected in ("buku nikah", "Kartu Keluarga", "KTP-el ibu", "KTP-el ayah", "diperiksa dulu"):
        await chat.send_file("berkas.jpg", paper, expected)
    number = await sent(chat)

    officer = await at_the_desk(service, context, "dukcapil", number)
    before = await chat.newest()
    await officer.get_by_role("button", name=re.compile("verifikasi", re.IGNORECASE)).first.click()
    await officer.locator("summary", has_text=re.compile("perbaikan", re.IGNORECASE)).click()
    for path in ("anak.berat", "dokumen.surat_lahir"):
        await officer.locator(f'input[name=fields][value="{path}"]').check()
    await officer.locator("textarea[name=note]").first.fill(
        "Berat bayi tertulis lain di surat lahir. Foto surat lahir buram."
    )
    await officer.get_by_role("button", name=re.compile("perbaikan", re.IGNORECASE)).first.click()
    told = await chat.answered("Foto surat lahir buram", before)
    assert "Berat bayi" in await told.inner_text()

    await chat.say("lanjut", "beratnya")
    await chat.say("3,4 kg", "surat keterangan lahir")
    await chat.send_file("surat-lahir.jpg", pictures.save(pictures.flag(1000, 800)), "diperiksa dulu")
    await chat.say("kirim", "Perbaikan untuk")
    for _ in range(30):  # the repair comes back to the officer's desk
        await officer.reload()
        if await officer.get_by_role("button", name=NEXT).count():
            break
        await officer.wait_for_timeout(500)
    await expect(officer.get_by_text(re.compile(r"3[.,]4\b")).first).to_be_visible()
    before = await chat.newest()
    await issue(officer)
    assert (await downloaded(chat, before, tmp_path)).startswith(b"%PDF-")

    await page.goto(f"{service.url}/cek/{number}")
    await expect(page.get_by_text(number)).to_be_visible()
    await expect(page.get_by_text(re.compile("selesai", re.IGNORECASE)).first).to_be_visible()
    assert "Aminah" not in await page.content()
    await context.close()


async def test_a_nurse_renews_with_six_questions_in_all(service: Service, browser: Browser, tmp_path: Path) -> None:
    context, _, chat = await opened(service, browser)
    await chat.say("mau perpanjang SIP perawat", "Anda setuju")
    await chat.say("setuju", "NIK Anda")
    await prove(chat, "Klinik Contoh Sehat")
    number = await sent(chat)

    async with service.store() as store, store.begin() as tx:
        case = await tx.case_by_reference(number)
        assert case is not None
        lines = [entry.body for entry in await tx.thread(case.conversation_id) if entry.sender != "citizen"]
    asked = [line["meta"]["field"] for line in lines if line["meta"].get("field")]
    print(f"questions asked for {number}: {len(asked)}: {', '.join(asked)}")
    assert len(asked) <= MOST_ASKED

    officer = await at_the_desk(service, context, "sdmk", number)
    await expect(officer.get_by_text("CONTOH-8890001234567").first).to_be_visible()
    before = await chat.newest()
    await issue(officer)
    assert (await downloaded(chat, before, tmp_path)).startswith(b"%PDF-")
    await context.close()

"""The whole journey in a real browser: chat, selfie, papers, review, officer, status, document, and a person who answers.

Real parts only: Rasa with its trained model, PostgreSQL, dlib, the sandbox agency, Chromium.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests import pictures
from tests.e2e.service import Service
from tests.faces import taken_now

SLOW = 45_000
"""Milliseconds; the machine may be busy."""

FIELDS = [
    ("ya", "Anda siapanya"),
    ("bapake", "Nomor HP"),
    ("0812-3456-7890", "email"),
    ("lewati", "nama lengkap anak"),
    ("berapa biayanya?", "Gratis"),
    ("Siti Aminah", "laki-laki atau perempuan"),
    ("cewek", "Lahirnya di mana"),
    ("rumah sakit", "kabupaten atau kota"),
    ("Tegal", "Tanggal berapa"),
    ("kemarin", "Jam berapa"),
    ("setengah 8 malam", "tunggal atau kembar"),
    ("tunggal", "anak ke berapa"),
    ("kedua", "menolong"),
    ("bidan", "beratnya"),
    ("3,2 kg", "panjangnya"),
    ("49", "buku nikah"),
    ("kembali", "panjangnya"),
    ("50 cm", "buku nikah"),
    ("ada", "nama lengkap ibu"),
    ("Sri Lestari", "NIK ibu"),
    ("3328995203920002", "Ibu lahir di mana"),
    ("Tegal", "Tanggal lahir ibu"),
    ("12 maret 1992", "saksi ke-1"),
    ("Joko Susilo", "NIK saksi ke-1"),
    ("3328990105800003", "KK saksi ke-1"),
    ("lewati", "nama lengkap saksi ke-2"),
    ("Tuti Wulandari", "NIK saksi ke-2"),
    ("3328994506810004", "KK saksi ke-2"),
    ("lewati", "surat keterangan lahir"),
]


@pytest.fixture
def browser(shared_browser: Browser) -> Browser:
    return shared_browser


class Chat:
    """The widget as a person uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("loket-chat textarea")
        self.rows = page.locator("loket-chat article[data-id]:not(.citizen)")

    async def newest(self) -> str:
        """Id of the newest message that is not the citizen's own; ids sort as they grow."""
        ids: list[str] = await self.rows.evaluate_all("rows => rows.map(row => row.dataset.id)")
        return max(ids, default="")

    async def say(self, text: str, expected: str) -> Locator:
        """Write, send, and wait for an answer with these words."""
        before = await self.newest()
        await self.box.fill(text)
        await self.box.press("Enter")
        return await self.answered(expected, before)

    async def send_file(self, name: str, content: bytes, expected: str) -> Locator:
        """Choose a file, and wait for an answer with these words."""
        before = await self.newest()
        await self.page.locator("loket-chat input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "image/jpeg", "buffer": content}
        )
        return await self.answered(expected, before)

    async def answered(self, expected: str, before: str) -> Locator:
        """The message with these words that came after ``before``."""
        found: list[tuple[str, str]] = []
        for _ in range(SLOW // 100):
            found = await self.rows.evaluate_all("rows => rows.map(row => [row.dataset.id, row.innerText])")
            for id_, text in found:
                if id_ > before and expected.lower() in text.lower():
                    return self.page.locator(f'loket-chat article[data-id="{id_}"]')
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"no new answer with {expected!r}; the last: {found[-1:]}")


async def test_a_citizen_gets_a_birth_certificate_by_chatting(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="id-ID", reduced_motion="reduce", accept_downloads=True
    )
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.url)
    await expect(page.locator("text=Budi Santoso").first).to_be_visible()
    chat = Chat(page)

    await chat.say("halo min", "Selamat datang")
    await chat.say("syarat bikin akta lahir apa aja ya", "Surat keterangan lahir")
    await chat.say("brp biayanya", "Gratis")
    await chat.say("sy mau bikin akta lahir buat anak sy", "Anda setuju")
    await chat.say("setuju", "NIK Anda")
    await chat.say("3328991708850001", "tanggal lahir Anda")
    await chat.say("17 agt 1985", "selfie")
    await chat.send_file("teman.jpg", taken_now("biden"), "belum cocok")
    await chat.send_file("saya.jpg", taken_now("obama3"), "Satu foto lagi")
    await chat.send_file("menoleh.jpg", taken_now("obama2"), "catatan Dukcapil")
    for text, expected in FIELDS:
        await chat.say(text, expected)
    paper = pictures.photo_12mp()
    for expected in ("buku nikah", "Kartu Keluarga", "KTP-el ibu", "KTP-el ayah", "diperiksa dulu"):
        await chat.send_file("berkas.jpg", paper, expected)

    # A lost connection and a reload: the whole conversation is there again.
    await page.reload()
    await expect(page.locator("loket-chat article.citizen", has_text="Siti Aminah").first).to_be_visible(timeout=SLOW)
    await chat.say("ubah nama anak jadi Siti Aminah Putri", "diperiksa dulu")
    receipt = await chat.say("kirim", "sudah kami terima")
    number = re.search(r"LKT-\w{4}-\w{4}-\w", await receipt.inner_text())
    assert number is not None
    await chat.say("status permohonan saya sampai mana", "menunggu diperiksa")

    officer = await context.new_page()
    await officer.goto(f"{service.state['sandbox_url']}/petugas/dukcapil")
    case = officer.get_by_role("link", name=re.compile(number.group())).first
    for _ in range(30):  # handing in is an errand: it may take a moment, and the page does not renew itself
        if await case.count():
            break
        await officer.wait_for_timeout(1000)
        await officer.reload()
    await case.click()
    await expect(officer.get_by_text("Siti Aminah Putri").first).to_be_visible()
    before = await chat.newest()
    await officer.get_by_role("button", name=re.compile("verifikasi", re.IGNORECASE)).click()
    await chat.answered("sedang diperiksa", before)
    await officer.get_by_role("button", name=re.compile("proses", re.IGNORECASE)).click()
    await officer.get_by_role("button", name=re.compile("terbitkan", re.IGNORECASE)).click()
    await chat.answered("Sudah terbit", before)
    document = await chat.answered("Ini dokumen", before)
    async with page.expect_download(timeout=SLOW) as download:
        await document.get_by_role("button", name=re.compile("pdf", re.IGNORECASE)).first.click()
    saved = tmp_path / "akta.pdf"
    await (await download.value).save_as(saved)
    assert saved.read_bytes().startswith(b"%PDF-")
    assert errors == []
    await context.close()


async def test_a_person_answers_in_the_same_chat(service: Service, browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="id-ID", reduced_motion="reduce")
    await page.goto(service.url)
    chat = Chat(page)
    handed = await chat.say("mau ngomong sama orang aja", "Nomor tiket")
    ticket = re.search(r"TKT-\w{4}-\w{4}-\w", await handed.inner_text())
    assert ticket is not None

    staff = await browser.new_page(viewport={"width": 1280, "height": 900})
    await staff.goto(f"{service.url}/staff")
    password = (service.var_dir / "petugas.password").read_text().strip()
    await staff.locator("input[name=username]").fill("petugas")
    await staff.locator("input[type=password]").fill(password)
    await staff.get_by_role("button", name=re.compile("masuk", re.IGNORECASE)).click()
    await staff.get_by_role("link", name=re.compile(ticket.group())).first.click()
    before = await chat.newest()
    await staff.get_by_role("button", name="Ambil percakapan ini").click()
    await chat.answered("sekarang menjawab", before)
    await staff.get_by_role("textbox", name="Jawaban Anda").fill("Halo, ada yang bisa saya bantu?")
    await staff.get_by_role("button", name="Kirim", exact=True).click()
    await chat.answered("ada yang bisa saya bantu", before)
    await chat.box.fill("tidak jadi, makasih")
    await expect(staff.get_by_text("Warga sedang mengetik")).to_be_visible(timeout=SLOW)
    await chat.box.press("Enter")
    await expect(staff.locator(".c-said.citizen").last).to_contain_text("tidak jadi, makasih", timeout=SLOW)
    before = await chat.newest()
    await staff.get_by_role("button", name="Selesai, kembalikan ke bot").click()
    await chat.answered("kembali membantu", before)
    await page.close()
    await staff.close()

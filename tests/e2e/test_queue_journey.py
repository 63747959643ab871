"""A queue number and a visit at home in a real browser: booked, moved, called, served; asked for, and told the day. Real parts only."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from playwright.async_api import Browser, Locator, expect

from integrations.antrean.counters import office
from integrations.sandbox.paper import WIB
from tests.e2e.service import Service
from tests.e2e.test_browser_journey import Chat, browser

__all__ = ["browser"]

NIK = "3328990101900001"


async def test_a_number_is_called_and_a_visit_gets_its_day(service: Service, browser: Browser) -> None:
    today = datetime.now(WIB).date()
    day = next(office().open_days(today + timedelta(days=1), today + timedelta(days=14)))
    context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="id-ID", reduced_motion="reduce")
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.url)
    chat = Chat(page)
    await _number(service, chat, day)
    await _visit(service, chat, (day + timedelta(days=3)).isoformat())
    assert errors == []
    await context.close()


async def _number(service: Service, chat: Chat, day: date) -> None:
    await chat.say("mau ambil antrean ktp", "Anda setuju")
    asked = await chat.say("setuju", "Mau datang kapan")
    assert "6. Jam lain" in await asked.inner_text()
    await chat.say(f"tanggal {day:%d-%m-%Y} jam 9", "NIK siapa")
    await chat.say(NIK, "nama lengkapnya")
    await chat.say("Karso Wijaya", "diperiksa dulu")
    before = await chat.newest()
    ticket = await chat.say("kirim", "Nomor antrean: A-013")
    paper = await chat.answered("Ini tiket antrean", before)
    await expect(paper.get_by_role("button", name=re.compile("pdf", re.IGNORECASE)).first).to_be_visible()

    await _press(chat, ticket, "Ganti jadwal", "Mau diganti ke kapan")
    moved = await chat.say(f"tanggal {day:%d-%m-%Y} jam 10", "nomor antrean yang baru: A-025")
    assert "10.00" in await moved.inner_text()
    await chat.say("antrean saya nomor berapa?", "Belum hari ini")

    officer = await chat.page.context.new_page()
    await officer.goto(f"{service.state['sandbox_url']}/petugas/antrean/loket?hari={day}")
    before = await chat.newest()
    await officer.get_by_role("button", name="Panggil berikutnya (Loket A)").click()
    await chat.answered("sedang dipanggil", before)
    await officer.get_by_role("button", name="Selesai A-025").click()
    await chat.answered("selesai dilayani", before)
    await officer.close()


async def _visit(service: Service, chat: Chat, day: str) -> None:
    await chat.say("minta jemput bola, ibu saya lumpuh", "Anda setuju")
    for text, expected in (
        ("setuju", "perlu didatangi"),
        ("Siti Aminah", "Perlu mengurus apa"),
        ("ktp", "desa atau kelurahan"),
        ("Procot, Slawi", "alamatnya"),
        ("Jl. Contoh No. 1 RT 1 RW 2", "HP"),
        ("0812-3456-7890", "diperiksa dulu"),
    ):
        await chat.say(text, expected)
    receipt = await chat.say("kirim", "sudah kami terima")
    number = re.search(r"LKT-\w{4}-\w{4}-\w", await receipt.inner_text())
    assert number is not None
    officer = await chat.page.context.new_page()
    await officer.goto(f"{service.state['sandbox_url']}/petugas/antrean/kunjungan")
    request = officer.get_by_role("link", name=number.group())
    for _ in range(30):  # handing in is an errand, and the page does not renew itself
        if await request.count():
            break
        await officer.wait_for_timeout(500)
        await officer.reload()
    before = await chat.newest()
    await officer.get_by_label("Hari kunjungan").fill(day)
    await officer.get_by_role("button", name="Jadwalkan dan kabari semua").click()
    await chat.answered("Petugas datang", before)
    await officer.close()


async def _press(chat: Chat, row: Locator, title: str, expected: str) -> None:
    before = await chat.newest()
    await row.get_by_role("button", name=title).click()
    await chat.answered(expected, before)

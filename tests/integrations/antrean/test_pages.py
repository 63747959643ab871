"""The counters' board and the visits' page in a real browser: on a phone and a desktop, usable without JavaScript, axe clean."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import ViewportSize

from integrations.antrean.adapter import AntreanAgency
from tests.integrations.conftest import SECRET, MovableClock, Sandbox, ticket, visit
from tests.integrations.sandbox.test_browser import DESKTOP, PHONE, browser, look

__all__ = ["browser"]


@pytest.mark.parametrize(("device", "size"), [("phone", PHONE), ("desktop", DESKTOP)])
async def test_an_officer_calls_numbers_and_plans_a_visit(
    browser: Any, desk: Sandbox, clock: MovableClock, device: str, size: ViewportSize
) -> None:
    agency = AntreanAgency(f"{desk.url}/antrean", SECRET, clock, timeout=10)
    await agency.submit(ticket("2025-11-24T10:00"))
    await agency.submit(visit(key="kunci-0002"))
    await agency.close()
    page = await browser.new_page(viewport=size)
    await page.goto(f"{desk.url}/petugas/antrean")
    await page.get_by_role("link", name="Papan loket").click()
    await look(page, f"loket-{device}")
    await page.get_by_role("button", name="Panggil berikutnya (Loket A)").click()
    await page.get_by_text("A-025").first.wait_for()
    await page.get_by_label("Nomor yang hadir").fill("A-025")
    await page.get_by_role("button", name="Catat hadir").click()
    await page.get_by_text("A-025 sudah hadir").wait_for()
    await look(page, f"loket-dipanggil-{device}")
    await page.get_by_role("button", name="Selesai A-025").click()
    await page.goto(f"{desk.url}/petugas/antrean/kunjungan")
    await look(page, f"kunjungan-{device}")
    await page.get_by_label("Hari kunjungan").fill("2025-12-01")
    await page.get_by_role("button", name="Jadwalkan dan kabari semua").click()
    await page.get_by_text("Senin, 1 Desember 2025").wait_for()
    await look(page, f"kunjungan-terjadwal-{device}")

"""The sandbox's pages in a real browser, on a phone and on a desktop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize

from integrations.dukcapil.adapter import DukcapilAgency
from tests.integrations.conftest import Sandbox, birth

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 320, "height": 640}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
AXE_SOURCE = AXE.read_text() if AXE.exists() else ""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every text must have a contrast of 4.5, every control 24 pixels (WCAG 2.2 AA); nothing may need sideways scrolling.
AUDIT = """() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = (c) => rgb(c).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if ((rgb(c)[3] ?? 1) > 0.99) return c; } return "rgb(255, 255, 255)"; };
  const faults = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || e.closest(".skip")) continue;
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (own) { const [a, b] = [lum(getComputedStyle(e).color), lum(ground(e))].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) faults.push("contrast: " + e.textContent.trim().slice(0, 40)); }
    if (e.matches("button, input, textarea, summary, nav a") && e.getBoundingClientRect().height < 21)
      faults.push("small: " + e.outerHTML.slice(0, 60));
    if (e.matches("input:not([type=hidden]), textarea") && !e.labels.length) faults.push("no label: " + e.name);
    if (e.matches("img") && !e.hasAttribute("alt")) faults.push("no alt: " + e.src);
  }
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) faults.push("sideways: " + width);
  if (document.querySelectorAll("h1").length !== 1) faults.push("h1");
  return faults;
}"""


@pytest.fixture
def browser(shared_browser: Browser) -> Browser:
    return shared_browser


async def look(page: Page, name: str) -> None:
    """No fault in the audit; a picture for the person who wants to look, when LOKET_SHOTS names a folder."""
    await page.wait_for_load_state("load")  # a link that was clicked shows its page before its styles
    assert await page.evaluate(AUDIT) == [], name
    if AXE_SOURCE:
        await page.evaluate(AXE_SOURCE)
        result = await page.evaluate("(tags) => axe.run(document, {runOnly: tags})", RULES)
        found = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in result["violations"]]
        assert found == [], name
    folder = os.environ.get("LOKET_SHOTS")
    if folder:
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("device", "size"), [("phone", PHONE), ("desktop", DESKTOP)])
async def test_an_officer_works_through_a_case(
    browser: Any, desk: Sandbox, dukcapil: DukcapilAgency, device: str, size: ViewportSize
) -> None:
    page = await browser.new_page(viewport=size)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    ref = await dukcapil.submit(birth())
    await page.goto(desk.url)
    await look(page, f"{device}-home")
    await page.get_by_role("link", name="Antrean petugas").click()
    await page.wait_for_url("**/petugas")
    await look(page, f"{device}-desks")
    await page.get_by_role("link", name="Dinas Kependudukan dan Pencatatan Sipil").click()
    await page.wait_for_url("**/petugas/dukcapil")
    await look(page, f"{device}-queue")
    await page.get_by_role("link", name="AKL-25-0001-7").click()
    await page.get_by_role("button", name="Mulai verifikasi berkas").click()
    await page.locator("summary", has_text="Minta perbaikan").click()
    await page.get_by_role("checkbox", name="Anak: nama").check()
    await page.get_by_label("Apa yang harus diperbaiki").fill("Ejaan nama anak berbeda dengan surat lahir.")
    await look(page, f"{device}-case")
    await page.get_by_role("button", name="Minta perbaikan").click()
    await page.get_by_text("Menunggu perbaikan dari pemohon").wait_for()
    await dukcapil.repair(ref, birth(key="perbaikan-1", **{"anak.nama": "Aisha Putri Santoso"}))
    await page.reload()
    await page.get_by_role("button", name="Berkas lengkap, proses").click()
    await page.get_by_role("button", name="Terbitkan dokumen").click()
    await page.get_by_role("link", name="Lihat dokumen terbit").wait_for()
    await look(page, f"{device}-issued")
    assert (await dukcapil.status(ref))[-1].state == "terbit"
    await page.goto(f"{desk.url}/faults")
    await look(page, f"{device}-faults")
    assert errors == []


@pytest.mark.parametrize(("device", "size"), [("phone", PHONE), ("desktop", DESKTOP)])
async def test_a_face_is_enrolled_with_the_camera(
    browser: Any, desk: Sandbox, dukcapil: DukcapilAgency, demo_pictures: Path, device: str, size: ViewportSize
) -> None:
    Image.new("RGB", (400, 400), "#456").save(demo_pictures / "obama.jpg")
    page = await browser.new_page(viewport=size)
    await page.goto(f"{desk.url}/register")
    await page.get_by_label("Nama (boleh karangan)").fill("Ani Karangan")
    await page.get_by_label("Tanggal lahir").fill("1990-03-04")
    await page.get_by_label("Perempuan").check()
    await page.get_by_role("button", name="Pakai kamera").click()
    await page.get_by_role("button", name="Ambil foto").click()
    await page.get_by_text("Foto diambil (1 dari 3)").wait_for()
    await look(page, f"{device}-camera")
    await page.get_by_role("button", name="Daftarkan").click()
    await page.get_by_text("Warga contoh sudah didaftarkan").wait_for()
    await look(page, f"{device}-register")
    assert len(await dukcapil.faces("3328994403900001")) == 1


async def test_the_pages_are_readable_in_the_dark(browser: Any, desk: Sandbox, dukcapil: DukcapilAgency) -> None:
    ref = await dukcapil.submit(birth())
    await desk.act(ref, "verifikasi")
    page = await browser.new_page(viewport=PHONE, color_scheme="dark")
    for path in ("/", "/petugas/dukcapil", f"/petugas/dukcapil/{ref}", "/register", "/faults"):
        await page.goto(desk.url + path)
        await look(page, f"dark{path.replace('/', '-')}")

"""The pages as people meet them: with and without JavaScript, on a phone and on a desk."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from PIL import Image, ImageDraw
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from bot.domain.conversation import Conversation
from bot.domain.messages import Button
from bot.web.staff import strings

from .conftest import NIK, PASSWORD, Office

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("SCREENSHOTS", "")
"""Folder for pictures of the pages, for people who want to look."""
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
ID = strings.say_in("id")


@pytest.fixture
def chrome(shared_browser: Browser) -> Browser:
    """``browser`` is the test client here."""
    return shared_browser


def _fault(message: ConsoleMessage) -> bool:
    """An error of the page's own: taking pictures hides carets with a style that htmx then may not carry over."""
    return message.type == "error" and not (SHOTS and "inline style" in message.text)


class Desk:
    """One signed-in person."""

    def __init__(self, context: BrowserContext, server: TestServer) -> None:
        self.context, self._server = context, server
        self.faults: list[str] = []

    async def open(self, path: str) -> Page:
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if _fault(message) else None)
        await page.goto(str(self._server.make_url(path)))
        return page

    async def sign_in(self, username: str, path: str = "/staff/") -> Page:
        page = await self.open(path)
        await page.get_by_label(ID("username")).fill(username)
        await page.get_by_label(ID("password")).fill(PASSWORD)
        await page.get_by_role("button", name=ID("do_sign_in")).click()
        return page


async def desk(chrome: Browser, server: TestServer, **options: object) -> Desk:
    settings = {"viewport": DESK, "locale": "id-ID", "reduced_motion": "reduce", **options}
    return Desk(await chrome.new_context(**settings), server)  # type: ignore[arg-type]


async def shot(page: Page, name: str) -> None:
    """A picture for people; and on any page, nothing may stick out to the side."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


async def accessible(page: Page) -> None:
    """axe finds nothing that WCAG 2.2 AA forbids."""
    if not AXE.is_file():
        pytest.skip("no axe-core: run `npm ci`")
    await page.evaluate(AXE.read_text("utf-8"))
    await expect(page.locator(".htmx-request")).to_have_count(0)  # pale while it is on its way
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = await page.evaluate("tags => axe.run({runOnly: tags}).then(r => r.violations)", tags)
    assert [(one["id"], node["html"], node["failureSummary"]) for one in found for node in one["nodes"]] == []


def portrait(shirt: str) -> bytes:
    """Nobody's face: an oval with eyes."""
    picture = Image.new("RGB", (480, 640), "#cfd8dc")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((90, 420, 390, 900), fill=shirt)
    pen.ellipse((130, 110, 350, 420), fill="#c98f65")
    for x in (195, 285):
        pen.ellipse((x - 14, 230, x + 14, 252), fill="#222222")
    pen.arc((195, 300, 285, 360), 20, 160, fill="#7a3b2e", width=8)
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


async def talk(office: Office) -> Conversation:
    """A citizen in the middle of a form."""
    conversation = await office.conversation(assurance=2, topic="akta-kelahiran")
    await office.says(
        conversation, "Halo, saya Loket. Ada yang bisa dibantu?", Button("Akta kelahiran", "x"), Button("KTP", "y")
    )
    await office.hears(conversation, "mau bikin akta kelahiran anak")
    await office.says(conversation, "NIK Anda?")
    await office.hears(conversation, NIK)
    await office.attaches(conversation, "selfie", "swafoto.jpg")
    await office.attaches(conversation, "document", "surat-keterangan-lahir-dari-bidan-desa-slawi-kulon-2025.jpg")
    await office.case(conversation, **{"identitas.nik": NIK, "anak.nama": "Aisyah Putri"})
    await office.hears(conversation, "bingung saya, mau bicara sama petugas saja")
    return conversation


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_an_officer_compares_confirms_and_accepts(
    chrome: Browser, server: TestServer, office: Office, viewport: dict[str, int]
) -> None:
    width = viewport["width"]
    await office.staff("wati", "officer", name="Wati Lestari")
    check = await office.borderline(picture=portrait("#0b5d50"))
    office.agency.pictures[NIK] = [portrait("#7a4100"), portrait("#15211f")]
    wati = await desk(chrome, server, viewport=viewport)
    page = await wati.sign_in("wati", "/staff/checks")
    await shot(page, f"checks-{width}")
    await page.get_by_text("Siti Aminah").click()
    assert await page.locator(".faces img").evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    tops = await page.locator(".faces img").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(tops) == 3 and tops[0] == tops[1], "the selfie and the register's picture are not side by side"
    await shot(page, f"check-{width}")
    await accessible(page)
    await page.get_by_role("button", name=ID("accept")).click()
    await shot(page, f"confirm-{width}")
    await accessible(page)
    await page.get_by_label(ID("why_same_face")).check()
    await page.get_by_role("button", name=ID("do_accept")).click()
    await expect(page.get_by_text(ID("done_decided"))).to_be_visible()
    async with office.store.begin() as tx:
        assert (await tx.check(check.id)).decision == "accepted"
    assert wati.faults == []

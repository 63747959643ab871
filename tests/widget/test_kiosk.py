"""A device that many people use: nothing of one person is there for the next, targets are large, a phone goes on by QR."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.widget.conftest import Open
from tests.widget.stub import Stub
from tests.widget.test_access import violations
from tests.widget.test_sending import write

KIOSK = "/embed?kiosk=&mode=inline"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>'


async def leaves(page: Page, answer: float, quiet: float = 0.05) -> None:
    """The person walks away; ``quiet``: seconds until they are asked, ``answer``: until the device forgets them."""
    await page.evaluate(
        "(seconds) => { const { idle } = document.querySelector('loket-chat'); idle.seconds = seconds; idle.seen(); }",
        {"quiet": quiet, "answer": answer},
    )


async def kept(page: Page) -> int:
    """What the browser has of us."""
    return int(await page.evaluate("localStorage.length + sessionStorage.length"))


async def talk(page: Page, stub: Stub) -> None:
    await write(page, "NIK saya rahasia")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("Baik, sudah dicatat.")
    await expect(page.locator(".row.bot")).to_contain_text("sudah dicatat")


async def expect_ended(stub: Stub) -> None:
    """The server heard that the session is over."""
    async with asyncio.timeout(10):
        await stub.session.ended.wait()


async def test_who_goes_away_leaves_nothing_after_the_countdown(open_page: Open, stub: Stub) -> None:
    page = await open_page(KIOSK)
    await talk(page, stub)
    assert await kept(page) == 0
    await leaves(page, 2)
    await expect(page.get_by_role("dialog")).to_contain_text("Masih di sini?")
    await expect(page.get_by_text("sudah dihapus dari perangkat ini")).to_be_visible()
    await expect(page.get_by_text("rahasia")).to_have_count(0)
    await leaves(page, 60, 60)
    await write(page, "halo, saya orang lain")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert len(stub.bodies("POST", "/chat/v1/sessions")) == 2 and await kept(page) == 0
    assert [session.ended.is_set() for session in stub.sessions.values()] == [True, False], (
        "what was forgotten opens nothing"
    )


async def test_who_is_still_there_goes_on_and_done_forgets_at_once(
    open_page: Open, stub: Stub, axe_source: str
) -> None:
    page = await open_page(KIOSK)
    await talk(page, stub)
    await leaves(page, 60)
    stay = page.get_by_role("button", name="Ya, lanjutkan")
    await expect(stay).to_be_focused()
    assert await violations(page, axe_source) == []
    await page.evaluate("document.querySelector('loket-chat').idle.seconds = { quiet: 60, answer: 60 }")
    await stay.click()
    await expect(page.get_by_text("rahasia")).to_be_visible()
    await page.get_by_role("button", name="Selesai").click()
    await expect(page.get_by_text("rahasia")).to_have_count(0)
    await expect_ended(stub)


async def test_an_untouched_kiosk_asks_nobody(open_page: Open, stub: Stub) -> None:
    page = await open_page(KIOSK)
    await leaves(page, 1)
    await page.wait_for_timeout(400)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert stub.sessions == {}


async def test_the_way_to_ones_own_phone_is_a_qr_code_and_no_link_leads_away(open_page: Open, stub: Stub) -> None:
    asked: list[str] = []

    async def qr(route: Route) -> None:
        asked.append(str((route.request.post_data_json or {}).get("url")))
        await route.fulfill(status=200, content_type="image/svg+xml", body=SVG)

    page = await open_page(f"{KIOSK}&links=t.me")
    await page.route("**/kios/qr", qr)
    await page.get_by_role("button", name="Lanjut di HP").click()
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert stub.bodies("POST", "/chat/v1/messages")[0]["text"] == "kode sambung"
    file = stub.offer("akta.pdf", "application/pdf", b"%PDF-1.4")
    stub.say("Buka: https://t.me/loket_bot?start=ABCD2345.", attachments=[file])
    await expect(page.get_by_role("img", name="Kode QR")).to_be_visible()
    # It is seen without scrolling, however much is said with it.
    stub.say(
        "Buka: https://t.me/loket_bot?start=WXYZ2345\n"
        + "Kode ini berlaku 10 menit dan hanya untuk sekali pakai.\n" * 9
    )
    code = page.get_by_role("img", name="Kode QR").last
    await expect(page.get_by_role("img", name="Kode QR")).to_have_count(2)
    await expect(code).to_be_in_viewport(ratio=0.99)
    assert [one[-8:] for one in asked] == ["ABCD2345", "WXYZ2345"]
    await expect(page.locator(".row.bot a")).to_have_count(0)
    await expect(page.get_by_text("tidak bisa diunduh di sini")).to_be_visible()
    assert await page.locator(".row.bot button.file").count() == 0


@pytest.mark.parametrize(
    "viewport", [{"width": 1080, "height": 1920}, {"width": 360, "height": 740}], ids=["kiosk", "phone"]
)
async def test_targets_are_large_and_the_page_is_clean_for_axe(
    open_page: Open, stub: Stub, axe_source: str, viewport: dict[str, int]
) -> None:
    page = await open_page(KIOSK, viewport=viewport)
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("Mau apa?", buttons=[{"title": "Cek permohonan", "payload": "niat:track_application"}])
    for name in ("Cek permohonan", "Selesai", "Lanjut di HP", "Kirim"):
        box = await page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None and box["height"] >= 56, name
    assert await violations(page, axe_source) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

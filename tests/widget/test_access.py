"""Everybody can use it: by keyboard, with a screen reader, on a small phone, enlarged, in dark, in forced colours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.widget.conftest import PHONE, Open
from tests.widget.stub import Stub
from tests.widget.test_sending import write

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEX = [{"title": "Laki-laki", "payload": "jawab:q1:L"}, {"title": "Perempuan", "payload": "jawab:q1:P"}]


async def every_kind(page: Page, stub: Stub) -> None:
    """A conversation with one of everything."""
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("Jenis kelamin anak?", "question", field_type="choice", step={"n": 3, "of": 41}, buttons=SEX)
    stub.say("*Anak*\nNama: Budi Peragaan\nSudah benar?", "review", buttons=SEX)
    stub.say("Permohonan diterima.", "receipt", application="TGL-7K2M-94QX-3")
    file = stub.offer("akta-kelahiran.pdf", "application/pdf", b"%PDF-1.4")
    stub.say(f"Sudah terbit. {stub.url}/x", "status", state="terbit", attachments=[file])
    stub.say("Saya bantu.", sender="agent", agent="Siti")
    for kind in ("identity", "handoff", "notice", "error"):
        stub.say(f"Pesan {kind}.", kind, sender="system" if kind == "notice" else "bot")
    stub.say("Unggah KK.", "question", field_type="document", buttons=SEX)
    stub.emit("typing", {"on": True})
    await expect(page.get_by_text("Loket sedang mengetik…")).to_be_visible()


async def violations(page: Page, axe_source: str) -> list[str]:
    # Without preload: axe would copy linked style sheets into inline ones, which the page rightly forbids.
    await page.evaluate(axe_source)
    result: Any = await page.evaluate(f"axe.run(document, {json.dumps({'runOnly': WCAG, 'preload': False})})")
    return [f"{v['id']}: {n['html'][:160]} {n['failureSummary']}" for v in result["violations"] for n in v["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desktop"])
async def test_the_page_with_a_conversation_is_clean_for_axe(
    open_page: Open, stub: Stub, axe_source: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = await open_page("/", color_scheme=scheme, viewport=viewport)
    assert await violations(page, axe_source) == []
    await every_kind(page, stub)
    assert await violations(page, axe_source) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_popup_and_its_dialogues_are_clean_for_axe(
    open_page: Open, stub: Stub, axe_source: str, scheme: str
) -> None:
    page = await open_page("/embed?mode=popup", color_scheme=scheme)
    assert await violations(page, axe_source) == []
    await page.get_by_role("button", name="Buka obrolan Loket").click()
    await write(page, "halo")
    stub.faults[("POST", "/chat/v1/messages")] = _refusal()
    await write(page, "ditolak")
    await expect(page.locator("[data-state=failed]")).to_be_visible()
    stub.say("Swafoto?", "identity", field_type="selfie")
    await page.get_by_role("button", name="Pilihan lain").click()
    assert await violations(page, axe_source) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Ambil swafoto").click()
    await expect(page.get_by_role("button", name="Ambil foto")).to_be_enabled()
    assert await violations(page, axe_source) == []


async def test_the_offline_page_is_clean_for_axe(open_page: Open, axe_source: str) -> None:
    page = await open_page("/offline", wait=False)
    await expect(page.get_by_role("link", name="Coba lagi")).to_be_visible()
    assert await violations(page, axe_source) == []


async def test_the_page_without_demonstration_is_clean_for_axe(open_page: Open, stub: Stub, axe_source: str) -> None:
    stub.home = {**stub.home, "demo": False, "citizens": []}
    page = await open_page("/")
    await expect(page.get_by_text("Mode peragaan")).to_have_count(0)
    await expect(page.get_by_text("Supaya Anda aman")).to_be_visible()
    assert await violations(page, axe_source) == []


async def test_everything_can_be_done_by_keyboard(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?mode=popup")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Buka obrolan Loket")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Tulis pesan")).to_be_focused()
    await page.keyboard.type("halo")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("Jenis kelamin?", "question", field_type="choice", buttons=SEX)
    choice = page.get_by_role("button", name="Perempuan")
    await expect(choice).to_be_visible()
    await tab_to(page, "Perempuan", backwards=True)
    await page.keyboard.press("Space")
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Buka obrolan Loket")).to_be_focused()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def tab_to(page: Page, name: str, backwards: bool = False) -> None:
    """Press Tab until the button with these words has the focus."""
    for _ in range(30):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        words = await page.evaluate("document.querySelector('loket-chat').root.activeElement?.textContent")
        if words and words.strip() == name:
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


async def test_focus_is_visible(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?mode=inline")
    await page.get_by_role("textbox", name="Tulis pesan").focus()
    for key in ("Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        await page.keyboard.press(key)
        style = await page.evaluate(
            "() => { let e = document.activeElement; "
            "while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
            " const s = getComputedStyle(e); return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert style[0] == "solid" and style[1] >= 2


async def test_new_messages_are_announced_but_old_ones_are_not(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("satu")
    await expect(page.locator(".row.bot")).to_have_count(1)
    script = """
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) {
      const root = attach.call(this, options);
      new MutationObserver(() => {
        const log = root.querySelector('[role=log]');
        if (log?.querySelector('.row')) window.atHistory ??= log.getAttribute('aria-live');
      }).observe(root, { subtree: true, childList: true });
      return root;
    };"""
    page = await open_page("/", like=page, script=script)
    await expect(page.locator(".row.bot")).to_have_count(1)
    assert await page.evaluate("window.atHistory") == "off"
    await expect(page.get_by_role("log", name="Percakapan dengan Loket")).to_have_attribute("aria-live", "polite")


async def small_targets(page: Page) -> list[str]:
    """Buttons, links of lists and inputs below 44 px; links within a sentence are exempt (WCAG 2.5.8)."""
    found: list[str] = await page.evaluate(
        """() => {
        const all = (root) =>
          [...root.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
        return all(document)
          .filter((e) => e.matches('button, a.button, .doors a, .parts a, input:not([type=file]), textarea, select'))
          .filter((e) => e.checkVisibility())
          .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
          .filter(([, r]) => r.width < 44 || r.height < 44)
          .map(([html, r]) => `${html} ${r.width}x${r.height}`);
      }"""
    )
    return found


@pytest.mark.parametrize("path", ["/", "/embed?mode=popup&open="])
async def test_320_px_need_no_sideways_scrolling_and_targets_are_large(open_page: Open, stub: Stub, path: str) -> None:
    page = await open_page(path, viewport={"width": 320, "height": 568})
    await every_kind(page, stub)
    long = "SatuKataYangSangatPanjangTanpaSpasi" * 6
    stub.say(long, buttons=[{"title": long, "payload": "niat:help"}])
    stub.say(f"{long}: {long}", "review")
    stub.say("x", "receipt", application=long)
    await expect(page.locator(".number-value").last).to_have_text(long)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    log = page.get_by_role("log")
    assert await log.evaluate("log => log.scrollWidth <= log.clientWidth")
    assert await small_targets(page) == []


async def test_enlarged_to_200_percent_the_chat_can_still_be_used(open_page: Open, stub: Stub) -> None:
    # A window of 1280 × 720 enlarged to 200 % has 640 × 360 CSS pixels.
    page = await open_page("/embed?mode=popup&open=", viewport={"width": 640, "height": 360}, device_scale_factor=2)
    await every_kind(page, stub)
    assert await page.evaluate("document.documentElement.scrollWidth") == 640
    for role, name in (("textbox", "Tulis pesan"), ("button", "Kirim"), ("button", "Foto dengan kamera")):
        await expect(page.get_by_role(role, name=name)).to_be_in_viewport(ratio=1)  # type: ignore[arg-type]
    assert await page.get_by_role("log").evaluate("log => log.clientHeight") >= 60


async def test_forced_colours_keep_every_border(open_page: Open, stub: Stub) -> None:
    page = await open_page("/", forced_colors="active")
    await every_kind(page, stub)
    for selector in (".row.citizen .bubble", ".row.bot .bubble", ".choice", ".field"):
        width = await page.locator(selector).first.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)")
        assert width >= 1, selector


async def test_motion_only_where_it_is_welcome(open_page: Open, stub: Stub) -> None:
    for motion, name in (("reduce", "none"), ("no-preference", "come")):
        page = await open_page("/", reduced_motion=motion)
        await write(page, "halo")
        row = page.locator(".row.citizen")
        await expect(row).to_be_visible()
        assert await row.evaluate("e => getComputedStyle(e).animationName") == name


def _refusal() -> Any:
    from tests.widget.stub import Fault

    return Fault(status=422, message="Pesan ini tidak bisa dibaca.")


async def test_on_a_small_phone_no_more_than_96_pixels_stand_above_the_conversation(open_page: Open) -> None:
    page = await open_page("/", viewport={"width": 360, "height": 740})
    log = await page.get_by_role("log").bounding_box()
    assert log is not None and log["y"] <= 96
    # What leads to the rest of the page stands below the chat, in view.
    parts = await page.get_by_role("navigation", name="Bagian halaman").bounding_box()
    assert parts is not None and parts["y"] + parts["height"] <= 742

"""The two public pages as people see them: small phone and desktop, light and dark, without script, clean for axe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from playwright.async_api import Browser, Page, expect

from bot.settings import ROOT
from tests.usecases.conftest import World
from tests.usecases.script import apply
from tests.usecases.test_documents import issued, linked, token_of
from tests.web.test_public_papers import client

__all__ = ["client", "linked"]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL, LARGE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def browser(shared_browser: Browser) -> Browser:
    return shared_browser


async def clean(page: Page) -> None:
    """No violation of WCAG 2.2 AA, nothing beside the screen."""
    await page.evaluate(AXE)
    result: Any = await page.evaluate(f"axe.run(document, {json.dumps({'runOnly': WCAG, 'preload': False})})")
    assert [f"{v['id']}: {n['html'][:160]}" for v in result["violations"] for n in v["nodes"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("scheme", "viewport"), [("light", SMALL), ("dark", SMALL), ("dark", LARGE)])
async def test_the_state_and_its_field_are_clean(
    world: World, client: TestClient[Any, Any], browser: Browser, scheme: Any, viewport: Any
) -> None:
    number = await apply(world, await world.session())
    page = await browser.new_page(color_scheme=scheme, viewport=viewport, locale="id-ID")
    await page.goto(str(client.make_url("/cek")))
    await clean(page)
    await page.get_by_label("Nomor permohonan").fill(number.lower())
    await page.get_by_role("button", name="Cek").click()
    await expect(page.get_by_text("Sudah diajukan")).to_be_visible()
    await clean(page)
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_text("Handed in")).to_be_visible()
    await page.goto(str(client.make_url("/cek/LKT-0000-0000-1")))
    await expect(page.get_by_role("heading", name="Nomor tidak ditemukan")).to_be_visible()
    await clean(page)


async def test_a_document_is_opened_without_script(
    linked: World, client: TestClient[Any, Any], browser: Browser, tmp_path: Path
) -> None:
    who, _, said = await issued(linked)
    url = str(client.make_url(f"/dokumen/{token_of(said)}"))
    looked = await browser.new_page(viewport=SMALL, color_scheme="dark", locale="id-ID")
    await looked.goto(url)
    await clean(looked)
    context = await browser.new_context(
        java_script_enabled=False, viewport=SMALL, locale="id-ID", accept_downloads=True
    )
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_role("button", name="Kirim kode").click()
    code = (await linked.news(who))[-1]["text"].split("*")[1]
    await page.get_by_label("Kode dari obrolan").fill(code)
    await page.get_by_label("Tanggal lahir pemohon").fill("17-8-1991")
    await page.get_by_role("button", name="Buka dokumen").click()
    await expect(page.get_by_role("alert")).to_contain_text("Sisa percobaan: 4")
    await looked.reload()
    await clean(looked)
    await page.get_by_label("Kode dari obrolan").fill(code)
    await page.get_by_label("Tanggal lahir pemohon").fill("17-8-1990")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Buka dokumen").click()
    saved = tmp_path / "akta.pdf"
    await (await download.value).save_as(saved)
    assert saved.read_bytes().startswith(b"%PDF-")

"""A real Chromium against the stand-in server. One browser and one event loop for the whole folder."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browsers import CAMERA, FLAGS
from tests.widget.stub import Stub

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
#: Waiting times of the widget in tests, in ms: as in life, only shorter.
FAST = {"backoff": 120, "backoffMost": 400, "firstByte": 1500, "quiet": 20_000, "poll": 150, "streamAgain": 3_000}
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
#: Nothing moves, so that a click of the machine does not chase a button.
CALM = {"viewport": DESKTOP, "locale": "id-ID", "timezone_id": "Asia/Jakarta", "reduced_motion": "reduce"}

Open = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here shares the browser's loop; without a browser, nothing of it can run."""
    for item in items:
        if Path(item.path).parent != Path(__file__).parent or "open_page" not in getattr(item, "fixturenames", ()):
            continue
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        item.add_marker(pytest.mark.browser)
        if not CHROMIUM.exists():
            item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *CAMERA])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    stub.home = demo_home()
    await stub.start()
    yield stub
    await stub.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, stub: Stub) -> AsyncIterator[Open]:
    """``await open_page("/")``: a page in a fresh context; ``like=page`` opens another tab beside it.

    The test fails when the page threw, or something was refused by the content security policy.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    async def new(
        path: str = "/", *, like: Page | None = None, script: str = "", wait: bool = True, **options: Any
    ) -> Page:
        if like is None:
            options = {**CALM, **options}
            context = await browser.new_context(**options)
            context.set_default_timeout(10_000)
            contexts.append(context)
        else:
            context = like.context
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        await page.add_init_script(HURRY.replace("FAST", str(FAST)) + script)
        await page.goto(path if path.startswith("http") else stub.url + path)
        if wait:
            await page.wait_for_function("document.querySelector('loket-chat')?.conversation")
        return page

    yield new
    for context in contexts:
        await context.close()
    assert faults == []


#: Sets the waiting times when the element is defined, before any instance exists.
HURRY = """
{ const define = customElements.define;
  customElements.define = function (name, element, options) {
    if (name === 'loket-chat') element.timing = FAST;
    return define.call(customElements, name, element, options);
  }; }
"""


@pytest.fixture(scope="session")
def axe_source() -> str:
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    path = Path(os.environ.get("AXE_CORE", path))
    if not path.exists():
        pytest.skip("axe-core is not installed: run npm ci")
    return path.read_text(encoding="utf-8")


def picture(width: int = 640, height: int = 480, colour: str = "#7aa08f", quality: int = 85) -> bytes:
    """A JPEG of noise-free colour, with a lighter square to see which way is up."""
    image = Image.new("RGB", (width, height), colour)
    image.paste("#f0f0f0", (width // 4, height // 8, width * 3 // 4, height // 2))
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def demo_home() -> dict[str, Any]:
    """What the founder gives to ``home.html``, with invented people."""
    people = [
        ("3328990101900001", "Warga Peragaan Satu", "01-01-1990", "Ayah dari bayi yang baru lahir."),
        ("3328994502920002", "Warga Peragaan Dua", "05-02-1992", "Ibu dari bayi yang baru lahir."),
    ]
    citizens = [
        {
            "nik": nik,
            "name": name,
            "birth_date": birth,
            "story": story,
            "enrolled_url": "/picture/a",
            "selfies": [
                {"url": "/picture/b", "label": "Swafoto orang yang sama"},
                {"url": "/picture/c", "label": "Orang lain"},
            ],
        }
        for nik, name, birth, story in people
    ]
    return {
        "demo": True,
        "citizens": citizens,
        "register_url": "/register",
        "officer_url": "/officer",
        "staff_url": "/staff",
        "office_name": "MPP Satya Dahayu, Kabupaten Tegal",
        "chat_server": "",
        "pictures": {"a": picture(), "b": picture(colour="#a07a8f"), "c": picture(colour="#7a8fa0")},
    }

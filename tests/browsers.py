"""One Chromium and one driver for all tests of a process: starting both costs as much as looking at several pages.

Every test has contexts of its own. What asks for :func:`shared_browser`, or a fixture on it, runs with all its fixtures in
the one event loop in which the browser's driver lives.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
"""A test picture in place of a camera, which every page may use."""


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program; a machine without one skips the test and says so."""
    # Five seconds, the default, is little on two busy cores. Nothing here waits longer than it has to.
    expect.set_options(timeout=20_000)
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: install it with `apt-get install chromium`")
    return Path(found)


class Launched:
    """The browser of this process; a new one when a test's page took it down."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._open = AsyncExitStack()
        self._browser: Browser | None = None

    async def browser(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            await self.close()
            playwright = await self._open.enter_async_context(async_playwright())
            self._browser = await playwright.chromium.launch(executable_path=self._program, args=[*FLAGS, *CAMERA])
            self._open.push_async_callback(self._browser.close)
        return self._browser

    async def close(self) -> None:
        await self._open.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def launched(chromium: Path) -> AsyncIterator[Launched]:
    made = Launched(chromium)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def shared_browser(launched: Launched) -> AsyncIterator[Browser]:
    """A browser without any context; those that a test opens are closed after it."""
    browser = await launched.browser()
    yield browser
    for context in browser.contexts:
        await context.close()


@pytest.fixture
def _function_scoped_runner(
    request: pytest.FixtureRequest, _function_scoped_runner: asyncio.Runner
) -> Iterator[asyncio.Runner]:
    """pytest-asyncio's own, whose loop a test has for itself; the session's for a test with a browser."""
    if "shared_browser" in request.fixturenames:
        yield request.getfixturevalue("_session_scoped_runner")
    else:
        yield _function_scoped_runner

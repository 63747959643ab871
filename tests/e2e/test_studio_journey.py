"""A content editor's whole way in a real browser: a misunderstood message, examples, training, the gate, a second person, the live
bot, and back. Real parts only; the content has few examples, so that a training is short.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from bot.domain.line_diff import diff
from bot.ports_content import Branch
from bot.settings import PREFIX, ROOT, environment
from bot.storage.accounts import Account, Accounts
from bot.storage.content_repo import GitContent
from bot.web.staff import strings
from tests.e2e.service import Service
from tests.e2e.studio_content import SPOILT, small_repository
from tests.e2e.test_browser_journey import Chat, browser

__all__ = ["browser"]

pytestmark = pytest.mark.slow

ID = strings.say_in("id")
MODELS = ROOT / "var" / "test-models-studio"
PASSWORD = "kopi pahit di pasar slawi"  # noqa: S105 (of people that do not exist)
ODD = "zumbalaka wrekatos jal"
TRAINED = 600_000
"""Milliseconds; alone it takes 40 seconds."""
TAKEN_OVER_S = 120


async def test_an_editor_teaches_the_bot_a_word_and_nothing_gets_worse(
    start_service: Callable[..., Service], browser: Browser, tmp_path: Path
) -> None:
    content = tmp_path / "isi"
    small_repository(content)
    service = start_service(LOKET_MODEL_DIR=str(MODELS), LOKET_CONTENT_DIR=str(content))
    async with service.store() as store:
        for username, name in (("siti", "Siti Editor"), ("budi", "Budi Penerbit")):
            account = Account(username, name, frozenset({"publisher"}), "33.28")
            await Accounts(store).add(account, PASSWORD, datetime.now(UTC))
    first = await live_model(service)
    chat = await citizen(service, browser)
    await chat.say(ODD, "belum menangkap")

    # Found, and examples added; a colleague's slip comes along.
    siti = await signed_in(service, browser, "siti")
    await open_(siti, service, "inbox")
    await siti.get_by_role("link", name=f"{ID('inbox_work')}: {ODD}").click()
    await siti.locator("select[name=intent]").select_option("ask_hours")
    await siti.get_by_role("button", name=ID("inbox_assign")).click()
    await expect(siti.get_by_text(ID("inbox_done_assigned"))).to_be_visible()
    mine = [f"{ODD} {word}".strip() for word in ("", "min", "pak", "kapan ya", "saiki", "sesuk")]
    await add(siti, service, "ask_hours", mine)
    await add(siti, service, "goodbye", misleading(content))

    # Stopped by the gate, mended.
    await train(siti, service)
    await expect(siti.get_by_text(ID("report_gate_closed"))).to_be_visible()
    await siti.get_by_role("link", name=ID("report_to_releases")).click()
    stop = siti.locator(".notice.bad li", has_text=SPOILT)
    await expect(stop).to_contain_text("poin F1")
    await stop.get_by_role("link").click()
    await expect(siti.locator("table code", has_text="goodbye").first).to_be_visible()
    await open_(siti, service, "")
    await siti.get_by_role("button", name=re.compile(ID("studio_undo"))).first.click()
    await expect(siti.get_by_text(ID("studio_undone"))).to_be_visible()
    mine.append(
        f"{ODD} {''.join(secrets.choice('aiueo') + 'k' for _ in range(3))}"
    )  # so that something is trained in every run
    await add(siti, service, "ask_hours", mine[-1:])
    await train(siti, service)
    await expect(siti.get_by_text(ID("report_gate_open"))).to_be_visible()

    # A second person agrees, and the bot understands.
    await siti.get_by_role("link", name=ID("report_to_releases")).click()
    await siti.get_by_label(ID("release_reason")).fill("Warga menulis zumbalaka untuk jam buka")
    await siti.get_by_role("button", name=ID("release_propose")).click()
    await expect(siti.get_by_text(ID("release_own"))).to_be_visible()
    budi = await signed_in(service, browser, "budi")
    await open_(budi, service, "releases")
    await budi.get_by_role("button", name=ID("release_approve")).click()
    await expect(budi.get_by_text(ID("release_done_approved"))).to_be_visible()
    before = files_of(content)
    await open_(siti, service, "releases")
    await siti.get_by_role("button", name=ID("release_publish")).click()
    await expect(siti.get_by_text(ID("release_done_published"))).to_be_visible(timeout=TAKEN_OVER_S * 1000)
    assert await live_model(service, other_than=first) != first
    await chat.say(ODD, "Jam layanan")

    # What git has of it, and what Rasa says of it.
    changed = {
        path: diff(path, before.get(path), data) for path, data in files_of(content).items() if before.get(path) != data
    }
    assert set(changed) == {"nlu/ask_hours.yml", "eval/koreksi.tsv"}
    hours = changed["nlu/ask_hours.yml"]
    assert (hours.added, hours.removed) == (len(mine), 0)
    assert comments(before["nlu/ask_hours.yml"]) == comments(files_of(content)["nlu/ask_hours.yml"])
    assert "zumbalaka" in log_of(content)[0] and "isi kecil" in log_of(content)[1]
    assert await asyncio.to_thread(rasa_accepts, service, content)

    # And back.
    await open_(siti, service, "releases")
    await siti.locator(".releases summary").first.click()
    await siti.get_by_label(ID("release_back_why")).first.fill("Mau dicoba dulu")
    await siti.get_by_role("button", name=ID("release_back_do")).first.click()
    await expect(siti.get_by_text(ID("release_done_back"))).to_be_visible(timeout=TAKEN_OVER_S * 1000)
    assert await live_model(service, wanted=first) == first
    await chat.say(ODD, "belum menangkap")
    assert files_of(content) == before
    for page in (siti, budi, chat.page):
        await page.context.close()


async def citizen(service: Service, browser: Browser) -> Chat:
    context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="id-ID", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(service.url)
    return Chat(page)


async def signed_in(service: Service, browser: Browser, username: str) -> Page:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="id-ID", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(f"{service.url}/staff/sign-in")
    await page.locator("input[name=username]").fill(username)
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.get_by_role("button", name=ID("do_sign_in")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(ID("studio"))
    return page


async def open_(page: Page, service: Service, area: str) -> None:
    await page.goto(f"{service.url}/staff/studio/{area}")


async def add(page: Page, service: Service, intent: str, texts: list[str]) -> None:
    """Examples, typed into the page of the intent."""
    await open_(page, service, f"intents/{intent}")
    await page.locator("#texts").fill("\n".join(texts))
    await page.get_by_role("button", name=ID("nlu_do_add"), exact=True).click()
    await expect(page.locator(".notice.good")).to_be_visible()


async def train(page: Page, service: Service) -> None:
    """Until the report shows by itself."""
    await open_(page, service, "train")
    await page.get_by_role("button", name=ID("train_start")).click()
    await expect(page.get_by_role("heading", name=ID("report_title"))).to_be_visible(timeout=TRAINED)


def misleading(content: Path) -> list[str]:
    """Questions about costs that somebody takes for good-byes."""
    rows = [line.split("\t") for line in (content / "eval" / "pesan.tsv").read_text("utf-8").splitlines()]
    asked = [row[0] for row in rows if row[1] == SPOILT]
    return [
        f"{before}{text}{after}"
        for text in asked
        for before, after in (("", " ya"), ("min ", ""), ("", " dong"), ("pak ", " nggih"))
    ]


async def live_model(service: Service, *, wanted: str = "", other_than: str = "") -> str:
    """The model that answers; waits until it is ``wanted``, or another one."""
    found = ""
    async with aiohttp.ClientSession() as http:
        for _ in range(TAKEN_OVER_S * 5):
            async with http.get(f"{service.state['rasa_url']}/webhooks/loket/health") as answer:
                found = str((await answer.json())["model"])
            if found in (wanted or found,) and found != other_than:
                break
            await asyncio.sleep(0.2)
    return found


def files_of(content: Path) -> dict[str, bytes]:
    """What is published."""
    repo = GitContent(content)
    try:
        return {path: repo.blob(blob) for path, blob in repo.files(repo.head(Branch.LIVE)).items()}
    finally:
        repo.close()


def log_of(content: Path) -> list[str]:
    repo = GitContent(content)
    try:
        return [one.message for one in repo.log(Branch.LIVE)]
    finally:
        repo.close()


def comments(data: bytes) -> list[str]:
    return [line for line in data.decode().splitlines() if "#" in line]


def rasa_accepts(service: Service, content: Path) -> bool:
    """`./loket rasa data validate` on what is published."""
    plain = {name: value for name, value in environment().items() if not name.startswith(PREFIX)}
    places = {"LOKET_VAR_DIR": str(service.var_dir), "LOKET_CONTENT_DIR": str(content), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot", "rasa", "data", "validate"],
        env={**plain, **places},
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=300,
    )
    print(done.stdout.decode()[-2000:], done.stderr.decode()[-2000:])
    return done.returncode == 0

"""What a browser keeps of a staff session: unsent words under a seal while it lasts, nothing when it is over."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import Office, agent
from .test_in_a_browser import accessible, chrome, desk, shot, talk

__all__ = ["chrome"]
pytestmark = pytest.mark.browser

ID = strings.say_in("id")
SECRET = "Siti Aminah, lahir 1990"
KEPT = "JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})"


async def drafts(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('loket-draft|'))")
    return found


async def test_unsent_words_lie_sealed_and_are_gone_in_every_tab_when_the_session_is(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati", name="Wati Lestari")
    ticket = await office.ticket(await talk(office))
    await handoff.claim(office.deps, ticket.id, agent("wati", "Wati Lestari"))
    wati = await desk(chrome, server, viewport={"width": 360, "height": 740})
    page = await wati.sign_in("wati", f"/staff/tickets/{ticket.id}")
    reply = page.get_by_role("textbox", name=ID("reply"), exact=True)
    await reply.fill(SECRET)
    await page.wait_for_function("Object.keys(localStorage).some(one => one.startsWith('loket-draft|wati|'))")
    kept = await page.evaluate(KEPT)
    assert "Siti" not in kept and "1990" not in kept
    await page.reload()
    await expect(reply).to_have_value(SECRET)  # its owner's page opens it

    # Another one of her tabs, and one that is not told but asks by itself when the time is over.
    second = await wati.open("/staff/account")
    await expect(second.get_by_role("heading", name=ID("sessions"))).to_be_visible()
    await shot(second, "account-360")
    await accessible(second)
    await second.get_by_role("button", name=ID("sign_out")).click()
    await expect(second.get_by_text(ID("signed_out"))).to_be_visible()
    await page.wait_for_url("**/staff/sign-in?to=*")
    assert await drafts(second) == await drafts(page) == []


async def test_a_tab_empties_itself_when_the_time_is_over_even_without_the_server(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati", name="Wati Lestari")
    wati = await desk(chrome, server)
    ended, cut_off = await wati.context.new_page(), await wati.context.new_page()
    for page in (ended, cut_off):
        await page.clock.install()
    page = await wati.sign_in("wati", "/staff/account")
    await expect(page.get_by_role("heading", name=ID("sessions"))).to_be_visible()
    for one in (ended, cut_off):
        await one.goto(str(server.make_url("/staff/account")))
        await expect(one.get_by_text("Wati Lestari").first).to_be_visible()
    # A minute later the session is still there, and so is the page.
    async with ended.expect_response("**/staff/session"):
        await ended.clock.run_for(61_000)
    await expect(ended.get_by_text("Wati Lestari").first).to_be_visible()
    # One that cannot ask keeps what it shows while the session may last; the other hears that it was ended.
    await cut_off.route("**/*", lambda route: route.abort())
    async with office.store.begin() as tx:
        await tx.run(text("delete from staff_session"))
    await ended.clock.run_for(61_000)  # of all tabs
    await ended.wait_for_url("**/staff/sign-in?to=*")
    await expect(cut_off.get_by_text("Wati Lestari").first).to_be_visible()
    # What it shows goes when the session's time is over at the latest.
    await cut_off.clock.fast_forward(int(office.accounts.policy.idle.total_seconds() * 1000))
    await cut_off.clock.run_for(61_000)
    await expect(cut_off.get_by_text("Wati Lestari")).to_have_count(0)

"""Accounts, identity desk, supervision and audit in a real browser: on a phone, on a desk, in the dark; axe finds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.domain.presence import Here, Presence
from bot.domain.staff import ROLES
from bot.storage.accounts import Account
from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import PASSWORD, TEGAL, Office, agent
from .test_in_a_browser import accessible, chrome, desk, shot

pytestmark = pytest.mark.browser

__all__ = ["chrome"]

ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 800}
PAGES = {
    "account": "/staff/account",
    "second": "/staff/account/second",
    "password": "/staff/account/password",
    "presence": "/staff/presence",
    "people": "/staff/people",
    "person": "/staff/people/wati",
    "audit": "/staff/audit?check=1",
    "supervise": "/staff/supervise",
    "quality": "/staff/supervise/quality",
    "checks": "/staff/checks",
}


async def busy_office(office: Office) -> str:
    """Everything there is to see; the address of a borderline face."""
    await office.accounts.add(Account("tuti", "Tuti Handayani", frozenset(ROLES), TEGAL), PASSWORD, office.clock.now())
    await office.staff("wati", name="Wati Lestari, S.Sos.")
    await office.staff("budi", "officer", name="Budi Santoso")
    now = office.clock.now()
    async with office.store.begin() as tx:
        await tx.put_presence(Presence("wati", TEGAL, Here.ONLINE, now, now + timedelta(minutes=17)))
        await tx.put_presence(Presence("budi", TEGAL, Here.AWAY, now, now + timedelta(minutes=17), reason="prayer"))
    done = await office.ticket()
    await handoff.claim(office.deps, done.id, agent("wati", "Wati"))
    await handoff.return_to_bot(office.deps, done.id, agent("wati", "Wati"))
    await office.ticket()
    office.clock.at += timedelta(minutes=17)
    held, _ = await office.ticket(), await office.ticket()
    await handoff.claim(office.deps, held.id, agent("wati", "Wati"))
    return f"/staff/checks/{(await office.borderline()).id}"


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_every_page_fits_and_axe_finds_nothing(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    check = await busy_office(office)
    person = await desk(chrome, server, **options)
    page = await person.sign_in("tuti", "/staff/account")
    await expect(page.get_by_role("heading", name=ID("account"), level=1)).to_be_visible()
    for shown, path in {**PAGES, "check": check}.items():
        await page.goto(str(server.make_url(path)))
        await expect(page.locator("h1")).to_be_visible()
        await shot(page, f"h8-{shown}-{name}")
        await accessible(page)
    await page.get_by_role("button", name=ID("reject")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(ID("confirm_reject"))
    await shot(page, f"h8-confirm-{name}")
    await accessible(page)
    assert person.faults == []


async def test_the_supervisors_page_follows_the_office_by_itself(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await busy_office(office)
    person = await desk(chrome, server)
    page = await person.sign_in("tuti", "/staff/supervise")
    rows = page.locator("#live tbody tr[id^=s]")
    await expect(rows).to_have_count(3)
    await page.get_by_role("checkbox").first.check()
    fresh = await office.ticket()
    await expect(rows).to_have_count(4)
    await expect(page.get_by_role("link", name=fresh.number)).to_be_visible()
    await expect(page.get_by_role("checkbox").first).to_be_checked()
    assert person.faults == []


async def test_a_code_is_asked_for_on_the_phone_too(chrome: Browser, server: TestServer, office: Office) -> None:
    await office.staff("wati")
    office.accounts.policy = replace(office.accounts.policy, second_factor=frozenset({"agent"}))
    person = await desk(chrome, server, viewport=PHONE, has_touch=True)
    page = await person.sign_in("wati")
    await expect(page.get_by_text(ID("second_must"))).to_be_visible()
    await expect(page.get_by_role("img", name=ID("second_qr"))).to_be_visible()
    drawn = await page.evaluate("document.querySelector('img.qr').naturalWidth")
    assert drawn > 100
    await shot(page, "h8-second-must-phone")
    assert person.faults == []

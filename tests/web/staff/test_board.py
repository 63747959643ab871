from __future__ import annotations

from bot.usecases import handoff

from .conftest import BREBES, Browser, Office


async def test_the_queue_shows_who_waits_longest_first(browser: Browser, office: Office) -> None:
    first = await office.ticket(await office.conversation(topic="ktp"), "make_complaint")
    office.clock.move(minutes=7)
    second = await office.ticket(await office.conversation())
    office.clock.move(minutes=65)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get("/staff/")
    page = browser.read()
    assert page.index(first.number) < page.index(second.number)
    assert "Menyampaikan pengaduan ktp" in page and "1 jam 12 menit Sejak 09.00" in page
    assert "Minta bicara dengan petugas belum disebut" in page and "1 jam 5 menit Sejak 09.07" in page


async def test_the_queue_is_that_of_ones_own_office(browser: Browser, office: Office) -> None:
    theirs = await office.ticket(await office.conversation(BREBES))
    await office.staff("wati")
    await browser.sign_in("wati")
    assert theirs.number not in await browser.get("/staff/")
    for path in ("", "/news?after=0&state=queued", "/events"):
        await browser.get(f"/staff/tickets/{theirs.id}{path}")
        assert browser.status == 404


async def test_a_conversation_i_hold_is_mine_and_a_colleagues_is_only_counted(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await office.staff("budi")
    mine, theirs = await office.ticket(), await office.ticket()
    await handoff.claim(office.deps, mine.id, "wati", "Wati")
    await handoff.claim(office.deps, theirs.id, "budi", "Budi")
    await browser.sign_in("wati")
    page = await browser.get("/staff/")
    assert mine.number in page and theirs.number not in page
    assert "Sedang ditangani rekan: 1" in browser.read()

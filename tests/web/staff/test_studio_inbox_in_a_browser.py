"""An editor's morning in a real browser: what was misunderstood, a conversation, the message box; phone and desk, axe."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.domain.messages import Button
from bot.domain.understood import Became
from bot.web.staff import strings

from .conftest import Office
from .test_in_a_browser import accessible, chrome, desk, shot
from .test_studio_inbox import Bench, bench, models, said

pytestmark = pytest.mark.browser

__all__ = ["bench", "chrome"]

ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 800}


async def morning(office: Office) -> str:
    """Some messages, some of them not understood; the id of one conversation."""
    who = await office.conversation(topic="akta-kelahiran")
    await office.says(who, "Halo, saya Loket. Ada yang bisa dibantu?", Button("Akta kelahiran", "niat:ask_cost"))
    await said(
        office,
        "syarat bikin akta anak yang lahir di rumah bidan apa saja ya",
        "ask_requirements",
        0.93,
        Became.ANSWERED,
        who,
    )
    await said(office, "regane pira kiye nek telat sewulan lewih", "ask_cost", 0.31, Became.ASKED, who)
    await office.attaches(who, "document", "kk.jpg")
    await said(office, "hmm lha terus kepriben", "help", 0.22, Became.MISSED, who)
    await office.ticket(who)
    for text in ("pajak motor telat", "telat bayar pajak motor", "motor pajake telat bayar"):
        await said(office, text, "ask_cost", 0.28)
    return str(who.id)


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_an_editor_goes_from_a_misunderstood_message_to_a_correction_a_test_and_the_message_box(
    chrome: Browser, server: TestServer, office: Office, bench: Bench, name: str, options: dict[str, object]
) -> None:
    talk = await morning(office)
    await models(office, "m1", "m2")
    await office.staff("siti", "editor", name="Siti Editor")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("siti", "/staff/studio/inbox")

    async def seen(what: str) -> None:
        await expect(page.locator("h1")).to_be_visible()
        await shot(page, f"{what}-{name}")
        await accessible(page)

    await seen("inbox")
    await page.get_by_role("link", name="pajak").click()
    await seen("group")
    await page.get_by_label(ID("inbox_intent")).select_option("out_of_scope")
    await page.get_by_role("button", name=ID("inbox_assign")).click()
    await expect(page.get_by_text(ID("inbox_done_assigned"))).to_be_visible()
    await seen("inbox-done")
    await page.goto(str(server.make_url("/staff/studio/inbox/corrections")))
    await expect(page.get_by_role("checkbox")).to_have_count(3)
    await seen("corrections")
    await page.goto(str(server.make_url("/staff/studio/inbox/settled")))
    await seen("settled")

    await page.goto(str(server.make_url("/staff/studio/talks?fallback=1")))
    await seen("talks")
    await page.goto(str(server.make_url(f"/staff/studio/talks/{talk}")))
    await seen("talk")
    await page.get_by_role("link", name=ID("talk_save")).click()
    await page.get_by_label(ID("talk_test_name"), exact=True).fill("Akta di rumah bidan")
    await seen("talk-test")
    await page.get_by_role("button", name=ID("talk_test_save")).click()
    await expect(page.get_by_role("link", name="Akta di rumah bidan")).to_be_visible()
    await seen("talk-tests")

    await page.goto(str(server.make_url("/staff/studio/try")))
    await page.get_by_role("textbox").first.fill("biayane akta pira")
    await page.get_by_role("button", name=ID("try_look")).click()
    await expect(page.get_by_role("meter").first).to_be_visible()
    await seen("try")
    await page.get_by_role("textbox").last.fill("biaya akta")
    await page.get_by_role("textbox").last.press("Enter")
    await expect(page.get_by_text("Gratis").first).to_be_visible()
    await seen("try-chat")
    assert person.faults == []

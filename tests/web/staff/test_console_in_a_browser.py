"""The console as agents meet it: on a phone and on a desk, alone and with a colleague, with and without JavaScript."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, Page, expect

from bot.domain.handoff import TicketConflict
from bot.domain.messages import Reply
from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import JPEG, NIK, Office, agent
from .test_in_a_browser import DESK, accessible, chrome, desk, shot, talk

__all__ = ["chrome"]
pytestmark = pytest.mark.browser

ID = strings.say_in("id")
PHONE = {"width": 360, "height": 740}


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name=ID("reply"), exact=True)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_an_agent_takes_a_conversation_answers_notes_and_hands_back(
    chrome: Browser, server: TestServer, office: Office, viewport: dict[str, int]
) -> None:
    width = viewport["width"]
    await office.staff("wati", "supervisor", name="Wati Lestari")
    await office.staff("budi", name="Budi Raharjo")
    wati = await desk(chrome, server, viewport=viewport)
    page = await wati.sign_in("wati")
    await expect(page.get_by_text(ID("empty_unassigned"))).to_be_visible()
    await shot(page, f"console-empty-{width}")

    conversation = await talk(office)
    ticket = await office.ticket(conversation, "not_understood", priority=1, vulnerable="age", service="akta-kelahiran")
    row = page.locator(f"#t{ticket.id}")
    await expect(row).to_be_visible()  # nobody reloads: the event brings it
    office.clock.move(minutes=75)
    await office.ticket(await office.conversation(language="jv"), "complaint")
    await expect(page.locator(".c-row")).to_have_count(2)
    await expect(row.locator(".c-badge")).to_have_text(ID("urgent_age"))
    await shot(page, f"console-list-{width}")
    await accessible(page)

    await row.click()
    await expect(page.locator("#head")).to_contain_text(ticket.number)
    await shot(page, f"console-queued-{width}")
    await accessible(page)
    await page.get_by_role("button", name=ID("claim")).click()
    await expect(box(page)).to_be_editable()
    await box(page).fill("Selamat pagi, saya Wati. Bagian mana yang membingungkan?")
    await office.hears(conversation, "yang surat lahir pak")  # arrives while she types: her words stay
    await expect(page.locator(".c-said").last).to_contain_text("yang surat lahir pak")
    await expect(box(page)).to_have_value("Selamat pagi, saya Wati. Bagian mana yang membingungkan?")
    await box(page).focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".c-said.agent .c-text")).to_have_text(
        ["Selamat pagi, saya Wati. Bagian mana yang membingungkan?"]
    )
    await expect(box(page)).to_have_value("")
    await page.get_by_role("button", name=ID("mode_note"), exact=True).click()
    await page.locator("#note").fill("@budi tolong cek <b>berkasnya</b>")
    await page.get_by_role("button", name=ID("note_send")).click()
    await expect(page.locator(".c-said.note")).to_contain_text("tolong cek <b>berkasnya</b>")
    await expect(page.locator(".c-said.note")).to_contain_text(ID("mentions", names="Budi Raharjo"))
    ids = await page.locator(".c-said").evaluate_all("lines => lines.map(line => line.id)")
    assert len(ids) == len(set(ids))
    await shot(page, f"console-mine-{width}")
    await accessible(page)
    if width < 1280:
        await page.get_by_role("link", name=ID("to_case")).click()
    await expect(page.get_by_text("Aisyah Putri")).to_be_visible()
    await shot(page, f"console-case-{width}")
    await accessible(page)
    if width < 768:
        await page.locator("#from-case").click()
    await page.get_by_role("button", name=ID("resolve")).click()
    await expect(page.get_by_text(ID("done_closed", number=ticket.number))).to_be_visible()
    await shot(page, f"console-closed-{width}")
    if width < 768:
        await page.locator("#back").click()
        await expect(page.locator("#list")).to_be_visible()
    assert wati.faults == []


async def test_two_agents_collide_and_nothing_typed_is_lost(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati", name="Wati Lestari")
    await office.staff("budi", name="Budi Raharjo")
    conversation = await office.conversation()
    await office.hears(conversation, "Halo, ada orang?")
    ticket = await office.ticket(conversation)
    wati, budi = await desk(chrome, server), await desk(chrome, server)
    hers = await wati.sign_in("wati", f"/staff/tickets/{ticket.id}")
    his = await budi.sign_in("budi", f"/staff/tickets/{ticket.id}")
    await expect(hers.locator("#presence")).to_have_text(ID("colleague_looks", name="Budi Raharjo"))
    await hers.get_by_role("button", name=ID("claim")).click()
    await expect(box(hers)).to_be_editable()
    await expect(his.locator("#state")).to_contain_text("Wati Lestari")  # told without a reload
    await expect(his.get_by_role("button", name=ID("claim"))).to_have_count(0)
    await box(hers).fill("Selamat pagi, Bu")
    await hers.get_by_role("button", name=ID("send"), exact=True).dblclick()
    await expect(hers.locator(".c-said.agent")).to_have_count(1)
    await expect(his.locator(".c-said.agent")).to_have_count(1)

    await box(hers).fill("Sebentar saya cek dulu")
    await expect(his.locator("#presence")).to_contain_text(ID("colleague_types", name="Wati Lestari"))
    for attempt in range(10):  # her laptop slept; he got the conversation meanwhile
        async with office.store.begin() as tx:
            held = await tx.ticket(ticket.id)
            held.lease_until = office.clock.now()
            await tx.put_ticket(held)
        try:
            await handoff.claim(office.deps, ticket.id, agent("budi", "Budi Raharjo"))
            break
        except TicketConflict:  # her last heartbeat came in between
            assert attempt < 9
    await expect(hers.locator("#state")).to_contain_text("Budi Raharjo")
    await expect(hers.locator("#text")).to_have_value("Sebentar saya cek dulu")
    await expect(box(his)).to_be_editable()
    await shot(hers, "console-collision-1280")
    await accessible(hers)
    await hers.reload()  # the draft is the browser's
    await expect(hers.locator("#text")).to_have_value("Sebentar saya cek dulu")
    async with office.store.begin() as tx:
        said = [e.body["text"] for e in await tx.thread(conversation.id) if e.sender == "agent"]
    assert said == ["Selamat pagi, Bu"]
    assert wati.faults == budi.faults == []


async def test_keys_commands_canned_answers_and_files_are_where_chatwoot_people_look(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati", name="Wati Lestari")
    first = await office.ticket()
    office.clock.move(seconds=1)
    second = await office.ticket(await talk(office))
    wati = await desk(chrome, server)
    page = await wati.sign_in("wati")
    await expect(page.locator("#rows li")).to_have_count(2)
    await page.wait_for_load_state()
    await page.keyboard.press("Alt+j")
    await expect(page.locator("#head")).to_contain_text(first.number)
    await page.keyboard.press("Alt+j")
    await expect(page.locator("#head")).to_contain_text(second.number)
    await page.keyboard.press("Alt+a")
    await expect(box(page)).to_be_editable()
    await box(page).press_sequentially("/sal")
    await expect(page.locator("#pick").get_by_role("option")).to_have_count(1)
    await shot(page, "console-canned-1280")
    await accessible(page)
    await page.keyboard.press("Enter")
    await expect(box(page)).to_have_value("Halo, saya Wati Lestari.")
    await page.locator("#attach").set_input_files({"name": "contoh.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
    await expect(page.locator("#files li")).to_contain_text("contoh.jpg")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".c-said.agent")).to_contain_text("Halo, saya Wati Lestari.")
    await expect(page.locator(".c-said.agent a")).to_contain_text("contoh.jpg")
    await page.keyboard.press("Alt+p")
    await expect(page.locator("#note")).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type(ID("snooze")[:4])
    await shot(page, "console-palette-1280")
    await accessible(page)
    await page.keyboard.press("Enter")
    await expect(page.locator("#snooze")).to_have_attribute("open", "")
    await shot(page, "console-snooze-1280")
    await page.keyboard.press("Escape")
    await page.locator("#h-talk").focus()
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await shot(page, "console-keys-1280")
    await accessible(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Alt+e")
    await expect(page.get_by_text(ID("done_closed", number=second.number))).to_be_visible()
    assert wati.faults == []


async def test_a_field_is_corrected_and_a_number_shown_in_full_for_a_minute_in_the_dark(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati", "supervisor", name="Wati Lestari")
    ticket = await office.ticket(await talk(office), "emergency", priority=3)
    await handoff.claim(office.deps, ticket.id, agent("wati", "Wati Lestari"))
    wati = await desk(chrome, server, color_scheme="dark")
    page = await wati.sign_in("wati", f"/staff/tickets/{ticket.id}")
    case = page.locator("#case")
    await case.get_by_label(f"{ID('form_fix')}: Nama anak").click()
    field = page.get_by_label(ID("form_value", label="Nama anak"))
    await field.fill("12")
    await case.get_by_role("button", name=ID("form_save")).click()
    await expect(case.get_by_role("alert")).to_be_visible()
    await field.fill("Aisyah Putri Lestari")
    await case.get_by_role("button", name=ID("form_save")).click()
    await expect(case.locator(".c-badge.staff")).to_have_text(ID("form_staff"))
    await case.get_by_label(ID("reveal_title", what=ID("nik_claimed"))).click()
    await case.get_by_label(ID("reveal_identify")).first.check()
    await case.get_by_role("button", name=ID("reveal_do")).first.click()
    await expect(case.locator(".c-shown")).to_have_text(f"{ID('nik_claimed')}: {NIK}")
    await shot(page, "console-dark-1280")
    await accessible(page)
    await page.goto(str(server.make_url("/staff/canned")))
    await page.locator(".c-canned summary").first.click()
    await shot(page, "canned-dark-1280")
    await accessible(page)
    assert [fault for fault in wati.faults if "422" not in fault] == []


async def test_everything_works_without_javascript(chrome: Browser, server: TestServer, office: Office) -> None:
    await office.staff("wati", name="Wati Lestari")
    conversation = await talk(office)
    ticket = await office.ticket(conversation)
    page = await (await desk(chrome, server, java_script_enabled=False)).sign_in("wati")
    await page.locator(f"#t{ticket.id} a").click()
    await page.get_by_role("button", name=ID("claim")).click()
    await box(page).fill("Selamat pagi")
    await page.get_by_role("button", name=ID("send"), exact=True).click()
    await expect(page.locator(".c-said.agent .c-text")).to_have_text("Selamat pagi")
    await page.locator("#note").fill("Cek KK")
    await page.get_by_role("button", name=ID("note_send")).click()
    await expect(page.locator(".c-said.note .c-text")).to_have_text("Cek KK")
    await shot(page, "console-no-script-1280")
    await page.get_by_role("button", name=ID("resolve")).click()
    await expect(page.get_by_text(ID("done_closed", number=ticket.number))).to_be_visible()
    await page.locator("#prefs summary").click()
    await page.get_by_role("link", name="English").first.click()
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()


async def test_a_lost_connection_and_an_ended_session_are_said_and_the_words_stay(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati")
    ticket = await office.ticket()
    await handoff.claim(office.deps, ticket.id, agent("wati"))
    wati = await desk(chrome, server)
    page = await wati.sign_in("wati", f"/staff/tickets/{ticket.id}")
    await box(page).fill("Selamat pagi")
    await wati.context.set_offline(True)
    await page.get_by_role("button", name=ID("send"), exact=True).click()
    await expect(page.get_by_text(ID("not_sent"))).to_be_visible()
    await expect(box(page)).to_have_value("Selamat pagi")
    await wati.context.set_offline(False)
    await wati.context.clear_cookies()
    await page.get_by_role("button", name=ID("send"), exact=True).click()
    await expect(page.get_by_text(ID("session_over")).first).to_be_visible()
    await expect(box(page)).to_have_value("Selamat pagi")


async def test_two_thousand_lines_stay_quick_to_page_through(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("wati")
    conversation = await office.conversation()
    async with office.store.begin() as tx:
        await tx.say(conversation.id, [Reply(f"pesan-{n}.") for n in range(2000)], office.clock.now())
    ticket = await office.ticket(conversation)
    wati = await desk(chrome, server)
    page = await wati.sign_in("wati", f"/staff/tickets/{ticket.id}")
    await expect(page.get_by_text("pesan-1999.", exact=True)).to_be_in_viewport()
    await page.get_by_role("link", name=ID("older")).click()
    await expect(page.get_by_text("pesan-1900.", exact=True)).to_have_count(1)
    await page.locator("#scroll").evaluate("box => box.scrollTo(0, 0)")
    await expect(page.get_by_text("pesan-1800.", exact=True)).to_have_count(1)
    assert await page.locator(".c-said").count() < 400
    assert wati.faults == []

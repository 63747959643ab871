from __future__ import annotations

import re

from bot.domain.reference import new_reference
from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import BREBES, TEGAL, Browser, Office, agent

ID = strings.say_in("id")


def listed(browser: Browser) -> list[str]:
    """Numbers in the order of the list."""
    return re.findall(r'<span class="digits">(TKT-[^<]+)</span></span>', browser.text.partition('id="rows"')[2])


async def signed_in(browser: Browser, office: Office, username: str = "wati", role: str = "agent") -> None:
    await office.staff(username, role)
    await browser.sign_in(username)


async def test_who_waits_longest_comes_first_and_the_vulnerable_before_them(browser: Browser, office: Office) -> None:
    first = await office.ticket(await office.conversation(topic="akta-kelahiran"), "complaint")
    office.clock.move(minutes=7)
    second = await office.ticket(await office.conversation(language="jv"))
    old = await office.ticket(priority=1, vulnerable="age")
    office.clock.move(minutes=65)
    await signed_in(browser, office)
    await browser.get("/staff/")
    assert listed(browser) == [old.number, first.number, second.number]
    page = browser.read()
    assert "1 jam 12 menit" in page and "Akta Kelahiran" in page and ID("trigger_complaint") in page
    assert ID("urgent_age") in page and "JV" in page and ID("nobody_known") in page


async def test_each_list_holds_what_its_name_says_and_counts_it(browser: Browser, office: Office) -> None:
    await office.staff("budi")
    tickets = {name: await office.ticket() for name in ("free", "mine", "theirs", "asked", "asleep", "done")}
    deps, wati = office.deps, agent("wati")
    for name in ("mine", "asked", "asleep", "done"):
        await handoff.claim(deps, tickets[name].id, wati)
    await handoff.claim(deps, tickets["theirs"].id, agent("budi"))
    await handoff.reply(deps, tickets["asked"].id, wati, "Siapa namanya?", "k")
    await handoff.snooze(deps, tickets["asleep"].id, wati, office.clock.now().replace(hour=23))
    await handoff.return_to_bot(deps, tickets["done"].id, wati)
    await signed_in(browser, office)
    expected = {
        "unassigned": ["free"],
        "mine": ["mine", "asked"],
        "all": ["free", "mine", "theirs", "asked"],
        "waiting": ["asked"],
        "snoozed": ["asleep"],
        "resolved": ["done"],
    }
    for view, names in expected.items():
        page = await browser.get(f"/staff/?view={view}")
        assert sorted(listed(browser)) == sorted(tickets[name].number for name in names), view
        assert f'data-count="{view}">{len(names)}<' in page


async def test_a_row_shows_a_masked_name_and_the_last_line_without_long_numbers(
    browser: Browser, office: Office
) -> None:
    citizen = await office.citizen(name="SITI AMINAH PUTRI")
    conversation = await office.conversation(citizen_id=citizen.id, assurance=3)
    await office.hears(conversation, "NIK saya 3328 9901 0190 0001 <b>tebal</b>")
    await office.ticket(conversation)
    await signed_in(browser, office)
    page = await browser.get("/staff/")
    assert "Siti A. P." in page and "AMINAH" not in page and "Aminah" not in page
    assert "3328••••••••0001" in page and "9901 0190" not in page and "<b>tebal" not in page


async def test_the_lists_are_those_of_ones_own_office(browser: Browser, office: Office) -> None:
    theirs = await office.ticket(await office.conversation(BREBES))
    await signed_in(browser, office)
    for view in ("unassigned", "all"):
        assert theirs.number not in await browser.get(f"/staff/?view={view}")
    for path in ("", "/earlier?before=9", "/form", "/canned"):
        await browser.get(f"/staff/tickets/{theirs.id}{path}")
        assert browser.status == 404
    await browser.get(f"/staff/console/events?ticket={theirs.id}&after=0", Accept="text/event-stream")
    assert browser.status == 404


async def test_an_account_without_the_right_finds_no_console(browser: Browser, office: Office) -> None:
    ticket = await office.ticket()
    await signed_in(browser, office, "eka", "editor")
    await browser.get("/staff/")
    assert browser.status == 303
    for path in (f"/staff/tickets/{ticket.id}", "/staff/console/events", "/staff/canned"):
        await browser.get(path)
        assert browser.status == 404, path


async def test_sixty_rows_come_first_and_more_on_request(browser: Browser, office: Office) -> None:
    for _ in range(63):
        await office.ticket()
    await signed_in(browser, office)
    page = await browser.get("/staff/")
    assert len(listed(browser)) == 60 and ID("more_rows", count=3) in page
    await browser.get("/staff/?view=unassigned&limit=120")
    assert len(listed(browser)) == 63
    await browser.get("/staff/?view=nonsense&limit=x&label=%3Cscript")
    assert browser.status == 200


async def test_a_list_narrows_to_a_label(browser: Browser, office: Office) -> None:
    one, _ = await office.ticket(), await office.ticket()
    async with office.store.begin() as tx:
        await tx.put_label(one.conversation_id, TEGAL, "ktp-rusak", "wati", office.clock.now())
    await signed_in(browser, office)
    await browser.get("/staff/?view=unassigned&label=ktp-rusak")
    assert listed(browser) == [one.number]


async def test_a_search_finds_numbers_names_labels_and_ones_own_notes_and_nothing_citizens_wrote(
    browser: Browser, office: Office
) -> None:
    await office.staff("budi")
    citizen = await office.citizen(name="Siti Aminah")
    named = await office.ticket(await office.conversation(citizen_id=citizen.id, assurance=3))
    other = await office.conversation()
    await office.hears(other, "rahasia keluarga saya")
    plain = await office.ticket(other)
    case = await office.case(other)
    async with office.store.begin() as tx:
        case.reference = new_reference(lambda bits: 7)
        await tx.put_case(case)
        await tx.put_label(named.conversation_id, TEGAL, "prioritas", "budi", office.clock.now())
    await signed_in(browser, office)
    await browser.get(f"/staff/tickets/{plain.id}")
    await browser.post(f"/staff/tickets/{plain.id}/note", text="Keluarganya sudah datang ke loket")
    for query, found in {
        plain.number.lower().replace("-", " "): [plain.number],
        case.reference: [plain.number],
        "amin": [named.number],
        "siti am": [named.number],
        "Prioritas": [named.number],
        "keluarganya": [plain.number],
        "rahasia": [],
        "si": [],
    }.items():
        await browser.get("/staff/?q=" + query.replace(" ", "+"))
        assert listed(browser) == found, query
        assert ID("search_hint") in browser.read()
    assert len(await office.audit("search.viewed")) == 8
    assert "Aminah" not in browser.text
    await browser.post("/staff/sign-out")
    await browser.sign_in("budi")
    await browser.get("/staff/?q=keluarganya")
    assert listed(browser) == []


async def test_take_the_next_one_takes_who_has_waited_longest(browser: Browser, office: Office) -> None:
    first = await office.ticket()
    office.clock.move(minutes=1)
    second = await office.ticket()
    await signed_in(browser, office)
    await browser.get("/staff/")
    for ticket in (first, second):
        await browser.post("/staff/console/next")
        assert browser.location == f"/staff/tickets/{ticket.id}?view=mine"
    await browser.post("/staff/console/next")
    await browser.get(browser.location)
    assert ID("done_empty") in browser.read()

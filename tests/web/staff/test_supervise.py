"""The supervisor's pages."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import text

from bot.domain.handoff import Ticket
from bot.domain.presence import Here, Presence
from bot.usecases import handoff
from bot.web.staff import strings
from bot.web.staff.supervise_sheet import harmless, to_csv, to_xlsx

from .conftest import BREBES, TEGAL, Browser, Office, agent, hidden

ID = strings.say_in("id")


async def supervisor(browser: Browser, office: Office) -> None:
    await office.staff("tuti", "supervisor", name="Tuti")
    await browser.sign_in("tuti")


async def stored(office: Office, ticket: Ticket) -> Ticket:
    async with office.store.begin() as tx:
        return await tx.ticket(ticket.id)


async def test_who_waits_who_is_there_and_what_is_late_stand_on_one_page(browser: Browser, office: Office) -> None:
    await office.staff("wati", name="Wati")
    await office.staff("budi", name="Budi")
    now = office.clock.now()
    async with office.store.begin() as tx:
        await tx.put_presence(Presence("wati", TEGAL, Here.AWAY, now, now, reason="prayer"))
    old, elsewhere = await office.ticket(), await office.ticket(await office.conversation(BREBES))
    office.clock.at += timedelta(minutes=16)
    fresh = await office.ticket()
    async with office.store.begin() as tx:
        await tx.put_presence(Presence("wati", TEGAL, Here.AWAY, now, office.clock.now(), reason="prayer"))
    await supervisor(browser, office)
    await browser.get("/staff/supervise")
    page = browser.read()
    assert old.number in page and fresh.number in page and elsewhere.number not in page
    assert page.index(old.number) < page.index(fresh.number)
    assert ID("super_over", span="1 menit") in page and ID("super_in", span="15 menit") in page
    assert f"{ID('here_away')} · {ID('away_prayer')}" in page and ID("here_offline") in page
    assert f"1 {ID('super_late')}" in page and f"2 {ID('super_queued')}" in page


async def test_several_conversations_are_moved_at_once_and_one_that_ended_stops_no_other(
    browser: Browser, office: Office
) -> None:
    await office.staff("wati", name="Wati")
    await office.staff("budi", name="Budi")
    tickets = [await office.ticket() for _ in range(3)]
    foreign = await office.ticket(await office.conversation(BREBES))
    await handoff.claim(office.deps, tickets[0].id, agent("budi", "Budi"))
    await handoff.claim(office.deps, tickets[1].id, agent("budi", "Budi"))
    await handoff.return_to_bot(office.deps, tickets[1].id, agent("budi", "Budi"))
    await supervisor(browser, office)
    page = await browser.get("/staff/supervise")
    form: list[tuple[str, str]] = [("csrf", hidden(page)["csrf"]), ("to", "agent:wati")]
    form += [("ticket", str(one.id)) for one in (*tickets, foreign)]
    answer = await browser.client.post("/staff/supervise/assign", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "/staff/supervise?done=moved&n=2&left=2"
    moved = [await stored(office, one) for one in tickets]
    assert [(one.state, one.assigned) for one in moved] == [("queued", "wati"), ("closed", None), ("queued", "wati")]
    assert (await stored(office, foreign)).assigned is None
    await browser.get("/staff/supervise?done=moved&n=2&left=2")
    assert ID("super_moved", n=2) in browser.read()


@pytest.mark.parametrize("to", ["", "agent:nobody", "agent:sari", "team:nobody", "desk:x", "agent:"])
async def test_nothing_is_moved_to_who_is_not_of_this_office(browser: Browser, office: Office, to: str) -> None:
    await office.staff("sari", "agent", BREBES)
    ticket = await office.ticket()
    await supervisor(browser, office)
    await browser.get("/staff/supervise")
    await browser.post("/staff/supervise/assign", ticket=str(ticket.id), to=to)
    assert browser.status == 400 and (await stored(office, ticket)).assigned is None


async def test_a_supervisor_takes_a_conversation_over(browser: Browser, office: Office) -> None:
    await office.staff("wati", name="Wati")
    ticket = await office.ticket()
    await handoff.claim(office.deps, ticket.id, agent("wati", "Wati"))
    await supervisor(browser, office)
    await browser.get("/staff/supervise")
    await browser.post(f"/staff/supervise/{ticket.id}/take")
    assert browser.location == f"/staff/tickets/{ticket.id}"
    assert (await stored(office, ticket)).agent == "tuti"


async def test_the_page_hears_of_a_new_ticket_and_of_somebody_who_goes_away(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await supervisor(browser, office)
    async with browser.client.get("/staff/supervise/events", headers={"Accept": "text/event-stream"}) as stream:

        async def event() -> bytes:
            while True:
                line = await stream.content.readline()
                if line.startswith(b"data:"):
                    return line

        assert await event() == b"data: connected\n"
        await office.ticket()
        assert await event() == b"data: news\n"
        now = office.clock.now()
        async with office.store.begin() as tx:
            await tx.put_presence(Presence("wati", TEGAL, Here.AWAY, now, now))
        assert await event() == b"data: news\n"


# -- quality ----------------------------------------------------------------------------------------------------------------


async def over(office: Office, who: str) -> Ticket:
    ticket = await office.ticket()
    await handoff.claim(office.deps, ticket.id, agent(who))
    await handoff.return_to_bot(office.deps, ticket.id, agent(who))
    return await stored(office, ticket)


async def test_a_closed_conversation_gets_a_mark_that_is_sealed_and_recorded(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    ticket = await over(office, "wati")
    await supervisor(browser, office)
    await browser.get("/staff/supervise/quality")
    for score, comment in (("2", "<script>kurang sabar</script>"), ("4", "sudah dijelaskan ramah")):
        await browser.post(f"/staff/supervise/quality/{ticket.id}", score=score, comment=comment)
        assert browser.status == 303
        page = await browser.get("/staff/supervise/quality")
        assert ID("quality_given", n=score) in page and "<script>kurang" not in page
    async with office.store.begin() as tx:
        (sealed,) = (await tx.run(text("select comment_sealed from quality_mark"))).scalars()
    assert b"ramah" not in bytes(sealed)
    assert await office.audit("quality.marked") == [("tuti", ticket.number)] * 2


async def test_nobody_marks_themselves_an_open_conversation_or_another_office(browser: Browser, office: Office) -> None:
    await supervisor(browser, office)
    own, opened = await over(office, "tuti"), await office.ticket()
    for ticket in (own, opened):
        await browser.get("/staff/supervise/quality")
        await browser.post(f"/staff/supervise/quality/{ticket.id}", score="5")
        assert browser.status == 404
    await browser.get("/staff/supervise/quality")
    await browser.post(f"/staff/supervise/quality/{own.id}", score="6")
    assert browser.status == 400


# -- export -----------------------------------------------------------------------------------------------------------------


async def test_an_export_has_a_row_for_each_conversation_and_nobodys_data(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    conversation = await office.conversation()
    await office.hears(conversation, "nama saya Siti Aminah, NIK 3328990101900001")
    ticket = await office.ticket(conversation)
    await office.ticket(await office.conversation(BREBES))
    office.clock.at += timedelta(minutes=3)
    await handoff.claim(office.deps, ticket.id, agent("wati"))
    await handoff.reply(office.deps, ticket.id, agent("wati"), "Selamat pagi", "k" * 20)
    await supervisor(browser, office)
    day = office.clock.now().date().isoformat()
    exported = await browser.get(f"/staff/supervise/export?since={day}&until={day}&as=csv")
    assert browser.headers["Content-Disposition"].endswith('.csv"') and browser.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(exported.removeprefix("\ufeff"))))
    assert len(rows) == 1 and rows[0][ID("column_number")] == ticket.number
    assert rows[0][ID("column_agent")] == "wati" and rows[0][ID("column_first_answer_min")] == "3.0"
    assert "Siti" not in exported and "3328990101900001" not in exported and "Selamat" not in exported
    answer = await browser.client.get(f"/staff/supervise/export?since={day}&until={day}&as=xlsx")
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None and sheet.max_row == 2 and sheet["A2"].value == ticket.number
    assert [actor for actor, _ in await office.audit("export.viewed")] == ["tuti", "tuti"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "since=x&until=y",
        "since=2025-11-02&until=2025-11-01",
        "since=2020-01-01&until=2025-01-01",
        "since=2025-11-01&until=2025-11-02&as=exe",
        "since=9999-12-31&until=9999-12-31",
    ],
)
async def test_an_export_of_nonsense_is_refused(browser: Browser, office: Office, query: str) -> None:
    await supervisor(browser, office)
    await browser.get(f"/staff/supervise/export?{query}")
    assert browser.status == 400


@given(st.text(max_size=30))
def test_no_text_of_a_sheet_is_a_formula(typed: str) -> None:
    shown = harmless(typed)
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"))
    assert shown.lstrip("'") == harmless(typed).lstrip("'")


@pytest.mark.parametrize("typed", ["=1+1", "+62", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1"])
def test_formulas_from_people_are_shown_as_text(typed: str) -> None:
    rows: list[list[Any]] = [[typed, 7]]
    (_, line) = list(csv.reader(io.StringIO(to_csv(["a", "b"], rows).decode("utf-8-sig"))))
    assert line[0].startswith("'") and line[1] == "7"
    sheet = load_workbook(io.BytesIO(to_xlsx("x", ["a", "b"], rows))).active
    assert sheet is not None and sheet["A2"].data_type == "s" and str(sheet["A2"].value).startswith("'")


@pytest.mark.parametrize("typed", ["saya;=1+1", "saya\t=1+1", 'a";@SUM(A1)', 'a; "-2+3', "a,b;＝1"])
def test_a_program_that_parts_columns_otherwise_than_we_do_finds_no_formula_either(typed: str) -> None:
    raw = to_csv(["a", "b"], [[typed, "x"]]).decode("utf-8-sig").splitlines()[1]
    for sign in ";\t":
        for cell in next(csv.reader([raw], delimiter=sign)):
            assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "＝")), (sign, cell)


def test_signs_that_no_sheet_may_hold_are_left_out() -> None:
    assert re.sub(r"[^\x00-\x1f]", "", harmless("a\x00b\x0bc")) == ""

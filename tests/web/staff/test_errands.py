"""The desk of what is held up at agencies, and a case's timeline."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.domain.alarms import Alarm
from bot.domain.application import State
from bot.domain.conversation import Case, CaseEvent
from bot.usecases.store_agencies import Call
from bot.web.staff import strings

from .conftest import BREBES, NIK, TEGAL, Office
from .conftest import Browser as Client
from .test_in_a_browser import PHONE, accessible, chrome, desk, shot

__all__ = ["chrome"]
ID = strings.say_in("id")


async def held(office: Office, locus: str = TEGAL, reason: str = "", verb: str = "submit") -> Case:
    """A case whose errand failed."""
    home, now = await office.conversation(locus), office.clock.now()
    case = Case(uuid4(), locus, "akta-kelahiran", home.id, State.DIAJUKAN.value, {}, "dukcapil", now, now)
    case.reference = f"LKT-{case.id.hex[:4].upper()}-TEST-1"
    async with office.store.begin() as tx:
        await tx.put_case(case)
        await tx.add_event(case.id, CaseEvent("diajukan", "diajukan", now, f"NIK {NIK}", inbox_id=41))
        await tx.put_due(case.id, verb, now)
        await tx.put_call(case.id, Call("dukcapil", "out", verb, 1, "agency_refused", 120, now))
        await tx.give_up(case.id, verb, now)
        if reason:
            await tx.note_reason(case.id, verb, reason)
    return case


async def test_what_is_held_up_is_listed_with_its_reason_and_other_offices_see_none_of_it(
    office: Office, browser: Client
) -> None:
    mine, other = await held(office, reason=f"pemohon: NIK {NIK} salah"), await held(office, BREBES)
    await office.staff("siti")
    await browser.sign_in("siti")
    page = await browser.get("/staff/errands")
    assert str(mine.reference) in page and str(other.reference) not in page
    assert "pemohon: NIK" in page and NIK not in page


async def test_a_retry_makes_it_due_again_and_a_second_press_says_how_things_stand(
    office: Office, browser: Client
) -> None:
    case = await held(office)
    await office.staff("siti")
    await browser.sign_in("siti")
    await browser.get("/staff/errands")
    path = f"/staff/errands/{case.id}/submit/retry"
    await browser.post(path)
    assert browser.status == 303
    async with office.store.begin() as tx:
        assert (await tx.errand(case.id, "submit")).state == "due"
    await browser.post(path)
    assert browser.status == 409
    assert await office.audit("errand.retried") == [("siti", str(case.id))]


async def test_handed_in_by_hand_needs_a_number_that_is_one(office: Office, browser: Client) -> None:
    case = await held(office)
    await office.staff("siti")
    await browser.sign_in("siti")
    await browser.get("/staff/errands")
    path = f"/staff/errands/{case.id}/submit/by-hand"
    await browser.post(path, agency_ref="?")
    assert browser.status == 422 and ID("errand_number_bad") in browser.text
    await browser.post(path, agency_ref="470/2026/12")
    assert browser.status == 303
    async with office.store.begin() as tx:
        errand, seen = await tx.errand(case.id, "submit"), await tx.case(case.id)
    assert (errand.state, errand.settled_by, seen.agency_ref) == ("done", "siti", "470/2026/12")


@pytest.mark.parametrize(
    "path",
    [
        "/staff/errands/nothing/submit/retry",
        "/staff/errands/00000000-0000-4000-8000-000000000001/submit/retry",
        "/staff/alarms/x/handled",
    ],
)
async def test_what_is_not_there_is_not_found(office: Office, browser: Client, path: str) -> None:
    await office.staff("siti")
    await browser.sign_in("siti")
    await browser.get("/staff/errands")
    await browser.post(path)
    assert browser.status == 404


async def test_alarms_are_listed_and_closed(office: Office, browser: Client) -> None:
    async with office.store.begin() as tx:
        for _ in range(3):
            await tx.put_alarm(Alarm.FORGED, "dukcapil", office.clock.now(), code="push")
        (alarm,) = await tx.alarms(TEGAL)
    await office.staff("siti")
    await browser.sign_in("siti")
    assert "3 kali" in await browser.get("/staff/errands")
    await browser.post(f"/staff/alarms/{alarm.id}/handled")
    assert browser.status == 303
    assert ID("alarms_none") in await browser.get("/staff/errands")


async def test_agents_see_a_masked_way_and_auditors_all_of_it(office: Office, browser: Client) -> None:
    case = await held(office)
    await office.staff("siti")
    await office.staff("wahyu", "auditor")
    await browser.sign_in("siti")
    page = await browser.get(f"/staff/cases/{case.id}")
    assert str(case.reference) in page and NIK not in page and "agency_refused" not in page
    await browser.post("/staff/sign-out")
    await browser.sign_in("wahyu")
    page = await browser.get(f"/staff/cases/{case.id}")
    assert NIK in page and "agency_refused" in page and "inbox 41" in page and str(case.id) in page
    assert [who for who, _ in await office.audit("case.viewed")] == ["siti", "wahyu"]


async def test_an_auditor_has_no_desk_and_another_office_no_case(office: Office, browser: Client) -> None:
    case = await held(office, BREBES)
    await office.staff("wahyu", "auditor")
    await browser.sign_in("wahyu")
    for path in ("/staff/errands", f"/staff/cases/{case.id}"):
        await browser.get(path)
        assert browser.status == 404


@pytest.mark.browser
async def test_the_desk_on_a_phone_is_accessible_and_works(chrome: Browser, server: TestServer, office: Office) -> None:
    case = await held(office, reason="Layanan ditutup sementara.")
    await office.staff("siti")
    async with office.store.begin() as tx:
        await tx.put_alarm(Alarm.OVERDUE, "dukcapil", office.clock.now(), case=case)
    person = await desk(chrome, server, viewport=PHONE | {"width": 360})
    page = await person.sign_in("siti", "/staff/errands")
    await expect(page.get_by_role("heading", name=ID("errands_title"))).to_be_visible()
    await accessible(page)
    await shot(page, "errands-phone")
    await page.get_by_text(ID("errand_by_hand")).first.click()
    await page.get_by_label(ID("errand_number")).fill("470/2026/12")
    await page.get_by_role("button", name=f"{ID('errand_by_hand')}: {case.reference}").click()
    await expect(page.get_by_role("status").filter(has_text=ID("errand_settled"))).to_be_visible()
    await page.goto(str(server.make_url(f"/staff/cases/{case.id}")))
    await expect(page.get_by_role("heading", name=ID("timeline"))).to_be_visible()
    await accessible(page)
    await shot(page, "case-phone")
    assert person.faults == []

"""Satisfaction and the counters' status as pages: who may see what, the numbers, exports, follow-ups; on a phone and a desk."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer
from openpyxl import load_workbook
from playwright.async_api import Browser, expect
from pypdf import PdfReader

from bot.usecases.store_survey import Survey
from bot.web.staff import strings

from .conftest import BREBES, TEGAL, Office
from .conftest import Browser as Client
from .test_in_a_browser import accessible, chrome, desk, shot

__all__ = ["chrome"]
ID = strings.say_in("id")
PAGE = "/staff/figures/satisfaction"


async def surveyed(office: Office, marks: dict[int, int], locus: str = TEGAL, remark: str = "", **more: Any) -> Survey:
    """One survey as citizens leave it."""
    now = office.clock.now()
    values: dict[str, Any] = {"service": "akta-kelahiran", "channel": "web", "state": "done", "kind": "case", **more}
    survey = Survey(uuid4(), f"case:{uuid4()}", locus, due_at=now, offered_at=now, **values)
    async with office.store.begin() as tx:
        await tx.put_survey(survey)
        for unsur, mark in marks.items():
            await tx.put_mark(survey.id, unsur, mark, now)
        if remark:
            await tx.put_remark(survey.id, remark, now)
    return survey


def all_nine(mark: int, **more: int) -> dict[int, int]:
    return {**dict.fromkeys(range(1, 10), mark), **{int(name[1:]): value for name, value in more.items()}}


async def a_month(office: Office) -> None:
    """Six on the web, two on Telegram, one at another office."""
    for _ in range(6):
        await surveyed(office, all_nine(4, u1=3))
    for _ in range(2):
        await surveyed(office, all_nine(3), channel="telegram", counter="Loket A")
    await surveyed(office, all_nine(1), BREBES)
    now = office.clock.now()
    await surveyed(
        office,
        {7: 1},
        remark="NIK saya 3328990101900001, petugasnya kasar",
        state="stopped",
        low="unsur",
        low_at=now,
        service=None,
        kind="talk",
    )


async def test_a_manager_sees_the_numbers_of_the_office_and_no_remarks(office: Office, browser: Client) -> None:
    await a_month(office)
    await office.staff("mila", "manager")
    await browser.sign_in("mila")
    await browser.get(PAGE)
    # U1: (6x3 + 2x3) / 8 = 3; U7: (6x4 + 2x3 + 1) / 9 = 31/9; the others (6x4 + 2x3) / 8 = 3.75. Their sum is 32.6944.
    read = browser.read()
    assert "90.82" in read and "89.91" in read and "Mutu A" in read
    assert "U1 Persyaratan ▼ terendah 3.00" in read and "Responden 9" in read
    assert "kasar" not in read and ID("sat_remarks") not in read and "U7 1" in read
    await browser.get(f"{PAGE}?channel=telegram")
    assert "75.00" in browser.read() and "Mutu C" in browser.read() and "90.82" not in browser.read()


async def test_the_monthly_report_tells_the_index_its_sample_and_each_unsur(office: Office, browser: Client) -> None:
    await a_month(office)
    await office.staff("mila", "manager")
    await browser.sign_in("mila")
    paper = await (await browser.client.get(f"/staff/figures/report?month={office.clock.now():%Y-%m}")).read()
    read = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages).split())
    written = read[read.index(ID("sat_title")) :]
    assert "90.82" in written and "89.91" in written and "Mutu A: sangat baik" in written
    assert "U1 Persyaratan (terendah) 3.00 8 0 0 8 0" in written
    assert "75.00 C 74.25 C 2" in written and "kasar" not in written and "3328990101900001" not in read


async def test_a_supervisor_reads_remarks_with_numbers_covered_and_follows_up_once(
    office: Office, browser: Client, other: Client
) -> None:
    await a_month(office)
    await office.staff("supi", "supervisor")
    await office.staff("sari", "supervisor", BREBES)
    await browser.sign_in("supi")
    await browser.get(PAGE)
    assert "petugasnya kasar" in browser.text and "3328990101900001" not in browser.text
    path = f"{PAGE}/{browser.text.split('/handled')[0].rsplit('/', 1)[1]}/handled"
    await other.sign_in("sari")
    await other.get(PAGE)
    assert "kasar" not in other.text
    await other.post(path)
    assert other.status == 409
    await browser.post(path)
    assert browser.status == 303
    await browser.get(PAGE)
    await browser.post(path)
    assert browser.status == 409 and ID("sat_low_none") in browser.read()
    assert len(await office.audit("survey.handled")) == 1 and await office.audit("remarks.viewed")


async def test_exports_hold_the_same_numbers_and_the_public_one_hides_small_groups(
    office: Office, browser: Client
) -> None:
    await a_month(office)
    await office.staff("mila", "manager")
    await browser.sign_in("mila")
    rows = list(csv.reader(StringIO((await browser.get(f"{PAGE}/export?as=csv")).lstrip("\ufeff"))))
    by_name = {row[0]: row for row in rows}
    assert by_name["Semua"][1:5] == ["9", "90.82", "A", "89.91"] and by_name["Loket A"][1] == "2"
    # For the public only of a month whose surveys are closed, whatever days and filters are asked for.
    today = office.clock.now().date()
    early = await browser.get(f"{PAGE}/export?as=csv&public=1")
    assert "Loket A" not in early and f"-{today:%Y%m}" not in browser.headers["Content-Disposition"]
    office.clock.at += timedelta(days=75)
    await browser.sign_in("mila")
    narrow = f"from={today - timedelta(days=2)}&to={today}&channel=web"
    public = await browser.get(f"{PAGE}/export?as=csv&public=1&{narrow}")
    assert f"-{today.replace(day=1):%Y%m%d}-" in browser.headers["Content-Disposition"]
    told = {row[0]: row for row in csv.reader(StringIO(public.lstrip("\ufeff")))}
    assert told["Loket A"][1:3] == ["<5", ""] and "75.0" not in public and "kasar" not in public
    office.clock.at -= timedelta(days=75)
    await browser.sign_in("mila")
    response = await browser.client.get(f"{PAGE}/export?as=xlsx")
    sheet = load_workbook(BytesIO(await response.read())).active
    assert sheet is not None and sheet["B2"].value == 9
    assert (await browser.client.get(f"{PAGE}/export?as=pdf")).status == 400


async def test_a_period_without_answers_and_a_wrong_one_are_said_to_be_so(office: Office, browser: Client) -> None:
    await office.staff("mila", "manager")
    await browser.sign_in("mila")
    await browser.get(PAGE)
    assert browser.status == 200 and ID("sat_none") in browser.text
    await browser.get(f"{PAGE}?span=own&from=kemarin&to=x&service=%27%22%3E")
    assert browser.status == 200 and ID("figures_period_unknown") in browser.text
    await browser.get(f"{PAGE}/export?as=csv")
    assert browser.status == 200


@pytest.mark.parametrize(("role", "page", "status"), [("agent", PAGE, 404), ("manager", "/staff/counters", 404)])
async def test_who_has_not_the_right_finds_no_page(
    office: Office, browser: Client, role: str, page: str, status: int
) -> None:
    await office.staff("andi", role)
    await browser.sign_in("andi")
    await browser.get(page)
    assert browser.status == status


async def test_a_counters_status_takes_two_taps_and_is_gone_tomorrow(office: Office, browser: Client) -> None:
    await office.staff("wati", name="Bu Wati")
    await browser.sign_in("wati")
    await browser.get("/staff/counters")
    assert ID("counters_unknown") in browser.read()
    await browser.post("/staff/counters", item="numbers", value="out")
    assert browser.status == 303
    await browser.get("/staff/counters")
    assert "✓" in browser.read() and "oleh Bu Wati" in browser.read()
    for wrong in (
        {"item": "numbers", "value": "broken"},
        {"item": "ktp_blanks", "value": "out"},
        {"item": "counter:x", "value": "ok"},
    ):
        await browser.post("/staff/counters", **wrong)
        assert browser.status == 400
    await browser.get("/staff/counters")
    office.clock.at += timedelta(days=1)
    await browser.sign_in("wati")
    await browser.get("/staff/counters")
    assert "✓" not in browser.read() and "Habis (Bu Wati)" in browser.read()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("phone", {"viewport": {"width": 360, "height": 780}, "has_touch": True}),
        ("dark", {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}),
    ],
)
async def test_the_pages_fit_and_axe_finds_nothing(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    await a_month(office)
    await office.staff("supi", "supervisor", name="Supi Hartati")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("supi", "/staff/")
    for path, title in ((PAGE, "sat_title"), ("/staff/counters", "counters_title")):
        await page.goto(str(server.make_url(path)))
        await expect(page.locator("h1")).to_have_text(ID(title))
        await shot(page, f"survey-{title}-{name}")
        await accessible(page)
    await page.get_by_role("button", name=ID("counters_numbers_few")).click()
    await expect(page.get_by_role("status").first).to_have_text(ID("counters_saved"))
    await expect(page.get_by_role("button", name=ID("counters_numbers_few"))).to_have_attribute("aria-pressed", "true")
    await shot(page, f"survey-counters-said-{name}")
    assert person.faults == []

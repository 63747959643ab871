"""Journeys that cross areas: a manager with a second factor takes figures home; a data officer meets a broken audit chain; whoever
operates sees what is away. (The pages one by one: ``test_figures_in_a_browser``, ``test_privacy_in_a_browser``, ``test_errands``.)
"""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from openpyxl import load_workbook
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import text

from bot.domain.alarms import Alarm
from bot.domain.data_rights import Kind
from bot.web.staff import strings
from tests.figures_office import WIB, WIT

from .conftest import PASSWORD, Office
from .test_account_pages import code_on
from .test_errands import held
from .test_figures import MARCH, managed
from .test_in_a_browser import accessible, chrome, desk, shot
from .test_privacy import asked

pytestmark = pytest.mark.browser

__all__ = ["chrome", "managed"]

ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
SIZES = pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)


async def proves(page: Page, office: Office) -> None:
    """The second factor is set up at the first signing in, and asked for at the next."""
    await expect(page.get_by_text(ID("second_must"))).to_be_visible()
    shown = await page.content()
    await accessible(page)
    await page.get_by_label(ID("second_two")).fill(code_on(shown, office))
    await page.get_by_role("button", name=ID("do_second")).click()
    await expect(page.locator("ol.codes li")).to_have_count(10)
    await page.get_by_role("link", name=ID("done_reading")).click()
    await page.context.clear_cookies()
    office.clock.at += timedelta(minutes=1)  # a code works once
    await page.goto(page.url)
    await page.get_by_label(ID("username")).fill("maya")
    await page.get_by_label(ID("password")).fill(PASSWORD)
    await page.get_by_role("button", name=ID("do_sign_in")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(ID("code_title"))
    await page.get_by_label(ID("code"), exact=True).fill(code_on(shown, office))
    await page.get_by_role("button", name=ID("do_code")).click()


async def fetched(page: Page, name: str) -> bytes:
    """What a link of the page brings, as a file."""
    async with page.expect_download() as coming:
        await page.get_by_role("link", name=name, exact=True).first.click()
    download = await coming.value
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


@SIZES
async def test_a_manager_proves_who_it_is_and_takes_the_figures_home(
    chrome: Browser, server: TestServer, managed: Office, name: str, options: dict[str, object]
) -> None:
    managed.accounts.policy = replace(managed.accounts.policy, second_factor=frozenset({"manager"}))
    person = await desk(chrome, server, **options)
    page = await person.sign_in("maya")
    await proves(page, managed)
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"MPP {WIB}")
    await page.goto(str(server.make_url(f"/staff/figures/applications?{MARCH}")))
    table = ID("figures_by_service")
    rows = list(csv.reader(io.StringIO((await fetched(page, _file(table, "CSV"))).decode("utf-8-sig"))))
    assert rows[1][:2] == ["ktp", "4"]
    book = load_workbook(io.BytesIO(await fetched(page, _file(table, "XLSX"))))
    assert [cell.value for cell in book.worksheets[0][2]][:2] == ["ktp", 4]
    for link in ("figures_pdf", "figures_report"):
        paper = PdfReader(io.BytesIO(await fetched(page, ID(link))))
        assert f"MPP {WIB}" in " ".join(one.extract_text() for one in paper.pages), link
    await (
        page.get_by_role("navigation", name=ID("figures")).get_by_role("link", name=ID("figures_satisfaction")).click()
    )
    await expect(page.get_by_role("heading", level=1)).to_contain_text(ID("sat_title"))
    await shot(page, f"h-manager-ikm-{name}")
    await accessible(page)
    foreign = await page.goto(str(server.make_url(f"/staff/figures?office={WIT}")))
    assert foreign is not None and foreign.status == 404, "another office's figures are not there"
    person.faults = [fault for fault in person.faults if "404" not in fault]
    assert person.faults == []


def _file(table: str, kind: str) -> str:
    return ID("figures_file", name=table, kind=kind)


@SIZES
async def test_a_data_officer_erases_what_a_citizen_asked_for_and_sees_that_somebody_changed_the_audit_log(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    citizen = await office.citizen()
    url = await asked(office, Kind.ERASE, citizen_id=citizen.id, assurance=2)
    await office.staff("dewi", "data_officer", name="Dewi")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("dewi", "/staff/privacy")
    await expect(page.get_by_text("sisa 72 jam")).to_be_visible()
    await page.goto(str(server.make_url(url)))
    await page.get_by_role("textbox", name=ID("privacy_answer")).fill("Sudah kami hapus.")
    await page.get_by_role("button", name=ID("privacy_do_erase")).click()
    await expect(page.get_by_text(ID("privacy_done"))).to_be_visible()
    await page.goto(str(server.make_url("/staff/privacy/audit?check=1")))
    await expect(page.get_by_role("status").first).to_contain_text("utuh")
    async with office.store.begin() as tx:
        await tx.run(text("update audit set actor = 'orang lain' where id = (select max(id) from audit)"))
    await page.reload()
    await expect(page.get_by_text("RANTAI PUTUS")).to_be_visible()
    await shot(page, f"h-officer-broken-{name}")
    await accessible(page)
    assert person.faults == []


@SIZES
async def test_what_is_away_is_named_where_staff_look_and_can_be_put_aside(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    await held(office)
    async with office.store.begin() as tx:
        await tx.put_alarm(Alarm.AWAY, "desk:chatwoot", office.clock.now())
        await tx.put_alarm(Alarm.AWAY, "dukcapil", office.clock.now(), count=3)
    await office.staff("supi", "supervisor", name="Supi")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("supi", "/staff/errands")
    away = ID("alarm_away", agency="Chatwoot")
    await expect(page.get_by_text(away)).to_be_visible()
    await shot(page, f"h-alarms-{name}")
    await accessible(page)
    await page.get_by_role("button", name=f"{ID('alarm_handle')}: {away}").click()
    await expect(page.get_by_text(away)).to_have_count(0)
    assert person.faults == []

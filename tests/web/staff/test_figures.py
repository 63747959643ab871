"""The managers' dashboard over two invented offices (tests/figures_office.py), clicked through as a manager does."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import text

from bot.bench.dashboard_pages import Crawl, pages
from bot.domain.figures import EVERYWHERE, FIGURES
from bot.domain.messages import Kind, Reply
from bot.storage.accounts import Account
from bot.storage.figures_sums import Counted
from bot.web.staff.figures_open import DATA, promised
from bot.web.staff.figures_works import SECTIONS
from tests.figures_office import NOW, OFFICES, WIB, WIT, Invented, furnish, utc

from .conftest import PASSWORD, Browser, Office, catalogue

PAGES = (
    "/staff/figures",
    *(f"/staff/figures/{key}" for key in SECTIONS),
    "/staff/figures/meanings",
    "/staff/figures/open",
)
MARCH = "span=own&from=2026-03-01&to=2026-03-20"


@pytest.fixture
async def managed(office: Office) -> Office:
    """The invented offices, with a manager of each and one of all."""
    office.clock.at = NOW
    contents = catalogue()
    tegal = contents.loci[WIB]
    loci = {
        code: replace(tegal, code=code, name={"id": f"MPP {code}"}, time_zone=zone) for code, zone in OFFICES.items()
    }
    contents = replace(contents, loci=loci)
    object.__setattr__(office.deps, "catalogue", lambda: contents)
    await furnish(office.store)
    for name, locus in (("maya", WIB), ("yosua", WIT), ("nina", EVERYWHERE)):
        await office.accounts.add(
            Account(name, name.title(), frozenset({"manager"}), locus), PASSWORD, office.clock.now()
        )
    return office


def tile(page: str, figure: str) -> tuple[str, str]:
    """Number and address of a tile."""
    name = re.escape(html.escape(FIGURES[figure].name["id"], quote=False))
    found = re.search(
        rf'<p class="fig-name">{name}</p>\s*<p class="fig-number">(?:<a href="([^"]+)"[^>]*>)?([^<]*)', page
    )
    assert found, figure
    return found[2].strip(), html.unescape(found[1] or "")


async def test_a_manager_sees_every_page_of_the_own_office_and_others_see_none(
    managed: Office, browser: Browser
) -> None:
    await browser.sign_in("maya")
    assert browser.location == "/staff/"
    await browser.get("/staff/")
    assert browser.location == "/staff/figures"
    for path in PAGES:
        await browser.get(f"{path}?{MARCH}" if "open" not in path else path)
        assert browser.status == 200, path
    await browser.get(f"/staff/figures?{MARCH}&office={WIT}")
    assert browser.status == 404
    await managed.staff("wati")
    await browser.post("/staff/sign-out")
    await browser.sign_in("wati")
    for path in (*PAGES, "/staff/figures/list?figure=talks", "/staff/figures/talks/pdf", "/staff/figures/report"):
        await browser.get(path)
        assert browser.status == 404, path


async def test_the_numbers_are_those_counted_by_hand_and_lead_to_their_rows(managed: Office, browser: Browser) -> None:
    await browser.sign_in("maya")
    page = await browser.get(f"/staff/figures/applications?{MARCH}")
    # Two around midnight, two of the open ones; the complaint has a page of its own.
    assert {
        one: tile(page, one)[0] for one in ("submitted", "decided", "decision_days", "promises", "open_now", "late_now")
    } == {
        "submitted": "4",
        "decided": "2",
        "decision_days": "1,0 hari",
        "promises": "50,0 %",
        "open_now": "2",
        "late_now": "1",
    }
    for figure, rows in (("submitted", 4), ("promises", 2), ("late_now", 1)):
        await browser.get(tile(page, figure)[1])
        assert browser.status == 200
        assert browser.text.count('<a href="/staff/cases/') == rows, figure
    case = re.findall(r'href="(/staff/cases/[^"]+)"', browser.text)[0]
    await browser.get(case)
    assert browser.status == 200
    assert [what for what, _ in await figures_seen(managed)] == ["submitted", "promises", "open_now"]
    page = await browser.get(f"/staff/figures/complaints?{MARCH}")
    assert (tile(page, "complaints")[0], tile(page, "complaints_open")[0]) == ("1", "1")


async def figures_seen(office: Office) -> list[tuple[str, str]]:
    return [(what, who) for who, what in await office.audit("figures.viewed")]


async def test_every_number_on_every_page_has_as_many_rows_behind_it(managed: Office, browser: Browser) -> None:
    await browser.sign_in("maya")
    for key in SECTIONS:
        page = await browser.get(f"/staff/figures/{key}?{MARCH}")
        links = set(re.findall(r'<a href="(/staff/figures/list[^"]+)"[^>]*>([\d.]+)</a>', page))
        assert links or key == "queue"
        for href, shown in sorted(links):
            await browser.get(html.unescape(href))
            assert browser.status == 200, href
            figure = parse_qs(urlsplit(html.unescape(href)).query)["figure"][0]
            if figure not in ("messages", "missed"):  # these count messages, the rows are their conversations
                rows = len(re.findall(r'<td class="digits">', browser.text))
                assert rows == int(shown.replace(".", "")), (key, html.unescape(href))


async def test_one_of_the_other_offices_cases_and_conversations_does_not_open(
    managed: Office, browser: Browser
) -> None:
    async with managed.store.begin() as tx:
        case = (
            await tx.run(text("select id from application where locus = :locus limit 1"), {"locus": WIT})
        ).scalar_one()
        talk = (
            await tx.run(text("select id from conversation where locus = :locus limit 1"), {"locus": WIT})
        ).scalar_one()
    await browser.sign_in("maya")
    for path in (f"/staff/cases/{case}", f"/staff/figures/talk/{talk}"):
        await browser.get(path)
        assert browser.status == 404, path


async def test_of_a_conversation_managers_see_the_talk_and_nothing_of_the_form(
    managed: Office, browser: Browser
) -> None:
    talk = await managed.conversation(WIB)
    await managed.hears(talk, "nama saya Siti Aminah, NIK 3328990101900001, mau bikin KTP")
    async with managed.store.begin() as tx:
        asked = Reply("Siapa nama ibu Anda?", Kind.QUESTION, meta={"field": "ibu.nama"})
        await tx.say(talk.id, [asked], managed.clock.now())
    await managed.hears(talk, "Sumiyati")
    await browser.sign_in("maya")
    await browser.get(f"/staff/figures/talk/{talk.id}")
    said = browser.read()
    assert "mau bikin KTP" in said and "Siapa nama ibu Anda?" in said
    assert not any(one in said for one in ("Siti", "3328990101900001", "Sumiyati"))
    assert await managed.audit("thread.viewed") == [("maya", str(talk.id))]


async def test_who_sees_all_offices_gets_their_sum_one_line_each_and_may_look_into_one(
    managed: Office, browser: Browser
) -> None:
    await browser.sign_in("nina")
    page = await browser.get(f"/staff/figures?{MARCH}")
    assert "Semua MPP" in browser.read() and "MPP 33.28" in browser.read() and "MPP 91.99" in browser.read()
    assert tile(page, "talks")[0] == "10"
    page = await browser.get(f"/staff/figures?{MARCH}&office={WIT}")
    number, href = tile(page, "talks")
    assert number == "4"
    await browser.get(href)
    talk = re.findall(r'href="(/staff/figures/talk/[^"]+)"', browser.text)[0]
    await browser.get(talk)
    assert browser.status == 200
    for path in ("/staff/", "/staff/people", "/staff/supervise", "/staff/checks"):
        await browser.get(path)
        assert browser.status in (303, 404), path


async def test_a_period_without_data_says_so_and_nonsense_shows_this_month(managed: Office, browser: Browser) -> None:
    await browser.sign_in("maya")
    await browser.get("/staff/figures/talks?span=own&from=2025-01-01&to=2025-01-31")
    assert "Tidak ada data pada masa ini." in browser.read()
    await browser.get("/staff/figures/talks?span=own&from=besok&to=31-31-31")
    assert "Masa itu tidak dikenal; ini bulan ini." in browser.read()
    await browser.get("/staff/figures/talks?span=own&from=2027-01-01&to=2027-02-01")
    assert "Masa itu belum tiba" in browser.read()
    await browser.get("/staff/figures/list?figure=talks&before=x~y")
    assert browser.status == 200
    for path in ("/staff/figures/list?figure=names", "/staff/figures/secrets", "/staff/figures/talks/table?table=x"):
        await browser.get(path)
        assert browser.status == 404, path


async def test_tables_leave_as_spreadsheets_and_paper_on_record(
    managed: Office, browser: Browser, server: web.Application
) -> None:
    await browser.sign_in("maya")
    client: TestClient[web.Request, web.Application] = browser.client
    path = f"/staff/figures/applications/table?{MARCH}&table=service"
    sheet = list(csv.reader(io.StringIO((await (await client.get(f"{path}&as=csv")).read()).decode("utf-8-sig"))))
    assert sheet[0][:2] == ["Layanan", "Permohonan dikirim"]
    assert sheet[1][:4] == ["ktp", "4", "1", "1"]
    book = load_workbook(io.BytesIO(await (await client.get(f"{path}&as=xlsx")).read()))
    assert [cell.value for cell in book.worksheets[0][2]][:4] == ["ktp", 4, 1, 1]
    paper = await (await client.get(f"/staff/figures/applications/pdf?{MARCH}")).read()
    written = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert "Permohonan dikirim" in written and "50,0 %" in written and "MPP 33.28" in written
    report = await (await client.get("/staff/figures/report?month=2026-03")).read()
    reader = PdfReader(io.BytesIO(report))
    written = " ".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) >= len(SECTIONS) and "Laporan bulanan 03/2026" in written
    assert [what for _, what in await managed.audit("export.viewed")] == [
        "figures.applications-service",
        "figures.applications-service",
        "figures.applications",
        "figures.report",
    ]


async def test_open_data_have_whole_final_months_only_and_tell_no_small_count(
    managed: Office, browser: Browser
) -> None:
    await browser.sign_in("maya")
    await browser.get("/staff/figures/open?month=2026-03")
    assert "Angka bulan ini belum tetap." in browser.read()
    await browser.get("/staff/figures/open/file?month=2026-03&data=submitted&as=json")
    assert browser.status == 404
    managed.clock.at = NOW + timedelta(days=20)
    await browser.sign_in("maya")
    found = json.loads(await browser.get("/staff/figures/open/file?month=2026-03&data=submitted&as=json"))
    assert found["offices"] == [WIB]
    assert {cell["count"] for cell in found["cells"]} <= {None, 0}  # four applications in all: nothing can be told
    read = await browser.get("/staff/figures/open/file?month=2026-03&data=submitted&as=csv")
    assert "ktp" in read and "Siti" not in read
    async with managed.store.begin() as tx:
        talk = (
            await tx.run(text("select id from conversation where locus = :locus limit 1"), {"locus": WIB})
        ).scalar_one()
        await tx.run(
            text(
                "insert into application (id, locus, service, variant, conversation_id, state, agency, created_at, updated_at,"
                " submitted_at, draft_sealed) select gen_random_uuid(), :locus, 'kk', 'baru', :talk, 'selesai', 'dukcapil', :at, :at, :at,"
                " '' from generate_series(1, 40)"
            ),
            {"locus": WIB, "talk": talk, "at": NOW - timedelta(days=15)},
        )
    found = json.loads(await browser.get("/staff/figures/open/file?month=2026-03&data=submitted&as=json"))
    assert 44 in {cell["count"] for cell in found["cells"]}
    assert not {cell["count"] for cell in found["cells"]} & {1, 2, 3, 4}


# Every number of the office in Tegal on 1 to 20 March with what `more` adds, counted by hand from tests/figures_office.py.
BY_HAND = {
    "talks": {"talks": "6", "talks_alone": "3", "messages": "7", "missed": "1", "talks_missed": "1"},
    "handoffs": {
        **{"handoffs": "3", "handoffs_answered": "1", "handoffs_unanswered": "1", "waiting_now": "1"},
        **{"wait_median": "30,0 menit", "wait_p90": "30,0 menit", "wait_oldest": "45,0 menit", "ratings": "4,0"},
    },
    "forms": {"begun": "13", "sent": "8", "given_up": "3"},
    "applications": {
        **{"submitted": "4", "decided": "2", "decision_days": "1,0 hari"},
        **{"promises": "50,0 %", "open_now": "2", "late_now": "1"},
    },
    "complaints": {"complaints": "2", "complaint_promises": "100,0 %", "complaints_open": "1", "late_now": "1"},
    "queue": {"queue": "1", "visits": "1"},
    "agencies": {"agency_calls": "2", "agency_failed": "1", "agency_ms": "600 ms", "errands_waiting": "2"},
    "identity": {"identity": "2"},
    "delivery": {"delivery": "2"},
}
IN_TABLES = {
    "talks_person": ("talks", "channel", 3),
    "identified": ("forms", "funnel", 1),
    "reviewed": ("forms", "funnel", 9),
}
"""Figures without a tile: section, table, and their sum by hand."""


async def more(managed: Office) -> None:
    """What the two offices do not have: a queue number given back, a visit, a complaint answered in time, errands held up, ..."""
    office = Invented(managed.store)
    talk, at = await office.talk(WIB), "2026-03-10 02:00"
    back = await office.case(talk, WIB, at, at, service="antrean", variant="kk", state="dibatalkan")
    await office.becomes(back, "dibatalkan", "2026-03-10 04:00")
    await office.case(talk, WIB, at, at, service="jemput-bola", variant="rekam", state="diajukan")
    in_time = {"service": "pengaduan", "variant": "lain", "state": "selesai", "promised_on": utc("2026-03-12 17:00")}
    answered = await office.case(talk, WIB, at, at, **in_time)
    await office.becomes(answered, "terbit", "2026-03-12 16:59")
    citizen = uuid4()
    await office.put("citizen", id=citizen, data_sealed=b"", created_at=utc(at))
    proven = await office.case(talk, WIB, at, citizen_id=citizen, step="pemohon.nama")
    await office.ticket(talk, WIB, at)  # closed without an answer
    for case, state, attempts in ((back, "due", 2), (answered, "failed", 1), (proven, "due", 0)):
        held = {"state": state, "attempts": attempts, "next_at": utc(at), "created_at": utc(at)}
        await office.put("submission", case_id=case, verb="submit", **held)


async def test_every_figure_is_shown_as_it_was_counted_by_hand(managed: Office, browser: Browser) -> None:
    await more(managed)
    await browser.sign_in("maya")
    for section, expected in BY_HAND.items():
        page = await browser.get(f"/staff/figures/{section}?{MARCH}")
        assert {figure: tile(page, figure)[0] for figure in expected} == expected, section
        assert page.count('class="fig-name"') == len(expected), section
    for figure, (section, table, expected_sum) in IN_TABLES.items():
        path = f"/staff/figures/{section}/table?{MARCH}&table={table}&as=csv"
        rows = list(csv.reader(io.StringIO((await browser.get(path)).lstrip("\ufeff"))))
        name = FIGURES[figure].name["id"]
        found = (
            [row[rows[0].index(name)] for row in rows[1:]] if name in rows[0] else [r[1] for r in rows if r[0] == name]
        )
        assert sum(map(int, found)) == expected_sum, figure
    assert set(FIGURES) == {one for figures in BY_HAND.values() for one in figures} | set(IN_TABLES)
    assert set(BY_HAND) == set(SECTIONS)


async def test_a_period_without_anything_has_no_chart_and_no_share_of_nothing(
    managed: Office, browser: Browser
) -> None:
    await browser.sign_in("nina")
    for office in ("", f"&office={WIT}"):
        for section in ("", *(f"/{key}" for key in (*SECTIONS, "satisfaction"))):
            page = await browser.get(f"/staff/figures{section}?span=own&from=2025-01-01&to=2025-12-31{office}")
            assert browser.status == 200, section
            assert '<svg class="chart"' not in page and "nan" not in page.lower().split(), section
        for path in ("talks/pdf", "report", "list", "satisfaction/export"):
            query = f"span=own&from=2025-01-01&to=2025-01-31&month=2025-01&figure=talks{office}"
            assert (await browser.client.get(f"/staff/figures/{path}?{query}")).status == 200, path


async def test_the_bench_opens_every_page_that_a_manager_may_open(managed: Office, browser: Browser) -> None:
    await more(managed)
    await browser.sign_in("maya")

    async def opened(path: str) -> tuple[float, str]:
        response = await browser.client.get(path, allow_redirects=False)
        assert response.status == 200, path
        return 1.0, await response.text() if response.content_type == "text/html" else ""

    talk = await managed.conversation(WIB)
    case = await managed.case(talk)
    crawl = Crawl(
        opened, {"figures_talk_one": f"/staff/figures/talk/{talk.id}", "cases_one": f"/staff/cases/{case.id}"}
    )
    names = (
        "today",
        "overview_month",
        "applications_month",
        "satisfaction_month",
        "list_talks",
        "list_submitted",
        "open_data",
    )
    for name in names:
        await crawl.page(name, pages(NOW.date())[name], 1)
    await crawl.links(1)
    # Nobody was asked and no month is final here, so that two files are not offered; every other page is reached by links alone.
    assert crawl.forgotten() == ["/staff/figures/open/file", "/staff/figures/satisfaction/export"]


async def test_open_data_are_of_one_office_and_no_table_gives_away_another(managed: Office, browser: Browser) -> None:
    managed.clock.at = NOW + timedelta(days=20)
    await browser.sign_in("nina")
    await browser.get("/staff/figures/open?month=2026-03")
    assert "Data terbuka dibuat untuk satu MPP." in browser.read()
    await browser.get("/staff/figures/open/file?month=2026-03&data=submitted&as=json")
    assert browser.status == 404
    await browser.get(f"/staff/figures/open/file?month=2026-03&data=submitted&as=json&office={WIT}")
    assert browser.status == 200
    # Issued and refused with a promise are told as kept and missed only: 40 issued and 43 promised would give away 3 refused.
    decided = {("ktp", "terbit"): 40, ("ktp", "ditolak"): 3, ("ktp", "dibatalkan"): 6}
    promises = [Counted("", NOW.date(), "ktp|kept", 38), Counted("", NOW.date(), "ktp|missed", 4)]
    found = promised(decided, [*promises, Counted("", NOW.date(), "pengaduan|kept", 9)])
    assert found == {("ktp", "kept"): 38, ("ktp", "missed"): 4, ("ktp", "undated"): 1, ("ktp", "dibatalkan"): 6}
    assert "promises" not in DATA


async def test_todays_tile_is_fetched_alone(managed: Office, browser: Browser) -> None:
    await browser.sign_in("maya")
    part = await browser.get("/staff/figures/today", **{"HX-Request": "true"})
    assert "<html" not in part
    assert "Percakapan" in browser.read() and "Sedang menunggu" in browser.read()

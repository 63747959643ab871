"""Intents and examples in a real browser: hints come while one types, lists are marked and moved; on a phone and in the dark."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.web.staff import strings

from .conftest import Office
from .test_in_a_browser import accessible, chrome, desk, shot

pytestmark = pytest.mark.browser

__all__ = ["chrome"]

ID = strings.say_in("id")
BASE = "/staff/studio/intents"
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 800}


async def test_an_editor_is_warned_while_typing_and_moves_what_is_marked(
    chrome: Browser, server: TestServer, office: Office
) -> None:
    await office.staff("siti", "editor", name="Siti Editor")
    person = await desk(chrome, server)
    page = await person.sign_in("siti", f"{BASE}/ask_duration")
    await page.get_by_role("textbox", name=ID("nlu_add")).press_sequentially("biaya gawe KTP brp")
    await expect(page.locator("#hints")).to_contain_text("biaya bikin ktp berapa")
    await shot(page, "s1-hints-desk")
    await page.get_by_role("button", name=ID("nlu_do_add")).click()
    await expect(page.get_by_role("status")).to_contain_text("1 contoh ditambahkan")
    await page.goto(str(server.make_url(f"{BASE}/ask_duration?q=gawe KTP brp")))
    await page.get_by_label(ID("nlu_mark_all")).check()
    await page.get_by_label(ID("nlu_move_to")).select_option("ask_cost")
    await page.get_by_role("button", name=ID("nlu_do_move")).click()
    await expect(page.get_by_role("status")).to_contain_text("1 contoh dipindahkan")
    assert (await office.studio.log(1))[0].message == "1 contoh pindah dari ask_duration ke ask_cost"
    example = page.get_by_text("berapa hari akta kelahiran selesai", exact=True)
    await example.evaluate(
        """one => {
          const range = document.createRange();
          range.setStart(one.firstChild, 12);
          range.setEnd(one.firstChild, 26);
          document.getSelection().removeAllRanges();
          document.getSelection().addRange(range);
        }"""
    )
    await expect(page.get_by_label(ID("nlu_means_word"), exact=True)).to_have_value("akta kelahiran")
    assert person.faults == []


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_every_page_of_intents_fits_and_axe_finds_nothing(
    chrome: Browser, server: TestServer, office: Office, name: str, options: dict[str, object]
) -> None:
    await office.staff("siti", "editor", name="Siti Editor")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("siti", BASE)
    await expect(page.get_by_role("heading", level=1)).to_have_text(ID("studio_intents"))
    await shot(page, f"s1-intents-{name}")
    await accessible(page)
    await page.goto(str(server.make_url(f"{BASE}/-/new")))
    await page.get_by_label(ID("nlu_name"), exact=True).fill("tanya_parkir")
    await page.get_by_label(ID("nlu_examples"), exact=True).fill("ada tempat parkir\nalamat mpp di mana ya")
    await page.get_by_label(ID("nlu_lang_id")).first.fill("Parkir di belakang gedung.")
    await expect(page.locator("#hints")).to_contain_text("ask_location")
    await shot(page, f"s1-new-{name}")
    await accessible(page)
    await page.get_by_role("button", name=ID("nlu_do_create")).click()
    for shown, path in {
        "made": "tanya_parkir?done=created",
        "manage": "tanya_parkir/manage",
        "edit": "ask_cost?edit=bayar+berapa+ke+petugas&q=bayar",
        "import": "-/import",
        "found": "?q=parkir",
        "synonyms": "?kind=synonym",
    }.items():
        await page.goto(str(server.make_url(f"{BASE}/{path}".replace("/?", "?"))))
        await expect(page.locator("h1")).to_be_visible()
        await shot(page, f"s1-{shown}-{name}")
        await accessible(page)
    assert person.faults == []

"""One script tag puts the chat into any page, in three languages; the home page lets one play."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.widget.conftest import ROOT, Open
from tests.widget.stub import Stub
from tests.widget.test_sending import sent_texts, write


async def test_a_page_of_another_origin_embeds_it_with_one_tag(open_page: Open, stub: Stub) -> None:
    site = Stub()
    await site.start()
    try:
        page = await open_page(f"{site.url.replace('127.0.0.1', 'localhost')}/embed?from={stub.url}&mode=popup")
        await page.get_by_role("button", name="Buka obrolan Loket").click()
        await write(page, "halo dari situs desa")
        await expect(page.locator("[data-state=sent]")).to_have_count(1)
        stub.say("Selamat datang.")
        await expect(page.locator(".row.bot")).to_contain_text("Selamat datang.")
        stub.cut()
        stub.say("Masih di sini.")
        await expect(page.locator(".row.bot").last).to_contain_text("Masih di sini.")
        assert sent_texts(stub) == ["halo dari situs desa"] and site.sessions == {}
    finally:
        await site.stop()


async def test_locus_and_language_are_told_when_the_session_begins(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?locus=3328&language=jv&mode=inline")
    field = page.get_by_role("textbox", name="Serat pesen")
    await field.fill("sugeng enjing")
    await field.press("Enter")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert stub.bodies("POST", "/chat/v1/sessions") == [{"locus": "3328", "language": "jv"}]


async def test_the_language_can_be_chosen_before_the_first_message(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_text("Welcome to Loket")).to_be_visible()
    await page.get_by_role("button", name="What do I need for a birth certificate?").click()
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert stub.bodies("POST", "/chat/v1/sessions") == [{"language": "en"}]
    await expect(page.get_by_role("button", name="English")).to_have_count(0)


async def test_what_was_written_stays_when_the_language_changes(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await page.get_by_role("textbox", name="Tulis pesan").fill("setengah jadi")
    await page.evaluate("document.querySelector('loket-chat').setAttribute('language', 'en')")
    await expect(page.get_by_role("textbox", name="Write a message")).to_have_value("setengah jadi")


async def test_a_closed_popup_counts_new_messages(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?mode=popup&open=")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    await page.get_by_role("button", name="Tutup obrolan").last.click()
    stub.say("satu")
    stub.say("dua")
    launcher = page.get_by_role("button", name="Buka obrolan Loket, 2 pesan baru")
    await expect(launcher).to_be_visible()
    await expect(launcher).to_have_text("2")
    await launcher.click()
    await expect(page.get_by_text("dua")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Buka obrolan Loket", exact=True)).to_be_visible()


async def test_a_host_page_style_does_not_reach_inside(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?mode=inline")
    style = "body, body * { color: red; font-size: 40px; text-transform: uppercase } button { display: none }"
    await page.add_style_tag(content=style)
    button = page.get_by_role("button", name="Kirim")
    await expect(button).to_be_visible()
    size = await page.locator(".welcome .text").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size == 16


async def test_removed_from_the_page_it_stops_listening(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("satu")
    await expect(page.locator(".row.bot")).to_have_count(1)
    async with page.expect_event("requestfailed", lambda request: "/events" in request.url):
        await page.evaluate("document.querySelector('loket-chat').remove()")


async def test_what_loket_never_asks_for_is_always_in_view(open_page: Open, stub: Stub) -> None:
    page = await open_page("/", viewport={"width": 360, "height": 740})
    await expect(page.get_by_text("Loket tidak pernah meminta PIN, kode OTP, atau kode IKD.").first).to_be_in_viewport()


async def test_the_home_page_shows_the_demo_citizens_to_play(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await expect(page.get_by_text("Mode peragaan / demo")).to_be_visible()
    await expect(page.get_by_text("bukan penduduk Tegal")).to_be_visible()
    await page.get_by_role("button", name="Salin NIK Warga Peragaan Dua").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "3328994502920002"
    link = page.get_by_role("link", name="Unduh swafoto Warga Peragaan Satu: Swafoto orang yang sama")
    await expect(link).to_have_attribute("href", "/picture/b")
    await expect(link).to_have_attribute("download", re.compile(r"\.jpg$"))
    doors = {"Daftarkan wajah": "/register", "Meja petugas": "/officer", "Halaman petugas": "/staff"}
    for name, address in doors.items():
        await expect(page.get_by_role("link", name=name)).to_have_attribute("href", address)


async def test_copying_works_without_the_clipboard_api(open_page: Open, stub: Stub) -> None:
    page = await open_page("/", script="Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    await page.get_by_role("button", name="Salin NIK Warga Peragaan Dua").click()
    await expect(page.get_by_role("button", name="Tersalin")).to_be_visible()
    field = page.get_by_role("textbox", name="Tulis pesan")
    await field.focus()
    await page.keyboard.press("Control+V")
    await expect(field).to_have_value("3328994502920002")


async def test_the_three_languages_have_the_same_sentences_and_placeholders(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    tables = await page.evaluate(
        "async () => { const { KEYS, Texts } = await import('/static/widget/texts.js');"
        " return Object.fromEntries(Object.entries(KEYS).map(([lang, keys]) => { const t = new Texts(lang);"
        " return [lang, Object.fromEntries(keys.map((k) => [k, [t.list(k)].flat()]))]; })); }"
    )
    for language in ("en", "jv"):
        assert tables[language].keys() == tables["id"].keys()
        for key, sentences in tables["id"].items():
            holes = [sorted(re.findall(r"\{\w+\}", text)) for text in sentences]
            assert [sorted(re.findall(r"\{\w+\}", text)) for text in tables[language][key]] == holes, (language, key)


@pytest.mark.parametrize("name", ["id", "en", "jv"])
async def test_every_sentence_that_the_code_says_exists(open_page: Open, stub: Stub, name: str) -> None:
    page = await open_page("/")
    keys = set((await page.evaluate("async () => (await import('/static/widget/texts.js')).KEYS"))[name])
    static = ROOT / "bot" / "web" / "static"
    code = "".join(path.read_text() for path in [static / "widget.js", *(static / "widget").glob("*.js")])
    said = set(re.findall(r'\b(?:say|list|note)\("(\w+)"', code))
    assert said and said <= keys

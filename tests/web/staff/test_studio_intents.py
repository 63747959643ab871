"""Intents and their examples in the content studio, as an editor's browser sees them."""

from __future__ import annotations

import html
import io
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import FormData
from openpyxl import load_workbook

from bot.errors import DialogueUnavailable
from bot.usecases.studio_nlu_sheet import MOST_ROWS, csv_of, xlsx_of

from .conftest import Browser, Office, hidden

BASE = "/staff/studio/intents"


@pytest.fixture
async def editor(browser: Browser, office: Office) -> Browser:
    await office.staff("siti", "editor", name="Siti Editor")
    await browser.sign_in("siti")
    return browser


async def messages(office: Office, most: int = 1) -> list[str]:
    return [one.message for one in await office.studio.log(most)]


async def file(office: Office, path: str) -> str:
    return await office.studio.text(await office.studio.draft(), path)


async def send(browser: Browser, path: str, **form: object) -> None:
    """A form with several values of a name."""
    data = FormData()
    data.add_field("csrf", hidden(browser.text)["csrf"])
    for name, value in form.items():
        for one in value if isinstance(value, list) else [value]:
            data.add_field(name, one)
    await browser._read(await browser.client.post(path, data=data, allow_redirects=False))


async def upload(browser: Browser, table: bytes, name: str, **fields: str) -> None:
    await browser.get(f"{BASE}/-/import")
    data = FormData()
    for key, value in {"csrf": hidden(browser.text)["csrf"], **fields}.items():
        data.add_field(key, value)
    data.add_field("table", table, filename=name, content_type="application/octet-stream")
    await browser._read(await browser.client.post(f"{BASE}/-/import", data=data, allow_redirects=False))


async def test_an_editor_sees_all_intents_and_finds_examples_among_all(editor: Browser) -> None:
    await editor.get(BASE)
    assert editor.status == 200
    assert "ask_cost" in editor.read() and "chitchat_bot" in editor.read()
    await editor.get(f"{BASE}?q=mbayar+ora+nek+gawe")
    assert "1 contoh memuat" in editor.read() and "mbayar ora nek gawe kk" in editor.read()
    await editor.get(f"{BASE}?kind=synonym&sort=count")
    assert "other:sim" in editor.read()
    await editor.get(f"{BASE}?kind=apa")
    assert editor.status == 404


async def test_examples_are_added_changed_moved_and_deleted_by_plain_forms(editor: Browser, office: Office) -> None:
    await editor.get(f"{BASE}/ask_cost")
    await editor.post(f"{BASE}/ask_cost/add", texts="pira duite pak lurah\r\n\r\ntarifnya pira sih <b>")
    assert (editor.status, editor.location) == (303, f"{BASE}/ask_cost?done=added&n=2")
    await editor.get(f"{editor.location}&q=pira duite pak")
    assert "2 contoh ditambahkan" in editor.read() and "pira duite pak lurah" in editor.read()
    await editor.get(f"{BASE}/ask_cost?edit={quote('pira duite pak lurah')}&q=lurah")
    await editor.post(f"{BASE}/ask_cost/change", new="pira duite pak camat")
    assert editor.status == 303 and parse_qs(urlsplit(editor.location).query)["q"] == ["lurah"]
    await editor.get(f"{BASE}/ask_cost")
    await send(
        editor, f"{BASE}/ask_cost/move", to="ask_duration", text=["pira duite pak camat", "tarifnya pira sih <b>"]
    )
    assert editor.location == f"{BASE}/ask_cost?done=moved&n=2"
    await editor.get(f"{BASE}/ask_duration?q=tarifnya pira sih")
    assert "tarifnya pira sih &lt;b&gt;" in editor.text and "<b>" not in editor.text
    await send(editor, f"{BASE}/ask_duration/remove", text=["pira duite pak camat", "tarifnya pira sih <b>"])
    assert editor.status == 303 and not await office.studio.pending()
    assert await messages(office, 2) == [
        "ask_duration: 2 contoh dihapus",
        "2 contoh pindah dari ask_cost ke ask_duration",
    ]


async def test_what_cannot_be_is_said_in_words_and_what_was_typed_stays(editor: Browser, office: Office) -> None:
    await editor.get(f"{BASE}/ask_cost")
    await editor.post(f"{BASE}/ask_cost/add", texts="nik saya 3328990101900001 <i>")
    assert editor.status == 422 and "bisa milik seseorang" in editor.read()
    assert "nik saya 3328990101900001 &lt;i&gt;</textarea>" in editor.text
    await editor.post(f"{BASE}/ask_cost/add", texts="assalamualaikum pak\nhalo\nmatur nuwun")
    assert editor.status == 422 and "sudah ada di greet" in editor.read()
    await editor.post(f"{BASE}/ask_cost/remove")
    assert editor.status == 422 and "Tandai dulu" in editor.read()
    many = "\n".join(f"contoh {n}" for n in range(501))
    for path in ("ask_cost/add", "-/new"):
        await editor.post(f"{BASE}/{path}", texts=many, name="info_x", answer_id="Ya")
        assert editor.status == 422 and "Paling banyak 500 baris" in editor.read()
    await editor.post(f"{BASE}/ask_cost/apa", texts="x")
    assert editor.status == 404
    await editor.get(f"{BASE}/ask_cots")
    assert editor.status == 404
    assert not await office.studio.pending()


@pytest.mark.parametrize("name", ["../x", "nlu:", "Tanya Parkir"])
async def test_a_name_that_is_none_is_refused_with_a_sentence(editor: Browser, office: Office, name: str) -> None:
    await editor.get(f"{BASE}/-/new")
    await editor.post(f"{BASE}/-/new", name=name, texts="ada parkir", answer_id="Ada.")
    assert editor.status == 422 and f"“{name}” tidak bisa jadi nama" in editor.read()
    assert "ada parkir</textarea>" in editor.text and "Ada.</textarea>" in editor.text
    assert not await office.studio.pending()


async def test_an_intent_is_made_renamed_merged_and_deleted_with_all_that_belongs_to_it(
    editor: Browser, office: Office
) -> None:
    form = {
        "texts": "ada tempat parkir\nparkirnya bayar tidak",
        "answer_id": "Parkir di belakang.",
        "button_id": "Parkir",
    }
    await editor.get(f"{BASE}/-/new")
    await editor.post(f"{BASE}/-/new", name="tanya_parkir", **form)
    assert editor.location == f"{BASE}/tanya_parkir?done=created"
    await editor.get(editor.location)
    assert "Baru 2 contoh" in editor.read()
    await editor.get(f"{BASE}/tanya_parkir/manage")
    assert {"say.tanya_parkir", "wish.tanya_parkir"} <= set(re.findall(r"\w+\.\w+", editor.read()))
    await editor.post(f"{BASE}/tanya_parkir/manage/rename", to="ask_cost")
    assert editor.status == 422 and "sudah dipakai" in editor.read()
    await editor.post(f"{BASE}/tanya_parkir/manage/rename", to="info_parkir")
    assert editor.location == f"{BASE}/info_parkir?done=renamed"
    assert 'info_parkir: "Parkir di belakang."' in await file(office, "messages/id.yml")
    assert "- intent: info_parkir" in await file(office, "rules/rules.yml")
    await editor.get(f"{BASE}/info_parkir/manage")
    await editor.post(f"{BASE}/info_parkir/manage/merge", to="ask_location")
    assert editor.location == f"{BASE}/ask_location?done=merged&n=2"
    assert [change.path for change in await office.studio.pending()] == ["nlu/ask_location.yml"]
    await editor.get(f"{BASE}/-/new")
    await editor.post(f"{BASE}/-/new", name="info_musala", texts="ada musala", answer_id="Ada.")
    await editor.get(f"{BASE}/info_musala/manage")
    await editor.post(f"{BASE}/info_musala/manage/delete")
    assert editor.location == f"{BASE}?done=deleted"
    assert [change.path for change in await office.studio.pending()] == ["nlu/ask_location.yml"]


async def test_why_a_built_in_intent_keeps_its_name_is_explained(editor: Browser, office: Office) -> None:
    await editor.get(f"{BASE}/ask_cost/manage")
    assert "Maksud ini bawaan" in editor.read() and "Hapus maksud" not in editor.read()
    await editor.get(f"{BASE}/-/new")
    await editor.post(f"{BASE}/ask_cost/manage/delete")
    assert editor.status == 422 and "bawaan" in editor.read()
    assert not await office.studio.pending()


async def test_duplicates_are_told_while_typing(editor: Browser, office: Office) -> None:
    office.deps.dialogue.understands["biaya gawe ktp brp ya"] = ("ask_cost", 0.93, "ktp")
    await editor.get(f"{BASE}/ask_duration")
    await editor.htmx(f"{BASE}/-/check", name="ask_duration", texts="biaya bikin ktp berapa\nbiaya gawe ktp brp ya")
    said = editor.read()
    assert editor.status == 200 and "<html" not in editor.text
    assert "Persis sama ada di ask_cost" in said and "biaya bikin ktp berapa" in said
    assert "mengiranya ask_cost (93 %)" in said


async def test_the_hint_of_the_live_model_is_left_out_when_rasa_is_away(editor: Browser, office: Office) -> None:
    async def away(text: str) -> None:
        raise DialogueUnavailable

    office.deps.dialogue.parse = away  # type: ignore[method-assign]
    await editor.get(f"{BASE}/ask_cost")
    part = await editor.htmx(f"{BASE}/-/check", name="ask_cost", texts="cuaca besok cerah apa hujan ya")
    assert (editor.status, part.strip()) == (200, "")


async def test_the_second_of_two_who_change_one_example_chooses_between_both(
    editor: Browser, other: Browser, office: Office
) -> None:
    await office.staff("budi", "editor", name="Budi Editor")
    await other.sign_in("budi")
    for one in (editor, other):
        await one.get(f"{BASE}/ask_cost?edit=gratis+atau+bayar+ya+urus+kk")
    await other.post(f"{BASE}/ask_cost/change", new="gratis apa bayar urus kk")
    await editor.post(f"{BASE}/ask_cost/change", new="bayar tidak urus kk")
    assert editor.status == 409
    assert "Budi Editor" in editor.read() and "gratis apa bayar urus kk" in editor.read()
    form = {key: html.unescape(value) for key, value in re.findall(r'name="(\w+)" value="([^"]*)"', editor.text)}
    await editor.post(f"{BASE}/ask_cost/change", old=form["old"], new=form["new"])
    assert editor.status == 303
    assert "- bayar tidak urus kk\n" in await file(office, "nlu/ask_cost.yml")
    assert "gratis apa bayar urus kk" not in await file(office, "nlu/ask_cost.yml")


async def test_a_table_goes_out_and_comes_in_again(editor: Browser, office: Office) -> None:
    answer = await editor.client.get(f"{BASE}/-/export?format=xlsx&name=ask_cost")
    assert 'filename="contoh-ask_cost.xlsx"' in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(await answer.read())).worksheets[0]
    rows = [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=2)]
    assert ("ask_cost", "biaya bikin ktp berapa") in rows
    everything = await (await editor.client.get(f"{BASE}/-/export?format=csv")).text()
    assert everything.count("\n") > 10_000
    await upload(editor, xlsx_of([*rows, ("ask_cost", "=1+1 pira biayane")]), "contoh.xlsx")
    assert editor.location == f"{BASE}?done=taken&n=1&skipped={len(rows)}"
    assert "- =1+1 pira biayane\n" in await file(office, "nlu/ask_cost.yml")


async def test_a_faulty_table_is_explained_row_by_row_and_nothing_is_saved(editor: Browser, office: Office) -> None:
    table = "intent,text\nask_cost,pira biayane mas\nask_cots,salah\nask_cost,biaya bikin ktp berapa\n"
    await upload(editor, table.encode(), "contoh.csv")
    assert editor.status == 422
    assert "1 dari 3 baris salah" in editor.read() and "baris 3 : Tidak ada yang bernama “ask_cots”" in editor.read()
    assert not await office.studio.pending()
    await upload(editor, table.encode(), "contoh.csv", skip="1")
    assert editor.location == f"{BASE}?done=taken&n=1&skipped=2"
    await upload(editor, b"nama,umur\nsiti,20\n", "x.csv")
    assert editor.status == 422 and "Yang ada: nama, umur" in editor.read()
    await upload(editor, csv_of(("ask_cost", f"biaya {n}") for n in range(MOST_ROWS + 1)), "x.csv")
    assert editor.status == 422 and "Paling banyak 20000 baris" in editor.read()


async def test_a_table_without_its_token_is_not_taken(editor: Browser, office: Office) -> None:
    data = FormData()
    data.add_field("csrf", "x")
    data.add_field("table", b"intent,text\nask_cost,pira\n", filename="x.csv")
    answer = await editor.client.post(f"{BASE}/-/import", data=data, allow_redirects=False)
    assert answer.status == 400 and not await office.studio.pending()


async def test_words_are_marked_as_the_name_of_a_service(editor: Browser, office: Office) -> None:
    await editor.get(f"{BASE}/ask_cost")
    await editor.post(f"{BASE}/ask_cost/means", word="kartu kluwarga", thing="kk")
    assert editor.location == f"{BASE}/ask_cost?done=means"
    (named,) = [
        one for one in (await file(office, "nlu/services.yml")).split("  - synonym: ") if one.startswith("kk\n")
    ]
    assert "      - kartu kluwarga\n" in named
    await editor.post(f"{BASE}/ask_cost/means", word="kartu", thing="../x")
    assert editor.status == 422
    await editor.get(f"{BASE}/kk?kind=synonym")
    assert "kartu kluwarga" in editor.read()


async def test_a_long_list_comes_page_by_page(editor: Browser, office: Office) -> None:
    await upload(editor, csv_of(("ask_cost", f"biaya urusan {n} pira") for n in range(1000)), "x.csv")
    assert editor.status == 303
    await editor.get(f"{BASE}/ask_cost?page=10")
    assert "Halaman 10 dari 1" in editor.read() and editor.text.count('class="si-edit"') == 100
    await editor.get(f"{BASE}/ask_cost?page=99999&q=urusan+99")
    assert editor.text.count('class="si-edit"') == 11 and "Halaman 1" not in editor.read()


async def test_only_editors_open_these_pages(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    for path in (BASE, f"{BASE}/ask_cost", f"{BASE}/-/new", f"{BASE}/-/export"):
        await browser.get(path)
        assert browser.status == 404

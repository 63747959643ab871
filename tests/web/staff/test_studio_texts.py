"""The studio's pages of texts, frequent questions and what is not certain."""

from __future__ import annotations

import pytest

from .conftest import Browser, Office


@pytest.fixture
async def editor(browser: Browser, office: Office) -> Browser:
    await office.staff("siti", "editor", name="Siti Editor")
    await browser.sign_in("siti")
    return browser


async def held(office: Office, path: str) -> str:
    return await office.studio.text(await office.studio.draft(), path)


async def test_a_sentence_is_changed_in_all_languages_with_the_fewest_lines(editor: Browser, office: Office) -> None:
    before = await held(office, "messages/id.yml")
    await editor.get("/staff/studio/texts?section=say&q=hours_unknown")
    assert "say.hours_unknown" in editor.read() and "belum tercatat" in editor.read()
    page = "/staff/studio/texts/message/say.hours_unknown"
    await editor.get(page)
    assert "{office}" in editor.read() and "WhatsApp" in editor.read()
    said = {"id": "Jam buka {office} belum kami ketahui.", "en": "Unknown: {office}.", "jv": ""}
    await editor.post(page, do="save", **said)
    assert (editor.status, editor.location) == (303, f"{page}?done=live")
    after = await held(office, "messages/id.yml")
    changed = set(after.splitlines()) ^ set(before.splitlines())
    assert len(changed) == 2 and "  hours_unknown: Jam buka {office} belum kami ketahui." in changed
    assert "hours_unknown" not in await held(office, "messages/jv.yml")
    await editor.get("/staff/studio/texts?only=missing")
    assert "say.hours_unknown" in editor.read() and "belum ada dalam bahasa Jawa" in editor.read()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"id": "Buka {jam}.", "en": "Open {jam}."}, "tidak mengisi variabel {jam}"),
        ({"id": "Buka {office}.", "en": "Open."}, "variabel bahasa Inggris tidak sama"),
        ({"id": "Buka {office.", "en": "Open {office}."}, "kurung kurawal di bahasa Indonesia"),
        ({"id": " ", "en": "Open {office}."}, "Teks bahasa Indonesia harus diisi"),
    ],
)
async def test_a_text_that_would_break_an_answer_is_not_saved_and_what_was_typed_stays(
    editor: Browser, office: Office, typed: dict[str, str], why: str
) -> None:
    page = "/staff/studio/texts/message/say.hours_unknown"
    await editor.get(page)
    await editor.post(page, do="save", **{"jv": "", **typed})
    assert editor.status == 422
    assert why in editor.read() and typed["en"] in editor.read()
    assert not await office.studio.pending()


async def test_a_preview_shows_a_long_button_as_a_number_where_it_does_not_fit(editor: Browser, office: Office) -> None:
    page = "/staff/studio/texts/message/button.talk_to_human"
    await editor.get(page)
    title = "Hubungkan dengan petugas"  # 24 characters: the most that WhatsApp shows in a list
    await editor.post(page, do="preview", id=title, en="", jv="")
    assert editor.status == 200 and "ditulis bernomor" not in editor.read()
    await editor.post(page, do="preview", id=title + " kami", en="", jv="")
    assert editor.read().count("ditulis bernomor") == 1 and f"1. {title} kami" in editor.read()
    assert not await office.studio.pending()


async def test_two_editors_of_one_file_meet_only_where_they_changed_the_same_text(
    editor: Browser, other: Browser, office: Office
) -> None:
    await office.staff("budi", "editor", name="Budi Editor")
    await other.sign_in("budi")
    one, two = (f"/staff/studio/texts/message/say.{key}" for key in ("thanks", "goodbye"))
    await editor.get(one)
    await other.get(two)
    await editor.post(one, do="save", id="Sama-sama, ya.", en="You are welcome.", jv="")
    assert editor.status == 303
    await other.post(two, do="save", id="Sampai jumpa lagi.", en="See you.", jv="")
    assert other.status == 303, other.read()
    await editor.get(two)
    await other.get(two)
    await editor.post(two, do="save", id="Dadah.", en="Bye.", jv="")
    await other.post(two, do="save", id="Selamat jalan.", en="Bye.", jv="")
    assert other.status == 409
    assert "Dadah." in other.read() and "Selamat jalan." in other.read()
    assert "say › goodbye" in other.read()
    text = await held(office, "messages/id.yml")
    assert "Dadah." in text and "Sama-sama, ya." in text and "Selamat jalan." not in text


async def test_a_question_is_added_changed_and_taken_out(editor: Browser, office: Office) -> None:
    before = await held(office, "faq/loket.yml")
    await editor.get("/staff/studio/texts/faq?q=robot")
    assert "ini robot atau manusia" in editor.read()
    page = "/staff/studio/texts/faq/loket/new/faq"
    await editor.get(page)
    entry = {
        "v.id": "parkir",
        "v.questions": "di mana parkir\r\nparkirnya bayar\r\nada tempat parkir motor",
        "v.answer.id": "Parkir di depan gedung.",
        "v.answer.en": "Park in front.",
        "v.answer.jv": "Parkir ngajeng gedung.",
        "v.source": "pengelola gedung",
        "v.certainty": "unsure",
    }
    await editor.post(page, do="save", **{**entry, "v.questions": "di mana parkir"})
    assert editor.status == 422 and "Terlalu sedikit" in editor.read() and "Park in front." in editor.text
    await editor.post(page, do="save", **entry)
    assert (editor.status, editor.location) == (303, "/staff/studio/texts/faq/loket/entry/faq/parkir?done=live")
    after = await held(office, "faq/loket.yml")
    assert after.startswith(before.rstrip("\n")) and "- id: parkir" in after
    page = "/staff/studio/texts/faq/loket/entry/faq/parkir"
    await editor.get(page)
    assert "Parkir di depan gedung. Catatan: keterangan ini belum kami pastikan" in editor.read()
    await editor.post(page, do="save", **{**entry, "v.service": "ktpp"})
    assert editor.status == 422 and "Berkas faq/loket.yml, baris" in editor.read()
    await editor.post("/staff/studio/texts/faq/loket/drop/faq/parkir")
    assert editor.status == 303
    assert await held(office, "faq/loket.yml") == before


async def test_what_is_not_certain_is_listed_with_the_office_that_knows(editor: Browser, office: Office) -> None:
    await editor.get("/staff/studio/texts/unsure")
    text = editor.read()
    assert "belum diketahui" in text and "Disdukcapil Kabupaten Tegal (Slawi)" in text
    page = "/staff/studio/services/_dukcapil/entry/fee"
    assert page not in editor.text
    await editor.get(page)
    await editor.post(page, do="save", **{"v.review_by": "2020-01-01", "v.keeper": "Bidang Dafduk", **_fee()})
    assert editor.status == 303, editor.read()
    await editor.get("/staff/studio/texts/unsure?keeper=Bidang+Dafduk")
    assert page in editor.text and "perlu ditinjau" in editor.read() and "2020-01-01" in editor.read()


def _fee() -> dict[str, str]:
    return {
        "v.text.id": "Gratis, tidak dipungut biaya.",
        "v.text.en": "It is free of charge.",
        "v.text.jv": "Gratis, mboten mbayar.",
        "v.source": "UU 24/2013 pasal 79A; disdukcapil.batam.go.id/faq/",
        "v.certainty": "sure",
    }

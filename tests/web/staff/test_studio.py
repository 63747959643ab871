"""The studio's first page: what is in the draft, who did it, and taking it back."""

from __future__ import annotations

from tests.web.staff.conftest import Browser, Office


async def test_an_editor_sees_what_the_draft_has_beyond_what_is_published_and_undoes_it(
    browser: Browser, office: Office
) -> None:
    await office.staff("siti", "editor", name="Siti Editor")
    await browser.sign_in("siti")
    await browser.get("/staff/studio/")
    assert "Naskah sama dengan yang terbit" in browser.read()
    studio, editor = office.studio, office.editor
    await studio.save(editor, await studio.draft(), {"messages/id.yml": "greet: Halo!\n"}, "Salam <b>baru</b>")
    await browser.get("/staff/studio/")
    assert "messages/id.yml" in browser.read() and "&lt;b&gt;baru" in browser.text
    await browser.post("/staff/studio/undo")
    assert (browser.status, browser.location) == (303, "/staff/studio/?done=undone")
    assert not await studio.pending()


async def test_who_may_not_edit_finds_no_studio(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get("/staff/studio/")
    assert browser.status == 404


async def test_an_undo_that_comes_too_late_says_why_and_changes_nothing(browser: Browser, office: Office) -> None:
    await office.staff("siti", "editor")
    await browser.sign_in("siti")
    studio, editor = office.studio, office.editor
    first = await studio.save(editor, await studio.draft(), {"messages/id.yml": "greet: A\n"}, "a")
    await studio.save(editor, await studio.draft(), {"messages/id.yml": "greet: B\n"}, "b")
    await browser.get("/staff/studio/")
    await browser.post("/staff/studio/undo", revision=first)
    assert browser.status == 409 and "sudah diubah lagi" in browser.read()
    assert await studio.text(await studio.draft(), "messages/id.yml") == "greet: B\n"

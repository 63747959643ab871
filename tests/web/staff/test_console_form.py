"""An agent fills in or corrects a field of the open form."""

from __future__ import annotations

from bot.domain.form_draft import Draft
from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import NIK, Browser, Office, agent

ID = strings.say_in("id")


async def in_a_form(browser: Browser, office: Office) -> tuple[str, object]:
    conversation = await office.conversation(assurance=2)
    case = await office.case(
        conversation, **{"identitas.nik": NIK, "identitas.swafoto": {"checked_by": "officer"}, "anak.nama": "Aisiyah"}
    )
    ticket = await office.ticket(conversation)
    await handoff.claim(office.deps, ticket.id, agent("wati", "Bu Wati"))
    await office.staff("wati", name="Bu Wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    return f"/staff/tickets/{ticket.id}", case.id


async def test_a_corrected_field_is_marked_and_the_citizen_is_asked(browser: Browser, office: Office) -> None:
    path, case_id = await in_a_form(browser, office)
    await browser.htmx(f"{path}/fill", answer="anak.nama", value="Aisyah Putri")
    assert browser.status == 200 and "Aisyah Putri" in browser.text
    assert ID("form_staff") in browser.read() and ID("fill_done") in browser.read()
    async with office.store.begin() as tx:
        draft = Draft.from_json((await tx.case(case_id)).draft)  # type: ignore[arg-type]
    assert draft.answers["anak.nama"] == "Aisyah Putri" and draft.by_staff == ("anak.nama",)
    await browser.post(f"{path}/confirm")
    assert browser.status == 303
    await browser.get(path)
    assert "[handoff.confirm " in browser.read()


async def test_the_citizens_own_rules_judge_it(browser: Browser, office: Office) -> None:
    path, case_id = await in_a_form(browser, office)
    for value in ("", "12", "x" * 1001):
        await browser.get(path)
        await browser.htmx(f"{path}/fill", answer="anak.nama", value=value)
        assert browser.status == 422 and 'role="alert"' in browser.text
    for field in ("identitas.nik", "nothing", ""):
        await browser.get(path)
        await browser.post(f"{path}/fill", answer=field, value="Aisyah")
        assert browser.status == 404, field
    async with office.store.begin() as tx:
        assert (await tx.case(case_id)).draft["answers"]["anak.nama"] == "Aisiyah"  # type: ignore[arg-type]


async def test_only_the_holder_fills_in(browser: Browser, other: Browser, office: Office) -> None:
    path, _ = await in_a_form(browser, office)
    await office.staff("budi")
    await other.sign_in("budi")
    assert "/fill" not in await other.get(path)
    await other.post(f"{path}/fill", answer="anak.nama", value="Aisyah")
    assert other.status == 409 and ID("conflict_held", name="Bu Wati") in other.read()


async def test_nothing_to_confirm_is_no_page(browser: Browser, office: Office) -> None:
    path, _ = await in_a_form(browser, office)
    await browser.post(f"{path}/confirm")
    assert browser.status == 404

"""What is masked is shown one at a time, for a reason, on record before it is shown."""

from __future__ import annotations

from sqlalchemy import select

from bot.storage.tables import audit
from bot.web.staff import strings

from .conftest import NIK, Browser, Office

ID = strings.say_in("id")


async def open_case(browser: Browser, office: Office) -> str:
    citizen = await office.citizen()
    conversation = await office.conversation(citizen_id=citizen.id, assurance=3)
    await office.hears(conversation, "NIK saya 3328 9901 0190 0001, KK 3328991234567890")
    await office.case(conversation, **{"identitas.nik": NIK, "anak.nama": "Aisyah"})
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    return f"/staff/tickets/{ticket.id}"


async def unmasked(office: Office) -> list[dict[str, object]]:
    async with office.store.begin() as tx:
        rows = await tx.run(select(audit.c.detail).where(audit.c.action == "unmasked.viewed").order_by(audit.c.id))
        return [dict(row.detail) for row in rows]


async def test_a_page_shows_a_person_masked(browser: Browser, office: Office) -> None:
    await open_case(browser, office)
    page = browser.read()
    assert "Siti A." in page and "3 · Wajah terverifikasi" in page and "••-••-1990" in page
    assert "3328••••••••0001" in page and "3328••••••••7890" in page
    assert NIK not in browser.text and "9901 0190" not in browser.text and "Aminah" not in browser.text


async def test_one_field_is_shown_for_a_reason_and_a_minute(browser: Browser, office: Office) -> None:
    path = await open_case(browser, office)
    await browser.post(f"{path}/reveal", field="nik", reason="identify")
    assert browser.status == 200 and NIK in browser.text and 'http-equiv="refresh" content="60' in browser.text
    await browser.htmx(f"{path}/reveal", field="name", reason="agency")
    assert "Siti Aminah" in browser.text and 'data-gone="60"' in browser.text and NIK not in browser.text
    number = await unmasked(office)
    assert [(one["field"], one["reason"]) for one in number] == [("nik", "identify"), ("name", "agency")]
    assert NIK not in str(number) and "Siti" not in str(number)
    await browser.get(path)
    assert NIK not in browser.text


async def test_a_message_and_an_answer_are_shown_like_a_field(browser: Browser, office: Office) -> None:
    path = await open_case(browser, office)
    await browser.post(f"{path}/reveal", field="m1", reason="form")
    assert "3328 9901 0190 0001" in browser.text
    await browser.get(path)
    await browser.post(f"{path}/reveal", field="form:anak.nama", reason="form")
    assert "Aisyah" in browser.text


async def test_without_a_reason_nothing_is_shown(browser: Browser, office: Office) -> None:
    path = await open_case(browser, office)
    for form in ({"reason": ""}, {"reason": "curious"}, {"reason": "other"}, {"reason": "other", "words": "abc"}):
        await browser.get(path)
        await browser.post(f"{path}/reveal", field="nik", **form)
        assert browser.status == 422 and NIK not in browser.text and ID("reveal_why") in browser.read()
    assert await unmasked(office) == []
    await browser.get(path)
    await browser.post(f"{path}/reveal", field="nik", reason="other", words="dicek bersama Dukcapil")
    assert NIK in browser.text


async def test_what_is_not_there_is_not_shown(browser: Browser, office: Office) -> None:
    path = await open_case(browser, office)
    for field in ("m99", "m0", "form:nothing", "password", "", "form:identitas.nik"):
        await browser.get(path)
        await browser.post(f"{path}/reveal", field=field, reason="form")
        assert browser.status == 404, field
    assert await unmasked(office) == []

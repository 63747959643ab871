"""Faces at the counter: two pictures, a second officer, deleting, unlocking."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import aiohttp
import pytest

from bot.domain.conversation import EnrolledFace
from bot.ports import FaceVerdict, Look, Person
from bot.web.staff import strings

from .conftest import BREBES, JPEG, NIK, Browser, Office

ID = strings.say_in("id")


async def sign_in(
    browser: Browser, office: Office, name: str = "wati", role: str = "officer", locus: str = "33.28"
) -> None:
    office.agency.people[NIK] = Person(NIK, "Siti Aminah", date(1990, 1, 1))
    await office.staff(name, role, locus)
    await browser.sign_in(name)
    await browser.get("/staff/enrol")


async def enrol(browser: Browser, *pictures: bytes, consent: str = "1", nik: str = NIK) -> str:
    form = aiohttp.FormData([*browser.form(nik=nik, consent=consent).items()])
    for picture in pictures:
        form.add_field("pictures", picture, filename="foto.jpg", content_type="image/jpeg")
    return await browser._read(await browser.client.post("/staff/enrol", data=form, allow_redirects=False))


async def face(office: Office) -> EnrolledFace | None:
    async with office.store.begin() as tx:
        citizen = await tx.citizen_by_nik(NIK)
        return await tx.face(citizen.id) if citizen else None


async def waiting(office: Office) -> UUID:
    async with office.store.begin() as tx:
        (one,) = await tx.waiting_enrolments("33.28")
    return one.id


async def test_a_first_face_holds_at_once_and_is_on_record(browser: Browser, office: Office) -> None:
    await sign_in(browser, office)
    await enrol(browser, JPEG + b"1", JPEG + b"2" * 300_000)
    assert (browser.status, browser.location) == (303, "/staff/enrol?done=done")
    await browser.get(browser.location)
    assert ID("enrol_done") in browser.read()
    kept = await face(office)
    assert kept is not None and kept.source == "counter"
    assert [actor for actor, _ in await office.audit("face.enrolled")] == ["wati"]


async def test_a_replacement_holds_only_when_another_officer_confirms(
    browser: Browser, other: Browser, office: Office
) -> None:
    office.agency.pictures[NIK] = [JPEG + b" register"]
    office.deps.faces.verdicts = [FaceVerdict("no_match")]  # type: ignore[attr-defined]
    await sign_in(browser, office)
    await enrol(browser, JPEG + b"1", JPEG + b"2")
    await browser.get(browser.location)
    assert ID("enrol_waiting") in browser.read() and ID("enrol_own") in browser.read() and NIK not in browser.text
    one = await waiting(office)
    await browser.post(f"/staff/enrol/{one}/decide", verdict="accept")
    assert browser.status == 409 and await face(office) is None
    await sign_in(other, office, "budi")
    assert ID("enrol_likeness_no_match") in other.read()
    await other.post(f"/staff/enrol/{one}/decide", verdict="accept")
    kept = await face(office)
    assert other.location.endswith("accepted") and kept is not None and kept.source == "counter"
    await other.get("/staff/enrol")
    await other.post(f"/staff/enrol/{one}/decide", verdict="reject")
    assert other.status == 409 and await face(office) == kept


async def test_a_replacement_ends_what_the_face_before_had_proven(
    browser: Browser, other: Browser, office: Office
) -> None:
    citizen = await office.citizen()
    conversation = await office.conversation(citizen_id=citizen.id, assurance=3)
    async with office.store.begin() as tx:
        await tx.save_face(citizen.id, EnrolledFace(b"old", "fake", "register"), office.clock.now())
        await tx.succeeded(conversation.id, citizen.id, office.clock.now())
    await sign_in(browser, office)
    await enrol(browser, JPEG + b"1", JPEG + b"2")
    await sign_in(other, office, "budi")
    await other.post(f"/staff/enrol/{await waiting(office)}/decide", verdict="accept")
    async with office.store.begin() as tx:
        assert (await tx.conversation(conversation.id)).assurance == 1


@pytest.mark.parametrize(
    ("pictures", "more", "said"),
    [
        ((JPEG,), {}, "[enrol.two]"),
        ((JPEG, JPEG), {}, "[enrol.two]"),
        ((JPEG + b"1", JPEG + b"2"), {"consent": ""}, ID("enrol_no_consent")),
        ((JPEG + b"1", JPEG + b"2"), {"nik": "3328990101909999"}, ID("enrol_nobody")),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_kept(
    browser: Browser, office: Office, pictures: tuple[bytes, ...], more: dict[str, str], said: str
) -> None:
    await sign_in(browser, office)
    await enrol(browser, *pictures, **more)
    assert browser.status == 422 and said in browser.read() and await face(office) is None


async def test_a_bad_picture_is_named_in_words(browser: Browser, office: Office) -> None:
    await sign_in(browser, office)
    office.deps.faces.looks = [Look("face.dark")]  # type: ignore[attr-defined]
    await enrol(browser, JPEG + b"1", JPEG + b"2")
    assert browser.status == 422 and "[face.dark]" in browser.read() and await face(office) is None


async def test_only_officers_and_only_with_the_pages_token(browser: Browser, other: Browser, office: Office) -> None:
    assert (await other.client.post("/staff/enrol", allow_redirects=False)).status == 303  # not signed in
    await sign_in(browser, office, "ani", "agent")
    assert browser.status == 404
    await enrol(browser, JPEG + b"1", JPEG + b"2")
    assert browser.status == 404
    await sign_in(other, office)
    other.text = other.text.replace("csrf", "other")
    await enrol(other, JPEG + b"1", JPEG + b"2")
    assert other.status == 400 and await face(office) is None


async def test_another_office_decides_nothing_here(browser: Browser, other: Browser, office: Office) -> None:
    office.agency.pictures[NIK] = [JPEG]
    await sign_in(browser, office)
    await enrol(browser, JPEG + b"1", JPEG + b"2")
    await sign_in(other, office, "jauh", locus=BREBES)
    await other.post(f"/staff/enrol/{await waiting(office)}/decide", verdict="accept")
    assert other.status == 404


async def test_an_officer_deletes_a_face_and_lifts_a_lock(browser: Browser, office: Office) -> None:
    await sign_in(browser, office)
    await enrol(browser, JPEG + b"1", JPEG + b"2")
    citizen = await office.citizen()
    async with office.store.begin() as tx:
        for _ in range(6):
            await tx.failed(f"face:{citizen.id}", office.clock.now())
    await browser.get("/staff/enrol")
    await browser.post("/staff/enrol/unlock", nik=NIK)
    async with office.store.begin() as tx:
        assert (await tx.attempts(f"face:{citizen.id}")).failures == 0
    await browser.get("/staff/enrol")
    await browser.post("/staff/enrol/forget", nik=NIK)
    assert await face(office) is None
    assert await office.audit("face.deleted") == [("wati", str(citizen.id))]

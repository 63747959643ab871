"""The data officer's pages: requests with their clocks, registers, breaches, the audit chain; nobody else sees them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.data_rights import Kind
from bot.usecases import privacy_core
from bot.usecases.store_privacy import Removal

from .conftest import NIK, TEGAL, Browser, Office

PAGES = ("", "/records", "/consents", "/retention", "/breaches", "/audit")


async def asked(office: Office, kind: Kind = Kind.OBJECT, words: str = "", **more: object) -> str:
    """A citizen's request; its page."""
    conversation = await office.conversation(**more)
    async with office.store.begin() as tx:
        request = await privacy_core.ask_a_person(office.deps, tx, conversation, kind, words)
    return f"/staff/privacy/requests/{request.id}"


@pytest.fixture
async def officer(office: Office, browser: Browser) -> Browser:
    await office.staff("dewi", "data_officer", name="Dewi")
    await browser.sign_in("dewi")
    return browser


async def test_nobody_but_the_data_officer_sees_these_pages(office: Office, browser: Browser) -> None:
    url = await asked(office)
    await office.staff("wati", "supervisor")
    await browser.sign_in("wati")
    for path in [*(f"/staff/privacy{part}" for part in PAGES), url]:
        await browser.get(path)
        assert browser.status == 404, path


async def test_another_offices_request_is_not_there(office: Office, officer: Browser) -> None:
    url = await asked(office, locus="33.29")
    await officer.get(url)
    assert officer.status == 404
    await officer.get("/staff/privacy")
    await officer.post(f"{url}/settle", words="x", do="done")
    assert officer.status == 404


async def test_clocks_are_shown_and_a_request_is_settled_with_words_for_the_citizen(
    office: Office, officer: Browser
) -> None:
    url = await asked(office, words="jangan pakai foto saya")
    await officer.get("/staff/privacy")
    assert "sisa 72 jam" in officer.read()
    office.clock.at += timedelta(hours=50)
    await officer.sign_in("dewi")
    await officer.get("/staff/privacy")
    assert "SEGERA" in officer.read()
    await officer.get(url)
    assert "jangan pakai foto saya" in officer.read()
    await officer.post(f"{url}/settle", words="  ", do="done")
    assert officer.status == 422
    await officer.post(f"{url}/settle", words="Fotonya tidak dipakai lagi.", do="refused")
    assert officer.status == 303
    await officer.get("/staff/privacy")
    assert "ditolak" in officer.read() and "tepat waktu" in officer.read()
    async with office.store.begin() as tx:
        said = (await tx.run(text("select count(*) from message"))).scalar_one()
    assert said == 1
    assert [actor for actor, _ in await office.audit("privacy.refused")] == ["dewi"]
    await officer.get(url)
    await officer.post(f"{url}/settle", words="lagi", do="done")
    assert officer.status == 409


async def test_an_erasure_by_the_officer_takes_the_chat_and_what_is_under_the_nik_only_if_it_was_checked(
    office: Office, officer: Browser
) -> None:
    citizen = await office.citizen()
    urls = [await asked(office, Kind.ERASE, citizen_id=citizen.id, assurance=2) for _ in range(2)]
    await officer.get(urls[0])
    assert NIK not in officer.text and "Siti A." in officer.read()
    await officer.post(f"{urls[0]}/settle", words="Sudah.", do="erase")
    async with office.store.begin() as tx:
        assert await tx.citizen_by_nik(NIK) is not None
    await officer.get(urls[1])
    await officer.post(f"{urls[1]}/settle", words="Sudah.", do="erase", seen="1")
    async with office.store.begin() as tx:
        assert await tx.citizen_by_nik(NIK) is None
    await officer.get(urls[1])
    assert "sudah dihapus" in officer.read() and officer.status == 200


@pytest.mark.parametrize("card", [True, False])
async def test_a_childs_data_go_at_once_on_one_family_card_and_after_a_look_at_papers_otherwise(
    office: Office, officer: Browser, card: bool
) -> None:
    guardian, child = await office.citizen(), await office.citizen("3328990101150002", "Budi Kecil")
    async with office.store.begin() as tx:
        guardian.data = {"no_kk": "3328992501150001"}
        child.data = {"no_kk": "3328992501150001" if card else "3328992501150009"}
        child.birth_date = office.clock.now().date().replace(year=2015)
        for one in (guardian, child):
            await tx.save_citizen(one, office.clock.now())
    url = await asked(office, Kind.CHILD, citizen_id=guardian.id, assurance=3)
    async with office.store.begin() as tx:
        request = await tx.data_requests(TEGAL, settled=False)
        assert request[0].conversation_id is not None
        await tx.succeeded(request[0].conversation_id, guardian.id, office.clock.now())
    await officer.get(url)
    await officer.post(f"{url}/child", nik=child.nik)
    assert ("satu KK dengan pemohon" in officer.read()) is card and child.nik not in officer.read()
    await officer.post(f"{url}/child-erase", nik=child.nik, words="Sudah.")
    assert officer.status == (303 if card else 409)
    if not card:
        await officer.post(f"{url}/child-erase", nik=child.nik, words="Sudah.", seen="1")
        assert officer.status == 303
    async with office.store.begin() as tx:
        assert await tx.citizen_by_nik(child.nik) is None and await tx.citizen_by_nik(NIK) is not None


async def test_consents_are_found_by_nik_and_show_masked_people_and_the_texts_hash(
    office: Office, officer: Browser
) -> None:
    citizen = await office.citizen()
    mine = await office.conversation(citizen_id=citizen.id)
    other = await office.conversation()
    async with office.store.begin() as tx:
        for who, digest in ((mine, "a" * 64), (other, "b" * 64)):
            await tx.put_consent(who, None, "akta-kelahiran", digest[:12], digest, office.clock.now())
    await officer.get("/staff/privacy/consents")
    assert "a" * 64 in officer.text and "b" * 64 in officer.text and "Siti A." in officer.text
    await officer.post("/staff/privacy/consents", nik=NIK)
    assert "a" * 64 in officer.text and "b" * 64 not in officer.text and NIK not in officer.text
    assert await office.audit("search.viewed")


async def test_records_and_retention_show_what_is_done_and_what_was_removed(office: Office, officer: Browser) -> None:
    async with office.store.begin() as tx:
        await tx.put_removals([Removal(office.clock.now(), "messages", "message", 1234)])
    await officer.get("/staff/privacy/retention")
    assert "1234" in officer.text and "messages" in officer.text
    await officer.get("/staff/privacy/records")
    assert "message.body_sealed" in officer.text and "biometrik" in officer.text


async def test_a_breach_has_a_clock_two_drafts_and_ends_when_both_are_told(office: Office, officer: Browser) -> None:
    await officer.get("/staff/privacy/breaches")
    await officer.post("/staff/privacy/breaches", what="", found="2026-11-02T08:00")
    assert officer.status == 422
    found = office.clock.now().strftime("%Y-%m-%dT%H:%M")
    await officer.post(
        "/staff/privacy/breaches", what="Laptop hilang", data="Nama", how="", done="", found=found, people="12"
    )
    assert officer.status == 303
    url = officer.location
    await officer.get(url)
    page = officer.read()
    assert (
        "Laptop hilang" in page and "pasal 46" in page and "Perkiraan jumlah subjek data: 12" in page and "[…]" in page
    )
    for what, status in (("closed", 409), ("people", 303), ("authority", 303), ("closed", 303), ("people", 409)):
        await officer.get(url)
        await officer.post(url, what=what)
        assert officer.status == status, what
    assert [one for _, one in await office.audit("breach.noted")]


async def test_the_chain_is_checked_and_an_excerpt_carries_its_hashes(office: Office, officer: Browser) -> None:
    await officer.get("/staff/privacy/audit?check=1")
    assert "utuh" in officer.read()
    await officer.post("/staff/privacy/audit")
    assert officer.status == 200 and officer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(officer.text.lstrip("\ufeff"))))
    assert rows and all(len(row["hash"]) == 64 for row in rows)
    async with office.store.begin() as tx:
        await tx.run(text("update audit set actor = 'orang lain' where id = (select min(id) from audit)"))
    await officer.get("/staff/privacy/audit?check=1")
    assert "notice bad" in officer.text


async def test_a_date_or_a_number_nobody_means_is_no_failure(office: Office, officer: Browser) -> None:
    await officer.get("/staff/privacy/audit")
    await officer.post("/staff/privacy/audit", since="0001-01-01", until="9999-12-31")
    assert officer.status == 200
    await officer.get("/staff/privacy/breaches")
    found = office.clock.now().strftime("%Y-%m-%dT%H:%M")
    await officer.post("/staff/privacy/breaches", what="Laptop hilang", found=found, people="9" * 30)
    assert officer.status == 303

from __future__ import annotations

import asyncio
import re
from uuid import uuid4

import pytest

from bot.domain.conversation import IdentityCheck
from bot.web.staff import strings

from .conftest import BREBES, JPEG, NIK, Browser, Office

ID = strings.say_in("id")


async def seen(browser: Browser, office: Office) -> tuple[IdentityCheck, str]:
    """An officer has a borderline selfie before her."""
    check = await office.borderline()
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    await browser.get(f"/staff/checks/{check.id}")
    return check, f"/staff/checks/{check.id}"


async def test_the_queue_counts_borderline_selfies_and_leads_an_officer_there(browser: Browser, office: Office) -> None:
    await office.borderline()
    await office.borderline(BREBES)
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    page = await browser.get("/staff/")
    assert ID("selfies_waiting", count=1) in browser.read() and 'href="/staff/checks"' in page


async def test_the_list_names_the_citizen_with_a_masked_nik(browser: Browser, office: Office) -> None:
    check = await office.borderline()
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    page = await browser.get("/staff/checks")
    assert (
        f"/staff/checks/{check.id}" in page and "Siti Aminah" in page and "3328••••••••0001" in page and NIK not in page
    )


async def test_both_faces_stand_side_by_side_without_a_score(browser: Browser, office: Office) -> None:
    await seen(browser, office)
    assert browser.text.count('<img src="data:image/jpeg;base64,') == 2
    assert (
        ID("band_officer") in browser.read()
        and "Siti Aminah" in browser.read()
        and "3328••••••••0001" in browser.read()
    )
    assert "0.43" not in browser.text and "0,43" not in browser.text and NIK not in browser.text
    assert office.agency.calls == ["faces"]


async def test_every_view_of_a_picture_is_on_record(browser: Browser, office: Office) -> None:
    check, path = await seen(browser, office)
    await browser.get(path)
    assert await office.audit("selfie.viewed") == [("wati", str(check.id))] * 2
    assert await office.audit("enrolled.viewed") == [("wati", str(check.id))] * 2


async def test_an_agent_sees_the_count_but_no_face_and_decides_nothing(browser: Browser, office: Office) -> None:
    check = await office.borderline()
    await office.staff("budi", "agent")
    await browser.sign_in("budi")
    page = await browser.get("/staff/")
    assert ID("selfies_officer_only") in browser.read() and 'href="/staff/checks"' not in page
    for path in ("/staff/checks", f"/staff/checks/{check.id}"):
        await browser.get(path)
        assert browser.status == 403
    await browser.get("/staff/")
    for step in ("confirm", "decide"):
        await browser.post(f"/staff/checks/{check.id}/{step}", verdict="reject")
        assert browser.status == 403
    assert office.agency.calls == [] and await office.audit("selfie.viewed") == []


async def test_a_selfie_of_another_office_is_not_there(browser: Browser, office: Office) -> None:
    check = await office.borderline(BREBES)
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    for id_ in (check.id, uuid4(), "x"):
        await browser.get(f"/staff/checks/{id_}")
        assert browser.status == 404


@pytest.mark.parametrize(
    ("verdict", "decision", "level", "sentence"),
    [("accept", "accepted", 3, "identity.officer_accepted"), ("reject", "rejected", 2, "identity.officer_rejected")],
)
async def test_a_decision_is_confirmed_first_then_the_citizen_is_told_and_the_picture_is_gone(
    browser: Browser, office: Office, verdict: str, decision: str, level: int, sentence: str
) -> None:
    check, path = await seen(browser, office)
    await browser.post(f"{path}/confirm", verdict=verdict)
    assert ID(f"confirm_{verdict}") in browser.read() and ID("confirm_final") in browser.read()
    async with office.store.begin() as tx:
        assert (await tx.check(check.id)).decision is None
    await browser.post(f"{path}/decide")
    assert (browser.status, browser.location) == (303, "/staff/?done=decided")
    async with office.store.begin() as tx:
        decided = await tx.check(check.id)
        conversation = await tx.conversation(check.conversation_id)
        texts = [entry.body.get("text") for entry in await tx.thread(check.conversation_id)]
        assert check.selfie_blob is not None and await tx.blob(check.selfie_blob) is None
    assert (decided.decision, decided.decided_by, decided.selfie_blob) == (decision, "wati", None)
    assert conversation.level(office.clock.now()) == level and conversation.form_active
    assert f"[{sentence}]" in texts
    assert await office.audit("identity.decided") == [("wati", str(check.id))]


async def test_nobody_accepts_a_face_they_could_not_compare(browser: Browser, office: Office) -> None:
    check = await office.borderline()
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    for away in (True, False):
        office.agency.down, office.agency.pictures = away, {}
        page = await browser.get(f"/staff/checks/{check.id}")
        assert ID("register_away" if away else "register_none") in browser.read()
        assert 'value="accept"' not in page and 'value="reject"' in page
        for step in ("confirm", "decide"):
            answer = await browser.client.post(
                f"/staff/checks/{check.id}/{step}", data=browser.form(verdict="accept"), allow_redirects=False
            )
            assert answer.status == 400
    async with office.store.begin() as tx:
        assert (await tx.check(check.id)).decision is None


async def test_a_proof_of_having_looked_holds_for_one_session_and_one_selfie(
    browser: Browser, other: Browser, office: Office
) -> None:
    check, path = await seen(browser, office)
    proof = browser.form()["seen"]
    await office.staff("budi", "officer")
    await other.sign_in("budi")
    await other.get("/staff/")
    await other.post(f"{path}/decide", verdict="accept", seen=proof)
    assert other.status == 400


async def test_of_two_officers_one_decides_and_the_other_reads_so(
    browser: Browser, other: Browser, office: Office
) -> None:
    check, path = await seen(browser, office)
    await office.staff("budi", "officer")
    await other.sign_in("budi")
    await other.get(path)
    await asyncio.gather(
        browser.post(f"{path}/decide", verdict="accept"), other.post(f"{path}/decide", verdict="reject")
    )
    assert sorted((browser.status, other.status)) == [303, 409]
    loser = browser if browser.status == 409 else other
    assert ID("conflict_decided") in loser.read()
    await loser.get(path)
    assert loser.status == 409
    assert len(await office.audit("identity.decided")) == 1


@pytest.mark.parametrize("verdict", ["", "maybe", "accept "])
async def test_a_decision_is_a_yes_or_a_no(browser: Browser, office: Office, verdict: str) -> None:
    _, path = await seen(browser, office)
    await browser.post(f"{path}/decide", verdict=verdict)
    assert browser.status == 400


async def test_suspicious_pictures_for_this_nik_are_counted_for_the_officer(browser: Browser, office: Office) -> None:
    check, path = await seen(browser, office)
    assert "mencurigakan" not in browser.read()
    async with office.store.begin() as tx:
        check.id, check.outcome, check.selfie_blob, check.suspicion = uuid4(), "unusable", None, "enrolled"
        await tx.put_check(check)
    await browser.get(path)
    assert ID("suspicions", count=1) in browser.read()


async def test_the_same_picture_sent_twice_is_pointed_out(browser: Browser, office: Office) -> None:
    check, path = await seen(browser, office)
    assert ID("same_picture") not in browser.read()
    async with office.store.begin() as tx:
        check.perceptual_hash = "f0f0f0f0f0f0f0f0"
        await tx.put_check(check)
        for picture, hashed in (("one", "f0f0f0f0f0f0f0f0"), ("other", "f0f0f0f0f0f0f0f1")):
            await tx.put_probe(check.citizen_id, picture, hashed, office.clock.now())
    await browser.get(path)
    assert ID("same_picture") in browser.read()


async def test_what_is_no_picture_is_not_shown_as_one(browser: Browser, office: Office) -> None:
    check = await office.borderline()
    office.agency.pictures[NIK] = [b"<svg onload=alert(1)>", JPEG]
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    await browser.get(f"/staff/checks/{check.id}")
    assert len(re.findall("<img src=.data:", browser.text)) == 2 and "svg+xml;base64" not in browser.text

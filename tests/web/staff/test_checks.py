from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot.domain.conversation import IdentityCheck
from bot.domain.staff import StaffPolicy
from bot.usecases.identity_desk import look_after_overdue
from bot.web.staff import strings

from .conftest import BREBES, JPEG, NIK, TEGAL, Browser, Office, hidden

ID = strings.say_in("id")


async def seen(browser: Browser, office: Office) -> tuple[IdentityCheck, str]:
    """An officer has a borderline selfie before her."""
    check = await office.borderline()
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    await browser.get(f"/staff/checks/{check.id}")
    return check, f"/staff/checks/{check.id}"


async def csrf(browser: Browser) -> str:
    """The form token of a session whose last page had no form of ours."""
    return hidden(await browser.get("/staff/account"))["csrf"]


async def test_an_officers_pages_lead_to_the_selfies_of_their_own_office(browser: Browser, office: Office) -> None:
    check = await office.borderline()
    await office.borderline(BREBES)
    await office.staff("wati", "officer")
    await browser.sign_in("wati")
    assert 'href="/staff/checks"' in await browser.get("/staff/account")
    page = await browser.get("/staff/checks")
    assert re.findall(r'href="/staff/checks/([^"]+)"', page) == [str(check.id)]


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


async def test_an_agent_sees_no_face_and_decides_nothing(browser: Browser, office: Office) -> None:
    check = await office.borderline()
    await office.staff("budi", "agent")
    await browser.sign_in("budi")
    assert 'href="/staff/checks"' not in await browser.get("/staff/account")
    for path in ("/staff/checks", f"/staff/checks/{check.id}"):
        await browser.get(path)
        assert browser.status == 404
    await browser.get("/staff/account")
    for step in ("confirm", "decide"):
        await browser.post(f"/staff/checks/{check.id}/{step}", verdict="reject", reason="poor")
        assert browser.status == 404
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
    await browser.post(f"{path}/decide", reason="same_face" if verdict == "accept" else "not_sure")
    assert (browser.status, browser.location) == (303, "/staff/checks?done=decided")
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
            form = browser.form(verdict="accept", reason="same_face")
            answer = await browser.client.post(f"/staff/checks/{check.id}/{step}", data=form, allow_redirects=False)
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
    await other.get("/staff/account")
    await other.post(f"{path}/decide", verdict="accept", seen=proof, reason="same_face")
    assert other.status == 400


async def test_while_one_officer_looks_a_colleague_reads_who_and_sees_no_face(
    browser: Browser, other: Browser, office: Office
) -> None:
    check, path = await seen(browser, office)
    await office.staff("budi", "officer")
    await other.sign_in("budi")
    assert ID("check_not_held", name="Wati") in html.unescape(await other.get("/staff/checks"))
    page = await other.get(path)
    assert other.status == 409 and '<img src="data:' not in page and ID("check_not_held", name="Wati") in other.read()
    await other.post(f"{path}/decide", csrf=await csrf(other), verdict="reject", reason="not_sure")
    assert other.status == 409 and await office.audit("identity.verdict") == []
    office.clock.at += StaffPolicy().hold
    await other.get(path)
    assert other.status == 200
    await browser.post(f"{path}/decide", csrf=await csrf(browser), verdict="reject", reason="not_sure")
    assert browser.status == 409


async def test_a_check_given_back_is_open_to_colleagues_at_once(
    browser: Browser, other: Browser, office: Office
) -> None:
    _, path = await seen(browser, office)
    await browser.post(f"{path}/back")
    await office.staff("budi", "officer")
    await other.sign_in("budi")
    await other.get(path)
    assert other.status == 200


async def test_two_presses_at_the_same_time_decide_once(browser: Browser, office: Office) -> None:
    _, path = await seen(browser, office)
    form = browser.form(verdict="reject", reason="not_sure")
    answers = [browser.client.post(f"{path}/decide", data=form, allow_redirects=False) for _ in range(4)]
    assert sorted(answer.status for answer in await asyncio.gather(*answers)) == [303, 409, 409, 409]
    assert len(await office.audit("identity.decided")) == 1
    await browser.get(path)
    assert browser.status == 409 and ID("conflict_decided") in browser.read()


@pytest.mark.parametrize(("reason", "words"), [("", ""), ("other", " "), ("same_face", ""), ("<b>", "x")])
async def test_a_verdict_names_its_reason(browser: Browser, office: Office, reason: str, words: str) -> None:
    check, path = await seen(browser, office)
    await browser.post(f"{path}/decide", verdict="reject", reason=reason, words=words)
    assert browser.status == 422 and ID("why_missing") in browser.read()
    async with office.store.begin() as tx:
        assert (await tx.check(check.id)).decision is None and await tx.verdicts([check.id]) == {}


async def test_the_words_of_a_verdict_are_kept_sealed(browser: Browser, office: Office) -> None:
    check, path = await seen(browser, office)
    await browser.post(f"{path}/decide", verdict="reject", reason="other", words="<script>telinga beda</script>")
    assert browser.status == 303
    async with office.store.begin() as tx:
        said = (await tx.verdicts([check.id]))[check.id]
        raw = (await tx.run(text("select words_sealed from identity_verdict"))).scalar_one()
    assert said[0].words == "<script>telinga beda</script>" and b"telinga" not in bytes(raw)


# -- two officers ---------------------------------------------------------------------------------------------------------


async def by_two(office: Office) -> tuple[IdentityCheck, str]:
    office.accounts.policy = replace(office.accounts.policy, two_person=frozenset({TEGAL}))
    check = await office.borderline()
    for name, role in (("wati", "officer"), ("budi", "officer"), ("tuti", "supervisor"), ("dewi", "officer")):
        await office.staff(name, role)
    return check, f"/staff/checks/{check.id}"


async def says(browser: Browser, path: str, name: str, verdict: str) -> None:
    """``name`` signs in anew, looks, and gives a verdict."""
    browser.client.session.cookie_jar.clear()
    await browser.sign_in(name)
    await browser.get(path)
    await browser.post(f"{path}/decide", verdict=verdict, reason="same_face" if verdict == "accept" else "not_sure")


@pytest.mark.parametrize(("verdict", "decision"), [("accept", "accepted"), ("reject", "rejected")])
async def test_where_two_decide_the_first_verdict_waits_unseen_and_the_second_settles_it(
    browser: Browser, office: Office, verdict: str, decision: str
) -> None:
    check, path = await by_two(office)
    await says(browser, path, "wati", verdict)
    assert browser.location == "/staff/checks?done=second"
    async with office.store.begin() as tx:
        waiting = await tx.check(check.id)
        assert waiting.decision is None and waiting.selfie_blob is not None
    await browser.get(path)
    assert browser.status == 409 and ID("check_not_own") in browser.read()
    browser.client.session.cookie_jar.clear()
    await browser.sign_in("budi")
    await browser.get(path)
    assert ID("check_stand_second") in browser.read() and "wati" not in browser.text.lower()
    await browser.post(f"{path}/decide", verdict=verdict, reason="same_face" if verdict == "accept" else "not_sure")
    assert browser.location == "/staff/checks?done=decided"
    async with office.store.begin() as tx:
        decided = await tx.check(check.id)
    assert (decided.decision, decided.decided_by, decided.selfie_blob) == (decision, "budi", None)


async def test_where_two_differ_a_supervisor_who_was_neither_decides(browser: Browser, office: Office) -> None:
    check, path = await by_two(office)
    await says(browser, path, "tuti", "accept")
    assert browser.status in (400, 409)  # nothing to settle yet: a supervisor is no officer
    await says(browser, path, "wati", "accept")
    await says(browser, path, "budi", "reject")
    assert browser.location == "/staff/checks?done=differ"
    await says(browser, path, "dewi", "accept")
    assert browser.status in (400, 409)
    browser.client.session.cookie_jar.clear()
    await browser.sign_in("tuti")
    page = await browser.get("/staff/checks")
    assert path in page and ID("check_stand_differ") in page
    await browser.get(path)
    assert ID("check_colleagues") in browser.read() and "wati" in browser.read() and "budi" in browser.read()
    await browser.post(f"{path}/decide", verdict="reject", reason="other_person")
    assert browser.location == "/staff/checks?done=decided"
    async with office.store.begin() as tx:
        decided = await tx.check(check.id)
        final = [one.officer for one in (await tx.verdicts([check.id]))[check.id] if one.final]
    assert (decided.decision, decided.decided_by, final) == ("rejected", "tuti", ["tuti"])


# -- time, links, traces ---------------------------------------------------------------------------------------------------


async def test_a_check_that_nobody_decides_in_time_ends_and_the_citizen_is_told(office: Office) -> None:
    check = await office.borderline()
    assert await look_after_overdue(office.deps) == 0
    office.clock.at += office.deps.policy.check_limit + timedelta(minutes=1)
    assert await look_after_overdue(office.deps) == 1
    assert await look_after_overdue(office.deps) == 0
    async with office.store.begin() as tx:
        ended = await tx.check(check.id)
        texts = [entry.body.get("text") for entry in await tx.thread(check.conversation_id)]
        assert check.selfie_blob is not None and await tx.blob(check.selfie_blob) is None
    assert (ended.decision, ended.decided_by) == ("rejected", "loket") and "[identity.officer_late]" in texts


async def test_no_cache_keeps_a_page_with_a_face_and_no_face_has_an_address(browser: Browser, office: Office) -> None:
    check, _ = await seen(browser, office)
    assert browser.headers["Cache-Control"] == "no-store"
    assert "ETag" not in browser.headers and "Last-Modified" not in browser.headers
    sources = re.findall('<img src="([^"]+)"', browser.text)
    assert all(one.startswith(("data:image/", "/staff/assets/")) for one in sources)
    for path in (f"/staff/files/{check.selfie_blob}", f"/staff/checks/{check.selfie_blob}"):
        await browser.get(path)
        assert browser.status == 404


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

"""One's own account, the people of an office, presence, and the audit log, as pages."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import text

from bot.domain.presence import Here
from bot.web.staff import strings

from .conftest import BREBES, NIK, PASSWORD, TEGAL, Browser, Office, hidden

ID = strings.say_in("id")
NEW = "sebelas kucing naik delman"


def code_on(page: str, office: Office) -> str:
    """What the app shows that was given the page's key."""
    key = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)
    assert key is not None
    totp = TOTP(base64.b32decode(key[1].replace(" ", "")), 6, SHA1(), 30)  # noqa: S303
    return totp.generate(int(office.clock.now().timestamp())).decode()


async def signed_in(browser: Browser, office: Office, role: str = "agent", name: str = "wati") -> None:
    await office.staff(name, role)
    await browser.sign_in(name)
    assert browser.status == 303


async def test_an_app_is_set_up_with_a_picture_or_a_typed_key_and_asked_for_from_then_on(
    browser: Browser, other: Browser, office: Office
) -> None:
    await signed_in(browser, office)
    await other.sign_in("wati")
    page = await browser.get("/staff/account/second")
    assert '<img class="qr" src="data:image/svg+xml;base64,' in page
    code = code_on(page, office)
    await browser.post("/staff/account/second", code="000000", old=PASSWORD)
    assert browser.status == 422 and ID("code_refused") in browser.read()
    for old in ("", "somebody at an open counter"):  # who finds a session open cannot make the account theirs
        await browser.post("/staff/account/second", code=code, old=old)
        assert browser.status == 422 and ID("password_old") in browser.read()
    await browser.post("/staff/account/second", code=code, old=PASSWORD)
    recovery = re.findall(r"<li><code>([a-z2-9]{4}-[a-z2-9]{4})</code>", browser.text)
    assert len(recovery) == 10
    await other.get("/staff/account")
    assert other.status == 303  # a session that has not proven it is over
    assert recovery[0] not in await browser.get("/staff/account/second")
    # from now on
    await other.sign_in("wati")
    assert (other.status, other.location) == (303, "/staff/sign-in/code")
    await other.get("/staff/account")
    assert other.status == 303
    await other.get("/staff/sign-in/code")
    await other.post("/staff/sign-in/code", code=code)
    assert other.status == 401  # spent when it was set up
    await other.post("/staff/sign-in/code", code=recovery[0])
    assert (other.status, other.location) == (303, "/staff/")
    await other.get("/staff/account")
    assert ID("by_recovery") in other.read() and ID("second_has", left=9) in other.read()


async def test_without_a_password_first_there_is_nothing_to_type_a_code_for(browser: Browser) -> None:
    await browser.get("/staff/sign-in/code")
    assert (browser.status, browser.location) == (303, "/staff/sign-in")
    await browser.get("/staff/sign-in")
    await browser.post("/staff/sign-in/code", code="000000")
    assert browser.status == 400


async def test_a_required_second_factor_is_set_up_before_anything_else_and_cannot_be_taken_away(
    browser: Browser, office: Office
) -> None:
    office.accounts.policy = replace(office.accounts.policy, second_factor=frozenset({"officer"}))
    await signed_in(browser, office, "officer")
    await browser.get("/staff/checks")
    assert browser.location == "/staff/account/second"
    page = await browser.get("/staff/account/second")
    assert ID("second_must") in browser.read()
    await browser.post("/staff/account/second", code=code_on(page, office))
    await browser.get("/staff/checks")
    assert browser.status == 200
    await browser.get("/staff/account/second")
    await browser.post("/staff/account/second/remove", code="000000")
    assert browser.status == 403


async def test_sessions_are_listed_and_ended_by_their_owner_only(
    browser: Browser, other: Browser, office: Office
) -> None:
    await signed_in(browser, office)
    other.client.session.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Firefox/130.0"
    await other.sign_in("wati")
    page = await browser.get("/staff/account")
    assert "Firefox, Android" in page and "130" not in page and ID("session_this") in browser.read()
    (theirs,) = re.findall(r"/staff/account/sessions/([0-9a-f-]{36})/end", page)
    await office.staff("budi")
    await other.client.session.get(other.client.make_url("/staff/account"))
    async with other.client.session.get(other.client.make_url("/staff/account")) as still:
        assert still.status == 200
    for path, wrong in ((f"sessions/{theirs}/end", {}), ("sessions/end-others", {"proof": "an open counter"})):
        await browser.post(f"/staff/account/{path}", **wrong)
        assert browser.location == "/staff/account?problem=password_old"
        await browser.get(browser.location)
        assert ID("password_old") in browser.read()
    await other.get("/staff/account")
    assert other.status == 200  # nothing has ended without the password
    await browser.post(f"/staff/account/sessions/{theirs}/end", proof=PASSWORD)
    assert browser.status == 303
    await other.get("/staff/account")
    assert other.status == 303
    await other.sign_in("wati")
    await browser.get("/staff/account")
    await browser.post("/staff/account/sessions/end-others", proof=PASSWORD)
    assert browser.status == 303
    await other.get("/staff/account")
    assert other.status == 303
    await other.sign_in("budi")
    mine = re.findall(r"sessions/([0-9a-f-]{36})/end", await browser.get("/staff/account"))
    assert mine == []
    await other.get("/staff/account")
    async with office.store.begin() as tx:
        session = (await tx.run(text("select id from staff_session where username = 'wati'"))).scalar_one()
    await other.post(f"/staff/account/sessions/{session}/end", proof=PASSWORD)
    assert other.status == 404


async def test_who_signs_in_elsewhere_ends_sessions_with_a_code_or_right_after_signing_in(
    browser: Browser, other: Browser, office: Office
) -> None:
    await signed_in(browser, office)
    await other.sign_in("wati")
    async with office.store.begin() as tx:
        await tx.run(text("update staff set password_hash = '' where username = 'wati'"))
    page = await browser.get("/staff/account")
    assert 'type="password"' not in page and ID("session_again") in browser.read()
    office.clock.at += timedelta(minutes=11)
    await browser.post("/staff/account/sessions/end-others")
    assert browser.location == "/staff/account?problem=session_again"
    await other.get("/staff/account")
    assert other.status == 200
    office.clock.at -= timedelta(minutes=5)
    code = code_on(await browser.get("/staff/account/second"), office)
    await other.get("/staff/account")
    await other.post("/staff/account/sessions/end-others")  # six minutes after signing in
    assert other.location == "/staff/account?done=others_ended"
    await browser.get("/staff/account")
    assert browser.status == 303
    await other.get("/staff/account/second")
    await other.post("/staff/account/second", code=code)
    await other.get("/staff/account")
    for wrong in ("", "000000", code):  # the last one is spent
        await other.post("/staff/account/sessions/end-others", proof=wrong)
        assert other.location == "/staff/account?problem=code_refused"


async def test_open_tabs_learn_how_long_the_session_lasts_and_do_not_make_it_last(
    browser: Browser, office: Office
) -> None:
    await signed_in(browser, office)
    idle = office.accounts.policy.idle.total_seconds()
    url = browser.client.make_url("/staff/session")
    for gone in (0, 1200, 3600):
        office.clock.at += timedelta(seconds=gone)
        async with browser.client.session.get(url, headers={"Accept": "text/event-stream"}) as answer:
            left = (await answer.json())["left_s"]
            assert "loket_staff" not in answer.cookies
        idle -= gone
        assert left == idle
    office.clock.at += timedelta(seconds=idle)
    async with browser.client.session.get(
        url, headers={"Accept": "text/event-stream"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303


async def test_signing_out_empties_the_browsers_caches(browser: Browser, office: Office) -> None:
    await signed_in(browser, office)
    await browser.get("/staff/account")
    async with browser.client.session.post(
        browser.client.make_url("/staff/sign-out"), data=browser.form(), allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Clear-Site-Data"]) == (303, '"cache"')


async def test_a_new_password_is_checked_and_ends_other_sessions(
    browser: Browser, other: Browser, office: Office
) -> None:
    await signed_in(browser, office)
    await other.sign_in("wati")
    await browser.get("/staff/account/password")
    for old, new, again, why in (
        (PASSWORD, "pendek", "pendek", ID("password_length", least=12, most=256)),
        (PASSWORD, "password123456", "password123456", ID("password_common")),
        (PASSWORD, NEW, NEW + "!", ID("password_differs")),
        (PASSWORD, PASSWORD, PASSWORD, ID("password_same")),
        ("salah", NEW, NEW, ID("password_old")),
    ):
        await browser.post("/staff/account/password", old=old, new=new, again=again)
        assert browser.status == 422 and why in browser.read(), why
        assert new not in browser.text
    await browser.post("/staff/account/password", old=PASSWORD, new=NEW, again=NEW)
    assert browser.status == 303
    await browser.get("/staff/account")
    assert browser.status == 200
    await other.get("/staff/account")
    assert other.status == 303


async def test_somebody_of_two_offices_sees_the_one_they_work_at(browser: Browser, office: Office) -> None:
    await office.staff("wati", "officer")
    async with office.store.begin() as tx:
        await office.accounts.people.put_roles(tx, "wati", BREBES, {"agent"})
    check = await office.borderline(TEGAL)
    await browser.sign_in("wati")
    await browser.get(f"/staff/checks/{check.id}")
    assert browser.status == 200
    await browser.get("/staff/account")
    await browser.post("/staff/account/office", office=BREBES)
    await browser.get(f"/staff/checks/{check.id}")
    assert browser.status == 404
    await browser.get("/staff/account")
    assert "MPP Brebes" in browser.read()
    await browser.post("/staff/account/office", office="99.99")
    assert browser.status == 404


# -- presence ---------------------------------------------------------------------------------------------------------------


async def test_one_says_whether_one_is_there_and_what_one_knows(browser: Browser, office: Office) -> None:
    await signed_in(browser, office)
    page = await browser.get("/staff/presence")
    assert 'value="online" checked' in page
    form = [("csrf", hidden(page)["csrf"]), ("whole", "1"), ("state", "away"), ("reason", "prayer"), ("capacity", "3")]
    form += [("speaks", "id"), ("speaks", "jv"), ("skill", "akta-kelahiran"), ("skill", "<script>")]
    answer = await browser.client.post("/staff/presence", data=form, allow_redirects=False)
    assert answer.status == 303
    async with office.store.begin() as tx:
        here = await tx.presence_of("wati", TEGAL)
    assert here is not None
    assert (here.state, here.reason, here.capacity) == (Here.AWAY, "prayer", 3)
    assert (here.skills, here.languages) == (("akta-kelahiran",), ("id", "jv"))
    assert ID("here_away") in await browser.get("/staff/account")
    for wrong in (
        {"state": "asleep"},
        {"state": "busy", "reason": "<b>"},
        {"whole": "1", "state": "online", "capacity": "0"},
    ):
        await browser.post("/staff/presence", **wrong)
        assert browser.status == 400
        await browser.get("/staff/account")


# -- people -----------------------------------------------------------------------------------------------------------------


async def test_a_supervisor_adds_somebody_who_then_chooses_a_password(
    browser: Browser, other: Browser, office: Office
) -> None:
    await signed_in(browser, office, "supervisor", "tuti")
    page = await browser.get("/staff/people")
    assert re.findall(r'name="role" value="([a-z]+)"', page) == ["agent", "supervisor", "manager"]
    await browser.post("/staff/people", username="Budi", name="Budi <b>", role="agent")
    (password,) = re.findall(r'<code class="key">([a-z2-9-]{19})</code>', browser.text)
    assert "Budi &lt;b&gt;" in browser.text
    assert password not in await browser.get("/staff/people")
    await other.sign_in("budi", password)
    await other.get("/staff/")
    assert other.location == "/staff/account/password"
    await other.get("/staff/account/password")
    await other.post("/staff/account/password", old=password, new=NEW, again=NEW)
    assert (other.status, other.location) == (303, "/staff/")


async def test_a_supervisor_cannot_reach_beyond_their_rights_by_hand(browser: Browser, office: Office) -> None:
    await office.staff("wati", "officer")
    await office.staff("sari", "agent", BREBES)
    await signed_in(browser, office, "supervisor", "tuti")
    await browser.get("/staff/people")
    await browser.post("/staff/people", username="budi", name="Budi", role="officer")
    assert browser.status == 403 and await office.accounts.people.roles_of("budi") == {}
    for act in ("lock", "password", "second"):
        await browser.get("/staff/people")
        await browser.post(f"/staff/people/wati/{act}", disabled="1")
        assert browser.status == 403, act
        await browser.get("/staff/people")
        await browser.post(f"/staff/people/sari/{act}", disabled="1")
        assert browser.status == 404, act
    await browser.get("/staff/people/wati")
    await browser.post("/staff/people/wati/roles", role="agent")
    assert await office.accounts.people.roles_of("wati") == {TEGAL: ["agent", "officer"]}  # the officer's stays
    await browser.get("/staff/people")
    await browser.post("/staff/people/tuti/roles", role="agent")
    assert browser.status == 403


async def test_locking_out_and_letting_in(browser: Browser, other: Browser, office: Office) -> None:
    await office.staff("budi", "agent")
    await other.sign_in("budi")
    await signed_in(browser, office, "supervisor", "tuti")
    await browser.get("/staff/people/budi")
    await browser.post("/staff/people/budi/lock")
    assert browser.location.endswith("done=disabled")
    await other.get("/staff/account")
    assert other.status == 303
    await browser.get("/staff/people/budi")
    await browser.post("/staff/people/budi/lock")
    assert browser.location.endswith("done=enabled")


# -- audit ------------------------------------------------------------------------------------------------------------------


async def test_an_auditor_reads_who_saw_what_and_that_is_recorded_too(
    browser: Browser, other: Browser, office: Office
) -> None:
    check = await office.borderline()
    await office.staff("wati", "officer")
    await other.sign_in("wati")
    await other.get(f"/staff/checks/{check.id}")
    await signed_in(browser, office, "auditor", "dewi")
    await browser.get("/staff/")
    assert browser.location == "/staff/audit"
    page = await browser.get("/staff/audit?actor=wati")
    assert ID("did_selfie.viewed") in page and str(check.id) in page and "<td>dewi</td>" not in page
    await browser.get(f"/staff/audit?object={check.id}&check=1")
    assert "utuh" in browser.read()
    assert await office.audit("audit.viewed") == [("dewi", "audit")] * 2


async def test_who_has_seen_a_citizens_data_is_found_by_a_nik_that_stands_in_no_address(
    browser: Browser, other: Browser, office: Office
) -> None:
    check = await office.borderline()
    await office.staff("wati", "officer")
    await other.sign_in("wati")
    await other.get(f"/staff/checks/{check.id}")
    await signed_in(browser, office, "auditor", "dewi")
    await browser.get("/staff/audit")
    await browser.post("/staff/audit/person", nik=NIK)
    assert NIK not in browser.location
    page = await browser.get(browser.location)
    assert page.count(f'<td class="id">{check.id}</td>') == 2
    await browser.post("/staff/audit/person", nik="3328990101900099")
    assert ID("audit_none") in await browser.get(browser.location)


async def test_a_line_that_was_changed_is_marked_and_the_chain_is_said_to_be_broken(
    browser: Browser, office: Office
) -> None:
    await office.staff("wati")
    await signed_in(browser, office, "auditor", "dewi")
    async with office.store.begin() as tx:
        await tx.run(text("update audit set object = 'nobody' where action = 'account.added' and object = 'wati'"))
    await browser.get("/staff/audit?check=1")
    assert ID("audit_changed") in browser.read() and "RANTAI PUTUS" in browser.read()


async def test_the_log_is_read_page_by_page_and_nonsense_in_the_filter_is_left_out(
    browser: Browser, office: Office
) -> None:
    await signed_in(browser, office, "auditor", "dewi")
    for number in range(120):
        async with office.store.begin() as tx:
            await tx.audit("dewi", "thread.viewed", f"T-{number}", {"locus": TEGAL}, office.clock.now())
    seen: list[str] = []
    page = await browser.get("/staff/audit?since=kemarin&until=2025-13-01&citizen=x&before=-1")
    while True:
        seen += re.findall(r'<td class="id">(T-\d+)</td>', page)
        older = re.search(r'href="(/staff/audit\?[^"]*before=\d+)"', page)
        if older is None:
            break
        page = await browser.get(older[1].replace("&amp;", "&"))
    assert seen == [f"T-{number}" for number in reversed(range(120))]

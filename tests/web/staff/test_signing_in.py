from __future__ import annotations

import logging

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.domain.sign_in_pace import FREE, PAUSES
from bot.domain.staff import ROLES, StaffPolicy
from bot.settings import Settings
from bot.web.staff import strings
from bot.web.staff.app import staff_app
from bot.web.staff.auth import own_path
from bot.web.staff.setup import staff_policy_of

from .conftest import PASSWORD, TEGAL, Browser, Office


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/", "/staff/checks", "/staff/files/x", "/staff/nowhere", "/staff/events"]
)
async def test_a_stranger_is_led_to_the_sign_in_page(browser: Browser, path: str) -> None:
    await browser.get(path)
    assert browser.status == 303
    assert browser.location.startswith("/staff/sign-in")


async def test_after_signing_in_one_stands_where_one_wanted_to_go(browser: Browser, office: Office) -> None:
    await office.staff("wati", "officer")
    await browser.get("/staff/checks")
    await browser.get(browser.location)
    await browser.post("/staff/sign-in", username=" Wati ", password=PASSWORD)
    assert (browser.status, browser.location) == (303, "/staff/checks")
    await browser.get("/staff/checks")
    assert browser.status == 200


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/staff//evil", "/staff/\\evil", "/staff/../chat", "/chat", ""]
)
def test_no_sign_in_leads_away_from_the_staff_pages(to: str) -> None:
    assert not own_path(to)


@pytest.mark.parametrize(("name", "password"), [("wati", "salah"), ("nobody", PASSWORD), ("", ""), ("wati\x00", "x")])
async def test_a_wrong_pair_and_an_unknown_name_read_the_same(
    browser: Browser, office: Office, name: str, password: str
) -> None:
    await office.staff("wati")
    await browser.sign_in(name, password)
    assert browser.status == 401
    assert strings.say_in("id")("refused") in browser.read()
    await browser.get("/staff/")
    assert browser.status == 303


async def test_after_some_wrong_tries_the_right_password_waits_too_and_nothing_says_so(
    browser: Browser, office: Office
) -> None:
    await office.staff("wati")
    for _ in range(FREE):
        await browser.sign_in("wati", "salah")
    await browser.sign_in("wati")
    assert browser.status == 401
    assert strings.say_in("id")("refused") in browser.read()
    office.clock.at += PAUSES[0]
    await browser.sign_in("wati")
    assert browser.status == 303


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(office: Office) -> None:
    await office.staff("wati")

    class NoHub:
        def subscribe(self, key: str) -> None:
            raise AssertionError(key)

    app = web.Application()
    app.add_subapp("/staff", staff_app(office.deps, office.accounts, office.store.keys, NoHub(), TEGAL, secure=True))  # type: ignore[arg-type]
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        page = await client.get("/staff/sign-in")
        browser = Browser(client, await page.text())
        seed = page.cookies["__Host-loket_staff_form"].value
        answer = await client.post(
            "/staff/sign-in",
            data=browser.form(username="wati", password=PASSWORD),
            headers={
                "Cookie": f"__Host-loket_staff_form={seed}"
            },  # the test speaks http, where a Secure cookie stays home
            allow_redirects=False,
        )
        assert answer.status == 303
        cookie = answer.cookies["__Host-loket_staff"]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (
            True,
            True,
            "Strict",
            "/",
        )
        assert not cookie["domain"]
        gone = answer.cookies[
            "__Host-loket_staff_form"
        ]  # a browser lets a Secure cookie be taken away by a Secure one only
        assert (gone.value, gone["secure"], gone["max-age"]) == ("", True, "0")
        # What another host of the same domain could set is no session of ours.
        forged = await client.get("/staff/", headers={"Cookie": f"loket_staff={cookie.value}"}, allow_redirects=False)
        assert forged.status == 303
        own = {"Cookie": f"__Host-loket_staff={cookie.value}"}
        assert (await client.get("/staff/account", headers=own, allow_redirects=False)).status == 200


async def test_a_session_ends_some_time_after_its_last_use(browser: Browser, office: Office) -> None:
    idle = StaffPolicy().idle
    await office.staff("wati")
    await browser.sign_in("wati")
    for _ in range(3):
        office.clock.at += idle * 0.9
        await browser.get("/staff/account")
        assert browser.status == 200
    office.clock.at += idle
    await browser.get("/staff/account")
    assert browser.status == 303


async def test_a_session_token_known_before_signing_in_is_worth_nothing_after_it(
    browser: Browser, office: Office
) -> None:
    await office.staff("wati")
    browser.client.session.cookie_jar.update_cookies({"loket_staff": "x" * 43})
    await browser.sign_in("wati")
    cookies = {c.key: c.value for c in browser.client.session.cookie_jar}
    assert cookies["loket_staff"] != "x" * 43
    browser.client.session.cookie_jar.clear()
    answer = await browser.client.get("/staff/", headers={"Cookie": f"loket_staff={'x' * 43}"}, allow_redirects=False)
    assert answer.status == 303


async def test_signing_out_ends_the_session_even_for_a_copied_cookie(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    cookies = {c.key: c.value for c in browser.client.session.cookie_jar}
    await browser.get("/staff/")
    await browser.post("/staff/sign-out")
    assert browser.location == "/staff/sign-in?done=signed_out"
    answer = await browser.client.get(
        "/staff/", headers={"Cookie": f"loket_staff={cookies['loket_staff']}"}, allow_redirects=False
    )
    assert answer.status == 303


@pytest.mark.parametrize("token", [None, "", "0" * 64])
async def test_no_post_works_without_its_token(browser: Browser, office: Office, token: str | None) -> None:
    await office.staff("wati")
    ticket = await office.ticket()
    await browser.sign_in("wati")
    await browser.get(f"/staff/tickets/{ticket.id}")
    form = {"csrf": token} if token is not None else {}
    for path in (f"/staff/tickets/{ticket.id}/claim", "/staff/sign-out"):
        answer = await browser.client.post(path, data=form, allow_redirects=False)
        assert answer.status == 400
    async with office.store.begin() as tx:
        assert (await tx.ticket(ticket.id)).state == "queued"


async def test_the_token_of_one_session_does_not_fit_another(browser: Browser, other: Browser, office: Office) -> None:
    await office.staff("wati")
    await office.staff("budi")
    await browser.sign_in("wati")
    await other.sign_in("budi")
    await browser.get("/staff/")
    await other.post("/staff/sign-out", csrf=browser.form()["csrf"])
    assert other.status == 400


async def test_a_sign_in_form_posted_by_another_site_is_refused(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await browser.get("/staff/sign-in")
    await browser.post("/staff/sign-in", csrf="0" * 64, username="wati", password=PASSWORD)
    assert browser.status == 400
    assert strings.say_in("id")("stale") in browser.read()


async def test_htmx_is_told_to_show_a_notice_and_leave_what_was_typed(browser: Browser, office: Office) -> None:
    ticket = await office.ticket()
    await browser.htmx(f"/staff/tickets/{ticket.id}/reply", text="Selamat pagi")
    assert browser.status == 401
    assert browser.headers["HX-Retarget"] == "#notice"
    assert strings.say_in("id")("session_over") in browser.read()


async def test_pages_are_locked_down_and_not_kept(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    page = await browser.get("/staff/")
    policy = browser.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "style-src 'self';" in policy and "unsafe" not in policy
    assert browser.headers["Cache-Control"] == "no-store"
    assert "<style" not in page and " style=" not in page and " onclick=" not in page and "<script>" not in page


async def test_the_pages_speak_english_on_request(browser: Browser) -> None:
    await browser.get("/staff/sign-in")
    assert "Masuk petugas" in browser.read()
    await browser.get("/staff/language/en?to=/staff/sign-in")
    assert browser.location == "/staff/sign-in"
    await browser.get("/staff/sign-in")
    assert "Staff sign-in" in browser.read() and 'lang="en"' in browser.text


async def test_what_is_typed_for_a_name_never_reaches_the_log(
    browser: Browser, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await browser.sign_in("rahasia-sekali", "sandi-rahasia")
    said = " ".join(record.getMessage() for record in caplog.records if record.name.startswith(("bot", "aiohttp")))
    assert "rahasia" not in said


def test_outside_the_demo_every_role_needs_a_second_factor() -> None:
    policy = staff_policy_of(Settings())
    assert all(policy.needs_second_factor([role]) for role in ROLES)
    assert not any(staff_policy_of(Settings(demo=True)).needs_second_factor([role]) for role in ROLES)
    some = staff_policy_of(Settings.from_env({"LOKET_SECOND_FACTOR_ROLES": "officer,manager"}))
    assert [role for role in ROLES if some.needs_second_factor([role])] == ["officer", "manager"]

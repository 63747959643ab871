"""Every page of the staff, opened by somebody who may not, and posted to without its token: a loop over the router."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer
from sqlalchemy import update

from bot.domain.staff import RIGHTS, ROLES, Right
from bot.storage.accounts import Account
from bot.storage.tables_staff import staff
from bot.web.staff import rights, strings
from bot.web.staff.app import staff_app

from .conftest import PASSWORD, TEGAL, Browser, Office

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def routes(office: Office) -> list[tuple[str, str, rights.Handler]]:
    """(method, path with something in its gaps, handler) of every page."""
    app = staff_app(office.deps, office.accounts, office.store.keys, None, TEGAL, secure=False)  # type: ignore[arg-type]
    found = []
    for route in app.router.routes():
        info = route.resource.get_info() if route.resource else {}
        path = str(info.get("path") or info.get("formatter", ""))
        for gap in (str(uuid4()), "1"):
            filled = re.sub(r"{\w+}", gap, path.replace("{name}", "wati"))
            if "pattern" not in info or info["pattern"].fullmatch(filled):
                break
        path = filled
        if route.method in ("GET", "POST"):
            found.append((route.method, f"/staff{path}", route.handler))
    assert len(found) > 40
    return found  # type: ignore[return-value]


def guarded(office: Office) -> Iterator[tuple[str, str, rights.Handler]]:
    for method, path, handler in routes(office):
        if not rights.is_open(handler):
            yield method, path, handler


async def test_nobody_who_is_not_signed_in_sees_or_does_anything(
    browser: Browser, office: Office, server: TestServer
) -> None:
    for method, path, _ in guarded(office):
        answer = await browser.client.request(method, path, allow_redirects=False, headers=FORM, data=b"")
        assert answer.status == 303 and answer.headers["Location"].startswith("/staff/sign-in"), (method, path)


@pytest.mark.parametrize("role", ["", *ROLES])
async def test_a_page_whose_right_is_missing_is_not_there(browser: Browser, office: Office, role: str) -> None:
    account = Account("wati", "Wati", frozenset({role} - {""}), TEGAL)
    await office.accounts.add(account, PASSWORD, office.clock.now())
    await browser.sign_in("wati")
    refused = 0
    for method, path, handler in guarded(office):
        if rights.allowed(handler, account):
            continue
        answer = await browser.client.request(
            method, path, data=browser.form() if method == "POST" else None, allow_redirects=False
        )
        home = method == "GET" and path in ("/staff", "/staff/")  # leads to a page that is theirs
        assert answer.status == (303 if home else 404), (role, method, path)
        refused += 1
    assert refused > 20 or RIGHTS.get(role, frozenset()) >= {Right.ANSWER, Right.SUPERVISE}


async def test_a_missing_right_and_a_forged_form_are_in_the_log(
    browser: Browser, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    caplog.clear()
    await browser.client.get("/staff/people", allow_redirects=False)
    await browser.client.post(f"/staff/tickets/{uuid4()}/claim", data={"csrf": "0" * 64}, allow_redirects=False)
    said = [vars(line) for line in caplog.records if line.name == "bot.web.staff.auth"]
    assert [(one["route"], one["method"], one["account"]) for one in said] == [
        ("/staff/people", "GET", "wati"),
        ("/staff/tickets/{id}/claim", "POST", "wati"),
    ]


async def test_no_form_works_without_its_sessions_token(browser: Browser, office: Office) -> None:
    account = Account("wati", "Wati", frozenset(ROLES), TEGAL)
    await office.accounts.add(account, PASSWORD, office.clock.now())
    await browser.sign_in("wati")
    tried = 0
    for method, path, handler in guarded(office):
        if method != "POST":
            continue
        for token in ("", "0" * 64):
            answer = await browser.client.post(path, data={"csrf": token}, allow_redirects=False)
            assert answer.status == 400, path
            if rights.reads_token(handler):  # uploads, which read their form themselves
                form = FormData()
                form.add_field("csrf", token)
                form.add_field("x", b"x", filename="x")
                answer = await browser.client.post(path, data=form, allow_redirects=False)
                assert answer.status in (400, 404), path
        tried += 1
    assert tried > 20
    await browser.get("/staff/account")
    assert browser.status == 200


async def test_a_json_post_from_another_site_is_refused_whatever_it_carries(browser: Browser, office: Office) -> None:
    await office.staff("wati", "supervisor")
    await browser.sign_in("wati")
    await browser.get("/staff/account")
    answer = await browser.client.post("/staff/account/sessions/end-others", json=browser.form())
    assert answer.status == 400


async def test_everything_said_is_there_in_both_languages() -> None:
    for key in strings.keys():
        for language in strings.LANGUAGES:
            assert strings.say_in(language)(key).strip(), key


@pytest.mark.parametrize("todo", ["password", "second"])
async def test_who_has_something_to_do_first_can_do_nothing_else(browser: Browser, office: Office, todo: str) -> None:
    await office.accounts.add(Account("wati", "Wati", frozenset(ROLES), TEGAL), PASSWORD, office.clock.now())
    if todo == "password":
        async with office.store.begin() as tx:
            await tx.run(update(staff).values(must_change=True))
    else:
        office.accounts.policy = replace(office.accounts.policy, second_factor=frozenset({"auditor"}))
    await browser.sign_in("wati")
    there = {"password": "/staff/account/password", "second": "/staff/account/second"}[todo]
    page = await browser.get(there)
    assert browser.status == 200 and '<a href="/staff/checks"' not in page
    for method, path, handler in guarded(office):
        if rights.is_before(handler):
            continue
        answer = await browser.client.request(
            method, path, data=browser.form() if method == "POST" else None, allow_redirects=False
        )
        if method == "GET":
            assert (answer.status, answer.headers.get("Location")) == (303, there), path
        else:
            assert answer.status == 403, path


async def test_the_assets_are_open_and_nothing_else_below_them(browser: Browser) -> None:
    await browser.get("/staff/assets/accounts.css")
    assert browser.status == 200
    for path in ("..%2fsettings.py", "%2e%2e/app.py", "tables.py"):
        await browser.get(f"/staff/assets/{path}")
        assert browser.status in (303, 404)

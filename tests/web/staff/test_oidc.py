"""Signing in with an identity provider on loopback, honest and otherwise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.storage.account_people import Manager
from bot.storage.accounts import Account
from bot.web.staff import strings
from bot.web.staff.app import staff_app
from bot.web.staff.oidc import RETURN
from bot.web.staff.oidc_client import AGAIN, PENDING, Oidc, OidcConfig
from tests.servers.oidc import CLIENT, SECRET, Provider

from .conftest import BREBES, TEGAL, Browser, Office

ID = strings.say_in("id")
BACK = f"https://loket.test{RETURN}"
GROUPS = {"loket-agen": "agent@33.28", "loket-petugas": "officer", "aneh": "agent@99.99"}
SRI = {
    "sub": "a1",
    "preferred_username": "Sri.Rahayu@tegal.test",
    "name": "Sri Rahayu",
    "groups": ["loket-agen", "tamu"],
}


STRANGERS = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class NoHub:
    def subscribe(self, key: str) -> None:
        raise AssertionError(key)


@dataclass
class Desk:
    provider: Provider
    oidc: Oidc
    browser: Browser
    office: Office

    async def goes(self) -> str:
        """Off to the provider and back; the address it sends the browser to."""
        await self.browser.get("/staff/sign-in/oidc")
        assert self.browser.status == 303
        answer = await self.browser.client.session.get(self.browser.location, allow_redirects=False)
        return answer.headers["Location"].removeprefix("https://loket.test")

    async def signs_in(self) -> str:
        """The page that the browser ends up with."""
        return await self.browser.get(await self.goes())

    async def account(self) -> Account | None:
        cookies = {c.key: c.value for c in self.browser.client.session.cookie_jar}
        token = cookies.get("loket_staff", "")
        return await self.office.accounts.signed_in(token, self.office.clock.now()) if token else None


def config(provider: Provider, **changes: Any) -> OidcConfig:
    usual = OidcConfig(provider.issuer, CLIENT, SECRET, BACK, roles_claim="groups", groups=GROUPS, locus_claim="kantor")
    return replace(usual, **changes)


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[Desk]:
    provider = Provider(office.clock.now, BACK, claims=dict(SRI))
    listening = await provider.start()
    oidc = Oidc(config(provider), office.store.keys, office.clock.now)
    app = web.Application()
    pages = staff_app(
        office.deps,
        office.accounts,
        office.store.keys,
        NoHub(),
        TEGAL,
        secure=False,
        oidc_provider=oidc,  # type: ignore[arg-type]
    )
    app.add_subapp("/staff", pages)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield Desk(provider, oidc, Browser(client), office)
    await oidc.close()
    await listening.close()


async def test_a_groups_role_at_its_office_opens_a_session_and_the_page_leads_on(desk: Desk) -> None:
    await desk.browser.get("/staff/sign-in?to=/staff/account")
    assert ID("oidc_button", name="SSO") in desk.browser.read()
    page = await desk.signs_in()
    assert desk.browser.status == 200 and 'http-equiv="refresh" content="0;url=/staff/"' in page
    account = await desk.account()
    assert account == Account("sri.rahayu", "Sri Rahayu", frozenset({"agent"}), TEGAL)
    assert account is not None and account.by == "oidc" and account.todo == ""


async def test_an_office_may_come_from_a_claim_and_groups_that_mean_nothing_are_left_out(desk: Desk) -> None:
    desk.provider.claims |= {"groups": ["loket-petugas", "aneh", 7, None], "kantor": [BREBES, "00.00"]}
    await desk.signs_in()
    assert await desk.office.accounts.people.roles_of("sri.rahayu") == {BREBES: ["officer"]}


async def test_roles_taken_away_there_are_gone_here_at_the_next_sign_in(desk: Desk) -> None:
    await desk.signs_in()
    desk.provider.claims["groups"] = []
    await desk.signs_in()
    assert desk.browser.status == 401 and ID("oidc_no_role") in desk.browser.read()
    assert await desk.office.accounts.people.roles_of("sri.rahayu") == {}


async def test_nobody_without_a_role_gets_an_account(desk: Desk) -> None:
    desk.provider.claims["groups"] = ["tamu"]
    await desk.signs_in()
    assert desk.browser.status == 401 and await desk.office.accounts.people.everybody() == []


async def test_a_name_that_is_somebody_elses_here_is_not_taken_over(desk: Desk) -> None:
    await desk.office.staff("sri.rahayu", "officer")
    await desk.signs_in()
    assert desk.browser.status == 401 and await desk.account() is None


async def test_a_locked_account_stays_locked(desk: Desk) -> None:
    await desk.signs_in()
    await desk.office.accounts.people.set_disabled(
        Manager("console", TEGAL), "sri.rahayu", True, desk.office.clock.now()
    )
    await desk.signs_in()
    assert desk.browser.status == 401


async def test_where_the_tokens_have_to_say_so_one_without_a_second_factor_asks_for_ours(desk: Desk) -> None:
    desk.oidc.config = config(desk.provider, asks_second=False)
    desk.office.accounts.policy = replace(desk.office.accounts.policy, second_factor=frozenset({"agent"}))
    await desk.signs_in()
    account = await desk.account()
    assert account is not None and account.todo == "second"
    desk.provider.claims["amr"] = ["pwd", "otp"]
    await desk.signs_in()
    account = await desk.account()
    assert account is not None and account.todo == ""


async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(desk: Desk) -> None:
    desk.provider.basic = False
    await desk.signs_in()
    assert await desk.account() is not None


# -- what must not work -----------------------------------------------------------------------------------------------------


def unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


def with_client_secret(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECRET, algorithm="HS256")


WRONG: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "somebody"},
    {"aud": [CLIENT, "somebody"]},
    {"aud": [CLIENT, "somebody"], "azp": "somebody"},
    {"azp": "somebody"},
    {"iss": "https://elsewhere.test"},
    {"exp": 1},
    {"exp": None},
    {"exp": "soon"},
    {"iat": None},
    {"iat": 99999999999},
    {"iat": 1},
    {"nbf": 99999999999},
    {"sub": ""},
    {"sub": None},
    {"preferred_username": "<script>"},
    {"preferred_username": None},
]


async def test_a_token_that_is_not_for_us_or_not_for_now_signs_nobody_in(desk: Desk) -> None:
    for wrong in WRONG:
        desk.provider.wrong = wrong
        await desk.signs_in()
        assert desk.browser.status == 401 and await desk.account() is None, wrong
    assert await desk.office.accounts.people.everybody() == []


async def test_tokens_without_a_signature_or_with_one_of_another_kind_are_refused(desk: Desk) -> None:
    def with_public_key(claims: dict[str, Any]) -> str:
        """The classic: the published key as the secret of an HMAC."""
        pem = desk.provider.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        head = {"alg": "HS256", "typ": "JWT", "kid": desk.provider.kid}
        body = ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (head, claims))
        signed = hmac.digest(pem, body.encode(), hashlib.sha256)
        return f"{body}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"

    def foreign(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, STRANGERS, algorithm="RS256", headers={"kid": desk.provider.kid})

    for twist in (unsigned, with_client_secret, with_public_key, foreign, lambda claims: "x.y.z", lambda claims: ""):
        desk.provider.twist = twist
        await desk.signs_in()
        assert desk.browser.status == 401 and await desk.account() is None


async def test_clocks_may_differ_by_a_minute_but_not_by_two(desk: Desk) -> None:
    ours = desk.office.clock.now
    for seconds, works in ((50, True), (-50, True), (130, False)):
        desk.provider.now = lambda seconds=seconds: ours() + timedelta(seconds=seconds)  # type: ignore[misc]
        await desk.signs_in()
        assert desk.browser.status == (200 if works else 401), seconds


async def test_a_rotated_key_is_fetched_and_a_stranger_cannot_make_us_fetch_all_the_time(desk: Desk) -> None:
    await desk.signs_in()
    desk.provider.rotate()
    await desk.signs_in()
    assert desk.browser.status == 401  # just fetched; the provider is not asked again at once
    desk.office.clock.at += AGAIN
    await desk.signs_in()
    assert desk.browser.status == 200 and desk.provider.calls.count("/jwks") == 2
    desk.provider.twist = lambda claims: desk.provider.sign(claims, kid="nobody's")
    for _ in range(3):
        await desk.signs_in()
    assert desk.provider.calls.count("/jwks") == 2


async def test_only_the_browser_that_left_comes_back_and_only_once(desk: Desk) -> None:
    back = await desk.goes()
    jar = desk.browser.client.session.cookie_jar
    kept = {c.key: c.value for c in jar}
    jar.clear()  # somebody else's browser, lured to the address
    await desk.browser.get(back)
    assert desk.browser.status == 401
    jar.update_cookies(kept)
    await desk.browser.get(back)
    assert desk.browser.status == 200
    jar.clear()
    jar.update_cookies(kept)
    await desk.browser.get(back)  # the code is spent
    assert desk.browser.status == 401


async def test_a_changed_answer_of_the_provider_is_refused(desk: Desk) -> None:
    for change in (("state=", "state=x"), ("iss=", "iss=x"), ("code=", "cod="), ("code=", "code=x")):
        await desk.browser.get((await desk.goes()).replace(*change))
        assert desk.browser.status == 401 and await desk.account() is None, change


async def test_who_takes_too_long_starts_again(desk: Desk) -> None:
    back = await desk.goes()
    desk.office.clock.at += PENDING + timedelta(seconds=1)
    await desk.browser.get(back)
    assert desk.browser.status == 401


async def test_a_provider_that_is_away_leaves_the_password(desk: Desk) -> None:
    desk.provider.down = True
    await desk.browser.get("/staff/sign-in/oidc")
    assert (
        desk.browser.status == 503 and ID("oidc_away") in desk.browser.read() and 'name="password"' in desk.browser.text
    )
    desk.provider.down = False
    back = await desk.goes()
    desk.provider.down = True
    await desk.browser.get(back)
    assert desk.browser.status == 503


async def test_a_provider_that_names_another_issuer_is_not_believed(desk: Desk) -> None:
    desk.oidc.config = config(desk.provider, issuer=desk.provider.issuer.replace("127.0.0.1", "localhost"))
    await desk.browser.get("/staff/sign-in/oidc")
    assert desk.browser.status == 401


async def test_no_secret_travels_over_http_to_another_machine(desk: Desk) -> None:
    desk.oidc.config = config(desk.provider, issuer="http://sso.tegal.test")
    await desk.browser.get("/staff/sign-in/oidc")
    assert desk.browser.status == 401 and desk.provider.calls == []


async def test_nothing_of_a_token_reaches_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.provider.wrong = {"aud": "somebody"}
    await desk.signs_in()
    said = " ".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if record.name.startswith("bot")
    )
    assert "sri" not in said.lower() and "eyJ" not in said


async def test_without_a_provider_there_is_no_such_page(browser: Browser) -> None:
    assert "oidc" not in await browser.get("/staff/sign-in")
    for path in ("/staff/sign-in/oidc", RETURN):
        await browser.get(path)
        assert browser.status == 404

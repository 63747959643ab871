"""Every page and every form of staff with values nobody expects, by somebody who may do everything: no 500."""

from __future__ import annotations

import functools
import io
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_from_bytes, quote_plus, urlencode
from uuid import uuid4

import pytest
from aiohttp import ClientResponse, CookieJar, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SystemClock
from bot.domain.staff import ROLES
from bot.domain.templates import read_templates
from bot.settings import ROOT, Settings
from bot.storage.accounts import Account
from bot.usecases.attachments import Channels
from bot.web.hub import Hub
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from bot.web.staff import rights
from bot.web.staff.app import staff_app
from bot.web.staff.console_parts import ConsoleParts
from channels.web.adapter import build

from .conftest import PASSWORD, SEEDS, TEGAL, Browser, LazyStudio, Office, hidden

ROUNDS = 5
"""Requests per page: each with other values."""
NO_STUDIO = 503
"""Parts of the studio that this office has not: a trainer, a workbench."""
ODD = (
    b"", b" ", b"1", b"-1", b"0", b"9" * 30, b"1e400", b"NaN", b"x", b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", "😀".encode(),
    "٣".encode(), "²".encode(), b"%", b"%s%(x)s{}{0}", b"../../etc/passwd", b"..", b"<script>", b"' or 1=1 --", b"true", b"null", b"[]",
    b"2026-02-30", b"2026-13-45T99:99", b"0001-01-01", b"9999-12-31", b"+99999-01-01", b"2026-11-02", b"24:00", b"a" * 3000, b"\r\nX: y",
    b"id", b"en", b"33.28", b"*", b"wati", b"akta-kelahiran", b"greet", b"*national*", b"csv", b"pdf",
)  # fmt: skip
TEXTS = tuple(one for one in ODD if b"\x00" not in one)
_ASKS = re.compile(r"""(?:form|query|data|values|sent|fields|posted)\b[^\n"']{0,24}["']([a-z_][a-z0-9_.]{0,30})["']""")


@functools.cache
def names(module: str) -> tuple[str, ...]:
    """What the pages of a module read out of forms and queries, more often than what others do."""
    own = set(_ASKS.findall((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")))
    every: set[str] = set()
    for file in (ROOT / "bot/web/templates/staff").glob("*.html"):
        every |= set(re.findall(r'\bname="([a-z_][a-z0-9_.]*)"', file.read_text("utf-8")))
    assert len(every) > 40
    return (*sorted(own - {"csrf"}) * (len(every) // max(1, len(own))), *sorted(every - {"csrf"}))


class Clerk:
    """Somebody with every role, who signs in again whenever a form has ended the session."""

    def __init__(self, browser: Browser, office: Office, app: web.Application) -> None:
        self.browser, self.office, self.app = browser, office, app
        self.csrf, self.count = "", 0
        self.seen: Counter[int] = Counter()

    async def begin(self) -> None:
        self.count += 1
        name = f"petugas{self.count}"
        account = Account(name, "Petugas", frozenset(ROLES), TEGAL)
        await self.office.accounts.add(account, PASSWORD, self.office.clock.now())
        await self.browser.sign_in(name)
        self.csrf = hidden(await self.browser.get("/staff/account"))["csrf"]

    async def ask(self, method: str, path: str, **more: Any) -> ClientResponse:
        client = self.browser.client
        async with client.request(method, path, allow_redirects=False, **more) as answer:
            if answer.content_type != "text/event-stream":
                await answer.read()
        self.seen[answer.status] += 1
        over = answer.status == 303 and answer.headers["Location"].startswith(("/staff/sign-in", "/staff/account/"))
        if over or answer.status == 403:
            client.session.cookie_jar.clear()
            await self.begin()
        return answer


@pytest.fixture
async def clerk(office: Office, database_url: str) -> AsyncIterator[Clerk]:
    hub = Hub(database_url)
    await hub.start()
    channels, templates = Channels({"fake": office.channel}), read_templates(ROOT / "data")
    console = ConsoleParts(media=office.media, channels=channels, templates=templates, seeds=SEEDS)
    staff = staff_app(
        office.deps,
        office.accounts,
        office.store.keys,
        hub,
        TEGAL,
        secure=False,
        console=console,
        studio_parts=LazyStudio(office),
    )
    settings = Settings.from_env({"LOKET_RATE_LIMITS": "0"})
    web_channel = build({}, SystemClock())
    app = public_app(Gateway(office.deps, settings, office.store.keys, hub, office.media, web_channel), {})
    app.add_subapp("/staff", staff)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        made = Clerk(Browser(client), office, staff)
        await made.begin()
        yield made
    await hub.stop()


async def real(office: Office) -> list[bytes]:
    """Ids of what there is."""
    conversation = await office.conversation()
    ticket = await office.ticket(conversation)
    case = await office.case(conversation)
    file = await office.attaches(conversation, "document", "surat.jpg")
    check = await office.borderline()
    known = (conversation.id, ticket.id, case.id, file.id, check.id, check.citizen_id, uuid4())
    return [str(one).encode() for one in known] + [b"dukcapil", b"web", b"1", b"petugas1"]


def pages(app: web.Application, method: str) -> list[tuple[str, Any]]:
    found = [
        (route.resource.canonical, route.handler)
        for route in app.router.routes()
        if route.method == method and route.resource is not None
    ]
    assert len(found) > 60 and all(path.startswith("/staff") for path, _ in found)
    return found


def filled(path: str, random_: random.Random, values: list[bytes]) -> str:
    return re.sub(r"{[^}]+}", lambda _: quote_from_bytes(random_.choice(values) or b"x", safe=""), path)


def fields(random_: random.Random, known: tuple[str, ...], ids: list[bytes]) -> list[tuple[str, bytes]]:
    """Some fields, some of them twice; seldom what is refused at the door."""
    some = ODD if random_.random() < 0.15 else TEXTS
    return [(random_.choice(known), random_.choice((*some, *ids))) for _ in range(random_.randrange(14))]


async def test_no_page_breaks_on_what_stands_in_its_address(clerk: Clerk) -> None:
    random_, broken = random.Random(9), []
    ids = await real(clerk.office)
    for path, handler in pages(clerk.app, "GET"):
        # Every second time the path names what there is, so that the query gets its turn.
        for turn in range(ROUNDS):
            address = filled(path, random_, ids if turn % 2 else [*ODD, *ids])
            query = urlencode(fields(random_, names(handler.__module__), ids), quote_via=quote_plus)
            answer = await clerk.ask("GET", f"{address}?{query}", headers=random_.choice(({}, {"HX-Request": "true"})))
            if answer.status >= 500 and answer.status != NO_STUDIO:
                broken.append((answer.status, address, query))
            if not rights.is_open(handler) and "text/html" in answer.content_type:
                assert (
                    "no-store" in answer.headers["Cache-Control"]
                    and "unsafe" not in answer.headers["Content-Security-Policy"]
                )
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not broken, json.dumps(broken, indent=1)
    assert clerk.seen[200] > 100  # it was the pages that were asked, not the door


async def test_no_form_breaks_on_what_stands_in_it(clerk: Clerk) -> None:
    random_, broken = random.Random(28), []
    ids = await real(clerk.office)
    for path, handler in pages(clerk.app, "POST"):
        for turn in range(ROUNDS):
            address = filled(path, random_, ids if turn % 2 else [*ODD, *ids])
            said = fields(random_, names(handler.__module__), ids)
            if rights.reads_token(handler):
                form = FormData(quote_fields=False)
                form.add_field("csrf", clerk.csrf)
                for name, value in said[:4]:
                    form.add_field(name, io.BytesIO(value), filename=random_.choice(("", "a.csv", "../x.jpg")))
                answer = await clerk.ask("POST", address, data=form)
                body = repr(said)
            else:
                body = urlencode([("csrf", clerk.csrf), *said], quote_via=quote_plus)
                answer = await clerk.ask(
                    "POST", address, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
                )
            if answer.status >= 500 and answer.status != NO_STUDIO:
                broken.append((answer.status, address, body.partition("&")[2]))
    assert not broken, json.dumps(broken, indent=1)
    assert clerk.seen[200] + clerk.seen[303] + clerk.seen[422] > 60

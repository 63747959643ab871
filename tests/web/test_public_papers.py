"""The page that shows how an application stands, and the page of a link to a document. Both without script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SystemClock
from bot.domain.application import State
from bot.domain.reference import new_reference
from bot.settings import Settings
from bot.usecases import documents
from bot.web.public.app import public_app
from bot.web.public.check import MOST_WRONG
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from tests.usecases.conftest import NIK, TEXTS, World
from tests.usecases.script import apply
from tests.usecases.test_documents import PDF, code_of, issued, linked, token_of

__all__ = ["linked"]

Web = TestClient[Any, Any]


@pytest.fixture
async def client(world: World) -> AsyncIterator[Web]:
    web_channel = build({}, SystemClock())
    gateway = Gateway(world.deps, Settings.from_env({}), world.keys, None, None, web_channel)  # type: ignore[arg-type]
    async with TestClient(TestServer(public_app(gateway, {}))) as made:
        yield made


# -- the state -----------------------------------------------------------------------------------------------------------


async def test_the_page_shows_number_state_and_date_and_nothing_else(world: World, client: Web) -> None:
    number = await apply(world, await world.session())
    response = await client.get(f"/cek/{number}", headers={"Accept-Language": "id"})
    page = await response.text()
    assert response.status == 200 and "noindex" in response.headers["X-Robots-Tag"] and "noindex" in page
    assert response.headers["Cache-Control"] == "no-store" and "<script" not in page
    assert number in page and "Sudah diajukan" in page and "2 November 2026" in page
    for secret in (NIK, "Karso", "Siti", "Akta", "kelahiran", "0812"):
        assert secret not in page


@pytest.mark.parametrize(("language", "word"), [("id", "Sejak"), ("en", "Since"), ("jv", "Wiwit")])
async def test_it_speaks_the_language_asked_for(world: World, client: Web, language: str, word: str) -> None:
    number = await apply(world, await world.session())
    page = await (await client.get(f"/cek/{number.lower()}?bahasa={language}")).text()
    assert word in page and f'<html lang="{language}">' in page


async def test_wrong_numbers_all_get_the_same_page_and_too_many_none(world: World, client: Web) -> None:
    known = await apply(world, await world.session())
    unknown = new_reference(lambda bits: 12345)
    answers = set()
    for number in (unknown, "LKT-0000-0000-1", "x" * 200, "%00", "<script>"):
        response = await client.get(f"/cek/{number}")
        answers.add((response.status, await response.text()))
    assert len(answers) == 1 and next(iter(answers))[0] == 404
    for _ in range(MOST_WRONG):
        response = await client.get(f"/cek/{unknown}")
    assert response.status == 429
    assert (await client.get(f"/cek/{known}")).status == 429


async def test_the_field_leads_to_the_number_as_people_type_it(world: World, client: Web) -> None:
    number = await apply(world, await world.session())
    typed = number.replace("-", " ").lower()
    response = await client.get("/cek", params={"nomor": typed, "bahasa": "en"}, allow_redirects=False)
    assert response.status == 303 and response.headers["Location"] == f"/cek/{number}?bahasa=en"
    response = await client.get("/cek", params={"nomor": "ngawur"}, allow_redirects=False)
    assert response.headers["Location"].startswith("/cek/-?")
    assert 'name="nomor"' in await (await client.get("/cek")).text()


def test_every_state_has_neutral_words_in_every_language() -> None:
    for state in State:
        if state is not State.DRAFT:
            for language in ("id", "en", "jv"):
                assert TEXTS.say(f"receipt.check.state.{state.value}", language)
    closed = {TEXTS.say(f"receipt.check.state.{s}", "id") for s in ("ditolak", "dibatalkan", "kedaluwarsa")}
    assert len(closed) == 1  # why it ended is nobody else's business


# -- the document --------------------------------------------------------------------------------------------------------


async def test_the_document_is_opened_in_two_steps(linked: World, client: Web) -> None:
    who, _, said = await issued(linked)
    url = f"/dokumen/{token_of(said)}"
    first = await (await client.get(url)).text()
    assert "Kirim kode" in first and 'name="lahir"' not in first and "<script" not in first and NIK not in first
    page = await (await client.post(f"{url}/kode")).text()
    assert 'name="lahir"' in page
    code = (await linked.news(who))[-1]["text"].split("*")[1]
    wrong = await client.post(url, data={"kode": code, "lahir": "18-8-1990"})
    assert wrong.status == 403 and "Sisa percobaan: 4" in await wrong.text()
    right = await client.post(url, data={"kode": code, "lahir": "17 agustus 1990"})
    assert (right.status, right.content_type, await right.read()) == (200, "application/pdf", PDF)
    assert "attachment" in right.headers["Content-Disposition"] and right.headers["Cache-Control"] == "no-store"


async def test_a_link_that_is_none_says_only_that(linked: World, client: Web) -> None:
    _, _, said = await issued(linked)
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/kode")):
        response = await client.request(method, f"/dokumen/tidak-ada{path}", data={"kode": "K7F3-9QXM"})
        assert response.status == 410 and "tidak berlaku" in await response.text()
    token = token_of(said)
    for _ in range(3):
        await documents.send_code(linked.deps, token)
    refused = await client.post(f"/dokumen/{token}/kode")
    assert refused.status == 429 and "beberapa kali" in await refused.text()


async def test_strange_forms_are_wrong_answers(linked: World, client: Web) -> None:
    who, _, said = await issued(linked)
    token = token_of(said)
    await code_of(linked, who, token)
    for form in ({}, {"kode": "0" * 10, "lahir": "9" * 500}, {"kode": "😀", "lahir": "kemarin lusa"}):
        response = await client.post(f"/dokumen/{token}", data=form)
        assert response.status == 403
    assert (await client.post(f"/dokumen/{token}", data={"kode": "\x00" * 10})).status == 400

"""The page about one's own data: nothing before the code from the chat, everything after it; downloads, objection, withdrawal, erasure."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from sqlalchemy import text

from bot.domain.document_link import TRIES
from tests.usecases.conftest import NIK, World
from tests.usecases.script import apply
from tests.usecases.test_privacy import URL, office
from tests.web.test_public_papers import Web, client

__all__ = ["client", "office"]


async def linked_page(world: World, who: Any) -> str:
    """Path of a fresh link."""
    said = (await world.say(who, "unduh data saya"))[-1]["text"]
    found = re.search(rf"{URL}/([\w-]+)", said)
    assert found is not None, said
    return f"/data-saya/{found[1]}"


async def code_from_chat(world: World, web: Web, url: str, who: Any) -> str:
    await web.post(f"{url}/kode")
    return str((await world.news(who))[-1]["text"].split("*")[1])


async def unlocked(world: World, web: Web, who: Any) -> str:
    """Path of a page that this browser has opened with the code."""
    url = await linked_page(world, who)
    page = await web.post(url, data={"kode": await code_from_chat(world, web, url, who)})
    assert page.status == 200
    return url


@pytest.fixture
async def who(office: World) -> Any:
    conversation = await office.session()
    await apply(office, conversation)
    return conversation


async def test_before_the_code_the_page_shows_nothing_and_whoever_has_only_the_link_stays_out(
    office: World, client: Web, who: Any
) -> None:
    url = await linked_page(office, who)
    page = await client.get(url)
    body = await page.text()
    assert page.status == 200 and "Kirim kode" in body and "Karso" not in body and "LKT-" not in body
    assert (
        page.headers["Cache-Control"] == "no-store"
        and "noindex" in page.headers["X-Robots-Tag"]
        and "<script" not in body
    )
    for path in ("/unduh", "/hapus", "/cabut", "/keberatan"):
        refused = await client.post(url + path, data={"bentuk": "json", "yakin": "1", "keberatan": "x"})
        assert refused.status == 410, path
    await client.post(f"{url}/kode")
    for left in reversed(range(TRIES)):
        wrong = await client.post(url, data={"kode": "K7F3-9QXM"})
        assert wrong.status == (403 if left else 410)
    assert (await client.get(url)).status == 410
    assert (await client.get("/data-saya/tidak-ada")).status == 410


async def test_with_the_code_one_sees_what_is_stored_and_downloads_all_of_it(
    office: World, client: Web, who: Any
) -> None:
    url = await unlocked(office, client, who)
    body = await (await client.get(url)).text()
    assert "Karso Wijaya" in body and "Akta Kelahiran" in body and NIK not in body and "<script" not in body
    response = await client.post(f"{url}/unduh", data={"bentuk": "json"})
    data = json.loads(await response.read())
    assert (
        response.headers["Content-Disposition"].endswith('.json"') and response.headers["Cache-Control"] == "no-store"
    )
    assert data["format"] == "loket-data-saya/1" and data["orang"]["nik"] == NIK
    assert any("Siti Aminah" == one.get("teks") for talk in data["percakapan"] for one in talk["pesan"])
    (case,) = data["permohonan"]
    assert case["nomor"].startswith("LKT-") and case["riwayat"] and case["isian"]
    assert data["persetujuan"][0]["sidik_teks"] and data["pemeriksaan_wajah"] and data["berkas"]
    archive = zipfile.ZipFile(io.BytesIO(await (await client.post(f"{url}/unduh", data={"bentuk": "zip"})).read()))
    names = archive.namelist()
    assert names[:2] == ["data-saya.json", "data-saya.pdf"] and len(names) == 2 + len(data["berkas"])
    assert b"paper" in {archive.read(name) for name in names[2:]}
    pages = pypdf.PdfReader(io.BytesIO(archive.read("data-saya.pdf"))).pages
    printed = "".join(page.extract_text() for page in pages)
    assert "Karso Wijaya" in printed and case["nomor"] in printed and "Siti Aminah" in printed
    assert (await client.post(f"{url}/unduh", data={"bentuk": "exe"})).status == 400


async def test_an_objection_is_on_record_with_its_words(office: World, client: Web, who: Any) -> None:
    url = await unlocked(office, client, who)
    page = await client.post(f"{url}/keberatan", data={"keberatan": "jangan pakai wajah saya"})
    assert "PDP-" in await page.text()
    async with office.store.begin() as tx:
        (request,) = await tx.data_requests("33.28", settled=False)
    assert request.words == "jangan pakai wajah saya" and request.number in (await office.news(who))[-1]["text"]


async def test_withdrawing_on_the_page_is_told_in_the_chat_and_ends_the_proof(
    office: World, client: Web, who: Any
) -> None:
    url = await unlocked(office, client, who)
    assert (await client.post(f"{url}/cabut")).status == 422
    done = await client.post(f"{url}/cabut", data={"yakin": "1"})
    assert "dicabut" in await done.text() and "sudah dicabut" in (await office.news(who))[-1]["text"]
    assert (await client.get(url)).status == 410
    assert (await office.conversation(who)).assurance == 1


async def test_erasing_on_the_page_wants_a_tick_says_what_stays_and_closes_the_link(
    office: World, client: Web, who: Any
) -> None:
    url = await unlocked(office, client, who)
    body = await (await client.get(url)).text()
    assert "arsip" in body and "ciri wajah" in body
    unsure = await client.post(f"{url}/hapus")
    assert unsure.status == 422 and "Centang dulu" in await unsure.text()
    done = await client.post(f"{url}/hapus", data={"yakin": "1"})
    assert done.status == 200 and "sudah dihapus" in await done.text()
    assert "sudah dihapus" in (await office.news(who))[-1]["text"]
    assert (await client.get(url)).status == 410
    async with office.store.begin() as tx:
        assert (await tx.run(text("select count(*) from message"))).scalar_one() == 1
        assert (await tx.run(text("select count(*) from citizen where face_sealed is not null"))).scalar_one() == 0


async def test_the_link_is_over_after_an_hour_and_the_key_is_of_one_browser(
    office: World, client: Web, who: Any
) -> None:
    url = await unlocked(office, client, who)
    client.session.cookie_jar.clear()
    assert "Kirim kode" in await (await client.get(url)).text()
    office.clock.at += timedelta(hours=1)
    assert (await client.get(url)).status == 410

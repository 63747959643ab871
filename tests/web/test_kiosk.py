"""Self-service at the building: the ticket's page, "I am here", and QR codes of our own addresses only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.web.public import kiosk
from tests.usecases.conftest import NIK
from tests.usecases.queue_office import Office, office
from tests.web.test_public_papers import client

__all__ = ["client", "office"]
Web = TestClient[Any, Any]
AT_NINE = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)  # half past eight in Slawi


async def read(response: Any) -> tuple[int, str]:
    return response.status, " ".join(unescape(re.sub(r"<[^>]+>", " ", await response.text())).split())


async def booked(office: Office) -> str:
    """A number for tomorrow at nine; its code."""
    who = await office.world.session()
    await office.book(who)
    return str((await office.case(who)).reference)


async def arrives(client: Web, code: str) -> tuple[int, str]:
    return await read(await client.post("/kios/hadir", data={"kode": code}))


async def test_the_page_of_a_ticket_shows_number_time_and_a_code_and_no_name(office: Office, client: Web) -> None:
    number = await booked(office)
    status, text = await read(await client.get(f"/antrean/{number.lower()}"))
    assert status == 200 and "A-013" in text and "3 November 2026 pukul 09.00" in text and number in text
    assert "di depan Anda" not in text  # it is tomorrow's: nobody knows yet
    page = await (await client.get(f"/antrean/{number}?bahasa=en")).text()
    assert "Show this code" in page and 'class="qr"' in page and "Karso" not in page and NIK not in page
    await office.faults(mode="down")
    status, text = await read(await client.get(f"/antrean/{number}"))
    assert status == 200 and "A-013" in text and "tidak bisa dihubungi" in text


async def test_only_the_numbers_of_tickets_have_a_page_and_guessing_is_slowed_down(
    office: Office, client: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk, "MOST_WRONG", 3)
    for wrong in ("LKT-0000-0000-1", "x", "<b>"):
        assert (await client.get(f"/antrean/{wrong}")).status == 404
    assert (await client.get("/antrean/x")).status == 429
    for _ in range(4):
        status, text = await arrives(client, "Z-999")
    assert status == 429 and "Terlalu banyak" in text


async def test_somebody_says_that_they_are_here_by_code_by_address_and_by_paper(office: Office, client: Web) -> None:
    number = await booked(office)
    status, text = await arrives(client, number)
    assert status == 409 and "Belum waktunya" in text and "A-013: Selasa, 3 November 2026 pukul 09.00" in text
    office.world.clock.at = AT_NINE
    for code in (number, f"http://127.0.0.1:8080/antrean/{number}", "ANTREAN A-013 2026-11-03", "a-013"):
        status, text = await arrives(client, code)
        assert status == 200 and "sudah tercatat" in text and "A-013" in text, code
    async with office.http.get(f"{office.url}/petugas/antrean/loket") as response:
        assert "A-013" in await response.text()
    await office.faults(mode="down")
    assert (await arrives(client, number))[0] == 503
    await office.faults(mode="none")
    office.world.clock.at += timedelta(days=1)
    status, text = await arrives(client, number)
    assert status == 409 and "dilepas" in text


async def test_a_code_that_is_none_is_said_to_be_none(office: Office, client: Web) -> None:
    for code in ("", "LKT-0000-0000-1", "<script>", "x" * 500):
        status, text = await arrives(client, code)
        assert status == 404 and "tidak kami kenali" in text, code


async def test_qr_codes_are_made_of_our_own_addresses_only(client: Web) -> None:
    for url in ("https://t.me/loket_bot?start=ABCD2345", "https://wa.me/62800?text=sambung"):
        response = await client.post("/kios/qr", json={"url": url, "label": 'Kode "QR" <b>'})
        body = await response.text()
        assert response.status == 200 and response.content_type == "image/svg+xml"
        assert body.startswith("<svg") and "<b>" not in body and url not in body
    for url in (
        "https://evil.example/t.me",
        "https://t.me@evil.example/",
        "http://t.me/x",
        "javascript:alert(1)",
        "x" * 600,
    ):
        assert (await client.post("/kios/qr", json={"url": url})).status == 400
    assert (await client.post("/kios/qr", data=b"[]")).status == 400


async def test_nothing_of_the_kiosk_is_stored_by_the_browser(client: Web) -> None:
    response = await client.get("/kios")
    assert (
        response.headers["Cache-Control"] == "no-store"
        and "script-src 'self'" in response.headers["Content-Security-Policy"]
    )
    assert "<loket-chat" in await response.text()
    assert (await client.get("/kios/hadir")).status == 200

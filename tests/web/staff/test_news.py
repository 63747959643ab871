from __future__ import annotations

import logging

import pytest

from .conftest import NIK, PASSWORD, Browser, Office, claimed


@pytest.mark.parametrize("number", ["x", "", "-1", "9" * 30, "١"])
async def test_news_after_nonsense_is_refused(browser: Browser, office: Office, number: str) -> None:
    _, path = await claimed(browser, office)
    await browser.get(f"{path}/news?after={number}&state=claimed")
    assert browser.status == 400


async def test_news_tell_that_the_ticket_changed_hands(browser: Browser, office: Office) -> None:
    _, path = await claimed(browser, office)
    await browser.get(f"{path}/news?after=1&state=queued", **{"HX-Request": "true"})
    assert browser.status == 200
    assert 'id="state" hx-swap-oob' in browser.text and "state=mine" in browser.text


async def test_an_open_page_hears_of_a_citizens_words_and_the_stream_ends_with_the_session(
    browser: Browser, office: Office
) -> None:
    conversation, path = await claimed(browser, office)
    async with browser.client.get(f"{path}/events", headers={"Accept": "text/event-stream"}) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert await stream.content.readuntil(b"\n\n") == b"retry: 3000\nevent: changed\ndata: connected\n\n"
        await office.hears(conversation, "Terima kasih")
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata: news\n\n"
        await browser.post("/staff/sign-out")
        await office.hears(conversation, "Halo?")
        assert await stream.content.read() == b""


async def test_the_queues_stream_tells_of_a_new_ticket_but_not_of_every_message(
    browser: Browser, office: Office
) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    async with browser.client.get("/staff/events", headers={"Accept": "text/event-stream"}) as stream:
        await stream.content.readuntil(b"\n\n")
        await office.hears(await office.conversation(), "Halo")
        await office.ticket()
        kinds = []
        while b"event: changed\ndata: news\n\n" not in kinds:
            kinds.append(await stream.content.readuntil(b"\n\n"))
        assert set(kinds) <= {b": ping\n\n", b"event: changed\ndata: news\n\n"}


async def test_nothing_personal_is_logged(browser: Browser, office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    conversation, path = await claimed(browser, office)
    await office.hears(conversation, f"NIK {NIK}, Siti Aminah")
    await browser.get(path)
    await browser.post(f"{path}/reply", text="Baik Bu Siti Aminah")
    said = " ".join(str(vars(r)) for r in caplog.records if not r.name.startswith(("asyncio", "sqlalchemy")))
    assert NIK not in said and "Siti" not in said and PASSWORD not in said

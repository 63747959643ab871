"""The console's one event stream."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse

from bot.domain.data_rights import Whose
from bot.usecases import handoff
from bot.usecases.privacy_core import erase
from bot.web.staff import strings

from .conftest import BREBES, NIK, PASSWORD, Browser, Office, agent, claimed

ID = strings.say_in("id")


class Stream:
    """What a console hears."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def next(self, wanted: str) -> dict[str, Any]:
        """The data of the next event of a kind; others are passed over."""
        async with asyncio.timeout(20):
            while True:
                block = (await self._response.content.readuntil(b"\n\n")).decode()
                lines = dict(line.split(": ", 1) for line in block.strip().splitlines() if ": " in line)
                if lines.get("event") == wanted:
                    return json.loads(lines["data"])  # type: ignore[no-any-return]

    async def rows(self) -> dict[str, Any]:
        """The next change of the list."""
        while not (data := await self.next("rows"))["rows"] and not data["gone"]:
            pass
        return data


@asynccontextmanager
async def stream(browser: Browser, query: str = "view=unassigned") -> AsyncIterator[Stream]:
    async with browser.client.get(
        f"/staff/console/events?{query}", headers={"Accept": "text/event-stream"}
    ) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        heard = Stream(response)
        await heard.next("hello")
        yield heard


async def test_a_new_ticket_is_a_row_in_the_lists_it_belongs_to(browser: Browser, office: Office) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    async with stream(browser) as unassigned, stream(browser, "view=mine") as mine:
        await office.ticket(await office.conversation(BREBES))
        ticket = await office.ticket()
        data = await unassigned.rows()
        (row,) = data["rows"]
        assert row["id"] == str(ticket.id) and ticket.number in row["html"] and data["counts"]["unassigned"] == 1
        assert (await mine.rows())["gone"] == [str(ticket.id)]
        assert (await unassigned.next("alert"))["title"] == ID("alert_ticket", number=ticket.number)
        await handoff.claim(office.deps, ticket.id, agent("wati"))
        assert (await unassigned.rows())["gone"] == [str(ticket.id)]
        assert [row["id"] for row in (await mine.rows())["rows"]] == [str(ticket.id)]


async def test_a_citizens_words_reach_the_open_thread_once_and_the_row(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    id_ = path.rpartition("/")[2]
    async with office.store.begin() as tx:
        last = await tx.last_seq(conversation.id)
    async with stream(browser, f"view=mine&ticket={id_}&after={last}") as heard:
        await office.hears(conversation, "Terima kasih <i>Bu</i> 3328990101900001")
        row = (await heard.rows())["rows"][0]
        assert "Terima kasih &lt;i&gt;Bu" in row["html"] and NIK not in row["html"]
        assert (await heard.next("alert"))["kind"] == "message"
        lines = await heard.next("lines")
        assert lines["last"] == last + 1 and lines["html"].count("Terima kasih") == 1 and NIK not in lines["html"]
    async with stream(browser, f"view=mine&ticket={id_}&after={last}") as again:  # what was missed comes first
        assert "Terima kasih" in (await again.next("lines"))["html"]
    assert len(await office.audit("thread.viewed")) == 4  # the page twice, and both streams


async def test_an_open_page_is_told_that_the_lines_it_shows_were_erased(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    async with office.store.begin() as tx:
        last = await tx.last_seq(conversation.id)
    async with stream(browser, f"view=mine&ticket={path.rpartition('/')[2]}&after={last}") as heard:
        async with office.store.begin() as tx:
            here = await tx.conversation(conversation.id, lock=True)
            await erase(office.deps, tx, Whose(here, (here,), (), None, True), "petugas:siti")
            await tx.save_conversation(here)
        assert (await heard.next("erased"))["ticket"] == path.rpartition("/")[2]


async def test_an_open_page_hears_that_the_ticket_changed_hands(
    browser: Browser, other: Browser, office: Office
) -> None:
    _, path = await claimed(browser, office)
    await office.staff("siti", "supervisor", name="Bu Siti")
    await other.sign_in("siti")
    await other.get(path)
    id_ = path.rpartition("/")[2]
    async with stream(browser, f"view=mine&ticket={id_}&after=99") as heard:
        await other.post(f"{path}/take-over")
        state = await heard.next("state")
        assert state["stands"] == "held" and "Bu Siti" in state["html"]


async def test_colleagues_see_who_looks_and_types_and_who_is_named(
    browser: Browser, other: Browser, office: Office
) -> None:
    _, path = await claimed(browser, office)
    await office.staff("budi", name="Pak Budi")
    await other.sign_in("budi")
    await other.get(path)
    id_ = path.rpartition("/")[2]
    async with stream(browser, f"view=mine&ticket={id_}&after=99") as heard:
        await other.post("/staff/console/alive", ticket=id_, typing="0")
        assert (await heard.next("presence"))["words"] == [ID("colleague_looks", name="Pak Budi")]
        await other.get(path)
        await other.post("/staff/console/alive", ticket=id_, typing="1")
        assert (await heard.next("presence"))["words"] == [ID("colleague_types", name="Pak Budi")]
        await other.get(path)
        await other.post(f"{path}/note", text="@wati cek KK")
        assert "cek KK" in (await heard.next("lines"))["html"]
        assert (await heard.next("alert"))["kind"] == "mention"


async def test_the_stream_ends_with_the_session_before_another_line_is_shown(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    id_ = path.rpartition("/")[2]
    async with browser.client.get(
        f"/staff/console/events?ticket={id_}&after=99", headers={"Accept": "text/event-stream"}
    ) as response:
        await response.content.readuntil(b"event: hello")
        await browser.post("/staff/sign-out")
        await office.hears(conversation, "Halo?")
        async with asyncio.timeout(20):
            assert b"Halo?" not in await response.content.read()


async def test_thirty_consoles_cost_one_look_at_the_board(
    browser: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.storage.tx_board import BoardTx

    conversation, _ = await claimed(browser, office)
    looks: list[object] = []
    look = BoardTx.board

    async def counted(self: BoardTx, *given: Any, **named: Any) -> Any:
        looks.append(named)
        return await look(self, *given, **named)

    async with asyncio.timeout(30):
        streams = [stream(browser, "view=mine") for _ in range(30)]
        heard = [await one.__aenter__() for one in streams]
        monkeypatch.setattr(BoardTx, "board", counted)
        await office.hears(conversation, "satu saja")
        for one in heard:
            assert "satu saja" in (await one.rows())["rows"][0]["html"]
        for one_stream in streams:
            await one_stream.__aexit__(None, None, None)
    assert len(looks) == 1 and looks[0]["conversations"] == [conversation.id]  # type: ignore[index]


async def test_nothing_personal_is_logged(browser: Browser, office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    conversation, path = await claimed(browser, office)
    await office.hears(conversation, f"NIK {NIK}, Siti Aminah")
    await browser.get(path)
    await browser.post(f"{path}/reply", text="Baik Bu Siti Aminah")
    await browser.get(path)
    await browser.post(f"{path}/note", text="Siti Aminah itu tetangga saya")
    said = " ".join(str(vars(r)) for r in caplog.records if not r.name.startswith(("asyncio", "sqlalchemy")))
    assert NIK not in said and "Siti" not in said and PASSWORD not in said

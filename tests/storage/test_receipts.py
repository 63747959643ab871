"""What providers say about our messages afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.domain.messages import Reply
from bot.errors import (
    ChannelError,
    RecipientBlocked,
    Throttled,
    WindowClosed,
)
from tests.fakes import FakeChannel
from tests.storage.outbox_office import STATUS, Office, receipt, second_channel


async def test_delivery_only_moves_forward(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    await office.work()
    states = []
    for state in ("delivered", "sent", "read", "delivered", "read", "odd"):
        await receipt(office, "FM0001", state)
        states.append((await office.rows())[0].state)
    assert states == ["delivered", "delivered", "read", "read", "read", "read"]
    async with office.store.begin() as tx:
        log = [e.outcome for e in await tx.exchanges(who) if e.direction == "in"]
    assert log == ["read", "delivered"]  # repeats are no news


async def test_a_message_has_arrived_when_all_its_parts_have(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "kata " * 300)
    await office.work()
    await receipt(office, "FM0001", "read")
    assert (await office.rows())[0].state == "sent"
    await receipt(office, "FM0002", "delivered")
    assert (await office.rows())[0].state == "delivered"
    await receipt(office, "FM0002", "read")
    assert (await office.rows())[0].state == "read"


async def test_a_receipt_that_overtakes_our_own_record_is_not_lost(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    for state in ("delivered", "delivered", "read"):
        await receipt(office, "FM0001", state)
    await receipt(office, "FM7777", "delivered")  # nobody's
    await office.work()
    assert (await office.rows())[0].state == "read"
    async with office.store.begin() as tx:
        kept = (await tx.run(text("select count(*) from exchange where outcome = 'early'"))).scalar_one()
    assert kept == 1


async def test_a_failure_told_by_receipt_shows_on_an_answer(office: Office) -> None:
    who = await office.writes()
    await office.say(who, "satu")
    await office.work()
    await receipt(office, "FM0001", "failed", "63024")
    await office.work()
    (row,) = await office.rows()
    assert (row.state, row.error_code) == ("failed", "63024")


async def test_a_closed_window_told_by_receipt_brings_the_template(office: Office) -> None:
    who = await office.windowed().writes()
    await office.say(who, Reply("Sudah terbit.", meta=STATUS), notice=True, key="case:1")
    await office.approve("loket_status")
    await office.work()
    await receipt(office, "FM0001", "failed", "window_closed")
    await office.work()
    assert office.got() == ["Sudah terbit.", "<loket_status KTP-el | LKT-1 | Sudah terbit.>"]
    (row,) = await office.rows()
    assert (row.state, row.via) == ("sent", "template")


async def test_news_whose_failure_is_told_by_receipt_goes_to_the_other_channel(office: Office) -> None:
    other = second_channel(office)
    first, second = await office.writes(), await office.writes(account="other:1")
    await office.link(first, second)
    await office.say(first, "kabar", notice=True, key="case:1")
    await office.work()
    await receipt(office, "FM0001", "failed", "63003")
    await office.work()
    assert office.got(other) == ["kabar"] and (await office.rows())[0].via == "elsewhere"


class Explaining(FakeChannel):
    """Like WhatsApp over Twilio: failures come with receipts, as numbers."""

    def explain(self, provider_code: str) -> ChannelError:
        kinds: dict[str, type[ChannelError]] = {"63016": WindowClosed, "63024": RecipientBlocked}
        if provider_code == "63018":
            return Throttled(5, provider_code)
        return kinds.get(provider_code, ChannelError)("told by receipt", provider_code=provider_code)


@pytest.mark.parametrize(
    ("code", "state", "via", "got"),
    [
        ("63016", "sent", "template", ["kabar", "<loket_status KTP-el | LKT-1 | Sudah terbit.>"]),
        ("63018", "sent", "text", ["kabar", "kabar"]),
        ("63024", "dropped", "elsewhere", ["kabar"]),
        ("99999", "dropped", "elsewhere", ["kabar"]),
    ],
)
async def test_the_provider_explains_its_numbers(
    office: Office, code: str, state: str, via: str, got: list[str]
) -> None:
    office.channel = Explaining()
    other = second_channel(office.windowed())
    first, second = await office.writes(), await office.writes(account="other:1")
    await office.link(first, second)
    await office.approve("loket_status")
    await office.say(first, Reply("kabar", meta=STATUS), notice=True, key="case:1")
    await office.work()
    await receipt(office, "FM0001", "failed", code)
    await office.work()
    assert office.got() == got and bool(office.got(other)) is (via == "elsewhere")
    row = (await office.rows())[0]
    assert (row.state, row.via) == (state, via)


async def test_a_failure_told_while_the_rest_is_still_being_sent_is_not_lost(office: Office) -> None:
    other = second_channel(office)
    first, second = await office.writes(), await office.writes(account="other:1")
    await office.link(first, second)
    await receipt(office, "FM0001", "failed", "63003")  # faster than our own record of the sending
    await office.say(first, "kabar", notice=True, key="case:1")
    await office.work()
    assert office.got(other) == ["kabar"]

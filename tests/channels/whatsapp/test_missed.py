"""What people wrote while no webhook got through is found at Twilio afterwards, as its webhook would have told it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from bot.domain.messages import Inbound
from bot.errors import ChannelError
from bot.ports import ChannelAccount, Recovers
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.sandbox import TwilioStandIn
from tests.channels.whatsapp.conftest import CITIZEN, MovedClock, Receiver
from tests.pictures import jpeg
from tests.servers.whatsapp import OTHER_NUMBER

HOUR = timedelta(hours=1)


async def asked(channel: WhatsAppChannel, account: ChannelAccount, clock: MovedClock) -> list[Inbound]:
    now = clock.now()
    return list(await channel.missed(account, now - HOUR, now + timedelta(seconds=1)))


async def test_a_message_that_no_webhook_brought_is_listed_in_order_and_nobody_elses(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    assert isinstance(channel, Recovers)
    receiver.failing = 100
    for words in ("satu", "dua", "tiga"):
        await twilio.phone(CITIZEN, text=words)
        clock.pass_(seconds=2)
    await twilio.phone(CITIZEN, text="ke nomor lain", to=OTHER_NUMBER)
    assert not receiver.messages
    found = await asked(channel, account, clock)
    assert [message.text for message in found] == ["satu", "dua", "tiga"]
    assert {(message.sender, message.account) for message in found} == {(CITIZEN, account.id)}


async def test_it_has_the_very_id_of_its_webhook(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    await twilio.phone(CITIZEN, text="halo")
    await twilio.phone(CITIZEN, photo=base64.b64encode(jpeg(40, 40)).decode(), caption="foto saya")
    assert [one.external_id for one in await asked(channel, account, clock)] == [
        one.external_id for one in receiver.messages
    ]


async def test_a_file_comes_along(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    receiver.failing = 100
    picture = jpeg(40, 40)
    await twilio.phone(CITIZEN, photo=base64.b64encode(picture).decode(), caption="foto saya")
    (found,) = await asked(channel, account, clock)
    assert found.media is not None
    assert found.caption == "foto saya"
    assert await channel.fetch(account, found.media, 1_000_000) == picture


async def test_our_own_messages_and_older_ones_are_not_among_them(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    await twilio.phone(CITIZEN, text="lama")
    clock.pass_(hours=2)
    await twilio.phone(CITIZEN, text="baru")
    assert [one.text for one in await asked(channel, account, clock)] == ["baru"]


async def test_when_twilio_is_away_it_is_asked_later(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    await twilio.set_faults(server_error=1)
    with pytest.raises(ChannelError):
        await asked(channel, account, clock)

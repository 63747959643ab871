"""What goes wrong while sending, and what is said of it; whether an earlier try arrived; showing that a message was seen."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.domain.messages import Button, OutFile, Outgoing
from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    OptedOut,
    OutcomeUnknown,
    Throttled,
)
from bot.ports import ChannelAccount
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.errors import CODES, of_code
from channels.whatsapp.sandbox import TwilioStandIn
from tests.channels.whatsapp.conftest import CITIZEN, STATUS, YES_NO, MovedClock, Receiver, made, text
from tests.servers.whatsapp import NUMBER, PUBLIC_URL

pytestmark = pytest.mark.usefixtures("inside_the_window")


# -- errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(CODES))
async def test_every_code_of_the_table_becomes_its_error_at_once_and_by_receipt(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver, code: int
) -> None:
    row = CODES[code]
    await twilio.set_faults(error=code)
    with pytest.raises(ChannelError) as refused:
        await channel.send(account, CITIZEN, text("Halo"))
    assert type(refused.value) is row.kind
    assert refused.value.provider_code == str(code)
    assert refused.value.__cause__ is not None
    if isinstance(refused.value, Throttled):
        assert refused.value.after == row.after > 0
    await twilio.set_faults(fail=code)
    await channel.send(account, CITIZEN, text("Halo"))
    await twilio.hooks.settle()
    (receipt,) = receiver.receipts
    assert receipt.error_code == str(code)
    assert type(channel.explain(receipt.error_code)) is row.kind


async def test_too_many_calls_are_throttled(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    await twilio.set_faults(throttle=1)
    with pytest.raises(Throttled) as slow:
        await channel.send(account, CITIZEN, text("Halo"))
    assert slow.value.after == 2
    await channel.send(account, CITIZEN, text("Halo"))


async def test_an_error_of_twilios_own_is_to_be_repeated(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    await twilio.set_faults(server_error=1)
    with pytest.raises(ChannelUnavailable):
        await channel.send(account, CITIZEN, text("Halo"))
    assert await twilio.screen(CITIZEN) == []


@pytest.mark.parametrize("fault", ["drop", "garbage", "refuse_connection"])
async def test_when_no_whole_answer_came_the_outcome_is_unknown_and_twilio_is_asked(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, clock: MovedClock, fault: str
) -> None:
    since = clock.now()
    await twilio.set_faults(**{fault: 1})
    message = Outgoing("k", "Sudah *benar*?", YES_NO) if fault == "drop" else text("Nomor Anda LKT-1")
    if fault == "refuse_connection":  # the first call is the one that breaks
        message = text("Nomor Anda LKT-1")
    with pytest.raises(OutcomeUnknown):
        await channel.send(account, CITIZEN, message)
    shown = await twilio.screen(CITIZEN)
    found = await channel.sent_before(account, CITIZEN, message, since)
    if fault == "refuse_connection":
        assert (shown, found) == ([], None)
    else:
        assert found is not None
        assert found.external_id == shown[0]["sid"]


async def test_nobody_listening_means_that_nothing_was_sent(twilio: TwilioStandIn, clock: MovedClock) -> None:
    nowhere = made({**twilio.settings(), "LOKET_TWILIO_API": "http://127.0.0.1:9"}, clock)
    with pytest.raises(ChannelUnavailable):
        await nowhere.send(next(iter(nowhere.accounts.values())), CITIZEN, text("Halo"))
    await nowhere.close()


async def test_wrong_credentials_are_for_the_operator_and_shown_nowhere(
    twilio: TwilioStandIn, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = made({**twilio.settings(), "LOKET_TWILIO_AUTH_TOKEN": "salah-sekali"}, clock)
    with caplog.at_level(logging.DEBUG), pytest.raises(ChannelMisconfigured) as refused:
        await wrong.send(next(iter(wrong.accounts.values())), CITIZEN, text("rahasia warga"))
    await wrong.close()
    told = f"{refused.value} {refused.value.params} {wrong!r} {caplog.text}"
    assert not [secret for secret in ("salah-sekali", "rahasia warga", CITIZEN) if secret in told]


async def test_somebody_who_opted_out_at_twilio_is_left_in_peace(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    twilio.world.phone(CITIZEN).opted_out.add(NUMBER)
    with pytest.raises(OptedOut):
        await channel.send(account, CITIZEN, text("Halo"))


@pytest.mark.parametrize("recipient", ["garbage", "+62", "ID.", "whatsapp:+628000000001"])
async def test_a_recipient_that_is_none_is_refused_for_good(
    channel: WhatsAppChannel, account: ChannelAccount, recipient: str
) -> None:
    with pytest.raises(ChannelError) as refused:
        await channel.send(account, recipient, text("Halo"))
    assert not refused.value.retryable


def test_an_unknown_code_is_judged_by_the_status() -> None:
    assert type(of_code(99999, 400)) is ChannelError
    assert isinstance(of_code(99999, 503), ChannelUnavailable)
    assert isinstance(of_code("no number", 429), Throttled)
    assert isinstance(of_code(0, 401), ChannelMisconfigured)


# -- was it sent before? ------------------------------------------------------------------------------------------------


async def test_an_earlier_try_is_found_by_its_words_and_only_since_then(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, clock: MovedClock, link: OutFile
) -> None:
    await channel.setup(PUBLIC_URL)
    await channel.send(account, CITIZEN, text("Kemarin"))
    clock.pass_(hours=1)
    since = clock.now()
    buttons = tuple(Button(f"Pilihan {n}", f"a:{n}") for n in range(5))
    messages = [
        text("Hari ini"),
        Outgoing("b", "Yang mana?", buttons),
        Outgoing("n", "Yang sama?", (Button("A", "a:1"), Button("A", "a:2"))),
        Outgoing("f", "Berkas", (), link),
        Outgoing("t", "", template=STATUS),
        Outgoing("l", "z" * 1595, buttons),
    ]
    for message in [text("Kemarin"), *messages]:
        assert await channel.sent_before(account, CITIZEN, message, since) is None
    sent = [await channel.send(account, CITIZEN, message) for message in messages]
    await twilio.hooks.settle()
    found = [await channel.sent_before(account, CITIZEN, message, since) for message in messages]
    assert found == sent
    assert await channel.sent_before(account, "+628000000003", messages[0], since) is None
    assert await channel.sent_before(account, CITIZEN, messages[0], since + timedelta(minutes=1)) is None


async def test_a_try_that_failed_at_whatsapp_was_not_sent(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, clock: MovedClock
) -> None:
    await twilio.set_faults(fail=63012)
    await channel.send(account, CITIZEN, text("Halo"))
    await twilio.hooks.settle()
    assert await channel.sent_before(account, CITIZEN, text("Halo"), clock.now() - timedelta(minutes=1)) is None


async def test_when_twilio_cannot_be_asked_it_is_asked_later(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, clock: MovedClock
) -> None:
    await twilio.set_faults(server_error=1)
    with pytest.raises(ChannelError) as later:
        await channel.sent_before(account, CITIZEN, text("Halo"), clock.now())
    assert later.value.retryable


# -- seen ---------------------------------------------------------------------------------------------------------------


async def test_a_message_is_marked_as_read_with_typing(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await twilio.phone(CITIZEN, text="Apa syaratnya?")
    mark = receiver.messages[-1].mark
    await channel.seen(account, CITIZEN, mark, None)
    phone = twilio.world.phone(CITIZEN)
    assert (phone.typing, mark in phone.seen) == (1, True)


async def test_showing_that_it_was_seen_never_fails(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    for mark in (None, "", "x", "SM" + "f" * 32):
        await channel.seen(account, CITIZEN, mark, None)
    await twilio.set_faults(refuse_connection=1)
    await channel.seen(account, CITIZEN, "SM" + "f" * 32, None)

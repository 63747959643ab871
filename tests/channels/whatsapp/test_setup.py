"""What operators run: ``./loket channel setup`` and ``check``."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.templates import LANGUAGES, SERVES
from bot.errors import ChannelMisconfigured, ChannelUnavailable
from bot.ports import ChannelAccount
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.sandbox import TwilioStandIn
from channels.whatsapp.setup import OVERRIDES
from tests.channels.whatsapp.conftest import CITIZEN, ROOT, MovedClock, Receiver, made
from tests.servers.whatsapp import NUMBER, OTHER_NUMBER, PUBLIC_URL

SERVICE = "MG" + "2" * 32


async def test_after_the_setup_messages_arrive_and_nothing_is_wrong(
    channel: WhatsAppChannel, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    for sender in twilio.world.senders.values():
        sender.callback_url = sender.status_callback_url = ""
    before = await channel.check()
    assert sum("./loket channel setup whatsapp" in line for line in before) >= 2
    done = await channel.setup(PUBLIC_URL)
    assert f"{NUMBER}: webhook {PUBLIC_URL}/webhooks/whatsapp/{NUMBER[1:]}{OVERRIDES}" in done
    assert await channel.check() == []
    await twilio.phone(CITIZEN, text="halo", to=OTHER_NUMBER)
    assert [message.account for message in receiver.messages] == [f"whatsapp:{OTHER_NUMBER[1:]}"]


async def test_the_setup_may_be_repeated_and_makes_nothing_twice(
    channel: WhatsAppChannel, twilio: TwilioStandIn, clock: MovedClock
) -> None:
    await channel.setup(PUBLIC_URL)
    names = [content.name for content in twilio.world.contents.values()]
    again = made({**twilio.settings(PUBLIC_URL), "LOKET_CONTENT_DIR": str(ROOT / "data")}, clock)
    await again.setup(PUBLIC_URL)
    await again.close()
    assert [content.name for content in twilio.world.contents.values()] == names
    assert len(set(names)) == len(names) == 13 + len(SERVES) * len(LANGUAGES)


async def test_every_notice_of_data_templates_is_one_that_whatsapp_approves(
    channel: WhatsAppChannel, account: ChannelAccount
) -> None:
    await channel.setup(PUBLIC_URL)
    table = await channel.templates(account)
    assert {(approval, reason) for _, _, _, approval, reason in table} == {("approved", None)}
    assert {(name, language) for name, language, *_ in table} >= {("loket_status", "id"), ("loket_status", "en")}


async def test_waiting_and_rejected_templates_are_told_with_the_reason(
    channel: WhatsAppChannel, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    twilio.world.approves = False
    await channel.setup(PUBLIC_URL)
    for content in twilio.world.contents.values():
        if content.name.startswith("loket-notice-loket_status-id"):
            content.approval, content.reason = "rejected", "TAG_CONTENT_MISMATCH"
        if content.name.startswith("loket-notice-loket_status-en"):
            content.approval = "paused"
    wrong = await channel.check()
    assert any("loket_status (id): ditolak / rejected (TAG_CONTENT_MISMATCH)" in line for line in wrong)
    assert any("loket_status (en): paused" in line for line in wrong)
    assert any("loket_dokumen (id): menunggu persetujuan" in line for line in wrong)


async def test_a_number_that_is_no_sender_or_not_online_is_told(
    twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    twilio.world.senders[NUMBER].status = "OFFLINE"
    channel = made({**twilio.settings(PUBLIC_URL), "LOKET_WHATSAPP_SENDERS": f"{NUMBER},+628000000999"}, clock)
    wrong = await channel.check()
    assert any(f"{NUMBER}: OFFLINE" in line and "not verified yet" in line for line in wrong)
    assert any("+628000000999: bukan pengirim WhatsApp" in line for line in wrong)
    with pytest.raises(ChannelMisconfigured, match="628000000999"):
        await channel.setup(PUBLIC_URL)
    await channel.close()


async def test_a_messaging_service_gets_its_webhook(twilio: TwilioStandIn, clock: MovedClock) -> None:
    twilio.world.add_sender(SERVICE).on_number = True
    config = {**twilio.settings(PUBLIC_URL), "LOKET_WHATSAPP_SENDERS": SERVICE}
    channel = made(config, clock)
    assert any("nomornya" in line for line in await channel.check())
    await channel.setup(PUBLIC_URL)
    assert twilio.world.senders[SERVICE].callback_url == f"{PUBLIC_URL}/webhooks/whatsapp/{SERVICE}{OVERRIDES}"
    assert await channel.check() == []
    await channel.close()
    unknown = made({**config, "LOKET_WHATSAPP_SENDERS": "MG" + "3" * 32}, clock)
    assert any("Messaging Service tidak ditemukan" in line for line in await unknown.check())
    await unknown.close()


async def test_the_shared_sandbox_number_is_set_up_by_hand(twilio: TwilioStandIn, clock: MovedClock) -> None:
    twilio.world.add_sender("+14155238886")
    channel = made({**twilio.settings(PUBLIC_URL), "LOKET_WHATSAPP_SENDERS": "+14155238886"}, clock)
    done = await channel.setup(PUBLIC_URL)
    assert f"{PUBLIC_URL}/webhooks/whatsapp/14155238886" in done[0]
    assert await channel.check() == []
    await channel.close()


async def test_wrong_credentials_and_a_silent_twilio_are_told_apart(twilio: TwilioStandIn, clock: MovedClock) -> None:
    wrong = made({**twilio.settings(PUBLIC_URL), "LOKET_TWILIO_AUTH_TOKEN": "salah"}, clock)
    (told,) = await wrong.check()
    assert "LOKET_TWILIO_AUTH_TOKEN" in told
    assert "salah" not in told.replace("menolak", "")
    await wrong.close()
    silent = made({**twilio.settings(PUBLIC_URL), "LOKET_TWILIO_API": "http://127.0.0.1:9"}, clock)
    (told,) = await silent.check()
    assert "tidak menjawab" in told
    await silent.close()


async def test_a_suspended_account_and_a_missing_public_address_are_told(
    twilio: TwilioStandIn, clock: MovedClock
) -> None:
    twilio.world.status = "suspended"
    channel = made(twilio.settings(""), clock)
    wrong = await channel.check()
    assert any("suspended" in line for line in wrong)
    assert any("LOKET_PUBLIC_URL" in line for line in wrong)
    with pytest.raises(ChannelMisconfigured, match="LOKET_PUBLIC_URL"):
        await channel.setup("")
    await channel.close()


async def test_a_broken_template_file_is_told_and_an_outage_stops_the_setup(
    twilio: TwilioStandIn, clock: MovedClock, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/x.yml").write_text("name: [", "utf-8")
    channel = made({**twilio.settings(PUBLIC_URL), "LOKET_CONTENT_DIR": str(tmp_path)}, clock)
    assert any("templates/x.yml" in line for line in await channel.check())
    await twilio.set_faults(server_error=1)
    with pytest.raises(ChannelUnavailable):
        await channel.setup(PUBLIC_URL)
    await channel.close()

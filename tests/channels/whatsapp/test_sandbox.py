"""The stand-in behaves as Twilio's documentation says, or the other tests prove nothing."""

from __future__ import annotations

import base64
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from bot.domain.messages import Button, MediaRef, Outgoing, Standing, StandingChange
from bot.ports import ChannelAccount
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.sandbox import ACCOUNT_SID, AUTH_TOKEN, SandboxConfig, TwilioStandIn, app, stand_in
from channels.whatsapp.standin.hooks import sign
from tests.channels.whatsapp.conftest import CITIZEN, ROOT, MovedClock, Receiver, made
from tests.servers.whatsapp import NUMBER, PUBLIC_URL, whatsapp_server

SANDBOX = "+14155238886"


@pytest.fixture
async def http(twilio: TwilioStandIn) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(twilio.base_url) as session:
        yield session


def test_it_signs_as_the_library_checks() -> None:
    fields = {"B": "2", "A": "é 1", "C": ""}
    signature = sign(AUTH_TOKEN, "https://h/p?q=1", fields)
    assert RequestValidator(AUTH_TOKEN).validate("https://h/p?q=1", fields, signature)


async def test_a_webhook_that_failed_is_called_again_only_as_its_address_asks_for(
    channel: WhatsAppChannel, twilio: TwilioStandIn, receiver: Receiver
) -> None:
    receiver.failing = 1
    told = await twilio.phone(CITIZEN, text="hilang")
    assert told["calls"] == [{"statuses": [503], "taken": False}]
    await channel.setup(PUBLIC_URL)
    receiver.failing = 3
    told = await twilio.phone(CITIZEN, text="satu")
    assert told["calls"] == [{"statuses": [503, 503, 503, 200], "taken": True}]
    receiver.failing = 6
    told = await twilio.phone(CITIZEN, text="dua")
    assert told["calls"] == [{"statuses": [503] * 6, "taken": False}]
    assert [message.text for message in receiver.messages] == ["satu"]


async def test_it_may_be_mounted_below_a_path(clock: MovedClock) -> None:
    config = SandboxConfig({NUMBER: f"{PUBLIC_URL}/w"}, reach={PUBLIC_URL: "http://127.0.0.1:9"}, retry_first_s=0.0)
    application = web.Application()
    application.add_subapp("/whatsapp/", app(config))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/whatsapp"
    channel = made({**TwilioStandIn(config).settings(PUBLIC_URL), "LOKET_TWILIO_API": url}, clock)
    account = next(iter(channel.accounts.values()))
    async with aiohttp.ClientSession() as session:
        photo = {"chat": CITIZEN, "photo": base64.b64encode(b"foto").decode()}
        async with session.post(f"{url}/phone/send", json=photo) as answer:
            sid = (await answer.json())["sid"]
        async with session.get(
            f"{url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}/Media.json",
            headers={"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)},
        ) as answer:
            media = (await answer.json())["media_list"][0]["sid"]
        await channel.send(account, CITIZEN, Outgoing("k", "Ya atau tidak?", (Button("Ya", "a:1"),)))
    link = f"{url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}/Media/{media}"
    assert await channel.fetch(account, MediaRef(link), 100) == b"foto"
    await channel.close()
    await runner.cleanup()


async def test_duplicates_carry_the_same_sid_and_reordered_ones_come_second(
    twilio: TwilioStandIn, receiver: Receiver
) -> None:
    await twilio.set_faults(duplicate=1)
    await twilio.phone(CITIZEN, text="dua kali")
    assert len({message.external_id for message in receiver.messages}) == 1 < len(receiver.messages) == 2
    await twilio.set_faults(reorder=1)
    await twilio.phone(CITIZEN, text="pertama")
    await twilio.phone(CITIZEN, text="kedua")
    assert [message.text for message in receiver.messages[2:]] == ["kedua", "pertama"]
    await twilio.set_faults(reorder=1)
    await twilio.phone(CITIZEN, text="terakhir")
    await twilio.hooks.settle()
    assert receiver.messages[-1].text == "terakhir"


async def test_a_message_can_be_delivered_again_under_its_sid(twilio: TwilioStandIn, receiver: Receiver) -> None:
    told = await twilio.phone(CITIZEN, text="halo")
    for _ in range(9):
        await twilio.phone(CITIZEN, text="halo", sid=told["sid"])
    assert len(receiver.messages) == 10
    assert {message.external_id for message in receiver.messages} == {told["sid"]}


async def test_the_phone_counts_what_arrives_twice(
    channel: WhatsAppChannel, account: ChannelAccount, twilio: TwilioStandIn
) -> None:
    await twilio.phone(CITIZEN, text="halo")
    for words in ("Sama", "Lain", "Sama"):
        await channel.send(account, CITIZEN, Outgoing("k", words))
    assert [(one["text"], one["times"]) for one in await twilio.screen(CITIZEN)] == [
        ("Sama", 1),
        ("Lain", 1),
        ("Sama", 2),
    ]


async def test_twilios_own_opt_out_words(clock: MovedClock) -> None:
    async with whatsapp_server(clock=clock, opt_out_words=True) as twilio:
        channel = made(twilio.settings(PUBLIC_URL), clock)
        account = next(iter(channel.accounts.values()))
        receiver = Receiver(channel, clock)
        application = web.Application()
        application.router.add_post("/webhooks/whatsapp/{key}", receiver.take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        twilio.hooks.reach(PUBLIC_URL, f"http://127.0.0.1:{runner.addresses[0][1]}")
        twilio.world.senders[NUMBER].callback_url = f"{PUBLIC_URL}/webhooks/whatsapp/{NUMBER[1:]}"
        await twilio.phone(CITIZEN, text="Stop")
        assert [(type(e), e.standing) for e in receiver.events if isinstance(e, StandingChange)] == [
            (StandingChange, Standing.STOPPED)
        ]
        with pytest.raises(Exception, match="21610"):
            await channel.send(account, CITIZEN, Outgoing("k", "Halo"))
        await twilio.phone(CITIZEN, text="START")
        assert receiver.messages[-1].text == "START"
        await channel.send(account, CITIZEN, Outgoing("k", "Halo lagi"))
        await runner.cleanup()
        await channel.close()


async def test_the_shared_sandbox_number_writes_only_to_those_who_joined(
    twilio: TwilioStandIn, receiver: Receiver, clock: MovedClock
) -> None:
    twilio.world.add_sender(SANDBOX)
    shared = made({**twilio.settings(PUBLIC_URL), "LOKET_WHATSAPP_SENDERS": SANDBOX}, clock)
    account = next(iter(shared.accounts.values()))
    await twilio.phone(CITIZEN, text="halo", to=SANDBOX)
    sent = await shared.send(account, CITIZEN, Outgoing("k", "Halo"))
    await twilio.hooks.settle()
    assert twilio.world.messages[sent.external_id].error_code == 63015
    await twilio.phone(CITIZEN, text="join brave-lion", to=SANDBOX)
    await shared.send(account, CITIZEN, Outgoing("k", "Selamat datang", (Button("Ya", "a:1"),)))
    assert [one["text"] for one in await twilio.screen(CITIZEN)] == ["Selamat datang\n\n1. Ya"]
    assert twilio.world.contents == {}, "it takes no templates of one's own"
    await shared.close()


async def test_a_person_who_blocks_us_gets_nothing_and_we_hear_nothing(
    channel: WhatsAppChannel,
    account: ChannelAccount,
    twilio: TwilioStandIn,
    http: aiohttp.ClientSession,
    receiver: Receiver,
) -> None:
    await twilio.phone(CITIZEN, text="halo")
    await http.post("/phone/settings", json={"chat": CITIZEN, "blocks": True})
    await channel.send(account, CITIZEN, Outgoing("k", "Halo"))
    await twilio.hooks.settle()
    assert [receipt.state for receipt in receiver.receipts] == ["sent"]
    assert await twilio.screen(CITIZEN) == []


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"From": f"whatsapp:{NUMBER}", "Body": "a"}, 400, 21604),
        ({"To": f"whatsapp:{CITIZEN}", "Body": "a"}, 400, 21603),
        ({"To": "whatsapp:abc", "From": f"whatsapp:{NUMBER}", "Body": "a"}, 400, 21211),
        ({"To": f"whatsapp:{CITIZEN}", "From": "whatsapp:+628000000555", "Body": "a"}, 400, 63007),
        ({"To": f"whatsapp:{CITIZEN}", "MessagingServiceSid": "MG" + "0" * 32, "Body": "a"}, 404, 21701),
        ({"To": CITIZEN, "From": f"whatsapp:{NUMBER}", "Body": "a"}, 400, 21910),
        ({"To": f"whatsapp:{NUMBER}", "From": f"whatsapp:{NUMBER}", "Body": "a"}, 400, 63031),
        ({"To": f"whatsapp:{CITIZEN}", "From": f"whatsapp:{NUMBER}"}, 400, 21619),
        ({"To": f"whatsapp:{CITIZEN}", "From": f"whatsapp:{NUMBER}", "Body": "a" * 1601}, 400, 21617),
        ({"To": f"whatsapp:{CITIZEN}", "From": f"whatsapp:{NUMBER}", "MediaUrl": "x"}, 400, 21620),
        ({"To": f"whatsapp:{CITIZEN}", "From": f"whatsapp:{NUMBER}", "Body": "a", "StatusCallback": "x"}, 400, 21609),
        ({"To": f"whatsapp:{CITIZEN}", "From": f"whatsapp:{NUMBER}", "ContentSid": "HX" + "0" * 32}, 400, 21655),
        ({"To": f"whatsapp:{CITIZEN}", "From": f"whatsapp:{NUMBER}", "ContentVariables": "{}"}, 400, 21654),
    ],
)
async def test_what_twilio_refuses_at_once(
    http: aiohttp.ClientSession, form: dict[str, str], status: int, code: int
) -> None:
    headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)}
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    async with http.post(path, data=form, headers=headers) as answer:
        told = await answer.json()
    assert (answer.status, told["code"]) == (status, code)
    assert told["more_info"].endswith(str(code))


async def test_the_rest_api_wants_credentials_and_the_phone_a_sound_request(
    http: aiohttp.ClientSession, twilio: TwilioStandIn
) -> None:
    async with http.get("/v1/Content") as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, 20003)
    for wrong in ({}, {"chat": CITIZEN}, {"chat": CITIZEN, "button": "Ya"}, {"chat": CITIZEN, "photo": "#"}):
        async with http.post("/phone/send", json=wrong) as answer:
            assert answer.status == 422
    async with http.post("/faults", json={"earthquake": 1}) as answer:
        assert answer.status == 422
    async with http.get("/faults") as answer:
        assert "duplicate" in (await answer.json())["kinds"]
    async with http.get("/healthz", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403


async def test_the_sandbox_of_all_stand_ins_gets_it_ready_to_call_us(clock: MovedClock, receiver: Receiver) -> None:
    settings = {**receiver.channel_settings(), "LOKET_WHATSAPP_SENDERS": f"33.28={NUMBER}"}
    address, application = stand_in(settings, clock)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        document = {"data": base64.b64encode(b"%PDF-").decode(), "name": "KK.pdf", "type": "application/pdf"}
        async with session.post("/phone/send", json={"chat": CITIZEN, "document": document}) as answer:
            assert (await answer.json())["calls"][0]["taken"]
    await runner.cleanup()
    assert address == NUMBER
    media = receiver.messages[-1].media
    assert media is not None
    assert (media.name, media.type) == ("KK.pdf", "application/pdf")


def test_it_runs_as_a_process_of_its_own() -> None:
    command = [
        sys.executable,
        "-m",
        "channels.whatsapp.sandbox",
        "--port",
        "0",
        "--sender",
        f"{NUMBER}=http://127.0.0.1:9/w",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            with urllib.request.urlopen(f"{url}/senders", timeout=5) as answer:
                assert NUMBER in answer.read().decode()
        finally:
            process.terminate()

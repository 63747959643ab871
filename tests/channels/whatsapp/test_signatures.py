"""Only what Twilio signed is taken. Signatures are made here by hand, not with the library that checks them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.ports import WebhookRequest
from tests.channels.whatsapp.conftest import CITIZEN, Receiver
from tests.channels.whatsapp.test_parse import ACCOUNT, CHANNEL, INCOMING, URL, channel

TOKEN = "invented"


def signature(url: str, fields: dict[str, str], token: str = TOKEN) -> str:
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def request(url: str, signed_url: str = "", token: str = TOKEN, **changes: str) -> WebhookRequest:
    """A webhook to ``url``, signed for ``signed_url``; ``changes`` are made after signing."""
    headers = {
        "CONTENT-TYPE": "application/x-www-form-urlencoded",
        "x-twilio-signature": signature(signed_url or url, INCOMING, token),
    }
    return WebhookRequest(url, headers, urlencode({**INCOMING, **changes}).encode())


def test_a_signed_webhook_is_taken() -> None:
    assert CHANNEL.verify(ACCOUNT, request(URL))


def test_a_query_is_part_of_the_signature() -> None:
    assert CHANNEL.verify(ACCOUNT, request(URL + "?a=1&b=2"))
    assert not CHANNEL.verify(ACCOUNT, request(URL + "?a=1", URL))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (URL, URL.replace("loket.example", "loket.example:443")),
        (URL.replace("loket.example", "loket.example:443"), URL),
        ("https://loket.example:8443/w", "https://loket.example:8443/w"),
        ("https://loket.example:8443/w", "https://loket.example/w"),
    ],
)
def test_the_port_may_be_named_or_not_on_either_side(ours: str, theirs: str) -> None:
    assert CHANNEL.verify(ACCOUNT, request(ours, theirs))


def test_empty_fields_and_special_characters_count() -> None:
    fields = {**INCOMING, "Body": "a+b & c=d é 🙏\n", "ButtonPayload": ""}
    headers = {"X-Twilio-Signature": signature(URL, fields)}
    assert CHANNEL.verify(ACCOUNT, WebhookRequest(URL, headers, urlencode(fields).encode()))


@pytest.mark.parametrize(
    "forged",
    [
        request(URL, token="wrong"),
        request(URL, Body="changed"),
        request(URL, Extra="field"),
        request(URL, URL.replace("900", "901")),
        request("http://loket.example/webhooks/whatsapp/628000000900", URL),
        WebhookRequest(URL, {}, urlencode(INCOMING).encode()),
        WebhookRequest(URL, {"X-Twilio-Signature": ""}, urlencode(INCOMING).encode()),
        WebhookRequest(URL, {"X-Twilio-Signature": "ä" * 28}, urlencode(INCOMING).encode()),
        WebhookRequest("https://[::1/x", {"X-Twilio-Signature": "x"}, b"a=1"),
        WebhookRequest("https://h:port/", {"X-Twilio-Signature": "x"}, b"a=1"),
        WebhookRequest("", {"X-Twilio-Signature": "x"}, b""),
    ],
    ids=["token", "value", "field", "other account", "scheme", "none", "empty", "no ascii", "host", "port", "no url"],
)
def test_a_forged_webhook_is_refused(forged: WebhookRequest) -> None:
    assert not CHANNEL.verify(ACCOUNT, forged)


def test_a_webhook_replayed_to_another_number_is_refused() -> None:
    other = CHANNEL.accounts["whatsapp:628000000901"]
    assert not CHANNEL.verify(other, request(URL.replace("900", "901"), URL))


def _json(body: bytes, named: bytes, url: str = URL) -> WebhookRequest:
    signed = f"{url}?bodySHA256={hashlib.sha256(named).hexdigest()}"
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": signature(signed, {})}
    return WebhookRequest(signed, headers, body)


def test_a_json_body_is_held_by_its_hash_in_the_address() -> None:
    assert CHANNEL.verify(ACCOUNT, _json(b'{"a": 1}', b'{"a": 1}'))
    assert not CHANNEL.verify(ACCOUNT, _json(b'{"a": 2}', b'{"a": 1}'))


def test_a_json_body_without_its_hash_is_refused_even_when_the_address_is_signed() -> None:
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": signature(URL, {})}
    assert not CHANNEL.verify(ACCOUNT, WebhookRequest(URL, headers, b'{"a": 1}'))


@given(
    st.text(max_size=60),
    st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=4),
    st.binary(max_size=200),
)
def test_garbage_is_refused_without_an_error(url: str, headers: dict[str, str], body: bytes) -> None:
    assert CHANNEL.verify(ACCOUNT, WebhookRequest(url, {"X-Twilio-Signature": "abc", **headers}, body)) is False


async def test_behind_a_proxy_the_public_address_is_what_counts(receiver: Receiver) -> None:
    """The stand-in signs ``https://loket.example/…`` and reaches a loopback port, as a proxy would."""
    answer = await receiver.channel._http.session.post(
        f"{receiver.channel._api}/phone/send", json={"chat": CITIZEN, "text": "a"}
    )
    assert (await answer.json())["calls"] == [{"statuses": [200], "taken": True}]
    assert [message.text for message in receiver.messages] == ["a"]


async def test_a_forged_copy_is_refused_while_the_real_one_is_taken(receiver: Receiver, twilio) -> None:  # type: ignore[no-untyped-def]
    await twilio.set_faults(forge=2)
    await twilio.phone(CITIZEN, text="satu")
    await twilio.phone(CITIZEN, text="dua")
    assert receiver.refused == 2
    assert twilio.faults.forged_taken == 0
    assert [message.text for message in receiver.messages] == ["satu", "dua"]


def test_no_secret_shows_in_the_channel_or_its_errors(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = channel()
        with pytest.raises(SettingsError) as refused:
            channel("33.28=+62abc")
    shown = repr(made) + str(vars(refused.value)) + str(refused.value) + caplog.text
    assert TOKEN not in shown
    assert "+62abc" not in shown


@pytest.mark.parametrize(
    ("senders", "accounts"),
    [
        ("+628000000900", {"whatsapp:628000000900": ("33.28", "628000000900", "+628000000900")}),
        ("33.29=+62 800-0000-901", {"whatsapp:628000000901": ("33.29", "628000000901", "+628000000901")}),
        ("whatsapp:+14155238886", {"whatsapp:14155238886": ("33.28", "14155238886", "+14155238886")}),
        (f"33.28=MG{'a' * 32}", {f"whatsapp:MG{'a' * 32}": ("33.28", f"MG{'a' * 32}", f"MG{'a' * 32}")}),
    ],
)
def test_senders_are_read_as_people_write_them(senders: str, accounts: dict[str, tuple[str, str, str]]) -> None:
    found = channel(senders).accounts
    assert {id: (a.locus, a.key, a.address) for id, a in found.items()} == accounts


@pytest.mark.parametrize("wrong", ["0800", "+62", "=+628000000900", "MG12", "+628000000900,+62 800 0000 900"])
def test_a_wrong_sender_is_refused_at_start_with_its_place(wrong: str) -> None:
    with pytest.raises(SettingsError, match="LOKET_WHATSAPP_SENDERS"):
        channel(wrong)

"""What Twilio's webhooks become. The fields are those of real webhooks; numbers, names and SIDs are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.messages import Inbound, MediaRef, Receipt, Standing, StandingChange, Unread
from bot.errors import InvalidMessage
from bot.ports import ChannelAccount, WebhookRequest
from bot.registry import channel_manifest
from channels.whatsapp.adapter import WhatsAppChannel
from channels.whatsapp.sandbox import ACCOUNT_SID
from tests.channels.whatsapp.conftest import ROOT, MovedClock

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SID = "SM" + "0a" * 16
SERVICE = "MG" + "0b" * 16
MEDIA = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/MM{'0c' * 16}/Media/ME{'0d' * 16}"
URL = "https://loket.example/webhooks/whatsapp/628000000900"
OURS = "whatsapp:628000000900"

INCOMING = {
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ProfileName": "Siti",
    "MessageType": "text",
    "SmsSid": SID,
    "WaId": "628000000001",
    "SmsStatus": "received",
    "Body": "Halo",
    "To": "whatsapp:+628000000900",
    "NumSegments": "1",
    "ReferralNumMedia": "0",
    "MessageSid": SID,
    "AccountSid": ACCOUNT_SID,
    "From": "whatsapp:+628000000001",
    "ApiVersion": "2010-04-01",
    "ChannelMetadata": '{"type":"whatsapp","data":{"context":{"ProfileName":"Siti","WaId":"628000000001"}}}',
}
STATUS = {
    "ChannelPrefix": "whatsapp",
    "ApiVersion": "2010-04-01",
    "MessageStatus": "delivered",
    "SmsSid": SID,
    "SmsStatus": "delivered",
    "ChannelInstallSid": "XE" + "0e" * 16,
    "To": "whatsapp:+628000000001",
    "From": "whatsapp:+628000000900",
    "MessageSid": SID,
    "StructuredMessage": "false",
    "AccountSid": ACCOUNT_SID,
    "ChannelToAddress": "whatsapp:+628000000001",
}


def channel(senders: str = f"33.28=+628000000900,33.29=+62 800-0000-901,{SERVICE}") -> WhatsAppChannel:
    config = {
        "LOKET_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "LOKET_TWILIO_AUTH_TOKEN": "invented",
        "LOKET_WHATSAPP_SENDERS": senders,
        "LOKET_LOCUS": "33.28",
    }
    return WhatsAppChannel(channel_manifest(ROOT / "channels/whatsapp"), config, MovedClock())


CHANNEL = channel()
ACCOUNT = CHANNEL.accounts[OURS]


def parsed(body: bytes | dict[str, Any], account: ChannelAccount = ACCOUNT, kind: str = "") -> list[Any]:
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    headers = {"content-type": kind or "application/x-www-form-urlencoded; charset=UTF-8"}
    return list(CHANNEL.parse(account, WebhookRequest(URL, headers, raw), AT))


def said(**what: Any) -> Inbound:
    """A message of the person, with what differs from the plainest one."""
    common: dict[str, Any] = {"mark": SID, "aliases": (), "name": "Siti"}
    return Inbound(OURS, what.pop("external_id", SID), what.pop("sender", "+628000000001"), AT, **common | what)


CASES: list[tuple[str, dict[str, str], list[Any]]] = [
    ("a text", {}, [said(text="Halo")]),
    ("an emoji alone", {"Body": "👍"}, [said(text="👍")]),
    (
        "line feeds, marks of direction and zero width",
        {"Body": "a\nb \u202eke\u200b"},
        [said(text="a\nb \u202eke\u200b")],
    ),
    ("a NUL and a lone surrogate's bytes", {"Body": "a\x00b"}, [said(text="ab")]),
    ("nothing at all", {"Body": "  "}, [said(unread=Unread.OTHER)]),
    ("what WhatsApp calls unsupported", {"Body": "", "MessageType": "unsupported"}, [said(unread=Unread.OTHER)]),
    ("a reaction", {"Body": "👍", "MessageType": "reaction"}, []),
    ("an edit, should Twilio ever tell of one", {"MessageType": "edit"}, []),
    ("a deletion", {"MessageType": "revoke", "Body": ""}, []),
    (
        "a quick reply",
        {"Body": "Ya", "ButtonPayload": "jawab:agama:islam", "ButtonText": "Ya", "MessageType": "button"},
        [said(payload="jawab:agama:islam", title="Ya")],
    ),
    (
        "an item of a list",
        {"Body": "Akta lahir", "ListId": "niat:start:akta", "ListTitle": "Akta lahir", "MessageType": "interactive"},
        [said(payload="niat:start:akta", title="Akta lahir")],
    ),
    (
        "an answer to one of our messages",
        {"OriginalRepliedMessageSid": "MM" + "1" * 32, "OriginalRepliedMessageSender": "whatsapp:+628000000900"},
        [said(text="Halo")],
    ),
    (
        "a click on an advertisement",
        {"ReferralBody": "Iklan", "ReferralSourceUrl": "https://fb.me/1", "ReferralNumMedia": "1"},
        [said(text="Halo")],
    ),
    (
        "a place",
        {"Body": "", "Latitude": "-6.8686", "Longitude": "109.1402", "Address": "Slawi", "MessageType": "location"},
        [said(location=(-6.8686, 109.1402))],
    ),
    ("a place that is none", {"Latitude": "nan", "Longitude": "109"}, [said(unread=Unread.OTHER)]),
    ("a place off the earth", {"Latitude": "91", "Longitude": "x"}, [said(unread=Unread.OTHER)]),
    (
        "a photo",
        {"Body": "", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "image/jpeg", "MessageType": "image"},
        [said(media=MediaRef(MEDIA, type="image/jpeg"))],
    ),
    (
        "a photo with words",
        {"Body": "KK saya", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "image/jpeg"},
        [said(media=MediaRef(MEDIA, type="image/jpeg"), caption="KK saya")],
    ),
    (
        "a document, whose name comes as its text",
        {"Body": "Surat lahir.pdf", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "application/pdf"},
        [said(media=MediaRef(MEDIA, name="Surat lahir.pdf", type="application/pdf"))],
    ),
    (
        "several photos at once",
        {
            "Body": "depan belakang",
            "NumMedia": "2",
            "MediaUrl0": MEDIA,
            "MediaContentType0": "image/jpeg",
            "MediaUrl1": MEDIA + "x",
            "MediaContentType1": "image/png",
        },
        [
            said(external_id=f"{SID}:0", media=MediaRef(MEDIA, type="image/jpeg"), caption="depan belakang"),
            said(external_id=f"{SID}:1", media=MediaRef(MEDIA + "x", type="image/png")),
        ],
    ),
    (
        "a voice note",
        {"Body": "", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "audio/ogg; codecs=opus"},
        [said(unread=Unread.VOICE)],
    ),
    (
        "a video with words, which are kept",
        {"Body": "lihat ini", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "video/mp4"},
        [said(external_id=f"{SID}:0", unread=Unread.VIDEO), said(external_id=f"{SID}:1", text="lihat ini")],
    ),
    (
        "a sticker",
        {"Body": "", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "image/webp", "MessageType": "sticker"},
        [said(unread=Unread.STICKER)],
    ),
    (
        "a contact card",
        {"Body": "Budi", "NumMedia": "1", "MediaUrl0": MEDIA, "MediaContentType0": "text/vcard"},
        [said(unread=Unread.CONTACT)],
    ),
    (
        "a number of files that is none",
        {"NumMedia": "viele", "MediaUrl0": MEDIA, "MediaContentType0": "image/jpeg"},
        [said(text="Halo")],
    ),
    (
        "a user id beside the number",
        {"ExternalUserId": "ID.13491208655302741918"},
        [said(text="Halo", sender="ID.13491208655302741918", aliases=("+628000000001",))],
    ),
    (
        "a hidden number",
        {"From": "whatsapp:ID.13491208655302741918", "WaId": "", "ExternalUserId": "ID.13491208655302741918"},
        [said(text="Halo", sender="ID.13491208655302741918")],
    ),
    ("a plus sign that became a space", {"From": "whatsapp: 628000000001"}, [said(text="Halo")]),
    ("no name", {"ProfileName": ""}, [said(text="Halo", name=None)]),
    (
        "Twilio's own STOP",
        {"Body": "STOP", "OptOutType": "STOP"},
        [StandingChange(OURS, "+628000000001", Standing.STOPPED, AT)],
    ),
    (
        "Twilio's own START",
        {"Body": "START", "OptOutType": "START"},
        [StandingChange(OURS, "+628000000001", Standing.OPEN, AT), said(text="START")],
    ),
    ("Twilio's own HELP", {"Body": "HELP", "OptOutType": "HELP"}, [said(text="HELP")]),
    (
        "a message to the other number that was set to the same address",
        {"To": "whatsapp:+628000000901"},
        [Inbound("whatsapp:628000000901", SID, "+628000000001", AT, text="Halo", mark=SID, name="Siti")],
    ),
    ("a message of another Twilio account", {"AccountSid": "AC" + "9" * 32}, []),
]


@pytest.mark.parametrize(("fields", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_incoming_webhook_becomes(fields: dict[str, str], expected: list[Any]) -> None:
    assert parsed({**INCOMING, **fields}) == expected


def test_a_message_over_a_messaging_service_belongs_to_the_service() -> None:
    service = CHANNEL.accounts[f"whatsapp:{SERVICE}"]
    (event,) = parsed({**INCOMING, "To": "whatsapp:+628000000777", "MessagingServiceSid": SERVICE}, service)
    assert event.account == f"whatsapp:{SERVICE}"


RECEIPTS: list[tuple[str, dict[str, str], list[Any]]] = [
    ("queued", {"MessageStatus": "queued"}, []),
    ("sending", {"MessageStatus": "sending"}, []),
    ("sent", {"MessageStatus": "sent"}, [Receipt(OURS, SID, "sent", AT)]),
    ("delivered", {}, [Receipt(OURS, SID, "delivered", AT)]),
    ("read", {"MessageStatus": "read", "EventType": "READ"}, [Receipt(OURS, SID, "read", AT)]),
    (
        "outside the window",
        {"MessageStatus": "undelivered", "ErrorCode": "63016"},
        [Receipt(OURS, SID, "failed", AT, "63016")],
    ),
    ("failed for no reason given", {"MessageStatus": "failed"}, [Receipt(OURS, SID, "failed", AT)]),
    (
        "failed because of an opt-out",
        {"MessageStatus": "failed", "ErrorCode": "21610"},
        [
            Receipt(OURS, SID, "failed", AT, "21610"),
            StandingChange(OURS, "+628000000001", Standing.STOPPED, AT),
        ],
    ),
    (
        "blocked by the person",
        {"MessageStatus": "failed", "ErrorCode": "63014"},
        [
            Receipt(OURS, SID, "failed", AT, "63014"),
            StandingChange(OURS, "+628000000001", Standing.BLOCKED, AT),
        ],
    ),
    (
        "no WhatsApp at that number, which blocks nothing",
        {"MessageStatus": "failed", "ErrorCode": "63024"},
        [Receipt(OURS, SID, "failed", AT, "63024")],
    ),
    ("a status of tomorrow", {"MessageStatus": "teleported"}, []),
]


@pytest.mark.parametrize(("fields", "expected"), [case[1:] for case in RECEIPTS], ids=[case[0] for case in RECEIPTS])
def test_a_status_callback_becomes(fields: dict[str, str], expected: list[Any]) -> None:
    assert parsed({**STATUS, **fields}) == expected


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"\xff\xfe", b"MessageSid=1", b"MessageSid=" + SID.encode(), b"a=%ff", b"&".join([b"a=1"] * 500)],
)
def test_what_is_no_webhook_of_twilio_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parsed(body)


def test_json_is_nothing_we_asked_for() -> None:
    assert parsed(b'{"MessageSid": "x"}', kind="application/json") == []


_FIELD = st.sampled_from(
    [*INCOMING, "Latitude", "Longitude", "MediaUrl0", "MediaContentType0", "ButtonPayload", "ErrorCode"]
)


@settings(max_examples=300)
@given(st.dictionaries(_FIELD, st.text(max_size=40)))
def test_no_field_can_break_the_reading(fields: dict[str, str]) -> None:
    """Whatever a field says, a message is read, nothing comes, or it is refused; texts are storable."""
    body = urlencode({**INCOMING, **fields}, errors="replace").encode()
    try:
        events = parsed(body)
    except InvalidMessage:
        return
    for event in events:
        if isinstance(event, Inbound):
            given_kinds = [event.text, event.payload, event.media, event.location, event.unread]
            assert sum(kind is not None for kind in given_kinds) == 1
            assert "\x00" not in (event.text or "") + (event.payload or "") + (event.title or "")


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_garbage_is_refused_and_never_crashes(body: bytes) -> None:
    try:
        assert parsed(body) == []
    except InvalidMessage:
        pass

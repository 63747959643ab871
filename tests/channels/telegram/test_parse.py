"""Updates as Telegram documents them (core.telegram.org/bots/api), of invented people, and what Loket makes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import Inbound, MediaRef, Standing, StandingChange, Unread
from bot.errors import InvalidMessage
from channels.telegram.parse import parse_body, parse_update
from tests.channels.telegram.conftest import AT

ACCOUNT = "telegram:3328000001"
SITI: dict[str, Any] = {
    "id": 9000000042,
    "is_bot": False,
    "first_name": "Siti",
    "last_name": "Rahayu",
    "username": "siti_contoh",
    "language_code": "jv",
}
PRIVATE = {"id": 9000000042, "first_name": "Siti", "last_name": "Rahayu", "username": "siti_contoh", "type": "private"}
GROUP = {"id": -1009000000001, "title": "RT 04", "type": "supergroup"}
BOT = {"id": 3328000001, "is_bot": True, "first_name": "Loket", "username": "loket_contoh_bot"}
FILE = {"file_id": "AgACAgUAAxkBAAM", "file_unique_id": "AQADaa", "file_size": 81234}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 7, "from": SITI, "chat": PRIVATE, "date": 1772442000, **content}


def update(kind: str = "message", /, **body: Any) -> dict[str, Any]:
    return {"update_id": 871234567, kind: body}


def parse(raw: dict[str, Any]) -> list[Any]:
    return parse_update(ACCOUNT, json.loads(json.dumps(raw)), AT)


def one(raw: dict[str, Any]) -> Any:
    (event,) = parse(raw)
    return event


CONTENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"text": "ktp kulo ical"}, {"text": "ktp kulo ical"}),
    "text with formatting": (
        {"text": "halo dunia", "entities": [{"offset": 0, "length": 4, "type": "bold"}]},
        {"text": "halo dunia"},
    ),
    "an answer to an earlier message": (
        {"text": "itu", "reply_to_message": {"message_id": 3, "chat": PRIVATE, "date": 1, "text": "apa"}},
        {"text": "itu"},
    ),
    "a forwarded message": (
        {"text": "dari grup", "forward_origin": {"type": "hidden_user", "sender_user_name": "Anu", "date": 1}},
        {"text": "dari grup"},
    ),
    "nothing but an emoji": ({"text": "👍🏽"}, {"text": "👍🏽"}),
    "marks that turn the writing round": ({"text": "\u202etxet\u200b"}, {"text": "\u202etxet\u200b"}),
    "a zero character": ({"text": "a\x00b"}, {"text": "ab"}),
    "half a character": ({"text": "a\ud83d"}, {"text": "a?"}),
    "start": ({"text": "/start"}, {"text": "/start"}),
    "start by a link": ({"text": "/start K7Q-2_x"}, {"text": "/start K7Q-2_x", "start": "K7Q-2_x"}),
    "start by a link, addressed": ({"text": "/start@loket_bot abc"}, {"text": "/start@loket_bot abc", "start": "abc"}),
    "start and words": ({"text": "/start mau urus ktp"}, {"text": "/start mau urus ktp"}),
    "photo, the largest size": (
        {
            "photo": [
                {"file_id": "small", "file_unique_id": "s", "file_size": 1253, "width": 90, "height": 67},
                {"file_id": "large", "file_unique_id": "l", "file_size": 181234, "width": 1280, "height": 960},
                {"file_id": "middle", "file_unique_id": "m", "file_size": 31234, "width": 320, "height": 240},
            ],
            "caption": "swafoto saya",
        },
        {"media": MediaRef("large", "", "image/jpeg", 181234), "caption": "swafoto saya"},
    ),
    "document": (
        {"document": {**FILE, "file_name": "KK.pdf", "mime_type": "application/pdf"}},
        {"media": MediaRef("AgACAgUAAxkBAAM", "KK.pdf", "application/pdf", 81234)},
    ),
    "document without name, type and size": (
        {"document": {"file_id": "x", "file_unique_id": "y"}},
        {"media": MediaRef("x")},
    ),
    "own contact": (
        {"contact": {"phone_number": "62 800-0000-01", "first_name": "Siti", "user_id": 9000000042}},
        {"text": "+62800000001"},
    ),
    "somebody's contact": (
        {"contact": {"phone_number": "+62800000002", "first_name": "Budi", "user_id": 9000000043}},
        {"unread": Unread.CONTACT},
    ),
    "contact of nobody on Telegram": (
        {"contact": {"phone_number": "+62800000002", "first_name": "Budi"}},
        {"unread": Unread.CONTACT},
    ),
    "location": ({"location": {"latitude": -6.8797, "longitude": 109.1256}}, {"location": (-6.8797, 109.1256)}),
    "venue": (
        {
            "location": {"latitude": -6.8, "longitude": 109.1},
            "venue": {"location": {"latitude": -6.8, "longitude": 109.1}, "title": "MPP", "address": "Slawi"},
        },
        {"location": (-6.8, 109.1)},
    ),
    "voice note": ({"voice": {**FILE, "duration": 4, "mime_type": "audio/ogg"}}, {"unread": Unread.VOICE}),
    "music": ({"audio": {**FILE, "duration": 180}}, {"unread": Unread.VOICE}),
    "video": ({"video": {**FILE, "width": 640, "height": 480, "duration": 9}}, {"unread": Unread.VIDEO}),
    "round video": ({"video_note": {**FILE, "length": 240, "duration": 9}}, {"unread": Unread.VIDEO}),
    "animation, which is also told as a document": (
        {"animation": {**FILE, "width": 3, "height": 3, "duration": 1}, "document": FILE},
        {"unread": Unread.VIDEO},
    ),
    "sticker": (
        {
            "sticker": {
                **FILE,
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": "😀",
            }
        },
        {"unread": Unread.STICKER},
    ),
    "dice": ({"dice": {"emoji": "🎲", "value": 3}}, {"unread": Unread.OTHER}),
    "poll": (
        {
            "poll": {
                "id": "1",
                "question": "?",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
            }
        },
        {"unread": Unread.OTHER},
    ),
    "what no library knows yet": ({"hologram": {"file_id": "x"}}, {"unread": Unread.OTHER}),
    "what the library cannot read": ({"photo": [{"file": 1}]}, {"unread": Unread.OTHER}),
}


@pytest.mark.parametrize(("content", "expected"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_private_message_becomes_what_it_says(content: dict[str, Any], expected: dict[str, Any]) -> None:
    event = one(update(**message(**content)))
    assert isinstance(event, Inbound)
    assert (event.account, event.external_id, event.sender, event.at) == (ACCOUNT, "u871234567", "9000000042", AT)
    names = ("text", "payload", "media", "caption", "location", "unread", "start", "edits")
    assert {name: getattr(event, name) for name in names if getattr(event, name) is not None} == expected
    kinds = (event.text, event.payload, event.file, event.media, event.location, event.unread)
    assert sum(kind is not None for kind in kinds) == 1


def test_the_sender_is_told_with_name_and_language() -> None:
    event = one(update(**message(text="halo")))
    assert (event.name, event.language, event.mark) == ("Siti Rahayu", "jv", '{"m":7}')


@pytest.mark.parametrize(
    ("code", "language"),
    [("id", "id"), ("in", "id"), ("en-GB", "en"), ("jv", "jv"), ("ms", None), ("", None), (None, None)],
)
def test_only_languages_that_loket_speaks_are_taken_over(code: str | None, language: str | None) -> None:
    person = {**SITI, "language_code": code}
    assert one(update(**message(text="halo") | {"from": person})).language == language


@pytest.mark.parametrize(
    ("first", "name"), [("", None), ("\u202e\u200bAni", "Ani"), ("x" * 300, "x" * 100), ("\u2066", None)]
)
def test_a_name_is_told_without_invisible_characters(first: str, name: str | None) -> None:
    person = {"id": 9000000042, "is_bot": False, "first_name": first}
    assert one(update(**message(text="halo") | {"from": person})).name == name


NOTHING: dict[str, dict[str, Any]] = {
    "no sender": update(**{k: v for k, v in message(text="x").items() if k != "from"}),
    "a bot": update(**message(text="x") | {"from": BOT, "chat": GROUP}),
    "a channel post": update("channel_post", message_id=1, date=1, chat={"id": -100, "type": "channel"}, text="x"),
    "a message of a channel": update(**message(text="x") | {"chat": {"id": -100, "type": "channel", "title": "c"}}),
    "a business message": update("business_message", **message(text="x", business_connection_id="b")),
    "pinned": update(**message(pinned_message={"message_id": 3, "chat": PRIVATE, "date": 1, "text": "x"})),
    "came into a group": update(**message(new_chat_members=[BOT]) | {"chat": GROUP}),
    "left a group": update(**message(left_chat_member=SITI) | {"chat": GROUP}),
    "the group grew": update(**message(migrate_to_chat_id=-1009000000001) | {"chat": GROUP}),
    "a timer was set": update(**message(message_auto_delete_timer_changed={"message_auto_delete_time": 86400})),
    "a reaction": update(
        "message_reaction", chat=PRIVATE, message_id=3, user=SITI, date=1, old_reaction=[], new_reaction=[]
    ),
    "an edit in a group": update("edited_message", **message(text="x", edit_date=1) | {"chat": GROUP}),
    "a live location that moves": update(
        "edited_message", **message(location={"latitude": 1.0, "longitude": 2.0, "live_period": 900}, edit_date=1)
    ),
    "a kind to come": {"update_id": 1, "thought_reading": {"chat": PRIVATE}},
    "nothing at all": {"update_id": 1},
    "a broken update of a group": {"update_id": 1, "message": {"chat": GROUP, "photo": 3}},
    "a button of an inline message": update(
        "callback_query", id="4", **{"from": SITI}, inline_message_id="i", chat_instance="c", data="perintah:ulang"
    ),
    "a game": update(
        "callback_query", id="4", **{"from": SITI}, message=message(), chat_instance="c", game_short_name="g"
    ),
    "made an administrator": update(
        "my_chat_member",
        chat=PRIVATE,
        date=1,
        **{"from": SITI},
        old_chat_member={"user": BOT, "status": "member"},
        new_chat_member={"user": BOT, "status": "left"},
    ),
}


@pytest.mark.parametrize("raw", NOTHING.values(), ids=NOTHING.keys())
def test_what_nobody_said_to_loket_is_passed_over(raw: dict[str, Any]) -> None:
    assert parse(raw) == []


def test_a_message_in_a_group_is_no_conversation() -> None:
    event = one(update(**message(text="/start@loket_contoh_bot") | {"chat": GROUP}))
    assert (event.unread, event.text, event.sender) == (Unread.GROUP, None, "-1009000000001")


def test_an_edit_names_the_message_that_it_changes_as_that_was_marked() -> None:
    first = one(update(**message(text="tgl 3")))
    edit = one({"update_id": 871234568, "edited_message": message(text="tgl 4", edit_date=1772442060)})
    assert (edit.text, edit.external_id, edit.edits) == ("tgl 4", "u871234568", first.mark)


def pressed(data: str, **shown: Any) -> dict[str, Any]:
    body = message(text="Setuju?", **shown) | {"from": BOT, "message_id": 12}
    return update(
        "callback_query", id="4382bfdwdsb323b2d9", **{"from": SITI}, message=body, chat_instance="1", data=data
    )


def test_a_pressed_button_is_its_payload_and_its_title() -> None:
    rows = [
        [{"text": "✓ Ya", "callback_data": "jawab:setuju:ya"}],
        [{"text": "Tidak", "callback_data": "jawab:setuju:t"}],
    ]
    event = one(pressed("jawab:setuju:ya", reply_markup={"inline_keyboard": rows}))
    assert (event.payload, event.title, event.text, event.sender) == ("jawab:setuju:ya", "Ya", None, "9000000042")
    assert json.loads(event.mark) == {"m": 12, "q": "4382bfdwdsb323b2d9", "d": "jawab:setuju:ya", "t": "Ya"}


def test_a_button_of_a_message_too_old_to_be_told_still_has_its_payload() -> None:
    old = {"chat": PRIVATE, "message_id": 12, "date": 0}
    raw = update("callback_query", id="4", **{"from": SITI}, message=old, chat_instance="1", data="perintah:lanjut")
    event = one(raw)
    assert (event.payload, event.title) == ("perintah:lanjut", None)


@pytest.mark.parametrize(("status", "standing"), [("kicked", Standing.BLOCKED), ("member", Standing.OPEN)])
def test_blocking_and_coming_back_change_the_standing(status: str, standing: Standing) -> None:
    member = {"user": BOT, "status": status, **({"until_date": 0} if status == "kicked" else {})}
    raw = update(
        "my_chat_member",
        chat=PRIVATE,
        date=1772442000,
        **{"from": SITI},
        old_chat_member={"user": BOT, "status": "member"},
        new_chat_member=member,
    )
    assert one(raw) == StandingChange(ACCOUNT, "9000000042", standing, AT)


@pytest.mark.parametrize(
    "body",
    [b"", b"halo", b"[]", b"{}", b'{"update_id": "7"}', b'{"update_id": true}', b"\xff\xfe", b"[" * 100_000, b'"x"'],
)
def test_what_is_no_update_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_body(ACCOUNT, body, AT)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    "text photo document contact location voice sticker caption chat from date message_id edit_date poll entities "
    "reply_markup data message id new_chat_member".split()
)


@given(
    kind=st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll"]),
    body=st.dictionaries(_FIELDS, _JSON, max_size=6),
    whole=st.booleans(),
)
def test_no_update_of_whatever_shape_is_more_than_one_event_or_breaks(kind: str, body: Any, whole: bool) -> None:
    events = parse_update(ACCOUNT, {"update_id": 5, kind: {**message(), **body} if whole else body}, AT)
    assert len(events) <= 1
    assert all(not isinstance(event, Inbound) or event.external_id == "u5" for event in events)

"""Messages that are no text: files still at the provider, voice, stickers, places, groups, commands; and "seen"."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.conversation import Holder
from bot.domain.messages import MediaRef, Unread
from bot.errors import ChannelUnavailable, DialogueUnavailable, RejectedFile
from bot.ports import TurnRequest
from bot.usecases.attachments import MAX_WAITS
from tests.usecases.conftest import NIK
from tests.usecases.phone import Phone, said_in

# -- files --------------------------------------------------------------------------------------------------------------


def photo(name: str = "f1", **more: Any) -> dict[str, Any]:
    return {"media": MediaRef(name, "foto.png", "image/png", 3), **more}


async def to_the_selfie(phone: Phone) -> None:
    await phone.open_form()
    for said in (NIK, "17 agt 90"):
        await phone.say(said)


async def test_a_photo_that_a_form_asks_for_is_fetched_and_is_the_answer(phone: Phone) -> None:
    await to_the_selfie(phone)
    phone.channel.files["f1"] = b"match"
    await phone.put(**photo(caption="ini foto saya"))
    row = await phone.claim()
    await phone.converse.run(row)
    (line,) = [own for own in await phone.own() if own.get("file")]
    assert line["file"]["name"] == "foto.jpg" and line["file_kind"] == "selfie" and "media" not in line
    assert phone.channel.fetched == ["f1"]
    assert phone.world.dialogue.seen[-1] == "/answer"


async def test_a_repeated_turn_stores_the_file_once(phone: Phone) -> None:
    await to_the_selfie(phone)
    phone.channel.files["f1"] = b"match"
    turn = phone.world.dialogue.turn

    async def away(request: TurnRequest) -> list[str]:
        raise DialogueUnavailable

    phone.world.dialogue.turn = away  # type: ignore[method-assign]
    await phone.put(**photo())
    row = await phone.claim()
    with pytest.raises(DialogueUnavailable):
        await phone.converse.run(row)
    await phone.world.queue.wait(row, "dialogue_unavailable", 0, phone.world.clock.now())
    phone.world.dialogue.turn = turn  # type: ignore[method-assign]
    await phone.work()
    assert phone.channel.fetched == ["f1"]
    async with phone.world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from blob"))).scalar_one() <= 1


@pytest.mark.parametrize(
    ("away", "key"),
    [(ChannelUnavailable(), "file.gone"), (RejectedFile("file.unscanned", 503), "file.unscanned")],
    ids=["provider", "scanner"],
)
async def test_a_provider_that_is_away_makes_the_message_wait_and_then_be_given_up_kindly(
    phone: Phone, away: Exception, key: str
) -> None:
    phone.channel.files["f1"] = away
    await phone.put(**photo())
    row = await phone.claim()
    with pytest.raises(ChannelUnavailable):
        await phone.converse.run(row)
    for _ in range(MAX_WAITS):
        await phone.world.queue.wait(row, "channel_unavailable", 0, phone.world.clock.now())
        row = await phone.claim()
    phone.channel.files["f1"] = away
    await phone.converse.run(row)
    assert [a["text"] for a in await phone.news()] == [said_in(phone.world, key)]


@pytest.mark.parametrize(
    ("content", "key"), [(b"bad", "file.broken"), (b"x" * 2000, "file.too_big"), (RejectedFile("file.gone", 422), "")]
)
async def test_a_file_that_cannot_be_used_is_explained_and_the_form_asks_again(
    phone: Phone, content: bytes | Exception, key: str
) -> None:
    await to_the_selfie(phone)
    phone.channel.files["f1"] = content
    first, *rest = await phone.say(**photo())
    assert first["text"] == said_in(phone.world, key or "file.gone", **({"megabytes": 0} if "big" in key else {}))
    assert rest[-1]["meta"]["field_type"] == "selfie"


async def test_outside_a_form_the_words_beside_a_file_are_answered_too(phone: Phone) -> None:
    phone.channel.files["f1"] = b"foto"
    *answers, about = await phone.say(**photo(caption="syarat akta"))
    assert phone.world.dialogue.seen[-1] == "syarat akta" and answers
    assert about["text"] == said_in(phone.world, "error.unexpected_file")


async def test_the_words_beside_a_lost_file_are_not_lost(phone: Phone) -> None:
    *answers, about = await phone.say(**photo("gone", caption="syarat akta"))
    assert phone.world.dialogue.seen[-1] == "syarat akta" and answers
    assert about["text"] == said_in(phone.world, "file.gone")


async def test_an_album_is_several_messages_and_each_file_is_kept(phone: Phone) -> None:
    for name in ("f1", "f2", "f3"):
        phone.channel.files[name] = name.encode()
        await phone.put(**photo(name))
    await phone.work()
    assert [own["file"]["size"] for own in await phone.own()] == [2, 2, 2]


async def test_a_file_sent_to_an_agent_is_fetched_and_shown_and_the_bot_is_silent(phone: Phone) -> None:
    who = await phone.conversation()
    async with phone.world.store.begin() as tx:
        held = await tx.conversation(who.id, lock=True)
        held.state = Holder.AGENT
        await tx.save_conversation(held)
    phone.channel.files["f1"] = b"foto"
    assert await phone.say(**photo()) == []
    (line,) = await phone.own()
    assert line["file"]["type"] == "image/jpeg" and line["file_kind"] == "document"


# -- kinds without words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [k for k in Unread if k is not Unread.GROUP])
@pytest.mark.parametrize("language", ["id", "en", "jv"])
async def test_every_kind_without_words_has_an_answer_in_every_language(
    phone: Phone, kind: Unread, language: str
) -> None:
    who = await phone.conversation()
    async with phone.world.store.begin() as tx:
        held = await tx.conversation(who.id, lock=True)
        held.language = language
        await tx.save_conversation(held)
    (answer,) = await phone.say(unread=kind)
    assert answer["text"] == phone.world.deps.texts.say(f"unread.{kind.value}", language)
    (line,) = await phone.own()
    assert line["title"] == phone.world.deps.texts.say(f"unread.shown.{kind.value}", language)


async def test_a_voice_note_offers_a_person_and_inside_a_form_asks_again(phone: Phone) -> None:
    (answer,) = await phone.say(unread=Unread.VOICE)
    assert [button["payload"] for button in answer["buttons"]] == ["niat:talk_to_human"]
    asked = (await phone.open_form())[-1]
    _, again = await phone.say(unread=Unread.VOICE)
    assert again["meta"]["field"] == asked["meta"]["field"]


async def test_a_place_on_the_map_asks_for_an_address_in_words(phone: Phone) -> None:
    (answer,) = await phone.say(location=(-6.86789, 109.13))
    assert answer["text"] == said_in(phone.world, "unread.location")
    assert "-6.86789, 109.13000" in (await phone.own())[0]["title"]


@pytest.mark.parametrize("said", ["😀😀", "❤️", "🙏🏽"])
async def test_a_text_of_emoji_alone_is_answered_like_a_sticker(phone: Phone, said: str) -> None:
    (answer,) = await phone.say(said)
    assert answer["text"] == said_in(phone.world, "unread.sticker")


async def test_a_group_is_refused_once_a_day_and_nothing_of_it_is_kept(phone: Phone) -> None:
    phone.who = "group-1"
    for _ in range(3):
        await phone.put("rahasia keluarga", unread=Unread.GROUP, name="Bu RT")
        await phone.work()
    assert [a["text"] for a in await phone.news()] == [said_in(phone.world, "unread.group")]
    (line,) = await phone.own()
    assert line["text"] is None and "rahasia" not in str(line) and "Bu RT" not in str(line)
    phone.world.clock.at += timedelta(days=1)
    assert len(await phone.say(unread=Unread.GROUP)) == 1


async def test_start_greets_and_inside_a_form_shows_the_question_again(phone: Phone) -> None:
    (greeting,) = await phone.say("/start")
    assert "Loket" in greeting["text"] or greeting["buttons"]
    asked = (await phone.open_form())[-1]
    answers = await phone.say("/start@mpp_bot")
    assert answers[-1]["meta"]["field"] == asked["meta"]["field"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [("/petugas", "/talk_to_human"), ("/bantuan@mpp_bot", "/help"), ("/batal", "/cancel_application")],
)
async def test_typed_commands_are_words(phone: Phone, typed: str, message: str) -> None:
    await phone.put(typed)
    row = await phone.claim()
    await phone.converse.run(row)
    assert phone.world.dialogue.seen == [message]


async def test_a_command_inside_a_form_is_the_reserved_word(phone: Phone) -> None:
    await phone.open_form()
    answers = await phone.say("/batal")
    assert answers[-1]["meta"]["field"] == "_batal"


# -- showing that it arrived --------------------------------------------------------------------------------------------


async def test_a_message_is_shown_as_seen_when_its_turn_begins_and_only_then(phone: Phone) -> None:
    await phone.put(payload="niat:greet", title="Halo")
    row = await phone.claim()
    await phone.converse.run(row)
    await phone.seen.finish()
    assert phone.channel.acknowledged == [("citizen-1", "m1", "niat:greet")] and phone.shown == ["shown"]


async def test_a_channel_that_fails_or_hangs_at_that_costs_nothing(phone: Phone) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    async def fails(*_: object) -> None:
        raise RuntimeError

    phone.channel.seen = fails  # type: ignore[method-assign, assignment]
    assert await phone.say("syarat akta")
    phone.channel.seen = hangs  # type: ignore[method-assign, assignment]
    assert await phone.say("berapa biaya akta")
    assert phone.shown == ["failed"]
    await phone.seen.finish(0.01)

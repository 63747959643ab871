"""What push channels bring in: repeats, bursts, edits, STOP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.conversation import Holder, InboxRow
from bot.domain.messages import Inbound, Standing, StandingChange
from bot.errors import DialogueUnavailable, Fenced
from bot.ports import TurnRequest
from bot.usecases.receive import receive
from tests.usecases.conftest import NIK
from tests.usecases.phone import ACCOUNT, Phone, said_in

# -- receiving ----------------------------------------------------------------------------------------------------------


async def test_one_webhook_with_several_messages_is_stored_in_order_and_a_repeat_changes_nothing(phone: Phone) -> None:
    now = phone.world.clock.now()
    events = [Inbound(ACCOUNT, f"e{n}", "a", now, text=f"{n}") for n in range(3)]
    account = phone.channel.accounts[ACCOUNT]
    assert await receive(phone.world.deps, account, events) == 3
    assert await receive(phone.world.deps, account, events) == 0
    async with phone.world.store.begin() as tx:
        assert list((await tx.run(text("select external_id from inbox order by id"))).scalars()) == ["e0", "e1", "e2"]


async def test_the_same_person_under_another_word_of_the_channel_is_the_same_conversation(phone: Phone) -> None:
    await phone.put("halo", aliases=("+62 800-0-1",))
    first = await phone.conversation()
    phone.who = "+62 800-0-1"
    assert (await phone.conversation()).id == first.id


async def test_invisible_and_direction_characters_are_dropped_and_emoji_and_lines_stay(phone: Phone) -> None:
    await phone.put("ha\u200blo\u202e\x00\r\n👨‍👩‍👧 syarat KTP\ud800")
    (line,) = await phone.own()
    assert line["text"] == "halo\n👨‍👩‍👧 syarat KTP"


async def test_a_message_of_nothing_visible_is_called_empty(phone: Phone) -> None:
    (answer,) = await phone.say("\u200b\u2060 \ufe0f")
    assert answer["text"] == said_in(phone.world, "error.empty")


async def test_stop_silences_before_any_turn_until_a_word_ends_it_and_is_confirmed_once(phone: Phone) -> None:
    await phone.say("halo")
    await phone.put("BERHENTI")
    assert (await phone.conversation()).standing is Standing.STOPPED
    await phone.work()
    assert [answer["text"] for answer in await phone.news()] == [said_in(phone.world, "unread.stopped")]
    assert await phone.say("syarat KTP")  # is answered: it asked for no more notices, not for no more answers
    assert (await phone.conversation()).standing is Standing.STOPPED
    await phone.put("MULAI")
    assert (await phone.conversation()).standing is Standing.OPEN


async def test_a_repeat_of_an_old_message_does_not_end_the_silence(phone: Phone) -> None:
    await phone.put("START", external_id="old")
    await phone.put("STOP")
    assert await phone.put("START", external_id="old") == 0
    assert (await phone.conversation()).standing is Standing.STOPPED


async def test_somebody_who_had_blocked_us_and_writes_again_is_open_again(phone: Phone) -> None:
    await phone.put("halo")
    change = StandingChange(ACCOUNT, phone.who, Standing.BLOCKED, phone.world.clock.now())
    await receive(phone.world.deps, phone.channel.accounts[ACCOUNT], [change])
    assert (await phone.conversation()).standing is Standing.BLOCKED
    await phone.put("halo lagi")
    assert (await phone.conversation()).standing is Standing.OPEN


# -- bursts -------------------------------------------------------------------------------------------------------------


async def test_in_free_talk_the_texts_already_waiting_become_one_turn(phone: Phone) -> None:
    for said in ("halo kak", "mau tanya", "syarat akta apa ya"):
        await phone.put(said)
    (timing,) = await phone.work()
    assert timing.joined == 2
    assert phone.world.dialogue.seen == ["halo kak\nmau tanya\nsyarat akta apa ya"]
    assert len(await phone.news()) == 1 and await phone.states() == ["done", "joined", "joined"]
    assert [line["text"] for line in await phone.own()] == ["halo kak", "mau tanya", "syarat akta apa ya"]


async def test_the_first_is_never_delayed_and_one_that_comes_later_has_its_own_turn(phone: Phone) -> None:
    await phone.put("halo kak")
    row = await phone.claim()
    await phone.put("syarat akta apa ya")
    await phone.converse.run(row)  # came while the first was being claimed: waiting already
    assert await phone.states() == ["done", "joined"]
    await phone.say("berapa biaya akta")
    assert phone.world.dialogue.seen[-1] == "berapa biaya akta"


async def test_inside_a_form_every_message_is_an_answer_of_its_own(phone: Phone) -> None:
    await phone.open_form()
    await phone.put(NIK)
    await phone.put("17 agt 90")
    assert len(await phone.work()) == 2 and "joined" not in await phone.states()


async def test_inside_a_form_answers_that_wait_are_all_taken_and_the_question_is_asked_once(phone: Phone) -> None:
    await phone.open_form()
    for line in ("123", NIK, "17 agt 90"):
        await phone.put(line)
    await phone.work()
    said = await phone.news()
    # The NIK that is none, the birth date that nobody was asked for yet, and the one question that is open now.
    assert [bool(one["meta"].get("field")) for one in said] == [False] * (len(said) - 1) + [True]
    assert "1990" in " ".join(one["text"] for one in said)
    assert await phone.states() == ["done"] * 5


@pytest.mark.parametrize("last", ["sampai mana", "berapa biayanya?", "sy mau dihubungi lewat pos"])
async def test_whatever_comes_last_the_question_that_was_held_back_is_asked(phone: Phone, last: str) -> None:
    (asked,) = [one for one in await phone.open_form() if one["meta"].get("field")]
    for line in ("123", "berapa biayanya?", last):
        await phone.put(line)
    await phone.work()
    said = await phone.news()
    assert [one["meta"].get("field") for one in said if one["meta"].get("field")] == [asked["meta"]["field"]]
    assert said[-1]["meta"].get("field") == asked["meta"]["field"]


async def test_consent_is_asked_also_when_a_message_waits_already(phone: Phone) -> None:
    await phone.put("mau buat akta kelahiran")
    await phone.put(payload="niat:ask_cost:akta-kelahiran")
    await phone.work()
    fields = [one["meta"].get("field_type") for one in await phone.news()]
    assert fields.count("consent") == 2


@pytest.mark.parametrize("alone", ["petugas", "batal", "2", "ya", "tidak", "BERHENTI", "/bantuan", NIK])
async def test_a_message_that_means_something_by_itself_is_not_joined(phone: Phone, alone: str) -> None:
    await phone.put("halo kak")
    await phone.put(alone)
    row = await phone.claim()
    await phone.converse.run(row)
    assert await phone.states() == ["done", "open"]


async def test_files_and_buttons_end_a_burst(phone: Phone) -> None:
    await phone.put("halo kak")
    await phone.put("mau tanya")
    await phone.put(payload="niat:greet")
    await phone.put("syarat akta")
    await phone.converse.run(await phone.claim())
    assert await phone.states() == ["done", "joined", "open", "open"]


async def test_while_a_person_holds_the_conversation_nothing_is_joined(phone: Phone) -> None:
    who = await phone.conversation()
    async with phone.world.store.begin() as tx:
        held = await tx.conversation(who.id, lock=True)
        held.state = Holder.AGENT
        await tx.save_conversation(held)
    await phone.put("halo kak")
    await phone.put("saya di depan")
    assert len(await phone.work()) == 2 and await phone.states() == ["done", "done"]


async def test_a_turn_that_is_repeated_has_the_same_texts_and_no_later_ones(phone: Phone) -> None:
    turn = phone.world.dialogue.turn
    tried: list[str] = []

    async def away(request: TurnRequest) -> list[str]:
        tried.append(request.message)
        raise DialogueUnavailable

    phone.world.dialogue.turn = away  # type: ignore[method-assign]
    await phone.put("halo kak")
    await phone.put("syarat akta apa ya")
    row = await phone.claim()
    with pytest.raises(DialogueUnavailable):
        await phone.converse.run(row)
    await phone.world.queue.wait(row, "dialogue_unavailable", 0, phone.world.clock.now())
    await phone.put("berapa biaya akta")
    phone.world.dialogue.turn = turn  # type: ignore[method-assign]
    again = await phone.claim()
    assert again.id == row.id and again.body["text"] == "halo kak\nsyarat akta apa ya"
    await phone.converse.run(again)
    assert phone.world.dialogue.seen == tried == ["halo kak\nsyarat akta apa ya"]
    assert await phone.states() == ["done", "joined", "open"]


async def test_a_worker_whose_lease_moved_on_joins_nothing(phone: Phone) -> None:
    await phone.put("halo kak")
    await phone.put("syarat akta apa ya")
    old = await phone.claim()
    await phone.world.queue.wait(old, "lost", 0, phone.world.clock.now())
    await phone.claim()
    with pytest.raises(Fenced):
        await phone.converse.run(old)
    assert await phone.states() == ["leased", "open"]


async def test_joined_messages_are_given_up_and_brought_back_with_their_turn(phone: Phone) -> None:
    turn = phone.world.dialogue.turn

    async def broken(request: TurnRequest) -> list[str]:
        raise RuntimeError

    phone.world.dialogue.turn = broken  # type: ignore[method-assign]
    await phone.put("halo kak")
    await phone.put("syarat akta apa ya")
    queue, clock = phone.world.queue, phone.world.clock
    for _ in range(3):
        row = await phone.claim()
        with pytest.raises(RuntimeError):
            await phone.converse.run(row)

        async def tell(tx: Any, row: InboxRow = row) -> None:
            await phone.converse.apologise(row, "error.turn_failed", tx)

        await queue.fail(row, "bug", clock.now(), tell)
        clock.at += timedelta(minutes=1)
    assert await phone.states() == ["dead", "dead"]
    (letter,) = await queue.dead()
    assert (letter.reason, letter.joined, letter.account) == ("bug", 1, ACCOUNT)
    assert [a["text"] for a in await phone.news()] == [said_in(phone.world, "error.turn_failed")]
    phone.world.dialogue.turn = turn  # type: ignore[method-assign]
    await phone.say("terima kasih banyak")  # later messages go on
    assert await queue.replay(None, clock.now()) == [row.id]
    await phone.work()
    assert phone.world.dialogue.seen[-1] == "halo kak\nsyarat akta apa ya"
    assert await phone.states() == ["done", "joined", "done"] and await queue.dead() == []


# -- edits --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["u1", "m1"])
async def test_an_edit_of_a_message_that_still_waits_takes_its_place_once(phone: Phone, names: str) -> None:
    await phone.put("syarat kap")
    assert await phone.put("syarat akta", edits=names, external_id="edit") == 0
    assert await phone.put("syarat akta", edits=names, external_id="edit") == 0
    assert len(await phone.work()) == 1 and phone.world.dialogue.seen == ["syarat akta"]
    assert [line["text"] for line in await phone.own()] == ["syarat akta"]
    assert await phone.put("syarat akta", edits=names, external_id="edit") == 0  # delivered once more, later
    assert await phone.work() == []


async def test_an_edit_of_an_answered_message_is_a_turn_in_free_talk_and_a_hint_inside_a_form(phone: Phone) -> None:
    await phone.say("halo kak")
    await phone.say("berapa biaya akta", edits="m1")
    assert phone.world.dialogue.seen[-1] == "berapa biaya akta"
    asked = (await phone.open_form())[-1]
    hint, again = await phone.say(NIK, edits="m1")
    assert hint["text"] == said_in(phone.world, "unread.edited") and again["meta"]["field"] == asked["meta"]["field"]

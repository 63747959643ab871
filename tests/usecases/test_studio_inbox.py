"""What was misunderstood: kept by the turn itself, brought together, corrected, released; and conversations that tell nobody's name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.dialogue.nlu.normalise import words
from bot.domain.conversation import Conversation
from bot.domain.corrections import PATH, Correction
from bot.domain.rules_said import rules_by_intent
from bot.domain.understood import Became, Turned
from bot.errors import ContentError, NotFound
from bot.ports import Understanding
from bot.ports_studio import Looked
from bot.storage.content_repo import GitContent
from bot.usecases.rehearse import BenchDialogue, Rehearsal
from bot.usecases.store_studio import Period, TalkFilter
from bot.usecases.studio import Clash, Editor, Studio
from bot.usecases.studio_inbox import StudioInbox
from bot.usecases.studio_talks import replay, search
from tests.usecases.conftest import DATA, NIK, World
from tests.usecases.rules_dialogue import ACTIONS, RulesDialogue
from tests.usecases.script import prove

SITI, BUDI = Editor("siti", "Siti Editor"), Editor("budi", "Budi Editor")
TEGAL = "33.28"
COST = "nlu:\n  # bayar\n  - intent: ask_cost\n    examples: |\n      - berapa biaya\n"
FILES = {
    "nlu/ask_cost.yml": COST.encode(),
    "nlu/luar.yml": b"nlu:\n  - intent: out_of_scope\n    examples: |\n      - pesan pizza\n",
}


def period(world: World) -> Period:
    now = world.clock.now()
    return Period(TEGAL, now - timedelta(days=7), now + timedelta(days=1))


async def kept(world: World) -> list[Turned]:
    async with world.store.begin() as tx:
        ids = (await tx.run(text("select inbox_id from understood"))).scalars().all()
        return await tx.understood_rows(ids, TEGAL)


@pytest.fixture
def studio(tmp_path: Path, world: World) -> Studio:
    return Studio(GitContent.seed(tmp_path / "isi", FILES, world.clock.now()), world.store, world.clock)


@pytest.fixture
def inbox(world: World, studio: Studio) -> StudioInbox:
    return StudioInbox(world.store, studio, world.clock.now, words)


# -- keeping ------------------------------------------------------------------------------------------------------------


async def test_a_turn_keeps_what_was_understood_masked_and_sealed_and_what_became_of_it(world: World) -> None:
    who = await world.session()
    world.dialogue.ranking = (
        ("nlu_fallback", 0.5),
        ("ask_cost", 0.31),
        ("ask_hours", 0.2),
        ("greet", 0.1),
        ("deny", 0.1),
    )
    await world.say(who, "nama saya Budi Hartono, bayare pira, hp 0812-3456-7890")
    world.dialogue.ranking = ()
    await world.say(who, "berapa biaya akta kelahiran")
    await world.say(who, "xqzt")
    await world.say(who, "xqzt maneh")
    asked, answered, missed, offered = await kept(world)
    assert asked.heard.text == "nama saya nama, bayare pira, hp nomor"
    assert (asked.heard.told.intent, asked.heard.told.became) == ("ask_cost", Became.ASKED)
    assert asked.heard.told.ranking == (("ask_cost", 0.31), ("ask_hours", 0.2), ("greet", 0.1))
    told = answered.heard.told
    assert (told.intent, told.confidence, told.service, told.became) == (
        "ask_cost", 0.95, "akta-kelahiran", Became.ANSWERED
    )  # fmt: skip
    assert [missed.heard.told.became, offered.heard.told.became] == [Became.MISSED, Became.OFFERED]
    assert [one.left for one in (asked, answered, missed, offered)] == [False, False, False, True]
    async with world.store.begin() as tx:
        raw = (await tx.run(text("select * from understood"))).all()
    assert not any(word in str(row) for row in raw for word in ("bayare", "Budi", "0812"))


async def test_what_is_said_in_a_form_pressed_or_reserved_is_not_kept(world: World) -> None:
    who = await world.session()
    for said in ("mau buat akta kelahiran", "ya", "bukan nomor", NIK, "petugas", "batal"):
        await world.say(who, said)
    await world.say(who, payload="niat:ask_cost:ktp")
    assert [one.heard.text for one in await kept(world)] == ["mau buat akta kelahiran"]


async def test_a_message_that_is_erased_takes_its_understanding_along(world: World) -> None:
    who = await world.session()
    await world.say(who, "xqzt")
    await world.say(who, "halo")
    async with world.store.begin() as tx:
        await tx.run(text("delete from inbox where id = (select min(id) from inbox)"))
    assert [one.heard.text for one in await kept(world)] == ["halo"]


async def test_a_turn_that_fails_at_its_end_keeps_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await world.session()
    await world.put(who, "xqzt")
    await world.put(who, "halo")
    broken = RulesDialogue.turn

    async def nothing(self: RulesDialogue, request: Any) -> list[str]:
        await broken(self, request)
        return []

    monkeypatch.setattr(RulesDialogue, "turn", nothing)
    with pytest.raises(Exception, match="no reply"):
        await world.work()
    assert await kept(world) == []


# -- the inbox ----------------------------------------------------------------------------------------------------------


async def test_what_is_alike_is_one_matter_and_what_cost_a_person_comes_first(world: World, inbox: StudioInbox) -> None:
    for said in ("pajak motor telat", "telat pajak motor", "motor pajake telat"):
        who = await world.session()
        await world.say(who, said)
        await world.say(who, "halo")
    dear = await world.session()
    await world.say(dear, "gajine guru pira")
    await world.say(dear, "mau bicara petugas")
    left = await world.session()
    await world.say(left, "mbuh kepriben")
    world.dialogue.words["biasa"] = "greet"
    fine = await world.session()
    await world.say(fine, "biasa saja")
    found = await inbox.look(period(world), 0.6)
    assert [(one.text, len(one.turns), one.cost, one.handed, one.left) for one in found.clusters] == [
        ("pajak motor telat", 3, 3, 0, 0) if "pajak motor telat" == one.text else
        (one.text, len(one.turns), one.cost, one.handed, one.left)
        for one in found.clusters
    ]  # fmt: skip
    assert {one.text: (len(one.turns), one.cost) for one in found.clusters if "pajak" not in one.text} == {
        "gajine guru pira": (1, 3),
        "mbuh kepriben": (1, 2),
    }
    (tax,) = [one for one in found.clusters if "pajak" in one.text]
    assert (len(tax.turns), tax.cost, len(tax.wordings)) == (3, 3, 3)
    assert found.clusters[-1].text == "mbuh kepriben" and (found.messages, found.full) == (5, False)


async def test_another_office_sees_nothing_of_it_and_can_change_nothing(world: World, inbox: StudioInbox) -> None:
    who = await world.session()
    await world.say(who, "xqzt")
    (one,) = await kept(world)
    elsewhere = Period("33.29", period(world).since, period(world).until)
    assert (await inbox.look(elsewhere, 0.6)).clusters == ()
    await inbox.dismiss(BUDI, "33.29", [one.heard.inbox_id])
    async with world.store.begin() as tx:
        assert not await tx.mark_understood(one.heard.inbox_id, "33.29", "budi")
        assert await tx.talks(elsewhere, TalkFilter(), 10) == []
    assert len((await inbox.look(period(world), 0.6)).clusters) == 1
    with pytest.raises(NotFound):
        await replay(world.store, who.id, "33.29", "budi", world.clock.now())


async def test_a_correction_measures_first_and_becomes_an_example_when_it_is_released(
    world: World, inbox: StudioInbox, studio: Studio
) -> None:
    who = await world.session()
    await world.say(who, "bayare pira sih")
    (cluster,) = (await inbox.look(period(world), 0.6)).clusters
    await inbox.assign(SITI, TEGAL, cluster.ids, ["bayare pira sih", "nama saya Budi, pira", " "], "ask_cost", "ktp")
    draft = await studio.draft()
    assert await studio.text(draft, PATH) == (
        "text\tintent\tservice\nbayare pira sih\task_cost\tktp\nnama saya nama, pira\task_cost\tktp\n"
    )
    assert await studio.text(draft, "nlu/ask_cost.yml") == COST
    assert (await inbox.look(period(world), 0.6)).clusters == ()
    assert [one.settled for one, _ in await inbox.lately(period(world))] == ["assigned"]
    await inbox.release(BUDI, ["Bayare pira sih"])
    draft = await studio.draft()
    assert await inbox.corrections() == [Correction("nama saya nama, pira", "ask_cost", "ktp")]
    assert await studio.text(draft, "nlu/ask_cost.yml") == COST + "      - bayare pira sih\n"
    await inbox.withdraw(BUDI, ["nama saya nama, pira"])
    assert PATH not in (await studio.draft()).files


async def test_an_intent_that_is_not_in_the_draft_and_empty_texts_are_refused_and_nothing_is_settled(
    world: World, inbox: StudioInbox
) -> None:
    who = await world.session()
    await world.say(who, "xqzt")
    (cluster,) = (await inbox.look(period(world), 0.6)).clusters
    for texts, intent in ((["xqzt"], "../x"), (["xqzt"], "greet"), (["  "], "ask_cost")):
        with pytest.raises(ContentError):
            await inbox.assign(SITI, TEGAL, cluster.ids, texts, intent)
    assert len((await inbox.look(period(world), 0.6)).clusters) == 1 and await inbox.corrections() == []


async def test_two_editors_correct_at_once_and_neither_loses_a_word(
    world: World, inbox: StudioInbox, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, first = Studio.save, [True]

    async def late(self: Studio, who: Editor, *rest: Any) -> str:
        if first.pop() if first else False:
            await save(self, BUDI, await self.draft(), {PATH: "text\tintent\tservice\npira\task_cost\t\n"}, "b")
        return await save(self, who, *rest)

    monkeypatch.setattr(Studio, "save", late)
    await inbox.assign(SITI, TEGAL, [], ["regane"], "ask_cost")
    assert [one.text for one in await inbox.corrections()] == ["pira", "regane"]


async def test_many_are_accepted_with_the_suggestion_and_the_whole_is_undone_with_one_word(
    world: World, inbox: StudioInbox
) -> None:
    for said, guess in (("regane pinten", "ask_cost"), ("tuku wedhus", "out_of_scope"), ("mbuh", "no_such_intent")):
        world.dialogue.ranking = ((guess, 0.3),)
        await world.say(await world.session(), said)
    found = (await inbox.look(period(world), 0.6)).clusters
    made = await inbox.accept(SITI, TEGAL, found)
    assert {(one.text, one.intent) for one in await inbox.corrections()} == {
        ("regane pinten", "ask_cost"),
        ("tuku wedhus", "out_of_scope"),
    }
    assert [one.text for one in (await inbox.look(period(world), 0.6)).clusters] == ["mbuh"]
    await inbox.undo(BUDI, TEGAL, made)
    assert await inbox.corrections() == []
    assert len((await inbox.look(period(world), 0.6)).clusters) == 3
    with pytest.raises(Clash):
        await inbox.undo(BUDI, TEGAL, made)


async def test_a_wrong_turn_comes_into_the_inbox_with_another_suggestion_than_what_was_understood(
    world: World, inbox: StudioInbox
) -> None:
    who = await world.session()
    world.dialogue.ranking = (("ask_duration", 0.95), ("ask_cost", 0.04))
    await world.say(who, "berapa lama bayarnya ktp")
    assert (await inbox.look(period(world), 0.6)).clusters == ()
    (one,) = await kept(world)
    async with world.store.begin() as tx:
        assert await tx.mark_understood(one.heard.inbox_id, TEGAL, "siti")
    (cluster,) = (await inbox.look(period(world), 0.6)).clusters
    assert (cluster.suggestion[0], cluster.service, cluster.marked) == ("ask_cost", "ktp", 1)


# -- conversations ------------------------------------------------------------------------------------------------------


async def test_conversations_are_found_by_what_happened_in_them_and_paged(world: World) -> None:
    good = await world.session()
    await world.say(good, "syarat ktp")
    bad = await world.session("jv")
    await world.say(bad, "xqzt pajak")
    await world.say(bad, "mau bicara petugas")

    async def found(words: str = "", **wanted: Any) -> list[Conversation | Any]:
        rows, _ = await search(world.store, period(world), TalkFilter(**wanted), words)
        return [row.id for row in rows]

    assert await found() == [bad.id, good.id]
    assert await found(fallback=True) == await found(handoff=True) == await found(below=0.5) == [bad.id]
    assert await found(intent="ask_requirements") == await found(service="ktp") == [good.id]
    assert await found(channel="web") == [bad.id, good.id] and await found(channel="telegram") == []
    assert await found("PAJAK") == [bad.id] and await found(rating=3) == []
    async with world.store.begin() as tx:
        (first,) = await tx.talks(period(world), TalkFilter(), 1)
        (second,) = await tx.talks(period(world), TalkFilter(), 1, (first.last_at, first.id))
        assert await tx.talks(period(world), TalkFilter(), 1, (second.last_at, second.id)) == []
    assert [first.id, second.id] == [bad.id, good.id] and (first.unsure, first.handed) == (1, 1)


async def test_a_replay_shows_the_talk_and_nothing_that_tells_who_it_was(world: World) -> None:
    who = await world.session()
    await prove(world, who)
    for said in (
        "ya",
        "ayah",
        "0812 3456 7890",
        "lewati",
        "Sri Lestari",
        "jeda",
        "halo Karso lagi, berapa biaya kia",
        "petugas",
    ):
        await world.say(who, said)
    await world.say(who, "Karso Wijaya")
    talk = await replay(world.store, who.id, TEGAL, "siti", world.clock.now())
    shown = " ".join(f"{line.text} {' '.join(line.choices)}" for line in talk.lines)
    assert "halo nama lagi, berapa biaya kia" in shown and "petugas" in shown and "Gratis" in shown
    for personal in ("Karso", "Wijaya", NIK, "Sri Lestari", "17 agt", "1990", "0812"):
        assert personal not in shown, personal
    assert {line.covered for line in talk.lines} >= {"form", "file", "words"}
    turned = [line.turned.heard.told.intent for line in talk.lines if line.turned is not None]
    assert turned[:2] == ["start_application", "ask_cost"]
    async with world.store.begin() as tx:
        rows = (await tx.run(text("select actor, object from audit where action = 'talk.viewed'"))).all()
    assert [(row.actor, row.object) for row in rows] == [("siti", str(who.id))]


# -- rehearsals ---------------------------------------------------------------------------------------------------------


class FakeBench:
    """Understands as the rules in Python do."""

    def __init__(self) -> None:
        self.dialogue = RulesDialogue()
        self.asked: list[tuple[str, str]] = []

    async def look(self, model: str, texts: Sequence[str]) -> Sequence[Looked]:
        found = []
        for said in texts:
            self.asked.append((model, said))
            intent, confidence, service = self.dialogue._read(said)
            action = ACTIONS.get(intent, "action_say")
            found.append(Looked(Understanding(said, intent, confidence, service), said.lower(), action=action))
        return found


async def test_a_rehearsal_answers_from_its_content_and_leaves_nothing_behind(world: World) -> None:
    bench = FakeBench()
    rules = rules_by_intent([(DATA / "rules" / "rules.yml").read_text("utf-8")])
    rehearsal = Rehearsal(world.deps, BenchDialogue(bench, "m1"), rules)
    first = "berapa lama akta, nik 3328990101900001"
    (answer,) = await rehearsal.run(TEGAL, "id", [first])
    (cost,) = [button for reply in answer.replies for button in reply.buttons if "ask_cost" in button.payload]
    said = await rehearsal.run(TEGAL, "id", [first, cost.payload, "mau bicara petugas", "xqzt", "xqzt"])
    assert "hari" in said[0].replies[0].text
    assert said[1].said == cost.title and "Gratis" in said[1].replies[0].text
    assert (said[2].stopped, said[2].replies) == ("action_handoff", ())
    assert [button.title for button in said[4].replies[0].buttons] == ["Bicara dengan petugas"]
    assert all("3328" not in asked for _, asked in bench.asked) and {model for model, _ in bench.asked} == {"m1"}
    async with world.store.begin() as tx:
        for table in ("conversation", "inbox", "message", "ticket", "handoff_event", "understood"):
            assert (await tx.run(text(f"select count(*) from {table}"))).scalar_one() == 0, table  # noqa: S608

"""The capture page without its page: links, signed frames, the verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.conversation import Conversation
from bot.errors import AgencyUnavailable
from bot.usecases import capture
from bot.usecases.capture import BadFrame, CaptureClosed, Progress, Session, signature
from tests.usecases.conftest import World
from tests.usecases.script import IDENTITY
from tests.usecases.test_journey import asked


class Phone:
    """The page on the phone."""

    def __init__(self, world: World, token: str) -> None:
        self.world, self.token, self.seq, self.step = world, token, 0, 0
        self.session: Session | None = None

    async def start(self) -> Phone:
        self.session = await capture.start(self.world.deps, self.token)
        return self

    async def frame(self, picture: bytes, **wrong: Any) -> Progress:
        assert self.session is not None
        self.seq += 1
        picture = self.world.fresh(picture)
        sent = {"seq": self.seq, "step": self.step, "frame": picture} | wrong
        signed = signature(wrong.pop("key", self.session.key), self.seq, self.step, picture)
        sent.pop("key", None)
        progress = await capture.take(self.world.deps, self.token, signed=signed, **sent)
        self.step = progress.step
        return progress

    async def shows(self, verdict: bytes = b"match") -> Progress:
        """Everything that is asked for."""
        assert self.session is not None
        for kind in self.session.steps:
            progress = await self.frame(verdict + b" " + kind.encode())
        return progress


async def at_the_link(world: World) -> tuple[Conversation, Phone]:
    object.__setattr__(world.deps, "policy", replace(world.deps.policy, liveness="capture"))
    object.__setattr__(world.deps, "capture_url", "https://loket.test/swafoto")
    who = await world.session()
    for line in IDENTITY:
        said = await world.say(who, line)
    assert asked(said) == "identitas.selfie"
    return who, Phone(world, said[-1]["meta"]["capture"].rpartition("/")[2])


async def count(world: World, table: str) -> int:
    async with world.store.begin() as tx:
        return int((await tx.run(text(f"select count(*) from {table}"))).scalar_one())


async def test_after_the_page_the_form_goes_on_in_the_chat_by_itself(world: World) -> None:
    who, phone = await at_the_link(world)
    progress = await (await phone.start()).shows()
    assert progress.end == "accepted"
    said = await world.news(who)
    assert "sudah cocok" in said[0]["text"] and asked(said) == "pelapor.*"
    assert (await world.conversation(who)).assurance == 3
    assert await count(world, "blob") == 0 and await count(world, "face_probe") == 2
    assert asked(await world.say(who, "ya")) == "pelapor.hubungan"


async def test_a_frame_that_does_not_show_it_gets_a_hint_and_the_step_stays(world: World) -> None:
    _, phone = await at_the_link(world)
    await phone.start()
    assert (await phone.frame(b"unusable")).hint == "face.none"
    assert (await phone.frame(b"match left")).hint == "liveness.look_straight"
    assert (await phone.frame(b"match")) == Progress(1)
    assert (await phone.frame(b"match")).hint in ("liveness.turn_more", "liveness.open_more")


async def test_a_link_works_once_and_ten_minutes_and_the_last_one_counts(world: World) -> None:
    who, phone = await at_the_link(world)
    said = await world.say(who, "ulang")
    newer = Phone(world, said[-1]["meta"]["capture"].rpartition("/")[2])
    with pytest.raises(CaptureClosed):
        await phone.start()
    await capture.look_up(world.deps, newer.token)  # a preview uses nothing up
    await newer.start()
    with pytest.raises(CaptureClosed):
        await Phone(world, newer.token).start()
    world.clock.at += timedelta(minutes=10)
    with pytest.raises(CaptureClosed):
        await newer.frame(b"match")


async def test_frames_not_signed_by_the_page_or_sent_again_are_refused(world: World) -> None:
    _, phone = await at_the_link(world)
    await phone.start()
    with pytest.raises(BadFrame):
        await phone.frame(b"match", key=b"another key")
    with pytest.raises(BadFrame):
        await phone.frame(b"match", frame=b"match other content")
    await phone.frame(b"match")
    with pytest.raises(BadFrame):
        await phone.frame(b"match", seq=1)


async def test_a_frame_whose_answer_was_lost_does_no_harm(world: World) -> None:
    who, phone = await at_the_link(world)
    await phone.start()
    await phone.frame(b"match")
    phone.step = 0
    assert await phone.frame(b"match") == Progress(1)
    assert phone.session is not None
    for kind in phone.session.steps[1:]:
        await phone.frame(b"match " + kind.encode())
    assert (await phone.frame(b"match")).end == "accepted"
    assert len([said for said in await world.news(who) if "sudah cocok" in said["text"]]) == 1


async def test_somebody_else_is_refused_and_counted(world: World) -> None:
    who, phone = await at_the_link(world)
    assert (await (await phone.start()).shows(b"no_match")).end == "refused"
    said = await world.news(who)
    assert "belum cocok" in said[0]["text"] and "ulang" in said[1]["text"]
    assert await count(world, "attempt") == 2 and await count(world, "blob") == 0
    assert (await world.conversation(who)).assurance == 2


async def test_a_doubtful_face_waits_for_the_officer(world: World) -> None:
    who, phone = await at_the_link(world)
    assert (await (await phone.start()).shows(b"officer")).end == "officer"
    assert "petugas" in (await world.news(who))[0]["text"] and await count(world, "blob") == 1


async def test_while_the_register_is_away_the_last_step_is_asked_for_again(world: World) -> None:
    _, phone = await at_the_link(world)
    await phone.start()
    world.agency.error = AgencyUnavailable("down")
    progress = await phone.shows()
    assert progress.end is None and progress.hint
    world.agency.error = None
    assert phone.session is not None
    assert (await phone.frame(b"match " + phone.session.steps[-1].encode())).end == "accepted"


async def test_a_picture_sent_in_the_chat_is_not_taken(world: World) -> None:
    who, _ = await at_the_link(world)
    said = await world.send(who, "selfie", b"match")
    assert "tautan" in said[0]["text"] and said[-1]["meta"]["capture"]
    assert (await world.conversation(who)).assurance == 2 and await count(world, "blob") == 0


async def test_a_form_that_moved_on_is_not_changed_by_an_old_link(world: World) -> None:
    who, phone = await at_the_link(world)
    await phone.start()
    await world.say(who, "batal")
    await world.say(who, "ya")
    assert (await phone.shows()).end == "refused"
    assert (await world.conversation(who)).assurance == 2

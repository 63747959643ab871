"""Officers' verdicts, with the real catalogue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.conversation import IdentityCheck
from bot.usecases.identity_desk import Decider, DeskConflict, give_verdict, look_after_overdue
from tests.usecases.conftest import World
from tests.usecases.test_capture import Phone, at_the_link

OFFICER = Decider("wati", officer=True, supervisor=False)
HOLD = timedelta(minutes=10)


async def open_check(world: World) -> IdentityCheck:
    async with world.store.begin() as tx:
        (check,) = await tx.pending_checks("33.28")
    return check


async def test_after_a_refusal_in_capture_mode_the_citizen_gets_a_fresh_link_that_works(world: World) -> None:
    who, phone = await at_the_link(world)
    assert (await (await phone.start()).shows(b"officer")).end == "officer"
    check = await open_check(world)
    await give_verdict(world.deps, check.id, OFFICER, False, "poor", "", False, HOLD)
    async with world.store.begin() as tx:
        said = [entry.body for entry in await tx.thread(who.id)]
        assert check.selfie_blob is not None and await tx.blob(check.selfie_blob) is None
    fresh = said[-1]["meta"]["capture"].rpartition("/")[2]
    assert fresh != phone.token and said[-1]["meta"]["field"] == "identitas.selfie"
    assert (await (await Phone(world, fresh).start()).shows()).end == "accepted"


async def test_a_check_out_of_time_in_capture_mode_brings_a_fresh_link_too(world: World) -> None:
    who, phone = await at_the_link(world)
    await (await phone.start()).shows(b"officer")
    world.clock.at += world.deps.policy.check_limit + timedelta(seconds=1)
    assert await look_after_overdue(world.deps) == 1
    async with world.store.begin() as tx:
        said = [entry.body for entry in await tx.thread(who.id)]
    assert "capture" in said[-1]["meta"] and said[-1]["meta"]["capture"].rpartition("/")[2] != phone.token


async def test_a_verdict_on_a_decided_check_is_refused(world: World) -> None:
    _, phone = await at_the_link(world)
    await (await phone.start()).shows(b"officer")
    check = await open_check(world)
    await give_verdict(world.deps, check.id, OFFICER, True, "same_face", "", False, HOLD)
    with pytest.raises(DeskConflict) as refused:
        await give_verdict(world.deps, check.id, OFFICER, False, "poor", "", False, HOLD)
    assert refused.value.why == "decided"


async def test_a_check_that_cannot_be_ended_keeps_no_other_from_its_end(world: World) -> None:
    for _ in range(2):
        _, phone = await at_the_link(world)
        await (await phone.start()).shows(b"officer")
    async with world.store.begin() as tx:  # its application cannot be read any more
        await tx.run(
            text("""update application set draft_sealed = '\\x00' where id = (select case_id from identity_check
              where outcome = 'officer' order by at limit 1)""")
        )
    world.clock.at += world.deps.policy.check_limit + timedelta(seconds=1)
    assert await look_after_overdue(world.deps) == 1

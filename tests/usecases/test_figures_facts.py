"""What a turn leaves for the figures: how it ended, and where a form stands."""

from __future__ import annotations

from sqlalchemy import text

from bot.domain.figures import REFERRED
from tests.usecases.conftest import World


async def outcomes(world: World) -> list[str | None]:
    async with world.store.begin() as tx:
        return [row.outcome for row in await tx.run(text("select outcome from inbox order by id"))]


async def steps(world: World) -> list[tuple[str, str | None]]:
    async with world.store.begin() as tx:
        rows = await tx.run(text("select state, step from application order by created_at"))
        return [(row.state, row.step) for row in rows]


async def test_what_was_not_understood_is_marked_and_what_was_answered_is_not(world: World) -> None:
    who = await world.session()
    for said in ("syarat akta lahir", "xqzt", "xqzt lagi", "berapa biaya akta lahir"):
        await world.say(who, said)
    assert await outcomes(world) == [None, "missed", "missed", None]


async def test_what_an_agent_is_to_answer_is_marked_as_such(world: World) -> None:
    who = await world.session()
    await world.say(who, "halo")
    async with world.store.begin() as tx:
        await tx.run(text("update conversation set state = 'agent' where id = :id"), {"id": who.id})
    await world.say(who, "masih di sana?")
    assert await outcomes(world) == [None, "person"]


async def test_a_form_knows_the_question_it_stands_at_and_keeps_it_when_it_is_cancelled(world: World) -> None:
    who = await world.session()
    await world.say(who, "mau buat akta lahir")
    asked = (await world.say(who, "1"))[-1]["meta"]["field"]
    (state, at) = (await steps(world))[0]
    assert (
        state == "draft" and at is not None and at == ".".join(part for part in asked.split(".") if not part.isdigit())
    )
    await world.say(who, "batal")
    await world.say(who, "ya")
    assert await steps(world) == [("dibatalkan", at)]


def test_a_form_that_is_somebody_elses_matter_has_a_place_of_its_own() -> None:
    assert REFERRED.startswith("_")

"""The desk of errands that failed, and the chain of custody of a case."""

from __future__ import annotations

import pytest

from bot.errors import AgencyError, AgencyUnavailable, Conflict, InvalidMessage, NotFound
from bot.usecases.errand_desk import by_hand, handled, retry
from bot.usecases.timeline import timeline
from tests.usecases.agency_office import Office
from tests.usecases.conftest import World
from tests.usecases.script import apply

LOCUS = "33.28"


@pytest.fixture
def office(world: World) -> Office:
    return Office.at(world)


async def refused(office: Office) -> tuple[object, object]:
    who, case = await office.case()
    office.desk.answers = [AgencyError("no")]
    assert await office.errands() == ["failed"]
    await office.world.news(who)
    return who, case


async def test_a_retry_tries_for_another_48_hours(office: Office) -> None:
    who, case = await office.case()
    office.desk.error = AgencyUnavailable("down")
    await office.errands()
    office.pass_by(hours=50)
    await office.errands()
    assert (await office.errand(case.id)).state == "failed"
    await retry(office.world.deps, case.id, "submit", "siti", LOCUS)
    office.pass_by(hours=30)
    assert await office.errands() == ["due"]
    office.desk.error = None
    office.pass_by(hours=1)
    assert await office.errands() == ["done"]
    with pytest.raises(Conflict):
        await retry(office.world.deps, case.id, "submit", "siti", LOCUS)


async def test_what_was_handed_in_by_hand_gets_its_number_and_the_agencys_news_reach_the_citizen(
    office: Office,
) -> None:
    who, case = await refused(office)
    await by_hand(office.world.deps, case.id, "submit", " 470/12/2026 ", "siti", LOCUS)  # type: ignore[attr-defined]
    (told,) = await office.texts(who)  # type: ignore[arg-type]
    assert "Dukcapil" in told and "470/12/2026" in told
    assert await office.push(case, "diproses", agency_ref="470/12/2026")  # type: ignore[arg-type]
    assert "diproses" in (await office.texts(who))[-1]  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["", "x", "a\nb" * 60, "<script>"])
async def test_a_number_that_is_none_is_refused(office: Office, number: str) -> None:
    _, case = await refused(office)
    with pytest.raises(InvalidMessage):
        await by_hand(office.world.deps, case.id, "submit", number, "siti", LOCUS)  # type: ignore[attr-defined]
    assert (await office.errand(case.id)).state == "failed"  # type: ignore[attr-defined]


async def test_a_number_that_another_case_has_is_refused(office: Office) -> None:
    await office.accepted()
    _, case = await refused(office)
    with pytest.raises(InvalidMessage):
        await by_hand(office.world.deps, case.id, "submit", "AG-1", "siti", LOCUS)  # type: ignore[attr-defined]


async def test_another_offices_errands_and_alarms_are_out_of_reach(office: Office) -> None:
    _, case = await refused(office)
    with pytest.raises(NotFound):
        await retry(office.world.deps, case.id, "submit", "siti", "33.29")  # type: ignore[attr-defined]
    office.desk.answers = [RuntimeError("a bug")]
    await office.case()
    await office.errands()
    async with office.world.store.begin() as tx:
        (alarm,) = await tx.alarms(LOCUS)
    with pytest.raises(NotFound):
        await handled(office.world.deps, alarm.id, "siti", "33.29")
    await handled(office.world.deps, alarm.id, "siti", LOCUS)
    assert await office.alarms() == []


async def test_one_chain_leads_from_the_citizens_message_to_the_notice_they_got(office: Office) -> None:
    world = office.world
    who = await world.session()
    number = await apply(world, who)
    office.desk.lost = 1
    await office.errands()
    office.pass_by(seconds=10)
    await office.errands()
    async with world.store.begin() as tx:
        case = await tx.case_by_reference(number)
    assert case is not None
    await office.push(case, "terbit", document=True)
    await office.errands()
    async with world.store.begin() as tx:
        way = await timeline(world.deps, tx, case)
    said = [(entry.kind, entry.what, entry.outcome) for entry in way]
    assert way[0].kind == "message" and isinstance(way[0].detail["inbox"], int)
    submitted = next(e for e in way if e.kind == "state" and e.what == "diajukan")
    assert submitted.detail["inbox"] > way[0].detail["inbox"]
    assert ("errand", "submit", "done") in said and ("call", "submit", "agency_unavailable") in said
    assert said.index(("call", "submit", "agency_unavailable")) < said.index(("call", "submit", "ok"))
    assert ("call", "push", "taken") in said and ("state", "terbit", "") in said
    assert ("notice", "case", "fetched") in said and ("notice", "document", "fetched") in said
    assert any(kind == "audit" and what == "case.status" for kind, what, _ in said)
    assert [entry.at for entry in way] == sorted(entry.at for entry in way)

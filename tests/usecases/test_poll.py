"""Agencies that have to be asked: every open case has its turn, and none takes that of all others."""

from __future__ import annotations

import pytest

from bot.errors import AgencyError, AgencyUnavailable
from bot.usecases.poll import poll_open
from tests.usecases.agency_office import Desk, Office
from tests.usecases.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    return Office.at(world)


async def test_every_open_case_has_its_turn_to_be_asked_about(office: Office) -> None:
    cases = [(await office.accepted())[1] for _ in range(3)]
    asked: list[str] = []

    async def status(agency_ref: str) -> list[object]:
        asked.append(agency_ref)
        return []

    office.desk.status = status  # type: ignore[method-assign]
    office.pass_by(minutes=11)
    assert await poll_open(office.world.deps) == 3
    assert await poll_open(office.world.deps) == 0  # not again at once
    office.pass_by(minutes=11)
    await poll_open(office.world.deps)
    assert sorted(asked) == sorted(2 * [str(case.agency_ref) for case in cases])


async def test_an_agency_that_is_away_is_asked_about_one_case_and_not_about_all(office: Office) -> None:
    for _ in range(3):
        await office.accepted()
    asked = 0

    async def status(agency_ref: str) -> list[object]:
        nonlocal asked
        asked += 1
        raise AgencyUnavailable("down")

    office.desk.status = status  # type: ignore[method-assign]
    office.pass_by(minutes=11)
    await poll_open(office.world.deps)
    assert asked == 1


async def test_a_history_that_cannot_be_read_is_an_alarm_and_the_case_unharmed(office: Office) -> None:
    _, case = await office.accepted()

    async def status(agency_ref: str) -> list[object]:
        raise AgencyError("an unknown state")

    office.desk.status = status  # type: ignore[method-assign]
    office.pass_by(minutes=11)
    await poll_open(office.world.deps)
    assert await office.alarms() == ["unreadable"] and (await office.seen(case.id)).state == "diajukan"


async def test_cases_at_an_agency_that_is_away_do_not_take_the_turn_of_all_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await office.accepted()
    _, other = await office.accepted()
    async with office.world.store.begin() as tx:
        other = await tx.case(other.id, lock=True)
        other.agency = "elsewhere"
        await tx.put_case(other)
    elsewhere, asked = Desk(), []

    async def away(agency_ref: str) -> list[object]:
        raise AgencyUnavailable("down")

    async def status(agency_ref: str) -> list[object]:
        asked.append(agency_ref)
        return []

    office.desk.status, elsewhere.status = away, status  # type: ignore[method-assign]
    office.world.deps.agencies["elsewhere"] = elsewhere  # type: ignore[index]
    monkeypatch.setattr("bot.usecases.poll.AT_MOST", 2)
    for _ in range(2):
        office.pass_by(minutes=11)
        await poll_open(office.world.deps)
    assert asked == [other.agency_ref]

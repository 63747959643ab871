"""Whatever an agency says, a case stays in its legal life and a word is told once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.application import State, can
from bot.errors import AgencyError
from bot.ports import AgencyStatus
from bot.usecases.said_by_agency import check
from bot.usecases.track import apply_status
from tests.usecases.agency_office import Office
from tests.usecases.conftest import World

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def office(world: World) -> Office:
    return Office.at(world)


texts = st.one_of(st.text(max_size=20), st.sampled_from(["\0", "\ud800", "x" * 5000, ""]))
statuses = st.builds(
    AgencyStatus,
    agency_ref=texts,
    state=st.one_of(st.sampled_from([*State]), texts),
    at=st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC)),
    key=texts,
    note=st.none() | texts,
    fields=st.lists(texts, max_size=3).map(tuple),
    reference=st.none() | texts,
)


@given(statuses)
def test_what_passes_the_check_can_be_stored(status: AgencyStatus) -> None:
    try:
        check(status)
    except AgencyError:
        return
    said = (status.agency_ref, status.key, status.note or "", status.reference or "", *status.fields)
    assert all("\0" not in one and one.encode() is not None for one in said)
    assert status.state in set(State) - {State.DRAFT, State.KEDALUWARSA} and 2000 <= status.at.year <= 2200


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "hilang"},
        {"state": "kedaluwarsa"},
        {"state": "draft"},
        {"at": datetime(2026, 11, 2)},
        {"at": datetime(1999, 1, 1, tzinfo=UTC)},
        {"key": ""},
        {"agency_ref": "\0"},
        {"note": "\ud83d"},
        {"note": "n" * 4001},
        {"fields": ("a",) * 101},
    ],
)
def test_a_word_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(AgencyError):
        check(AgencyStatus(**{"agency_ref": "AG-1", "state": "diproses", "at": AT, "key": "k", **wrong}))


async def test_a_number_of_one_case_with_the_reference_of_another_is_refused_and_both_are_unharmed(
    office: Office,
) -> None:
    _, first = await office.accepted()
    who, second = await office.accepted()
    with pytest.raises(AgencyError):
        await office.push(first, "ditolak", reference=second.reference)
    with pytest.raises(AgencyError):
        await office.push(first, "ditolak", agency_ref="AG-77", reference=second.reference)
    assert {(await office.seen(case.id)).state for case in (first, second)} == {"diajukan"}
    assert await office.texts(who) == []


async def test_the_same_number_at_two_offices_are_two_cases(office: Office) -> None:
    _, case = await office.accepted()
    _, other = await office.case()
    async with office.world.store.begin() as tx:
        moved = await tx.case(other.id, lock=True)
        moved.locus, moved.agency_ref = "33.29", case.agency_ref
        await tx.put_case(moved)
    assert await office.push(case, "diproses", reference=case.reference)
    assert (await office.seen(case.id)).state == "diproses" and (await office.seen(other.id)).state == "diajukan"


async def test_repeated_and_late_words_are_known_and_change_nothing(office: Office) -> None:
    who, case = await office.accepted()
    now = office.world.clock.now()
    for state, key, at in (
        ("diproses", "2", now),
        ("diproses", "2", now),
        ("verifikasi_berkas", "1", now - timedelta(hours=1)),
    ):
        assert await office.push(case, state, key=key, at=at)
    assert len(await office.texts(who)) == 1 and (await office.seen(case.id)).state == "diproses"
    async with office.world.store.begin() as tx:
        calls = [call.outcome for call in await tx.calls(case.id) if call.direction == "in"]
    assert calls == ["taken", "repeat", "late"]


PUSHED = st.lists(
    st.tuples(
        st.sampled_from([*(s.value for s in State), "hilang"]),
        st.integers(0, 6),  # the key: few, so that many repeat
        st.integers(-3, 3),  # hours
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pushed=PUSHED)
def test_no_order_of_words_leaves_the_legal_life_or_tells_one_twice(office_loop: Any, pushed: Any) -> None:
    loop, office = office_loop
    loop.run_until_complete(_all_of(office, pushed))


async def _all_of(office: Office, pushed: list[tuple[str, int, int, bool]]) -> None:
    who, case = await office.case()
    case.agency_ref = f"R-{case.id}"
    async with office.world.store.begin() as tx:
        await tx.put_case(case)
    state = State(case.state)
    base = office.world.clock.now()
    for name, key, hours, ours in pushed:
        said = AgencyStatus(
            str(case.agency_ref),
            name,
            base + timedelta(hours=hours),
            str(key),
            reference=case.reference if ours else None,
        )
        try:
            assert await apply_status(office.world.deps, "dukcapil", said)
        except AgencyError:
            assert name in ("hilang", "draft", "kedaluwarsa")
        after = State((await office.seen(case.id)).state)
        assert after == state or can(state, after), (state, after)
        state = after
    async with office.world.store.begin() as tx:
        notices = Counter(one.key for one in await tx.notices_of(case))
    assert set(notices.values()) <= {1}
    told = await office.world.news(who)
    assert len(told) == len(notices) <= len({key for _, key, _, _ in pushed})


@pytest.fixture
def office_loop(database_url: str) -> Any:
    """An office in a loop of its own, for hypothesis, whose examples are not coroutines."""
    from tests.usecases.conftest import world as fixture

    loop = asyncio.new_event_loop()
    made = fixture.__wrapped__(database_url) if hasattr(fixture, "__wrapped__") else None
    assert made is not None
    world = loop.run_until_complete(anext(made))
    yield loop, Office.at(world)
    loop.run_until_complete(anext(made, None))
    loop.close()

"""What Loket makes of an agency that fails, in every way the fault panel knows."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.errors import AgencyError, AgencyUnavailable
from integrations.sandbox.faults import MODES
from tests.integrations import test_agency_contract as contract
from tests.integrations.agency_samples import Sample, offering
from tests.integrations.conftest import MovableClock, Received, Sandbox
from tests.integrations.test_agency_contract import finish, probe

id, sample, office, agency = contract.id, contract.sample, contract.office, contract.agency
"""The fixtures."""

AWAY = ("down", "error", "cut", "lost", "half", "html")
"""What heals by itself: every call asks for another try."""
WRONG = ("body", "types", "state", "stranger", "huge")
"""What is answered wrongly: never believed."""
EITHER = (AgencyError, AgencyUnavailable)


def test_every_way_to_fail_is_tested() -> None:
    assert {*AWAY, *WRONG, "slow", "none"} == set(MODES)


@pytest.mark.parametrize("mode", AWAY)
async def test_a_sick_agency_asks_for_another_try(
    agency: Any, sample: Sample, desk: Sandbox, office: str, mode: str
) -> None:
    await desk.faults(office, mode=mode)
    calls = [agency.submit(sample.submission()), agency.status("X-1"), agency.find("kunci-0001", "X")]
    if "lookup" in agency.manifest.capabilities:
        calls.append(agency.lookup(sample.nik))
    if "faces" in agency.manifest.capabilities:
        calls.append(agency.faces(sample.nik))
    for call in calls:
        with pytest.raises(AgencyUnavailable) as sick:
            await call
        assert sick.value.retryable
    assert await agency.check() != []
    await desk.faults(office, mode="none")
    assert await agency.submit(sample.submission())


async def test_a_slow_agency_asks_for_another_try(agency: Any, sample: Sample, desk: Sandbox, office: str) -> None:
    await desk.faults(office, mode="slow", seconds=30)
    agency._timeout = aiohttp.ClientTimeout(total=0.3)  # a slow answer need not be waited for
    with pytest.raises(AgencyUnavailable):
        await probe(agency, sample)


@pytest.mark.parametrize("mode", WRONG)
async def test_a_wrong_answer_to_a_submission_makes_no_second_case(
    agency: Any, sample: Sample, desk: Sandbox, office: str, mode: str
) -> None:
    whole = sample.submission()
    await desk.faults(office, mode=mode)
    try:
        ref = await agency.submit(whole)
    except AgencyUnavailable:
        ref = ""
    except AgencyError as alarm:
        assert alarm.alert
        ref = ""
    await desk.faults(office, mode="none")
    again = await agency.submit(whole)
    assert ref in ("", again)
    assert "Semua (1)" in await desk.page(f"/petugas/{office}")


@pytest.mark.parametrize("mode", WRONG)
async def test_a_wrong_history_is_never_believed(
    agency: Any, sample: Sample, desk: Sandbox, office: str, mode: str
) -> None:
    ref = await agency.submit(sample.submission())
    before = await agency.status(ref)
    await desk.faults(office, mode=mode)
    with pytest.raises(EITHER):
        await agency.status(ref)
    await desk.faults(office, mode="none")
    assert await agency.status(ref) == before


@pytest.mark.parametrize("mode", ["body", "types", "stranger", "huge"])
async def test_a_wrong_answer_to_a_search_is_no_word_that_it_never_arrived(
    agency: Any, sample: Sample, desk: Sandbox, office: str, mode: str
) -> None:
    whole = sample.submission()
    await agency.submit(whole)
    await desk.faults(office, mode=mode)
    with pytest.raises(EITHER):
        await agency.find(whole.key, whole.reference)


@offering("lookup")
@pytest.mark.parametrize("mode", ["body", "types", "stranger", "huge"])
async def test_a_look_up_never_gives_somebody_else(
    agency: Any, sample: Sample, desk: Sandbox, office: str, mode: str
) -> None:
    await desk.faults(office, mode=mode)
    with pytest.raises(EITHER):
        await agency.lookup(sample.nik)


@offering("submit", "document", "repair")
async def test_half_a_document_and_a_page_instead_ask_for_another_try(
    agency: Any, sample: Sample, desk: Sandbox, office: str
) -> None:
    ref = await agency.submit(sample.submission())
    await finish(desk, sample, office, ref)
    for mode in ("half", "html", "down"):
        await desk.faults(office, mode=mode, remaining=1)
        with pytest.raises(AgencyUnavailable):
            await agency.document(ref)
    assert (await agency.document(ref))[1].startswith(b"%PDF-")


@offering("submit", "document", "repair")
@pytest.mark.parametrize("mode", ["huge", "body"])
async def test_a_document_of_forty_megabytes_and_none_at_all_are_an_alarm(
    agency: Any, sample: Sample, desk: Sandbox, office: str, mode: str
) -> None:
    ref = await agency.submit(sample.submission())
    await finish(desk, sample, office, ref)
    await desk.faults(office, mode=mode)
    with pytest.raises(AgencyError) as refused:
        await agency.document(ref)
    assert refused.value.alert and not refused.value.retryable


async def test_an_outage_of_some_seconds_ends_by_itself(
    agency: Any, sample: Sample, desk: Sandbox, clock: MovableClock, office: str
) -> None:
    await desk.faults(office, mode="down", lasts_s=3600)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(sample.submission())
    clock.move(seconds=3599)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(sample.submission())
    clock.move(seconds=1)
    assert await agency.submit(sample.submission())


@offering("submit", "callback")
async def test_of_forged_odd_doubled_and_reordered_pushes_only_the_real_ones_can_be_read(
    agency: Any, sample: Sample, desk: Sandbox, received: Received, clock: MovableClock, office: str
) -> None:
    await desk.faults(
        office, duplicate_callbacks=True, forged_callbacks=True, odd_callbacks=True, reorder_callbacks=True
    )
    ref = await agency.submit(sample.submission(callback_url=received.url))
    await finish(desk, sample, office, ref)
    await desk.faults(office, duplicate_callbacks=True, forged_callbacks=True, odd_callbacks=True)
    pushes = len(sample.history) - 1
    await received.until(pushes * 4)
    believed = []
    for body, headers in received.calls:
        if not agency.verify_callback(body, headers, clock.now()):
            assert b"forged" in body
            continue
        try:
            believed.append(agency.parse_callback(body))
        except AgencyError as alarm:
            assert alarm.alert and b"menguap" in body
    assert len(believed) == pushes * 2 and len({one.key for one in believed}) == pushes
    assert {one.state for one in believed} == set(sample.history[1:])

"""What every agency folder must do, run against its own stand-in on loopback."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot import registry
from bot.domain.working_hours import working_hours
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import Agency
from tests.integrations.agency_samples import AGENCIES, ISSUED, SAMPLES, Sample, offering
from tests.integrations.conftest import SECRET, MovableClock, Received, Sandbox


@pytest.fixture(params=sorted(AGENCIES))
def id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(id: str) -> Sample:
    assert id in SAMPLES, f"{id} brings no sample: docs/add-an-agency.md 4"
    return SAMPLES[id]


@pytest.fixture
def office(id: str, sample: Sample) -> str:
    """Id of the stand-in that it talks to."""
    return sample.stand_in or id


@pytest.fixture
async def agency(id: str, sample: Sample, desk: Sandbox, clock: MovableClock) -> AsyncIterator[Any]:
    built: Any = AGENCIES[id].build(sample.config(desk.url), clock)
    yield built
    await built.close()


async def probe(agency: Any, sample: Sample) -> Any:
    """A call that changes nothing and needs right credentials."""
    if "lookup" in agency.manifest.capabilities:
        return await agency.lookup(sample.nik)
    return await agency.find("kunci-tak-dikenal", "TAK-ADA")


async def finish(desk: Sandbox, sample: Sample, office: str, ref: str) -> None:
    """The officer's way to the end."""
    for action in sample.to_issue:
        assert await desk.act(ref, action, office, **sample.notes.get(action, {})) == 303


async def ask_repair(desk: Sandbox, sample: Sample, office: str, ref: str, field: str) -> None:
    usual: tuple[tuple[str, dict[str, Any]], ...] = (
        ("verifikasi", {}),
        ("minta-perbaikan", {"fields": [field], "note": NOTE}),
    )
    for action, form in sample.ask_repair or usual:
        assert await desk.act(ref, action, office, **form) == 303


NOTE = "Ejaan nama berbeda dengan surat lahir."


async def test_the_adapter_can_do_what_its_manifest_promises(id: str, agency: Agency) -> None:
    registry.check_methods(AGENCIES[id].manifest, agency)


async def test_the_self_check_finds_nothing_wrong(agency: Agency) -> None:
    assert await agency.check() == []


@offering("lookup")
async def test_a_known_nik_gives_the_person(agency: Agency, sample: Sample) -> None:
    person = await agency.lookup(sample.nik)
    assert person is not None and (person.nik, person.name) == (sample.nik, sample.name)
    assert person.data["nik"] == sample.nik and person.data["tanggal_lahir"] == person.birth_date.isoformat()


@offering("lookup")
async def test_an_unknown_nik_gives_nobody(agency: Agency) -> None:
    assert await agency.lookup("3328990101999999") is None
    if "faces" in agency.manifest.capabilities:
        assert await agency.faces("3328990101999999") == []


async def test_what_an_agency_does_not_offer_is_refused_for_good(agency: Agency) -> None:
    calls = {"faces": agency.faces, "lookup": agency.lookup}
    for name in sorted(set(calls) - agency.manifest.capabilities):
        with pytest.raises(AgencyError) as refused:
            await calls[name]("3328991708850001")
        assert not refused.value.retryable


async def test_the_same_key_twice_makes_one_case(agency: Agency, sample: Sample, desk: Sandbox, office: str) -> None:
    first = await agency.submit(sample.submission())
    assert await agency.submit(sample.submission()) == first
    assert (await desk.page(f"/petugas/{office}")).count(first) == 2  # the link and the line: one case


async def test_the_same_key_with_another_body_is_refused(agency: Agency, sample: Sample) -> None:
    await agency.submit(sample.submission())
    with pytest.raises(AgencyError) as refused:
        await agency.submit(replace(sample.submission(), reference="OTHER-1"))
    assert refused.value.params["status"] == 409


async def test_a_lost_answer_and_a_repeat_make_one_case(
    agency: Agency, sample: Sample, desk: Sandbox, office: str
) -> None:
    await desk.faults(office, mode="lost", remaining=1)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(sample.submission())
    ref = await agency.submit(sample.submission())
    page = await desk.page(f"/petugas/{office}")
    assert ref in page and "Semua (1)" in page


async def test_a_lost_answer_is_found_by_asking_and_what_never_arrived_is_not(
    agency: Any, sample: Sample, desk: Sandbox, office: str
) -> None:
    whole = sample.submission()
    assert await agency.find(whole.key, whole.reference) is None
    await desk.faults(office, mode="lost", remaining=1)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(whole)
    ref = await agency.find(whole.key, whole.reference)
    assert ref == await agency.submit(whole)
    # Under our number alone, as after a key was lost; and a number that needs quoting is nobody's.
    assert await agency.find("kunci-tak-dikenal", whole.reference) == ref
    assert await agency.find("kunci-tak-dikenal", "A'&=#/ é+1") is None


async def test_a_refused_connection_asks_for_another_try(id: str, sample: Sample, clock: MovableClock) -> None:
    agency: Any = AGENCIES[id].build(sample.config(f"http://127.0.0.1:{unused_port()}"), clock)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(sample.submission())
    await agency.close()


async def test_a_wrong_secret_is_refused_for_good(id: str, sample: Sample, desk: Sandbox, clock: MovableClock) -> None:
    config = {
        name: "not-the-right-secret" if value == SECRET else value for name, value in sample.config(desk.url).items()
    }
    stranger: Any = AGENCIES[id].build(config, clock)
    with pytest.raises(AgencyError) as refused:
        await probe(stranger, sample)
    assert refused.value.params["status"] == 401 and not refused.value.retryable
    assert "refuses us" in (await stranger.check())[0]
    await stranger.close()


async def test_a_signature_of_yesterday_is_refused(id: str, sample: Sample, desk: Sandbox) -> None:
    late: Any = AGENCIES[id].build(sample.config(desk.url), MovableClock(datetime(2025, 11, 23, 2, 0, tzinfo=UTC)))
    with pytest.raises(AgencyError):
        await probe(late, sample)
    await late.close()


async def test_the_history_grows_in_the_order_of_the_officers_actions(
    agency: Agency, sample: Sample, desk: Sandbox, clock: MovableClock, office: str
) -> None:
    ref = await agency.submit(sample.submission())
    for action in sample.to_issue:
        clock.move(hours=1)
        assert await desk.act(ref, action, office, **sample.notes.get(action, {})) == 303
    history = await agency.status(ref)
    assert tuple(change.state for change in history) == sample.history
    assert [change.at for change in history] == sorted(change.at for change in history)
    assert len({change.key for change in history}) == len(history)
    if "document" in agency.manifest.capabilities and sample.history == ISSUED:
        assert [change.document for change in history] == [False, False, False, False, True]


@offering("submit", "document", "repair")
async def test_the_document_is_a_pdf_marked_contoh(agency: Agency, sample: Sample, desk: Sandbox, office: str) -> None:
    ref = await agency.submit(sample.submission())
    with pytest.raises(AgencyError):
        await agency.document(ref)
    await finish(desk, sample, office, ref)
    name, content = await agency.document(ref)
    assert name.endswith(".pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert "CONTOH" in text


@offering("submit", "callback")
async def test_every_action_is_pushed_and_the_push_is_signed(
    agency: Agency, sample: Sample, desk: Sandbox, received: Received, clock: MovableClock, office: str
) -> None:
    ref = await agency.submit(sample.submission(callback_url=received.url))
    await finish(desk, sample, office, ref)
    await received.until(len(sample.history) - 1)
    pushed = [agency.parse_callback(body) for body, _ in received.calls]
    told = (await agency.status(ref))[1:]
    # Only a push repeats our own number where the history need not.
    assert [replace(one, reference=None) for one in pushed] == [replace(one, reference=None) for one in told]
    assert {one.reference for one in pushed} <= {sample.submission().reference, None}
    body, headers = received.calls[0]
    assert agency.verify_callback(body, headers, clock.now())
    assert not agency.verify_callback(body + b" ", headers, clock.now())
    assert not agency.verify_callback(body, {**headers, "X-Loket-Timestamp": "1"}, clock.now())
    assert not agency.verify_callback(body, {**headers, "X-Loket-Signature": "v1=\udcff"}, clock.now())
    assert not agency.verify_callback(body, {}, clock.now())
    assert agency.verify_callback(body, headers, clock.now() + timedelta(minutes=4))
    assert not agency.verify_callback(body, headers, clock.now() + timedelta(minutes=6))
    assert not agency.verify_callback(body, headers, clock.now() - timedelta(minutes=6))


@offering("submit", "repair")
async def test_a_repair_goes_back_to_the_officer_and_a_repeat_changes_nothing(
    agency: Agency, sample: Sample, desk: Sandbox, office: str
) -> None:
    whole = sample.submission()
    ref = await agency.submit(whole)
    with pytest.raises(AgencyError):
        await agency.repair(ref, replace(whole, key="perbaikan-1"))
    field = sample.mend or next(iter(whole.data))
    await ask_repair(desk, sample, office, ref, field)
    asked = (await agency.status(ref))[-1]
    assert (asked.state, asked.fields, asked.note) == ("perlu_perbaikan", (field,), NOTE)
    mended = replace(whole, key="perbaikan-1", data=with_value(whole.data, field, "Nama Yang Benar"))
    await desk.faults(office, mode="lost")
    with pytest.raises(AgencyUnavailable):
        await agency.repair(ref, mended)
    await desk.faults(office, mode="none")
    await agency.repair(ref, mended)
    assert [change.state for change in await agency.status(ref)][-2:] == ["perlu_perbaikan", "verifikasi_berkas"]
    assert "Nama Yang Benar" in await desk.page(f"/petugas/{office}/{ref}")


def with_value(data: Mapping[str, Any], path: str, value: str) -> dict[str, Any]:
    """The data with another value at a path, which is a key or leads inside."""
    section, _, name = path.partition(".")
    if path in data or not isinstance(data.get(section), Mapping):
        return {**data, path: value}
    return {**data, section: {**data[section], name: value}}


@offering("submit", "cancel")
async def test_a_case_can_be_withdrawn_until_it_is_issued(
    agency: Agency, sample: Sample, desk: Sandbox, office: str
) -> None:
    ref = await agency.submit(sample.submission())
    await agency.cancel(ref, "Salah pilih layanan", "batal-0001")
    await agency.cancel(ref, "Salah pilih layanan", "batal-0001")
    assert [change.state for change in await agency.status(ref)] == [sample.history[0], "dibatalkan"]
    issued = await agency.submit(sample.submission(key="kunci-0002"))
    await finish(desk, sample, office, issued)
    with pytest.raises(AgencyError):
        await agency.cancel(issued, "Terlambat", "batal-0002")


@offering("submit", "status", "cancel")
async def test_an_unknown_case_is_refused(agency: Agency) -> None:
    calls: list[Any] = [agency.status("X-1"), agency.cancel("X-1", "", "batal-0003")]
    if "document" in agency.manifest.capabilities:
        calls.append(agency.document("X-1"))
    for call in calls:
        with pytest.raises(AgencyError):
            await call


async def test_outside_its_working_hours_an_agency_is_not_called(
    id: str, sample: Sample, desk: Sandbox, clock: MovableClock
) -> None:
    hours = working_hours({"days": ["mon"], "from": "08:00", "to": "09:00", "zone": "Asia/Jakarta"})
    agency: Any = AGENCIES[id].build(sample.config(desk.url), clock)
    agency.manifest = replace(agency.manifest, hours=hours)
    assert clock.now().hour == 2  # nine in Jakarta
    with pytest.raises(AgencyUnavailable) as closed:
        await agency.submit(sample.submission())
    assert closed.value.params == {"closed": True, "after": (7 * 24 - 1) * 3600.0}
    assert await agency.check() == []  # nothing is broken
    clock.move(days=7, hours=-1)
    assert await agency.submit(sample.submission())
    await agency.close()


NONSENSE: list[tuple[str, Any]] = [
    ("a list", []),
    (
        "an unknown state",
        {"history": [{"agency_ref": "X-1", "key": "k", "state": "menguap", "at": "2025-11-24T02:00:00+00:00"}]},
    ),
    (
        "a time without zone",
        {"history": [{"agency_ref": "X-1", "key": "k", "state": "terbit", "at": "2025-11-24T02:00:00"}]},
    ),
    ("wrong types", {"history": "none"}),
    (
        "another case",
        {"history": [{"agency_ref": "X-2", "key": "k", "state": "terbit", "at": "2025-11-24T02:00:00+00:00"}]},
    ),
    (
        "lists for texts",
        {"history": [{"agency_ref": "X-1", "key": ["k"], "state": "terbit", "at": "2025-11-24T02:00:00+00:00"}]},
    ),
]


@pytest.mark.parametrize("answer", [answer for _, answer in NONSENSE], ids=[name for name, _ in NONSENSE])
async def test_nonsense_in_an_answer_is_a_typed_error(
    id: str, sample: Sample, clock: MovableClock, answer: Any
) -> None:
    async def say(request: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", say)
    async with TestServer(app) as server:
        agency: Any = AGENCIES[id].build(sample.config(str(server.make_url("")).rstrip("/")), clock)
        calls = [agency.status("X-1"), agency.submit(sample.submission())]
        if "lookup" in agency.manifest.capabilities:
            calls.append(agency.lookup(sample.nik))
        for call in calls:
            with pytest.raises((AgencyError, AgencyUnavailable)):
                await call
        await agency.close()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"state": "terbit"}', b"\xff\xfe"])
async def test_a_push_that_cannot_be_read_is_a_typed_error(agency: Agency, body: bytes) -> None:
    with pytest.raises(AgencyError):
        agency.parse_callback(body)

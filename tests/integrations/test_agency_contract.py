"""What every agency folder must do, run against its own stand-in on loopback."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot import registry
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import Agency, Submission
from tests.integrations.conftest import SECRET, MovableClock, Received, Sandbox, birth, renewal


@dataclass(frozen=True)
class Sample:
    """What a contract test needs to know of an agency."""

    config: Callable[[str], dict[str, str]]
    """Settings, from the address of the sandbox."""
    nik: str
    name: str
    submission: Callable[..., Submission]
    to_issue: tuple[str, ...]
    """The officer's actions up to the document."""


# A new agency folder brings one entry.
SAMPLES = {
    "dukcapil": Sample(
        config=lambda url: {"LOKET_DUKCAPIL_URL": f"{url}/dukcapil", "LOKET_DUKCAPIL_SECRET": SECRET},
        nik="3328991708850001",
        name="Budi Santoso",
        submission=birth,
        to_issue=("verifikasi", "proses", "terbitkan"),
    ),
    "sdmk": Sample(
        config=lambda url: {"LOKET_SDMK_URL": f"{url}/sdmk", "LOKET_SDMK_SECRET": SECRET},
        nik="3328991708850001",
        name="Budi Santoso",
        submission=renewal,
        to_issue=("verifikasi", "proses", "terbitkan"),
    ),
}

AGENCIES = registry.agencies()


@pytest.fixture(params=sorted(AGENCIES))
def id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(id: str) -> Sample:
    return SAMPLES[id]


@pytest.fixture
async def agency(id: str, sample: Sample, desk: Sandbox, clock: MovableClock) -> AsyncIterator[Any]:
    built = AGENCIES[id].build(sample.config(desk.url), clock)
    yield built
    await built.close()


def hasty(agency: Any) -> None:
    """Give up early, so that a slow answer need not be waited for."""
    import aiohttp

    agency._timeout = aiohttp.ClientTimeout(total=0.3)


async def test_the_adapter_can_do_what_its_manifest_promises(id: str, agency: Agency) -> None:
    registry.check_methods(AGENCIES[id].manifest, agency)


async def test_the_self_check_finds_nothing_wrong(agency: Agency) -> None:
    assert await agency.check() == []


async def test_a_known_nik_gives_the_person(agency: Agency, sample: Sample) -> None:
    person = await agency.lookup(sample.nik)
    assert person is not None and (person.nik, person.name) == (sample.nik, sample.name)
    assert person.data["nik"] == sample.nik and person.data["tanggal_lahir"] == person.birth_date.isoformat()


async def test_an_unknown_nik_gives_nobody(agency: Agency) -> None:
    assert await agency.lookup("3328990101999999") is None
    if "faces" in agency.manifest.capabilities:
        assert await agency.faces("3328990101999999") == []


async def test_what_an_agency_does_not_offer_is_refused_for_good(agency: Agency, sample: Sample) -> None:
    if "faces" not in agency.manifest.capabilities:
        with pytest.raises(AgencyError) as refused:
            await agency.faces(sample.nik)
        assert not refused.value.retryable


async def test_the_same_key_twice_makes_one_case(agency: Agency, sample: Sample, desk: Sandbox, id: str) -> None:
    first = await agency.submit(sample.submission())
    assert await agency.submit(sample.submission()) == first
    assert (await desk.page(f"/petugas/{id}")).count(first) == 2  # the link and the line: one case


async def test_the_same_key_with_another_body_is_refused(agency: Agency, sample: Sample) -> None:
    await agency.submit(sample.submission())
    with pytest.raises(AgencyError) as refused:
        await agency.submit(replace(sample.submission(), reference="OTHER-1"))
    assert refused.value.params["status"] == 409


async def test_a_lost_answer_and_a_repeat_make_one_case(agency: Agency, sample: Sample, desk: Sandbox, id: str) -> None:
    await desk.faults(id, mode="lost", remaining=1)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(sample.submission())
    ref = await agency.submit(sample.submission())
    page = await desk.page(f"/petugas/{id}")
    assert ref in page and "Semua (1)" in page


@pytest.mark.parametrize("mode", ["down", "error", "half", "html"])
async def test_a_sick_agency_asks_for_another_try(
    agency: Agency, sample: Sample, desk: Sandbox, id: str, mode: str
) -> None:
    await desk.faults(id, mode=mode)
    calls = [agency.lookup(sample.nik), agency.submit(sample.submission()), agency.status("X-1")]
    if "faces" in agency.manifest.capabilities:
        calls.append(agency.faces(sample.nik))
    for call in calls:
        with pytest.raises(AgencyUnavailable) as sick:
            await call
        assert sick.value.retryable
    assert await agency.check() != []
    await desk.faults(id, mode="none")
    assert await agency.submit(sample.submission())


async def test_a_slow_agency_asks_for_another_try(agency: Agency, sample: Sample, desk: Sandbox, id: str) -> None:
    await desk.faults(id, mode="slow", seconds=30)
    hasty(agency)
    with pytest.raises(AgencyUnavailable):
        await agency.lookup(sample.nik)


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
        await stranger.lookup(sample.nik)
    assert refused.value.params["status"] == 401 and not refused.value.retryable
    assert "refuses us" in (await stranger.check())[0]
    await stranger.close()


async def test_a_signature_of_yesterday_is_refused(id: str, sample: Sample, desk: Sandbox) -> None:
    late: Any = AGENCIES[id].build(sample.config(desk.url), MovableClock(datetime(2025, 11, 23, 2, 0, tzinfo=UTC)))
    with pytest.raises(AgencyError):
        await late.lookup(sample.nik)
    await late.close()


async def test_the_history_grows_in_the_order_of_the_officers_actions(
    agency: Agency, sample: Sample, desk: Sandbox, clock: MovableClock, id: str
) -> None:
    ref = await agency.submit(sample.submission())
    for action in sample.to_issue:
        clock.move(hours=1)
        assert await desk.act(ref, action, id) == 303
    history = await agency.status(ref)
    assert [change.state for change in history] == [
        "diajukan",
        "verifikasi_berkas",
        "diproses",
        "menunggu_tte",
        "terbit",
    ]
    assert [change.at for change in history] == sorted(change.at for change in history)
    assert len({change.key for change in history}) == len(history)
    assert [change.document for change in history] == [False, False, False, False, True]


async def test_the_document_is_a_pdf_marked_contoh(agency: Agency, sample: Sample, desk: Sandbox, id: str) -> None:
    ref = await agency.submit(sample.submission())
    with pytest.raises(AgencyError):
        await agency.document(ref)
    for action in sample.to_issue:
        await desk.act(ref, action, id)
    name, content = await agency.document(ref)
    assert name.endswith(".pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert "CONTOH" in text


async def test_half_a_document_asks_for_another_try(agency: Agency, sample: Sample, desk: Sandbox, id: str) -> None:
    ref = await agency.submit(sample.submission())
    for action in sample.to_issue:
        await desk.act(ref, action, id)
    await desk.faults(id, mode="half", remaining=1)
    with pytest.raises(AgencyUnavailable):
        await agency.document(ref)
    assert (await agency.document(ref))[1].startswith(b"%PDF-")


async def test_every_action_is_pushed_and_the_push_is_signed(
    agency: Agency, sample: Sample, desk: Sandbox, received: Received, clock: MovableClock, id: str
) -> None:
    ref = await agency.submit(sample.submission(callback_url=received.url))
    for action in sample.to_issue:
        await desk.act(ref, action, id)
    await received.until(4)
    pushed = [agency.parse_callback(body) for body, _ in received.calls]
    assert pushed == (await agency.status(ref))[1:]
    body, headers = received.calls[0]
    assert agency.verify_callback(body, headers, clock.now())
    assert not agency.verify_callback(body + b" ", headers, clock.now())
    assert not agency.verify_callback(body, {**headers, "X-Loket-Timestamp": "1"}, clock.now())
    assert not agency.verify_callback(body, {}, clock.now())
    assert agency.verify_callback(body, headers, clock.now() + timedelta(minutes=4))
    assert not agency.verify_callback(body, headers, clock.now() + timedelta(minutes=6))
    assert not agency.verify_callback(body, headers, clock.now() - timedelta(minutes=6))


async def test_a_repair_goes_back_to_the_officer_and_a_repeat_changes_nothing(
    agency: Agency, sample: Sample, desk: Sandbox, id: str
) -> None:
    whole = sample.submission()
    ref = await agency.submit(whole)
    with pytest.raises(AgencyError):
        await agency.repair(ref, replace(whole, key="perbaikan-1"))
    await desk.act(ref, "verifikasi", id)
    field = next(iter(whole.data))
    assert (
        await desk.act(ref, "minta-perbaikan", id, fields=[field], note="Ejaan nama berbeda dengan surat lahir.") == 303
    )
    asked = (await agency.status(ref))[-1]
    assert (asked.state, asked.fields, asked.note) == (
        "perlu_perbaikan",
        (field,),
        "Ejaan nama berbeda dengan surat lahir.",
    )
    mended = replace(whole, key="perbaikan-1", data={**whole.data, field: "Nama Yang Benar"})
    await desk.faults(id, mode="lost")
    with pytest.raises(AgencyUnavailable):
        await agency.repair(ref, mended)
    await desk.faults(id, mode="none")
    await agency.repair(ref, mended)
    assert [change.state for change in await agency.status(ref)][-2:] == ["perlu_perbaikan", "verifikasi_berkas"]
    assert "Nama Yang Benar" in await desk.page(f"/petugas/{id}/{ref}")


async def test_a_case_can_be_withdrawn_until_it_is_issued(
    agency: Agency, sample: Sample, desk: Sandbox, id: str
) -> None:
    ref = await agency.submit(sample.submission())
    await agency.cancel(ref, "Salah pilih layanan", "batal-0001")
    await agency.cancel(ref, "Salah pilih layanan", "batal-0001")
    assert [change.state for change in await agency.status(ref)] == ["diajukan", "dibatalkan"]
    issued = await agency.submit(sample.submission(key="kunci-0002"))
    for action in sample.to_issue:
        await desk.act(issued, action, id)
    with pytest.raises(AgencyError):
        await agency.cancel(issued, "Terlambat", "batal-0002")


async def test_an_unknown_case_is_refused(agency: Agency) -> None:
    for call in (agency.status("X-1"), agency.document("X-1"), agency.cancel("X-1", "", "batal-0003")):
        with pytest.raises(AgencyError):
            await call


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
        "numbers for texts",
        {"history": [{"agency_ref": "X-1", "key": 7, "state": "terbit", "at": "2025-11-24T02:00:00+00:00"}]},
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
        with pytest.raises((AgencyError, AgencyUnavailable)):
            await agency.status("X-1")
        with pytest.raises((AgencyError, AgencyUnavailable)):
            await agency.submit(sample.submission())
        with pytest.raises((AgencyError, AgencyUnavailable)):
            await agency.lookup(sample.nik)
        await agency.close()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"state": "terbit"}', b"\xff\xfe"])
async def test_a_push_that_cannot_be_read_is_a_typed_error(agency: Agency, body: bytes) -> None:
    with pytest.raises(AgencyError):
        agency.parse_callback(body)

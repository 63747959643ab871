"""Complaints on the wire: what goes out and what never does, the office's words, more words, settled and not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot import registry
from bot.domain.messages import FileRef
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import Closable, TakesWords
from integrations.lapor.adapter import LaporAgency, report
from integrations.lapor.sandbox import Lapor
from tests.integrations.conftest import REPORT_PHOTO, SECRET, MovableClock, Received, Sandbox, complaint

PHOTO, NAME, PHONE, NUMBER = REPORT_PHOTO, "Karso Wijaya", "+628000000001", "LKT-7Q2M-4XKD-9"


@pytest.fixture
async def lapor(desk: Sandbox, clock: MovableClock) -> AsyncIterator[LaporAgency]:
    agency = LaporAgency(f"{desk.url}/lapor", SECRET, clock, timeout=10)
    yield agency
    await agency.close()


@pytest.fixture
async def wire(clock: MovableClock) -> AsyncIterator[tuple[LaporAgency, list[bytes]]]:
    """The adapter, and everything it says to whoever listens."""
    heard: list[bytes] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(str(request.rel_url).encode() + repr(dict(request.headers)).encode() + await request.read())
        return web.json_response({"agency_ref": "LPR-1", "reference": "LKT-AAAA-BBBB-1"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", listen)
    async with TestServer(app) as server:
        agency = LaporAgency(str(server.make_url("/lapor")), SECRET, clock, timeout=10)
        yield agency, heard
        await agency.close()


async def answered(lapor: LaporAgency, desk: Sandbox, **more: str) -> str:
    ref = await lapor.submit(complaint(**more))
    await desk.act(ref, "teruskan", "lapor", note="Dinas Kependudukan")
    await desk.act(ref, "proses", "lapor")
    assert await desk.act(ref, "jawab", "lapor", note="Petugasnya sudah ditegur.") == 303
    return ref


# -- what goes out -----------------------------------------------------------------------------------------------------


async def test_of_an_anonymous_reporter_nothing_leaves(wire: tuple[LaporAgency, list[bytes]]) -> None:
    agency, heard = wire
    whole = complaint("anonim")
    await agency.submit(whole)
    await agency.repair("LPR-1", replace(whole, key="perbaikan-1"))
    await agency.add("LPR-1", "Ini fotonya.", [(whole.files[0][0], PHOTO)], "tambah-0001")
    said = b"".join(heard)
    assert len(heard) == 3 and b"minta uang 200 ribu" in said
    for secret in (NAME, "Karso", PHONE, PHONE.removeprefix("+62"), NUMBER):
        assert secret.encode() not in said


async def test_of_a_confidential_reporter_the_desk_knows_the_name_and_that_it_is_to_be_kept(
    lapor: LaporAgency, desk: Sandbox
) -> None:
    ref = await lapor.submit(complaint("rahasia"))
    page = await desk.page(f"/petugas/lapor/{ref}")
    assert NAME in page and "jangan sebut namanya" in page and NUMBER in page


async def test_an_officer_sees_an_anonymous_report_with_its_picture_and_without_a_person(
    lapor: LaporAgency, desk: Sandbox
) -> None:
    ref = await lapor.submit(complaint("anonim"))
    page = await desk.page(f"/petugas/lapor/{ref}")
    assert "ANONIM" in page and "minta uang 200 ribu" in page and "lampiran-1.jpg" in page
    assert "Karso" not in page and "8000000001" not in page and NUMBER not in page
    assert "Verifikasi paling lambat 27 November 2025" in page


@given(
    st.dictionaries(
        st.sampled_from(["nama", "telepon", "nik", "email", "cara"]), st.text(alphabet="xyz", min_size=3, max_size=8)
    )
)
def test_whoever_did_not_choose_to_be_named_is_not(who: dict[str, str]) -> None:
    who.pop("cara", None)
    told = complaint()
    sent = report(replace(told, data={**told.data, "pelapor": who}))
    assert sent.data["kerahasiaan"] == "anonim" and "pelapor" not in sent.data
    assert not any(value in json.dumps(sent.data["isi"]) for value in who.values())


def test_kinds_are_those_of_the_national_desk() -> None:
    kinds = {kind: report(complaint(variant=kind)).data["klasifikasi"] for kind in ("pungli", "aspirasi", "informasi")}
    assert kinds == {"pungli": "pengaduan", "aspirasi": "aspirasi", "informasi": "permintaan_informasi"}


async def test_a_report_that_names_an_anonymous_reporter_would_be_refused(lapor: LaporAgency) -> None:
    from integrations.common.agency import CaseAgency

    whole = report(complaint("rahasia"))
    wrong = replace(whole, data={**whole.data, "kerahasiaan": "anonim"})
    with pytest.raises(AgencyError) as refused:
        await CaseAgency.submit(lapor, wrong)
    assert refused.value.params["status"] == 422


# -- the office's words ------------------------------------------------------------------------------------------------


async def test_a_report_goes_its_way_and_every_step_is_told_in_our_words(
    lapor: LaporAgency, desk: Sandbox, clock: MovableClock, received: Received
) -> None:
    ref = await lapor.submit(complaint(callback_url=received.url))
    for action, note in (("verifikasi", ""), ("teruskan", "Inspektorat"), ("proses", ""), ("jawab", "Sudah ditegur.")):
        clock.move(hours=1)
        assert await desk.act(ref, action, "lapor", **({"note": note} if note else {})) == 303
    await received.until(4)
    assert received.states == ["diverifikasi", "diteruskan", "diproses", "dijawab"]
    pushed = [lapor.parse_callback(body) for body, _ in received.calls]
    assert pushed == (await lapor.status(ref))[1:]
    assert [change.state for change in pushed] == ["verifikasi_berkas", "verifikasi_berkas", "diproses", "terbit"]
    assert (pushed[1].note, pushed[3].note) == ("Inspektorat", "Sudah ditegur.")
    assert lapor.verify_callback(*received.calls[-1], clock.now())


@pytest.mark.parametrize(("action", "state"), [("tolak", "ditolak"), ("arsipkan", "ditolak")])
async def test_a_refusal_has_its_reason(lapor: LaporAgency, desk: Sandbox, action: str, state: str) -> None:
    ref = await lapor.submit(complaint())
    assert await desk.act(ref, action, "lapor") == 422
    assert await desk.act(ref, action, "lapor", note="Sudah pernah dilaporkan.") == 303
    last = (await lapor.status(ref))[-1]
    assert (last.state, last.note) == (state, "Sudah pernah dilaporkan.")


def test_every_word_of_the_desk_has_a_meaning_here_and_the_way_is_legal() -> None:
    from bot.domain.application import State, can
    from integrations.lapor.adapter import STATES

    flow = Lapor.workflow
    assert set(flow.labels) == set(STATES)
    for action in flow.actions.values():
        for before in action.before:
            old, new = STATES[before], STATES[action.to]
            assert old == new or can(State(old), State(new)), (before, action.name)
    assert can(STATES[flow.answered], STATES[flow.closed])
    assert can(STATES[flow.answered], STATES[flow.reopened], reopens=True)


# -- the citizen's word ------------------------------------------------------------------------------------------------


async def test_words_and_pictures_arrive_once_under_their_key(lapor: LaporAgency, desk: Sandbox) -> None:
    ref = await lapor.submit(complaint("anonim"))
    photo = FileRef(id="f2", name=f"{NAME}.png", type="image/png", size=9)
    for _ in range(2):
        await lapor.add(ref, "Orangnya berkumis.", [(photo, b"\x89PNG\r\n\x1a\n more")], "tambah-0001")
    page = await desk.page(f"/petugas/lapor/{ref}")
    assert page.count("Orangnya berkumis.") == 1 and NAME not in page
    with pytest.raises(AgencyError) as other:
        await lapor.add(ref, "Sesuatu yang lain.", [], "tambah-0001")
    assert other.value.params["status"] == 409


async def test_what_was_asked_for_puts_the_report_back_to_work(lapor: LaporAgency, desk: Sandbox) -> None:
    ref = await lapor.submit(complaint())
    await desk.act(ref, "verifikasi", "lapor")
    assert await desk.act(ref, "minta-data", "lapor", note="Loket nomor berapa?") == 303
    asked = (await lapor.status(ref))[-1]
    assert (asked.state, asked.note) == ("perlu_perbaikan", "Loket nomor berapa?")
    await lapor.add(ref, "Loket 3", [], "tambah-0001")
    assert (await lapor.status(ref))[-1].state == "diproses"


async def test_settled_and_not_settled_are_heard_once(lapor: LaporAgency, desk: Sandbox) -> None:
    ref = await answered(lapor, desk)
    for _ in range(2):
        await lapor.reopen(ref, "Uang belum kembali.", "buka-00001")
    states = [change.state for change in await lapor.status(ref)]
    assert states[-2:] == ["terbit", "diproses"] and states.count("terbit") == 1
    assert "Uang belum kembali." in await desk.page(f"/petugas/lapor/{ref}")
    with pytest.raises(AgencyError):
        await lapor.close_case(ref, "beres-0001")
    await desk.act(ref, "jawab", "lapor", note="Uang sudah dikembalikan.")
    for _ in range(2):
        await lapor.close_case(ref, "beres-0002")
    assert [change.state for change in await lapor.status(ref)][-2:] == ["terbit", "selesai"]
    with pytest.raises(AgencyError):
        await lapor.add(ref, "Masih ada.", [], "tambah-0002")
    await lapor.reopen(ref, "Ternyata belum.", "buka-00002")
    assert (await lapor.status(ref))[-1].state == "diproses"


async def test_a_lost_answer_to_the_citizens_word_is_asked_again_without_harm(
    lapor: LaporAgency, desk: Sandbox
) -> None:
    ref = await answered(lapor, desk)
    await desk.faults("lapor", mode="lost", remaining=1)
    with pytest.raises(AgencyUnavailable):
        await lapor.close_case(ref, "beres-0001")
    await lapor.close_case(ref, "beres-0001")
    assert [change.state for change in await lapor.status(ref)].count("selesai") == 1


async def test_nothing_can_be_settled_before_there_is_an_answer(lapor: LaporAgency) -> None:
    ref = await lapor.submit(complaint())
    for call in (lapor.close_case(ref, "beres-0001"), lapor.reopen(ref, "", "buka-00001")):
        with pytest.raises(AgencyError) as refused:
            await call
        assert refused.value.params["status"] == 409


async def test_other_agencies_know_no_such_calls(desk: Sandbox, clock: MovableClock) -> None:
    stranger = LaporAgency(f"{desk.url}/dukcapil", SECRET, clock, timeout=10)
    with pytest.raises(AgencyError) as refused:
        await stranger.close_case("DUK-1", "beres-0001")
    assert refused.value.params["status"] == 404
    await stranger.close()


def test_the_adapter_offers_what_its_manifest_says(clock: MovableClock) -> None:
    plugin: Any = registry.agencies()["lapor"]
    made = plugin.build({"LOKET_LAPOR_URL": "http://127.0.0.1:1/lapor", "LOKET_LAPOR_SECRET": SECRET}, clock)
    registry.check_methods(plugin.manifest, made)
    assert isinstance(made, TakesWords) and isinstance(made, Closable)
    assert "None." in plugin.manifest.public_specification

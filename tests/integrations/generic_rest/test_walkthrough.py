"""The walk-through of docs/add-an-agency.md, as it stands there, against an office that demands exactly what it says."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot import agency_files, registry
from bot.domain.messages import FileRef
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import Submission
from tests.integrations.conftest import MovableClock
from tests.integrations.generic_rest.office import CONFIG, PDF, PERSON, Office, said, serving, written

LETTER = FileRef(id="f1", name="surat.pdf", type="application/pdf", size=4)


def application(key: str = "kunci-0001", **pemohon: Any) -> Submission:
    return Submission(
        key=key,
        reference="DTK-25-0001-7",
        service="surat-dtks",
        data={
            "pemohon": {
                "nama": "Siti Contoh",
                "nik": PERSON["nik"],
                "tanggal_lahir": "1990-01-01",
                "jenis_kelamin": "P",
                **pemohon,
            },
            "keluarga": [{"nama": "Budi", "hubungan": "anak"}, {"nama": "Ani", "hubungan": "anak"}],
        },
        files=((LETTER, b"%PDF", "dokumen.kk"),),
        callback_url="https://loket.example/callbacks/dinsos",
    )


@pytest.fixture
def office(clock: MovableClock) -> Office:
    return Office(clock)


@pytest.fixture
async def url(office: Office) -> AsyncIterator[str]:
    async with serving(office) as address:
        yield address


@pytest.fixture
async def dinsos(url: str, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Any]:
    agency = made(written(tmp_path / "agencies", url), clock)
    yield agency
    await agency.close()


def made(folder: Path, clock: MovableClock, **config: str) -> Any:
    plugin = agency_files.described(folder)["dinsos"]
    agency = plugin.build({**CONFIG, **config}, clock)
    registry.check_methods(plugin.manifest, agency)
    return agency


async def test_what_is_described_is_what_it_offers(dinsos: Any) -> None:
    assert dinsos.manifest.capabilities == {
        *("lookup", "submit", "find", "status", "callback", "document", "repair", "cancel")
    }
    assert dinsos.manifest.settings == ("LOKET_X_DINSOS_CALLBACK", "LOKET_X_DINSOS_CLIENT_SECRET")
    assert await dinsos.check() == []


async def test_an_application_arrives_in_the_offices_own_words(dinsos: Any, office: Office) -> None:
    ref = await dinsos.submit(application())
    assert office.cases[ref]["isi"] == {
        "rujukan": "DTK-25-0001-7",
        "layanan": "DTKS-01",
        "saluran": "LOKET",
        "pemohon": {
            "nama": "Siti Contoh",
            "nik": PERSON["nik"],
            "tglLahir": "01/01/1990",
            "jk": "2",
            "penghasilan": 0,
        },
        "anggota": [{"nama": "Budi", "hubungan": "anak"}, {"nama": "Ani", "hubungan": "anak"}],
        "lampiran": [{"jenis": "dokumen.kk", "nama": "surat.pdf", "isi": base64.b64encode(b"%PDF").decode()}],
        "kirimKabarKe": "https://loket.example/callbacks/dinsos",
    }
    assert await dinsos.submit(application()) == ref and len(office.cases) == 1


async def test_a_case_goes_its_way_by_poll_and_by_push(dinsos: Any, office: Office, clock: MovableClock) -> None:
    ref = await dinsos.submit(application())
    clock.move(hours=1)
    office.tell(ref, "REVISI", catatan="Nama tidak sama.", perbaiki=["namaPemohon"])
    asked = (await dinsos.status(ref))[-1]
    assert (asked.state, asked.note, asked.fields) == ("perlu_perbaikan", "Nama tidak sama.", ("pemohon.nama",))
    assert asked.at == datetime(2025, 11, 24, 3, 0, tzinfo=UTC) and asked.reference == "DTK-25-0001-7"
    await dinsos.repair(ref, replace(application(nama="Siti C. Contoh"), key="perbaikan-1"))
    assert office.cases[ref]["isi"]["pemohon"]["nama"] == "Siti C. Contoh"
    change = office.tell(ref, "SELESAI", surat="ADA", berlakuSampai="24/11/2026")
    body, headers = office.push(change)
    assert dinsos.verify_callback(body, headers, clock.now())
    pushed = dinsos.parse_callback(body)
    assert (pushed.state, pushed.document, pushed.valid_until) == ("terbit", True, date(2026, 11, 24))
    history = await dinsos.status(ref)
    assert history[-1] == pushed and [c.key for c in history] == ["1", "2", "3", "4"]
    assert await dinsos.document(ref) == ("surat.pdf", PDF)


async def test_a_case_can_be_withdrawn_and_found(dinsos: Any, office: Office) -> None:
    assert await dinsos.find("kunci-0001", "DTK-25-0001-7") is None
    ref = await dinsos.submit(application())
    assert await dinsos.find("kunci-0001", "DTK-25-0001-7") == ref
    await dinsos.cancel(ref, "Salah pilih", "batal-1")
    assert (await dinsos.status(ref))[-1].state == "dibatalkan"


async def test_a_person_is_looked_up_in_our_words(dinsos: Any, office: Office) -> None:
    person = await dinsos.lookup(PERSON["nik"])
    assert (person.name, person.birth_date, person.data["jenis_kelamin"]) == ("Siti Contoh", date(1990, 1, 1), "P")
    assert await dinsos.lookup("3328990101900002") is None
    office.answers = [said(PERSON)]
    with pytest.raises(AgencyError, match="another NIK"):
        await dinsos.lookup("3328990101900002")


async def test_all_deficiencies_come_back_in_our_field_names(dinsos: Any) -> None:
    with pytest.raises(AgencyError) as refused:
        await dinsos.submit(application(nik=""))
    assert refused.value.params["reasons"] == ({"field": "pemohon.nik", "message": "NIK wajib diisi"},)


async def test_what_the_office_could_not_read_is_refused_before_anything_is_sent(dinsos: Any, office: Office) -> None:
    for wrong in ({"nama": ""}, {"jenis_kelamin": "X"}, {"tanggal_lahir": "kemarin"}, {"penghasilan": "banyak"}):
        with pytest.raises(AgencyError) as refused:
            await dinsos.submit(application(**wrong))
        assert not refused.value.retryable
    assert office.seen == []


# -- credentials -------------------------------------------------------------------------------------------------------


async def test_a_token_is_used_until_shortly_before_its_end(dinsos: Any, office: Office, clock: MovableClock) -> None:
    await dinsos.check()
    await dinsos.check()
    assert office.issued == 1
    clock.move(seconds=539)
    await dinsos.check()
    assert office.issued == 1
    clock.move(seconds=1)
    await dinsos.check()
    assert office.issued == 2


async def test_many_calls_at_once_fetch_one_token(dinsos: Any, office: Office) -> None:
    assert await asyncio.gather(*(dinsos.check() for _ in range(8))) == [[]] * 8
    assert office.issued == 1


async def test_a_withdrawn_token_is_renewed_once_and_the_call_repeated_under_its_key(
    dinsos: Any, office: Office
) -> None:
    await dinsos.check()
    office.tokens.clear()
    assert await dinsos.submit(application())
    assert (office.issued, len(office.cases)) == (2, 1)
    office.answers = [web.Response(status=401), web.Response(status=401)]
    with pytest.raises(AgencyError) as refused:
        await dinsos.find("kunci-0001", "DTK-25-0001-7")
    assert refused.value.params["status"] == 401 and office.answers == []


async def test_a_wrong_client_secret_is_refused_for_good_and_told_by_the_check(
    url: str, tmp_path: Path, clock: MovableClock
) -> None:
    stranger = made(written(tmp_path / "agencies", url), clock, LOKET_X_DINSOS_CLIENT_SECRET="salah")
    with pytest.raises(AgencyError, match="no token"):
        await stranger.submit(application())
    assert "refuses us" in (await stranger.check())[0]
    await stranger.close()


@pytest.mark.parametrize("answer", [{}, {"access_token": 7}, {"access_token": "a\nb"}, []])
async def test_a_token_that_cannot_be_read_asks_for_another_try(
    url: str, office: Office, tmp_path: Path, clock: MovableClock, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nonsense(request: web.Request) -> web.Response:
        return web.json_response(answer)

    monkeypatch.setattr(office, "token", nonsense)
    agency = made(written(tmp_path / "agencies", url), clock)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(application())
    await agency.close()


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 423, 425, 429, 500, 502, 503])
async def test_what_may_heal_asks_for_another_try(dinsos: Any, office: Office, status: int) -> None:
    office.answers = [web.Response(status=status, headers={"Retry-After": "7"})]
    with pytest.raises(AgencyUnavailable) as later:
        await dinsos.submit(application())
    assert later.value.params["after"] == 7
    assert await dinsos.submit(application()) and len(office.cases) == 1


async def test_an_error_below_a_200_is_no_success(dinsos: Any, office: Office) -> None:
    office.answers = [web.json_response({"kode": "77", "pesan": "Galat basis data"})]
    with pytest.raises(AgencyError) as alarm:
        await dinsos.submit(application())
    assert alarm.value.alert and alarm.value.params["reasons"] == ({"field": "", "message": "Galat basis data"},)
    office.answers = [web.json_response({"kode": "91", "pesan": "Sibuk"})]
    with pytest.raises(AgencyUnavailable):
        await dinsos.submit(application())


@pytest.mark.parametrize(
    "change",
    [
        {"status": "MENGUAP"},
        {"waktu": "kemarin"},
        {"waktu": None},
        {"nomor": "DS/999"},
        {"idKejadian": None},
        {"catatan": {"isi": "x"}},
        {"perbaiki": ["kolomAsing"]},
        {"perbaiki": "semua"},
        {"surat": "ADA", "berlakuSampai": "kapan-kapan"},
    ],
    ids=str,
)
async def test_a_change_that_cannot_be_read_is_an_alarm(dinsos: Any, office: Office, change: dict[str, Any]) -> None:
    ref = await dinsos.submit(application())
    office.cases[ref]["riwayat"][0] |= change
    with pytest.raises(AgencyError) as alarm:
        await dinsos.status(ref)
    assert alarm.value.alert


async def test_a_push_is_believed_only_fresh_and_signed(dinsos: Any, office: Office, clock: MovableClock) -> None:
    ref = await dinsos.submit(application())
    body, headers = office.push(office.tell(ref, "TOLAK"))
    now = clock.now()
    assert dinsos.verify_callback(body, headers, now + timedelta(seconds=300))
    assert not dinsos.verify_callback(body, headers, now + timedelta(seconds=301))
    for broken in ({}, {**headers, "x-dinsos-time": "0"}, {**headers, "x-dinsos-time": "²"}, {"x-dinsos-time": "1"}):
        assert not dinsos.verify_callback(body, broken, now)
    assert not dinsos.verify_callback(body + b" ", headers, now)
    for nonsense in (b"", b"<html>", b"[]", b'{"data": []}', b'{"data": {}}', b"[" * 100_000):
        with pytest.raises(AgencyError):
            dinsos.parse_callback(nonsense)


async def test_a_documents_link_leads_nowhere_but_to_the_agency(
    url: str, office: Office, tmp_path: Path, clock: MovableClock
) -> None:
    by_link = {"{content: data.isi, name: data.nama}": "{link: data.tautan}"}
    agency = made(written(tmp_path / "agencies", url, **by_link), clock)
    ref = await agency.submit(application())
    office.link = f"{url}/berkas/1"
    assert (await agency.document(ref))[1] == PDF
    for elsewhere in ("http://169.254.169.254/", f"{url}.example/x", f"{url}/../rahasia", "", "file:///etc/passwd"):
        office.link = elsewhere
        with pytest.raises(AgencyError):
            await agency.document(ref)
    await agency.close()


async def test_an_office_without_an_idempotency_header_is_asked_before_anything_is_handed_in(
    url: str, office: Office, tmp_path: Path, clock: MovableClock
) -> None:
    agency = made(
        written(tmp_path / "agencies", url, **{"idempotency_header: X-Request-Id": "plain_http: false"}), clock
    )
    office.by_key["kunci"] = "DS/1"
    office.cases["DS/1"] = {"nomor": "DS/1", "rujukan": "DTK-25-0001-7", "isi": {}, "riwayat": []}
    assert await agency.submit(application()) == "DS/1"
    assert "POST /v2/permohonan" not in office.seen
    await agency.close()


async def test_outside_its_hours_nothing_is_sent(dinsos: Any, office: Office, clock: MovableClock) -> None:
    clock.move(hours=8)  # Monday, 17:00
    with pytest.raises(AgencyUnavailable) as closed:
        await dinsos.submit(application())
    assert closed.value.params == {"closed": True, "after": 14 * 3600.0}
    assert office.seen == [] and await dinsos.check() == []

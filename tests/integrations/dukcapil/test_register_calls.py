"""The civil register as the adapter reads it, and as its stand-in answers."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from bot.errors import AgencyError, AgencyUnavailable, NotFound
from integrations.dukcapil import wire
from integrations.dukcapil.adapter import DukcapilAgency, build
from integrations.sandbox import signing
from tests.integrations.conftest import SECRET, MovableClock, Sandbox

BUDI = "3328991708850001"
SITI = "3328995205880001"


async def test_the_person_comes_in_the_words_of_our_forms(dukcapil: DukcapilAgency) -> None:
    siti = await dukcapil.lookup(SITI)
    assert siti is not None
    assert siti.birth_date == date(1988, 5, 12)
    assert siti.data == {
        "nik": SITI,
        "no_kk": "3328991003120001",
        "nama": "Siti Aminah",
        "tempat_lahir": "Brebes",
        "tanggal_lahir": "1988-05-12",
        "jenis_kelamin": "P",
        "alamat": "Jalan Contoh Nomor 1",
        "rt_rw": "003/002",
        "desa": "Procot",
        "kode_desa": "33.28.10.1008",
        "kecamatan": "Slawi",
        "kabupaten": "Tegal",
        "provinsi": "Jawa Tengah",
        "kewarganegaraan": "WNI",
        "agama": "Islam",
        "pekerjaan": "Mengurus Rumah Tangga",
        "pendidikan": "SLTA/Sederajat",
        "status_kawin": "Kawin",
        "golongan_darah": "A",
        "hubungan": "Istri",
        "nama_ayah": "Karso",
        "nama_ibu": "Warsiti",
    }


async def test_elements_are_verified_one_by_one(dukcapil: DukcapilAgency) -> None:
    agreed = await dukcapil.verify(BUDI, {"nama": "budi  SANTOSO", "tanggal_lahir": "1985-08-18"})
    assert agreed == {"nama": True, "tanggal_lahir": False}
    assert await dukcapil.verify("3328990101999999", {"nama": "Siapa"}) == {"nama": False}
    with pytest.raises(AgencyError):
        await dukcapil.verify(BUDI, {"sepatu": "42"})


async def test_a_name_may_differ_a_little_and_a_number_not(dukcapil: DukcapilAgency) -> None:
    assert await dukcapil.verify(BUDI, {"nama": "Budi Santosa"}) == {"nama": True}
    assert await dukcapil.verify(BUDI, {"nama": "Joko Widagdo"}) == {"nama": False}
    assert await dukcapil.verify(BUDI, {"no_kk": "3328991003120002"}) == {"no_kk": False}


async def test_the_installation_says_how_alike_a_name_has_to_be(desk: Sandbox, clock: MovableClock) -> None:
    config = {"LOKET_DUKCAPIL_URL": f"{desk.url}/dukcapil", "LOKET_DUKCAPIL_SECRET": SECRET}
    strict = build({**config, "LOKET_DUKCAPIL_VERIFY_PERCENT": "100"}, clock)
    assert isinstance(strict, DukcapilAgency)
    assert await strict.verify(BUDI, {"nama": "Budi Santosa"}) == {"nama": False}
    await strict.close()


@pytest.mark.parametrize("row", [{}, {"NAMA_LGKP": "Mungkin"}, {"NAMA_LGKP": None}])
async def test_neither_yes_nor_no_is_an_alarm(row: dict[str, Any], clock: MovableClock) -> None:
    async with _register({"content": [{"NIK": BUDI, **row}]}) as url:
        agency = DukcapilAgency(url, SECRET, clock, timeout=5)
        with pytest.raises(AgencyError):
            await agency.verify(BUDI, {"nama": "Budi"})
        await agency.close()


def test_versions_that_write_the_likeness_behind_it_are_read() -> None:
    assert wire.agrees({"X": "Sesuai (100)"}, "X") and not wire.agrees({"X": "Tidak Sesuai (12)"}, "X")


# -- the register's own face match -----------------------------------------------------------------------------------------

AT = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)


async def test_the_register_compares_a_face_with_the_consent_beside_it(
    dukcapil: DukcapilAgency, demo_pictures: Path
) -> None:
    picture = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(picture, "JPEG")
    (demo_pictures / "obama.jpg").write_bytes(picture.getvalue())
    other = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(other, "JPEG")
    same = await dukcapil.match(BUDI, picture.getvalue(), "izin-1", AT)
    assert (same.outcome, same.score) == ("match", 0.93) and len(same.transaction) == 16
    assert (await dukcapil.match(BUDI, other.getvalue(), "izin-1", AT)).outcome == "no_match"
    with pytest.raises(NotFound):  # nothing is enrolled
        await dukcapil.match(SITI, picture.getvalue(), "izin-1", AT)
    with pytest.raises(AgencyError):  # no consent, no comparison
        await dukcapil.match(BUDI, picture.getvalue(), "", AT)


@pytest.mark.parametrize(
    ("score", "outcome"), [(0.75, "match"), (1, "match"), (0.749, "officer"), (0.6, "officer"), (0.59, "no_match")]
)
async def test_the_thresholds_decide_what_a_score_means(score: float, outcome: str, clock: MovableClock) -> None:
    async with _register({"content": [{"NIK": BUDI, "SCORE": score, "TRANSACTION_ID": "t"}]}) as url:
        agency = DukcapilAgency(url, SECRET, clock, timeout=5)
        assert (await agency.match(BUDI, b"\xff\xd8\xff", "izin-1", AT)).outcome == outcome
        await agency.close()


@pytest.mark.parametrize("score", [None, "0.9", True, 93, -0.1, [0.9]])
async def test_a_score_that_is_none_is_an_alarm_and_never_a_match(score: Any, clock: MovableClock) -> None:
    async with _register({"content": [{"NIK": BUDI, "SCORE": score}]}) as url:
        agency = DukcapilAgency(url, SECRET, clock, timeout=5)
        with pytest.raises(AgencyError):
            await agency.match(BUDI, b"\xff\xd8\xff", "izin-1", AT)
        await agency.close()


@pytest.mark.parametrize("mode", ["down", "error", "html", "half", "lost"])
async def test_both_calls_bear_the_faults_of_the_panel(dukcapil: DukcapilAgency, desk: Sandbox, mode: str) -> None:
    await desk.faults(mode=mode)
    with pytest.raises(AgencyUnavailable):
        await dukcapil.verify(BUDI, {"nama": "Budi Santoso"})
    with pytest.raises(AgencyUnavailable):
        await dukcapil.match(BUDI, b"\xff\xd8\xff", "izin-1", AT)


@asynccontextmanager
async def _register(answer: Any) -> AsyncIterator[str]:
    """A register that always says the same."""

    async def say(request: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_post("/{rest:.*}", say)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


async def test_a_nik_of_the_wrong_form_is_refused_for_good(dukcapil: DukcapilAgency) -> None:
    with pytest.raises(AgencyError) as refused:
        await dukcapil.lookup("123")
    assert refused.value.params["status"] == 400


async def test_enrolled_pictures_come_as_jpeg_once_they_are_there(
    dukcapil: DukcapilAgency, demo_pictures: Path
) -> None:
    assert await dukcapil.faces(BUDI) == []
    Image.new("RGB", (300, 200), "teal").save(demo_pictures / "obama.jpg")
    (face,) = await dukcapil.faces(BUDI)
    assert Image.open(io.BytesIO(face)).size == (300, 200)
    assert await dukcapil.faces(SITI) == []


def headers(path: str, body: bytes, clock: MovableClock, **changes: str) -> dict[str, str]:
    timestamp = str(int(clock.now().timestamp()))
    signature = signing.request_signature(SECRET, timestamp, "POST", path, "", body)
    return {"X-Loket-Timestamp": timestamp, "X-Loket-Signature": signature, **changes}


async def test_a_request_is_taken_only_as_it_was_signed(desk: Sandbox, clock: MovableClock) -> None:
    path, body = "/dukcapil/nik/lookup", json.dumps({"NIK": BUDI}).encode()
    right = headers(path, body, clock)

    async def status(path: str, body: bytes, headers: dict[str, str]) -> int:
        async with desk.http.post(desk.url + path, data=body, headers=headers) as response:
            return response.status

    assert await status(path, body, right) == 200
    assert await status(path, body, {}) == 401
    assert await status(path, body + b" ", right) == 401
    assert await status("/dukcapil/nik/verify", body, right) == 401
    assert await status(path + "?x=1", body, right) == 401
    assert await status(path, body, {**right, "X-Loket-Timestamp": "0"}) == 401
    assert await status(path, body, {**right, "X-Loket-Signature": "v1=é"}) == 401
    clock.move(minutes=6)
    assert await status(path, body, right) == 401


ROW = {"NIK": BUDI, "NAMA_LGKP": "BUDI", "TGL_LHR": "1985-08-17", "JENIS_KLMIN": "Laki-Laki"}
ODD: dict[str, Any] = {
    "somebody else's data": {"content": [{**ROW, "NIK": SITI}]},
    "a date that is none": {"content": [{**ROW, "TGL_LHR": "17 Agustus"}]},
    "no name": {"content": [{k: v for k, v in ROW.items() if k != "NAMA_LGKP"}]},
    "no sex": {"content": [{**ROW, "JENIS_KLMIN": None}]},
    "200 with an error": {"content": [{"RESPONSE_CODE": "98", "RESPON": "Kuota akses hari ini telah habis"}]},
    "200 with an error at the top": {"RESPONSE_CODE": "98", "RESPON": "Kuota akses hari ini telah habis"},
    "rows that are no objects": {"content": ["x"]},
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD.keys())
async def test_an_odd_answer_of_the_register_is_an_alarm_and_no_person(answer: Any, clock: MovableClock) -> None:
    async def say(request: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_post("/nik/lookup", say)
    async with TestServer(app) as server:
        agency = DukcapilAgency(str(server.make_url("/")), SECRET, clock, timeout=5)
        with pytest.raises(AgencyError) as alarm:
            await agency.lookup(BUDI)
        assert alarm.value.alert and BUDI not in str(alarm.value)
        await agency.close()


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("SITI AMINAH", "Siti Aminah"),
        ("Siti AMINAH", "Siti AMINAH"),
        ("SLTA/SEDERAJAT", "SLTA/Sederajat"),
        ("DIPLOMA IV/STRATA I", "Diploma IV/Strata I"),
        ("M. NUR-AINI", "M. Nur-Aini"),
    ],
)
def test_names_are_written_as_people_write_them(shouted: str, written: str) -> None:
    assert wire.as_written(shouted) == written


async def test_settings_that_cannot_work_are_named(clock: MovableClock) -> None:
    assert await DukcapilAgency("dukcapil", SECRET, clock, timeout=1).check() == [
        "LOKET_DUKCAPIL_URL is no http address"
    ]
    assert await DukcapilAgency("http://127.0.0.1:1", "short", clock, timeout=1).check() == [
        "LOKET_DUKCAPIL_SECRET is shorter than 16 characters"
    ]

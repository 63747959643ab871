"""A real sandbox on loopback, a receiver for its callbacks, and a clock that tests move."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.domain.messages import FileRef
from bot.ports import Submission
from integrations import sandbox
from integrations.dukcapil.adapter import DukcapilAgency

SECRET = "a-secret-only-for-tests"


@dataclass
class MovableClock:
    """Starts at a fixed moment and moves only by hand."""

    at: datetime = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@dataclass
class Received:
    """Callbacks as they came in; ``answers`` are the statuses given first, then 200."""

    url: str = ""
    calls: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.calls.append((await request.read(), dict(request.headers)))
        self._news.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.calls]

    @property
    def states(self) -> list[str]:
        return [body["state"] for body in self.bodies]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.calls) < count:
                self._news.clear()
                await self._news.wait()


@dataclass
class Sandbox:
    """A running sandbox, seen by an officer's browser."""

    url: str
    http: aiohttp.ClientSession
    dir: Path

    async def faults(self, agency: str = "dukcapil", **faults: Any) -> None:
        async with self.http.put(f"{self.url}/api/faults/{agency}", json=faults) as response:
            assert response.status == 200, await response.text()

    async def act(self, ref: str, action: str, agency: str = "dukcapil", **form: Any) -> int:
        url = f"{self.url}/petugas/{agency}/{ref}/{action}"
        async with self.http.post(url, data=aiohttp.FormData(_pairs(form)), allow_redirects=False) as response:
            return response.status

    async def page(self, path: str) -> str:
        async with self.http.get(self.url + path) as response:
            assert response.status == 200, response.status
            return await response.text()


def _pairs(form: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value])] or [
        ("go", "1")
    ]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@asynccontextmanager
async def running(folder: Path, clock: MovableClock, port: int, pictures: Path) -> AsyncIterator[Sandbox]:
    url = f"http://127.0.0.1:{port}"
    config = sandbox.SandboxConfig(dir=folder, secret=SECRET, clock=clock, base_url=url, pictures=pictures)
    server = TestServer(sandbox.app(config), port=port)
    await server.start_server()
    async with aiohttp.ClientSession() as http:
        yield Sandbox(url, http, folder)
    await server.close()


Start = Callable[[], Any]


@pytest.fixture
def demo_pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path: Path, clock: MovableClock, demo_pictures: Path) -> Start:
    """Starts the same sandbox again and again: same folder, same port."""
    port = unused_port()
    return lambda: running(tmp_path / "sandbox", clock, port, demo_pictures)


@pytest.fixture
async def desk(start: Start) -> AsyncIterator[Sandbox]:
    async with start() as one:
        yield one


@pytest.fixture
async def received() -> AsyncIterator[Received]:
    box = Received()
    app = web.Application()
    app.router.add_post("/callback", box.handle)
    server = TestServer(app)
    await server.start_server()
    box.url = str(server.make_url("/callback"))
    yield box
    await server.close()


@pytest.fixture
async def dukcapil(desk: Sandbox, clock: MovableClock) -> AsyncIterator[DukcapilAgency]:
    agency = DukcapilAgency(f"{desk.url}/dukcapil", SECRET, clock, timeout=10)
    yield agency
    await agency.close()


def birth(key: str = "kunci-0001", callback_url: str = "", **changes: Any) -> Submission:
    """A complete application for a birth certificate, as the form engine hands it over."""
    data = {
        "pelapor.nama": "Budi Santoso",
        "pelapor.nik": "3328991708850001",
        "ayah.nama": "Budi Santoso",
        "ayah.nik": "3328991708850001",
        "ibu.nama": "Siti Aminah",
        "ibu.nik": "3328995205880001",
        "anak.nama": "Aisyah Putri Santoso",
        "anak.jenis_kelamin": "P",
        "anak.tempat_lahir": "Slawi",
        "anak.tanggal_lahir": "2025-11-10",
        "anak.kelahiran_ke": 2,
        "orang_tua.perkawinan": "tercatat",
        "dokumen.surat_lahir": {"id": "f1", "name": "surat-lahir.pdf", "type": "application/pdf", "size": 20},
        "saksi.0.nama": "Joko Widagdo",
        "saksi.0.nik": "3328992011600001",
        "saksi.1.nama": "Dewi Lestari Ningsih",
        "saksi.1.nik": "3328996309920001",
    }
    data.update(changes)
    letter = FileRef(id="f1", name="surat-lahir.pdf", type="application/pdf", size=20)
    files = ((letter, b"%PDF-1.4\n% invented\n", "dokumen.surat_lahir"),)
    return Submission(
        key=key, reference="AKL-25-0001-7", service="akta-kelahiran", data=data, files=files, callback_url=callback_url
    )


def renewal(key: str = "kunci-0001", callback_url: str = "", **changes: Any) -> Submission:
    """A complete application to renew a nurse's licence."""
    data = {
        "pemohon.nama": "Budi Santoso",
        "pemohon.nik": "3328991708850001",
        "sip_lama.nomor": "446/001/SIP-CONTOH/2021",
        "sip_lama.sampai": "2026-08-17",
        "profesi.kualifikasi": "ners",
        "str.nomor": "CONTOH-8890001234567",
        "str.masa": "seumur_hidup",
        "str.tercatat": True,
        "skp.tercatat": True,
        "tempat.jenis": "faskes",
        "tempat.nama": "Klinik Contoh Sehat",
    }
    data.update(changes)
    letter = FileRef(id="f1", name="surat-tempat.pdf", type="application/pdf", size=20)
    return Submission(
        key=key,
        reference="SIP-25-0001-7",
        service="sip-perawat",
        data=data,
        files=((letter, b"%PDF-1.4\n% invented\n", "dokumen.surat_tempat"),),
        callback_url=callback_url,
        variant="perpanjangan",
    )


REPORT_PHOTO = b"\xff\xd8\xff\xe0" + b"invented picture" * 20


def complaint(
    how: str = "terbuka", key: str = "kunci-0001", variant: str = "pungli", callback_url: str = ""
) -> Submission:
    """A complaint as the form engine hands it over, with a picture named after its sender."""
    told = {
        "cerita": "Petugas loket minta uang 200 ribu.",
        "kejadian": "loket 3, tadi pagi",
        "harapan": "uang kembali",
        "nomor_permohonan": "LKT-7Q2M-4XKD-9",
    }
    who = {"cara": how, "nama": "Karso Wijaya", "telepon": "+628000000001"}
    photo = FileRef(id="f1", name="KTP Karso Wijaya.JPG", type="image/jpeg", size=len(REPORT_PHOTO))
    return Submission(
        key=key,
        reference="LKT-AAAA-BBBB-1",
        service="pengaduan",
        data={"laporan": told, "pelapor": who},
        files=((photo, REPORT_PHOTO, "laporan.foto"),),
        callback_url=callback_url,
        variant=variant,
    )


def visit(key: str = "kunci-0001", callback_url: str = "", **changes: Any) -> Submission:
    """A request for officers to come (jemput bola)."""
    data = {
        "orang": {"nama": "Mbah Karto"},
        "keperluan": {"layanan": "ktp"},
        "lokasi": {"desa": "33.28.10.1008", "alamat": "Jl. Contoh 1"},
        "kontak": {"telepon": "+628000000001"},
    }
    return Submission(
        key=key,
        reference="LKT-AAAA-BBBB-1",
        service="jemput-bola",
        data={**data, **changes},
        callback_url=callback_url,
        variant="lansia",
        ending="booking",
    )


def ticket(
    slot: str, nik: str = "3328991708850001", service: str = "ktp", key: str = "kunci-0001", callback_url: str = ""
) -> Submission:
    """A number of the counter queue; ``slot``: when it begins, office time."""
    data = {
        "tujuan": {"layanan": service},
        "janji": {"slot": slot},
        "pemohon": {"nik": nik, "nama": "Budi Santoso"},
    }
    return Submission(
        key=key, reference=f"LKT-{key}", service="antrean", data=data, callback_url=callback_url, variant="nomor"
    )


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait until ``check`` holds; the test's patience is no part of what is tested."""
    async with asyncio.timeout(20):
        while not await check():  # noqa: ASYNC110 (what is waited for is in another process or a browser)
            await asyncio.sleep(0.05)

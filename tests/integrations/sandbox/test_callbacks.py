"""Pushes arrive: in order, again after a failure, after a restart, and wrongly when that is asked for."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from bot.clock import SystemClock
from bot.errors import AgencyUnavailable
from integrations.dukcapil.adapter import DukcapilAgency
from tests.integrations.conftest import SECRET, MovableClock, Received, Sandbox, Start, birth, eventually

STATES = ["verifikasi_berkas", "diproses", "menunggu_tte", "terbit"]


async def issue(desk: Sandbox, ref: str) -> None:
    for action in ("verifikasi", "proses", "terbitkan"):
        assert await desk.act(ref, action) == 303


async def test_a_refused_push_comes_again_under_the_same_key(
    dukcapil: DukcapilAgency, desk: Sandbox, received: Received, clock: MovableClock
) -> None:
    received.answers = [500, 302, 401]
    ref = await dukcapil.submit(birth(callback_url=received.url))
    await issue(desk, ref)
    for tries in (1, 2, 3):
        await received.until(tries)
        await eventually(lambda tries=tries: _page_says(desk, ref, f"{tries} kali dicoba"))  # type: ignore[misc]
        clock.move(minutes=5)
    await received.until(7)
    assert received.states == ["verifikasi_berkas"] * 4 + STATES[1:]
    assert len({body["key"] for body in received.bodies[:4]}) == 1


async def _page_says(desk: Sandbox, ref: str, text: str) -> bool:
    return text in await desk.page(f"/petugas/dukcapil/{ref}")


async def test_a_push_waits_its_time_before_it_comes_again(
    dukcapil: DukcapilAgency, desk: Sandbox, received: Received, clock: MovableClock
) -> None:
    received.answers = [503]
    slow = await dukcapil.submit(birth(callback_url=received.url))
    await desk.act(slow, "verifikasi")
    await received.until(1)
    await eventually(lambda: _page_says(desk, slow, "1 kali dicoba"))
    # Another case's pushes pass, which shows that the sender is at work and holds only this one back.
    other = await dukcapil.submit(birth(key="kunci-0002", callback_url=received.url))
    await desk.act(other, "verifikasi")
    await received.until(2)
    assert [body["agency_ref"] for body in received.bodies] == [slow, other]
    clock.move(seconds=2)
    await received.until(3)
    assert received.bodies[2]["agency_ref"] == slow


async def test_a_duplicated_push_carries_the_same_key(
    dukcapil: DukcapilAgency, desk: Sandbox, received: Received
) -> None:
    await desk.faults(duplicate_callbacks=True)
    ref = await dukcapil.submit(birth(callback_url=received.url))
    await desk.act(ref, "verifikasi")
    await received.until(2)
    assert received.bodies[0] == received.bodies[1]


async def test_reordered_pushes_come_newest_first(dukcapil: DukcapilAgency, desk: Sandbox, received: Received) -> None:
    await desk.faults(reorder_callbacks=True)
    ref = await dukcapil.submit(birth(callback_url=received.url))
    await desk.act(ref, "verifikasi")
    await desk.act(ref, "proses")
    await received.until(2)
    assert received.states == ["diproses", "verifikasi_berkas"]
    await desk.act(ref, "tolak", note="Bukan warga kabupaten ini.")
    await desk.faults()
    await received.until(3)
    assert received.states[-1] == "ditolak"


async def test_a_restart_keeps_cases_register_and_pending_pushes(
    start: Start, received: Received, clock: MovableClock
) -> None:
    received.answers = [503]
    async with start() as desk:
        agency = DukcapilAgency(f"{desk.url}/dukcapil", SECRET, clock, timeout=10)
        ref = await agency.submit(birth(callback_url=received.url))
        await issue(desk, ref)
        await received.until(1)
        before = await agency.status(ref)
    with pytest.raises(AgencyUnavailable):
        await agency.status(ref)
    async with start() as desk:
        assert await agency.status(ref) == before
        assert await agency.submit(birth(callback_url=received.url)) == ref
        assert (await agency.document(ref))[1].startswith(b"%PDF-")
        clock.move(minutes=10)
        await received.until(5)
        assert received.states[1:] == STATES
        await agency.close()


SERVE = """
import sys
from pathlib import Path
from aiohttp import web
from bot.clock import SystemClock
from integrations import sandbox
folder, port, secret = sys.argv[1:]
url = f"http://127.0.0.1:{port}"
here = Path(folder)
config = sandbox.SandboxConfig(dir=here, secret=secret, clock=SystemClock(), base_url=url, pictures=here)
web.run_app(sandbox.app(config), host="127.0.0.1", port=int(port), print=None)
"""


async def test_a_killed_sandbox_loses_no_case_and_no_push(tmp_path: Path, received: Received) -> None:
    port = unused_port()
    agency = DukcapilAgency(f"http://127.0.0.1:{port}/dukcapil", SECRET, SystemClock(), timeout=10)
    received.answers = [503]

    async def serve() -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVE, str(tmp_path / "s"), str(port), SECRET, cwd=Path(__file__).parents[3]
        )
        await eventually(lambda: _alive(port))
        return process

    process = await serve()
    ref = await agency.submit(birth(callback_url=received.url))
    async with aiohttp.ClientSession() as http:
        desk = Sandbox(f"http://127.0.0.1:{port}", http, tmp_path)
        await desk.act(ref, "verifikasi")
        await received.until(1)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    again = await serve()
    try:
        assert [change.state for change in await agency.status(ref)] == ["diajukan", "verifikasi_berkas"]
        await received.until(2)
        assert received.states == ["verifikasi_berkas"] * 2
        assert received.bodies[0]["key"] == received.bodies[1]["key"]
    finally:
        await agency.close()
        again.terminate()
        await again.wait()


async def _alive(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/healthz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def test_a_push_body_is_what_the_contract_says() -> None:
    from datetime import UTC, datetime

    from integrations.sandbox.case import Event

    event = Event("R.2", "R", "perlu_perbaikan", datetime(2025, 1, 2, tzinfo=UTC), "Foto buram", ("dokumen.kk",))
    assert json.loads(json.dumps(event.to_json("AKL-1"))) == {
        "key": "R.2",
        "agency_ref": "R",
        "reference": "AKL-1",
        "state": "perlu_perbaikan",
        "at": "2025-01-02T00:00:00+00:00",
        "note": "Foto buram",
        "fields": ["dokumen.kk"],
        "document": False,
    }
